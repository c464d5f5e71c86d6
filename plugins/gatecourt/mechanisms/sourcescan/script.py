"""Uses of entropy in a JavaScript or TypeScript file, by its syntax tree, aliases resolved.

The few identifiers that a use can start from are looked up in the tree; from each the expression around it is
followed outwards, to a call, to a new name, or to wherever else the value goes.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatecourt.mechanisms.sourcescan.script_calls import (
    CALLS,
    GLOBALS,
    MODULE_STRINGS,
    VALUES,
    may_use,
    member,
    of_module,
)
from gatecourt.mechanisms.sourcescan.script_names import Names, field_is, text
from gatecourt.mechanisms.sourcescan.uses import Reading, Spot, Unparsed

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_SAME_VALUE = frozenset(
    {"parenthesized_expression", "non_null_expression", "as_expression", "satisfies_expression", "await_expression"}
)
_ASKED_ONLY = frozenset(
    {
        "unary_expression", "binary_expression", "if_statement", "while_statement", "do_statement", "for_statement",
        "ternary_expression", "type_query", "expression_statement", "update_expression", "member_expression",
        "subscript_expression", "parenthesized_expression",
    }
)  # fmt: skip
_THROUGH = (".call", ".apply")


def read_javascript(source: bytes) -> Reading:
    """Read a JavaScript file, modules and JSX included. What its grammar refuses is in ``errors``."""
    return _read(source, "javascript")


def read_typescript(source: bytes) -> Reading:
    """Read a TypeScript file."""
    return _read(source, "typescript")


def read_tsx(source: bytes) -> Reading:
    """Read a TypeScript file with JSX."""
    return _read(source, "tsx")


@functools.cache
def _parser(dialect: str) -> Parser:
    from tree_sitter import Language, Parser

    if dialect == "javascript":
        import tree_sitter_javascript

        return Parser(Language(tree_sitter_javascript.language()))
    import tree_sitter_typescript

    grammar = tree_sitter_typescript.language_tsx if dialect == "tsx" else tree_sitter_typescript.language_typescript
    return Parser(Language(grammar()))


def _read(source: bytes, dialect: str) -> Reading:
    if not may_use(source):
        return Reading()
    try:
        source.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unparsed(source.count(b"\n", 0, error.start) + 1, "not utf-8") from error
    root = _parser(dialect).parse(source).root_node
    search = _Search(Names(source, root))
    search.run()
    errors = [_first_error(root)] if root.has_error else []
    return Reading(search.spots, source.split(b"\n"), errors)


def _first_error(root: Node) -> Unparsed:
    node = root
    while not (node.is_error or node.is_missing):
        node = next(child for child in node.children if child.has_error or child.is_missing)
    reason = f"missing {node.type}" if node.is_missing else "no sentence of the language"
    return Unparsed(node.start_point.row + 1, reason)


@dataclass(slots=True)
class _Search:
    """Follows names until no new one appears."""

    names: Names
    spots: set[Spot] = field(default_factory=set)
    waiting: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Find all uses."""
        self._modules()
        self.waiting += sorted(GLOBALS)
        while self.waiting:
            name = self.waiting.pop()
            for node, full in list(self.names.uses(name, name in GLOBALS)):
                self._follow(node, full, node)
        for known in self.names.aliases.values():
            for alias in known.values():
                if alias.full in CALLS and not alias.used:  # for others to speak
                    self._spot(alias.node, alias.full, "reference")

    def _modules(self) -> None:
        for match in MODULE_STRINGS.finditer(self.names.source):
            node = self.names.root.descendant_for_byte_range(match.start(), match.end())
            if node is not None and node.type in {"string", "template_string"} and node.start_byte == match.start():
                self._module(node, of_module(match["module"].decode()))

    def _module(self, node: Node, module: str) -> None:
        holder = node.parent
        if holder is None:
            return
        if holder.type in {"import_statement", "import_require_clause"}:
            self._imported(holder, module)
        elif holder.type == "export_statement":
            for name, _ in _specifiers(holder, "export_specifier"):
                if member(module, text(name)) in CALLS:
                    self._spot(name, member(module, text(name)), "reference")
        elif holder.type == "arguments" and holder.parent is not None and _loads(holder.parent):
            self._follow(holder.parent, module, holder.parent)

    def _imported(self, statement: Node, module: str) -> None:
        for clause in (statement, *(child for child in statement.children if child.type == "import_clause")):
            for child in clause.children:
                if child.type == "identifier":
                    self._alias(child, module)
                elif child.type == "namespace_import":
                    self._alias(child.children[-1], module)
        for name, alias in _specifiers(statement, "import_specifier"):
            self._alias(alias or name, member(module, text(name)))

    def _alias(self, node: Node, full: str) -> None:
        if full in VALUES:
            self._spot(node, full, "property")
        elif (name := self.names.add(node, full)) is not None:
            self.waiting.append(name)

    def _follow(self, node: Node, full: str, start: Node) -> None:
        """Follow the value of ``node``, which is ``full``, outwards; ``start`` is where it is spoken."""
        while (holder := node.parent) is not None:
            step = _step(holder, node, full)
            if step is None:
                break
            node, full = holder, step
            if full in VALUES:
                return self._spot(start, full, "property")
        if holder is not None:
            self._arrived(holder, node, full, start)
        return None

    def _arrived(self, holder: Node, node: Node, full: str, start: Node) -> None:
        if holder.type == "call_expression" and field_is(holder, "function", node):
            called = next((full.removesuffix(through) for through in _THROUGH if full.endswith(through)), full)
            if called in CALLS or called == "Date":
                self._spot(start, called, "call")
        elif holder.type == "new_expression" and field_is(holder, "constructor", node):
            if full == "Date" and not _has_arguments(holder):
                self._spot(start, "new Date", "call")
        elif holder.type == "variable_declarator" and field_is(holder, "value", node):
            self._named(holder.child_by_field_name("name"), full)
        elif holder.type == "assignment_expression":
            self._assigned(holder, node, full, start)
        elif full in CALLS and holder.type not in _ASKED_ONLY:
            self._spot(start, full, "reference")

    def _assigned(self, holder: Node, node: Node, full: str, start: Node) -> None:
        left = holder.child_by_field_name("left")
        if left is None or left == node:
            return
        if left.type in {"identifier", "object_pattern"}:
            self._named(left, full)
        elif full in CALLS:
            self._spot(start, full, "reference")

    def _named(self, pattern: Node | None, full: str) -> None:
        """Give every name in ``pattern`` its part of ``full``."""
        if pattern is None:
            return
        if pattern.type in {"identifier", "shorthand_property_identifier_pattern"}:
            self._alias(pattern, full)
        elif pattern.type == "object_pattern":
            for entry in pattern.named_children:
                self._entry(entry, full)

    def _entry(self, entry: Node, full: str) -> None:
        """One entry of an object pattern: ``{name}``, ``{name = x}``, ``{name: pattern}``, ``{...rest}``."""
        if entry.type == "shorthand_property_identifier_pattern":
            self._alias(entry, member(full, text(entry)))
        elif entry.type == "object_assignment_pattern":
            left = entry.child_by_field_name("left")
            if left is not None:
                self._named(left, member(full, text(left)))
        elif entry.type == "pair_pattern":
            key, value = entry.child_by_field_name("key"), entry.child_by_field_name("value")
            if value is not None and value.type == "assignment_pattern":
                value = value.child_by_field_name("left")
            self._named(value, member(full, _key(key)))
        elif entry.type == "rest_pattern":
            self._named(entry.named_children[0], full)

    def _spot(self, node: Node, full: str, how: str) -> None:
        self.spots.add(Spot(node.start_point.row + 1, node.start_point.column, full, how))


