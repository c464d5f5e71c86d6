"""Bounds of single metrics, held against each row as it comes or, in the end, against what all of them make."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from gatecourt.core.model import Finding, Json
from gatecourt.formats.decimals import number
from gatecourt.formats.pointer import ABSENT
from gatecourt.mechanisms.bands.figures import shown as figure
from gatecourt.rules.telemetry.counters import Tally
from gatecourt.rules.telemetry.fields import shown
from gatecourt.rules.telemetry.row import Row
from gatecourt.rules.telemetry.row_pointer import getter, pointer_of
from gatecourt.rules.telemetry.section import Threshold, metric_of


class ThresholdRule:
    """One threshold over the rows of a run."""

    def __init__(self, name: str, threshold: Threshold) -> None:
        self.name = name
        self.threshold = threshold
        self.metric = metric_of(name, threshold)
        self._get = getter(self.metric)
        self._each = threshold.statistic == "each"
        low, high = threshold.at_least, threshold.at_most
        self._low = None if low is None else float(low)
        self._high = None if high is None else float(high)
        self._tally = Tally()
        self.numbers = 0

    def restart(self) -> None:
        """Forget the rows so far: another run begins."""
        self._tally = Tally()
        self.numbers = 0

    def take(self, row: Row, judged: bool) -> Finding | None:
        """What is wrong with the metric in a row; ``judged`` says whether the row is in the judged mode."""
        if not judged and self.threshold.scope == "judged":
            return None
        value = self._get(row.value)
        if self._each and type(value) is float and self._clearly_kept(value):
            self.numbers += 1
            return None
        if value is ABSENT or value is None:
            if value is None and self.threshold.nullable:
                return None
            return Finding(row.at(self.metric), "a finite number", shown(value), "telemetry.metric_missing")
        exact = number(value)
        if exact is None:
            return Finding(row.at(self.metric), "a finite number", shown(value), "telemetry.metric_not_a_number")
        self.numbers += 1
        measured = exact.copy_abs() if self.threshold.absolute else exact
        if not self._each:
            self._tally.add(measured)
            return None
        broken = not self._keeps(measured)
        observed = figure(Fraction(measured), 17)
        return Finding(row.at(self.metric), self.expected, observed, "telemetry.threshold") if broken else None

    def close(self, name: str) -> Iterator[Finding]:
        """What is wrong with the metric of a run that has ended, in the log ``name``."""
        where = f"{name}#{pointer_of(self.metric)}"
        kind = self.threshold.statistic
        if not self.numbers:
            yield Finding(where, "at least one row with a number", "none", "telemetry.metric_missing")
        elif kind != "each":
            value = self._tally.statistic(kind)
            if value is None:
                yield Finding(where, "at least two rows with a number", "one", "telemetry.too_few")
            elif not self._keeps(value):
                observed = f"{figure(value)}, the {kind} of {self.numbers} rows"
                yield Finding(where, self.expected, observed, "telemetry.threshold")

    @property
    def expected(self) -> str:
        """The bounds as people write them."""
        low, high = self.threshold.at_least, self.threshold.at_most
        parts = [f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None)
        kind = "" if self._each else f"the {self.threshold.statistic} of "
        return f"{kind}{'the size of ' * self.threshold.absolute}{self.metric} {' and '.join(parts)}"

    def as_json(self) -> Json:
        """The bounds as evidence stores them, with the number of values that were held against them."""
        bounds = {"at_least": self.threshold.at_least, "at_most": self.threshold.at_most}
        given: dict[str, Json] = {key: str(bound) for key, bound in bounds.items() if bound is not None}
        return {**given, "statistic": self.threshold.statistic, "scope": self.threshold.scope, "values": self.numbers}

    def _clearly_kept(self, value: float) -> bool:
        # Rounding a bound to a double keeps its order: a double strictly inside the rounded bound is inside the bound.
        # A NaN or an infinity is inside nothing here, and is then read exactly.
        measured = abs(value) if self.threshold.absolute else value
        low, high = self._low, self._high
        return (-_WIDE if low is None else low) < measured < (_WIDE if high is None else high)

    def _keeps(self, value: Decimal | Fraction) -> bool:
        low, high = self.threshold.at_least, self.threshold.at_most
        exact = Fraction(value)
        return (low is None or exact >= Fraction(low)) and (high is None or exact <= Fraction(high))


_WIDE = 1e308
