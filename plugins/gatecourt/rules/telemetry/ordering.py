"""Rows in their order: each once, none missing, and where one run ends and the next begins."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from gatecourt.core.model import Finding
from gatecourt.formats.decimals import EXACT
from gatecourt.formats.excerpt import excerpt
from gatecourt.rules.telemetry.fields import is_number, shown
from gatecourt.rules.telemetry.row import Row
from gatecourt.rules.telemetry.row_pointer import getter
from gatecourt.rules.telemetry.section import Identity

Key = tuple[Any, ...]


class Succession:
    """Follows the identities of rows. ``runs`` counts the runs so far; ``mixed``: none of them is known to count."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._getters = [getter(name) for name in identity.pointers]
        self._run_of = None if identity.run is None else getter(identity.run)
        self._start = tuple(identity.start.get(name) for name in identity.pointers)
        self._steps = [
            (index, name, identity.step[name]) for index, name in enumerate(identity.pointers) if name in identity.step
        ]
        self.runs = 0
        self.mixed = False
        self.run: object = None
        self._seen_runs: set[object] = set()
        self._first: tuple[Key, Row] | None = None
        self._last: tuple[Key, Row] | None = None
        self._blind = False
        self._next_is_new = False

    def blind(self) -> None:
        """A line could not be read: the next row may be any number of steps away."""
        self._blind = True

    def header(self) -> None:
        """A header stands between rows: the next row begins another run."""
        self._next_is_new = self._last is not None

    def take(self, row: Row) -> tuple[bool, list[Finding]]:
        """Whether the row begins a run, and what is wrong with its place."""
        findings: list[Finding] = []
        new = self._other_run(row, findings)
        key = self._key(row, findings)
        if not self.runs:
            self.runs = 1
            new = True
        elif not new and (self._next_is_new or self._restarts(key, row)):
            findings.append(self._several(row))
            new = True
        if new:
            self._first = self._last = None
        self._next_is_new = False
        if key is None:
            self._blind = True
            return new, findings
        findings += self._place(key, row)
        return new, findings

    def _other_run(self, row: Row, findings: list[Finding]) -> bool:
        """Whether the row is of another run than the one before it, by its run's id."""
        if self._run_of is None or self._identity.run is None:
            return False
        found = self._run_of(row.value)
        if not (isinstance(found, str) and found.strip()) and not is_number(found):
            findings.append(Finding(row.at(self._identity.run), "the id of a run", shown(found), "telemetry.run_id"))
            return False
        if self.runs and found == self.run:
            return False
        if not self.runs:
            self.run = found
            self._seen_runs.add(found)
            return False
        self._add_change(row, found, findings)
        return True

    def _add_change(self, row: Row, found: object, findings: list[Finding]) -> None:
        assert self._identity.run is not None
        where = row.at(self._identity.run)
        if found in self._seen_runs:
            expected = f"rows of {excerpt(self.run)}, or of a new run"
            findings.append(Finding(where, expected, f"{excerpt(found)} again", "telemetry.runs_interleaved"))
        elif self._identity.judged_run == "only":
            self.mixed = True
            expected = f"rows of {excerpt(self.run)} alone"
            findings.append(Finding(where, expected, excerpt(found), "telemetry.several_runs"))
        if found not in self._seen_runs:
            self._seen_runs.add(found)
            self.runs += 1
        self.run = found

    def _several(self, row: Row) -> Finding:
        self.runs += 1
        self.mixed = True
        first = self._first[1].line if self._first is not None else row.line
        observed = f"run {self.runs} begins here, the one before at line {first}"
        return Finding(row.where, "rows of one run", observed, "telemetry.several_runs")

    def _key(self, row: Row, findings: list[Finding]) -> Key | None:
        values = []
        for name, get in zip(self._identity.pointers, self._getters, strict=True):
            value = get(row.value)
            if not isinstance(value, str) and not is_number(value):
                expected = "a number or a text that identifies the row"
                findings.append(Finding(row.at(name), expected, shown(value), "telemetry.identity_missing"))
                return None
            values.append(value)
        return tuple(values)

    def _restarts(self, key: Key | None, row: Row) -> bool:
        if key is None or self._first is None or self._last is None:
            return False
        first, first_row = self._first
        if key != first and not (self._identity.start and self._starts(key)):
            return False
        # The same bytes directly after the first row are that row a second time.
        return self._last[1] is not first_row or row.data != first_row.data

    def _starts(self, key: Key) -> bool:
        return all(want is None or _is(have, want) for have, want in zip(key, self._start, strict=True))

    def _place(self, key: Key, row: Row) -> Iterator[Finding]:
        last, blind = self._last, self._blind
        self._blind = False
        if last is None:
            self._first = self._last = (key, row)
            if not blind and not self._starts(key):
                expected = f"a run that starts at {_identity(self._start)}"
                yield Finding(row.where, expected, _identity(key), "telemetry.identity_gap")
            return
        before, at = last
        try:
            rises = key > before
        except TypeError:
            yield Finding(
                row.where, f"an identity like {_identity(before)}", _identity(key), "telemetry.identity_missing"
            )
            return
        if not rises:
            rule = "telemetry.identity_repeated" if key == before else "telemetry.identity_order"
            yield Finding(row.where, f"above {_identity(before)} of line {at.line}", _identity(key), rule)
            return
        self._last = (key, row)
        if not blind:
            yield from self._gaps(before, key, row, at)

    def _gaps(self, before: Key, key: Key, row: Row, at: Row) -> Iterator[Finding]:
        for index, name, step in self._steps:
            if not _follows(before[index], key[index], step):
                expected = f"{step} more than {excerpt(before[index])} of line {at.line}"
                yield Finding(row.at(name), expected, excerpt(key[index]), "telemetry.identity_gap")


def _decimal(value: Any) -> Decimal:
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def _is(have: Any, want: Decimal) -> bool:
    return not isinstance(have, str) and _decimal(have) == want


def _follows(before: Any, after: Any, step: Decimal) -> bool:
    if isinstance(before, str) or isinstance(after, str):
        return False
    return EXACT.subtract(_decimal(after), _decimal(before)) == step


def _identity(key: Key) -> str:
    parts = ["any" if part is None else str(part) if isinstance(part, Decimal) else excerpt(part, 40) for part in key]
    return ", ".join(parts)
