"""Preconditions: expressions of names, literals, comparisons, ``and``, ``or`` and ``not``. Parsed, never run."""

from __future__ import annotations

import ast
import io
import math
import tokenize
import unicodedata
import warnings
from collections.abc import Iterator, Set
from dataclasses import dataclass

from gatecourt.formats.excerpt import excerpt

LITERALS = frozenset({"true", "false", "null"})
_LONGEST = 1000
_KINDS = {
    ast.Call: "a call",
    ast.BinOp: "arithmetic",
    ast.UnaryOp: "arithmetic",
    ast.Subscript: "an index",
    ast.Lambda: "a function",
    ast.IfExp: "a conditional",
    ast.NamedExpr: "an assignment",
    ast.JoinedStr: "a formatted text",
    ast.Attribute: "an attribute of an expression",
}


@dataclass(frozen=True, slots=True)
class ConditionProblem:
    """A problem of a precondition: ``kind`` is syntax, forbidden, unknown or constant."""

    kind: str
    expected: str
    observed: str


def problems(text: str, known: Set[str]) -> list[ConditionProblem]:
    """All problems of one precondition, given the ``known`` names; it is never evaluated."""
    try:
        tree = _parsed(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        observed = error.msg if isinstance(error, SyntaxError) else str(error) or type(error).__name__
        return [ConditionProblem("syntax", "an expression", f"{excerpt(text)}: {observed}")]
    found = list(_forbidden(tree))
    if found:
        return found
    found = [
        ConditionProblem("unknown", "a declared name", name)
        for name in dict.fromkeys(_names(tree))
        if name not in known
    ]
    constant = next(_constants(tree), None)
    if constant is not None:
        found.append(ConditionProblem("constant", "a condition on at least one name", excerpt(ast.unparse(constant))))
    return found


def _parsed(text: str) -> ast.expr:
    if len(text) > _LONGEST:
        raise ValueError(f"longer than {_LONGEST} characters")
    if unicodedata.normalize("NFKC", text) != text:
        raise ValueError("characters that look like other characters")
    if _has_comment(text):
        raise ValueError("a comment, which hides the text after it")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, mode="eval").body


def _has_comment(text: str) -> bool:
    try:
        return any(token.type == tokenize.COMMENT for token in tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return False  # text without valid tokens cannot be parsed either


def _constants(node: ast.AST) -> Iterator[ast.AST]:
    """The whole, or each side of an ``and`` or ``or``, if it contains no name."""
    if next(_names(node), None) is None:
        yield node
        return
    for part in ast.walk(node):
        if isinstance(part, ast.BoolOp):
            yield from (side for side in part.values if next(_names(side), None) is None)


def _forbidden(node: ast.expr) -> Iterator[ConditionProblem]:
    """Everything outside the grammar, in the order of the text."""
    match node:
        case ast.BoolOp(values=parts):
            for part in parts:
                yield from _forbidden(part)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from _forbidden(operand)
        case ast.Compare(left=left, ops=operators, comparators=rest):
            yield from _operators(operators)
            for part in (left, *rest):
                yield from _operand(part)
        case _:
            yield from _operand(node)


def _operators(operators: list[ast.cmpop]) -> Iterator[ConditionProblem]:
    for operator in operators:
        if isinstance(operator, (ast.In, ast.NotIn, ast.Is, ast.IsNot)):
            yield ConditionProblem("forbidden", "== != < <= > >=", type(operator).__name__.lower())


def _operand(node: ast.expr) -> Iterator[ConditionProblem]:
    if _dotted(node) is not None or _is_literal(node):
        return
    observed = _KINDS.get(type(node), f"a {type(node).__name__.lower()}")
    yield ConditionProblem("forbidden", "a name, a text, a finite number, true, false or null", observed)


def _is_literal(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=None | bool() | str() | int()):
            return True
        case ast.Constant(value=float(number)):
            return math.isfinite(number)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return not isinstance(number, bool) and math.isfinite(number)
    return False


def _dotted(node: ast.expr) -> str | None:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            above = _dotted(value)
            return None if above is None else f"{above}.{name}"
    return None


def _names(node: ast.AST) -> Iterator[str]:
    name = _dotted(node) if isinstance(node, ast.expr) else None
    if name is not None:
        if name not in LITERALS:
            yield name
        return
    for child in ast.iter_child_nodes(node):
        yield from _names(child)
