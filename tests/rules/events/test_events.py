"""Event logs: what one pass finds, rule by rule, and how each aspect of the logs is judged."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.formats import jsonl as record_module
from gatecourt.rules.events.report import read_logs
from gatecourt.rules.events.section import (
    Cascade,
    ClockDomain,
    Completion,
    CountZones,
    Dialect,
    EventCondition,
    EventsSection,
    Exceptions,
    Orders,
    Pair,
    RateZones,
    Slow,
    declared_parts,
)
from gatecourt.rules.events.summary import KEPT
from gatecourt.system.manifest.binding import bind

SHAPE = ["schema", "dialect", "sequence", "clock", "single_run", "lifecycle", "completeness"]
HEALTH = ["event_count", "error_rate", "critical", "surfaced", "exceptions", "cascade", "orders", "slow_operations"]
ASPECTS = [*SHAPE, *HEALTH]

SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "t": {"type": "integer", "minimum": 0},
        "seq": {"type": "integer"},
        "run": {"type": "string", "minLength": 1},
        "cat": {"enum": ["SYS", "EXEC", "RISK", "DATA", "RECON"]},
        "type": {"type": "string"},
        "level": {"enum": ["INFO", "WARN", "ERROR", "CRITICAL"]},
        "data": {"type": "object"},
        "at": {"type": "string", "format": "date-time"},
    },
    "required": ["t", "run", "type"],
    "additionalProperties": False,
}

PLAIN = Dialect(time="/t", type="/type", sequence="/seq", run="/run", category="/cat", level="/level", payload="/data")
OTHER = Dialect(
    time="/t",
    type="/event",
    run="/run",
    category="/cat",
    payload="/data",
    absent={"sequence": "old writer", "level": "old writer"},
)

SECTION = EventsSection(
    logs=("logs/*.jsonl",),
    schema="event.schema.json",
    dialect={"plain": PLAIN, "other": OTHER},
    minimum=CountZones(good=4, bad=2),
    error_rate=RateZones(good=Decimal("0.05"), bad=Decimal("0.10")),
    complete=Completion(event="run_complete"),
    clock={"wall": ClockDomain(types=("heartbeat",))},
    lifecycle={"run": Pair("run_start", "run_complete")},
    orders=Orders(
        placed=("order_placed",),
        ended=("order_filled", "order_rejected"),
        id="/order_id",
        reasons={"risk": ("risk_halt",), "intent": ("intent_rejected",)},
    ),
    slow=Slow(pointer="/duration_ms", unit="ms", over=Decimal(1)),
    cascade=Cascade(window=5, errors=3, causes={"data gap": EventCondition("DATA", "gap")}),
    surface={"breach": EventCondition("RISK", "breach"), "mismatch": EventCondition("RECON", "mismatch", limit=1)},
)


def event(seq: int, kind: str = "tick", **other: Any) -> dict[str, Any]:
    return {"t": 1000 + seq, "seq": seq, "run": "r1", "cat": "SYS", "type": kind, "level": "INFO", **other}


def healthy(*middle: dict[str, Any], ticks: int = 4) -> list[dict[str, Any]]:
    """A good log around ``middle``, whose sequence numbers and times are given here."""
    inner = [*middle, *[event(0) for _ in range(ticks)]]
    events = [event(0, "run_start"), *inner, event(0, "run_complete")]
    return [{**item, "seq": place, "t": item["t"] + place} for place, item in enumerate(events)]


def as_text(events: list[Any]) -> bytes:
    return b"".join(json.dumps(item, separators=(",", ":")).encode() + b"\n" for item in events)


Judge = Callable[..., list[Finding]]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Judges logs (events or bytes) for one aspect."""

    def judged(
        aspect: str, log: list[Any] | bytes | None, section: EventsSection = SECTION, **files: bytes
    ) -> list[Finding]:
        root = tmp_path
        (root / "event.schema.json").write_bytes(json.dumps(SCHEMA).encode())
        contents = {name.replace("__", "."): data for name, data in files.items()}
        if log is not None:
            contents["logs/run.jsonl"] = log if isinstance(log, bytes) else as_text(log)
        return read_logs(section, root, write_run(root, contents)).about(aspect)

    return judged


def write_run(root: Path, contents: dict[str, bytes]) -> Run:
    files = {}
    for name, data in contents.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
        files[name] = Subject(name, hashlib.sha256(data).hexdigest(), len(data))
    return Run(root, files)


def places_of(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.where, finding.rule) for finding in findings]


