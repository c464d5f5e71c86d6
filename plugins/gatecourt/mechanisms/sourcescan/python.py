"""Uses of entropy in a Python file, aliases resolved."""

from __future__ import annotations

import ast
import io
import tokenize

from gatecourt.mechanisms.sourcescan.python_calls import ALWAYS, CALLS, may_use
from gatecourt.mechanisms.sourcescan.python_names import Scope, full_names, settle
from gatecourt.mechanisms.sourcescan.python_tree import Collector
from gatecourt.mechanisms.sourcescan.uses import Reading, Spot, Unparsed


def read(source: bytes) -> Reading:
    """Read a Python file. Raises ``Unparsed``."""
    if not may_use(source):
        return Reading()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        text = source.decode(encoding)
        tree = ast.parse(text)
        collector = Collector()
        collector.visit(tree)
    except SyntaxError as error:
        raise Unparsed(error.lineno, error.msg) from error
    except UnicodeDecodeError as error:
        raise Unparsed(source.count(b"\n", 0, error.start) + 1, f"not {error.encoding}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unparsed(None, "nested too deeply" if isinstance(error, RecursionError) else str(error)) from error
    spots = _spots(collector)
    collector.release()
    return Reading(spots, text.encode("utf-8", "replace").splitlines())


def _spots(collector: Collector) -> set[Spot]:
    settle(collector.bindings)
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


def _kept_for_others(collector: Collector) -> set[Spot]:
    """Names bound to a source that this file never uses itself: another file may use them."""
    spots = set()
    for binding in collector.bindings:
        if not binding.used and binding.value is not None:
            spots |= {_spot(binding.node, name, "reference") for name in binding.names if _is_function(name)}
    for binding in collector.bindings:
        if not binding.used and binding.full is not None and _is_function(binding.full):
            spots.add(_spot(binding.node, binding.full, "reference"))
    return spots


def _spot(node: ast.AST, name: str, how: str) -> Spot:
    line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    return Spot(line, offset, name, how)
