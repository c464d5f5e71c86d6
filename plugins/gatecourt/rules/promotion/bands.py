"""The log of a candidate's training, held against the bands and bounds that a promotion asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.core.protocols import Target
from gatecourt.formats.decimals import words
from gatecourt.mechanisms.bands.baseline import Baseline
from gatecourt.mechanisms.bands.figures import fraction, mean, shown, variance
from gatecourt.mechanisms.bands.placement import place
from gatecourt.rules.promotion.bands_section import BandsSection
from gatecourt.rules.telemetry.banding import hold_metric, read_baseline
from gatecourt.rules.telemetry.checks import run_of
from gatecourt.rules.telemetry.reading import find_log, follow, row_schema
from gatecourt.rules.telemetry.row import Row
from gatecourt.rules.telemetry.row_pointer import getter
from gatecourt.rules.telemetry.section import LogSection, TelemetrySection, Threshold


def judge_bands(section: BandsSection, telemetry: TelemetrySection | None, target: Target) -> Judgement:
    """The judged rows keep every band and bound.

    Rules: ``promotion.log_unknown``, ``.loss_rolling``, ``.loss_variance``, those of ``telemetry.`` for a log that
    cannot be judged and for ``telemetry.threshold``, those of ``band.``.
    """
    log = _log(section, telemetry)
    run = run_of(log, target)
    source = find_log(log, run, target.root)
    schema, documents = row_schema(log, target.root)
    losses = _Losses(section.metrics.loss)
    report = follow(source, log, schema, losses)
    reading = read_baseline(log, section.log, target)
    subjects = (source.subject, *documents, *([] if reading.subject is None else [reading.subject]))
    told = [*report.about("thresholds"), *reading.findings]
    metrics: dict[str, Json] = {}
    if reading.baseline is not None and not report.undermined:
        for metric in log.bands:
            held = hold_metric(log, report, metric, reading)
            told += held.findings
            metrics[metric] = held.as_json()
        told += _rolling(section, losses, reading.baseline)
    parameters: dict[str, Json] = {"judged_rows": report.judged, "rolling": section.rolling, "bands": metrics}
    return Judgement(subjects, tuple(dict.fromkeys(told)), {**parameters, "bounds": dict(report.thresholds)})


def _log(section: BandsSection, telemetry: TelemetrySection | None) -> LogSection:
    """The log under the bounds of the promotion in place of its own. Raises ``Judged`` (``promotion.log_unknown``)."""
    known = {} if telemetry is None else telemetry.log
    if section.log not in known:
        expected, observed = f"a declared [telemetry.log.{section.log}]", ", ".join(sorted(known)) or "none"
        raise Judged(Finding("promotion.bands.log", expected, observed, "promotion.log_unknown"))
    log, names = known[section.log], section.metrics
    baseline = section.baseline or log.baseline
    if baseline is None:
        expected = f"a baseline of the log {section.log}"
        raise Judged(Finding("promotion.bands.baseline", expected, "none", "promotion.log_unknown"))
    thresholds = {
        names.kl: Threshold(at_most=section.kl),
        names.gradient: Threshold(at_most=section.gradient),
        names.late_help: Threshold(at_least=section.late_help, statistic="mean"),
    }
    banded = {names.entropy: section.entropy, names.queue: section.queue, names.intensity: section.intensity}
    judged = replace(log.judged, minimum=max(log.judged.minimum, section.rolling))
    return replace(log, thresholds=thresholds, bands=banded, baseline=baseline, judged=judged)


@dataclass
class _Losses:
    """The loss of each judged row of the run that counts."""

    metric: str
    rows: list[tuple[str, Fraction | None]] = field(default_factory=list)

    def take(self, row: Row) -> None:
        self.rows.append((row.at(self.metric), fraction(getter(self.metric)(row.value))))

    def restart(self) -> None:
        self.rows = []


def _rolling(section: BandsSection, losses: _Losses, baseline: Baseline) -> Iterator[Finding]:
    """The first mean of so many rows that is not within the band, and the first variance that is too large."""
    bad = [where for where, value in losses.rows if value is None]
    if bad:
        yield Finding(bad[0], "a finite number", "none", "promotion.value")
        return
    rows = [(where, value) for where, value in losses.rows if value is not None]
    windows = [rows[end - section.rolling : end] for end in range(section.rolling, len(rows) + 1)]
    yield from _first(_means(section, windows, baseline))
    yield from _first(_variances(section, windows))


def _first(findings: Iterator[Finding]) -> Sequence[Finding]:
    found = next(findings, None)
    return [] if found is None else [found]


_Windows = Sequence[Sequence[tuple[str, Fraction]]]


def _means(section: BandsSection, windows: _Windows, baseline: Baseline) -> Iterator[Finding]:
    recorded = _recorded(section, baseline)
    if recorded is None:
        name = section.metrics.loss
        yield Finding("promotion.bands.baseline", f"the mean of {name}", "not recorded", "band.no_value")
        return
    for window in windows:
        where = window[-1][0]
        placed = place(mean([value for _, value in window]), recorded, section.loss)
        told = placed.finding(where, where)
        if told is not None:
            rule = _ROLLING.get(told.rule, told.rule)
            yield Finding(where, told.expected, f"{told.observed}; the mean of {len(window)} rows", rule)


_ROLLING: Mapping[str, str] = {"band.outside": "promotion.loss_rolling"}


def _recorded(section: BandsSection, baseline: Baseline) -> Fraction | None:
    metric = baseline.metrics.get(section.metrics.loss)
    return metric.value if metric is not None and metric.statistic == "mean" else None


def _variances(section: BandsSection, windows: _Windows) -> Iterator[Finding]:
    for window in windows:
        found = variance([value for _, value in window])
        if found > Fraction(section.loss_variance):
            expected = f"a variance of at most {words(section.loss_variance)} over {len(window)} rows"
            yield Finding(window[-1][0], expected, shown(found, 6), "promotion.loss_variance")
