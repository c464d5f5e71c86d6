"""A baseline's document read strictly: every defect of form and numbers is one finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from gatecourt.core.model import Finding
from gatecourt.formats import decimals, pointer
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.bands.baseline import (
    FORMAT,
    Baseline,
    Calibration,
    Custody,
    Former,
    Origin,
    RecordedMetric,
    SourceLog,
)
from gatecourt.mechanisms.bands.figures import fraction, mean, rounded

T = TypeVar("T")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}(-dirty)?")
_SIGNED = ("recorded_at", "by", "reason", "commit")
_RUNS = ("seeds", "sources")
_KEYS = frozenset(("format", *_SIGNED, "target", "log", "command", *_RUNS, "metrics", "noise", "previous", "before"))
_NOISE_KEYS = frozenset((*_SIGNED, *_RUNS, "samples"))


@dataclass
class Reader:
    """Collects every defect of one file; a part that is defective is left out."""

    name: str
    findings: list[Finding] = field(default_factory=list)

    def tell(self, at: str, expected: str, value: object, rule: str = "band.value") -> None:
        """One defect at the pointer ``at``."""
        observed = "absent" if value is None else str(value) if isinstance(value, Decimal) else excerpt(value)
        self.findings.append(Finding(f"{self.name}#{at}", expected, observed, rule))


def baseline_of(document: Any, reader: Reader) -> Baseline | None:
    """The baseline, as far as it can be read: metrics with a defect are left out. None where it is none at all."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        found = document.get("format") if isinstance(document, dict) else document
        reader.tell("/format" if isinstance(document, dict) else "", FORMAT, found, "band.baseline_format")
        return None
    _keys(document, _KEYS, "", reader)
    seeds, sources = _runs(document, "", reader)
    number = len(sources or seeds)
    target, log, command = (_text(document, key, "", reader) for key in ("target", "log", "command"))
    return Baseline(
        _custody(document, "", reader),
        Origin(target, log, command or None),
        seeds,
        _table(document.get("metrics"), "/metrics", reader, lambda value, at: _metric(value, at, number, reader)),
        _calibration(document.get("noise"), seeds, sources, reader),
        _previous(document.get("previous"), reader),
        _table(document.get("before"), "/before", reader, lambda value, at: _former(value, at, reader)),
        sources,
    )


def _calibration(value: Any, taken: Sequence[int], recorded: Sequence[SourceLog], reader: Reader) -> Calibration | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        reader.tell("/noise", "an object, or null", value)
        return None
    _keys(value, _NOISE_KEYS, "/noise", reader)
    seeds, sources = _runs(value, "/noise", reader)
    if again := sorted(set(taken) & set(seeds)):
        reader.tell("/noise/seeds", "other seeds than those that were recorded from", again)
    if same := {source.sha256 for source in recorded} & {source.sha256 for source in sources}:
        reader.tell("/noise/sources", "other logs than those that were recorded from", min(same))
    number = len(sources or seeds)
    samples = _table(
        value.get("samples"), "/noise/samples", reader, lambda inner, at: _samples(inner, at, number, reader)
    )
    return Calibration(_custody(value, "/noise", reader), seeds, samples, sources)


def _keys(table: Mapping[str, Any], known: frozenset[str], at: str, reader: Reader) -> None:
    for key in sorted(table.keys() - known):
        reader.tell(f"{at}{pointer.join((key,))}", "no further key", table[key], "band.baseline_format")


def _custody(table: Mapping[str, Any], at: str, reader: Reader) -> Custody:
    commit = table.get("commit")
    if commit is not None and not (isinstance(commit, str) and _COMMIT.fullmatch(commit)):
        reader.tell(f"{at}/commit", "a commit of 40 hex digits, or null", commit, "band.custody")
        commit = None
    recorded_at, by, reason = (_text(table, key, at, reader) for key in ("recorded_at", "by", "reason"))
    return Custody(recorded_at, by, reason, commit)


