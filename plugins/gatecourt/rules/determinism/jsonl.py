"""Two JSONL files compared, line by line, from the first byte that differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.formats import strictjson
from gatecourt.rules.determinism import documents, texts
from gatecourt.rules.determinism.comparison_log import ComparisonLog
from gatecourt.rules.determinism.outcome import Divergence, bounded_line, place
from gatecourt.rules.determinism.rawbytes import first_differing_byte, line_at, line_before
from gatecourt.rules.determinism.rules import FileRules
from gatecourt.rules.determinism.values import find_difference


def compare(left: Path, right: Path, rules: FileRules, log: ComparisonLog) -> Divergence | None:
    """The first divergence of two JSONL files. Memory holds a record of each at a time. Raises ``OSError``.

    Without masks the equal beginning is passed over as bytes; with masks every record is looked at.
    """
    if rules.masks:
        return _from(left, right, (1, 0), rules, log)
    offset = first_differing_byte(left, right)
    return None if offset is None else _from(left, right, line_at(left, offset), rules, log)


def _from(left: Path, right: Path, begin: tuple[int, int], rules: FileRules, log: ComparisonLog) -> Divergence | None:
    first, start = begin
    before = line_before(left, start)
    accepts = _quick(rules, log)
    with left.open("rb") as one, right.open("rb") as other, documents.uncollected():
        one.seek(start)
        other.seek(start)
        for number, (here, there) in enumerate(zip_longest(one, other, fillvalue=b""), first):
            if not accepts(here, there, number):
                found = _record(here, there, before, number, rules, log)
                if found is not None:
                    return found
            before = here
    return None


def _quick(rules: FileRules, log: ComparisonLog) -> Callable[[bytes, bytes, int], bool]:
    """What can accept a pair of lines without reading them strictly."""
    if not rules.masks:
        return lambda here, there, _: here == there
    from gatecourt.rules.determinism.proof import Proof

    proof = Proof(rules)
    return lambda here, there, number: proof.applicable and proof.accepts(here, there, log, number)


def _record(
    here: bytes, there: bytes, before: bytes, number: int, rules: FileRules, log: ComparisonLog
) -> Divergence | None:
    if not (here and there) or here.endswith(b"\n") != there.endswith(b"\n"):
        return texts.line_divergence(rules.name, number, here, there, before)
    try:
        one, other = (strictjson.parse(line, rules.name, number) for line in (here, there))
    except Judged as judged:
        log.finding(judged.finding, "records")
        return None if here == there else texts.line_divergence(rules.name, number, here, there, before)
    found = find_difference(one, other, rules, log, number)
    if found is None:
        log.other_spelling |= here != there
        return None
    last = place(rules.name, number - 1) if number > 1 else ""
    divergence = documents.divergence_of(one, other, found, rules, number)
    return replace(divergence, last_equal=last, last_equal_text=bounded_line(before))
