"""Configuration files read strictly, by their suffix: JSON, TOML, YAML 1.2.

Duplicate keys are refused in all three, YAML tags that construct objects are refused, and so is more than one document.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats.limits import DEEPEST
from gatecourt.formats.strictjson import parse, read_bytes


def read_document(path: Path, name: str) -> Json:
    """The document in ``path``, called ``name``. Keys are text: YAML's other scalar keys become their text.

    Raises ``Judged`` with rule ``artefact.unreadable``, ``json.*``, ``document.syntax``, ``document.key`` or
    ``document.format`` (no known suffix).
    """
    data = read_bytes(path, name)
    match Path(name).suffix.lower():
        case ".json":
            return parse(data, name)
        case ".toml":
            return _toml(_text(data, name), name)
        case ".yaml" | ".yml":
            return _yaml(_text(data, name), name)
    raise Judged(
        Finding(name, "a .json, .toml, .yaml or .yml file", Path(name).suffix or "no suffix", "document.format")
    )


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        observed = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        raise Judged(Finding(name, "UTF-8", observed, "document.syntax")) from error


def _toml(text: str, name: str) -> Json:
    try:
        document: Json = _with_text_keys(tomllib.loads(text), name, DEEPEST, {})
    except tomllib.TOMLDecodeError as error:
        raise Judged(Finding(name, "a TOML document", str(error), "document.syntax")) from error
    except RecursionError as error:
        raise Judged(Finding(name, "a nesting that a reader can follow", "too deep", "document.syntax")) from error
    return document


def _yaml(text: str, name: str) -> Json:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        document = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark else name
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise Judged(Finding(where, "one plain YAML document", problem, "document.syntax")) from error
    except (RecursionError, ValueError) as error:  # too deep, or a scalar such as the date 2026-13-01
        observed = str(error) or type(error).__name__
        raise Judged(Finding(name, "one plain YAML document", observed, "document.syntax")) from error
    plain: Json = _with_text_keys(document, name, DEEPEST, {})
    return plain


def _with_text_keys(value: Any, name: str, depth: int, known: dict[int, Any]) -> Any:
    """``known`` keeps what anchors share shared: a few lines of YAML can name a billion nodes."""
    if depth == 0:
        raise Judged(
            Finding(name, f"a nesting of at most {DEEPEST}", "deeper, or an anchor in itself", "document.syntax")
        )
    if not isinstance(value, (Mapping, list, tuple)):
        return value
    if id(value) not in known:
        known[id(value)] = (
            _mapping(value, name, depth, known)
            if isinstance(value, Mapping)
            else [_with_text_keys(item, name, depth - 1, known) for item in value]
        )
    return known[id(value)]


def _mapping(value: Mapping[Any, Any], name: str, depth: int, known: dict[int, Any]) -> dict[str, Any]:
    found = {_key(key, name): _with_text_keys(item, name, depth - 1, known) for key, item in value.items()}
    if len(found) != len(value):
        raise Judged(Finding(name, "keys that differ as text", "two keys of one text", "document.key"))
    return found


def _key(key: object, name: str) -> str:
    if isinstance(key, (list, tuple, dict)) or key is None:
        raise Judged(Finding(name, "keys that are text", f"a {type(key).__name__} as a key", "document.key"))
    return str(key).lower() if isinstance(key, bool) else str(key)
