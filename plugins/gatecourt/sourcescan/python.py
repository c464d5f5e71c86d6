"""Uses of entropy in a Python file, aliases resolved."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Mapping
from typing import Any

from gatecourt.sourcescan.python_calls import ALWAYS, CALLS, may_use
from gatecourt.sourcescan.python_names import Binding, Scope, full_names
from gatecourt.sourcescan.uses import Reading, Spot, Unparsed

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def read(source: bytes) -> Reading:
    """Read a Python file. Raises ``Unparsed``."""
    if not may_use(source):
        return Reading()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        text = source.decode(encoding)
        tree = ast.parse(text)
        collector = _Collector()
        collector.visit(tree)
    except SyntaxError as error:
        raise Unparsed(error.lineno, error.msg) from error
    except UnicodeDecodeError as error:
        raise Unparsed(source.count(b"\n", 0, error.start) + 1, f"not {error.encoding}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unparsed(None, "nested too deeply" if isinstance(error, RecursionError) else str(error)) from error
    return Reading(_spots(collector), text.encode("utf-8", "replace").splitlines())


class _Collector:
    """Walks a tree once: builds the scopes, and lists what may be a use once all names are known."""

    def __init__(self) -> None:
        self.scope = Scope(None)
        self.calls: list[tuple[ast.Call, Scope]] = []
        self.values: list[tuple[ast.expr, Scope]] = []
        self.bindings: list[Binding] = []
        self._quiet: set[ast.expr] = set()  # called, or given a name: not references of their own

    def visit(self, node: ast.AST) -> None:
        """Visit a node and all below it."""
        visitor = _VISITORS.get(type(node))
        if visitor is None:
            self._children(node)
        else:
            visitor(self, node)

    def _children(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            self.visit(child)

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
        scope = Scope(self.scope)
        for parameter in parameters:
            scope.bind(parameter.arg, Binding(parameter))
        self._within(scope, body)

    def _class(self, node: ast.ClassDef) -> None:
        self._bind(node.name, node)
        for outside in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(outside)
        self._within(Scope(self.scope, is_class=True), list(node.body))

    def _comprehension(self, node: ast.AST) -> None:
        self._within(Scope(self.scope), list(ast.iter_child_nodes(node)))

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
                self._quiet.add(value)
            case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
                for each, its in zip(targets, values, strict=True):
                    self._give(each, its)
            case _:
                self.visit(target)

    def _name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._bind(node.id, node)
        elif node not in self._quiet:
            self.values.append((node, self.scope))

    def _attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Load) and node not in self._quiet:
            self.values.append((node, self.scope))
        self.visit(node.value)

    def _call(self, node: ast.Call) -> None:
        self.calls.append((node, self.scope))
        if node not in self._quiet:
            self.values.append((node, self.scope))  # getattr(time, "time") handed on
        self._quiet.add(node.func)
        self._children(node)

    def _named_otherwise(self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar) -> None:
        if node.name:
            self._bind(node.name, node)
        self._children(node)

    def _match_mapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self._bind(node.rest, node)
        self._children(node)


_VISITORS: Mapping[type[ast.AST], Callable[[_Collector, Any], None]] = {
    **dict.fromkeys(_FUNCTIONS, _Collector._function),
    ast.Lambda: _Collector._lambda,
    ast.ClassDef: _Collector._class,
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), _Collector._comprehension),
    ast.Global: _Collector._global,
    ast.Nonlocal: _Collector._nonlocal,
    ast.Import: _Collector._import,
    ast.ImportFrom: _Collector._import_from,
    ast.Assign: _Collector._assign,
    **dict.fromkeys((ast.AnnAssign, ast.NamedExpr), _Collector._named),
    ast.Name: _Collector._name,
    ast.Attribute: _Collector._attribute,
    ast.Call: _Collector._call,
    **dict.fromkeys((ast.ExceptHandler, ast.MatchAs, ast.MatchStar), _Collector._named_otherwise),
    ast.MatchMapping: _Collector._match_mapping,
}


def _spots(collector: _Collector) -> set[Spot]:
    found = {
        _spot(node.func, name, "call")
        for node, scope in collector.calls
        for name in full_names(node.func, scope)
        if _reads(node, CALLS.get(name))
    }
    found |= {_spot(node, name, "reference") for node, scope in collector.values for name in _handed_on(node, scope)}
    return found | _kept_for_others(collector)


def _reads(node: ast.Call, position: int | None) -> bool:
    if position is None:
        return False
    if position == ALWAYS or any(isinstance(argument, ast.Starred) for argument in node.args):
        return position == ALWAYS
    given = [*node.args[position : position + 1], *(keyword.value for keyword in node.keywords)]
    return all(isinstance(value, ast.Constant) and value.value is None for value in given)


def _handed_on(node: ast.expr, scope: Scope) -> list[str]:
    return [name for name in full_names(node, scope) if _is_function(name)]


def _is_function(name: str) -> bool:
    """Whether ``name`` itself is a source. A class is not: it is named in annotations and isinstance as well."""
    return CALLS.get(name) == ALWAYS and not name.rpartition(".")[2][0].isupper()


def _kept_for_others(collector: _Collector) -> set[Spot]:
    """Names given to a source that this file itself never speaks: another file may."""
    spots = set()
    for binding in collector.bindings:
        if not binding.used and binding.value is not None and binding.scope is not None:
            spots |= {_spot(binding.node, name, "reference") for name in _handed_on(binding.value, binding.scope)}
    for binding in collector.bindings:
        if not binding.used and binding.full is not None and _is_function(binding.full):
            spots.add(_spot(binding.node, binding.full, "reference"))
    return spots


def _spot(node: ast.AST, name: str, how: str) -> Spot:
    line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    return Spot(line, offset, name, how)
