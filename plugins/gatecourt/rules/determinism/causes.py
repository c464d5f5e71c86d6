"""Which of several changed circumstances make a result differ, found by halving."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Names = tuple[str, ...]


def blame(names: Sequence[str], equal_under: Callable[[Names], bool]) -> Names:
    """The circumstances among ``names`` that make the result differ, in the order of ``names``; () if none do.

    ``equal_under`` says whether the result stays equal when exactly the given names are changed; each set is asked
    once. A cause is minimal: without any one of its names the difference is gone. Causes that work each alone
    are all found. Two names are named together where only both make the difference.
    """
    asked: dict[Names, bool] = {}

    def differs(chosen: Sequence[str]) -> bool:
        key = tuple(name for name in names if name in chosen)
        if key not in asked:
            asked[key] = not equal_under(key)
        return asked[key]

    guilty: list[str] = []
    rest = list(names)
    while rest and differs(rest):
        cause = _minimal([], rest, differs)
        guilty += cause
        rest = [name for name in rest if name not in cause]
    return tuple(name for name in names if name in guilty)


def _minimal(held: list[str], names: list[str], differs: Callable[[Sequence[str]], bool]) -> list[str]:
    """The smallest part of ``names`` that differs together with ``held``, where all of ``names`` do."""
    if len(names) == 1:
        return names
    half = len(names) // 2
    first, second = names[:half], names[half:]
    from_second = [] if differs([*held, *first]) else _minimal([*held, *first], second, differs)
    if not from_second:  # the cause lies in the first half, and ``held`` alone is known not to differ
        return _minimal(held, first, differs)
    more = [*held, *from_second]
    return ([] if differs(more) else _minimal(more, first, differs)) + from_second
