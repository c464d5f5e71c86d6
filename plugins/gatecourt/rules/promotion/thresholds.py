"""Thresholds that a run reports, held against the release's own file: a run compared with itself always agrees."""

from __future__ import annotations

from collections.abc import Iterator

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding
from gatecourt.core.protocols import Target
from gatecourt.formats.json_value import JsonValue
from gatecourt.formats.pointer import split
from gatecourt.rules.promotion.comparison import differences, leaves_of, told
from gatecourt.rules.promotion.reading import Inquiry, noted
from gatecourt.rules.promotion.release_section import ThresholdsSection, covers


def judge_thresholds(section: ThresholdsSection, target: Target) -> Judgement:
    """Every threshold stands on both sides with one value.

    Rules: ``promotion.threshold_differs``, ``.threshold_unpaired``, ``.missing``, those of reading.
    """
    inquiry = Inquiry(target)
    reported, release = inquiry.node(section.reported), inquiry.node(section.release)
    for here, there in sorted(section.pairs.items()):
        with noted(inquiry.told):
            inquiry.told += _compared(reported.node(here), release.node(there))
    inquiry.told += _unpaired(reported, [*section.pairs])
    inquiry.told += _unpaired(release, [*section.pairs.values(), *section.not_reported])
    inquiry.parameters["thresholds"] = len(leaves_of(reported.value))
    return inquiry.judgement()


def _compared(here: JsonValue, there: JsonValue) -> Iterator[Finding]:
    one, other = leaves_of(there.value), leaves_of(here.value)
    for place, _ in differences(one, other):
        expected = f"{told(one, place)}, as in {there.where}{place}"
        yield Finding(f"{here.where}{place}", expected, told(other, place), "promotion.threshold_differs")


def _unpaired(node: JsonValue, places: list[str]) -> Iterator[Finding]:
    found = leaves_of(node.value)
    for place, (steps, _) in sorted(found.items()):
        if not any(split(pattern) == () or covers(pattern, steps) for pattern in places):
            expected = "a counterpart, declared in promotion.thresholds"
            yield Finding(f"{node.file}#{node.at}{place}", expected, told(found, place), "promotion.threshold_unpaired")
