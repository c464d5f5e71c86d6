"""What a file ``faults/*.toml`` may say: ``[[fault]]`` tables with their ``[[fault.edit]]`` tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import PurePosixPath
from typing import Any, Literal

from gatecourt.formats import pointer

Kind = Literal[
    "replace_text", "set_value", "remove_value", "drop_lines", "duplicate_lines", "swap_lines", "truncate",
    "append_text", "sql", "delete_file", "write_text", "write_bytes",
]  # fmt: skip

_CHOICE = ("count", "occurrence", "every")
_LINES = ("lines", "matching", *_CHOICE)
# kind -> the keys that it must have, the keys that it may have
_KEYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "replace_text": (("find", "replace"), _CHOICE),
    "set_value": (("pointer",), ("value", "raw", "new", *_LINES)),
    "remove_value": (("pointer",), _LINES),
    "drop_lines": ((), _LINES),
    "duplicate_lines": ((), _LINES),
    "swap_lines": ((), _LINES),
    "truncate": (("bytes",), ()),
    "append_text": (("text",), ()),
    "sql": (("statements",), ()),
    "delete_file": ((), ()),
    "write_text": (("text",), ("new",)),
    "write_bytes": (("hex",), ("new",)),
}
_RANGE = re.compile(r"(last|[1-9][0-9]*)(?:-(last|[1-9][0-9]*))?")
_ID = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one file (with ``all``, of every file that the pattern matches)."""

    file: str = field(
        metadata={"doc": "Path of the file below the folder, or a pattern that matches exactly one file."}
    )
    kind: Kind = field(metadata={"doc": "What is done to the file."})
    all: bool = field(default=False, metadata={"doc": "The pattern in `file` may match several files: edit each."})
    find: str | None = field(default=None, metadata={"doc": "replace_text: the text that is looked for, literally."})
    replace: str | None = field(default=None, metadata={"doc": "replace_text: what stands there afterwards."})
    count: int | None = field(
        default=None, metadata={"doc": "How many places `find` or `matching` must have; all are edited. Default 1."}
    )
    occurrence: int | None = field(
        default=None, metadata={"doc": "Edit this one of the places alone: 1 is the first, -1 the last."}
    )
    every: bool = field(default=False, metadata={"doc": "Edit all places, however many there are; at least one."})
    pointer: str | None = field(default=None, metadata={"doc": "JSON pointer to the value that is set or removed."})
    value: Any = field(default=None, metadata={"doc": "set_value: the new value."})
    raw: str | None = field(
        default=None, metadata={"doc": "set_value in JSON: the new value as text, such as NaN, Infinity or null."}
    )
    new: bool = field(default=False, metadata={"doc": "The key, list item or file is added; it must not exist yet."})
    lines: str | None = field(
        default=None, metadata={"doc": 'Lines from 1: "12", "12-15", "last", "12-last"; JSONL records with `pointer`.'}
    )
    matching: str | None = field(
        default=None, metadata={"doc": "Lines in which this regular expression is found, instead of `lines`."}
    )
    bytes: int | None = field(
        default=None, metadata={"doc": "truncate: how many bytes stay; negative: how many are cut off the end."}
    )
    text: str | None = field(default=None, metadata={"doc": "append_text: what is added; write_text: the content."})
    hex: str | None = field(default=None, metadata={"doc": "write_bytes: the content in hexadecimal digits."})
    statements: tuple[str, ...] = field(
        default=(), metadata={"doc": "sql: statements for a SQLite file, each of which must change something."}
    )

    def __post_init__(self) -> None:
        problems = [*_path_problems(self), *_key_problems(self), *_choice_problems(self), *_value_problems(self)]
        if problems:
            raise ValueError("; ".join(problems))


@dataclass(frozen=True, slots=True)
class Fault:
    """A known-bad variant of a target, and who must convict it of what; or a harmless one that must be acquitted."""

    id: str = field(metadata={"doc": "Name of the fault, [a-z0-9_]+, unique over all files of the target."})
    gate: str = field(metadata={"doc": "The gate that must convict."})
    runbook: str = field(metadata={"doc": "The runbook row or heading that the fault belongs to, such as T04."})
    why: str = field(metadata={"doc": "One sentence: the real defect that this fault stands for."})
    on: Literal["artefact", "source"] = field(
        metadata={
            "doc": "artefact: the edits apply to a copy of a clean run's outputs, which is judged as it is; "
            "source: to a copy of the target's tree with its manifest, which is run again."
        }
    )
    verdict: Literal["FAIL", "HOLD", "ERROR", "PASS"] = field(
        default="FAIL",
        metadata={
            "doc": "The verdict that the gate must reach. PASS: the change is harmless, and no check may convict it."
        },
    )
    check: str | None = field(
        default=None, metadata={"doc": 'The check of the gate that must convict, such as "lines" or "validates[eqs]".'}
    )
    rule: str | None = field(default=None, metadata={"doc": "The reason code that the conviction must carry."})
    edit: tuple[Edit, ...] = field(default=(), metadata={"doc": "The edits, applied in this order."})
    environment: Mapping[str, str] = field(
        default_factory=dict, metadata={"doc": "Variables that are set for the run; source faults only."}
    )
    command: tuple[str, ...] | None = field(
        default=None, metadata={"doc": "The command that is run instead of the declared one; source faults only."}
    )
    of: str = field(
        default="run",
        metadata={
            "doc": "NAME of the [commands.NAME] whose outputs are edited (artefact), or which `command` replaces "
            "(source); that of [run] if not given."
        },
    )

    def __post_init__(self) -> None:
        if problems := list(_fault_problems(self)):
            raise ValueError("; ".join(problems))


