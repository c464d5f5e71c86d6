"""The events table against the JSONL log."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.rules.persistence import checks
from gatecourt.rules.persistence.section import StoredEvents, StoredTable
from tests.rules.persistence.stored_state import as_tuples, finished, section

EVENTS = StoredEvents("events", ("*.jsonl",), {"run": "/run", "seq": "/seq", "payload": "/payload"}, ("payload",))
OF = section(tables={"events": StoredTable(("run", "seq"))}, events=EVENTS)
Row = tuple[Any, Any, Any]


def lines(*payloads: Any) -> list[str]:
    return [json.dumps({"run": "r", "seq": seq, "payload": payload}) for seq, payload in enumerate(payloads)]


def rows(*payloads: str) -> list[Row]:
    return [("r", seq, payload) for seq, payload in enumerate(payloads)]


def findings_of(folder: Path, log: Sequence[str], stored: Sequence[Row]) -> list[tuple[str, str, str, str]]:
    (folder / "a.jsonl").write_text("".join(f"{line}\n" for line in log))
    (folder / "out.db").unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(folder / "out.db")) as connection:
        connection.execute("CREATE TABLE events (run TEXT, seq INTEGER, payload TEXT, PRIMARY KEY (run, seq))")
        connection.executemany("INSERT INTO events VALUES (?, ?, ?)", stored)
        connection.commit()
    return as_tuples(checks.events(OF, finished(folder)).findings)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ({"a": 1, "b": [None, True]}, '{"b": [null, true], "a": 1.0}'),
        ({"a": 0.1}, '{"a":1e-1}'),
        ("é", '"\\u00e9"'),
        (2**60, str(2**60)),
    ],
)
def test_equal_values_in_other_words(tmp_path: Path, text: Any, stored: str) -> None:
    assert findings_of(tmp_path, lines(text), rows(stored)) == []


@pytest.mark.parametrize(
    ("text", "stored", "expected", "observed"),
    [
        ({"a": {"b": 1}}, '{"a": {"b": 2}}', "payload/a/b 1", "payload/a/b 2"),
        ({"a": True}, '{"a": 1}', "payload/a true", "payload/a 1"),
        ({"a": 1}, '{"a": "1"}', "payload/a 1", 'payload/a "1"'),
        ({"a": None}, "{}", "payload/a null", "payload/a absent"),
        ({}, '{"a/b": null}', "payload/a~1b absent", "payload/a~1b null"),
        ([1, 2], "[1]", "payload/1 2", "payload/1 absent"),
        (2**60, str(2**60 + 1), f"payload {2**60}", f"payload {2**60 + 1}"),
        ([], "{}", "payload []", "payload {}"),
    ],
)
def test_the_first_difference_is_reported(tmp_path: Path, text: Any, stored: str, expected: str, observed: str) -> None:
    assert findings_of(tmp_path, lines(0, text), rows("0", stored)) == [
        ("event_differs", 'out.db/events/row "r", 1', f"{expected}, as in a.jsonl:2", observed)
    ]


def test_both_directions(tmp_path: Path) -> None:
    assert findings_of(tmp_path, lines(0, 1), [("r", 0, "0"), ("r", 7, "1"), ("R", 1, "1")]) == [
        ("event_not_logged", 'out.db/events/row "R", 1', "a line with its key", "none in the logs"),
        ("event_not_logged", 'out.db/events/row "r", 7', "a line with its key", "none in the logs"),
        ("event_not_stored", "a.jsonl:2", "a row with its key", "none in events"),
    ]


def test_what_cannot_be_compared(tmp_path: Path) -> None:
    assert findings_of(tmp_path, lines(0), rows("{")) == [
        (
            "payload_syntax",
            'out.db/events/row "r", 0',
            "JSON",
            "payload: Expecting property name enclosed in double quotes (column 2)",
        )
    ]
    assert [rule for rule, *_ in findings_of(tmp_path, lines(0), [("r", 0, None)])] == ["event_differs"]
    assert [rule for rule, *_ in findings_of(tmp_path, ["{", *lines(0)], rows("0"))] == ["json.syntax"]
    assert findings_of(tmp_path, ['{"run": "r", "seq": 0}'], [])[0][:2] == ("event_field", "a.jsonl:1#/payload")
    assert [rule for rule, *_ in findings_of(tmp_path, lines(0) * 2, rows("0"))] == ["event_twice"]
    assert [rule for rule, *_ in findings_of(tmp_path, [], [])] == ["no_rows"]
    (tmp_path / "a.jsonl").unlink()
    assert as_tuples(checks.events(OF, finished(tmp_path)).findings)[0][0] == "artefact.none"


def test_a_missing_column(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(lines(0)[0] + "\n")
    with contextlib.closing(sqlite3.connect(tmp_path / "out.db")) as connection:
        connection.execute("CREATE TABLE events (run, seq)")
    with pytest.raises(Exception, match=r"out\.db/events/payload"):
        checks.events(OF, finished(tmp_path))


def test_many_are_counted_and_depth_is_no_crash(tmp_path: Path) -> None:
    found = findings_of(tmp_path, lines(*range(100)), rows(*map(str, range(1, 101))))
    assert len(found) == 21
    assert found[-1][3].startswith("80 more of this kind")
    for depth in (90, 300, 5000):
        deep, other = ("[" * depth + number + "]" * depth for number in "01")
        log = f'{{"run": "r", "seq": 0, "payload": {deep}}}'
        (rule, *_), *_ = findings_of(tmp_path, [log], rows(other))
        assert rule == ("event_differs" if depth == 90 else "json.depth")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("aé\\/~", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab~/", max_size=2), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(payloads=st.lists(JSON, min_size=1, max_size=4))
def test_what_was_logged_is_what_was_stored(payloads: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    stored = rows(*(json.dumps(payload, sort_keys=True, indent=1) for payload in payloads))
    assert findings_of(tmp_path_factory.mktemp("parity"), lines(*payloads), stored) == []


def test_a_key_beyond_all_numbers_is_a_difference_and_no_crash(tmp_path: Path) -> None:
    found = findings_of(tmp_path, lines({}), [("r", 9e999, "{}")])
    assert {rule for rule, *_ in found} == {"event_not_stored", "event_not_logged"}


def test_a_pipe_beside_the_database_does_not_block_the_check(tmp_path: Path) -> None:
    assert findings_of(tmp_path, lines({}), rows("{}")) == []
    os.mkfifo(tmp_path / "out.db-shm")
    assert as_tuples(checks.events(OF, finished(tmp_path)).findings) == []
