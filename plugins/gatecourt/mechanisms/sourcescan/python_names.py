"""Scopes of a Python file and what their names stand for: modules, members of modules, or anything else.

The order of statements is not followed: a name stands for everything that its scope ever binds to it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from gatecourt.mechanisms.sourcescan.python_calls import CALLS

_CONTENTS = ".__dict__"
# Names that lead to a source. All others are dropped, or ``node = node.next`` would never settle.
_ON_THE_WAY = frozenset(
    ".".join(parts[:length])
    for parts in (name.split(".") for name in (*CALLS, "sys.modules", "importlib.import_module"))
    for length in range(1, len(parts) + 1)
)

Names = tuple[str, ...]  # full names that an expression may stand for; empty: none that matters


@dataclass(slots=True, eq=False)
class Binding:
    """One way in which a name came to be: an import (``full``), an assigned expression, or neither (a parameter).

    ``names`` is what it may stand for; for an assigned expression once ``settle`` has run.
    """

    node: ast.AST
    full: str | None = None
    value: ast.expr | None = None
    scope: Scope | None = None
    used: bool = False
    names: Names = ()

    def __post_init__(self) -> None:
        if self.full is not None:
            self.names = (self.full,)


@dataclass(slots=True, eq=False)
class Scope:
    """A module, class or function body."""

    parent: Scope | None
    is_class: bool = False
    bound: dict[str, list[Binding]] = field(default_factory=dict)
    elsewhere: dict[str, Scope] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)

    def bind(self, name: str, binding: Binding) -> None:
        """Add a binding, in the scope that a ``global`` or ``nonlocal`` statement names."""
        self.elsewhere.get(name, self).bound.setdefault(name, []).append(binding)

    def root(self) -> Scope:
        """The module's scope."""
        return self if self.parent is None else self.parent.root()

    def lookup(self, name: str) -> list[Binding]:
        """The bindings of the nearest scope that binds ``name``; class bodies are not seen from within functions."""
        scope: Scope | None = self.elsewhere.get(name, self)
        while scope is not None:
            if name in scope.bound and (scope is self or not scope.is_class):
                return scope.bound[name]
            scope = scope.parent
        return []


def settle(bindings: Iterable[Binding]) -> None:
    """Find what every assigned name may stand for: again and again, until names of names bring nothing new."""
    given = [(binding, binding.value, binding.scope) for binding in bindings]
    assigned = [(binding, value, scope) for binding, value, scope in given if value is not None and scope is not None]
    changed = True
    while changed:
        changed = False
        for binding, value, scope in assigned:
            names = tuple(name for name in full_names(value, scope) if name.removesuffix(_CONTENTS) in _ON_THE_WAY)
            if set(names) - set(binding.names):
                binding.names, changed = tuple(dict.fromkeys(binding.names + names)), True


def full_names(node: ast.expr, scope: Scope) -> Names:
    """The full names that ``node`` may stand for: ``t`` after ``from time import time as t`` is ``time.time``."""
    match node:
        case ast.Name(id=name):
            return _of_name(name, scope)
        case ast.Attribute(value=value, attr=attribute):
            return _members(full_names(value, scope), attribute)
        case ast.NamedExpr(value=value):
            return full_names(value, scope)
        case ast.IfExp(body=body, orelse=orelse):
            return _of_any((body, orelse), scope)
        case ast.BoolOp(values=values):
            return _of_any(values, scope)
        case ast.Call():
            return _of_call(node, scope)
        case ast.Subscript(value=value, slice=ast.Constant(value=str(key))):
            return _of_item(full_names(value, scope), key)
    return ()


def _members(owners: Iterable[str], name: str) -> Names:
    return tuple(f"{owner}.{name}" for owner in owners)


def _of_any(nodes: Iterable[ast.expr], scope: Scope) -> Names:
    return tuple(dict.fromkeys(name for node in nodes for name in full_names(node, scope)))


def _of_name(name: str, scope: Scope) -> Names:
    bindings = scope.lookup(name)
    if bindings:
        for binding in bindings:
            binding.used = True
        return tuple(dict.fromkeys(full for binding in bindings for full in binding.names))
    return tuple(f"{module}.{name}" for module in scope.root().stars if f"{module}.{name}" in CALLS)


def _of_call(node: ast.Call, scope: Scope) -> Names:
    """What ``getattr(x, "name")``, ``__import__("name")`` and ``importlib.import_module("name")`` stand for."""
    match node:
        case ast.Call(func=ast.Name(id="getattr"), args=[owner, ast.Constant(value=str(name)), *_]):
            return _members(full_names(owner, scope), name)
        case ast.Call(func=ast.Name(id="__import__"), args=[ast.Constant(value=str(name)), *_]):
            return (name.partition(".")[0],)
        case ast.Call(func=function, args=[ast.Constant(value=str(name)), *_]):
            return (name,) if "importlib.import_module" in full_names(function, scope) else ()
    return ()


def _of_item(owners: Names, key: str) -> Names:
    """``sys.modules["time"]`` and ``time.__dict__["time"]``."""
    if "sys.modules" in owners:
        return (key,)
    return tuple(f"{owner.removesuffix(_CONTENTS)}.{key}" for owner in owners if owner.endswith(_CONTENTS))