def _given(edit: Edit) -> set[str]:
    """The keys beside file, kind and all that the edit sets."""
    keys = (item for item in fields(Edit) if item.name not in ("file", "kind", "all"))
    return {key.name for key in keys if getattr(edit, key.name) != key.default}


def _path_problems(edit: Edit) -> Iterator[str]:
    file, parts = edit.file, PurePosixPath(edit.file).parts
    if not parts or file.startswith("/") or ".." in parts or "\\" in file or "\0" in file:
        yield f"file must be a relative path that stays in the folder, with '/' between its parts, got {file!r}"
    if edit.new and edit.kind.startswith("write_") and (edit.all or set(file) & set("*?[")):
        yield f"a new file must be named, got the pattern {file!r}"


def _key_problems(edit: Edit) -> Iterator[str]:
    required, optional = _KEYS[edit.kind]
    given = _given(edit)
    for key in required:
        if key not in given:
            yield f"{edit.kind} needs the key {key}"
    for key in sorted(given.difference(required, optional)):
        yield f"{edit.kind} has no use for the key {key}"
    if edit.kind == "set_value" and ("value" in given) == ("raw" in given):
        yield "set_value needs either value or raw"
    if edit.kind.endswith("_lines") and not given & {"lines", "matching"}:
        yield f"{edit.kind} needs either lines or matching"


def _choice_problems(edit: Edit) -> Iterator[str]:
    chosen = sorted(_given(edit).intersection(_CHOICE))
    if len(chosen) > 1:
        yield f"{' and '.join(chosen)} cannot stand together"
    if edit.lines is not None and edit.matching is not None:
        yield "lines and matching cannot stand together"
    if chosen and edit.kind != "replace_text" and edit.matching is None:
        yield f"{chosen[0]} needs the key matching"
    if edit.count is not None and edit.count < 1:
        yield f"count must be 1 or more, got {edit.count}"
    if edit.occurrence == 0:
        yield "occurrence counts from 1, or from -1 at the end, got 0"


def _value_problems(edit: Edit) -> Iterator[str]:
    if edit.find == "":
        yield "find must not be empty"
    if edit.find is not None and edit.find == edit.replace:
        yield "find and replace are the same text"
    if edit.kind == "append_text" and edit.text == "":
        yield "text must not be empty"
    if edit.raw is not None and not edit.raw.strip():
        yield "raw must not be empty"
    if edit.pointer == "" and (edit.new or edit.kind == "remove_value"):
        yield "pointer must lead into the document: the root can only be set"
    yield from _grammar_problems(edit)


def _grammar_problems(edit: Edit) -> Iterator[str]:
    if edit.lines is not None and not _is_range(edit.lines):
        yield f'lines must be like "12", "12-15", "last" or "12-last", got {edit.lines!r}'
    if edit.matching is not None and (reason := _refusal(re.compile, edit.matching)):
        yield f"matching must be a regular expression: {reason}"
    if edit.pointer is not None and (reason := _refusal(pointer.split, edit.pointer)):
        yield reason
    if edit.hex is not None and _refusal(bytes.fromhex, edit.hex):
        yield "hex must be pairs of hexadecimal digits"


def _is_range(lines: str) -> bool:
    found = _RANGE.fullmatch(lines)
    if found is None:
        return False
    first, last = found.groups()
    return last is None or (first != "last" and (last == "last" or int(first) <= int(last)))


def _refusal(reader: Any, text: str) -> str:
    try:
        reader(text)
    except (ValueError, re.error) as error:
        return str(error)
    return ""


def _fault_problems(fault: Fault) -> Iterator[str]:
    if not _ID.fullmatch(fault.id):
        yield f"id must be [a-z0-9_]+, got {fault.id!r}"
    if not _ID.fullmatch(fault.of):
        yield f"of must be [a-z0-9_]+, got {fault.of!r}"
    for key in ("gate", "runbook", "why"):
        if not getattr(fault, key).strip():
            yield f"{key} must not be empty"
    for name in sorted(fault.environment):
        if not name or "=" in name or "\0" in name + fault.environment[name]:
            yield f"environment must have names without '=', got {name!r}"
    if fault.command is not None and not fault.command:
        yield "command must name a program"
    yield from _purpose_problems(fault)


def _purpose_problems(fault: Fault) -> Iterator[str]:
    runs_differently = bool(fault.environment) or fault.command is not None
    if fault.on == "artefact" and runs_differently:
        yield 'environment and command need on = "source": an artefact fault is judged without a run'
    if fault.on == "source" and fault.of != "run" and fault.command is None:
        yield f'of = "{fault.of}" needs the key command: a source fault applies to every command'
    if fault.verdict == "PASS" and fault.rule is not None:
        yield "rule has no place beside verdict PASS: who acquits gives no reason"
    if not fault.edit and (fault.on == "artefact" or not runs_differently):
        yield "edit is missing: the fault would change nothing"