def _text(table: Mapping[str, Any], key: str, at: str, reader: Reader) -> str:
    value = table.get(key)
    if isinstance(value, str):
        return value
    if value is not None:
        reader.tell(f"{at}/{key}", "a text", value, "band.custody")
    return ""


def _previous(value: Any, reader: Reader) -> str | None:
    if value is None or (isinstance(value, str) and _DIGEST.fullmatch(value)):
        return value
    reader.tell("/previous", '"sha256:<hex>", or null', value, "band.custody")
    return None


def _runs(table: Mapping[str, Any], at: str, reader: Reader) -> tuple[tuple[int, ...], tuple[SourceLog, ...]]:
    """What the samples were taken from, one of both."""
    if "sources" not in table:
        return _seeds(table.get("seeds"), f"{at}/seeds", reader), ()
    if "seeds" in table:
        reader.tell(f"{at}/seeds", "seeds or sources, not both", table["seeds"], "band.baseline_format")
    return (), _sources(table["sources"], f"{at}/sources", reader)


def _sources(value: Any, at: str, reader: Reader) -> tuple[SourceLog, ...]:
    listed = value if isinstance(value, list) else []
    found = [SourceLog(one["name"], one["sha256"]) for one in listed if _is_source(one)]
    if not found or len(found) != len(listed) or len({source.sha256 for source in found}) != len(found):
        reader.tell(at, 'logs of different bytes, each with name and sha256 ("sha256:<hex>"), at least one', value)
        return ()
    return tuple(found)


def _is_source(value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() != {"name", "sha256"}:
        return False
    name, digest = value["name"], value["sha256"]
    return isinstance(name, str) and isinstance(digest, str) and bool(name and _DIGEST.fullmatch(digest))


def _seeds(value: Any, at: str, reader: Reader) -> tuple[int, ...]:
    whole = isinstance(value, list) and all(type(seed) is int for seed in value)
    if not whole or not value or len(set(value)) != len(value):
        reader.tell(at, "different whole numbers, at least one", value)
        return ()
    return tuple(value)


def _table(value: Any, at: str, reader: Reader, make: Callable[[Any, str], T | None]) -> dict[str, T]:
    if not isinstance(value, dict):
        reader.tell(at, "an object by metric", value)
        return {}
    made = {name: make(inner, f"{at}{pointer.join((name,))}") for name, inner in value.items()}
    return {name: found for name, found in made.items() if found is not None}


def _metric(value: Any, at: str, runs: int, reader: Reader) -> RecordedMetric | None:
    if not isinstance(value, dict) or value.keys() != {"statistic", "value", "samples"}:
        reader.tell(at, "statistic, value and samples", value)
        return None
    samples = _samples(value["samples"], f"{at}/samples", runs, reader)
    number = fraction(value["value"])
    if number is None:
        reader.tell(f"{at}/value", "a finite number", value["value"])
    if number is None or samples is None:
        return None
    if number != Fraction(rounded(mean(samples))):
        reader.tell(f"{at}/value", f"the mean of the samples, {decimals.words(rounded(mean(samples)))}", value["value"])
        return None
    return RecordedMetric(str(value["statistic"]), number, samples)


def _former(value: Any, at: str, reader: Reader) -> Former | None:
    if not isinstance(value, dict) or value.keys() != {"statistic", "value"}:
        reader.tell(at, "statistic and value", value)
        return None
    number = fraction(value["value"])
    if number is None:
        reader.tell(f"{at}/value", "a finite number", value["value"])
        return None
    return Former(str(value["statistic"]), number)


def _samples(value: Any, at: str, runs: int, reader: Reader) -> tuple[Fraction, ...] | None:
    """``runs`` is how many there have to be, 0 where this is not known."""
    if not isinstance(value, list) or not value or len(value) != (runs or len(value)):
        reader.tell(at, f"one number a run, {runs} in all" if runs else "one number a run", value)
        return None
    found = []
    for place, sample in enumerate(value):
        if (number := fraction(sample)) is None:
            reader.tell(f"{at}/{place}", "a finite number", "null" if sample is None else sample)
        else:
            found.append(number)
    return tuple(found) if len(found) == len(value) else None
