"""What a campaign has already done, so that it can be stopped and started again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


class Ledger:
    """One JSON line a finished item, written as soon as it is finished."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._done = {(row["part"], row["item"]): row for row in self._rows()}

    def _rows(self) -> Iterator[dict[str, Any]]:
        if self.path.exists():
            for line in self.path.read_text().splitlines():
                yield json.loads(line)

    def open_items(self, part: str, items: Iterable[str]) -> list[str]:
        """The items of ``part`` that are not finished yet."""
        return [item for item in items if (part, item) not in self._done]

    def note(self, part: str, item: str, *, good: bool, told: str) -> None:
        """Writes down that an item is finished, and how."""
        row = {"part": part, "item": item, "good": good, "told": told}
        with self.path.open("a") as stream:
            stream.write(json.dumps(row) + "\n")
        self._done[part, item] = row

    def of(self, part: str, items: Iterable[str]) -> list[dict[str, Any]]:
        """The finished rows of ``part``, in the order of ``items``."""
        return [self._done[part, item] for item in items if (part, item) in self._done]
