"""The check of a dataset against its declaration: digests, numbers of bars, times, prices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.formats import pointer
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Source, gather
from gatecourt.rules.data.digests import judge_digests
from gatecourt.rules.data.prices import judge_prices
from gatecourt.rules.data.reading import read_table
from gatecourt.rules.data.section import Dataset
from gatecourt.rules.data.table import Table
from gatecourt.rules.data.times import judge_times


def judge_dataset(dataset: Dataset, artefacts: Callable[[], Run], root: Path) -> Judgement:
    """Every file of the dataset. ``artefacts`` is called for a run only where the files are artefacts.

    Rules: all that begin with ``data.``, those of reading JSON, ``artefact.unreadable``, ``artefact.none``.
    """
    run = artefacts() if dataset.origin == "artefacts" else Run(root, {})
    sources = gather(dataset.files, dataset.origin, run, root)
    if not sources:
        none = Finding(", ".join(dataset.files), "at least one file", "none", "artefact.none")
        return Judgement((), (none,))
    subjects = [source.subject for source in sources]
    findings: list[Finding] = []
    bars: dict[str, Json] = {}
    for source in sources:
        try:
            found, bars[source.name] = _judge_file(source, dataset)
        except Judged as judged:
            found, bars[source.name] = [judged.finding], None
        findings += found
    further, of_digests = judge_digests(dataset, subjects, root)
    findings += of_digests  # last: a wrong bar explains more than another digest
    parameters: dict[str, Json] = {"interval": f"{dataset.step} {dataset.unit}", "bars": bars}
    return Judgement((*subjects, *further), tuple(findings), parameters)


def _judge_file(source: Source, dataset: Dataset) -> tuple[list[Finding], Json]:
    table = read_table(source, dataset)
    findings = [*_enough(table, dataset), *_counted(table, dataset)]
    for key in table.columns:
        findings += table.bad_cells(key)
    in_time, missing = judge_times(table, dataset)
    findings += [*in_time, *judge_prices(table, dataset)]
    return findings, {"there": table.length, "missing": missing}


def _enough(table: Table, dataset: Dataset) -> Iterator[Finding]:
    expected = f"at least {dataset.minimum} bars"
    if not table.length:
        yield Finding(table.name, expected, "no bar", "data.no_bars")
    elif table.length < dataset.minimum:
        observed = "1 bar" if table.length == 1 else f"{table.length} bars"
        yield Finding(table.name, expected, observed, "data.too_few_bars")


def _counted(table: Table, dataset: Dataset) -> Iterator[Finding]:
    if dataset.count is None:
        return
    where, stated = table.name, dataset.count
    if isinstance(stated, str):
        where = f"{table.name}#{stated}"
        try:
            at_pointer = pointer.get(table.document, stated)
        except KeyError:
            yield Finding(where, "the number of bars", "absent", "data.count_missing")
            return
        if type(at_pointer) is not int:
            yield Finding(where, "a whole number of bars", excerpt(at_pointer), "data.count_missing")
            return
        stated = at_pointer
    if stated != table.length:
        yield Finding(where, f"{table.length}, the number of bars", str(stated), "data.count")