@pytest.mark.parametrize("aspect", ASPECTS)
def test_a_healthy_log_gives_no_finding(judge: Judge, aspect: str) -> None:
    middle = [
        event(0, "order_placed", data={"order_id": "a"}),
        event(0, "order_filled", data={"order_id": "a"}),
        event(0, "work", data={"duration_ms": 1000}),
    ]
    assert judge(aspect, healthy(*middle)) == []


@pytest.mark.parametrize("aspect", ASPECTS)
def test_no_log_and_an_empty_log_are_findings(judge: Judge, aspect: str) -> None:
    assert places_of(judge(aspect, None)) == [("logs/*.jsonl", "events.no_log")]
    assert ("logs/run.jsonl", "events.empty_log") in places_of(judge(aspect, b""))


LINE = b'{"t":1,"seq":0,"run":"r1","cat":"SYS","type":"x","level":"INFO"}'


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (LINE.replace(b'"seq":0', b'"seq":0,"seq":0'), "json.duplicate_key"),
        (LINE.replace(b'"seq":0', b'"seq":0,"\\u0073eq":0'), "json.duplicate_key"),
        (LINE.replace(b'"t":1', b'"t":01'), "json.syntax"),
        (LINE.replace(b'"t":1', b'"t":1e400'), "json.not_finite"),
        (LINE.replace(b'"t":1', b'"t":NaN'), "json.not_finite"),
        (LINE.replace(b'"t":1', b'"t":-Infinity'), "json.not_finite"),
        (LINE.replace(b'"t":1', b'"t":-1'), "events.schema"),
        (LINE.replace(b'"t":1', b'"t":1.5'), "events.schema"),
        (LINE.replace(b'"t":1', b'"t":-%s' % (b"9" * 30)), "events.schema"),
        (LINE.replace(b'"t":1', b'"t":%s' % (b"9" * 5000)), "json.syntax"),
        (LINE.replace(b"SYS", b"SYZ"), "events.schema"),
        (LINE.replace(b'"x"', b'"\xff"'), "json.encoding"),
        (LINE.replace(b'"x"', b'"\xed\xa0\x80"'), "json.encoding"),
        (LINE.replace(b'"x"', b'"\\ud800"'), "json.encoding"),
        (LINE.replace(b'"x"', b'"\\udc00\\ud800"'), "json.encoding"),
        (LINE.replace(b'"x"', b'"a\rb"'), "json.syntax"),
        (LINE.replace(b'"x"', b'"a\x00b"'), "json.syntax"),
        (LINE + b"\r" + LINE, "json.syntax"),
        (LINE + LINE, "json.syntax"),
        (b"\xef\xbb\xbf" + LINE, "json.encoding"),
        (b"", "json.syntax"),
        (b"  ", "json.syntax"),
        (LINE[:-1], "json.syntax"),
        (LINE[:-1] + b",}", "json.syntax"),
        (LINE[:-1] + b',"at":"yesterday"}', "events.schema"),
        (LINE[:-1] + b',"data":' + b'{"a":' * 100 + b"1" + b"}" * 100 + b"}", "json.depth"),
        (b"[" * 5000, "json.depth"),
        (b"[]", "events.schema"),
        (b"null", "events.schema"),
    ],
)
def test_a_line_that_is_not_strict_or_not_valid_is_reported_where_it_stands(
    judge: Judge, line: bytes, rule: str
) -> None:
    findings = judge("schema", LINE + b"\n" + line + b"\n")
    assert [finding.rule for finding in findings] == [rule]
    assert findings[0].where.split("#")[0] == "logs/run.jsonl:2"


@pytest.mark.parametrize(
    "line",
    [
        LINE.replace(b'"t":1', b'"t":1.0'),  # an integer since draft-06
        LINE.replace(b'"t":1', b'"t":-0'),
        LINE.replace(b'"t":1', b'"t":%s' % (b"9" * 30)),
        LINE.replace(b"SYS", b"\\u0053YS"),
        LINE.replace(b'"x"', b'"\\ud83d\\ude00"'),
        LINE + b"\r",
        b"  " + LINE + b"\t",
        LINE[:-1] + b',"data":' + b'{"{":' * 99 + b'"[[[{\\""' + b"}" * 99 + b"}",
    ],
)
def test_odd_but_valid_lines_are_taken(judge: Judge, line: bytes) -> None:
    assert judge("schema", line + b"\n") == []
    assert judge("dialect", line + b"\n") == []


def test_a_violation_has_its_pointer_and_values(judge: Judge) -> None:
    [finding] = judge("schema", [event(0, level="LOUD")])
    assert finding == Finding(
        "logs/run.jsonl:1#/level", 'enum ["INFO", "WARN", "ERROR", "CRITICAL"]', '"LOUD"', "events.schema"
    )


