"""One pass over one log: every line is judged, every event is counted, memory use is constant."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats import jsonl
from gatecourt.rules.events.conditions import FailureWords
from gatecourt.rules.events.counters import EventCounters
from gatecourt.rules.events.dialect import LogEvent, Reader
from gatecourt.rules.events.fast_path.fast_path import AVAILABLE, FastPath
from gatecourt.rules.events.fast_path.line_regex import Learner
from gatecourt.rules.events.schema import LineSchema, Violation
from gatecourt.rules.events.section import EventsSection
from gatecourt.rules.events.summary import FindingLog, LogSummary, Places

_WORTH_LEARNING = 4 * jsonl.BLOCK
"""Bytes of a log below which the exact way alone is faster."""

_MAX_LESSONS = 8
"""How many times the kinds of lines are learned at most."""

_LESSON_LINES = 250
"""Faultless lines judged the exact way that make one lesson."""


class LogPass:
    """One pass over one log. Give it the blocks of lines in order; ``summary`` ends it.

    With ``at_speed`` lines of kinds that were seen before are processed by the thousand; the result is the same with
    and without.
    """

    def __init__(self, name: str, section: EventsSection, schema: LineSchema, at_speed: bool = True) -> None:
        self._name = name
        self._exceptions = section.exceptions
        self._schema = schema
        self.findings = FindingLog()
        self.counters = EventCounters(section, name, self.findings)
        self.reader = Reader(section.dialect, name)
        self.lines = 0
        self._counted: dict[Violation, Finding] = {}
        self._fast_path: FastPath | None = None
        self._learner = Learner()
        self._examples: list[tuple[bytes, LogEvent]] = []
        self._lessons = _MAX_LESSONS if at_speed and AVAILABLE else 0
        self._last: deque[tuple[int, bytes]] = deque(maxlen=section.exceptions.last)

    def take_block(self, block: bytes) -> None:
        """Judge the next lines."""
        if len(self._examples) >= _LESSON_LINES:
            self._learn()
        if self._fast_path is not None and len(block) < jsonl.LONGEST_LINE:  # so that no line is too long
            self._fast_path.take_block(block)
        else:
            for data in jsonl.lines(block):
                self.take(data)
        self._keep_last(block)

    def _learn(self) -> None:
        self._lessons -= 1
        for data, event in self._examples:
            self._learner.see(data, event)
        self._examples = []
        if self.reader.chosen is not None:
            language = self._learner.language(self._schema.document, self.reader.chosen.dialect, self.counters)
            self._fast_path = None if language is None else FastPath(self, language)

    def take(self, data: bytes) -> None:
        """Judge the next line, given with its newline."""
        self.lines += 1
        try:
            value = jsonl.parse(data, self._name, self.lines)
        except Judged as judged:
            self.findings.add("schema", judged.finding)
            return
        valid = self._schema.matches(value)
        if not valid:
            self._add_violations(value)
        reading = self.reader.read(value, self.lines)
        for finding in reading.findings:
            self.findings.add("dialect", finding)
        if reading.event is not None:
            self.counters.take(reading.event, reading.dialect)
            if self._lessons and valid and not reading.findings:
                self._examples.append((data, reading.event))

    def _add_violations(self, value: Json) -> None:
        known = self._counted if self.findings.full("schema") else None
        for finding in self._schema.violations(value, self._name, self.lines, known):
            self.findings.add("schema", finding)

    def _keep_last(self, block: bytes) -> None:
        wanted = self._exceptions.last
        ended = block.endswith(b"\n")
        tail = block.rsplit(b"\n", wanted + 1)[-wanted - 1 :]
        whole = [data + b"\n" for data in tail[:-1]]
        last = whole[-wanted:] if ended else [*whole, tail[-1]][-wanted:]
        self._last.extend(zip(range(self.lines - len(last) + 1, self.lines + 1), last, strict=True))

    def _search_last(self) -> None:
        for line, data in self._last:
            try:
                reading = self.reader.read(jsonl.parse(data, self._name, line), line)
            except Judged:
                continue  # a finding already, from the pass itself
            if reading.event is not None:
                words = FailureWords(self._exceptions, reading.dialect.payload, reading.dialect.type)
                words.take(reading.event, f"{self._name}:{line}", self.findings)

    def summary(self) -> LogSummary:
        """The result of all lines so far. Call it once."""
        fields, counters = self.reader.chosen, self.counters
        if fields is not None:
            counters.close(fields.dialect)
            self._search_last()
        elif self.lines:
            self.findings.replace("dialect", self.reader.unknown())
        return LogSummary(
            name=self._name,
            lines=self.lines,
            events=counters.events,
            dialect=None if fields is None else fields.name,
            run=counters.ordering.one_run.run,
            counts=dict(sorted(counters.counts.items(), key=str)),
            slow=Places() if counters.slow is None else counters.slow.places(),
            surfaced=counters.surface.places(),
            first_error=counters.first_error,
            findings=self.findings.findings(),
        )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # opening the file gives the reason


def scan(path: Path, name: str, section: EventsSection, schema: LineSchema) -> LogSummary:
    """Read the log ``path`` once; findings call it ``name``.

    A file that cannot be read to its end is a finding ``artefact.unreadable`` of the aspect ``schema``.
    """
    log_pass = LogPass(name, section, schema, at_speed=_size(path) > _WORTH_LEARNING)
    try:
        with path.open("rb") as stream:
            for block in jsonl.blocks(stream):
                log_pass.take_block(block)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        log_pass.findings.add("schema", Finding(name, "a readable file", reason, "artefact.unreadable"))
    return log_pass.summary()