def _step(holder: Node, node: Node, full: str) -> str | None:
    """The full name of ``holder``, if its value is that of ``node`` or a member of it."""
    kind = holder.type
    if kind == "member_expression" and field_is(holder, "object", node):
        return member(full, text(holder.child_by_field_name("property") or holder))
    if kind == "subscript_expression" and field_is(holder, "object", node):
        index = holder.child_by_field_name("index")
        return member(full, _key(index)) if index is not None and index.type == "string" else None
    if kind == "call_expression" and field_is(holder, "function", node) and full.endswith(".bind"):
        return full.removesuffix(".bind")
    return full if _passes_on(holder, node) else None


def _passes_on(holder: Node, node: Node) -> bool:
    if holder.type in _SAME_VALUE:
        outer = holder.parent
        asked = outer is not None and outer.type in {"if_statement", "while_statement", "do_statement"}
        return not asked and holder.named_children[0] == node
    if holder.type == "binary_expression":
        operator = text(holder.child_by_field_name("operator") or holder)
        return operator in {"||", "??"} or (operator == "&&" and field_is(holder, "right", node))
    if holder.type == "ternary_expression":
        return not field_is(holder, "condition", node)
    return holder.type == "sequence_expression" and holder.named_children[-1] == node


def _has_arguments(node: Node) -> bool:
    arguments = node.child_by_field_name("arguments")
    return arguments is not None and any(child.type != "comment" for child in arguments.named_children)


def _loads(call: Node) -> bool:
    """Whether a call brings in the module that it is given: require, import() or process.getBuiltinModule."""
    function = call.child_by_field_name("function")
    return function is not None and text(function).rpartition(".")[2] in {"require", "import", "getBuiltinModule"}


def _key(node: Node | None) -> str:
    return "" if node is None else text(node).strip("'\"`")


def _specifiers(statement: Node, kind: str) -> Iterator[tuple[Node, Node | None]]:
    """The names and aliases in the braces of an import or export statement."""
    waiting = list(statement.named_children)
    while waiting:
        node = waiting.pop()
        name = node.child_by_field_name("name")
        if node.type == kind and name is not None:
            yield name, node.child_by_field_name("alias")
        elif node.type in {"import_clause", "named_imports", "export_clause"}:
            waiting += node.named_children