def test_a_missing_last_newline_is_a_truncated_log(judge: Judge) -> None:
    assert places_of(judge("schema", LINE + b"\n" + LINE)) == [("logs/run.jsonl:2", "jsonl.truncated")]


def test_a_line_without_end_is_reported_and_not_kept(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_module, "LONGEST_LINE", 100)
    log = LINE + b"\n" + b"x" * 1234 + b"\n" + LINE + b"\n"
    assert places_of(judge("schema", log)) == [("logs/run.jsonl:2", "jsonl.line_too_long")]


def test_findings_are_capped_and_the_rest_counted(judge: Judge) -> None:
    findings = judge("schema", b"x\n" * (KEPT + 7))
    assert len(findings) == KEPT + 1
    first, counted = findings[KEPT - 1], findings[KEPT]
    assert counted.where == f"logs/run.jsonl:{KEPT + 1}"
    assert counted.observed == f"7 more of this kind, this the first: {first.observed}"
    assert (counted.expected, counted.rule) == (first.expected, "json.syntax")


def test_a_new_kind_of_violation_is_shown_behind_many_of_a_known_one(judge: Judge) -> None:
    known, new = LINE.replace(b'"type"', b'"kind"'), LINE.replace(b'"t":1', b'"t":"one"')
    findings = judge("schema", (known + b"\n") * (KEPT + 7) + new + b"\n" + known + b"\n")
    assert [(finding.where, finding.observed) for finding in findings[KEPT:]] == [
        (f"logs/run.jsonl:{KEPT + 8}#/t", '"one"'),
        ("logs/run.jsonl:51", "58 more of this kind, this the first: absent"),
        ("logs/run.jsonl:51", "58 more of this kind, this the first: keys 'kind'"),
    ]


@pytest.mark.parametrize(
    ("document", "where"),
    [
        (b"[]", "event.schema.json#"),
        (b'{"type":"nothing"}', "event.schema.json#/type"),
        (b'{"$ref":"http://127.0.0.1:9/x"}', "event.schema.json#"),
        (b'{"$ref":"file:///etc/hostname"}', "event.schema.json#"),
        (b'{"properties":{"a":{"pattern":"("}}}', "event.schema.json#/properties/a/pattern"),
    ],
)
def test_an_invalid_schema_ends_the_check(tmp_path: Path, document: bytes, where: str) -> None:
    (tmp_path / "event.schema.json").write_bytes(document)
    with pytest.raises(Judged) as caught:
        read_logs(SECTION, tmp_path, Run(tmp_path, {}))
    assert (caught.value.finding.where, caught.value.finding.rule) == (where, "events.schema_invalid")


def test_the_draft_of_the_schema_counts(judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCHEMA, "$schema", "http://json-schema.org/draft-04/schema#")
    findings = judge("schema", LINE.replace(b'"t":1', b'"t":1.0') + b"\n")
    assert places_of(findings) == [("logs/run.jsonl:1#/t", "events.schema")]


def test_a_lacking_field_is_reported_at_its_pointer(judge: Judge) -> None:
    log = healthy()
    del log[2]["seq"]
    log[3]["level"] = None
    assert [(f.where, f.observed) for f in judge("dialect", log)] == [
        ("logs/run.jsonl:3#/seq", "absent"),
        ("logs/run.jsonl:4#/level", "null"),
    ]


def test_two_dialects_in_one_log_are_reported(judge: Judge) -> None:
    log = healthy()
    log[3] = {"t": log[3]["t"], "run": "r1", "cat": "SYS", "event": "tick"}
    assert places_of(judge("dialect", log)) == [("logs/run.jsonl:4", "events.mixed_dialects")]


def test_a_log_in_no_dialect_is_reported_once(judge: Judge) -> None:
    log = [{"time": 1}] * 5
    assert places_of(judge("dialect", log)) == [("logs/run.jsonl", "events.unknown_dialect")]
    assert places_of(judge("clock", log)) == [("logs/run.jsonl", "events.no_event")]


def test_what_rests_on_an_absent_field_is_reported(judge: Judge) -> None:
    log = [{"t": 1, "run": "r1", "cat": "SYS", "event": "tick"}] * 5
    for aspect in ("sequence", "error_rate", "critical", "cascade"):
        assert places_of(judge(aspect, log)) == [("logs/run.jsonl", "events.field_absent")]
    assert judge("clock", log) == []


