"""Rewards within their clip, and clipping that stays the exception (runbook W30)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.frame import VALUE, Place, decimal
from gatecourt.rules.telemetry.streams.rule import Rule
from gatecourt.rules.telemetry.streams.section import RewardClip
from gatecourt.rules.telemetry.streams.settings import Settings


class RewardsClipped(Rule):
    """No reward beyond the clip, the clip as declared, and no larger share of rewards clipped than allowed.

    Where the rewards are told, those that lie at the clip count as clipped, whatever the sender counts.
    Rules: ``telemetry.clip_value`` (not the declared one), ``reward_unclipped``, ``reward_largest`` (the rewards say
    otherwise), ``clip_count`` (more clipped than rewards), ``counter_back``, ``clip_share``, ``no_sample``.
    """

    lasting = True

    def __init__(self, section: RewardClip, settings: Settings) -> None:
        block = Place(section.pointer)
        self._section = section
        self._clip, self._largest = block.below(section.clip), block.below(section.largest)
        self._events = None if section.events is None else block.below(section.events)
        self._values = None if section.values is None else Place(section.values)
        self._agents = Place(section.agents)
        declared = section.declared_clip
        self._declared = None if declared is None else settings.level(declared)
        self._last: int | None = None
        self._most: Decimal | None = None
        self._unit = Decimal(10) ** -section.places
        self._at_clip = 0
        self._told = self._clipped = 0
        self._rewards = 0

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """What the rewards of this state show."""
        clip, largest = self._clip.number(frame), self._largest.number(frame)
        yield from (value for value in (clip, largest) if isinstance(value, Finding))
        if isinstance(clip, Decimal):
            yield from self._as_declared(frame, clip)
        allowed = clip if self._declared is None else self._declared
        if isinstance(allowed, Decimal) and isinstance(largest, Decimal) and not 0 <= largest <= allowed:
            where = frame.at(self._largest.steps)
            yield Finding(where, f"0 to {allowed}, the clip", str(largest), "telemetry.reward_unclipped")
        yield from self._recomputed(frame, allowed, largest)
        if self._events is not None:
            yield from self._counted(frame, self._events)

    def _as_declared(self, frame: StreamState, clip: Decimal) -> Iterator[Finding]:
        where = frame.at(self._clip.steps)
        if self._declared is not None and clip != self._declared:
            yield Finding(where, f"{self._declared}, as declared", str(clip), "telemetry.clip_value")
        elif clip <= 0:
            yield Finding(where, "more than 0", str(clip), "telemetry.clip_value")

    def _sizes(self, frame: StreamState, values: Place) -> list[Decimal] | Finding:
        table = values.table(frame)
        if isinstance(table, Finding):
            return table
        sizes = []
        for name, value in table.items():
            reward = decimal(value)
            if reward is None:
                return Finding(frame.at((*values.steps, name)), "a finite number", excerpt(value), VALUE)
            sizes.append(abs(reward))
        return sizes

    def _recomputed(
        self, frame: StreamState, allowed: Decimal | Finding, largest: Decimal | Finding
    ) -> Iterator[Finding]:
        self._at_clip = 0
        if self._values is None:
            return
        sizes = self._sizes(frame, self._values)
        if isinstance(sizes, Finding):
            yield sizes
            return
        if isinstance(allowed, Decimal):
            self._at_clip = sum(size > allowed - self._unit for size in sizes)
        if isinstance(largest, Decimal):
            yield from self._compared(frame, self._values, largest, max(sizes, default=Decimal(0)))

    def _compared(self, frame: StreamState, values: Place, largest: Decimal, most: Decimal) -> Iterator[Finding]:
        if self._section.counted == "total":
            since = largest if self._most is None else self._most  # what was before the stream is the sender's word
            most = self._most = max(most, since)
        if abs(most - largest) > self._unit:
            expected = f"the largest of {values.pointer}"
            observed = f"{largest}, not {most}"
            yield Finding(frame.at(self._largest.steps), expected, observed, "telemetry.reward_largest")

    def _counted(self, frame: StreamState, events: Place) -> Iterator[Finding]:
        count, agents = events.count(frame), self._agents.table(frame)
        if isinstance(count, Finding) or isinstance(agents, Finding):
            yield from (value for value in (count, agents) if isinstance(value, Finding))
            return
        last, self._last = self._last, count
        where = frame.at(events.steps)
        clipped = count if self._section.counted == "tick" else None if last is None else count - last
        if clipped is None:
            return
        if clipped < 0:
            yield Finding(where, f"at least {last}, as before", str(count), "telemetry.counter_back")
            return
        if clipped > len(agents):
            expected = f"at most {len(agents)} more, one for each agent"
            yield Finding(where, expected, f"{clipped} more", "telemetry.clip_count")
        self._told += clipped
        self._clipped += max(clipped, self._at_clip)
        self._rewards += len(agents)

    def close(self, where: str) -> Iterator[Finding]:
        """The share of all rewards of the stream that were clipped."""
        if self._events is None or self._section.share is None:
            return
        if not self._rewards:
            yield Finding(where, "rewards of at least two states", "none", "telemetry.no_sample")
        elif self._clipped > self._section.share * self._rewards:
            most = int(self._section.share * self._rewards)
            expected = f"at most {most} of {self._rewards} rewards clipped"
            observed = f"{self._clipped}, of which the sender counts {self._told}"
            yield Finding(where, expected, observed, "telemetry.clip_share")

    def summary(self) -> Mapping[str, Json]:
        """How many rewards there were, and how many were clipped."""
        return {"rewards": self._rewards, "clipped": self._clipped} if self._events is not None else {}
