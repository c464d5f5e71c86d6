"""Accuracy over the newest rehearsals, from their summaries: the mean, and the least of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Subject
from gatecourt.formats.decimals import number, read, words
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import subject
from gatecourt.mechanisms.bands.figures import counted
from gatecourt.rules.bc.accuracy import judge_reported_values, number_or_fault, value_at
from gatecourt.rules.bc.section import BcSection, Rehearsals


@dataclass(frozen=True, slots=True)
class _Summary:
    subject: Subject
    document: Any
    accuracy: Decimal
    place: Decimal | datetime.datetime

    @property
    def name(self) -> str:
        return self.subject.name


def judge_rehearsals(section: BcSection, root: Path, now: datetime.datetime) -> Judgement:
    """The newest summaries: enough of them, each once, true to themselves, and accurate enough.

    ``now`` has its time zone; it matters only where an age limit is declared.

    Rules: ``bc.rolling_mean``, ``bc.rolling_minimum``, ``bc.rehearsals_too_few``, ``bc.rehearsal_repeated``,
    ``bc.rehearsal_order``, ``bc.rehearsal_stale``, ``bc.stated_contradicts``, ``bc.threshold_contradicts``,
    ``bc.other_dataset``, ``bc.stated_value``, ``bc.not_declared``; raises ``Judged`` as reading does.
    """
    declared = section.rehearsals
    if declared is None:
        return Judgement((), (Finding("bc.rehearsals", "the summaries", "not declared", "bc.not_declared"),))
    findings: list[Finding] = []
    summaries: list[_Summary] = []
    subjects: list[Subject] = []
    for index, name in enumerate(declared.files):
        one = subject(root / name, name)
        subjects.append(one)
        found = _summary(declared, one, read(root / name, name), index)
        if isinstance(found, Finding):
            findings.append(found)
        else:
            summaries.append(found)
    findings += _in_order(declared, summaries)
    if not findings:  # which are the newest is not known where one cannot be read or placed
        newest = sorted(summaries, key=lambda one: one.place)[-declared.last :]
        findings += [*_single(declared, summaries), *_judge(section, declared, newest, now)]
        return Judgement(tuple(subjects), tuple(findings), _parameters(declared, newest))
    return Judgement(tuple(subjects), tuple(findings))


def _summary(declared: Rehearsals, one: Subject, document: Any, index: int) -> _Summary | Finding:
    accuracy = number_or_fault(document, declared.accuracy, one.name)
    if isinstance(accuracy, Finding):
        return accuracy
    if declared.order is None:
        return _Summary(one, document, accuracy, Decimal(index))
    place = _place(value_at(document, declared.order))
    if place is None:
        where, expected = f"{one.name}#{declared.order}", "a number, a date or a time"
        return Finding(where, expected, excerpt(value_at(document, declared.order)), "bc.rehearsal_order")
    return _Summary(one, document, accuracy, place)


def _place(value: Any) -> Decimal | datetime.datetime | None:
    """A number as it is, a date or time as a moment; one without a zone is in UTC."""
    if not isinstance(value, str):
        return number(value)
    try:
        moment = datetime.datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=datetime.UTC)


def _in_order(declared: Rehearsals, summaries: list[_Summary]) -> Iterator[Finding]:
    """Numbers and dates cannot be mixed, and no two rehearsals have the same place in the order."""
    seen: dict[Decimal | datetime.datetime, str] = {}
    for one in summaries:
        where = f"{one.name}#{declared.order}"
        if isinstance(one.place, Decimal) != isinstance(summaries[0].place, Decimal):
            expected = f"the kind of value that {summaries[0].name} has"
            yield Finding(where, expected, "another kind", "bc.rehearsal_order")
        elif one.place in seen:
            yield Finding(where, "a place of its own", f"that of {seen[one.place]}", "bc.rehearsal_order")
        seen.setdefault(one.place, one.name)


def _single(declared: Rehearsals, summaries: list[_Summary]) -> Iterator[Finding]:
    """One rehearsal reported twice: the same bytes, or the same identity."""
    digests: dict[str, str] = {}
    identities: dict[str, str] = {}
    for one in summaries:
        if one.subject.sha256 in digests:
            observed = f"the same bytes as {digests[one.subject.sha256]}"
            yield Finding(one.name, "a rehearsal of its own", observed, "bc.rehearsal_repeated")
        elif declared.identity is not None:
            where, identity = f"{one.name}#{declared.identity}", value_at(one.document, declared.identity)
            if identity is None:
                yield Finding(where, "what no two rehearsals share", "absent", "bc.stated_value")
            elif (key := excerpt(identity)) in identities:
                yield Finding(where, "a rehearsal of its own", f"{key}, as {identities[key]}", "bc.rehearsal_repeated")
            identities.setdefault(excerpt(identity), one.name)
        digests.setdefault(one.subject.sha256, one.name)


def _judge(
    section: BcSection, declared: Rehearsals, newest: list[_Summary], now: datetime.datetime
) -> Iterator[Finding]:
    if len(newest) < declared.last:
        expected, observed = counted(declared.last, "rehearsal"), str(len(newest))
        yield Finding(declared.files[0], expected, observed, "bc.rehearsals_too_few")
    for one in newest:
        yield from judge_reported_values(section, declared, one.document, one.name, Fraction(one.accuracy))
        yield from _age(declared, one, now)
        if one.accuracy < declared.minimum:
            where, expected = f"{one.name}#{declared.accuracy}", f"at least {words(declared.minimum)}"
            yield Finding(where, expected, words(one.accuracy), "bc.rolling_minimum")
    mean = sum((Fraction(one.accuracy) for one in newest), Fraction(0)) / len(newest)
    if mean < Fraction(declared.mean):
        expected = f"a mean of at least {words(declared.mean)} over {counted(len(newest), 'rehearsal')}"
        where, observed = f"{newest[-1].name}#{declared.accuracy}", f"{mean.numerator / mean.denominator:.6f}"
        yield Finding(where, expected, observed, "bc.rolling_mean")


def _age(declared: Rehearsals, one: _Summary, now: datetime.datetime) -> Iterator[Finding]:
    if declared.max_age is None:
        return
    where = f"{one.name}#{declared.order}"
    if isinstance(one.place, Decimal):
        yield Finding(where, "a date, for max_age is declared", words(one.place), "bc.rehearsal_order")
        return
    age = Decimal((now - one.place) // datetime.timedelta(seconds=1))
    if age > declared.max_age:
        expected = f"a rehearsal of the last {words(declared.max_age)} s"
        yield Finding(where, expected, one.place.isoformat(), "bc.rehearsal_stale")
    elif age < 0:
        yield Finding(where, "a time in the past", one.place.isoformat(), "bc.rehearsal_stale")


def _parameters(declared: Rehearsals, newest: list[_Summary]) -> dict[str, Json]:
    mean = sum((Fraction(one.accuracy) for one in newest), Fraction(0)) / len(newest)
    accuracies: dict[str, Json] = {one.name: words(one.accuracy) for one in newest}
    return {
        "accuracies": accuracies,
        "mean": f"{mean.numerator / mean.denominator:.6f}",
        "least_mean": words(declared.mean),
        "least": words(declared.minimum),
        "last": declared.last,
    }