def seqs(*numbers: int) -> list[dict[str, Any]]:
    return [{**event(0), "seq": number} for number in numbers]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((0, 1, 2), []),
        ((1, 2), [("1", "0", "1", "gap")]),
        ((0, 2, 3), [("2", "1", "2", "gap")]),
        ((0, 1, 1, 2), [("3", "2", "1", "repeat")]),
        ((0, 2, 1, 3), [("2", "1", "2", "gap"), ("3", "3", "1", "repeat")]),
        ((0, 1, 0, 1, 2), [("3", "2", "0", "repeat"), ("4", "2", "1", "repeat")]),
    ],
)
def test_sequence(judge: Judge, numbers: tuple[int, ...], expected: list[tuple[str, str, str, str]]) -> None:
    findings = judge("sequence", seqs(*numbers))
    assert [tuple(vars_of(finding)) for finding in findings] == [
        (f"logs/run.jsonl:{line}#/seq", want, have, f"events.sequence_{kind}") for line, want, have, kind in expected
    ]


def vars_of(finding: Finding) -> tuple[str, str, str, str]:
    return finding.where, finding.expected, finding.observed, finding.rule


def test_time_steps_back_once_a_step_and_each_clock_for_itself(judge: Judge) -> None:
    times = [(10, "a"), (900, "heartbeat"), (9, "a"), (9, "a"), (901, "heartbeat"), (899, "heartbeat"), (12, "a")]
    log = [event(0, kind, t=time) for time, kind in times]
    findings = judge("clock", log)
    assert places_of(findings) == [
        ("logs/run.jsonl:3#/t", "events.clock_backwards"),
        ("logs/run.jsonl:6#/t", "events.clock_backwards"),
    ]
    assert findings[1].expected == "at least 901, the time on line 5 (clock 'wall')"


def test_a_clock_may_be_named_in_the_payload(judge: Judge) -> None:
    section = replace(SECTION, clock={"wall": ClockDomain(pointer="/clock", value=1)})
    log = [event(0, t=time, data=data) for time, data in [(9, {}), (5, {"clock": 1}), (10, {}), (4, {"clock": True})]]
    assert places_of(judge("clock", log, section)) == [("logs/run.jsonl:4#/t", "events.clock_backwards")]


def test_a_second_run_in_a_log_is_reported(judge: Judge) -> None:
    log = healthy()
    log[2]["run"] = "r2"
    assert places_of(judge("single_run", log)) == [("logs/run.jsonl:3#/run", "events.second_run")]


def test_lifecycle(judge: Judge) -> None:
    assert [f.expected for f in judge("lifecycle", healthy()[1:-1])] == [
        "one run_start (run)",
        "one run_complete (run)",
    ]
    twice = healthy(event(0, "run_start"))
    assert places_of(judge("lifecycle", twice)) == [("logs/run.jsonl:2", "events.lifecycle_repeated")]
    assert places_of(judge("lifecycle", healthy()[::-1])) == [("logs/run.jsonl:1", "events.lifecycle_order")]


@pytest.mark.parametrize(
    ("number", "rule"), [(1, "events.too_few"), (2, "events.few"), (3, "events.few"), (4, None), (9, None)]
)
def test_event_count_has_three_zones_and_equal_passes(judge: Judge, number: int, rule: str | None) -> None:
    findings = judge("event_count", [event(place) for place in range(number)])
    assert [finding.rule for finding in findings] == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("errors", "rule"), [(0, None), (5, None), (6, "events.errors"), (10, "events.errors"), (11, "events.many_errors")]
)
def test_error_rate_has_three_zones_and_equal_passes(judge: Judge, errors: int, rule: str | None) -> None:
    log = [event(place, level="ERROR" if place < errors else "INFO") for place in range(100)]
    findings = judge("error_rate", log)
    assert [finding.rule for finding in findings] == ([rule] if rule else [])


def test_each_critical_event_is_reported(judge: Judge) -> None:
    findings = judge("critical", healthy(event(0, "halt", level="CRITICAL")))
    assert [vars_of(finding)[:3] for finding in findings] == [
        ("logs/run.jsonl:2", "no critical event", "halt at CRITICAL")
    ]


def test_surfaced_conditions_are_reported_beyond_their_limit(judge: Judge) -> None:
    breach = event(0, "limit_BREACH", cat="RISK")
    mismatch = event(0, "recon_mismatch", cat="RECON")
    elsewhere = event(0, "breach", cat="EXEC")
    found = judge("surfaced", healthy(breach, mismatch, elsewhere))
    assert [vars_of(finding)[:3] for finding in found] == [
        ("logs/run.jsonl:2", "at most 0 breach, 1 found", "limit_BREACH")
    ]
    found = judge("surfaced", healthy(mismatch, mismatch))
    assert [finding.where for finding in found] == ["logs/run.jsonl:2", "logs/run.jsonl:3"]


