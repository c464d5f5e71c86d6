"""The keywords of JSON Schema: how each narrows what the slots of a shape may hold, and which shapes each refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Protocol, TypeAlias

from gatecourt.core.model import Json
from gatecourt.rules.events.fast_path.slot_spec import FREE, Spec, Specs, common, text_fits
from gatecourt.rules.events.fast_path.template import Node, Slot

_EXACT = 2**53  # beyond, a validator may compare rounded numbers
_UNESCAPED = re.compile(r"[ !#-\[\]-~]*")  # ASCII characters that a JSON string holds unescaped


class Questions(Protocol):
    """Answers both questions about a schema within the keyword's argument."""

    def constrain(self, schema: Any, node: Node, specs: Specs, depth: int = 0) -> Specs | None:
        """Narrower ``specs`` under which every line of the shape meets ``schema``; None if unknown."""

    def rejects(self, schema: Any, node: Node, specs: Specs, depth: int = 0) -> bool:
        """Whether every line of the shape under ``specs`` surely fails ``schema``."""


Rule: TypeAlias = Callable[[Questions, Any, Any, Node, Any, int], Specs | None]
Refusal: TypeAlias = Callable[[Questions, Any, Any, Node, Specs, int], bool]


def _type_of(node: Node) -> str:
    if isinstance(node, Slot):
        return node.kind
    return "object" if isinstance(node, dict) else "array"


def _types(argument: Any) -> list[str]:
    return [argument] if isinstance(argument, str) else argument


def _with(specs: Specs, slot: Slot, spec: Spec) -> Specs:
    return {**specs, slot.steps: spec}


def _type(_: Questions, argument: Any, __: Any, node: Node, specs: Specs, ___: int) -> Specs | None:
    found = _type_of(node)
    if found in _types(argument):
        return specs
    if isinstance(node, Slot) and found == "number" and "integer" in _types(argument):
        spec = specs.get(node.steps, FREE)
        return _with(specs, node, replace(spec, bounds=spec.bounds.whole()))
    return None


def _type_refused(_: Questions, argument: Any, __: Any, node: Node, ___: Specs, ____: int) -> bool:
    found = _type_of(node)
    return found not in _types(argument) and not (found == "number" and "integer" in _types(argument))


def _properties(subset: Questions, argument: Any, _: Any, node: Node, specs: Specs, depth: int) -> Specs | None:
    narrowed: Specs | None = specs
    for key, schema in argument.items() if isinstance(node, dict) else ():
        if isinstance(node, dict) and key in node and narrowed is not None:
            narrowed = subset.constrain(schema, node[key], narrowed, depth)
    return narrowed


def _properties_refused(subset: Questions, argument: Any, _: Any, node: Node, specs: Specs, depth: int) -> bool:
    return isinstance(node, dict) and any(
        key in node and subset.rejects(schema, node[key], specs, depth) for key, schema in argument.items()
    )


def _required(_: Questions, argument: Any, __: Any, node: Node, specs: Specs, ___: int) -> Specs | None:
    return None if isinstance(node, dict) and not node.keys() >= set(argument) else specs


def _required_refused(_: Questions, argument: Any, __: Any, node: Node, ___: Specs, ____: int) -> bool:
    return isinstance(node, dict) and not node.keys() >= set(argument)


def _others(schema: Any, node: Node) -> list[str]:
    return sorted(node.keys() - schema.get("properties", {}).keys()) if isinstance(node, dict) else []


def _additional(subset: Questions, argument: Any, schema: Any, node: Node, specs: Specs, depth: int) -> Specs | None:
    narrowed: Specs | None = specs
    for key in _others(schema, node):
        if isinstance(node, dict) and narrowed is not None:
            narrowed = subset.constrain(argument, node[key], narrowed, depth)
    return narrowed


def _additional_refused(_: Questions, argument: Any, schema: Any, node: Node, __: Specs, ___: int) -> bool:
    return argument is False and "patternProperties" not in schema and bool(_others(schema, node))


def _items(subset: Questions, argument: Any, _: Any, node: Node, specs: Specs, depth: int) -> Specs | None:
    if not isinstance(node, list):
        return specs
    narrowed: Specs | None = None if isinstance(argument, list) else specs
    for item in node:
        narrowed = None if narrowed is None else subset.constrain(argument, item, narrowed, depth)
    return narrowed


def _size(kind: type, fits: Callable[[int, Any], bool]) -> Rule:
    def rule(_: Questions, argument: Any, __: Any, node: Node, specs: Specs, ___: int) -> Specs | None:
        if isinstance(node, Slot) or not isinstance(node, kind):
            return specs
        return specs if fits(len(node), argument) else None

    return rule


def _enum(_: Questions, argument: Any, __: Any, node: Node, specs: Specs, ___: int) -> Specs | None:
    if not isinstance(node, Slot) or node.kind == "boolean":
        return None
    if node.kind == "null":
        return specs if None in argument else None
    members = _members(node.kind, argument)
    spec = specs.get(node.steps, FREE)
    if spec.literal is not None:
        return specs if spec.literal in members else None
    return _with(specs, node, replace(spec, members=members if spec.members is None else members & spec.members))


def _members(kind: str, argument: Sequence[Any]) -> frozenset[str]:
    if kind == "number":
        return frozenset(str(member) for member in argument if type(member) is int and abs(member) < _EXACT)
    return frozenset(member for member in argument if isinstance(member, str) and _UNESCAPED.fullmatch(member))


