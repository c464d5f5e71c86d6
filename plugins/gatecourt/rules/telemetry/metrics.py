"""Metrics over the judged rows of a run, for bands, baselines, soaks and comparisons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from gatecourt.core.model import Finding
from gatecourt.formats.decimals import number
from gatecourt.formats.pointer import ABSENT
from gatecourt.mechanisms.bands.section import Band, Statistic
from gatecourt.rules.telemetry.counters import Tally
from gatecourt.rules.telemetry.fields import shown
from gatecourt.rules.telemetry.row import Row
from gatecourt.rules.telemetry.row_pointer import getter


class MetricTallies:
    """Keeps a tally of each of some metrics. A value that is absent or no number is a finding and is never counted."""

    def __init__(self, metrics: Mapping[str, Band]) -> None:
        self._bands = metrics
        self._getters = [(name, getter(name)) for name in metrics]
        self.restart()

    def restart(self) -> None:
        """Forget the rows so far: another run begins."""
        self.tallies = {name: Tally(squared=band.statistic == "variance") for name, band in self._bands.items()}
        self.rows = 0

    def take(self, row: Row) -> Iterator[tuple[str, Finding]]:
        """Count a judged row; give each metric that the row has no number for, with why."""
        self.rows += 1
        for name, get in self._getters:
            value = get(row.value)
            # A double needs no further look: JSON has none that is not finite.
            exact = Decimal(repr(value)) if type(value) is float else number(value)
            if exact is not None:
                self.tallies[name].add(exact)
                continue
            rule = "band.metric_missing" if value is ABSENT or value is None else "band.not_finite"
            yield name, Finding(row.at(name), "a finite number", shown(value), rule)

    def value(self, name: str, statistic: Statistic) -> Fraction | None:
        """The statistic of a metric; None where it cannot be had."""
        return self.tallies[name].statistic(statistic)