def test_exceptions_are_searched_in_values_of_the_last_events_only(judge: Judge) -> None:
    section = replace(SECTION, exceptions=Exceptions(words=("crash", "exception"), last=3))
    log = healthy(
        event(0, data={"text": "Crash early"}),
        event(0, data={"exceptions_count": 0}),
        event(0, data={"trace": ["ok", {"m": "KeyEXCEPTION: x"}]}),
        ticks=1,
    )
    findings = judge("exceptions", log, section)
    assert [(f.where, f.observed) for f in findings] == [("logs/run.jsonl:4#/data/trace/1/m", "EXCEPTION")]


def errors_at(*places: int, gap_at: int | None = None, number: int = 30) -> list[dict[str, Any]]:
    log = [event(place, f"e{place}", level="ERROR" if place in places else "INFO") for place in range(number)]
    if gap_at is not None:
        log[gap_at].update(cat="DATA", type="data_gap")
    return log


def test_a_cascade_names_its_first_error_and_likely_cause(judge: Judge) -> None:
    findings = judge("cascade", errors_at(7, 8, 10, 12, gap_at=5))
    assert [vars_of(finding)[:3] for finding in findings] == [
        (
            "logs/run.jsonl:8",
            "fewer than 3 errors within 5 events",
            "4 errors from e7 on; likely cause: data gap (data_gap, line 6)",
        )
    ]


def test_errors_far_apart_are_no_cascade_and_two_cascades_are_two(judge: Judge) -> None:
    assert judge("cascade", errors_at(0, 5, 10, 15)) == []
    assert [f.where for f in judge("cascade", errors_at(1, 2, 3, 20, 21, 22))] == [
        "logs/run.jsonl:2",
        "logs/run.jsonl:21",
    ]
    assert "none of the declared ones" in judge("cascade", errors_at(7, 8, 9, gap_at=2))[0].observed


def order(kind: str, name: Json = "a") -> dict[str, Any]:
    return event(0, kind, data={"order_id": name})


@pytest.mark.parametrize(
    ("middle", "observed"),
    [
        ([order("order_placed")], "still open; no event explains it"),
        ([order("order_placed"), event(0, "risk_halt")], "still open; risk: risk_halt on line 3"),
        ([event(0, "risk_halt"), order("order_placed")], "still open; no event explains it"),
        (
            [order("order_placed"), event(0, "risk_halt"), order("intent_rejected")],
            "still open; intent: intent_rejected on line 4",
        ),
        ([order("order_filled"), order("order_placed")], "still open; no event explains it"),
        ([order("order_placed"), order("order_filled"), order("order_placed")], "still open; no event explains it"),
    ],
)
def test_an_order_that_never_ended_is_reported_with_its_reason(
    judge: Judge, middle: list[dict[str, Any]], observed: str
) -> None:
    [finding] = judge("orders", healthy(*middle))
    assert (finding.rule, finding.observed) == ("events.order_open", observed)


def test_ended_orders_and_orders_without_id(judge: Judge) -> None:
    assert judge("orders", healthy(order("order_placed"), event(0, "risk_halt"), order("order_rejected"))) == []
    assert judge("orders", healthy(order("order_placed", 1), order("order_filled", 1))) == []
    assert places_of(judge("orders", healthy(event(0, "order_placed")))) == [("logs/run.jsonl:2", "events.order_id")]


def test_slow_operations_are_listed_and_a_finding_only_beyond_a_limit(judge: Judge) -> None:
    durations = [1000, 1000.0001, 5000, "9"]
    log = healthy(*[event(0, "work", data={"duration_ms": duration}) for duration in durations])
    assert places_of(judge("slow_operations", log)) == [("logs/run.jsonl:5", "events.duration")]
    limited = replace(SECTION, slow=Slow("/duration_ms", "ms", Decimal(1), limit=1))
    assert [(f.where, f.observed) for f in judge("slow_operations", log[:4], limited)] == [
        ("logs/run.jsonl:3", "work 1000.0001"),
        ("logs/run.jsonl:4", "work 5000"),
    ]


STATUS = Completion(report="report__json".replace("__", "."), pointer="/status", accepted=("complete",), run="/run")


@pytest.mark.parametrize(
    ("report", "rules"),
    [
        (None, ["events.report_missing"]),
        (b'{"status":"complete","run":"r1"}', []),
        (b'{"status":"error","run":"r1"}', ["events.incomplete"]),
        (b'{"run":"r1"}', ["events.no_status"]),
        (b'{"status":"complete","run":"r0"}', ["events.other_run"]),
        (b'{"status":"complete"}', ["events.other_run"]),
        (b'{"status":', ["json.syntax"]),
    ],
)
def test_completeness_by_report(judge: Judge, report: bytes | None, rules: list[str]) -> None:
    files = {} if report is None else {"report__json": report}
    findings = judge("completeness", healthy(), replace(SECTION, complete=STATUS), **files)
    assert [finding.rule for finding in findings] == rules


