"""Alerts for a person at a terminal of 80 columns, or as JSON lines for a machine."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import TextIO

from gatecourt.commands.watch.session import SHOWN, Alert, WatchOutcome
from gatecourt.commands.watch.sources.pieces import LogChange
from gatecourt.core.errors import GatecourtError
from gatecourt.court.renderers.terminal import plain, wrap

_ENDS = {
    "ended": "the log ended",
    "deadline": "the deadline was reached",
    "idle": "no new line came in time",
    "interrupted": "interrupted",
}


def _put(stream: TextIO, text: str) -> None:
    """Raises ``GatecourtError`` where output is impossible, ``BrokenPipeError`` where its reader has gone."""
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise GatecourtError(f"output: expected to write what was found, {error.strerror or error}") from error


class TextOutput:
    """Writes text for a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def began(self, source: str) -> None:
        """What is followed."""
        self._write(wrap(f"-- following {source}"))

    def waiting(self, absent: str) -> None:
        """What is waited for."""
        self._write(wrap(f"-- waiting: {absent} yet"))

    def alert(self, alert: Alert) -> None:
        """The finding in four lines, as a court's summary has it."""
        found = alert.finding
        mark = ", open: the log goes on" if alert.open else ""
        self._write([f"{alert.verdict} [{found.rule}]{mark}", f"  where     {plain(found.where)}"])
        for key, text in (("expected", found.expected), ("observed", found.observed), ("next", alert.next_action)):
            self._write(wrap(f"  {key:9} {text}", indent=" " * 12))

    def turn(self, turn: LogChange, line: int) -> None:
        """What happened to the log."""
        self._write(wrap(f"-- {turn.kind} after line {line}: the next line is line {line + 1}"))

    def outcome(self, outcome: WatchOutcome) -> None:
        """The verdict, and how many alerts of each rule there were."""
        go = "GO" if outcome.verdict == "PASS" else "STOP"
        turns = "".join(f", {number} times {kind}" for kind, number in outcome.turns.items())
        self._write(["", *wrap(f"{go}: {outcome.verdict} after {outcome.lines} lines{turns}; {_ENDS[outcome.end]}")])
        self._write(f"  {number:6} {rule}{_left_out(number)}" for rule, number in outcome.alerts.items())

    def _write(self, lines: Iterator[str] | list[str]) -> None:
        _put(self._stream, "".join(f"{line}\n" for line in lines))


def _left_out(number: int) -> str:
    return f" (the first {SHOWN} are shown above)" if number > SHOWN else ""


class JsonOutput:
    """Writes one object a line: alerts and turns as they come, the outcome last."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def began(self, source: str) -> None:
        """``{"following": source}``."""
        self._write({"following": source})

    def waiting(self, absent: str) -> None:
        """``{"waiting": absent}``."""
        self._write({"waiting": absent})

    def alert(self, alert: Alert) -> None:
        """``{"alert": {verdict, rule, where, expected, observed, next_action, open}}``."""
        fields = {"verdict": alert.verdict, **alert.finding.as_json(), "next_action": alert.next_action}
        self._write({"alert": {**fields, "open": alert.open}})

    def turn(self, turn: LogChange, line: int) -> None:
        """``{"turn": {kind, line}}``."""
        self._write({"turn": {"kind": turn.kind, "line": line}})

    def outcome(self, outcome: WatchOutcome) -> None:
        """``{"outcome": {verdict, end, lines, alerts, turns}}``."""
        self._write({"outcome": dataclasses.asdict(outcome)})

    def _write(self, value: object) -> None:
        _put(self._stream, json.dumps(value, allow_nan=False) + "\n")
