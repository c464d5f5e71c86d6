"""The share of a level in the events of this run, compared with earlier runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from statistics import median

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Subject
from gatecourt.formats import pointer, strictjson
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import subject
from gatecourt.rules.events.report import LogsReport
from gatecourt.rules.events.summary import LogSummary
from gatecourt.rules.events.trend_section import Trend

Levels = Mapping[str, int]


@dataclass
class _History:
    """The summaries that could be read, oldest first, and the findings about the others."""

    tallies: dict[str, Levels] = field(default_factory=dict)
    subjects: dict[str, Subject] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def judge_trend(logs: LogsReport, trend: Trend, level: str, root: Path) -> Judgement:
    """Compares the share of ``level`` in ``logs`` with the summaries below ``root``. A share equal to the band passes.

    Rules: ``events.rise``, ``events.few_runs``, ``events.tally``, ``events.history_repeated``, ``events.no_event``,
    ``events.no_log`` and those of ``strictjson.read``.
    """
    history = _history(trend, root)
    now = _sum(logs.logs)
    subjects = (*logs.subjects, *history.subjects.values())
    parameters = _parameters(trend, level, history, now)
    where = ", ".join(log.name for log in logs.logs) or ", ".join(logs.section.logs)
    if not now:
        rule = "events.no_event" if logs.logs else "events.no_log"
        return Judgement(subjects, (Finding(where, "at least one event", "none", rule),), parameters)
    reference = list(history.tallies.values())[: trend.runs]
    found = [*history.findings, *_too_few(trend, history)]
    if len(reference) == trend.runs:
        found += _rise(trend.rise[level], level, reference, now, where)
    return Judgement(subjects, tuple(found), parameters)


def _sum(logs: tuple[LogSummary, ...]) -> Levels:
    levels: Counter[str] = Counter()
    for log in logs:
        levels.update(log.by_level())
    return levels


def _history(trend: Trend, root: Path) -> _History:
    history = _History()
    for name in trend.history:
        try:
            known = subject(root / name, name)
            tally = _tally(root / name, name, trend.tally)
        except Judged as judged:
            history.findings.append(judged.finding)
            continue
        if twin := next((other for other, one in history.subjects.items() if one.sha256 == known.sha256), None):
            repeated = Finding(
                name, "a different summary for each run", f"the same bytes as {twin}", "events.history_repeated"
            )
            history.findings.append(repeated)
            continue
        history.subjects[name], history.tallies[name] = known, tally
    return history


def _tally(path: Path, name: str, at: str) -> Levels:
    document = strictjson.read(path, name)
    where, expected = f"{name}#{at}", "an object with the number of events per level, at least one event in total"
    try:
        found = pointer.get(document, at)
    except KeyError:
        raise Judged(Finding(where, expected, "absent", "events.tally")) from None
    whole = isinstance(found, dict) and all(type(number) is int and number >= 0 for number in found.values())
    if not isinstance(found, dict) or not whole or not sum(found.values()):
        raise Judged(Finding(where, expected, excerpt(found), "events.tally"))
    return found


def _too_few(trend: Trend, history: _History) -> Iterator[Finding]:
    if len(history.tallies) < trend.runs:
        expected = f"summaries of at least {trend.runs} earlier runs"
        yield Finding("events.trend.history", expected, f"{len(history.tallies)}", "events.few_runs")


def _rise(band: Decimal, level: str, reference: list[Levels], now: Levels, where: str) -> Iterator[Finding]:
    usual: Fraction = median(_share(tally, level) for tally in reference)
    share = _share(now, level)
    if share > usual + Fraction(band):
        expected = f"at most {_percent(usual + Fraction(band))} {level}, the earlier runs had {_percent(usual)}"
        observed = f"{now.get(level, 0)} of {sum(now.values())} events ({_percent(share)})"
        yield Finding(where, expected, observed, "events.rise")


def _share(levels: Levels, level: str) -> Fraction:
    return Fraction(levels.get(level, 0), sum(levels.values()))


def _percent(share: Fraction) -> str:
    return f"{float(100 * share):.3g}%"


def _parameters(trend: Trend, level: str, history: _History, now: Levels) -> dict[str, Json]:
    series = [*history.tallies.items(), ("this run", now)]
    shares: list[Json] = [f"{name}: {tally.get(level, 0)} of {sum(tally.values())}" for name, tally in series]
    return {"rise": str(trend.rise[level]), "reference_runs": trend.runs, "runs": shares}
