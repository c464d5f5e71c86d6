"""Values of an artefact against the thresholds that it declares itself."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from typing import TypeAlias

from gatecourt.core.model import Finding, Json
from gatecourt.formats import pointer
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.json_equality import same
from gatecourt.rules.e2.section import SchemaRule

Number: TypeAlias = int | float
Compare: TypeAlias = Callable[[Number, Number], bool]


def thresholds(document: Json, place: str, rule: SchemaRule) -> Iterator[Finding]:
    """Values of ``document`` that break its own thresholds, sorted by kind and pointer; a value equal to one passes.

    A value or threshold that is absent or not a finite number (``true`` is not one) is a finding.
    """
    for value, limit in sorted(rule.at_most.items()):
        yield from _bound(document, place, (value, limit), "at most", operator.le)
    for value, limit in sorted(rule.at_least.items()):
        yield from _bound(document, place, (value, limit), "at least", operator.ge)
    for value, other in sorted(rule.equals.items()):
        yield from _equal(document, place, value, other)


def _bound(document: Json, place: str, pair: tuple[str, str], words: str, holds: Compare) -> Iterator[Finding]:
    value, limit = (_number(document, place, at) for at in pair)
    faults = [part for part in (value, limit) if isinstance(part, Finding)]
    yield from faults
    if not isinstance(value, Finding) and not isinstance(limit, Finding) and not holds(value, limit):
        expected = f"{words} {excerpt(limit)} ({pair[1]})"
        yield Finding(f"{place}#{pair[0]}", expected, excerpt(value), "e2.threshold_broken")


def _number(document: Json, place: str, at: str) -> Number | Finding:
    where = f"{place}#{at}"
    try:
        value = pointer.get(document, at)
    except KeyError:
        return Finding(where, "a number", "absent", "e2.threshold_absent")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        observed = "null (a NaN written as JSON?)" if value is None else excerpt(value)
        return Finding(where, "a finite number", observed, "e2.threshold_no_number")
    return value


def _equal(document: Json, place: str, value: str, other: str) -> Iterator[Finding]:
    found: list[Json] = []
    for at in (value, other):
        try:
            found.append(pointer.get(document, at))
        except KeyError:
            yield Finding(f"{place}#{at}", "a value", "absent", "e2.threshold_absent")
    if len(found) == 2 and not same(found[0], found[1]):
        yield Finding(f"{place}#{value}", f"{excerpt(found[1])} ({other})", excerpt(found[0]), "e2.threshold_broken")
