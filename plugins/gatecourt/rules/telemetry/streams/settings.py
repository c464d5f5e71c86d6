"""Limits of rules: a number in the manifest, in a file of the target (read once), or in the state itself."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, TypeAlias

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats import pointer
from gatecourt.formats.documents import read_document
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.fields import IS_RELATIVE_PATH, Constraint, Pointer
from gatecourt.formats.quantities import Number
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.frame import Place, decimal


def _is_setting(text: str) -> bool:
    file, hash_sign, at = text.partition("#")
    return bool(hash_sign) and IS_RELATIVE_PATH.accepts(file) and (not at or at.startswith("/"))


SettingRef: TypeAlias = Annotated[
    str, Constraint("FILE#/POINTER of a setting", _is_setting, {"pattern": "^[^/#][^#]*#"})
]
"""Where a setting stands in the target's tree: ``configs/release.yaml#/a/pointer``."""

Ticks: TypeAlias = int | SettingRef
"""A number of ticks or of things, or the setting that holds it."""

Level: TypeAlias = Number | SettingRef
"""A number, or the setting that holds it."""

Bound: TypeAlias = Number | SettingRef | Pointer
"""A number, the setting that holds it, or the pointer at which each state holds it."""


class Settings:
    """Reads settings of one target. Every method raises ``Judged``, with rule ``telemetry.setting`` or of reading."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._documents: dict[str, Json] = {}

    def ticks(self, setting: int | str) -> int:
        """A whole number, which may be negative where that switches something off."""
        value = setting if isinstance(setting, int) else self._value(setting)
        if type(value) is not int:
            raise Judged(Finding(str(setting), "a whole number", excerpt(value), "telemetry.setting"))
        return value

    def ticks_by_name(self, setting: int | str | Mapping[str, int]) -> int | Mapping[str, int]:
        """A whole number, or whole numbers by name."""
        value: object = self._value(setting) if isinstance(setting, str) else setting
        if isinstance(value, Mapping) and all(type(number) is int for number in value.values()):
            return value
        if type(value) is not int:
            expected = "a whole number, or whole numbers by name"
            raise Judged(Finding(str(setting), expected, excerpt(value), "telemetry.setting"))
        return value

    def level(self, setting: Decimal | str) -> Decimal:
        """A finite number."""
        if isinstance(setting, Decimal):
            return setting
        value = self._value(setting)
        number = decimal(value)
        if number is None:
            raise Judged(Finding(setting, "a finite number", excerpt(value), "telemetry.setting"))
        return number

    def bound(self, setting: Decimal | str) -> ReadBound:
        """A number that stays, or that each state holds."""
        if isinstance(setting, str) and "#" not in setting:
            return ReadBound(place=Place(setting))
        return ReadBound(self.level(setting))

    def _value(self, setting: str) -> Json:
        file, _, at = setting.partition("#")
        if file not in self._documents:
            self._documents[file] = read_document(self._root / file, file)
        try:
            return pointer.get(self._documents[file], at)
        except KeyError:
            raise Judged(Finding(setting, "a setting", "absent", "telemetry.setting")) from None


class ReadBound:
    """A bound as ``Settings.bound`` read it."""

    def __init__(self, level: Decimal = Decimal(0), place: Place | None = None) -> None:
        self._level, self._place = level, place

    def of(self, state: StreamState) -> Decimal | Finding:
        """The number for this state, or the finding that the state lacks it."""
        return self._level if self._place is None else self._place.number(state)
