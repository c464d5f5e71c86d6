"""The numbers of a manifest: finite, not boolean, whole if they count something, within the declared ranges."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.formats.decimals import number
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.finding_groups import bounded
from gatecourt.formats.pointer import join
from gatecourt.rules.affordances.reading import ManifestEntry, read_manifests
from gatecourt.rules.affordances.section import AffordancesSection, NumberRange

_MOST_FINDINGS = 100


def judge_numbers(section: AffordancesSection, root: Path) -> Judgement:
    """Durations, effects, stocks and positions are valid numbers within their ranges.

    Rules: ``affordances.number``, ``affordances.duration``, ``affordances.range``, ``affordances.no_effect``.
    """
    manifests = read_manifests(section, root)
    findings = list(manifests.findings)
    for entry in manifests.affordances():
        findings += _duration(entry, section.ranges.duration)
        findings += _effects(entry, section)
    for entry in manifests.objects():
        findings += _counts(entry)
    parameters: dict[str, Json] = {
        "duration": str(section.ranges.duration),
        "effect": str(section.ranges.effect),
        "effects": {need: str(own) for need, own in sorted(section.ranges.effects.items())},
    }
    return Judgement(manifests.subjects, tuple(bounded(findings, _MOST_FINDINGS)), parameters)


def _duration(entry: ManifestEntry, allowed: NumberRange) -> Iterator[Finding]:
    where = f"{entry.where}/duration"
    if "duration" not in entry.value:
        yield Finding(where, "a whole number of ticks", "absent", "affordances.duration")
        return
    value = number(entry.value["duration"])
    if value is None:
        yield _not_a_number(where, entry.value["duration"])
    elif value != value.to_integral_value() or value < 1:
        yield Finding(where, "a whole number of ticks, 1 or more", str(value), "affordances.duration")
    else:
        yield from _within(where, value, allowed)


def _effects(entry: ManifestEntry, section: AffordancesSection) -> Iterator[Finding]:
    effects = entry.value.get("effects")
    if not isinstance(effects, dict) or not effects:
        observed = excerpt(effects) if "effects" in entry.value else "absent"
        yield Finding(f"{entry.where}/effects", "at least one effect", observed, "affordances.no_effect")
        return
    for need, raw in sorted(effects.items()):
        where = entry.where + join(["effects", need])
        value = number(raw)
        if value is None:
            yield _not_a_number(where, raw)
        else:
            yield from _within(where, value, section.ranges.effects.get(need, section.ranges.effect))


def _counts(entry: ManifestEntry) -> Iterator[Finding]:
    """A stock holds counts; a position is two whole numbers."""
    stock = entry.value.get("stock", {})
    if not isinstance(stock, dict):
        yield Finding(f"{entry.where}/stock", "a table of counts", excerpt(stock), "affordances.number")
    else:
        for name, raw in sorted(stock.items()):
            if not _is_whole(raw) or raw < 0:
                where = entry.where + join(["stock", name])
                yield Finding(where, "a whole number, 0 or more", excerpt(raw), "affordances.number")
    position = entry.value.get("position", [0, 0])
    if not isinstance(position, list) or len(position) != 2 or not all(map(_is_whole, position)):
        yield Finding(f"{entry.where}/position", "two whole numbers", excerpt(position), "affordances.number")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _not_a_number(where: str, value: Any) -> Finding:
    return Finding(where, "a finite number", excerpt(value), "affordances.number")


def _within(where: str, value: Decimal, allowed: NumberRange) -> Iterator[Finding]:
    if not allowed.holds(value):
        yield Finding(where, f"from {allowed}", str(value), "affordances.range")
