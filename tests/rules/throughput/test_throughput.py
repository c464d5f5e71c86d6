"""Times: the unit, records with their custody, and what is told of slow and fast."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Run
from gatecourt.core.protocols import Target
from gatecourt.formats.digests import canonical_bytes
from gatecourt.rules.throughput import unit
from gatecourt.rules.throughput.checks import Sample, judge_command, judge_gate
from gatecourt.rules.throughput.recorded import Custody, RecordedTimes, read, text_of
from gatecourt.rules.throughput.recording import gates_of, record, samples_of
from gatecourt.rules.throughput.section import Slower, ThroughputSection, timed_commands, timed_gates
from gatecourt.system.manifest.binding import bind

CUSTODY = Custody("2026-11-20", "night desk", "2 cores, idle")
SECTION = ThroughputSection("perf/base.json", ("run",), Slower(Decimal(3), Decimal(10)), repeat=2)
BASE = RecordedTimes(CUSTODY, {"run": 50.0}, {"events": 20.0})


@dataclass
class Runs:
    """A target whose runs take the given seconds: first the one that is there, then the repetitions."""

    root: Path
    seconds: list[float]
    asked: list[Mapping[str, str]] = field(default_factory=list)

    def run(self) -> Run:
        return self.command("run")

    def command(self, name: str, *, values: Mapping[str, str] | None = None) -> Run:
        self.asked.append(values or {})
        return Run(self.root, {}, seconds=self.seconds[len(self.asked) - 1])


def write(root: Path, recorded: RecordedTimes | dict[str, Any] | bytes, name: str = "perf/base.json") -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(recorded, RecordedTimes):
        path.write_text(text_of(recorded))
    else:
        path.write_bytes(recorded if isinstance(recorded, bytes) else json.dumps(recorded).encode())


def judged(
    root: Path, *seconds: float, thorough: bool = False, one: Callable[[], float] = lambda: 0.01
) -> tuple[Judgement, Runs]:
    """The command's judgement where one unit takes 10 ms; the baseline is 50 units, that is 0.5 s."""
    write(root, BASE)
    runs = Runs(root, list(seconds))
    return judge_command(SECTION, "run", cast(Target, runs), thorough=thorough, measure=one), runs


def rules(judgement: Judgement) -> list[str]:
    return [finding.rule for finding in judgement.findings]


@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.5, 1.0, 1.5])
def test_a_time_within_the_band_passes_at_the_first_look(tmp_path: Path, seconds: float) -> None:
    timed, runs = judged(tmp_path, seconds)
    assert rules(timed) == []
    assert runs.asked == [{}]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ((1.6, 1.6, 1.6), ["throughput.slower"]),
        ((9.0, 1.6, 5.0), ["throughput.slower"]),
        ((9.0, 5.0, 5.0), ["throughput.slower"]),
        ((9.0, 5.1, 5.1), ["throughput.much_slower"]),
        ((9.0, 9.0, 1.5), []),
        ((9.0, 0.5, 9.0), []),
        ((0.01, 0.01, 0.01), ["throughput.faster"]),
        ((0.01, 0.06, 0.01), []),
        ((9.0, 0.01, 9.0), []),
    ],
)
def test_only_what_every_run_says_is_told(tmp_path: Path, seconds: tuple[float, ...], expected: list[str]) -> None:
    timed, runs = judged(tmp_path, *seconds)
    assert rules(timed) == expected
    assert runs.asked == [{}, {"repetition": "1"}, {"repetition": "2"}]


def test_a_slowdown_is_told_in_times_with_the_baseline_behind_it(tmp_path: Path) -> None:
    timed, _ = judged(tmp_path, 2.0, 2.0, 2.0)
    (finding,) = timed.findings
    assert finding.where == "perf/base.json#/commands/run"
    assert (finding.expected, finding.observed) == ("at most 3 times the recorded time", "4.0 times")
    assert timed.parameters["recorded"] == {
        "units": 50.0,
        "at": "2026-11-20",
        "by": "night desk",
        "machine": "2 cores, idle",
    }
    assert [subject.name for subject in timed.subjects] == ["perf/base.json"]


