"""File patterns of a manifest: ``*`` stays within a folder, ``**`` crosses folders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wcmatch import glob

_FLAGS = glob.GLOBSTAR | glob.DOTGLOB | glob.CASE | glob.FORCEUNIX


def expressions(pattern: str) -> list[str]:
    """Regular expressions, as text, that together match what the pattern does, for a reader of the standard library."""
    found: list[str] = glob.translate(pattern, flags=_FLAGS)[0]
    return found


def select(names: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """The names that match at least one pattern, sorted. Names are relative, with POSIX separators."""
    return sorted(name for name in names if glob.globmatch(name, list(patterns), flags=_FLAGS))