def test_an_event_stands_in_for_a_status_but_not_for_a_bad_one(judge: Judge) -> None:
    section = replace(SECTION, complete=replace(STATUS, event="run_complete"))
    assert judge("completeness", healthy(), section, report__json=b'{"run":"r1"}') == []
    found = judge("completeness", healthy()[:-1], section, report__json=b'{"run":"r1","status":"error"}')
    assert [finding.rule for finding in found] == ["events.incomplete", "events.incomplete"]


def test_a_log_that_vanished_is_unreadable(tmp_path: Path, judge: Judge) -> None:
    judge("schema", None)
    run = Run(tmp_path, {"logs/gone.jsonl": Subject("logs/gone.jsonl", "0" * 64, 1)})
    assert ("logs/gone.jsonl", "artefact.unreadable") in places_of(read_logs(SECTION, tmp_path, run).about("schema"))


def test_one_log_is_scanned_once(judge: Judge, tmp_path: Path) -> None:
    log = as_text([*healthy(), event(99)])
    first = judge("schema", log)
    (tmp_path / "logs/run.jsonl").unlink()
    same = Subject("logs/run.jsonl", hashlib.sha256(log).hexdigest(), len(log))
    assert read_logs(SECTION, tmp_path, Run(tmp_path, {"logs/run.jsonl": same})).about("schema") == first


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: replace(SECTION, optional={"sequence": "old", "clock": "no"}),
            "optional.clock: expected one of sequence, single_run, error_rate, critical, found 'clock'",
        ),
        (
            lambda: replace(
                SECTION,
                optional={"critical": "old", "sequence": "no"},
                dialect={"plain": replace(PLAIN, sequence=None, absent={**PLAIN.absent, "sequence": "old"})},
            ),
            "optional.sequence: no dialect has its field; use [court.not_applicable.events]",
        ),
        (lambda: replace(PLAIN, level=None), "level: neither declared nor in absent"),
        (lambda: replace(PLAIN, sequence="/t"), "sequence: the same pointer as time, '/t'"),
        (lambda: CountZones(good=1, bad=2), "bad: 2 is above good, which is 1"),
        (lambda: RateZones(Decimal("0.2"), Decimal("0.1")), "good: 0.2 is above bad, which is 0.1"),
        (lambda: Completion(), "report: missing, and event too"),
        (lambda: Completion(event="x", pointer="/a", accepted=(1,)), "report: missing; pointer and run need it"),
        (lambda: Completion(report="x", pointer="/a"), "pointer: this and accepted go together"),
        (lambda: EventCondition(), "category: missing, and type too"),
        (lambda: ClockDomain(), "they select the events on this clock"),
        (lambda: Cascade(2, 3, {}), "errors: 3 is above window, which is 2"),
    ],
)
def test_a_section_that_proves_nothing_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        make()


def test_the_parts_that_a_section_declares() -> None:
    assert declared_parts(SECTION) == dict.fromkeys(
        ("lifecycle", "orders", "slow", "cascade", "surface", "sequence", "single_run", "error_rate", "critical"), True
    )
    plain = replace(PLAIN, level=None, absent={**PLAIN.absent, "level": "none"})
    bare = replace(SECTION, lifecycle={}, orders=None, cascade=None, dialect={"plain": plain})
    parts = {"lifecycle": False, "orders": False, "slow": True, "cascade": False, "surface": True}
    assert declared_parts(bare) == {**parts, "sequence": True, "single_run": True}


def judgement_of(judge: Judge, tmp_path: Path, aspect: str, section: EventsSection = SECTION) -> Judgement:
    log = healthy(event(0, "boom", level="ERROR"), event(0, "work", data={"duration_ms": 1001}))
    judge("schema", log, section)
    run = write_run(tmp_path, {"logs/run.jsonl": as_text(log), "report.json": b'{"status":"complete","run":"r1"}'})
    return read_logs(section, tmp_path, run).judge(aspect)


def names(judgement: Judgement) -> list[str]:
    return [subject.name for subject in judgement.subjects]


