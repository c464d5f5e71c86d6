"""Release and shadow run under one configuration, and the run says that it is that one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding
from gatecourt.core.protocols import Target
from gatecourt.formats.json_value import JsonValue
from gatecourt.rules.promotion.comparison import differences, leaves_of, same, told
from gatecourt.rules.promotion.config_inheritance import whole
from gatecourt.rules.promotion.reading import Inquiry, noted, word
from gatecourt.rules.promotion.release_section import ParitySection, covers


def judge_parity(section: ParitySection, target: Target) -> Judgement:
    """What must be equal is, what else differs is declared, and the run was configured as the release's file says.

    Rules: ``promotion.parity``, ``.config_differs``, ``.stated_differs``, ``.extends``, ``.missing``, those of
    reading.
    """
    inquiry = Inquiry(target)
    release, shadow = (whole(one, section.extends, inquiry) for one in (section.release, section.shadow))
    for place in section.equal:
        with noted(inquiry.told):
            inquiry.told += _equal(release, shadow, place)
    inquiry.told += _others(section, release, shadow)
    for stated in section.stated:
        with noted(inquiry.told):
            inquiry.told += _differs(inquiry.node(stated.document), release.node(stated.release))
    inquiry.parameters["may_differ"] = dict(sorted(section.may_differ.items()))
    inquiry.parameters["stated"] = len(section.stated)
    return inquiry.judgement()


def _equal(release: JsonValue, shadow: JsonValue, place: str) -> Iterator[Finding]:
    due, found = release.node(place), shadow.node(place)
    one, other = leaves_of(due.value), leaves_of(found.value)
    for inner, _ in differences(one, other):
        expected = f"{told(one, inner)}, as in {due.where}{inner}"
        yield Finding(f"{found.where}{inner}", expected, told(other, inner), "promotion.parity")


def _others(section: ParitySection, release: JsonValue, shadow: JsonValue) -> Iterator[Finding]:
    one, other = leaves_of(release.value), leaves_of(shadow.value)
    for place, steps in differences(one, other):
        if any(covers(pattern, steps) for pattern in (*section.equal, *section.may_differ)):
            continue
        expected = f"{told(one, place)}, as in {release.where}, or leave to differ"
        yield Finding(f"{shadow.file}#{shadow.at}{place}", expected, told(other, place), "promotion.config_differs")


def _differs(said: JsonValue, due: JsonValue) -> Iterator[Finding]:
    if not _same(said.value, due.value):
        expected = f"{word(due.value)}, as in {due.where}"
        yield Finding(said.where, expected, word(said.value), "promotion.stated_differs")


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list | dict) or isinstance(other, list | dict):
        return not list(differences(leaves_of(one), leaves_of(other)))
    return same(one, other)
