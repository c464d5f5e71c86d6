from __future__ import annotations

import datetime
import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.documents import read_document
from gatecourt.rules.config_drift.pins import Override, PinnedValue, PinsSection, identical, judge_pins
from gatecourt.system.manifest.binding import bind

DAY = datetime.date(2026, 11, 20)


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def found(root: Path, **fields: Any) -> list[Finding]:
    return list(judge_pins(PinsSection(**fields), root).findings)


def override(file: str = "ssot.json", **fields: Any) -> Override:
    return Override(file, "approved for the drill", DAY, "risk officer", **fields)


def test_a_pinned_file_holds_and_is_a_subject(tmp_path: Path) -> None:
    (tmp_path / "ssot.json").write_bytes(b"{}")
    judgement = judge_pins(PinsSection(files={"ssot.json": digest(b"{}")}), tmp_path)
    assert judgement.findings == ()
    assert [subject.name for subject in judgement.subjects] == ["ssot.json"]


def test_a_drifted_file_shows_the_old_and_the_new_digest(tmp_path: Path) -> None:
    (tmp_path / "ssot.json").write_bytes(b"{ }")
    assert found(tmp_path, files={"ssot.json": digest(b"{}")}) == [
        Finding("ssot.json", digest(b"{}"), digest(b"{ }"), "config_drift.file_drift")
    ]


def test_a_missing_file_is_one_finding_however_often_it_is_pinned(tmp_path: Path) -> None:
    pins = (PinnedValue("ssot.json", "/a", 1), PinnedValue("ssot.json", "/b", 1))
    assert [finding.rule for finding in found(tmp_path, files={"ssot.json": digest(b"")}, values=pins)] == [
        "config_drift.missing_file"
    ]


def test_a_folder_in_the_place_of_a_file_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "ssot.json").mkdir()
    assert [finding.rule for finding in found(tmp_path, files={"ssot.json": digest(b"")})] == ["artefact.unreadable"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("c.json", '{"risk": {"limit": 100}}'), ("c.toml", "[risk]\nlimit = 100\n"), ("c.yaml", "risk: {limit: 100}\n")],
)
def test_values_are_pinned_in_three_formats(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert found(tmp_path, values=(PinnedValue(name, "/risk/limit", 100),)) == []
    [finding] = found(tmp_path, values=(PinnedValue(name, "/risk/limit", 200),))
    assert finding == Finding(f"{name}#/risk/limit", "200 (integer)", "100 (integer)", "config_drift.value_drift")


@pytest.mark.parametrize("other", [1.0, "1", True, [1], {"a": 1}])
def test_one_is_one_only_as_an_integer(tmp_path: Path, other: Any) -> None:
    (tmp_path / "c.json").write_text('{"n": 1}')
    assert found(tmp_path, values=(PinnedValue("c.json", "/n", 1),)) == []
    [finding] = found(tmp_path, values=(PinnedValue("c.json", "/n", other),))
    assert finding.observed == "1 (integer)"
    assert finding.expected != finding.observed


def test_a_value_that_is_gone_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text("{}")
    [finding] = found(tmp_path, values=(PinnedValue("c.json", "/risk/limit", 100),))
    assert (finding.observed, finding.rule) == ("absent", "config_drift.missing_value")


def test_an_override_that_matches_exactly_passes_and_is_listed(tmp_path: Path) -> None:
    (tmp_path / "ssot.json").write_text('{"limit": 150}')
    section = PinsSection(
        files={"ssot.json": digest(b"old")},
        values=(PinnedValue("ssot.json", "/limit", 100),),
        override=(
            override(pointer="/limit", value=150),
            override(sha256=digest(b'{"limit": 150}')),
        ),
    )
    judgement = judge_pins(section, tmp_path)
    assert judgement.findings == ()
    listed = judgement.parameters["overrides"]
    assert isinstance(listed, list)
    assert [item["where"] for item in listed] == ["ssot.json#/limit", "ssot.json"]
    assert listed[0] == {
        "where": "ssot.json#/limit",
        "in_force": "150",
        "reason": "approved for the drill",
        "date": "2026-11-20",
        "by": "risk officer",
    }


@pytest.mark.parametrize("value", [151, 150.0, "150"])
def test_an_override_of_another_value_does_not_help(tmp_path: Path, value: Any) -> None:
    (tmp_path / "ssot.json").write_text('{"limit": 150}')
    pins = (PinnedValue("ssot.json", "/limit", 100),)
    [finding] = found(tmp_path, values=pins, override=(override(pointer="/limit", value=value),))
    assert finding.rule == "config_drift.value_drift"
    assert finding.expected.startswith("100 (integer), or ")
    assert finding.expected.endswith("by the override of 2026-11-20")


def test_an_override_that_no_longer_applies_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "ssot.json").write_text('{"limit": 100}')
    pins = (PinnedValue("ssot.json", "/limit", 100),)
    [finding] = found(tmp_path, values=pins, override=(override(pointer="/limit", value=150),))
    assert (finding.where, finding.rule) == ("ssot.json#/limit", "config_drift.override_unused")
    assert finding.observed == "100 (integer), as pinned"


