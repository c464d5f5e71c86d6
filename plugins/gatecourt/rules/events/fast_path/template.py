"""The shape of a line: its keys, their order and spacing as written, with slots in place of the values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["string", "number", "boolean", "null"]
Steps: TypeAlias = tuple[str | int, ...]

_TOKEN = re.compile(
    rb"[ \t]*+(?:"
    rb'(?P<string>"[^"\\\x00-\x1f\x7f-\xff]*+")|(?P<number>-?+[0-9][-+.0-9eE]*+)|(?P<boolean>true|false)|(?P<null>null)'
    rb"|(?P<mark>[][{}:,]))"
)
_STRINGS = re.compile(rb'(?<=[:\[])[ \t]*+"[^"\\]*+"')
_NUMBERS = re.compile(rb"(?<=[:,\[ ])-?+[0-9][-+.0-9eE]*+")
_BOOLEANS = re.compile(rb"(?<=[:,\[ ])(?:true|false)")


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a scalar: the steps of its pointer, its kind and its text (strings without quotes)."""

    steps: Steps
    kind: Kind
    text: str


Node: TypeAlias = "dict[str, Node] | list[Node] | Slot"


@dataclass(frozen=True, slots=True)
class Shape:
    """A parsed line: ``pieces`` in the order of the text, ``root`` as the tree of the document."""

    pieces: tuple[bytes | Slot, ...]
    root: Node


def skeleton(line: bytes) -> bytes:
    """The line with its values blanked out, equal for most lines of one shape; good enough to group lines."""
    return _BOOLEANS.sub(b"B", _NUMBERS.sub(b"N", _STRINGS.sub(b"S", line)))


def shape(line: bytes) -> Shape | None:
    """The shape of a valid line that ends in a newline; None if it holds escapes or non-ASCII characters."""
    try:
        return _Builder(line[:-1]).build()
    except _UnusualLineError:
        return None


class _UnusualLineError(Exception):
    pass


class _Builder:
    def __init__(self, line: bytes) -> None:
        self._line = line
        self._tokens = self._split(line)
        self._pieces: list[bytes | Slot] = []
        self._next: tuple[str, bytes, bytes] = next(self._tokens)

    @staticmethod
    def _split(line: bytes) -> Iterator[tuple[str, bytes, bytes]]:
        at = 0
        while match := _TOKEN.match(line, at):
            kind = str(match.lastgroup)
            yield kind, match[0][: match.start(kind) - match.start()], match[kind]
            at = match.end()
        if line[at:].strip(b" \t"):
            raise _UnusualLineError
        yield "end", line[at:], b"\n"

    def build(self) -> Shape:
        root = self._value(())
        self._take()
        merged: list[bytes | Slot] = []
        for piece in self._pieces:
            if isinstance(piece, bytes) and merged and isinstance(merged[-1], bytes):
                merged[-1] += piece
            else:
                merged.append(piece)
        return Shape(tuple(merged), root)

    def _take(self) -> bytes:
        _, space, text = self._next
        self._pieces.append(space + text)
        self._next = next(self._tokens, ("end", b"", b""))
        return text

    def _value(self, steps: Steps) -> Node:
        kind, space, text = self._next
        if text == b"{":
            return self._object(steps)
        if text == b"[":
            return self._array(steps)
        if kind not in ("string", "number", "boolean", "null"):
            raise _UnusualLineError
        quote = b'"' if kind == "string" else b""
        slot = Slot(steps, kind, text.strip(b'"').decode("ascii"))  # type: ignore[arg-type]  # one of the four kinds
        self._next = next(self._tokens, ("end", b"", b""))
        self._pieces += [space + quote, slot, quote]
        return slot

    def _object(self, steps: Steps) -> Node:
        node: dict[str, Node] = {}
        self._take()
        while self._next[2] != b"}":
            if self._next[2] == b",":
                self._take()
            key = self._take().strip(b'"').decode("ascii")
            self._take()
            node[key] = self._value((*steps, key))
        self._take()
        return node

    def _array(self, steps: Steps) -> Node:
        node: list[Node] = []
        self._take()
        while self._next[2] != b"]":
            if self._next[2] == b",":
                self._take()
            node.append(self._value((*steps, len(node))))
        self._take()
        return node