def test_evidence_names_what_was_judged(judge: Judge, tmp_path: Path) -> None:
    assert names(judgement_of(judge, tmp_path, "schema")) == ["logs/run.jsonl", "event.schema.json"]
    section = replace(SECTION, complete=STATUS)
    assert names(judgement_of(judge, tmp_path, "completeness", section)) == ["logs/run.jsonl", "report.json"]
    optional = replace(SECTION, optional={"critical": "old writer"})
    assert judgement_of(judge, tmp_path, "critical", optional).parameters == {"optional": "old writer"}
    assert [finding.rule for finding in judgement_of(judge, tmp_path, "error_rate").findings] == ["events.many_errors"]


@pytest.mark.parametrize(
    ("aspect", "numbers"),
    [
        (
            "event_count",
            {"lines": 8, "events": 8, "dialect": "plain", "categories": {"SYS": 8}, "good": 4, "bad": 2},
        ),
        (
            "error_rate",
            {"levels": {"ERROR": 1, "INFO": 7}, "errors_by_type": {"boom": 1}, "good": "0.05", "bad": "0.10"},
        ),
        ("slow_operations", {"number": 1, "first": ["logs/run.jsonl:3 work 1001"]}),
        ("surfaced", {name: {"number": 0, "first": []} for name in ("breach", "mismatch")}),
        ("cascade", {"first_error": "logs/run.jsonl:2 boom"}),
    ],
)
def test_evidence_holds_the_numbers(judge: Judge, tmp_path: Path, aspect: str, numbers: Json) -> None:
    assert judgement_of(judge, tmp_path, aspect).parameters["logs"] == {"logs/run.jsonl": numbers}


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 6))
def test_no_bytes_make_a_traceback(tmp_path_factory: pytest.TempPathFactory, junk: bytes, place: int) -> None:
    root = tmp_path_factory.mktemp("junk")
    (root / "event.schema.json").write_bytes(json.dumps(SCHEMA).encode())
    lines = as_text(healthy()).splitlines(keepends=True)
    run = write_run(root, {"logs/run.jsonl": b"".join(lines[:place]) + junk + b"".join(lines[place:])})
    seen = read_logs(SECTION, root, run)
    for aspect in ASPECTS:
        seen.about(aspect)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 6), max_size=20))
def test_sequence_findings_are_exactly_the_lines_off_the_count(numbers: list[int]) -> None:
    from gatecourt.rules.events.dialect import LogEvent
    from gatecourt.rules.events.ordering import Sequence
    from gatecourt.rules.events.summary import FindingLog

    sequence, gathered = Sequence(0), FindingLog()
    for line, number in enumerate(numbers, 1):
        sequence.take(LogEvent(line, 0, number, None, None, "x", None, None), f"x:{line}", gathered)
    highest = [max(numbers[:place], default=-1) for place in range(len(numbers))]
    off = [line for line, (number, before) in enumerate(zip(numbers, highest, strict=True), 1) if number != before + 1]
    assert [finding.where for finding in gathered.findings().get("sequence", ())] == [f"x:{line}" for line in off]


# What comes behind a bad case is judged too.


def test_words_of_failure_behind_a_broken_line_among_the_last_ones(judge: Judge) -> None:
    log = as_text(healthy()[:-1]) + b"broken\n" + b'{"t":9}\n' + as_text([event(9, "fatal_error")])
    assert [vars_of(finding) for finding in judge("exceptions", log)] == [
        (
            "logs/run.jsonl:8#/type",
            "none of exception, error, crash in the last 50 lines",
            "error",
            "events.exception",
        )
    ]


def test_a_violation_behind_lines_that_cannot_be_read(judge: Judge) -> None:
    log = b"broken\n" + as_text([event(0, level="LOUD"), {"t": -1, "run": "r1", "type": "x"}])
    assert [(finding.where, finding.rule) for finding in judge("schema", log)] == [
        ("logs/run.jsonl:1", "json.syntax"),
        ("logs/run.jsonl:2#/level", "events.schema"),
        ("logs/run.jsonl:3#/t", "events.schema"),
    ]


def test_a_second_log_behind_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "event.schema.json").write_bytes(json.dumps(SCHEMA).encode())
    run = write_run(tmp_path, {"logs/a.jsonl": b"", "logs/b.jsonl": b"x\n", "logs/c.jsonl": as_text([event(3)])})
    logs = read_logs(SECTION, tmp_path, run)
    assert places_of(logs.about("sequence")) == [
        ("logs/a.jsonl", "events.empty_log"),
        ("logs/b.jsonl", "events.no_event"),
        ("logs/c.jsonl:1#/seq", "events.sequence_gap"),
    ]
    assert places_of(logs.about("schema")) == [
        ("logs/a.jsonl", "events.empty_log"),
        ("logs/b.jsonl:1", "json.syntax"),
    ]


