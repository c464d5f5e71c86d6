"""One metric of a run compared with its recorded baseline, with its findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from gatecourt.core.model import Finding, Json
from gatecourt.formats import pointer
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.bands import figures
from gatecourt.mechanisms.bands.baseline import Baseline, RecordedMetric
from gatecourt.mechanisms.bands.noise import FEWEST_RUNS, Noise, measure, moved
from gatecourt.mechanisms.bands.placement import BandOutcome, Placement, place
from gatecourt.mechanisms.bands.section import Band, BaselineSection


@dataclass(frozen=True, slots=True)
class Held:
    """A metric, where it lies, and its findings; ``rows`` counts the judged rows that it was made of."""

    name: str
    placement: Placement
    rows: int
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Json]:
        """The three parts side by side, as evidence stores them."""
        return {**self.placement.as_json(), "rows": self.rows}


def hold(
    name: str,
    where: str,
    value: Fraction | Finding | None,
    rows: int,
    band: Band,
    section: BaselineSection,
    baseline: Baseline,
) -> Held:
    """The metric ``name`` of a run, the band's statistic over ``rows`` judged rows, held against its baseline.

    ``where`` is its place in the run; a ``Finding`` in place of the value says why there is none. Rules:
    ``band.too_few_samples``, ``band.other_statistic``, those of ``bands.place`` and of ``noise_of``.
    """
    at = f"{section.file}#/metrics{pointer.join((name,))}"
    recorded = baseline.metrics.get(name)
    base = None if recorded is None else recorded.value
    problem = value if isinstance(value, Finding) else _unfit(where, rows, band, at, recorded)
    if problem is not None:
        known = None if isinstance(value, Finding) else value
        return Held(name, Placement(BandOutcome.UNKNOWN, problem.rule, band, known, base), rows, (problem,))
    noise, contradiction = noise_of(name, section, baseline)
    placed = place(value, base, band, noise)
    findings = [found for found in (placed.finding(where, at), contradiction) if found is not None]
    return Held(name, placed, rows, tuple(findings))


def _unfit(where: str, rows: int, band: Band, at: str, recorded: RecordedMetric | None) -> Finding | None:
    """Why the statistic is not to be held against what was recorded."""
    if 0 < rows < band.fewest:
        expected = f"at least {band.fewest} judged rows"
        return Finding(where, expected, str(rows), "band.too_few_samples")
    if recorded is not None and recorded.statistic != band.statistic:
        expected = f"the {band.statistic}, as in the manifest"
        return Finding(f"{at}/statistic", expected, excerpt(recorded.statistic), "band.other_statistic")
    return None


def statistic_of(where: str, values: Sequence[object], band: Band) -> Fraction | Finding:
    """The band's statistic over a metric's value in each judged row, None for a row without it.

    Rules: ``band.metric_missing``, ``band.not_finite``, ``band.too_few_samples``.
    """
    absent = sum(value is None for value in values)
    if not values or absent:
        observed = f"absent in {absent} of {figures.counted(len(values), 'judged row')}" if values else "no judged row"
        return Finding(where, "the metric in every judged row", observed, "band.metric_missing")
    numbers = [figures.fraction(value) for value in values]
    known = [number for number in numbers if number is not None]
    if len(known) < len(values):
        bad = values[numbers.index(None)]
        return Finding(where, "finite numbers", str(bad) if _is_number(bad) else excerpt(bad), "band.not_finite")
    if len(values) < band.fewest:
        return Finding(where, f"at least {band.fewest} judged rows", str(len(values)), "band.too_few_samples")
    return figures.statistic(band.statistic, known)


def _is_number(value: object) -> bool:
    return not isinstance(value, (str, bool, list, dict))


def noise_of(name: str, section: BaselineSection, baseline: Baseline) -> tuple[Noise | None, Finding | None]:
    """The noise of a metric, None where fewer than 20 runs were measured, and whether it contradicts the baseline.

    Rule: ``band.noise_moved``, where the calibrated runs are not those of the system that was recorded.
    """
    samples = () if baseline.noise is None else baseline.noise.samples.get(name, ())
    recorded = baseline.metrics.get(name)
    if len(samples) < FEWEST_RUNS or recorded is None:
        return None, None
    averaged = len(recorded.samples)
    where = f"{section.file}#/noise/samples{pointer.join((name,))}"
    if len(set(samples)) == 1 < len(set(recorded.samples)):
        alike = Finding(where, "runs that differ, as those of the baseline do", "equal runs", "band.noise_moved")
        return measure(samples, section.confidence, averaged), alike
    if not moved(samples, recorded.value, averaged):
        return measure(samples, section.confidence, averaged), None
    expected = f"runs whose mean is that of the baseline, {figures.shown(recorded.value)}"
    observed = f"a mean of {figures.shown(figures.mean(samples))}"
    return measure(samples, section.confidence, averaged), Finding(where, expected, observed, "band.noise_moved")
