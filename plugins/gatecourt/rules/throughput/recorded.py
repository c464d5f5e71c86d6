"""RecordedTimes times: a JSON file with its custody, read strictly and written again.

``{"format": "gatecourt/throughput/1", "unit": …, "recorded_at": "2026-11-20", "by": …, "machine": …,
"commands": {NAME: units}, "gates": {NAME: units}}``; every number is finite and above 0.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats import strictjson
from gatecourt.formats.excerpt import excerpt
from gatecourt.rules.throughput import unit

FORMAT = "gatecourt/throughput/1"


@dataclass(frozen=True, slots=True)
class Custody:
    """Who vouches for a record, and where it was made."""

    recorded_at: str
    by: str
    machine: str


@dataclass(frozen=True, slots=True)
class RecordedTimes:
    """Times in units, by name of command and of gate."""

    custody: Custody
    commands: Mapping[str, float] = field(default_factory=dict)
    gates: Mapping[str, float] = field(default_factory=dict)


def text_of(recorded: RecordedTimes) -> str:
    """The record as its file holds it."""
    document = {"format": FORMAT, "unit": unit.NAME, **asdict(recorded.custody)}
    times = {"commands": dict(recorded.commands), "gates": dict(recorded.gates)}
    return json.dumps({**document, **times}, indent=2, sort_keys=True, allow_nan=False) + "\n"


def read(path: Path, name: str) -> RecordedTimes:
    """The record in ``path``, called ``name``.

    Raises ``Judged``: ``throughput.no_baseline``, ``throughput.other_unit``, ``throughput.custody``,
    ``throughput.value``, and what strict reading says.
    """
    if not _there(path):
        raise Judged(Finding(name, "recorded times", "no such file", "throughput.no_baseline"))
    document = strictjson.read(path, name)
    if not isinstance(document, dict):
        raise Judged(Finding(name, f"an object of format {FORMAT}", excerpt(document), "throughput.value"))
    for key, expected in (("format", FORMAT), ("unit", unit.NAME)):
        if document.get(key) != expected:
            where = f"{name}#/{key}"
            raise Judged(Finding(where, expected, excerpt(document.get(key)), "throughput.other_unit"))
    custody = Custody(**{key: _custody(document, key, name) for key in ("recorded_at", "by", "machine")})
    times = {key: _times(document.get(key, {}), f"{name}#/{key}") for key in ("commands", "gates")}
    return RecordedTimes(custody, **times)


def _there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # reading it tells why
        return True


def _custody(document: Mapping[str, Json], key: str, name: str) -> str:
    value = document.get(key)
    text = value.strip() if isinstance(value, str) else ""
    if not text or (key == "recorded_at" and not _is_date(text)):
        expected = "the date of the record, such as 2026-11-20" if key == "recorded_at" else "a text that says it"
        raise Judged(Finding(f"{name}#/{key}", expected, excerpt(value), "throughput.custody"))
    return text


def _is_date(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _times(value: Json, where: str) -> dict[str, float]:
    if not isinstance(value, dict):
        raise Judged(Finding(where, "an object of times by name", excerpt(value), "throughput.value"))
    for name, number in value.items():
        if isinstance(number, bool) or not isinstance(number, int | float) or not 1e-6 <= number < 1e12:
            expected = "a number of units, at least a millionth"
            raise Judged(Finding(f"{where}/{name}", expected, excerpt(number), "throughput.value"))
    return {name: float(number) for name, number in value.items()}
