"""What somebody meant by a name that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from gatecourt.formats.quantities import shown


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``did you mean "x"?`` for the nearest of the known names; empty where none is near."""
    folded = {name.casefold().replace("-", "_"): name for name in known}
    close = difflib.get_close_matches(word.casefold().replace("-", "_"), folded, n=1)
    return f"did you mean {shown(folded[close[0]])}?" if close else ""
