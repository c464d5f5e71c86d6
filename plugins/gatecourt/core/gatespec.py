"""What a gate tells the suite about itself when it registers. Standard library only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatecourt.core.reasons import COURT_REASONS, Reason, Reasons


def no_excuses(_section: Any) -> Mapping[str, str]:
    """A gate all of whose checks apply to every target."""
    return {}


def no_section_reasons(_section: Any) -> tuple[Reason, ...]:
    """A gate whose reason codes are the same for every target."""
    return ()


@dataclass(frozen=True, slots=True)
class GateSpec:
    """One gate: its marker, its manifest section and its reason codes.

    ``section`` is a frozen dataclass. It is bound to the one top-level key in ``keys``; with ``spread`` its fields are
    themselves top-level keys (``[[invariant]]`` beside ``[relations]``). ``parameters`` maps a fixture name of the
    gate's tests to a function from the bound section to the parameter's values, which become part of the check id;
    ``parameters_high`` holds those that stand in its place with ``--effort=high``. ``excused`` gives the checks, by
    their names without ``test_``, that the section declares not applicable, each with its reason: they are not heard,
    and the report lists them. ``section_reasons`` gives the reason codes that one target's section declares beyond
    ``reasons``; they hold for that target alone.
    """

    marker: str
    summary: str
    module: Path
    section: type
    keys: Mapping[str, Any]
    required: tuple[str, ...]
    reasons: tuple[Reason, ...]
    spread: bool = False
    parameters: Mapping[str, Callable[[Any], Sequence[str]]] = field(default_factory=dict)
    parameters_high: Mapping[str, Callable[[Any], Sequence[str]]] = field(default_factory=dict)
    excused: Callable[[Any], Mapping[str, str]] = field(default=no_excuses)
    section_reasons: Callable[[Any], tuple[Reason, ...]] = field(default=no_section_reasons)


def reasons_of(gates: Iterable[GateSpec], *more: Reason) -> Reasons:
    """The reason codes of the court, of ``gates`` and ``more``. Raises ``ValueError`` as ``Reasons`` does."""
    return Reasons([*COURT_REASONS, *more, *(reason for gate in gates for reason in gate.reasons)])
