"""A quick proof that two JSON texts are equal but for masked values. It can only accept; it never rejects.

Both texts are parsed leniently to learn the masked values. Each masked value that differs is then replaced once in
the left text, as ``"key":value``. If that gives the right text byte by byte, nothing else differs: there are as many
replacements as masked places that differ, a replacement changes one value, and every one of those places did change.
So the proof holds without strictness of the parser. Whatever it cannot prove is compared in full.
"""

from __future__ import annotations

from typing import Any

import orjson

from gatecourt.formats.pointer import ABSENT
from gatecourt.rules.determinism.comparison_log import ComparisonLog
from gatecourt.rules.determinism.rules import FileRules, MaskRule

_NOTHING: dict[str, Any] = {}


class Proof:
    """The proof for the masks of one file; applicable where every mask is a plain path to a member of an object."""

    def __init__(self, rules: FileRules) -> None:
        paths = [rule.steps for rule in rules.masks]
        plain = all("*" not in steps and not any(map(str.isdecimal, steps)) for steps in paths)
        self.applicable = plain and 0 < len(paths) == len(set(paths))  # a place counted twice would prove too much
        self._masks = [
            (rule, rule.accepts, rule.steps[:-1], rule.steps[-1], orjson.dumps(rule.steps[-1]) + b":")
            for rule in rules.masks
        ]

    def accepts(self, left: bytes, right: bytes, log: ComparisonLog, record: int | None = None) -> bool:
        """Whether the texts are proved equal but for masked values of the declared form; if so those are recorded."""
        try:
            one = orjson.loads(left)
            other = one if left == right else orjson.loads(right)
        except orjson.JSONDecodeError:
            return False
        covered: list[tuple[MaskRule, Any, Any]] = []
        for rule, accepted, above, name, key in self._masks:
            here = _within(one, above).get(name, ABSENT)
            there = here if other is one else _within(other, above).get(name, ABSENT)
            if here is ABSENT and there is ABSENT:
                continue
            if not accepted(here):  # an absent value is not accepted either
                return False
            if here != there:
                if not accepted(there):
                    return False
                left = _replaced(left, key, orjson.dumps(here), orjson.dumps(there))
            covered.append((rule, here, there))
        if left != right:
            return False
        _record(covered, log, record)
        return True


def _replaced(text: bytes, key: bytes, here: bytes, there: bytes) -> bytes:
    if key + here not in text:
        key += b" "
    return text.replace(key + here, key + there, 1)


def _within(value: Any, steps: tuple[str, ...]) -> dict[str, Any]:
    """The object at ``steps``; an empty one where there is none."""
    for step in steps:
        if type(value) is not dict:
            return _NOTHING
        value = value.get(step)
    return value if type(value) is dict else _NOTHING


def _record(covered: list[tuple[MaskRule, Any, Any]], log: ComparisonLog, record: int | None) -> None:
    for rule, here, there in covered:
        rule.places += 1
        if here != there:
            rule.differed += 1
            log.differed(rule.differed, rule.mask, (record, rule.mask.path), (here, there))
