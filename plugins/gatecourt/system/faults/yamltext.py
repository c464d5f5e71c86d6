"""YAML 1.2 read as plain data, and written again with its comments, quotes, indentation and line endings."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from gatecourt.core.errors import FaultError

if TYPE_CHECKING:
    from ruamel.yaml import YAML

T = TypeVar("T")

_NO_WRAP = 1 << 20


def read(text: str) -> Any:
    """The one document as plain data. Raises ``FaultError`` if it is no YAML or several documents."""
    from ruamel.yaml import YAML

    return _guarded("not YAML", lambda: YAML(typ="safe", pure=True).load(text))


def rewrite(text: str, change: Callable[[Any], None]) -> str:
    """The text after ``change`` has altered its tree in place. Raises ``FaultError`` if it cannot be written."""

    unix = text.replace("\r\n", "\n")
    if "\r" in unix or ("\r\n" in text and text.count("\n") != text.count("\r\n")):
        raise FaultError("the line endings are mixed: use replace_text")

    def written() -> str:
        yaml = _writer(unix)
        tree = yaml.load(unix)
        change(tree)
        stream = io.StringIO()
        yaml.dump(tree, stream)
        return stream.getvalue()

    result = _guarded("cannot be written as YAML", written)
    return result if unix == text else result.replace("\n", "\r\n")


def _guarded(what: str, action: Callable[[], T]) -> T:
    from ruamel.yaml.error import YAMLError

    try:
        return action()
    except (YAMLError, ValueError, TypeError, RecursionError) as error:
        raise FaultError(f"{what}: {' '.join(str(error).split())}") from error


def _writer(text: str) -> YAML:
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt", pure=True)
    yaml.Constructor, yaml.Representer = _exact_floats()
    yaml.preserve_quotes = True
    yaml.width = _NO_WRAP
    yaml.explicit_start = re.match(r"(#[^\n]*\n|\s*\n)*---", text) is not None
    mapping, dash = _indents(text)
    yaml.indent(mapping=mapping, sequence=dash + 2, offset=dash)
    return yaml


def _indents(text: str) -> tuple[int, int]:
    """How far the file indents keys below a key, and dashes below a key; 2 and 0 where nothing shows it."""
    key = re.search(r"^( *)[^\s#-][^\n]*:[ \t]*\n\1( +)[^\s#-]", text, re.MULTILINE)
    dash = re.search(r"^( *)[^\s#-][^\n]*:[ \t]*\n\1( *)- ", text, re.MULTILINE)
    return len(key[2]) if key else 2, len(dash[2]) if dash else 0


class _Written(float):
    """A float that knows how it was written."""

    text: str


@cache
def _exact_floats() -> tuple[type[Any], type[Any]]:
    """Constructor and representer that write a float as it was read; ruamel's own may lose its last digit."""
    from ruamel.yaml.constructor import RoundTripConstructor, SafeConstructor
    from ruamel.yaml.representer import RoundTripRepresenter

    tag = "tag:yaml.org,2002:float"

    class Constructor(RoundTripConstructor):
        def construct_yaml_float(self, node: Any) -> Any:
            number = _Written(SafeConstructor.construct_yaml_float(self, node))
            number.text = node.value
            return number

    class Representer(RoundTripRepresenter):
        def represent_written(self, number: _Written) -> Any:
            return self.represent_scalar(tag, number.text)

    Constructor.add_constructor(tag, Constructor.construct_yaml_float)
    Representer.add_representer(_Written, Representer.represent_written)
    return Constructor, Representer
