"""Health lines: one line of ``key=value`` words a tick, every one of them read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.core.protocols import Target
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import gather, open_regular, run_behind
from gatecourt.formats.finding_groups import bounded
from gatecourt.rules.telemetry.streams.health_section import HealthSection

_SHOWN = 50
_NUMBER = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?")


class HealthLines:
    """The lines of one log called ``name``. What lasts from line to line is reported when it begins.

    Rules: ``telemetry.health_line`` (not in the form), ``health_none``, ``health_value``, ``health_missing``,
    ``health_limit``, ``tick_order``, ``tick_gap``, ``no_payload``.
    """

    def __init__(self, section: HealthSection, name: str) -> None:
        self._section = section
        self._name = name
        self._tick: int | None = None
        self._standing: set[tuple[str, str]] = set()
        self.lines = 0

    def feed(self, line: int, text: str) -> list[Finding]:
        """What is wrong with the next line (from 1), without its newline."""
        where = f"{self._name}:{line}"
        words = text.split()
        if not words or words[0] != self._section.word:
            expected = f"a line that begins with {self._section.word}"
            return (
                []
                if self._section.other_lines and words
                else [Finding(where, expected, excerpt(text), "telemetry.health_line")]
            )
        self.lines += 1
        values: dict[str, str] = {}
        for word in words[1:]:
            key, sign, value = word.partition("=")
            if not sign or not key or key in values:
                return [Finding(where, "words key=value, each key once", excerpt(word), "telemetry.health_line")]
            values[key] = value
        return [*self._ticked(where, values), *self._news(where, values)]

    def _ticked(self, where: str, values: Mapping[str, str]) -> Iterator[Finding]:
        found = values.get(self._section.tick, "absent")
        if not found.isascii() or not found.isdecimal() or len(found) > 18:
            expected = f"{self._section.tick}, a whole number"
            yield Finding(where, expected, excerpt(found), "telemetry.tick_value")
            return
        tick, last = int(found), self._tick
        self._tick = tick if last is None else max(last, tick)
        if last is not None and tick != last + self._section.step:
            rule = "telemetry.tick_order" if tick <= last else "telemetry.tick_gap"
            expected = f"tick {last + self._section.step}, next after {last}"
            yield Finding(where, expected, f"tick {tick}", rule)

    def _news(self, where: str, values: Mapping[str, str]) -> Iterator[Finding]:
        before, self._standing = self._standing, set()
        for key, finding in self._judged(where, values):
            self._standing.add((finding.rule, key))
            if (finding.rule, key) not in before:
                yield finding

    def _judged(self, where: str, values: Mapping[str, str]) -> Iterator[tuple[str, Finding]]:
        for key in dict.fromkeys((*self._section.required, *sorted({*self._section.at_most, *self._section.lowest}))):
            if key not in values:
                yield key, Finding(where, f"a value of {key}", "absent", "telemetry.health_missing")
        for key, value in values.items():
            limit, lowest = self._section.at_most.get(key), self._section.lowest.get(key)
            if value == "None":
                yield key, Finding(where, f"a number for {key}", value, "telemetry.health_none")
            elif not _NUMBER.fullmatch(value):
                yield key, Finding(where, f"a finite number for {key}", excerpt(value), "telemetry.health_value")
            elif limit is not None and Decimal(value) > limit:
                yield key, Finding(where, f"{key} at most {limit}", value, "telemetry.health_limit")
            elif lowest is not None and Decimal(value) < lowest:
                yield key, Finding(where, f"{key} at least {lowest}", value, "telemetry.health_limit")

    def close(self) -> list[Finding]:
        """What only the end shows: too few lines."""
        if self.lines >= self._section.at_least:
            return []
        expected = f"at least {self._section.at_least} lines of {self._section.word}"
        return [Finding(self._name, expected, str(self.lines), "telemetry.no_payload")]


def judge_health(section: HealthSection, target: Target) -> Judgement:
    """Every line of the logs. Raises ``Judged`` (``artefact.none``) where there is no log."""
    run = run_behind(section.origin, section.of, target)
    sources = gather(section.files, section.origin, run, target.root)
    if not sources:
        raise Judged(Finding(", ".join(section.files), "at least one file", "none", "artefact.none"))
    findings: list[Finding] = []
    lines: dict[str, Json] = {}
    for source in sources:
        health = HealthLines(section, source.name)
        findings += bounded(_of_file(health, source.path, source.name), _SHOWN)
        lines[source.name] = health.lines
    return Judgement(tuple(source.subject for source in sources), tuple(findings), {"lines": lines})


def _of_file(health: HealthLines, path: Path, name: str) -> Iterator[Finding]:
    try:
        with open_regular(path) as stream:
            for line, data in enumerate(stream, 1):
                if not data.endswith(b"\n"):
                    yield Finding(f"{name}:{line}", "a line ended by a newline", "end of file", "telemetry.health_line")
                yield from health.feed(line, data.decode("utf-8", "backslashreplace").rstrip("\r\n"))
    except OSError as error:
        yield Finding(name, "a readable file", error.strerror or type(error).__name__, "artefact.unreadable")
    yield from health.close()