@pytest.mark.parametrize(
    ("name", "content", "rule", "where"),
    [
        ("c.json", b'{"a": 1, "a": 2}', "json.duplicate_key", "c.json#/a"),
        ("c.toml", b"a = 1\na = 2\n", "document.syntax", "c.toml"),
        ("c.yaml", b"a: 1\na: 2\n", "document.syntax", "c.yaml:2"),
        ("c.yaml", b"a: !!python/object/apply:os.system ['true']\n", "document.syntax", "c.yaml:1"),
        ("c.yaml", b"a: 1\n---\na: 2\n", "document.syntax", "c.yaml:2"),
        ("c.yaml", b"a: &x [*x]\n", "document.syntax", "c.yaml"),
        ("c.yaml", b"1: a\n'1': b\n", "document.key", "c.yaml"),
        ("c.yaml", b"? [1, 2]\n: b\n", "document.key", "c.yaml"),
        ("c.yaml", b"a: \x00\n", "document.syntax", "c.yaml"),
        ("c.yaml", b"a: 2026-13-01\n", "document.syntax", "c.yaml"),
        ("c.toml", b"a = \xff\n", "document.syntax", "c.toml"),
        ("c.ini", b"a = 1\n", "document.format", "c.ini"),
    ],
)
def test_a_file_that_cannot_be_read_strictly_is_one_finding(
    tmp_path: Path, name: str, content: bytes, rule: str, where: str
) -> None:
    (tmp_path / name).write_bytes(content)
    pins = (PinnedValue(name, "/a", 1), PinnedValue(name, "/b", 1))
    assert [(finding.rule, finding.where) for finding in found(tmp_path, values=pins)] == [(rule, where)]


def test_a_yaml_bomb_is_read_in_no_time(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    (tmp_path / "c.yaml").write_text("\n".join(lines))
    [finding] = found(tmp_path, values=(PinnedValue("c.yaml", "/a29", ["x"]),))
    assert len(finding.observed) < 200


def test_yaml_scalars_keep_their_types_and_keys_become_text(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("day: 2026-11-20\nyes: yes\n7: {true: 0.5}\n")
    assert read_document(path, "c.yaml") == {"day": DAY, "yes": "yes", "7": {"true": 0.5}}
    assert found(tmp_path, values=(PinnedValue("c.yaml", "/day", DAY),)) == []
    assert len(found(tmp_path, values=(PinnedValue("c.yaml", "/day", "2026-11-20"),))) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "nothing is pinned"),
        ({"values": (PinnedValue("a.json", "/x", 1), PinnedValue("a.json", "/x", 2))}, "pinned more than once"),
        ({"files": {"a": digest(b"")}, "override": (override("b", sha256=digest(b"")),)}, "belongs to no pin"),
        ({"files": {"a": digest(b"")}, "override": (override("a", sha256=digest(b"")),) * 2}, "overridden more than"),
    ],
)
def test_a_section_that_makes_no_sense_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        PinsSection(**fields)


