"""Two files compared, each kind in its own way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.rules.determinism import documents, jsonl, texts
from gatecourt.rules.determinism.comparison_log import ComparisonLog, OnMasked
from gatecourt.rules.determinism.outcome import Divergence, FileComparison
from gatecourt.rules.determinism.rules import FileRules
from gatecourt.rules.determinism.section import Mask, Tolerance

_RECORDS = (".jsonl", ".ndjson")


def first_divergence(
    left: Path, right: Path, name: str, masks: Sequence[Mask] = (), tolerances: Sequence[Tolerance] = ()
) -> FileComparison:
    """The files ``left`` and ``right`` of two runs, both called ``name``, as far as their first divergence.

    JSON and JSONL are compared by value, other text by line, the rest by byte. A file of any other name that a mask or
    a tolerance selects is read as JSONL if it begins with ``{``. Masks that cover a protected name are
    not applied (finding ``determinism.mask_protected``). Raises ``Judged`` (``artefact.unreadable``).
    """
    return compare_files(left, right, FileRules(name, masks, tolerances))


def compare_files(
    left: Path, right: Path, rules: FileRules, *, exact: bool = False, on_masked: OnMasked | None = None
) -> FileComparison:
    """As ``first_divergence``, with the rules made ready; ``exact`` compares bytes whatever the kind of file.

    ``on_masked`` is called for every masked difference, in order, beyond the bound of the list too.
    """
    log = ComparisonLog(rules.name, on_masked)
    for finding in rules.refused.values():
        log.finding(finding)
    try:
        divergence = _divergence(left, right, rules, log, exact)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Judged(Finding(rules.name, "a readable file", reason, "artefact.unreadable")) from error
    return log.close(divergence, rules.uses())


def _divergence(left: Path, right: Path, rules: FileRules, log: ComparisonLog, exact: bool) -> Divergence | None:
    suffix = PurePosixPath(rules.name).suffix.lower()
    if exact:
        return texts.compare(left, right, rules.name)
    if suffix == ".json":
        return documents.compare(left, right, rules, log)
    if suffix in _RECORDS or (rules.structured and _begins_with_object(left)):
        return jsonl.compare(left, right, rules, log)
    return texts.compare(left, right, rules.name)


def _begins_with_object(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(1) == b"{"
