"""The names in a manifest: those of preconditions, hooks, needs and object types must be known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.finding_groups import bounded
from gatecourt.formats.pointer import join
from gatecourt.rules.affordances.conditions import problems
from gatecourt.rules.affordances.reading import ManifestEntry, read_manifests
from gatecourt.rules.affordances.section import AffordancesSection

_MOST_FINDINGS = 100
_HOOKS = ("before", "after", "fail")
_RULES = {
    "syntax": "affordances.precondition_syntax",
    "forbidden": "affordances.precondition_forbidden",
    "unknown": "affordances.unknown_name",
    "constant": "affordances.precondition_constant",
}


def judge_preconditions(section: AffordancesSection, root: Path) -> Judgement:
    """Every precondition is an expression of the grammar over declared names.

    Rules: ``affordances.precondition_syntax``, ``affordances.precondition_forbidden``, ``affordances.unknown_name``,
    ``affordances.precondition_constant``, ``affordances.value``.
    """
    manifests = read_manifests(section, root)
    known = frozenset(section.names)
    findings = list(manifests.findings)
    count = 0
    for entry in manifests.affordances():
        for where, text in _texts(entry, ("preconds",)):
            count += 1
            findings += [text] if isinstance(text, Finding) else _conditions(where, text, known)
    parameters: dict[str, Json] = {"names": sorted(section.names), "preconditions": count}
    return Judgement(manifests.subjects, tuple(bounded(findings, _MOST_FINDINGS)), parameters)


def judge_references(section: AffordancesSection, root: Path) -> Judgement:
    """Every hook, need and object type is known.

    Rules: ``affordances.unknown_hook``, ``affordances.hook_key``, ``affordances.unknown_need``,
    ``affordances.unknown_object_type``, ``affordances.value``.
    """
    manifests = read_manifests(section, root)
    placed = {str(entry.value.get("object_type")) for entry in manifests.objects()}
    findings = list(manifests.findings)
    for entry in manifests.objects():
        findings += _object_type(entry, None)
    for entry in manifests.affordances():
        findings += _object_type(entry, placed | set(section.object_types))
        findings += _hooks(entry, section)
        findings += _needs(entry, section)
    parameters: dict[str, Json] = {
        "hooks": sorted(section.hooks),
        "needs": sorted(section.needs),
        "object_types": sorted(placed | set(section.object_types)),
    }
    return Judgement(manifests.subjects, tuple(bounded(findings, _MOST_FINDINGS)), parameters)


def _texts(entry: ManifestEntry, steps: tuple[str, ...]) -> Iterator[tuple[str, str | Finding]]:
    """Every text of the list below the entry, with its place; a finding for an item that is not a text."""
    value: Any = entry.value
    for step in steps:
        value = value.get(step, []) if isinstance(value, dict) else []
    where = entry.where + join(steps)
    if not isinstance(value, list):
        yield where, Finding(where, "a list of texts", excerpt(value), "affordances.value")
        return
    for index, item in enumerate(value):
        place = f"{where}/{index}"
        is_text = isinstance(item, str)
        yield place, item if is_text else Finding(place, "a text", excerpt(item), "affordances.value")


def _conditions(where: str, text: str, known: frozenset[str]) -> Iterator[Finding]:
    for problem in problems(text, known):
        yield Finding(where, problem.expected, problem.observed, _RULES[problem.kind])


def _object_type(entry: ManifestEntry, known: set[str] | None) -> Iterator[Finding]:
    value = entry.value.get("object_type")
    where = f"{entry.where}/object_type"
    if not isinstance(value, str) or not value.strip():
        observed = excerpt(value) if "object_type" in entry.value else "absent"
        yield Finding(where, "a text that is not empty", observed, "affordances.value")
    elif known is not None and value not in known:
        expected = f"the type of an object entry, or a declared one: {', '.join(sorted(known)) or 'none'}"
        yield Finding(where, expected, value, "affordances.unknown_object_type")


def _hooks(entry: ManifestEntry, section: AffordancesSection) -> Iterator[Finding]:
    hooks = entry.value.get("hooks", {})
    if not isinstance(hooks, dict):
        yield Finding(f"{entry.where}/hooks", "a table", excerpt(hooks), "affordances.value")
        return
    for key in sorted(hooks):
        if key not in _HOOKS:
            where = entry.where + join(["hooks", key])
            yield Finding(where, "before, after or fail", key, "affordances.hook_key")
        for where, text in _texts(entry, ("hooks", key)):
            if isinstance(text, Finding):
                yield text
            elif text not in section.hooks:
                yield Finding(where, "a declared hook", text, "affordances.unknown_hook")


def _needs(entry: ManifestEntry, section: AffordancesSection) -> Iterator[Finding]:
    effects = entry.value.get("effects", {})
    for need in sorted(effects) if isinstance(effects, dict) else ():
        if need not in section.needs:
            where = entry.where + join(["effects", need])
            yield Finding(where, "a declared need", need, "affordances.unknown_need")
