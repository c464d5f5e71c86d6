"""Those who wait to leave a job (runbook W19), and requests by hand that are due on the next tick (W30)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.entries import Entries
from gatecourt.rules.telemetry.streams.frame import MISSING, VALUE, Place
from gatecourt.rules.telemetry.streams.rule import Rule
from gatecourt.rules.telemetry.streams.section import Approval, EmploymentBacklog
from gatecourt.rules.telemetry.streams.settings import Settings


class BacklogWithinLimit(Rule):
    """As many wait as are listed, and no more than the limit.

    Rules: ``telemetry.backlog_count``, ``backlog_twice``, ``backlog``, ``backlog_limit`` (a limit that is not the
    declared one), ``exit_cap``, ``exit_limit`` (a cap that is not the declared one).
    """

    lasting = True

    def __init__(self, section: EmploymentBacklog, settings: Settings) -> None:
        self._pending, self._count, self._limit = Place(section.pending), Place(section.count), Place(section.limit)
        declared = section.declared_limit
        self._declared = None if declared is None else settings.ticks(declared)
        self._exits = None if section.exits is None else Place(section.exits)
        self._cap = None if section.cap is None else Place(section.cap)
        capped = section.declared_cap
        self._declared_cap = None if capped is None else settings.ticks(capped)

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """What the backlog of this state shows."""
        pending, count, limit = self._pending.array(frame), self._count.count(frame), self._limit.count(frame)
        yield from (value for value in (pending, count, limit) if isinstance(value, Finding))
        if not isinstance(pending, Finding) and not isinstance(count, Finding):
            yield from self._counted(frame, pending, count)
        if not isinstance(limit, Finding):
            yield from self._limited(frame, count if isinstance(count, int) else 0, limit)
        yield from self._exits_today(frame)

    def _counted(self, frame: StreamState, pending: list[Json], count: int) -> Iterator[Finding]:
        if count != len(pending):
            expected = f"{len(pending)}, as many as are listed at {self._pending.pointer}"
            yield Finding(frame.at(self._count.steps), expected, str(count), "telemetry.backlog_count")
        names = [excerpt(name) for name in pending]
        if len(set(names)) != len(names):
            twice = min(name for name in names if names.count(name) > 1)
            where = frame.at(self._pending.steps)
            yield Finding(where, "each name once", f"{twice} {names.count(twice)} times", "telemetry.backlog_twice")

    def _limited(self, frame: StreamState, count: int, limit: int) -> Iterator[Finding]:
        if self._declared is not None and limit != self._declared:
            where = frame.at(self._limit.steps)
            yield Finding(where, f"{self._declared}, as declared", str(limit), "telemetry.backlog_limit")
        allowed = limit if self._declared is None else self._declared
        if count > allowed:
            yield Finding(frame.at(self._count.steps), f"at most {allowed}", str(count), "telemetry.backlog")

    def _exits_today(self, frame: StreamState) -> Iterator[Finding]:
        if self._exits is None or self._cap is None:
            return
        exits, cap = self._exits.count(frame), self._cap.count(frame)
        if isinstance(exits, Finding) or isinstance(cap, Finding):
            yield from (value for value in (exits, cap) if isinstance(value, Finding))
            return
        if self._declared_cap is not None and cap != self._declared_cap:
            where = frame.at(self._cap.steps)
            yield Finding(where, f"{self._declared_cap}, as declared", str(cap), "telemetry.exit_limit")
        allowed = cap if self._declared_cap is None else self._declared_cap
        if exits > allowed:
            yield Finding(frame.at(self._exits.steps), f"at most {allowed}", str(exits), "telemetry.exit_cap")


@dataclass(slots=True)
class _Request:
    """A request that waits to be carried out, and the ticks at which something was carried out for its agent."""

    where: str
    tick: int
    done: list[int] = field(default_factory=list)


class RequestsProcessed(Rule):
    """Each request is carried out exactly so many ticks later.

    Rules: ``telemetry.not_processed``, ``request_undecided`` (the stream ends before), ``no_sample``.
    """

    def __init__(self, section: Approval) -> None:
        self._section = section
        self._entries = Entries(section.events.pointer, section.events.tick)
        self._open: dict[str, list[_Request]] = defaultdict(list)
        self._requests = 0

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """Requests that were due by this state."""
        for entry in self._entries.new(frame):
            if isinstance(entry, Finding):
                yield entry
                continue
            kind = entry.value.get(self._section.events.type)
            if kind == self._section.requested or kind == self._section.processed:
                agent = entry.value.get(self._section.id)
                if not isinstance(agent, str):
                    rule = VALUE if self._section.id in entry.value else MISSING
                    yield Finding(f"{entry.where}/{self._section.id}", "a name", excerpt(agent), rule)
                else:
                    self._take(agent, entry.where, entry.tick, kind == self._section.requested)
        yield from self._due(frame)

    def _take(self, agent: str, where: str, tick: int, requested: bool) -> None:
        if requested:
            self._requests += 1
            self._open[agent].append(_Request(where, tick))
        elif agent in self._open:
            for request in self._open[agent]:
                request.done.append(tick)

    def _due(self, frame: StreamState) -> Iterator[Finding]:
        """Several requests for one agent, each in its own tick, may share one processing only where it is due."""
        for agent in sorted(self._open):
            waiting = [request for request in self._open[agent] if request.tick + self._section.after > frame.tick]
            for request in self._open[agent]:
                due = request.tick + self._section.after
                if due <= frame.tick and due not in request.done:
                    expected = f"{self._section.processed} of {excerpt(agent, 40)} at tick {due}"
                    observed = f"at tick {request.done[0]}" if request.done else f"none by tick {frame.tick}"
                    yield Finding(request.where, expected, observed, "telemetry.not_processed")
            if waiting:
                self._open[agent] = waiting
            else:
                del self._open[agent]

    def close(self, where: str) -> Iterator[Finding]:
        """Requests too late to be judged, and a stream without any."""
        for agent in sorted(self._open):
            for request in self._open[agent]:
                expected = f"a state at tick {request.tick + self._section.after}"
                yield Finding(request.where, expected, "the end of the stream", "telemetry.request_undecided")
        if not self._requests:
            expected = f"at least one {self._section.requested}"
            yield Finding(where, expected, "none", "telemetry.no_sample")

    def summary(self) -> Mapping[str, Json]:
        """How many requests were judged."""
        return {"requests": self._requests}
