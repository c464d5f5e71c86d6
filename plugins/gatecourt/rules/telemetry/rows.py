"""A log judged row by row: the same whether all its lines are there or come one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, Protocol

from gatecourt.core.model import Finding, Json
from gatecourt.formats.finding_groups import FindingGroups
from gatecourt.formats.json_equality import same
from gatecourt.formats.pointer import ABSENT
from gatecourt.mechanisms.bands.section import Statistic
from gatecourt.rules.telemetry.fields import Fields, shown
from gatecourt.rules.telemetry.metrics import MetricTallies
from gatecourt.rules.telemetry.ordering import Succession
from gatecourt.rules.telemetry.row import CsvLines, JsonLines, Row
from gatecourt.rules.telemetry.row_pointer import getter
from gatecourt.rules.telemetry.section import JudgedRows, LogSection
from gatecourt.rules.telemetry.summary import Digest, Summary
from gatecourt.rules.telemetry.thresholds import ThresholdRule

if TYPE_CHECKING:
    from jsonschema_rs import Validator


Aspect = Literal["rows", "identity", "judged", "thresholds"]
ASPECTS: tuple[Aspect, ...] = ("rows", "identity", "judged", "thresholds")

_MOST_FINDINGS = 20
"""Findings of one aspect that are kept as they are."""


class Follower(Protocol):
    """Something that looks at the judged rows of the run that counts."""

    def take(self, row: Row) -> None:
        """Look at a judged row."""

    def restart(self) -> None:
        """Forget all rows: another run begins."""


@dataclass(frozen=True)
class LogReport:
    """A log after its last line.

    ``rows`` and ``judged`` count those of the last run, ``lines`` all. ``undermined`` are the findings after which
    the log is no whole run to judge; ``closing`` those that only the end of the log showed. ``metrics`` are of the
    judged rows, ``faults`` what a metric under a band has in the place of a number.
    """

    name: str
    lines: int
    rows: int
    judged: int
    runs: int
    findings: Mapping[Aspect, tuple[Finding, ...]]
    undermined: tuple[Finding, ...]
    closing: tuple[Finding, ...]
    metrics: MetricTallies
    faults: Mapping[str, tuple[Finding, ...]]
    thresholds: Mapping[str, Json]
    summary: Summary

    def about(self, aspect: Aspect) -> tuple[Finding, ...]:
        """The findings of one aspect, with those after which it cannot be judged, each once."""
        return tuple(dict.fromkeys((*self.findings[aspect], *self._basis(aspect))))

    def _basis(self, aspect: Aspect) -> tuple[Finding, ...]:
        if aspect in ("judged", "thresholds"):
            return self.undermined
        return tuple(one for one in self.undermined if one.rule in _NOTHING)

    def value(self, metric: str, statistic: Statistic) -> Fraction | None:
        """A banded metric over the judged rows; None where it cannot be had, or where one row has no number for it."""
        return None if self.faults.get(metric) else self.metrics.value(metric, statistic)

    def every(self) -> tuple[Finding, ...]:
        """The findings of all aspects, each once."""
        return tuple(dict.fromkeys(finding for aspect in ASPECTS for finding in self.about(aspect)))


_NOTHING = ("telemetry.empty_log", "telemetry.no_row")


class RowJudge:
    """Takes the lines of one log and reports what is wrong as soon as it shows.

    ``name`` is what findings call the log; ``schema`` is the compiled schema of a row, for a log that has one;
    ``followers`` look at judged rows as well. Memory does not grow with the log.
    """

    def __init__(
        self, name: str, log: LogSection, schema: Validator | None = None, followers: Iterable[Follower] = ()
    ) -> None:
        self.name = name
        self.log = log
        self.lines = self.rows = self.judged = 0
        self._reader = JsonLines(name) if log.format == "jsonl" else CsvLines(name, log.texts)
        self._fields = Fields(log, schema)
        self._succession = Succession(log.identity)
        self._mode = _Mode(log.judged)
        self._thresholds = [ThresholdRule(key, one) for key, one in log.thresholds.items()]
        self._metrics = MetricTallies(log.bands)
        self._faults: dict[str, list[Finding]] = {}
        self._digest = Digest(log)
        self._followers = tuple(followers)
        self._found = {aspect: FindingGroups(_MOST_FINDINGS) for aspect in ASPECTS}
        self._several: list[Finding] = []

    def feed(self, line: int, data: bytes) -> tuple[Finding, ...]:
        """Judge line number ``line`` (from 1), its newline included; give what is wrong with it."""
        self.lines += 1
        read = self._reader.read(line, data)
        if isinstance(read, Finding):
            self._succession.blind()
            return self._add("rows", (read,))
        if isinstance(read, str):
            if read == "header again":
                self._succession.header()
            return ()
        return self._row(read)

    def _row(self, row: Row) -> tuple[Finding, ...]:
        shape = tuple(self._fields.take(row))
        found = self._add("rows", shape) if shape else ()
        begins, findings = self._succession.take(row)
        if findings:
            found += self._add("identity", findings)
            self._several += [one for one in findings if one.rule == "telemetry.several_runs"][:1]
        if begins:
            self._restart()
        self.rows += 1
        judged, finding = self._mode.take(row)
        if finding is not None:
            found += self._add("judged", (finding,))
        for threshold in self._thresholds:
            if (broken := threshold.take(row, judged)) is not None:
                found += self._add("thresholds", (broken,))
        self._digest.take(row, judged)
        if judged:
            self._count(row)
        return found

    def _count(self, row: Row) -> None:
        self.judged += 1
        for metric, finding in self._metrics.take(row):
            kept = self._faults.setdefault(metric, [])
            if len(kept) < _FAULTS:
                kept.append(finding)
        for follower in self._followers:
            follower.take(row)

    def _restart(self) -> None:
        self.rows = self.judged = 0
        self._metrics.restart()
        self._faults = {}
        self._digest.restart()
        for threshold in self._thresholds:
            threshold.restart()
        for follower in self._followers:
            follower.restart()
        if not self._succession.mixed:  # where runs cannot be separated, the earlier one may be the one that counts
            self._found["judged"] = FindingGroups(_MOST_FINDINGS)
            self._found["thresholds"] = FindingGroups(_MOST_FINDINGS)

    def _add(self, aspect: Aspect, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        added = tuple(findings)
        self._found[aspect].extend(added)
        return added

    def close(self) -> LogReport:
        """What the whole log comes to. The judge can go on to be fed afterwards: a closing changes nothing."""
        undermined = tuple(self._basis())
        ending = () if undermined else tuple(one for rule in self._thresholds for one in rule.close(self.name))
        findings = {aspect: self._found[aspect].findings() for aspect in ASPECTS}
        findings["thresholds"] += ending
        return LogReport(
            name=self.name,
            lines=self.lines,
            rows=self.rows,
            judged=self.judged,
            runs=self._succession.runs,
            findings=findings,
            undermined=undermined,
            closing=(*(one for one in undermined if one not in self._several), *ending),
            metrics=self._metrics,
            faults={metric: tuple(found) for metric, found in self._faults.items()},
            thresholds={rule.name: rule.as_json() for rule in self._thresholds},
            summary=self._digest.summary(self.name, self.rows, self.judged),
        )

    def _basis(self) -> Iterable[Finding]:
        """Findings after which the log is no whole run to judge."""
        minimum = self.log.judged.minimum
        if not self.lines:
            yield Finding(self.name, "at least one row", "an empty file", "telemetry.empty_log")
        elif not self._succession.runs:
            yield Finding(self.name, "at least one row", "none that can be read", "telemetry.no_row")
        elif not self.judged:
            yield Finding(self.name, f"{self._mode.words}, at least {minimum}", "none", "telemetry.no_judged_row")
        elif self.judged < minimum:
            yield Finding(self.name, f"{self._mode.words}, at least {minimum}", str(self.judged), "telemetry.too_few")
        yield from self._several[:1]


_FAULTS = 5


class _Mode:
    """Which rows count."""

    def __init__(self, judged: JudgedRows) -> None:
        self._name = judged.pointer
        self._get = None if judged.pointer is None else getter(judged.pointer)
        self._equals = judged.equals
        self.words = "rows" if judged.pointer is None else f"rows with {judged.pointer} = {shown(judged.equals)}"

    def take(self, row: Row) -> tuple[bool, Finding | None]:
        """Whether a row counts, and what keeps one from knowing."""
        if self._get is None or self._name is None:
            return True, None
        found = self._get(row.value)
        if found is ABSENT or found is None:
            return False, Finding(row.at(self._name), "the mode of the row", shown(found), "telemetry.mode_missing")
        return same(found, self._equals), None
