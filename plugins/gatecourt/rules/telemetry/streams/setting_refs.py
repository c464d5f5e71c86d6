"""What a section's keys are made of: pointers, settings that stand in a file of the target, versions."""

from __future__ import annotations

from typing import TypeAlias

from gatecourt.formats.pointer import split
from gatecourt.formats.quantities import Number
from gatecourt.formats.sources import require_relative

Ticks: TypeAlias = int | str
"""A number of ticks or of things, or where it stands in the target's tree: ``configs/release.yaml#/a/pointer``."""

Level: TypeAlias = Number | str
"""A number, or where it stands in the target's tree."""


def require_pointers(section: object, names: tuple[str, ...]) -> None:
    """Raise ``ValueError`` where one of the section's fields is given and is no JSON pointer."""
    for name in names:
        if (at := getattr(section, name)) is not None:
            try:
                split(at)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None


def require_settings(section: object, names: tuple[str, ...]) -> None:
    """Raise ``ValueError`` where one of the fields is text and does not say where a setting stands."""
    for name in names:
        if isinstance(setting := getattr(section, name), str):
            try:
                parted(setting)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None


def parted(setting: str) -> tuple[str, str]:
    """File and pointer of a setting such as ``configs/release.yaml#/a``. Raises ``ValueError``."""
    file, hash_sign, at = setting.partition("#")
    if not hash_sign:
        raise ValueError(f"expected a number or FILE#/POINTER, found {setting!r}")
    require_relative([file])
    split(at)
    return file, at
