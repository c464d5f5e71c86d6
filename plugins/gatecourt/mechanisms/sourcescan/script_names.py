"""Names of a JavaScript or TypeScript file: where they are bound, how far each binding reaches, what it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_NAMES = frozenset({"identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"})
_PATTERNS = frozenset({"object_pattern", "array_pattern", "rest_pattern"})
_DEFAULTS = frozenset({"assignment_pattern", "object_assignment_pattern"})
_PARAMETERS = frozenset({"formal_parameters", "required_parameter", "optional_parameter"})
_IMPORTS = frozenset({"import_clause", "import_specifier", "namespace_import", "import_require_clause"})
_BLOCKS = frozenset(
    {"statement_block", "program", "for_statement", "for_in_statement", "switch_body", "class_static_block"}
)
_FUNCTIONS = frozenset(
    {
        "program", "function_declaration", "function_expression", "arrow_function", "method_definition",
        "generator_function", "generator_function_declaration", "class_static_block",
    }
)  # fmt: skip
_DECLARED = frozenset(
    {
        "function_declaration", "generator_function_declaration", "class_declaration", "abstract_class_declaration",
        "enum_declaration", "function_signature", "internal_module",
    }
)  # fmt: skip
_OWN = frozenset({"function_expression", "generator_function", "class"})  # bind their name within themselves


@dataclass(slots=True, eq=False)
class Alias:
    """A name that stands for a source, or for something which holds one, as bound at ``node``."""

    node: Node
    full: str
    used: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """One place that binds a name, and the bytes over which it holds."""

    start: int
    end: int
    alias: Alias | None

    def holds(self, node: Node) -> bool:
        """Whether ``node`` lies where the binding holds."""
        return self.start <= node.start_byte < self.end


@dataclass(slots=True)
class Names:
    """The names of one syntax tree. Aliases are added as they are found."""

    source: bytes
    root: Node
    aliases: dict[str, dict[int, Alias]] = field(default_factory=dict)

    def add(self, node: Node, full: str) -> str | None:
        """Records that the name bound at ``node`` stands for ``full``. The name if that is new, else None."""
        name = text(node)
        known = self.aliases.setdefault(name, {})
        if node.start_byte in known:
            return None
        known[node.start_byte] = Alias(node, full)
        return name

    def occurrences(self, name: str) -> Iterator[Node]:
        """Every identifier ``name`` that is not a property, in order. Comments and strings hold none."""
        for match in re.finditer(rb"(?<![\w$])" + re.escape(name.encode()) + rb"(?![\w$])", self.source):
            node = self.root.descendant_for_byte_range(match.start(), match.end())
            if node is not None and node.type in _NAMES and node.end_byte - node.start_byte == len(name.encode()):
                yield node

    def uses(self, name: str, is_global: bool) -> Iterator[tuple[Node, str]]:
        """The places that use ``name``, each with the full name that it stands for there."""
        bounds: list[Bound] = []
        spoken: list[Node] = []
        for node in self.occurrences(name):
            scope = scope_of(node)
            if scope is None:
                spoken.append(node)
            else:
                alias = self.aliases.get(name, {}).get(node.start_byte)
                bounds.append(Bound(scope.start_byte, scope.end_byte, alias))
        bounds += self._assigned(name, bounds, spoken)
        for node in spoken:
            full = _meaning(node, bounds, name if is_global else None)
            if full is not None:
                yield node, full

    def _assigned(self, name: str, bounds: list[Bound], spoken: list[Node]) -> list[Bound]:
        """Aliases by plain assignment hold as far as the declaration of their name."""
        found = []
        for node in spoken:
            alias = self.aliases.get(name, {}).get(node.start_byte)
            if alias is not None:
                reach = _nearest(node, bounds)
                start, end = (reach[0].start, reach[0].end) if reach else (0, len(self.source) + 1)
                found.append(Bound(start, end, alias))
        return found


def _nearest(node: Node, bounds: list[Bound]) -> list[Bound]:
    """The bindings of the innermost scope around ``node`` that binds the name."""
    around = [bound for bound in bounds if bound.holds(node)]
    width = min((bound.end - bound.start for bound in around), default=0)
    return [bound for bound in around if bound.end - bound.start == width]


def _meaning(node: Node, bounds: list[Bound], otherwise: str | None) -> str | None:
    nearest = _nearest(node, bounds)
    if not nearest:
        return otherwise
    alias = next((bound.alias for bound in nearest if bound.alias is not None), None)
    if alias is None:
        return None
    if alias.node.start_byte != node.start_byte:
        alias.used = True
    return alias.full


def text(node: Node) -> str:
    """The source text of a node."""
    return (node.text or b"").decode("utf-8", "replace")


def field_is(node: Node, name: str, child: Node) -> bool:
    """Whether ``child`` is the field ``name`` of ``node``."""
    return node.child_by_field_name(name) == child


def scope_of(node: Node) -> Node | None:
    """The scope over which the identifier ``node`` binds its name; None if it uses the name and does not bind it."""
    inner, holder = _out_of_pattern(node)
    if holder is None:
        return None
    if holder.type == "variable_declarator" and field_is(holder, "name", inner):
        declaration = holder.parent
        is_var = declaration is not None and declaration.type == "variable_declaration"
        return _around(holder, _FUNCTIONS if is_var else _BLOCKS)
    if holder.type in _PARAMETERS:
        return _function_of(holder, inner)
    return _otherwise_bound(inner, holder)


def _out_of_pattern(node: Node) -> tuple[Node, Node | None]:
    """The outermost pattern that ``node`` is bound by, and what holds that."""
    inner, holder = node, node.parent
    while holder is not None and _binds_within(holder, inner):
        inner, holder = holder, holder.parent
    return inner, holder


def _binds_within(holder: Node, inner: Node) -> bool:
    if holder.type in _PATTERNS:
        return True
    if holder.type == "pair_pattern":
        return field_is(holder, "value", inner)
    return holder.type in _DEFAULTS and field_is(holder, "left", inner)


def _function_of(holder: Node, inner: Node) -> Node | None:
    if holder.type != "formal_parameters":
        if not field_is(holder, "pattern", inner):
            return None  # a default value
        holder = _around(holder, frozenset({"formal_parameters"})) or holder
    return holder.parent


def _otherwise_bound(inner: Node, holder: Node) -> Node | None:
    kind = holder.type
    if kind in _IMPORTS:
        return _around(holder, frozenset({"program"}))
    if kind in _DECLARED and field_is(holder, "name", inner):
        return _around(holder, _BLOCKS)
    if (
        (kind in _OWN and field_is(holder, "name", inner))
        or (kind == "arrow_function" and field_is(holder, "parameter", inner))
        or (kind == "catch_clause" and field_is(holder, "parameter", inner))
    ):
        return holder
    if kind == "for_in_statement" and field_is(holder, "left", inner) and holder.child_by_field_name("kind"):
        return holder
    return None


def _around(node: Node, kinds: frozenset[str]) -> Node | None:
    outer = node.parent
    while outer is not None and outer.type not in kinds:
        outer = outer.parent
    return outer
