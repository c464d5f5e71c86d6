"""Pinned files and values, and the documented overrides of them.

Values are compared by type first: ``1``, ``1.0``, ``"1"`` and ``true`` are four different values, and so are a date and
the text that looks like it. A pin on a whole file is overridden by a digest, a pin on a value by a value.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Subject
from gatecourt.formats import pointer
from gatecourt.formats.documents import read_document
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.fields import IS_FOLDER, Constraint, Digest, Pointer, Text
from gatecourt.formats.files import subject

Place = tuple[str, str | None]
PinnedPath: TypeAlias = Annotated[
    str, Constraint("a path below the target's root, without '..'", IS_FOLDER.accepts, IS_FOLDER.schema)
]


@dataclass(frozen=True)
class PinnedValue:
    """One value of a JSON, TOML or YAML file."""

    file: PinnedPath = field(metadata={"doc": "Path below the target's root; .json, .toml, .yaml or .yml."})
    pointer: Pointer = field(metadata={"doc": "JSON pointer of the value."})
    equals: Any = field(metadata={"doc": "The value that must stand there, of the same type."})

    @property
    def place(self) -> Place:
        """File and pointer."""
        return self.file, self.pointer


@dataclass(frozen=True)
class Override:
    """A documented deviation from a pin. It applies only where it matches exactly."""

    file: str = field(metadata={"doc": "The file of the pin."})
    reason: Text = field(metadata={"doc": "Why the pin does not hold."})
    date: datetime.date = field(metadata={"doc": "Day of the decision, a TOML date."})
    by: Text = field(metadata={"doc": "Who decided."})
    pointer: Pointer | None = field(default=None, metadata={"doc": "Pointer of the pinned value; none for a file."})
    value: Any = field(default=None, metadata={"doc": "The value in force instead, with pointer."})
    sha256: Digest | None = field(default=None, metadata={"doc": 'Digest in force instead, "sha256:<hex>".'})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` unless the override states either a value or a digest."""
        given = (self.pointer is not None, self.value is not None, self.sha256 is not None)
        if given not in ((True, True, False), (False, False, True)):
            raise ValueError(f"the override of {self.file!r} needs pointer and value, or sha256 alone")

    @property
    def place(self) -> Place:
        """File and pointer, no pointer for a whole file."""
        return self.file, self.pointer

    @property
    def in_force(self) -> Any:
        """The digest or value that replaces the pinned one."""
        return self.value if self.sha256 is None else self.sha256

    def as_json(self) -> dict[str, Json]:
        """The override as evidence lists it."""
        described = {"in_force": excerpt(self.in_force), "reason": self.reason, "by": self.by}
        return {"where": _where(self.place), "date": self.date.isoformat(), **described}


