"""From a shape and a schema, what the slots of the shape may hold so that every such line is valid.

A keyword that is not understood gives no answer, never a wrong one. Two questions are answered about a schema and a
shape: with which specs of the slots is every line valid (``constrain``), and is every line invalid (``rejects``).
The second decides ``oneOf`` and ``if``.
"""

from __future__ import annotations

from typing import Any

from gatecourt.core.model import Json
from gatecourt.formats import pointer
from gatecourt.rules.events.fast_path.schema_keywords import REFUSALS, RULES
from gatecourt.rules.events.fast_path.slot_spec import Specs
from gatecourt.rules.events.fast_path.template import Node

_IDENTITY = ["$schema", "$id", "id", "definitions", "$defs"]
_REMARKS = ["$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"]
_ANNOTATIONS = frozenset([*_IDENTITY, *_REMARKS])
_DEEPEST = 60
_DRAFTS = ("draft-06", "draft-07", "2019-09", "2020-12")  # in draft-04 const is no keyword


class Subset:
    """One schema document, which answers questions about shapes."""

    def __init__(self, document: Json) -> None:
        self._document = document
        draft = document.get("$schema", _DRAFTS[-1]) if isinstance(document, dict) else ""
        self.usable = any(name in draft for name in _DRAFTS) and not _has_inner_id(document)

    def constrain(self, schema: Any, node: Node, specs: Specs, depth: int = 0) -> Specs | None:
        """Narrower ``specs`` under which every line of the shape meets ``schema``; None if unknown."""
        if isinstance(schema, bool):
            return specs if schema else None
        if depth > _DEEPEST:
            return None
        if "$ref" in schema:
            return self._constrain_by_ref(schema, node, specs, depth)
        narrowed: Specs | None = specs
        for keyword, argument in schema.items():
            if keyword in _ANNOTATIONS:
                continue
            rule = RULES.get(keyword)
            narrowed = None if rule is None else rule(self, argument, schema, node, narrowed, depth + 1)
            if narrowed is None:
                return None
        return narrowed

    def _constrain_by_ref(self, schema: Any, node: Node, specs: Specs, depth: int) -> Specs | None:
        if schema.keys() - _ANNOTATIONS != {"$ref"} or not schema["$ref"].startswith("#"):
            return None
        target = self._resolve(schema["$ref"])
        return None if target is None else self.constrain(target, node, specs, depth + 1)

    def _resolve(self, reference: str) -> Any:
        if "%" in reference:
            return None
        try:
            return pointer.get(self._document, reference[1:])
        except (KeyError, ValueError):
            return None

    def rejects(self, schema: Any, node: Node, specs: Specs, depth: int = 0) -> bool:
        """Whether every line of the shape under ``specs`` surely fails ``schema``."""
        if isinstance(schema, bool):
            return not schema
        if depth > _DEEPEST:
            return False
        if "$ref" in schema:
            alone = schema.keys() - _ANNOTATIONS == {"$ref"} and schema["$ref"].startswith("#")
            target = self._resolve(schema["$ref"]) if alone else None
            return target is not None and self.rejects(target, node, specs, depth + 1)
        return any(
            keyword in REFUSALS and REFUSALS[keyword](self, argument, schema, node, specs, depth + 1)
            for keyword, argument in schema.items()
        )


def _has_inner_id(document: Json) -> bool:
    waiting: list[Json] = list(document.values()) if isinstance(document, dict) else []
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if any(isinstance(part.get(name), str) for name in ("$id", "id")):
                return True
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    return False
