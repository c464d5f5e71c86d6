"""From the first line to the verdict: pieces in, alerts out as they come, the worst of them at the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from gatecourt.commands.watch.judge import LineJudge
from gatecourt.commands.watch.sources.pieces import Lines, Piece, Silence, Turn
from gatecourt.core.model import Finding, Verdict, worst
from gatecourt.core.reasons import HOLD, Reason, Reasons
from gatecourt.formats.jsonl import lines

TOLD = 20
"""Alerts of one rule that are told one by one; of the others the number is told at the end."""

NEVER_CAME = Reason(
    "watch.never_came", HOLD, "Start what writes to {where}, or correct the source that was named, then watch again."
)

End = Literal["ended", "deadline", "idle", "interrupted"]


@dataclass(frozen=True, slots=True)
class Alert:
    """One finding and what it means. ``open`` marks what only the end of a log that goes on would settle."""

    finding: Finding
    verdict: Verdict
    next_action: str
    open: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the following ended. ``alerts`` counts them by rule, ``turns`` the turns of the log's life."""

    verdict: Verdict
    end: End
    lines: int
    alerts: dict[str, int]
    turns: dict[str, int]


class Teller(Protocol):
    """Tells people or machines what comes."""

    def began(self, source: str) -> None:
        """Tell that the following begins."""

    def waiting(self, absent: str) -> None:
        """Tell what there is not yet to follow."""

    def alert(self, alert: Alert) -> None:
        """Tell one alert."""

    def turn(self, turn: Turn, line: int) -> None:
        """Tell what happened to the log behind line ``line``."""

    def outcome(self, outcome: Outcome) -> None:
        """Tell the verdict."""


@dataclass
class Patience:
    """When to stop: after so many seconds in all, or of silence; None is never."""

    deadline: float | None = None
    idle: float | None = None
    started: float = field(default_factory=time.monotonic)
    heard: float = field(default_factory=time.monotonic)

    def over(self) -> End | None:
        """Why it is time to stop, or None."""
        now = time.monotonic()
        if self.deadline is not None and now - self.started >= self.deadline:
            return "deadline"
        return "idle" if self.idle is not None and now - self.heard >= self.idle else None

    def stop(self) -> bool:
        """Whether it is time to stop."""
        return self.over() is not None


class Watch:
    """One following of what is ``called`` so.

    ``judge`` knows what is wrong, ``reasons`` what that means, ``teller`` whom to tell.
    """

    def __init__(self, called: str, judge: LineJudge, reasons: Reasons, teller: Teller, patience: Patience) -> None:
        self._called = called
        self._judge, self._reasons, self._teller, self._patience = judge, reasons, teller, patience
        self._absent = ""
        self._lines = 0
        self._alerts: Counter[str] = Counter()
        self._turns: Counter[str] = Counter()
        self._verdicts: set[Verdict] = set()

    def run(self, pieces: Iterable[Piece]) -> Outcome:
        """Follows to the end, the deadline or an interruption, and gives the verdict."""
        try:
            end = self._follow(pieces)
        except KeyboardInterrupt:
            end = "interrupted"
        for finding in self._closing():
            self._tell(finding, is_open=end != "ended")
        if not self._lines:
            self._verdicts.add(Verdict.HOLD)
        verdict = worst(self._verdicts or {Verdict.PASS})
        outcome = Outcome(verdict, end, self._lines, dict(sorted(self._alerts.items())), dict(self._turns))
        self._teller.outcome(outcome)
        return outcome

    def _closing(self) -> Iterable[Finding]:
        """What the end shows; of what never was there, that alone."""
        if self._absent:
            return [Finding(self._called, "something to follow", self._absent, NEVER_CAME.code)]
        return self._judge.close()

    def _follow(self, pieces: Iterable[Piece]) -> End:
        for piece in pieces:
            if isinstance(piece, Lines):
                self._absent = ""
                self._take(piece.block)
                self._patience.heard = time.monotonic()  # the time that judging took was no silence
            elif isinstance(piece, Turn):
                self._absent = piece.absent
                self._turn(piece)
            else:
                self._wait(piece)
            if not isinstance(piece, Silence) and (why := self._patience.over()) == "deadline":
                return why
        return self._patience.over() or "ended"

    def _wait(self, silence: Silence) -> None:
        if silence.absent and not self._absent:
            self._teller.waiting(silence.absent)
        self._absent = silence.absent

    def _take(self, block: bytes) -> None:
        for data in lines(block):
            self._lines += 1
            for finding in self._judge.feed(self._lines, data):
                self._tell(finding)

    def _turn(self, turn: Turn) -> None:
        if turn.unfinished:
            self._take(turn.unfinished)  # a line that nobody will finish is judged as it is
        if turn.kind != "ended":
            self._turns[turn.kind] += 1
            self._teller.turn(turn, self._lines)

    def _tell(self, finding: Finding, *, is_open: bool = False) -> None:
        reason = self._reasons.of(finding)
        # What the end of a log would have shown is not proved by one that goes on.
        verdict = Verdict.HOLD if is_open and reason.verdict is Verdict.FAIL else reason.verdict
        self._verdicts.add(verdict)
        self._alerts[finding.rule] += 1
        if self._alerts[finding.rule] <= TOLD:
            step = reason.next_action.replace("{where}", finding.where)
            self._teller.alert(Alert(finding, verdict, step, is_open and verdict is not reason.verdict))
