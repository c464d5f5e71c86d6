"""A value set, added or removed by JSON pointer in JSON, JSONL, TOML and YAML, with the rest left as it is written.

Afterwards the result is read again: an edit that changed more or less than its one place is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, MutableSequence
from pathlib import PurePosixPath
from typing import Any, TypeAlias

from gatecourt.core.errors import FaultError
from gatecourt.formats import pointer
from gatecourt.system.faults import jsontext, tomltext, yamltext
from gatecourt.system.faults.choice import choose_lines, split_lines
from gatecourt.system.faults.section import Edit
from gatecourt.system.faults.texts import decode, encode

Assign: TypeAlias = Callable[[Any, Any, Any], None]


def change_value(edit: Edit, data: bytes) -> bytes:
    """The file after ``set_value`` or ``remove_value``; its format goes by its suffix. Raises ``FaultError``."""
    suffix = PurePosixPath(edit.file).suffix.lower()
    by_line = edit.lines is not None or edit.matching is not None
    text = decode(data)
    if suffix in _WHOLE:
        if by_line:
            raise FaultError(f"lines and matching choose records of JSONL, a {suffix} file is one document")
        return encode(_WHOLE[suffix](edit, text))
    if not by_line:
        raise FaultError("which record is meant? Only .json, .toml, .yaml and .yml files are one document")
    return encode(_in_records(edit, text))


def _in_records(edit: Edit, text: str) -> str:
    lines = split_lines(text)
    for index in choose_lines(edit, lines):
        try:
            lines[index] = _in_json(edit, lines[index])
        except FaultError as error:
            raise FaultError(f"line {index + 1}: {error}") from error
    return "".join(lines)


def _in_json(edit: Edit, text: str) -> str:
    before = jsontext.parse(text)
    at = edit.pointer or ""
    if edit.kind == "remove_value":
        result = jsontext.removed(text, at)
    elif edit.new:
        result = jsontext.added(text, at, _json_value(edit))
    else:
        _refuse_equal(edit, jsontext.value_text(text, at))
        result = jsontext.replaced(text, at, _json_value(edit))
    if edit.raw is None:
        _verify(edit, before, jsontext.parse(result))
    return result


def _refuse_equal(edit: Edit, found: str) -> None:
    same = found == edit.raw if edit.raw is not None else _form(json.loads(found)) == _form(edit.value)
    if same:
        raise FaultError(f"the value at {edit.pointer or 'the root'} already is {found}")


def _json_value(edit: Edit) -> str:
    if edit.raw is not None:
        return edit.raw
    try:
        return json.dumps(edit.value, ensure_ascii=False)
    except TypeError as error:
        raise FaultError(f"the value cannot be written as JSON: {error}") from error


def _assign(tree: Any, key: Any, value: Any) -> None:
    """Sets ``tree[key]``; the key one behind the end of a list appends."""
    if isinstance(tree, MutableSequence) and key == len(tree):
        tree.append(value)
    else:
        tree[key] = value


def _by_tree(
    read: Callable[[str], Any],
    rewrite: Callable[[str, Callable[[Any], None]], str],
    assign: Assign = _assign,
) -> Callable[[Edit, str], str]:
    """The editor of a format whose library keeps the formatting in a tree that can be changed and written again."""

    def edited(edit: Edit, text: str) -> str:
        if edit.raw is not None:
            raise FaultError("raw is for JSON, use value")
        before = read(text)
        _refuse_idle(edit, before)
        result = rewrite(text, lambda tree: _alter(tree, edit, edit.value, assign))
        _verify(edit, before, read(result))
        return result

    return edited


_WHOLE: Mapping[str, Callable[[Edit, str], str]] = {
    ".json": _in_json,
    ".toml": _by_tree(tomltext.read, tomltext.rewrite, tomltext.assign),
    ".yaml": _by_tree(yamltext.read, yamltext.rewrite),
    ".yml": _by_tree(yamltext.read, yamltext.rewrite),
}


def _refuse_idle(edit: Edit, before: Any) -> None:
    """Refuses what the plain tree already shows to be impossible or without effect."""
    if not edit.pointer:
        raise FaultError("the root can only be set in JSON")
    expected = _plain(before)
    _alter(expected, edit, _plain(edit.value))
    if _form(expected) == _form(before):
        raise FaultError(f"the value at {edit.pointer} already is {json.dumps(_plain(edit.value), default=str)}")


def _verify(edit: Edit, before: Any, after: Any) -> None:
    """Compares the new document with the change made on plain data. Only a JSON root has no place to change."""
    if edit.pointer:
        expected = _plain(before)
        _alter(expected, edit, _plain(edit.value))
    else:
        expected = _plain(edit.value)
    if _form(expected) != _form(after):
        raise FaultError(f"a value other than the one at {edit.pointer} would change with it: use replace_text")


def _alter(tree: Any, edit: Edit, value: Any, assign: Assign = _assign) -> None:
    """Sets, adds or removes in place; ``tree`` is plain data or a tree that keeps formatting."""
    at = edit.pointer or ""
    *path, step = pointer.split(at)
    for name in path:
        tree = tree[_key(tree, name, at)]
    if edit.new:
        assign(tree, _new_key(tree, step, at), value)
    elif edit.kind == "remove_value":
        del tree[_key(tree, step, at)]
    else:
        assign(tree, _key(tree, step, at), value)


def _key(tree: Any, step: str, at: str) -> Any:
    """The key or index in ``tree`` that the step means: keys of YAML may be numbers."""
    if isinstance(tree, Mapping):
        keys = [key for key in tree if _name(key) == step]
    elif isinstance(tree, MutableSequence):
        keys = [index for index in range(len(tree)) if str(index) == step]
    else:
        keys = []
    if not keys:
        raise jsontext.absent(at)
    return keys[-1]


def _new_key(tree: Any, step: str, at: str) -> Any:
    """The key or index in ``tree`` that the step would add."""
    if isinstance(tree, Mapping):
        if any(_name(key) == step for key in tree):
            raise FaultError(f"{at} is already there")
        return step
    if not isinstance(tree, MutableSequence):
        raise jsontext.absent(at)
    if step in ("-", str(len(tree))):
        return len(tree)
    already = step.isdecimal() and int(step) < len(tree)
    where = "already there" if already else f"not the end of its list, which has {len(tree)} items"
    raise FaultError(f"{at} is {where}")


def _name(key: Any) -> str:
    return key if isinstance(key, str) else json.dumps(key, default=str)


def _plain(value: Any) -> Any:
    """A copy in plain containers that shares nothing, so that an anchor changed with its aliases shows."""
    if isinstance(value, Mapping):
        return {_name(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _form(value: Any) -> str:
    """A text by which values compare: 1, 1.0 and true differ, NaN equals itself, keys have no order."""
    return json.dumps(_plain(value), sort_keys=True, default=repr)