@pytest.mark.parametrize("aspect", ["sequence", "error_rate", "critical"])
def test_an_optional_check_needs_no_field(judge: Judge, aspect: str) -> None:
    log = [{"t": 1, "run": "r1", "cat": "SYS", "event": "tick"}] * 5
    assert places_of(judge(aspect, log)) == [("logs/run.jsonl", "events.field_absent")]
    assert judge(aspect, log, replace(SECTION, optional={aspect: "old writer"})) == []


def test_an_optional_check_still_judges_logs_that_have_the_field(judge: Judge) -> None:
    section = replace(SECTION, optional={"sequence": "old writer"})
    assert places_of(judge("sequence", seqs(0, 2), section)) == [("logs/run.jsonl:2#/seq", "events.sequence_gap")]


def test_a_second_report_behind_one_that_cannot_be_read(judge: Judge) -> None:
    section = replace(SECTION, complete=replace(STATUS, report="*.json"))
    reports = {"a__json": b"{", "b__json": b'{"run":"r1"}', "c__json": b'{"status":"aborted","run":"r0"}'}
    assert [vars_of(finding) for finding in judge("completeness", healthy(), section, **reports)][1:] == [
        ("b.json#/status", 'one of ["complete"]', "absent", "events.no_status"),
        ("c.json#/status", 'one of ["complete"]', '"aborted"', "events.incomplete"),
        ("c.json#/run", "the run of the log (r1)", '"r0"', "events.other_run"),
    ]


def test_an_order_behind_one_without_an_id(judge: Judge) -> None:
    log = healthy(event(0, "order_placed", data={}), order("order_placed", None), order("order_placed"))
    assert [vars_of(finding) for finding in judge("orders", log)] == [
        ("logs/run.jsonl:2", "an order id at /order_id in the payload", "none", "events.order_id"),
        ("logs/run.jsonl:3", "an order id at /order_id in the payload", "none", "events.order_id"),
        (
            "logs/run.jsonl:4",
            "order a closed by order_filled or order_rejected",
            "still open; no event explains it",
            "events.order_open",
        ),
    ]


def test_a_slow_operation_behind_an_event_without_a_duration(judge: Judge) -> None:
    limited = replace(SECTION, slow=Slow("/duration_ms", "ms", Decimal(1), limit=0))
    log = healthy(
        event(0, "a", data={}), event(0, "b", data={"duration_ms": None}), event(0, "c", data={"duration_ms": 1001})
    )
    assert [vars_of(finding) for finding in judge("slow_operations", log, limited)] == [
        ("logs/run.jsonl:3", "a duration as a number", "null", "events.duration"),
        ("logs/run.jsonl:4", "at most 0 slow_operation, 1 found", "c 1001", "events.slow"),
    ]


def test_the_texts_about_a_lifecycle(judge: Judge) -> None:
    [order] = judge("lifecycle", healthy()[::-1])
    assert vars_of(order) == (
        "logs/run.jsonl:1",
        "run_complete after the run_start on line 6",
        "on line 1",
        "events.lifecycle_order",
    )
    [twice] = judge("lifecycle", healthy(event(0, "run_start")))
    assert vars_of(twice) == (
        "logs/run.jsonl:2",
        "one run_start, on line 1",
        "a second one",
        "events.lifecycle_repeated",
    )


def test_all_problems_of_the_section_are_reported_with_their_keys() -> None:
    table = {
        "logs": [],
        "schema": "../s.json",
        "dialect": {"a": {"time": "ts", "type": "/type"}, "b": {"time": "/t", "type": "/t", "sequence": "/t"}},
        "minimum": {"good": 0, "bad": 1},
        "error_rate": {"good": "200%", "bad": "10%"},
        "complete": {"report": "/r.json", "event": "end"},
        "cascade": {"window": 3, "errors": 1, "causes": {"x": {"type": "("}}},
        "exceptions": {"words": ["ok", ""], "last": 0},
        "rotate_over": 0,
        "trend": {"history": ["a", "a"], "tally": "x", "rise": {}, "runs": 0},
    }
    bound, problems = bind(EventsSection, table, "events")
    assert bound is None
    assert sorted({problem.at for problem in problems}) == [
        "events.cascade.causes.x.type", "events.cascade.errors", "events.complete.report", "events.dialect.a.time",
        "events.dialect.b.run", "events.error_rate.good", "events.exceptions.last", "events.exceptions.words[1]",
        "events.logs", "events.minimum.good", "events.rotate_over", "events.schema", "events.trend.history",
        "events.trend.rise", "events.trend.runs", "events.trend.tally",
    ]  # fmt: skip
