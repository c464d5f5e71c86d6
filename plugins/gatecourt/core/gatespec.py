"""What a gate tells the suite about itself when it registers. Standard library only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatecourt.core.reasons import COURT_REASONS, Reason, Reasons


def nothing_optional(_section: Any) -> Mapping[str, bool]:
    """A gate whose section declares all of its parts."""
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
    ``parameters_high`` holds those that stand in its place with ``--effort=high``. ``section_reasons`` gives the reason
    codes that one target's section declares beyond ``reasons``; they hold for that target alone.

    A part is what ``[court.not_applicable.<marker>]`` may name: each check, by its test function without ``test_``, and
    the names in ``parts``, each with the checks it stands for (``name`` or ``name[parameter]``). ``optional`` gives
    the parts that a section may lack, each with whether it declares them: one that it does not declare must be listed
    as not applicable, and one that it declares must not.
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
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    optional: Callable[[Any], Mapping[str, bool]] = field(default=nothing_optional)
    section_reasons: Callable[[Any], tuple[Reason, ...]] = field(default=no_section_reasons)


def reasons_of(gates: Iterable[GateSpec], *more: Reason) -> Reasons:
    """The reason codes of the court, of ``gates`` and ``more``. Raises ``ValueError`` as ``Reasons`` does."""
    return Reasons([*COURT_REASONS, *more, *(reason for gate in gates for reason in gate.reasons)])
