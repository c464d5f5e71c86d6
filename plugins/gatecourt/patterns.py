"""File patterns of a manifest: ``*`` stays within a folder, ``**`` crosses folders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wcmatch import glob

_FLAGS = glob.GLOBSTAR | glob.DOTGLOB | glob.CASE | glob.FORCEUNIX


def select(names: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """The names that match at least one pattern, sorted. Names are relative, with POSIX separators."""
    return sorted(name for name in names if glob.globmatch(name, list(patterns), flags=_FLAGS))
