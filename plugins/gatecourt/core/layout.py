"""Where the suite's own gates and reference systems lie: in a clone beside ``plugins/``, in a wheel in the package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def _beside(name: str) -> Path:
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parents[1] / name


RUN_NOTE = "GATECOURT_RUN_NOTE"
"""The environment variable in which ``gatecourt run`` names the file where a session notes its report."""

GATES = _beside("gates")
FIXTURES = _beside("fixtures")


def manifest_path(named: Path) -> Path:
    """The ``gates.toml`` that ``named`` stands for: itself, that of a folder, or that of a reference system."""
    if named.is_dir():
        return named / "gates.toml"
    reference = FIXTURES / named.name / "gates.toml"
    return reference if not named.exists() and reference.is_file() else named