def test_high_effort_runs_again_even_where_all_is_well(tmp_path: Path) -> None:
    timed, runs = judged(tmp_path, 0.5, 0.5, 0.6, thorough=True)
    assert rules(timed) == []
    assert len(runs.asked) == 3
    assert timed.observations["factors"] == [1.0, 1.0, 1.2]


def test_a_machine_that_is_slow_all_over_is_no_slow_command(tmp_path: Path) -> None:
    timed, _ = judged(tmp_path, 5.0, one=lambda: 0.1)
    assert rules(timed) == []


def test_each_repetition_is_held_against_the_units_beside_it(tmp_path: Path) -> None:
    units = iter([0.01, 0.01, 0.09, 0.01])
    timed, _ = judged(tmp_path, 9.0, 2.0, 9.0, one=lambda: next(units))
    assert timed.observations["samples"] == [
        {"seconds": 9.0, "unit": 0.01},
        {"seconds": 2.0, "unit": 0.05},
        {"seconds": 9.0, "unit": 0.05},
    ]
    assert rules(timed) == []


@settings(max_examples=50, deadline=None)
@given(st.floats(0.06, 1.4), st.floats(0.06, 1.4))
def test_within_the_band_the_judgement_has_the_same_bytes_whatever_was_measured(
    tmp_path_factory: pytest.TempPathFactory, first: float, second: float
) -> None:
    root = tmp_path_factory.getbasetemp()
    one, other = (
        canonical_bytes({"findings": rules(judged(root, seconds)[0]), **judged(root, seconds)[0].parameters})
        for seconds in (first, second)
    )
    assert one == other


def test_a_gate_is_judged_by_its_newest_record(tmp_path: Path) -> None:
    section = replace(SECTION, gates=("events",), latest="perf/latest.json")
    write(tmp_path, BASE)
    expected = {20.0: [], 60.0: [], 61.0: ["throughput.slower"], 201.0: ["throughput.much_slower"]}
    for units, told in {**expected, 1.9: ["throughput.faster"]}.items():
        write(tmp_path, replace(BASE, gates={"events": units}), "perf/latest.json")
        heard = judge_gate(section, "events", tmp_path)
        assert rules(heard) == told
        assert [subject.name for subject in heard.subjects] == ["perf/base.json", "perf/latest.json"]
    with pytest.raises(Judged) as raised:
        judge_gate(section, "data", tmp_path)
    assert raised.value.finding.rule == "throughput.no_value"


GOOD = json.loads(text_of(BASE))


@pytest.mark.parametrize(
    ("document", "where", "rule"),
    [
        (None, "b.json", "throughput.no_baseline"),
        (b"", "b.json:1", "json.syntax"),
        ([], "b.json", "throughput.value"),
        ({**GOOD, "format": "other"}, "b.json#/format", "throughput.other_unit"),
        ({**GOOD, "unit": "seconds"}, "b.json#/unit", "throughput.other_unit"),
        ({**GOOD, "by": "  "}, "b.json#/by", "throughput.custody"),
        ({**GOOD, "by": None}, "b.json#/by", "throughput.custody"),
        ({**GOOD, "recorded_at": "lately"}, "b.json#/recorded_at", "throughput.custody"),
        ({key: value for key, value in GOOD.items() if key != "machine"}, "b.json#/machine", "throughput.custody"),
        ({**GOOD, "commands": []}, "b.json#/commands", "throughput.value"),
        ({**GOOD, "commands": {"run": 0}}, "b.json#/commands/run", "throughput.value"),
        ({**GOOD, "commands": {"run": -1.0}}, "b.json#/commands/run", "throughput.value"),
        ({**GOOD, "commands": {"run": True}}, "b.json#/commands/run", "throughput.value"),
        ({**GOOD, "gates": {"events": "20"}}, "b.json#/gates/events", "throughput.value"),
        (text_of(BASE).replace("50.0", "NaN").encode(), "b.json#/commands/run", "json.not_finite"),
        (text_of(BASE).replace("50.0", "1e999").encode(), "b.json#/commands/run", "json.not_finite"),
    ],
)
def test_a_record_that_cannot_be_held_to_is_told(tmp_path: Path, document: Any, where: str, rule: str) -> None:
    if document is not None:
        write(tmp_path, document, "b.json")
    with pytest.raises(Judged) as raised:
        read(tmp_path / "b.json", "b.json")
    assert raised.value.finding.rule == rule
    assert raised.value.finding.where.partition(":")[0] == where.partition(":")[0]