@dataclass(frozen=True)
class PinsSection:
    """The manifest's ``[pins]``."""

    files: Mapping[PinnedPath, Digest] = field(
        default_factory=dict, metadata={"doc": 'Path below the target\'s root -> "sha256:<hex>".'}
    )
    values: tuple[PinnedValue, ...] = field(default=(), metadata={"doc": "Values pinned one by one."})
    override: tuple[Override, ...] = field(default=(), metadata={"doc": "Documented deviations."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where nothing is pinned, a pin is given twice, or an override belongs to no pin."""
        if not self.files and not self.values:
            raise ValueError("nothing is pinned: give files or values")
        pinned = [(name, None) for name in self.files] + [pin.place for pin in self.values]
        _require_once("pinned", pinned)
        _require_once("overridden", [item.place for item in self.override])
        for item in self.override:
            if item.place not in pinned:
                raise ValueError(f"the override of {_where(item.place)!r} belongs to no pin")


def _require_once(verb: str, places: list[Place]) -> None:
    for place in places:
        if places.count(place) > 1:
            raise ValueError(f"{_where(place)!r} is {verb} more than once")


def _where(place: Place) -> str:
    return place[0] if place[1] is None else f"{place[0]}#{place[1]}"


@dataclass(frozen=True, slots=True)
class _PinnedAndObserved:
    """A pin and the value or digest that was observed."""

    place: Place
    pinned: object
    observed: object

    def describe(self, value: object) -> str:
        """A digest as it is, a value with its type."""
        return str(value) if self.place[1] is None else _typed(value)


def judge_pins(section: PinsSection, root: Path) -> Judgement:
    """All pins of the section against the files below ``root``.

    Rules: ``config_drift.missing_file``, ``config_drift.file_drift``, ``config_drift.missing_value``,
    ``config_drift.value_drift``, ``config_drift.override_unused``, and those of reading a document.
    """
    subjects, findings = _subjects(section, root)
    overrides = {item.place: item for item in section.override}
    applied: list[Json] = []
    for seen in (*_observed_values(section, subjects, root), *_observed_files(section, subjects)):
        if isinstance(seen, Finding):
            findings.append(seen)
            continue
        override = overrides.get(seen.place)
        if override and not identical(seen.observed, seen.pinned) and identical(seen.observed, override.in_force):
            applied.append(override.as_json())
        else:
            findings += _drift(seen, override)
    parameters: dict[str, Json] = {
        "pinned_files": len(section.files),
        "pinned_values": len(section.values),
        "overrides": applied,
    }
    return Judgement(tuple(subjects.values()), tuple(dict.fromkeys(findings)), parameters)


def _subjects(section: PinsSection, root: Path) -> tuple[dict[str, Subject], list[Finding]]:
    subjects: dict[str, Subject] = {}
    findings: list[Finding] = []
    for name in sorted({*section.files, *(pin.file for pin in section.values)}):
        try:
            subjects[name] = subject(root / name, name)
        except Judged as judged:
            missing = Finding(name, "the pinned file", "no such file", "config_drift.missing_file")
            findings.append(judged.finding if (root / name).exists() else missing)
    return subjects, findings


def _observed_files(section: PinsSection, subjects: Mapping[str, Subject]) -> Iterator[_PinnedAndObserved]:
    for name, digest in sorted(section.files.items()):
        if name in subjects:
            yield _PinnedAndObserved((name, None), digest, f"sha256:{subjects[name].sha256}")


def _observed_values(
    section: PinsSection, subjects: Mapping[str, Subject], root: Path
) -> Iterator[_PinnedAndObserved | Finding]:
    for pin in sorted(section.values, key=lambda pin: pin.place):
        if pin.file not in subjects:
            continue
        try:
            yield _PinnedAndObserved(
                pin.place, pin.equals, pointer.get(read_document(root / pin.file, pin.file), pin.pointer)
            )
        except Judged as judged:
            yield judged.finding
        except KeyError:
            yield Finding(_where(pin.place), _typed(pin.equals), "absent", "config_drift.missing_value")


def _drift(pin: _PinnedAndObserved, override: Override | None) -> Iterator[Finding]:
    where, pinned, observed = _where(pin.place), pin.describe(pin.pinned), pin.describe(pin.observed)
    overriding = f"{pin.describe(override.in_force)} by the override of {override.date.isoformat()}" if override else ""
    if identical(pin.observed, pin.pinned):
        if override:
            yield Finding(where, overriding, f"{observed}, as pinned", "config_drift.override_unused")
        return
    rule = "config_drift.file_drift" if pin.place[1] is None else "config_drift.value_drift"
    yield Finding(where, f"{pinned}, or {overriding}" if override else pinned, observed, rule)


_NAMES: Mapping[type, str] = {bool: "boolean", int: "integer", float: "number with a fraction", str: "text"}


def _typed(value: object) -> str:
    name = _NAMES.get(type(value))
    return f"{excerpt(value)} ({name})" if name else excerpt(value)


def identical(left: object, right: object) -> bool:
    """Equality in which the type counts, at every depth; NaN is identical to nothing."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(identical(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(identical, left, right))
    return _plain(left) is _plain(right) and left == right


def _plain(value: object) -> type:
    """The built-in type behind a value, so that a TOML or YAML reader's own subclass of it does not count."""
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind
    return type(value)
