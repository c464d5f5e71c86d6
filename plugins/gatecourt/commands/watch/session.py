"""From the first line to the verdict: lines in, alerts out at once, the worst verdict at the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from gatecourt.commands.watch.judge import LineJudge
from gatecourt.commands.watch.sources.pieces import Lines, LogChange, NoData, Piece
from gatecourt.core.model import Finding, Verdict, worst
from gatecourt.core.reasons import HOLD, Reason, Reasons
from gatecourt.formats.jsonl import lines

SHOWN = 20
"""Alerts of one rule that are shown; further ones are only counted."""

NEVER_CAME = Reason(
    "watch.never_came",
    HOLD,
    "{where} never appeared: start its writer, or correct its name, then watch again.",
)

End = Literal["ended", "deadline", "idle", "interrupted"]


@dataclass(frozen=True, slots=True)
class Alert:
    """One finding and what it means. ``open`` marks what only the complete log can decide."""

    finding: Finding
    verdict: Verdict
    next_action: str
    open: bool = False


@dataclass(frozen=True, slots=True)
class WatchOutcome:
    """How the watch ended. ``alerts`` counts by rule, ``turns`` counts rotations, truncations and disconnections."""

    verdict: Verdict
    end: End
    lines: int
    alerts: dict[str, int]
    turns: dict[str, int]


class WatchOutput(Protocol):
    """Shows what happens, to a person or a program."""

    def began(self, source: str) -> None:
        """Show that the watch has begun."""

    def waiting(self, absent: str) -> None:
        """Show what does not exist yet."""

    def alert(self, alert: Alert) -> None:
        """Show one alert."""

    def turn(self, turn: LogChange, line: int) -> None:
        """Show what happened to the log after line ``line``."""

    def outcome(self, outcome: WatchOutcome) -> None:
        """Show the verdict."""


@dataclass
class TimeLimits:
    """When to stop: after so many seconds in all, or of silence; None is never."""

    deadline: float | None = None
    idle: float | None = None
    started: float = field(default_factory=time.monotonic)
    last_data: float = field(default_factory=time.monotonic)

    def over(self) -> End | None:
        """Why it is time to stop, or None."""
        now = time.monotonic()
        if self.deadline is not None and now - self.started >= self.deadline:
            return "deadline"
        return "idle" if self.idle is not None and now - self.last_data >= self.idle else None

    def stop(self) -> bool:
        """Whether it is time to stop."""
        return self.over() is not None


class WatchRun:
    """Follows one log. ``label`` is its name in findings.

    ``judge`` finds what is wrong, ``reasons`` gives verdict and next action, ``output`` shows it.
    """

    def __init__(self, label: str, judge: LineJudge, reasons: Reasons, output: WatchOutput, limits: TimeLimits) -> None:
        self._label = label
        self._judge, self._reasons, self._output, self._limits = judge, reasons, output, limits
        self._absent = ""
        self._lines = 0
        self._alerts: Counter[str] = Counter()
        self._turns: Counter[str] = Counter()
        self._verdicts: set[Verdict] = set()

    def run(self, pieces: Iterable[Piece]) -> WatchOutcome:
        """Follows to the end, the deadline or an interruption, and gives the verdict."""
        try:
            end = self._follow(pieces)
        except KeyboardInterrupt:
            end = "interrupted"
        for finding in self._closing():
            self._report(finding, is_open=end != "ended")
        if not self._lines:
            self._verdicts.add(Verdict.HOLD)
        verdict = worst(self._verdicts or {Verdict.PASS})
        outcome = WatchOutcome(verdict, end, self._lines, dict(sorted(self._alerts.items())), dict(self._turns))
        self._output.outcome(outcome)
        return outcome

    def _closing(self) -> Iterable[Finding]:
        """What the end shows; of what never was there, that alone."""
        if self._absent:
            return [Finding(self._label, "something to follow", self._absent, NEVER_CAME.code)]
        return self._judge.close()

    def _follow(self, pieces: Iterable[Piece]) -> End:
        for piece in pieces:
            if isinstance(piece, Lines):
                self._absent = ""
                self._take(piece.block)
                self._limits.last_data = time.monotonic()  # the time that judging took does not count as idle
            elif isinstance(piece, LogChange):
                self._absent = piece.absent
                self._change(piece)
            else:
                self._wait(piece)
            if not isinstance(piece, NoData) and (why := self._limits.over()) == "deadline":
                return why
        return self._limits.over() or "ended"

    def _wait(self, silence: NoData) -> None:
        if silence.absent and not self._absent:
            self._output.waiting(silence.absent)
        self._absent = silence.absent

    def _take(self, block: bytes) -> None:
        for data in lines(block):
            self._lines += 1
            for finding in self._judge.feed(self._lines, data):
                self._report(finding)

    def _change(self, turn: LogChange) -> None:
        if turn.unfinished:
            self._take(turn.unfinished)  # a line that was cut off is judged as it is
        if turn.kind != "ended":
            self._turns[turn.kind] += 1
            self._output.turn(turn, self._lines)

    def _report(self, finding: Finding, *, is_open: bool = False) -> None:
        reason = self._reasons.of(finding)
        # What needs the complete log is not proved while the log may go on.
        verdict = Verdict.HOLD if is_open and reason.verdict is Verdict.FAIL else reason.verdict
        self._verdicts.add(verdict)
        self._alerts[finding.rule] += 1
        if self._alerts[finding.rule] <= SHOWN:
            step = reason.next_action.replace("{where}", finding.where)
            self._output.alert(Alert(finding, verdict, step, is_open and verdict is not reason.verdict))
