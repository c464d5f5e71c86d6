"""Two JSON values compared with their types: ``true`` is not 1, and 1 is not 1.0.

Numbers are otherwise equal as JSON numbers are: 1.50 and 1.5 are, and so are -0.0 and 0.0. The order of keys and the
spelling of strings do not matter. The walk keeps its own stack, so a deep document is no danger.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from gatecourt.core.model import Finding, Json
from gatecourt.formats import pointer
from gatecourt.formats.pointer import ABSENT, Steps
from gatecourt.rules.determinism.comparison_log import ComparisonLog
from gatecourt.rules.determinism.outcome import Why, bounded_text, place
from gatecourt.rules.determinism.rules import Active, FileRules, MaskRule, advance, protected_finding

_LEAVES = 500
_STRETCH = 256
_PLAIN = 2  # the serial form without references, whose use depends on more than the value


@dataclass(frozen=True, slots=True)
class FirstDifference:
    """The first place at which two values differ, and how; ``before`` is the last equal leaf ahead of it."""

    steps: Steps
    why: Why
    left: Json
    right: Json
    before: tuple[Steps, Json] | None


class _Size(int):
    """The length of an array, compared after its common elements."""


class _Pair(NamedTuple):
    steps: Steps
    left: Any
    right: Any
    active: Active


def find_difference(
    left: Json, right: Json, rules: FileRules, log: ComparisonLog, record: int | None = None
) -> FirstDifference | None:
    """The first difference in the left document's order that no rule allows, or None.

    What masks and tolerances cover on the way goes to ``log``.
    """
    stack = [_Pair((), left, right, rules.start)]
    before: _Pair | None = None
    while stack:
        pair = stack.pop()
        if pair.active and _settled(pair, rules, log, record):
            continue
        if why := _difference(pair):
            if why == "value" and rules.repeats_seed(pair.steps):
                continue
            return FirstDifference(pair.steps, why, _json(pair.left), _json(pair.right), _last_leaf(before))
        children = _children(pair)
        if children:
            stack.extend(reversed(children))
        else:
            before = pair
    return None


def _children(pair: _Pair) -> list[_Pair]:
    """The pairs below a pair that is equal so far; none below scalars, empty containers and one and the same value."""
    if pair.left is pair.right and not pair.active:
        return []
    if isinstance(pair.left, dict):
        return _members(pair)
    return _items(pair) if isinstance(pair.left, list) else []


def _members(pair: _Pair) -> list[_Pair]:
    steps, left, right, _ = pair
    found = _paired(pair, list(left), list(left.values()), [right.get(key, ABSENT) for key in left])
    if left.keys() != right.keys():
        found += [_Pair((*steps, key), ABSENT, right[key], ()) for key in right if key not in left]
    return found


def _items(pair: _Pair) -> list[_Pair]:
    steps, left, right, _ = pair
    found = _paired(pair, range(min(len(left), len(right))), left, right)
    if len(left) != len(right):
        found.append(_Pair(steps, _Size(len(left)), _Size(len(right)), ()))
    return found


def _paired(pair: _Pair, keys: Sequence[str | int], left: list[Any], right: list[Any]) -> list[_Pair]:
    """The values below ``pair``; of a stretch that is proved equal only the last one is kept."""
    steps, active = pair.steps, pair.active
    found: list[_Pair] = []
    for start in range(0, len(keys), _STRETCH):
        stop = min(start + _STRETCH, len(keys))
        if not active and _same(left[start:stop], right[start:stop]):
            found.append(_Pair((*steps, keys[stop - 1]), left[stop - 1], left[stop - 1], ()))
            continue
        found += [
            _Pair((*steps, keys[at]), left[at], right[at], advance(active, keys[at])) for at in range(start, stop)
        ]
    return found


def _same(left: list[Any], right: list[Any]) -> bool:
    """Whether two lists are proved equal, types included, by their serial forms. False proves nothing."""
    try:
        return marshal.dumps(left, _PLAIN) == marshal.dumps(right, _PLAIN)
    except ValueError:  # nested too deeply, or a side is absent
        return False


def _last_leaf(before: _Pair | None) -> tuple[Steps, Json] | None:
    if before is None:
        return None
    steps, value = before.steps, before.left
    while isinstance(value, (dict, list)) and value:
        key = next(reversed(value)) if isinstance(value, dict) else len(value) - 1
        steps, value = (*steps, key), value[key]
    return steps, value


def _json(value: Any) -> Json:
    return int(value) if isinstance(value, _Size) else value


def _difference(pair: _Pair) -> Why | None:
    kind = type(pair.left)
    if kind is not type(pair.right):
        if pair.right is ABSENT:
            return "missing key"
        return "extra key" if pair.left is ABSENT else "type"
    if kind is dict or kind is list or pair.left == pair.right:
        return None
    return "length" if kind is _Size else "value"


def _settled(pair: _Pair, rules: FileRules, log: ComparisonLog, record: int | None) -> bool:
    """Whether a rule ends the comparison of this place. Every rule that covers it is applied, so all are counted."""
    covering = [rule for rule, depth in pair.active if depth == len(rule.steps)]
    if not covering or pair.right is ABSENT:
        return False
    masks = [rule for rule in covering if isinstance(rule, MaskRule)]
    if any([_masked(rule, pair, rules, log, record) for rule in masks]):  # noqa: C419 - all are asked
        return True
    if not _difference(pair) or not any(
        rule.accepts(pair.left, pair.right) for rule in covering if not isinstance(rule, MaskRule)
    ):
        return False
    log.tolerated += 1
    return True


def _masked(rule: MaskRule, pair: _Pair, rules: FileRules, log: ComparisonLog, record: int | None) -> bool:
    rule.places += 1
    at = pointer.join(pair.steps)
    where = place(rules.name, record, at)
    if rule.starred and (word := rules.protection.covered(pair.steps)):
        log.finding(protected_finding(where, rule.mask, word), rule.mask.path)
        return False
    for value in (pair.left, pair.right):
        if not rule.accepts(value):
            log.finding(Finding(where, rule.expected, bounded_text(value), "determinism.mask_mismatch"), rule.mask.path)
            return False
    if _difference(pair):
        rule.differed += 1
        log.differed(rule.differed, rule.mask, (record, at), (pair.left, pair.right))
    return True


def _leaves(document: Json) -> Iterator[tuple[Steps, Json]]:
    stack: list[tuple[Steps, Json]] = [((), document)]
    while stack:
        steps, value = stack.pop()
        if isinstance(value, dict) and value:
            stack.extend([((*steps, key), item) for key, item in value.items()][::-1])
        elif isinstance(value, list) and value:
            stack.extend([((*steps, index), item) for index, item in enumerate(value)][::-1])
        else:
            yield steps, value


def context_of(left: Json, right: Json, at: FirstDifference, rules: FileRules) -> tuple[Json, Json] | None:
    """The largest values around the first difference with at most 500 leaves a side, masked places blanked."""
    best: tuple[Json, Json] | None = None
    start = len(at.steps) if at.why == "length" else max(len(at.steps) - 1, 0)
    for depth in range(start, -1, -1):
        prefix = at.steps[:depth]
        pair = _get(left, prefix), _get(right, prefix)
        if any(sum(1 for _ in islice(_leaves(side), _LEAVES + 1)) > _LEAVES for side in pair):
            break
        best = _blanked(pair[0], prefix, rules), _blanked(pair[1], prefix, rules)
    return best


def _get(document: Any, steps: Steps) -> Json:
    for step in steps:
        document = document[step]
    return document  # type: ignore[no-any-return]  # a part of a JSON document


def _blanked(value: Json, steps: Steps, rules: FileRules) -> Json:
    if any(pointer.matches(rule.steps, steps) and rule.accepts(value) for rule in rules.masks):
        return "masked"
    if isinstance(value, dict):
        return {key: _blanked(item, (*steps, key), rules) for key, item in value.items()}
    if isinstance(value, list):
        return [_blanked(item, (*steps, index), rules) for index, item in enumerate(value)]
    return value
