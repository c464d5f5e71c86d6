"""Names of earlier releases: what a key, table or check of an old manifest is called now."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from gatecourt.formats.quantities import shown
from gatecourt.system.manifest.binding import Problem

TABLE = Path(__file__).parents[2] / "renamed.tsv"
"""Old and new text as they stand in a manifest (``kept =``, ``[events.dialect.``) or in a report (a check's id)."""


@cache
def renamed(table: Path = TABLE) -> Mapping[str, str]:
    """Old names to new ones, bare of ``=``, brackets and quotes: keys by name, tables by key path, checks by id."""
    rows = [line.split("\t") for line in table.read_text("utf-8").splitlines() if line.count("\t") == 1]
    return {_bare(old): _bare(new) for old, new in rows}


def with_new_name(problem: Problem) -> Problem:
    """The problem of an unknown key with what it is called now as its hint; any other problem as it is."""
    if problem.expected not in ("a known key", "a known section"):
        return problem
    names = renamed()
    for old in (problem.at, problem.at.rpartition(".")[2]):
        if old in names:
            return dataclasses.replace(problem, hint=f"{shown(old)} is now {shown(names[old])}")
    return problem


def _bare(text: str) -> str:
    return text.partition("=")[0].strip(" []").rstrip(".").strip('"')
