"""What the charter promises, recomputed from the states of the last simulated day."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding
from gatecourt.core.protocols import Target
from gatecourt.formats.decimals import words
from gatecourt.mechanisms.bands.figures import shown
from gatecourt.rules.promotion.population import Day, follow
from gatecourt.rules.promotion.reading import Inquiry, Node, contradiction, noted
from gatecourt.rules.promotion.service_levels_section import CharterSection, StatedFigures
from gatecourt.rules.promotion.states import StateStream


def judge_charter(section: CharterSection, stream: StateStream, target: Target) -> Judgement:
    """Self-sufficiency, tenure, lateness and relationships, over everybody who lived there.

    Rules: ``promotion.self_sufficiency``, ``.tenure``, ``.charter_lateness``, ``.relationships``, ``.no_agents``,
    ``.day_too_short``, ``.nobody_employed``, ``.no_shifts``, ``.hire_rewritten``, ``.shift_state``, ``.stream``,
    ``.no_states``, ``.contradiction``, ``.missing``, ``.value``, those of reading.
    """
    inquiry = Inquiry(target)
    ticks = _ticks_per_day(section, inquiry)
    day = follow(section, stream, ticks, inquiry)
    for judged in (_population, _self_sufficiency, _tenure, _lateness, _relationships):
        with noted(inquiry.told):
            inquiry.told += judged(section, day)
    if section.stated is not None:
        with noted(inquiry.told):
            inquiry.told += _stated(section.stated, inquiry.node(section.stated.document), day)
    figures = {name: shown(value, 4) for name, value in day.figures.items()}
    inquiry.parameters |= {"ticks_per_day": ticks, "last_tick": day.last, **day.counts, **figures}
    return inquiry.judgement()


def _ticks_per_day(section: CharterSection, inquiry: Inquiry) -> int:
    if section.ticks_per_day_at is None:
        return section.ticks_per_day or 0
    node = inquiry.node(section.ticks_per_day_at)
    ticks = node.count("")
    if ticks < 1:
        raise node.refused("at least one tick")
    return ticks


def _population(section: CharterSection, day: Day) -> Iterator[Finding]:
    day.counts["agents"] = len(day.inhabitants)
    if day.covered < day.ticks:
        expected = f"states of {day.ticks} ticks, which are a day"
        yield Finding(day.file, expected, f"{day.covered}", "promotion.day_too_short")
    if len(day.inhabitants) < section.min_agents:
        expected = f"at least {section.min_agents} who lived there all day"
        raise Judged(Finding(day.file, expected, str(len(day.inhabitants)), "promotion.no_agents"))


def _self_sufficiency(section: CharterSection, day: Day) -> Iterator[Finding]:
    people = day.inhabitants
    if not people:
        return
    short = sorted(name for name, person in people.items() if person.short is not None and person.short > day.before)
    share = Fraction(len(people) - len(short), len(people))
    day.figures["self_sufficient"] = share
    if share < Fraction(section.self_sufficient):
        name = short[0]
        expected = f"at least {_percent(section.self_sufficient)} with all needs above {words(section.need_above)}"
        observed = f"{len(people) - len(short)} of {len(people)}; {name} last fell short at tick {people[name].short}"
        yield Finding(people[name].where, expected, observed, "promotion.self_sufficiency")


def _tenure(section: CharterSection, day: Day) -> Iterator[Finding]:
    if not day.inhabitants:
        return
    hired = {name: person.hired for name, person in day.present.items() if person.hired is not None}
    day.counts["employed"] = len(hired)
    if not hired:
        raise Judged(Finding(day.file, "at least one agent with a job", "none", "promotion.nobody_employed"))
    mean = Fraction(sum(day.last - tick for tick in hired.values()), len(hired) * day.ticks)
    day.figures["tenure_days"] = mean
    if mean < Fraction(section.tenure_days):
        expected = f"a mean of at least {words(section.tenure_days)} days in a job"
        yield Finding(day.file, expected, f"{shown(mean, 4)} over {len(hired)} agents", "promotion.tenure")


def _lateness(section: CharterSection, day: Day) -> Iterator[Finding]:
    if not day.inhabitants:
        return
    late, due = day.shifts
    if not due:
        raise Judged(Finding(day.file, "shifts within the day", "none", "promotion.no_shifts"))
    share = Fraction(late) / due
    day.figures["lateness"] = share
    if share >= Fraction(section.lateness_below):
        expected = f"less than {_percent(section.lateness_below)} of the time on shift"
        yield Finding(day.file, expected, f"{words(late)} ticks late of {due}", "promotion.charter_lateness")


def _relationships(section: CharterSection, day: Day) -> Iterator[Finding]:
    people = day.present
    if not people:
        return
    tied = [name for name, person in people.items() if person.tied]
    day.figures["connected"] = Fraction(len(tied), len(people))
    if Fraction(len(tied), len(people)) < Fraction(section.connected):
        expected = f"at least {_percent(section.connected)} with a tie above {words(section.tie_above)}"
        yield Finding(day.file, expected, f"{len(tied)} of {len(people)}", "promotion.relationships")


def _stated(stated: StatedFigures, said: Node, day: Day) -> Iterator[Finding]:
    """Figures of the system that are not the recomputed ones, as far as these could be had."""
    for name, due in day.figures.items():
        place = getattr(stated, name)
        if place is not None and abs(Fraction(said.number(place)) - due) * 2 * 10**stated.decimals > 1:
            yield contradiction(said.node(place), f"{shown(due, stated.decimals)}, recomputed")


def _percent(share: Decimal) -> str:
    return f"{words(share * 100)}%"
