"""Schema documents: read strictly, checked against their draft's meta-schema, compiled without any retrieval.

``format`` is asserted in every draft. jsonschema_rs asserts the formats that a draft names itself; the names that came
with later drafts (``uuid`` and ``duration`` before 2019-09, others before 7) are added here, so that a format means
the same in all drafts. A name that cannot be asserted is a finding, unless it is declared to be an annotation.

Regular expressions follow ECMA 262: ``\\d`` and ``\\w`` are ASCII, ``$`` is the very end, ``\\Z`` is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json, Subject
from gatecourt.formats import pointer
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import real_path
from gatecourt.formats.finding_groups import bounded
from gatecourt.formats.json_schema_wording import demand, observed_value, ordered
from gatecourt.formats.strictjson import parse, read_bytes

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError, Validator

DRAFTS = {
    "https://json-schema.org/draft/2020-12/schema": "2020-12",
    "https://json-schema.org/draft/2019-09/schema": "2019-09",
    "http://json-schema.org/draft-07/schema": "7",
    "http://json-schema.org/draft-06/schema": "6",
    "http://json-schema.org/draft-04/schema": "4",
}
_LATER_FORMATS = (
    "uuid",
    "duration",
    "iri",
    "iri-reference",
    "idn-hostname",
    "json-pointer",
    "relative-json-pointer",
    "uri-reference",
    "uri-template",
)
_SCHEME = "target"
_MOST = 20


@dataclass(frozen=True, slots=True)
class Compiled:
    """A schema ready for use, or why it is not; ``subjects`` are the schema and every document it refers to."""

    validator: Validator | None
    findings: tuple[Finding, ...]
    subjects: tuple[Subject, ...]


@dataclass(slots=True)
class _Library:
    """Reads schema documents below one root, and keeps the subjects and findings."""

    root: Path
    home: str
    identity: str = ""
    draft: str = ""
    subjects: dict[str, Subject] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def load(self, name: str) -> Json:
        """The document ``name``. Raises ``Judged``; a document outside the root counts as unreadable."""
        path = real_path(self.root / name)
        if not path.is_relative_to(real_path(self.root)):
            raise Judged(Finding(name, "a file below the target's root", "a link out of it", "artefact.unreadable"))
        data = read_bytes(path, name)
        self.subjects[name] = Subject(name, hashlib.sha256(data).hexdigest(), len(data))
        return parse(data, name)

    def __call__(self, uri: str) -> Any:
        """The document behind a ``$ref``, for jsonschema_rs. Its findings are kept, because an exception loses them."""
        try:
            name = self._name(uri)
            document = self.load(name)
        except Judged as judged:
            self.findings.append(judged.finding)
            raise
        faults = list(_faults(document, name, self.draft))
        self.findings += faults
        if faults:
            raise Judged(faults[0])
        return document

    def _name(self, uri: str) -> str:
        if uri.startswith(f"{_SCHEME}:///"):
            return unquote(urlsplit(uri).path).lstrip("/")
        folder = urljoin(self.identity, ".") if self.identity else ""
        beside = unquote(uri.removeprefix(folder)) if folder and uri.startswith(folder) else ".."
        if ".." in PurePosixPath(beside).parts:
            raise Judged(
                Finding(self.home, "a $ref to a file below the target's root", excerpt(uri), "e2.schema_reference")
            )
        return (PurePosixPath(self.home).parent / beside).as_posix()


def compile_schema(root: Path, name: str, annotations: tuple[str, ...] = ()) -> Compiled:
    """The validator for the schema ``name`` below ``root``. Never raises for the content of the document."""
    library = _Library(root, name)
    validator = None
    try:
        document = library.load(name)
        library.findings += _faults(document, name)
        if isinstance(document, dict) and not library.findings:
            validator = _validator(document, library, annotations)
    except Judged as judged:
        library.findings.append(judged.finding)
    subjects = tuple(library.subjects[key] for key in sorted(library.subjects))
    return Compiled(validator, tuple(dict.fromkeys(library.findings)), subjects)


def _faults(document: Json, name: str, inherited: str = "") -> Iterator[Finding]:
    """Findings on a schema by itself. A referred document may omit ``$schema``: that of the referring one applies."""
    if isinstance(document, bool) and inherited:
        return
    if not isinstance(document, dict):
        yield Finding(name, "a JSON Schema, an object", excerpt(document), "e2.schema_invalid")
        return
    uri = document.get("$schema", inherited)
    if not uri:
        yield Finding(name, "a $schema that declares the draft", "no $schema", "e2.schema_undeclared")
    elif not isinstance(uri, str) or uri.removesuffix("#") not in DRAFTS:
        known = "one of the drafts " + ", ".join(DRAFTS.values())
        yield Finding(f"{name}#/$schema", known, excerpt(uri), "e2.schema_unknown_draft")
    else:
        yield from bounded(_against_meta_schema(document, uri, name), _MOST)


def _against_meta_schema(document: Json, uri: str, name: str) -> Iterator[Finding]:
    from jsonschema_rs import validator_for

    meta = validator_for({"$schema": uri, "$ref": uri}, validate_formats=True, offline=True)
    for error in ordered(meta.iter_errors(document)):
        where = f"{name}#{pointer.join(error.instance_path)}"
        yield Finding(where, demand(error), observed_value(error), "e2.schema_invalid")


def _validator(document: dict[str, Any], library: _Library, annotations: tuple[str, ...]) -> Validator | None:
    from jsonschema_rs import ValidationError, validator_for

    identity = document.get("$id", document.get("id", ""))
    library.draft = document["$schema"]
    library.identity = identity if isinstance(identity, str) and urlsplit(identity).scheme else ""
    try:
        return validator_for(
            document,
            formats=_formats(annotations),
            validate_formats=True,
            ignore_unknown_formats=False,
            retriever=library,
            base_uri=f"{_SCHEME}:///{quote(library.home)}",
        )
    except ValidationError as error:
        library.findings += _uncompilable(error, library)
        return None


def _uncompilable(error: ValidationError, library: _Library) -> list[Finding]:
    from jsonschema_rs import ValidationErrorKind

    if library.findings:  # a referred document has said already what is wrong
        return []
    where = f"{library.home}#{pointer.join(error.instance_path)}" if error.instance_path else library.home
    if error.message.startswith("Unknown format"):
        return [Finding(where, "a format that can be asserted", excerpt(error.instance), "e2.schema_format")]
    if isinstance(error.kind, ValidationErrorKind.Referencing):
        return [Finding(where, "every $ref to resolve", excerpt(error.message, 160), "e2.schema_reference")]
    return [Finding(where, demand(error), observed_value(error), "e2.schema_invalid")]


@cache
def _later_formats() -> dict[str, Callable[[str], bool]]:
    from jsonschema_rs import Draft202012Validator

    def assertion(name: str) -> Callable[[str], bool]:
        return Draft202012Validator({"format": name}, validate_formats=True, offline=True).is_valid

    return {name: assertion(name) for name in _LATER_FORMATS}


def _formats(annotations: tuple[str, ...]) -> dict[str, Callable[[str], bool]]:
    return {**_later_formats(), **dict.fromkeys(annotations, lambda _: True)}
