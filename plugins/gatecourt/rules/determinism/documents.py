"""Two JSON documents compared."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.model import Json
from gatecourt.formats import pointer, strictjson
from gatecourt.rules.determinism import texts
from gatecourt.rules.determinism.comparison_log import ComparisonLog, bounded_pair
from gatecourt.rules.determinism.outcome import Divergence, bounded_text, place
from gatecourt.rules.determinism.rules import FileRules
from gatecourt.rules.determinism.values import FirstDifference, context_of, find_difference


def compare(left: Path, right: Path, rules: FileRules, log: ComparisonLog) -> Divergence | None:
    """The first divergence of two JSON files; where one cannot be read as JSON, that of their texts.

    Raises ``Judged`` (``artefact.unreadable``).
    """
    one, other = (strictjson.read_bytes(path, rules.name) for path in (left, right))
    if one == other and not rules.masks:
        return None
    with uncollected():  # the values are gone when it ends, or the collector would walk them once more
        if _proved(one, other, rules, log):
            return None
        try:
            return _of_values(one, other, rules, log)
        except Judged as judged:
            log.finding(judged.finding)
            return texts.compare_lines(left, right, rules.name)


def _of_values(one: bytes, other: bytes, rules: FileRules, log: ComparisonLog) -> Divergence | None:
    before, after = (strictjson.parse(data, rules.name) for data in (one, other))
    found = find_difference(before, after, rules, log)
    log.other_spelling = one != other
    return None if found is None else divergence_of(before, after, found, rules)


def _proved(one: bytes, other: bytes, rules: FileRules, log: ComparisonLog) -> bool:
    if not rules.masks:
        return False
    from gatecourt.rules.determinism.proof import Proof

    proof = Proof(rules)
    return proof.applicable and proof.accepts(one, other, log)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the cyclic collector, which would walk a large document again and again while it is built."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def divergence_of(
    left: Json, right: Json, found: FirstDifference, rules: FileRules, record: int | None = None
) -> Divergence:
    """The first difference of two values as a divergence of the file; ``record`` is the line of a JSONL file."""
    one, other = _bounded_sides(found)
    before = found.before
    try:
        around = context_of(left, right, found, rules)
    except RecursionError:  # nested too deeply to be printed; the place itself is known
        around = None
    return Divergence(
        rules.name,
        found.why,
        one,
        other,
        record,
        pointer.join(found.steps),
        last_equal=place(rules.name, record, pointer.join(before[0])) if before else "",
        last_equal_text=bounded_text(before[1]) if before else "",
        records=around,
    )


def _bounded_sides(found: FirstDifference) -> tuple[str, str]:
    if found.why == "missing key":
        return bounded_text(found.left), "nothing"
    if found.why == "extra key":
        return "nothing", bounded_text(found.right)
    if found.why == "length":
        return f"array of {found.left} items", f"array of {found.right} items"
    return bounded_pair(found.left, found.right)