times = st.dictionaries(st.text(st.characters(codec="ascii", categories=["L"]), min_size=1), st.floats(1e-6, 1e9))


@settings(max_examples=40, deadline=None)
@given(times, times)
def test_a_record_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, commands: dict[str, float], gates: dict[str, float]
) -> None:
    root = tmp_path_factory.getbasetemp()
    recorded = RecordedTimes(CUSTODY, commands, gates)
    write(root, recorded, "record.json")
    assert read(root / "record.json", "record.json") == recorded


def test_recording_takes_the_median_of_runs_each_with_its_own_units() -> None:
    units, seconds = iter([1.0, 1.0, 3.0, 1.0]), {1: 5.0, 2: 10.0, 3: 100.0}
    samples = samples_of(seconds.__getitem__, lambda: next(units), 3)
    assert samples == [Sample(5.0, 1.0), Sample(10.0, 2.0), Sample(100.0, 2.0)]
    assert record(CUSTODY, {"run": samples}, {"data": 1.23456}) == RecordedTimes(CUSTODY, {"run": 5.0}, {"data": 1.235})


def test_the_times_of_gates_come_from_pytests_own_report(tmp_path: Path) -> None:
    report = tmp_path / "times.xml"
    cases = "".join(
        f'<testcase classname="gates.test_{gate}" name="x" time="{took}"/>'
        for gate, took in [("events", "0.25"), ("events", "0.75"), ("data", "0.5"), ("e2", "0")]
    )
    report.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    assert gates_of(report, 0.5) == {"data": 1.0, "events": 2.0}
    report.write_text("<testsuites>")
    with pytest.raises(Judged, match="report written by pytest"):
        gates_of(report, 0.5)


def test_the_unit_is_always_the_same_work() -> None:
    digest, total, first = unit.workload()
    assert digest == "90ab403f163de23625e0730b8587e8d89f8221633f054288838086cb25dcbef2"
    assert (total, first) == (11257852911.0, 977)


def test_the_unit_is_a_median_and_leaves_the_collector_as_it_was() -> None:
    ticks = iter([0, 5, 0, 1, 0, 2, 0, 900, 0, 3, 0, 4, 0, 6, 0, 0, 0, 9])
    was = gc.isenabled()
    assert unit.median_round(lambda: next(ticks)) == 4
    assert gc.isenabled() is was


def test_the_unit_is_measured_apart_and_is_a_time() -> None:
    assert 0 < unit.measure() < 5


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Slower(Decimal(1), Decimal(2)), "1 < good <= bad"),
        (lambda: Slower(Decimal(5), Decimal(4)), "1 < good <= bad"),
        (lambda: replace(SECTION, commands=()), "both empty"),
        (lambda: replace(SECTION, gates=("events",)), "go together"),
        (lambda: replace(SECTION, latest="x.json"), "go together"),
    ],
)
def test_a_section_that_proves_nothing_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_all_problems_of_a_section_are_reported_with_their_keys() -> None:
    table = {"baseline": "*.json", "latest": "../x.json", "commands": ["run", "run"], "gates": ["e2"], "repeat": 0}
    _, problems = bind(ThroughputSection, table, "throughput")
    keys = ["baseline", "commands", "latest", "repeat"]
    assert sorted(str(problem).split(":")[0] for problem in problems) == [f"throughput.{key}" for key in keys]
    _, problems = bind(ThroughputSection, {"baseline": "a.json", "commands": []}, "throughput")
    assert [str(problem) for problem in problems] == [
        "throughput.commands: commands and gates are both empty; name what is timed"
    ]


def test_each_command_and_gate_is_a_check() -> None:
    section = replace(SECTION, commands=("run", "keep"), gates=("e2", "data"), latest="x.json")
    assert timed_commands(section) == ["keep", "run"]
    assert timed_gates(section) == ["data", "e2"]
