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
from gatecourt.rules.determinism.ledger import Ledger, shown_pair
from gatecourt.rules.determinism.outcome import Divergence, place, shown
from gatecourt.rules.determinism.rules import FileRules
from gatecourt.rules.determinism.values import Parting, parting, surroundings


def compare(left: Path, right: Path, rules: FileRules, ledger: Ledger) -> Divergence | None:
    """The first divergence of two JSON files; where one cannot be read as JSON, that of their texts.

    Raises ``Judged`` (``artefact.unreadable``).
    """
    one, other = (strictjson.read_bytes(path, rules.name) for path in (left, right))
    if one == other and not rules.masks:
        return None
    with uncollected():  # the values are gone when it ends, or the collector would walk them once more
        if _proved(one, other, rules, ledger):
            return None
        try:
            return _of_values(one, other, rules, ledger)
        except Judged as judged:
            ledger.finding(judged.finding)
            return texts.compare_lines(left, right, rules.name)


def _of_values(one: bytes, other: bytes, rules: FileRules, ledger: Ledger) -> Divergence | None:
    before, after = (strictjson.parse(data, rules.name) for data in (one, other))
    found = parting(before, after, rules, ledger)
    ledger.respelled = one != other
    return None if found is None else told(before, after, found, rules)


def _proved(one: bytes, other: bytes, rules: FileRules, ledger: Ledger) -> bool:
    if not rules.masks:
        return False
    from gatecourt.rules.determinism.proof import Proof

    proof = Proof(rules)
    return proof.applicable and proof.accepts(one, other, ledger)


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


def told(left: Json, right: Json, found: Parting, rules: FileRules, record: int | None = None) -> Divergence:
    """A parting of two values as a divergence of the file; ``record`` is the line of a JSONL file."""
    one, other = _shown_sides(found)
    before = found.before
    try:
        around = surroundings(left, right, found, rules)
    except RecursionError:  # nested too deeply to be shown; the place itself is known
        around = None
    return Divergence(
        rules.name,
        found.why,
        one,
        other,
        record,
        pointer.join(found.steps),
        last_equal=place(rules.name, record, pointer.join(before[0])) if before else "",
        last_equal_text=shown(before[1]) if before else "",
        records=around,
    )


def _shown_sides(found: Parting) -> tuple[str, str]:
    if found.why == "missing key":
        return shown(found.left), "nothing"
    if found.why == "extra key":
        return "nothing", shown(found.right)
    if found.why == "length":
        return f"array of {found.left} items", f"array of {found.right} items"
    return shown_pair(found.left, found.right)
