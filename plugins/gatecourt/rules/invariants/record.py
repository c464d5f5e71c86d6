"""What a reader gives: a record with its place, or the columns that a table has even without a row."""

from __future__ import annotations

from dataclasses import dataclass

from gatecourt.core.model import Json
from gatecourt.formats import pointer


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of a table's columns, which it has even without a row."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One row to be: ``base`` is file or file and line, ``prefix`` the pointer of the value in it.

    ``key`` is the column under which the value stands, where the row has others beside it. ``located`` is false where
    the line at ``base`` does not hold the value, because an earlier one does; its places are then the line alone.
    """

    file: str
    base: str
    prefix: str
    value: Json
    key: str | None = None
    located: bool = True

    @property
    def place(self) -> str:
        """Where the record lies, as findings write it."""
        return f"{self.base}#{self.prefix}" if self.prefix and self.located else self.base

    def at(self, steps: pointer.Steps) -> str:
        """Where a value in the record lies."""
        inner = steps[1:] if self.key is not None and steps and steps[0] == self.key else steps
        return f"{self.base}#{self.prefix}{pointer.join(inner)}" if self.located else self.base
