"""Those who live in the town, followed state by state over its last day."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats.pointer import join
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.promotion.growth import Growth
from gatecourt.rules.promotion.reading import Inquiry, Node, noted
from gatecourt.rules.promotion.service_levels_section import CharterSection
from gatecourt.rules.promotion.states import StateStream, at, frames


@dataclass
class Person:
    """One agent: since when it lives there, when it last fell short of a need (or was away), when it was hired.

    ``latest`` is the tick of hiring that was told last, be it of a job that was left since.
    """

    where: str
    since: int
    short: int | None = None
    seen: int = 0
    hired: int | None = None
    latest: int | None = None
    tied: bool = False
    needs: set[str] = field(default_factory=set)


@dataclass
class Day:
    """The last ``ticks`` ticks, which come after the tick ``before`` and end with ``last``."""

    file: str
    ticks: int
    first: int = 0
    last: int = 0
    covered: int = 0
    people: dict[str, Person] = field(default_factory=dict)
    growth: Growth = field(default_factory=Growth)
    counted: deque[tuple[int, Decimal, int]] = field(default_factory=deque)
    counts: dict[str, Json] = field(default_factory=dict)
    figures: dict[str, Fraction] = field(default_factory=dict)

    @property
    def before(self) -> int:
        """The last tick that is not of the day."""
        return self.last - self.ticks

    @property
    def inhabitants(self) -> dict[str, Person]:
        """Who was there when the day began: who left since counts, who came since does not."""
        begin = max(self.before + 1, self.first)
        people = sorted(self.people.items())
        return {name: person for name, person in people if person.since <= begin and person.seen > self.before}

    @property
    def present(self) -> dict[str, Person]:
        """Who is there in the end."""
        return {name: person for name, person in sorted(self.people.items()) if person.seen == self.last}

    @property
    def shifts(self) -> tuple[Decimal, int]:
        """Ticks of the day that agents were late, and that they had to be at work."""
        counted = [(late, due) for tick, late, due in self.counted if tick > self.before]
        return sum((late for late, _ in counted), Decimal(0)), sum(due for _, due in counted)


def follow(section: CharterSection, stream: StateStream, ticks: int, inquiry: Inquiry) -> Day:
    """The last day of the stream. Values that are none are told; raises ``Judged`` as ``states.frames`` does."""
    day = Day(stream.log.file, ticks)
    known: list[int] = []
    for frame in frames(stream, inquiry):
        day.first = frame.tick if not known else day.first
        day.last = frame.tick
        known.append(frame.tick)
        with noted(inquiry.told):
            _agents(section, day, frame, inquiry.told)
        with noted(inquiry.told):
            _shifts(section, day, frame, inquiry.told)
        day.file = frame.where
        last = frame
        if len(known) % ticks == 0:
            _forget(day)
    day.covered = sum(tick > day.before for tick in known)
    with noted(inquiry.told):
        _ties(section, day, last, inquiry.told)
    return day


def _agents(section: CharterSection, day: Day, frame: StreamState, told: list[Finding]) -> None:
    agents = at(frame, section.fields.agents, "an object of agents").members()
    for name in day.people.keys() - agents.keys():
        day.people[name].short = frame.tick
    for name, node in agents.items():
        person = day.people.setdefault(name, Person(node.where, frame.tick))
        person.seen = frame.tick
        with noted(told):
            if _falls_short(section, node, person):
                person.short, person.where = frame.tick, node.where
        with noted(told):
            told += _hired(section, node, person, frame.tick)


def _falls_short(section: CharterSection, agent: Node, person: Person) -> bool:
    needs = agent.members(section.fields.needs)
    if not needs:
        raise agent.node(section.fields.needs).refused("at least one need")
    for name in sorted(person.needs - needs.keys()):  # a need that is no longer told is not met by that
        agent.node(section.fields.needs + join((name,)), "the need, which was told before")
    person.needs.update(needs)
    levels = [need.number("") for need in needs.values()]
    return min(levels) <= section.need_above


def _hired(section: CharterSection, agent: Node, person: Person, now: int) -> Iterator[Finding]:
    """The tick at which the agent was hired; it may not move back, as if somebody had long been there."""
    place = section.fields.hired
    before, person.hired = person.latest, None
    if not agent.has(place):
        return
    tick = agent.number(place)
    if tick != tick.to_integral_value() or tick > now:
        raise agent.node(place).refused(f"a whole number of at most {now}")
    person.hired = int(tick)
    person.latest = person.hired
    if before is not None and person.hired < before:
        where = agent.node(place).where
        yield Finding(where, f"{before}, as told before, or later", str(person.hired), "promotion.hire_rewritten")


def _shifts(section: CharterSection, day: Day, frame: StreamState, told: list[Finding]) -> None:
    late, due = Decimal(0), 0
    for name, job in at(frame, section.fields.jobs, "an object of jobs").members().items():
        with noted(told):
            state = job.text(section.fields.shift_state)
            if state not in section.on_shift and state not in section.off_shift:
                expected = "a word of on_shift or off_shift"
                where = job.node(section.fields.shift_state).where
                raise Judged(Finding(where, expected, state, "promotion.shift_state"))
            due += state in section.on_shift
            late += day.growth.add(name, job.amount(section.fields.late_ticks))
    day.counted.append((frame.tick, late, due))


def _forget(day: Day) -> None:
    while day.counted and day.counted[0][0] <= day.before:
        day.counted.popleft()


def _ties(section: CharterSection, day: Day, frame: StreamState, told: list[Finding]) -> None:
    ties = at(frame, section.fields.ties, "an object of ties").members()
    for name, person in day.present.items():
        others = ties[name].members() if name in ties else {}
        for tie in (tie for other, tie in others.items() if other != name):
            for place in section.fields.tie_measures:
                with noted(told):
                    person.tied = abs(tie.number(place)) > section.tie_above or person.tied
