"""Templated values of a run: ``{name}`` stands for a value, a literal brace is written twice.

Only bare names are understood: no attributes, indices, conversions or format specifications.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from string import Formatter

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.suggestions import did_you_mean

BUILT_IN: Mapping[str, str] = {
    "python": "the Python interpreter that runs this suite",
    "seed": "the seed of this run",
    "out": "the output folder",
    "work": "the fresh work folder",
    "root": "the target's own tree, not to be written into",
    "tmp": "a fresh folder for temporary files",
    "run_id": "the run's declared identifier",
}


def names(text: str) -> list[str]:
    """The template names in ``text``, in order. Raises ``ValueError`` for text that is no template."""
    found = []
    for _, name, specification, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or specification or conversion:
            raise ValueError("a template is {name}, and a literal brace is written twice")
        found.append(name)
    return found


def render(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its templates replaced. Raises ``KeyError`` for a name without a value."""
    names(text)
    parts = (literal + ("" if name is None else values[name]) for literal, name, _, _ in Formatter().parse(text))
    return "".join(parts)


def fill(key: str, text: str, values: Mapping[str, str]) -> str:
    """``text``, found at the manifest's ``key``, rendered. Raises ``Judged`` (``run.template``) where it cannot be."""
    if sentence := problem(text, values):
        raise Judged(Finding(key, "template names that have a value", sentence, "run.template"))
    return render(text, values)


def problem(text: str, known: Iterable[str]) -> str | None:
    """Why ``text`` cannot be rendered with the ``known`` names, as one sentence, or None."""
    allowed = sorted(known)
    try:
        unknown = [name for name in names(text) if name not in allowed]
    except ValueError as error:
        return f"{text!r} is no template: {error}"
    if not unknown:
        return None
    known_names = "known are " + ", ".join(f"{{{name}}}" for name in allowed)
    hint = did_you_mean(unknown[0], allowed) or known_names
    return f"{text!r} names {{{unknown[0]}}}, which has no value; {hint}"
