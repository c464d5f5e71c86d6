"""Masks and tolerances, prepared for one file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import TypeAlias, cast

from gatecourt.core.model import Finding, Json
from gatecourt.formats import pointer
from gatecourt.formats.bounded_regex import bounded_pattern
from gatecourt.formats.patterns import select
from gatecourt.rules.determinism.outcome import MaskUse
from gatecourt.rules.determinism.protection import Protection, words
from gatecourt.rules.determinism.section import Mask, Tolerance

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}

# Wide enough for the longest integer that Python reads, so that no difference is ever rounded.
_EXACT = Context(prec=10_000, Emax=MAX_EMAX, Emin=MIN_EMIN)


class MaskRule:
    """One mask applied to one file, with the counts of what it covered."""

    def __init__(self, mask: Mask) -> None:
        self.mask = mask
        self.steps = pointer.split(mask.path)
        self.starred = "*" in self.steps
        self.places = 0
        self.differed = 0
        self._types = _TYPES[mask.type]
        self._matcher = None if mask.pattern is None else bounded_pattern(mask.pattern)

    def accepts(self, value: Json) -> bool:
        """Whether the value has the declared type and, for a string, the declared pattern.

        Raises ``Judged`` (``pattern.too_slow``).
        """
        if type(value) not in self._types:
            return False
        if isinstance(value, float):
            return math.isfinite(value)
        if self._matcher is None:
            return True
        return self._matcher.fullmatch(cast(str, value), f"{self.mask.files}#{self.mask.path}") is not None

    @property
    def expected(self) -> str:
        """What a value has to be to be masked."""
        return f"a {self.mask.type}" + (f" matching {self.mask.pattern!r}" if self.mask.pattern else "")


class ToleranceRule:
    """One tolerance applied to one file."""

    def __init__(self, tolerance: Tolerance) -> None:
        self.steps = pointer.split(tolerance.path)
        self._absolute, self._relative = tolerance.absolute, tolerance.relative

    def accepts(self, left: Json, right: Json) -> bool:
        """Whether both values are numbers and near enough."""
        if isinstance(left, bool) or isinstance(right, bool):
            return False
        if not (isinstance(left, int | float) and isinstance(right, int | float)):
            return False
        return within(left, right, absolute=self._absolute, relative=self._relative)


Rule: TypeAlias = MaskRule | ToleranceRule
Active: TypeAlias = tuple[tuple[Rule, int], ...]
"""The rules that may still cover a place below, each with the number of its steps already taken."""


def refused(masks: Iterable[Mask], protection: Protection) -> dict[Mask, Finding]:
    """The masks whose own path names a protected field, each with the finding that reports it."""
    found: dict[Mask, Finding] = {}
    for mask in masks:
        steps = pointer.split(mask.path)
        if steps[-1] != "*" and (word := protection.covered(steps)):
            found[mask] = protected_finding(f"{mask.files}#{mask.path}", mask, word)
    return found


def protected_finding(where: str, mask: Mask, word: str) -> Finding:
    """The finding that ``mask`` covers a field whose name holds the protected ``word``."""
    return Finding(
        where, "a mask over no protected field", f"{mask.path} covers {word!r}", "determinism.mask_protected"
    )


class FileRules:
    """The masks and tolerances that select one file, without the masks that are refused.

    ``seed_words``: a value below a name that holds one of these words may differ (a report that repeats its seed).
    """

    def __init__(
        self,
        name: str,
        masks: Sequence[Mask] = (),
        tolerances: Sequence[Tolerance] = (),
        protection: Protection | None = None,
        seed_words: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.protection = protection or Protection()
        chosen = [mask for mask in dict.fromkeys(masks) if select([name], [mask.files])]
        self.refused = refused(chosen, self.protection)
        self.masks = [MaskRule(mask) for mask in chosen if mask not in self.refused]
        self.tolerances = [ToleranceRule(bound) for bound in tolerances if select([name], [bound.files])]
        self.start: Active = (*((rule, 0) for rule in self.masks), *((rule, 0) for rule in self.tolerances))
        self._seed_words = frozenset(seed_words)

    @property
    def structured(self) -> bool:
        """Whether anything here needs the file to be read as JSON."""
        return bool(self.start)

    def repeats_seed(self, steps: Sequence[str | int]) -> bool:
        """Whether the value only repeats the seed, which the two runs were given differently."""
        names = [step for step in steps if isinstance(step, str)]
        return bool(self._seed_words and names) and not self._seed_words.isdisjoint(words(names[-1]))

    def uses(self) -> dict[Mask, MaskUse]:
        """What each mask covered so far."""
        return {rule.mask: MaskUse(rule.places, rule.differed) for rule in self.masks}


def advance(active: Active, step: str | int) -> Active:
    """The rules that are still open one step further down."""
    if not active:
        return active
    name = str(step)
    return tuple(
        (rule, depth + 1) for rule, depth in active if depth < len(rule.steps) and rule.steps[depth] in ("*", name)
    )


def within(
    left: float | Decimal, right: float | Decimal, *, absolute: Decimal | None = None, relative: Decimal | None = None
) -> bool:
    """Whether the difference is at most ``absolute``, or at most ``relative`` times the larger magnitude.

    A float stands for its shortest decimal text, so 0.3 and 0.2 differ by 0.1 and nothing else. The bound itself
    passes. NaN and infinities never pass, not even against themselves.
    """
    one, other = _as_decimal(left), _as_decimal(right)
    if not (one.is_finite() and other.is_finite()):
        return False
    distance = _EXACT.abs(_EXACT.subtract(one, other))
    if absolute is not None and distance <= absolute:
        return True
    return relative is not None and distance <= _EXACT.multiply(relative, max(one.copy_abs(), other.copy_abs()))


def _as_decimal(number: float | Decimal) -> Decimal:
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
