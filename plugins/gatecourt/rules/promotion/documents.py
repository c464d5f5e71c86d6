"""Where a part of the promotion finds what it judges: a document, or a place within one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from gatecourt.formats import pointer
from gatecourt.formats.files import Origin, require_files


def require_pointers(*places: str | None) -> None:
    """Raise ``ValueError`` for a place that is no JSON pointer; None is left out."""
    for place in places:
        if place is not None:
            pointer.split(place)


def require_texts(name: str, texts: Iterable[str]) -> None:
    """Raise ``ValueError`` where a text is empty or named twice."""
    known: set[str] = set()
    for text in texts:
        if not text.strip() or text in known:
            raise ValueError(f"{name}: expected texts, each once, found {text!r}")
        known.add(text)


@dataclass(frozen=True)
class Document:
    """A JSON, YAML or TOML file, and a place in it."""

    file: str = field(metadata={"doc": "A pattern of exactly one file of the outputs; of the target: its path."})
    pointer: str = field(default="", metadata={"doc": "JSON pointer of the place; none: the whole document."})
    origin: Origin = field(default="artefacts", metadata={"doc": 'Among outputs, or below the "target" root.'})
    of: str = field(default="run", metadata={"doc": "The command whose outputs are meant; that of [run] by default."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a path or a pointer that is none."""
        require_files((self.file,), self.origin)
        require_pointers(self.pointer)