@pytest.mark.parametrize("fields", [{"pointer": "/a"}, {"value": 1}, {}, {"pointer": "/a", "value": 1, "sha256": "x"}])
def test_an_override_without_content_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="pointer and value, or sha256 alone"):
        Override(**{"file": "a", "reason": "r", "date": DAY, "by": "b", **fields})


def test_every_limited_key_is_reported_at_once() -> None:
    table = {
        "files": {"/etc/passwd": digest(b""), "good": digest(b""), "short": "sha256:00", "Upper": digest(b"").upper()},
        "values": [
            {"file": "../a.json", "pointer": "a", "equals": 1},
            {"file": "[id].json", "pointer": "/a", "equals": 1},
        ],
        "override": [{"file": "good", "reason": " ", "date": DAY, "by": "", "sha256": "x"}],
    }
    _, problems = bind(PinsSection, table, "pins")
    assert [one.expected for one in problems] == [
        "a key that is a path below the target's root, without '..'",
        '"sha256:" and 64 lower-case hex digits',
        '"sha256:" and 64 lower-case hex digits',
        "a path below the target's root, without '..'",
        'a JSON pointer such as "/a/b"',
        "a text that is not blank",
        "a text that is not blank",
        '"sha256:" and 64 lower-case hex digits',
    ]


def test_what_follows_a_pin_that_cannot_be_judged_is_judged(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text('{"limit": 100, "rate": 7}')
    (tmp_path / "d.json").write_text("{}")
    pins = (
        PinnedValue("a.json", "/x", 1),
        PinnedValue("b.json", "/gone", 1),
        PinnedValue("b.json", "/limit", 100),
        PinnedValue("b.json", "/rate", 8),
        PinnedValue("c.json", "/x", 1),
    )
    files = {"c.json": digest(b""), "d.json": digest(b"x"), "e": digest(b"")}
    judgement = judge_pins(PinsSection(files=files, values=pins), tmp_path)
    assert [(one.where, one.expected, one.observed, one.rule) for one in judgement.findings] == [
        ("c.json", "the pinned file", "no such file", "config_drift.missing_file"),
        ("e", "the pinned file", "no such file", "config_drift.missing_file"),
        ("a.json:1", "one JSON document", judgement.findings[2].observed, "json.syntax"),
        ("b.json#/gone", "1 (integer)", "absent", "config_drift.missing_value"),
        ("b.json#/rate", "8 (integer)", "7 (integer)", "config_drift.value_drift"),
        ("d.json", digest(b"x"), digest(b"{}"), "config_drift.file_drift"),
    ]
    assert [one.name for one in judgement.subjects] == ["a.json", "b.json", "d.json"]
    assert judgement.parameters == {"pinned_files": 3, "pinned_values": 5, "overrides": []}


def test_a_drift_behind_an_applied_override_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "ssot.json").write_text('{"a": 2, "b": 1.5, "c": false}')
    pins = tuple(PinnedValue("ssot.json", f"/{key}", value) for key, value in (("a", 1), ("b", 1), ("c", 0)))
    judgement = judge_pins(PinsSection(values=pins, override=(override(pointer="/a", value=2),)), tmp_path)
    assert judgement.findings == (
        Finding("ssot.json#/b", "1 (integer)", "1.5 (number with a fraction)", "config_drift.value_drift"),
        Finding("ssot.json#/c", "0 (integer)", "false (boolean)", "config_drift.value_drift"),
    )
    assert len(judgement.parameters["overrides"]) == 1  # type: ignore[arg-type]  # a list of one


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([-1.0, 0.0, 1.0]) | st.sampled_from(["", "1"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)


@given(JSON, JSON)
@settings(max_examples=200)
def test_identical_is_equality_of_the_written_value(left: Any, right: Any) -> None:
    def written(value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ",".join(sorted(f"{key!r}:{written(item)}" for key, item in value.items())) + "}"
        if isinstance(value, list):
            return "[" + ",".join(map(written, value)) + "]"
        return repr(value)

    assert identical(left, right) == (written(left) == written(right))


def test_a_document_is_unreadable_with_one_finding(tmp_path: Path) -> None:
    with pytest.raises(Judged) as caught:
        read_document(tmp_path / "none.json", "none.json")
    assert caught.value.finding.rule == "artefact.unreadable"
