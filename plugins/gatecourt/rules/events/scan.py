"""One pass over one log: every line judged, every event tallied, memory flat."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats import jsonl
from gatecourt.rules.events.conditions import LastWords
from gatecourt.rules.events.counters import Tally
from gatecourt.rules.events.dialect import Event, Reader
from gatecourt.rules.events.fast_path.fast_path import AVAILABLE, Express
from gatecourt.rules.events.fast_path.line_regex import Learner
from gatecourt.rules.events.schema import LineSchema
from gatecourt.rules.events.section import EventsSection
from gatecourt.rules.events.summary import LogSummary, Places, Told

_WORTH_LEARNING = 4 * jsonl.BLOCK
"""Bytes of a log below which the exact way alone is done sooner."""

_LESSONS = 8
"""How often the kinds of lines are learned at most."""

_ENOUGH = 250
"""Lines without fault that went the exact way, after which they are learned from."""


class Pass:
    """The way through one log. Blocks of lines are given in order; ``summary`` closes it.

    With ``at_speed`` lines of kinds that were seen before are taken by the thousand; what is told is the same with
    and without.
    """

    def __init__(self, name: str, section: EventsSection, schema: LineSchema, at_speed: bool = True) -> None:
        self._name = name
        self._exceptions = section.exceptions
        self._schema = schema
        self.told = Told(name)
        self.tally = Tally(section, name, self.told)
        self.reader = Reader(section.dialect, name)
        self.lines = 0
        self._express: Express | None = None
        self._learner = Learner()
        self._examples: list[tuple[bytes, Event]] = []
        self._lessons = _LESSONS if at_speed and AVAILABLE else 0
        self._last: deque[tuple[int, bytes]] = deque(maxlen=section.exceptions.last)

    def take_block(self, block: bytes) -> None:
        """Judge the next lines."""
        if len(self._examples) >= _ENOUGH:
            self._learn()
        if self._express is not None and len(block) < jsonl.LONGEST_LINE:  # so no line is too long
            self._express.take_block(block)
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
            language = self._learner.language(self._schema.document, self.reader.chosen.dialect, self.tally)
            self._express = None if language is None else Express(self, language)

    def take(self, data: bytes) -> None:
        """Judge the next line, given with its newline."""
        self.lines += 1
        try:
            value = jsonl.parse(data, self._name, self.lines)
        except Judged as judged:
            self.told.add("schema", judged.finding)
            return
        valid = self._schema.meets(value)
        if not valid:
            self._tell_violations(value)
        reading = self.reader.read(value, self.lines)
        for finding in reading.findings:
            self.told.add("dialect", finding)
        if reading.event is not None:
            self.tally.take(reading.event, reading.dialect)
            if self._lessons and valid and not reading.findings:
                self._examples.append((data, reading.event))

    def _tell_violations(self, value: Json) -> None:
        if self.told.full("schema", "events.schema"):
            self.told.count("schema", "events.schema")
            return
        for finding in self._schema.violations(value, self._name, self.lines):
            self.told.add("schema", finding)

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
                continue  # told when its turn came
            if reading.event is not None:
                words = LastWords(self._exceptions, reading.dialect.payload, reading.dialect.type)
                words.take(reading.event, f"{self._name}:{line}", self.told)

    def summary(self) -> LogSummary:
        """What the lines came to."""
        fields, tally = self.reader.chosen, self.tally
        if fields is not None:
            tally.close(fields.dialect)
            self._search_last()
        elif self.lines:
            self.told.drop("dialect", "events.field")
            self.told.add("dialect", self.reader.unknown())
        return LogSummary(
            name=self._name,
            lines=self.lines,
            events=tally.events,
            dialect=None if fields is None else fields.name,
            run=tally.succession.one_run.run,
            counts=dict(sorted(tally.counts.items(), key=str)),
            slow=Places() if tally.slow is None else tally.slow.places(),
            surfaced=tally.surface.places(),
            first_error=tally.first_error,
            findings=self.told.findings(),
        )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # opening the file tells why


def scan(path: Path, name: str, section: EventsSection, schema: LineSchema) -> LogSummary:
    """Go once through the log ``path``, called ``name`` in findings.

    A file that cannot be read to its end is a finding ``artefact.unreadable`` of aspect ``schema``.
    """
    way = Pass(name, section, schema, at_speed=_size(path) > _WORTH_LEARNING)
    try:
        with path.open("rb") as stream:
            for block in jsonl.blocks(stream):
                way.take_block(block)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        way.told.add("schema", Finding(name, "a readable file", reason, "artefact.unreadable"))
    return way.summary()
