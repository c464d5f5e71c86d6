"""Where in a JSON text the first thing lies that a strict reader refuses: a key set twice, a number that is not finite.

The parser knows what is wrong, not where; only a text that it has refused is gone through again, token by token.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field

from gatecourt.formats.pointer import Steps, join

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)
"""A text without its closing quote is one token too: looked for anew from each of its quotes, it costs its square."""


@dataclass
class _Container:
    """An object (``keys`` seen so far) or an array (``keys`` is None), and the step to the value that comes next."""

    keys: set[str] | None
    step: str | int = 0
    awaits_key: bool = field(default=False)


def refused_at(text: str) -> str:
    """The JSON pointer of the first refused place; empty where none is found."""
    stack: list[_Container] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in "{[":
            stack.append(_Container(set() if token == "{" else None, awaits_key=token == "{"))
        elif token in "}]":
            stack[-1:] = []
        elif token == "," and stack:
            _next(stack[-1])
        elif stack and stack[-1].awaits_key and token != ":":
            if _repeated(stack[-1], token):
                return join(_steps(stack))
        elif _not_finite(token):
            return join(_steps(stack))
    return ""


def _steps(stack: list[_Container]) -> Steps:
    return tuple(container.step for container in stack)


def _next(container: _Container) -> None:
    if isinstance(container.step, int) and container.keys is None:
        container.step += 1
    container.awaits_key = container.keys is not None


def _repeated(container: _Container, token: str) -> bool:
    key = json.loads(token) if token.startswith('"') else token
    assert container.keys is not None
    seen = key in container.keys
    container.keys.add(key)
    container.step, container.awaits_key = key, False
    return seen


def _not_finite(token: str) -> bool:
    if token in ("NaN", "Infinity", "-Infinity"):
        return True
    try:
        return token[0] in "-0123456789" and math.isinf(float(token))
    except ValueError:
        return False
