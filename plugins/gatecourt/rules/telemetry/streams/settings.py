"""Settings that a manifest takes from files of the target: each file is read once."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats import pointer
from gatecourt.formats.documents import read_document
from gatecourt.formats.excerpt import excerpt
from gatecourt.rules.telemetry.streams.frame import decimal
from gatecourt.rules.telemetry.streams.setting_refs import parted

_RULE = "telemetry.setting"


class Settings:
    """Reads settings of one target. Every method raises ``Judged``, with rule ``telemetry.setting`` or of reading."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._documents: dict[str, Json] = {}

    def ticks(self, setting: int | str) -> int:
        """A whole number, which may be negative where that switches something off."""
        value = setting if isinstance(setting, int) else self._value(setting)
        if type(value) is not int:
            raise Judged(Finding(str(setting), "a whole number", excerpt(value), _RULE))
        return value

    def level(self, setting: Decimal | str) -> Decimal:
        """A finite number."""
        if isinstance(setting, Decimal):
            return setting
        value = self._value(setting)
        number = decimal(value)
        if number is None:
            raise Judged(Finding(setting, "a finite number", excerpt(value), _RULE))
        return number

    def by_name(self, setting: Mapping[str, int] | str) -> Mapping[str, int]:
        """Whole numbers by name."""
        value = self._value(setting) if isinstance(setting, str) else dict(setting)
        if not isinstance(value, dict) or not all(type(number) is int for number in value.values()):
            raise Judged(Finding(str(setting), "whole numbers by name", excerpt(value), _RULE))
        return value

    def _value(self, setting: str) -> Json:
        file, at = parted(setting)
        if file not in self._documents:
            self._documents[file] = read_document(self._root / file, file)
        try:
            return pointer.get(self._documents[file], at)
        except KeyError:
            raise Judged(Finding(setting, "a setting", "absent", _RULE)) from None