def _enum_refused(_: Questions, argument: Any, __: Any, node: Node, specs: Specs, ___: int) -> bool:
    if isinstance(node, Slot) and (literal := specs.get(node.steps, FREE).literal) is not None:
        return not any(isinstance(member, str) and member == literal for member in argument)
    found = _type_of(node)
    return not any(_json_type(member) == found for member in argument)


def _json_type(value: Json) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return {dict: "object", list: "array"}.get(type(value), "null") if value is not None else "null"


def _const(subset: Questions, argument: Any, schema: Any, node: Node, specs: Specs, depth: int) -> Specs | None:
    return _enum(subset, [argument], schema, node, specs, depth)


def _const_refused(subset: Questions, argument: Any, schema: Any, node: Node, specs: Specs, depth: int) -> bool:
    return _enum_refused(subset, [argument], schema, node, specs, depth)


def _length(shortest: bool) -> Rule:
    def rule(_: Questions, argument: Any, __: Any, node: Node, specs: Specs, ___: int) -> Specs | None:
        if not isinstance(node, Slot) or node.kind != "string":
            return specs
        spec = specs.get(node.steps, FREE)
        if shortest:
            spec = replace(spec, shortest=max(spec.shortest, int(argument)))
        else:
            spec = replace(spec, longest=int(argument) if spec.longest is None else min(spec.longest, int(argument)))
        return _with_text(specs, node, spec)

    return rule


def _pattern(_: Questions, argument: Any, __: Any, node: Node, specs: Specs, ___: int) -> Specs | None:
    if not isinstance(node, Slot) or node.kind != "string":
        return specs
    pattern = common(argument)
    if pattern is None:
        return None
    spec = specs.get(node.steps, FREE)
    return _with_text(specs, node, replace(spec, patterns=(*spec.patterns, pattern)))


def _with_text(specs: Specs, slot: Slot, spec: Spec) -> Specs | None:
    fits = spec.literal is None or text_fits(spec.literal, spec)
    return _with(specs, slot, spec) if fits else None


def _bound(lower: bool, is_open: bool) -> Rule:
    def rule(_: Questions, argument: Any, __: Any, node: Node, specs: Specs, ___: int) -> Specs | None:
        if abs(argument) >= _EXACT:
            return None
        if not isinstance(node, Slot) or node.kind != "number":
            return specs
        spec = specs.get(node.steps, FREE)
        narrow = spec.bounds.at_least if lower else spec.bounds.at_most
        return _with(specs, node, replace(spec, bounds=narrow(Fraction(argument), is_open)))

    return rule


def _all_of(subset: Questions, argument: Any, _: Any, node: Node, specs: Specs, depth: int) -> Specs | None:
    narrowed: Specs | None = specs
    for schema in argument:
        narrowed = None if narrowed is None else subset.constrain(schema, node, narrowed, depth)
    return narrowed


def _any_of(subset: Questions, argument: Any, _: Any, node: Node, specs: Specs, depth: int) -> Specs | None:
    tried = (subset.constrain(schema, node, specs, depth) for schema in argument)
    return next((narrowed for narrowed in tried if narrowed is not None), None)


def _one_of(subset: Questions, argument: Any, _: Any, node: Node, specs: Specs, depth: int) -> Specs | None:
    left = [schema for schema in argument if not subset.rejects(schema, node, specs, depth)]
    return subset.constrain(left[0], node, specs, depth) if len(left) == 1 else None


def _if(subset: Questions, argument: Any, schema: Any, node: Node, specs: Specs, depth: int) -> Specs | None:
    if subset.rejects(argument, node, specs, depth):
        return subset.constrain(schema.get("else", True), node, specs, depth)
    narrowed = subset.constrain(argument, node, specs, depth)
    return None if narrowed is None else subset.constrain(schema.get("then", True), node, narrowed, depth)


def _nothing(_: Questions, __: Any, ___: Any, ____: Node, specs: Specs, _____: int) -> Specs | None:
    return specs


def _all_of_refused(subset: Questions, argument: Any, _: Any, node: Node, specs: Specs, depth: int) -> bool:
    return any(subset.rejects(schema, node, specs, depth) for schema in argument)


def _any_of_refused(subset: Questions, argument: Any, _: Any, node: Node, specs: Specs, depth: int) -> bool:
    return all(subset.rejects(schema, node, specs, depth) for schema in argument)


RULES: Mapping[str, Rule] = {
    "type": _type,
    "properties": _properties,
    "required": _required,
    "additionalProperties": _additional,
    "items": _items,
    "minItems": _size(list, lambda number, least: number >= least),
    "maxItems": _size(list, lambda number, most: number <= most),
    "minProperties": _size(dict, lambda number, least: number >= least),
    "maxProperties": _size(dict, lambda number, most: number <= most),
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "minLength": _length(shortest=True),
    "maxLength": _length(shortest=False),
    "minimum": _bound(lower=True, is_open=False),
    "maximum": _bound(lower=False, is_open=False),
    "exclusiveMinimum": _bound(lower=True, is_open=True),
    "exclusiveMaximum": _bound(lower=False, is_open=True),
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "if": _if,
    "then": _nothing,
    "else": _nothing,
}

REFUSALS: Mapping[str, Refusal] = {
    "type": _type_refused,
    "properties": _properties_refused,
    "required": _required_refused,
    "additionalProperties": _additional_refused,
    "enum": _enum_refused,
    "const": _const_refused,
    "allOf": _all_of_refused,
    "anyOf": _any_of_refused,
    "oneOf": _any_of_refused,
}
