"""One walk over the syntax tree of a Python file: its scopes, and what may be a use once all names are known."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Mapping
from typing import Any

from gatecourt.mechanisms.sourcescan.python_calls import CALLS
from gatecourt.mechanisms.sourcescan.python_names import Binding, Scope

_LEAF_FIELDS = frozenset({"ctx", "op", "ops", "kind", "type_comment"})
_LAST_NAMES = frozenset(name.rpartition(".")[2] for name in CALLS)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@functools.cache
def _inner_fields(kind: Any) -> tuple[str, ...]:
    return tuple(name for name in kind._fields if name not in _LEAF_FIELDS)


class Collector:
    """Visit a tree; then ``calls``, ``values`` and ``bindings`` hold what may be uses, each with its scope."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.scope = self._new_scope()
        self.calls: list[tuple[ast.Call, Scope]] = []
        self.values: list[tuple[ast.expr, Scope]] = []
        self.bindings: list[Binding] = []
        self._quiet: set[ast.expr] = set()  # called, or given a name: not references of their own

    def _new_scope(self, is_class: bool = False) -> Scope:
        scope = Scope(self.scope if self.scopes else None, is_class)
        self.scopes.append(scope)
        return scope

    def release(self) -> None:
        """Break the cycles between scopes and bindings, so that a large tree goes at once."""
        for scope in self.scopes:
            scope.bound.clear()
            scope.elsewhere.clear()

    def visit(self, node: ast.AST) -> None:
        """Visit a node and all below it."""
        visitor = _VISITORS.get(type(node))
        if visitor is None:
            self._children(node)
        else:
            visitor(self, node)

    def _children(self, node: ast.AST) -> None:
        kind: Any = type(node)
        for name in _inner_fields(kind):
            child = getattr(node, name, None)
            if isinstance(child, ast.AST):
                self.visit(child)
            elif isinstance(child, list):
                for each in child:
                    if isinstance(each, ast.AST):
                        self.visit(each)

    def _bind(self, name: str, node: ast.AST, full: str | None = None, value: ast.expr | None = None) -> None:
        binding = Binding(node, full, value, self.scope)
        self.scope.bind(name, binding)
        if full is not None or value is not None:
            self.bindings.append(binding)

    def _within(self, scope: Scope, nodes: list[ast.AST]) -> None:
        outer, self.scope = self.scope, scope
        for node in nodes:
            self.visit(node)
        self.scope = outer

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._bind(node.name, node)
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._body(node.args, list(node.body))

    def _lambda(self, node: ast.Lambda) -> None:
        self._body(node.args, [node.body])

    def _body(self, arguments: ast.arguments, body: list[ast.AST]) -> None:
        parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        parameters += [extra for extra in (arguments.vararg, arguments.kwarg) if extra]
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.visit(default)
        scope = self._new_scope()
        for parameter in parameters:
            scope.bind(parameter.arg, Binding(parameter))
        self._within(scope, body)

    def _class(self, node: ast.ClassDef) -> None:
        self._bind(node.name, node)
        for outside in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(outside)
        self._within(self._new_scope(is_class=True), list(node.body))

    def _comprehension(self, node: ast.AST) -> None:
        self._within(self._new_scope(), list(ast.iter_child_nodes(node)))

    def _global(self, node: ast.Global) -> None:
        self.scope.elsewhere.update(dict.fromkeys(node.names, self.scope.root()))

    def _nonlocal(self, node: ast.Nonlocal) -> None:
        if self.scope.parent is not None:
            self.scope.elsewhere.update(dict.fromkeys(node.names, self.scope.parent))

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            self._bind(alias.asname or top, alias, alias.name if alias.asname else top)

    def _import_from(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.scope.root().stars.append(node.module or "")
            else:
                self._bind(alias.asname or alias.name, alias, None if node.level else f"{node.module}.{alias.name}")

    def _assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._give(target, node.value)
        self.visit(node.value)

    def _named(self, node: ast.AnnAssign | ast.NamedExpr) -> None:
        if node.value is not None:
            self._give(node.target, node.value)
            if node in self._quiet and self.bindings:
                self.bindings[-1].used = True  # (now := time.time)(): called where it is named
            self.visit(node.value)

    def _give(self, target: ast.expr, value: ast.expr) -> None:
        """Bind a name, or a tuple of names to a tuple of values; anything else is visited as it is."""
        match target, value:
            case ast.Name(id=name), _:
                self._bind(name, value, value=value)
                self._hush(value)
            case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
                for each, its in zip(targets, values, strict=True):
                    self._give(each, its)
            case _:
                self.visit(target)

    def _hush(self, node: ast.expr) -> None:
        """``node``, or what it chooses from, is called or named: no reference of its own."""
        self._quiet.add(node)
        match node:
            case ast.BoolOp(values=choices):
                pass
            case ast.IfExp(body=first, orelse=second):
                choices = [first, second]
            case _:
                choices = []
        for choice in choices:
            self._hush(choice)

    def _name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._bind(node.id, node)
        elif node not in self._quiet:
            self.values.append((node, self.scope))

    def _attribute(self, node: ast.Attribute) -> None:
        if node.attr in _LAST_NAMES and isinstance(node.ctx, ast.Load) and node not in self._quiet:
            self.values.append((node, self.scope))
        self.visit(node.value)

    def _call(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Attribute) or node.func.attr in _LAST_NAMES:
            self.calls.append((node, self.scope))
        if node not in self._quiet:
            self.values.append((node, self.scope))  # getattr(time, "time") handed on
        self._hush(node.func)
        self._children(node)

    def _named_otherwise(self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar) -> None:
        if node.name:
            self._bind(node.name, node)
        self._children(node)

    def _match_mapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self._bind(node.rest, node)
        self._children(node)


_VISITORS: Mapping[type[ast.AST], Callable[[Collector, Any], None]] = {
    **dict.fromkeys(_FUNCTIONS, Collector._function),
    ast.Lambda: Collector._lambda,
    ast.ClassDef: Collector._class,
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), Collector._comprehension),
    ast.Global: Collector._global,
    ast.Nonlocal: Collector._nonlocal,
    ast.Import: Collector._import,
    ast.ImportFrom: Collector._import_from,
    ast.Assign: Collector._assign,
    **dict.fromkeys((ast.AnnAssign, ast.NamedExpr), Collector._named),
    ast.Name: Collector._name,
    ast.Attribute: Collector._attribute,
    ast.Call: Collector._call,
    **dict.fromkeys((ast.ExceptHandler, ast.MatchAs, ast.MatchStar), Collector._named_otherwise),
    ast.MatchMapping: Collector._match_mapping,
}
