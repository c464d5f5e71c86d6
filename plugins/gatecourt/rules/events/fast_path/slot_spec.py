"""What one slot of a shape may hold, and the regular expression of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from gatecourt.formats.bounded_regex import PatternTooSlow, in_time
from gatecourt.rules.events.fast_path.number_regex import Bounds, numeral
from gatecourt.rules.events.fast_path.template import Slot, Steps

_QUANTIFIER = r"(?:[?*+]|\{[0-9]{1,4}(?:,[0-9]{0,4})?\})"
_MEMBER = r"(?:[A-Za-z0-9](?:-[A-Za-z0-9])?|[_.:/])"
_ATOM = rf"(?:[A-Za-z0-9_ :/=@#,-]|\\[.$+*?()/-]|\[{_MEMBER}+-?\])"
_TOKENS = re.compile(rf"(?P<open>\((?:\?:)?)|(?P<bar>\|)|(?P<close>\))(?:{_QUANTIFIER}(?![?*+{{]))?|"
                     rf"{_ATOM}(?:{_QUANTIFIER}(?![?*+{{]))?")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spec:
    """The values that one slot may hold: by its kind a literal, some members, a length, patterns or bounds."""

    literal: str | None = None
    members: frozenset[str] | None = None
    shortest: int = 0
    longest: int | None = None
    patterns: tuple[str, ...] = ()
    bounds: Bounds = field(default_factory=Bounds)


Specs: TypeAlias = Mapping[Steps, Spec]
FREE = Spec()


def expression(slot: Slot, spec: Spec) -> str | None:
    """The regular expression of a slot's text; None if it would match nothing."""
    if slot.kind == "null":
        return "null"
    if slot.kind == "boolean":
        return "(?:true|false)"
    if spec.literal is not None:
        return re.escape(spec.literal)
    fits = _number_fits if slot.kind == "number" else text_fits
    if spec.members is not None:
        fitting = sorted(member for member in spec.members if fits(member, spec))
        return f"(?:{'|'.join(map(re.escape, fitting))})" if fitting else None
    if slot.kind == "number":
        return numeral(spec.bounds)
    ahead = "".join(f'(?={pattern}")' for pattern in spec.patterns)
    return f'{ahead}[^"\\\\\\x00-\\x1f\\x7f-\\xff]{{{spec.shortest},{"" if spec.longest is None else spec.longest}}}+'


def text_fits(text: str, spec: Spec) -> bool:
    """Whether a text has the length and matches the patterns of the spec."""
    fits = spec.shortest <= len(text) and (spec.longest is None or len(text) <= spec.longest)
    return fits and all(_matches(pattern, text) for pattern in spec.patterns)


def _matches(pattern: str, text: str) -> bool:
    try:
        return in_time(lambda: re.fullmatch(pattern, text)) is not None
    except PatternTooSlow:
        return False  # lines with this text are judged the exact way


def _number_fits(text: str, spec: Spec) -> bool:
    expression = numeral(spec.bounds)
    return expression is not None and re.fullmatch(expression, text) is not None


def common(pattern: str) -> str | None:
    """The inside of an anchored pattern of a schema, without capturing groups, for a full match.

    None if its meaning could differ between engines: ECMA-262, Rust and Python differ in classes, anchors, escapes and
    Unicode; only a small common ground is taken, and only for ASCII text.
    """
    if not (pattern.startswith("^") and pattern.endswith("$")):
        return None
    body, at, depth, pieces = pattern[1:-1], 0, 0, []
    while at < len(body):
        match = _TOKENS.match(body, at)
        if match is None or (match["bar"] and not depth):
            return None
        depth += bool(match["open"]) - bool(match["close"])
        if depth < 0:
            return None
        pieces.append("(?:" if match["open"] else match[0])
        at = match.end()
    return "".join(pieces) if depth == 0 else None
