"""The log of a candidate's training, held against the bands and bounds that a promotion asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.core.protocols import Target
from gatecourt.formats.decimals import words
from gatecourt.mechanisms.bands.baseline import Baseline
from gatecourt.mechanisms.bands.figures import fraction, mean, shown, variance
from gatecourt.mechanisms.bands.placement import place
from gatecourt.rules.promotion.bands_section import BandsSection, RollingMetric
from gatecourt.rules.telemetry.banding import hold_metric, read_baseline
from gatecourt.rules.telemetry.checks import run_of
from gatecourt.rules.telemetry.reading import find_log, follow, row_schema
from gatecourt.rules.telemetry.row import Row
from gatecourt.rules.telemetry.row_pointer import getter
from gatecourt.rules.telemetry.section import LogSection, TelemetrySection


def judge_bands(section: BandsSection, telemetry: TelemetrySection | None, target: Target) -> Judgement:
    """The judged rows keep every band and bound.

    Rules: ``promotion.log_unknown``, ``.rolling_mean``, ``.rolling_variance``, those of ``telemetry.`` for a log that
    cannot be judged and for ``telemetry.threshold``, those of ``band.``.
    """
    log = _log(section, telemetry)
    run = run_of(log, target)
    source = find_log(log, run, target.root)
    schema, documents = row_schema(log, target.root)
    values = _Values(sorted(section.rolling))
    report = follow(source, log, schema, values)
    reading = read_baseline(log, section.log, target)
    subjects = (source.subject, *documents, *([] if reading.subject is None else [reading.subject]))
    told = [*report.about("thresholds"), *reading.findings]
    metrics: dict[str, Json] = {}
    if reading.baseline is not None and not report.undermined:
        for metric in log.bands:
            held = hold_metric(log, report, metric, reading)
            told += held.findings
            metrics[metric] = held.as_json()
        for metric, rolling in sorted(section.rolling.items()):
            told += _rolling(metric, rolling, values.rows.get(metric, []), reading.baseline)
    rows: dict[str, Json] = {metric: rolling.rows for metric, rolling in sorted(section.rolling.items())}
    parameters: dict[str, Json] = {"judged_rows": report.judged, "rolling": rows, "bands": metrics}
    return Judgement(subjects, tuple(dict.fromkeys(told)), {**parameters, "bounds": dict(report.thresholds)})


def _log(section: BandsSection, telemetry: TelemetrySection | None) -> LogSection:
    """The log under the bounds of the promotion in place of its own. Raises ``Judged`` (``promotion.log_unknown``)."""
    known = {} if telemetry is None else telemetry.log
    if section.log not in known:
        expected, observed = f"a declared [telemetry.log.{section.log}]", ", ".join(sorted(known)) or "none"
        raise Judged(Finding("promotion.bands.log", expected, observed, "promotion.log_unknown"))
    log = known[section.log]
    baseline = section.baseline or log.baseline
    if baseline is None:
        expected = f"a baseline of the log {section.log}"
        raise Judged(Finding("promotion.bands.baseline", expected, "none", "promotion.log_unknown"))
    fewest = max([log.judged.minimum, *(rolling.rows for rolling in section.rolling.values())])
    judged = replace(log.judged, minimum=fewest)
    return replace(log, thresholds=section.thresholds, bands=section.bands, baseline=baseline, judged=judged)


@dataclass
class _Values:
    """What the rolling metrics are in each judged row of the run that counts, with the place of each."""

    metrics: Sequence[str]
    rows: dict[str, list[tuple[str, Fraction | None]]] = field(default_factory=dict)

    def take(self, row: Row) -> None:
        for metric in self.metrics:
            value = fraction(getter(metric)(row.value))
            self.rows.setdefault(metric, []).append((row.at(metric), value))

    def restart(self) -> None:
        self.rows = {}


def _rolling(
    metric: str, rolling: RollingMetric, values: Sequence[tuple[str, Fraction | None]], baseline: Baseline
) -> Iterator[Finding]:
    """The first mean of so many rows that is not within the band, and the first variance that is too large."""
    bad = [where for where, value in values if value is None]
    if bad:
        yield Finding(bad[0], "a finite number", "none", "promotion.value")
        return
    rows = [(where, value) for where, value in values if value is not None]
    windows = [rows[end - rolling.rows : end] for end in range(rolling.rows, len(rows) + 1)]
    yield from islice(_means(metric, rolling, windows, baseline), 1)
    yield from islice(_variances(rolling, windows), 1)


_Windows = Sequence[Sequence[tuple[str, Fraction]]]


def _means(metric: str, rolling: RollingMetric, windows: _Windows, baseline: Baseline) -> Iterator[Finding]:
    recorded = baseline.metrics.get(metric)
    if recorded is None or recorded.statistic != "mean":
        yield Finding("promotion.bands.baseline", f"the mean of {metric}", "not recorded", "band.no_value")
        return
    for window in windows:
        where = window[-1][0]
        placed = place(mean([value for _, value in window]), recorded.value, rolling.band)
        finding = placed.finding(where, where)
        if finding is not None:
            rule = "promotion.rolling_mean" if finding.rule == "band.outside" else finding.rule
            yield Finding(where, finding.expected, f"{finding.observed}; the mean of {len(window)} rows", rule)


def _variances(rolling: RollingMetric, windows: _Windows) -> Iterator[Finding]:
    if rolling.variance_at_most is None:
        return
    for window in windows:
        found = variance([value for _, value in window])
        if found > Fraction(rolling.variance_at_most):
            expected = f"a variance of at most {words(rolling.variance_at_most)} over {len(window)} rows"
            yield Finding(window[-1][0], expected, shown(found, 6), "promotion.rolling_variance")
