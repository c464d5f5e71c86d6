"""Payloads against their JSON Schemas, and the merged state at the end against that of a whole state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats.finding_groups import bounded
from gatecourt.formats.json_schema import compile_schema
from gatecourt.formats.json_schema_wording import demand, is_undecided, observed_value, ordered
from gatecourt.formats.pointer import get, join
from gatecourt.mechanisms.streams.payloads import PayloadKinds
from gatecourt.rules.telemetry.streams.section import PayloadSchemas

if TYPE_CHECKING:
    from jsonschema_rs import Validator

_TOLD = 5


class PayloadsValid:
    """Schemas compiled once. Raises ``Judged`` for the first thing that is wrong with one of them.

    Rules: ``telemetry.payload_schema``, ``json.depth``, ``telemetry.schema_undecided`` and those of compiling schemas.
    """

    def __init__(self, section: PayloadSchemas, kinds: PayloadKinds | None, root: Path) -> None:
        self._kinds = kinds
        self._snapshot = None if section.snapshot is None else _compiled(root, section.snapshot)
        self._diff = None if section.diff is None else _compiled(root, section.diff)

    def feed(self, where: str, payload: Json) -> Iterator[Finding]:
        """What in one payload its schema does not allow."""
        validator = self._diff if self._is_diff(payload) else self._snapshot
        if validator is not None:
            yield from bounded(_violations(validator, payload, where), _TOLD)

    def close(self, where: str, state: Json) -> Iterator[Finding]:
        """What in the state at the end the schema of a whole state does not allow."""
        if self._snapshot is not None and state and self._kinds is not None:
            yield from bounded(_violations(self._snapshot, state, f"{where} (merged)"), _TOLD)

    def _is_diff(self, payload: Json) -> bool:
        try:
            return self._kinds is not None and get(payload, self._kinds.pointer) == self._kinds.diff
        except KeyError:
            return False


def _compiled(root: Path, name: str) -> Validator:
    compiled = compile_schema(root, name)
    if compiled.validator is None:
        raise Judged(compiled.findings[0])
    return compiled.validator


def _violations(validator: Validator, document: Json, where: str) -> Iterator[Finding]:
    try:
        errors = [] if validator.is_valid(document) else ordered(validator.iter_errors(document))
    except UnicodeEncodeError:
        yield Finding(where, "text of whole characters", "an unpaired surrogate", "telemetry.payload_schema")
    except ValueError as refusal:
        yield Finding(where, "a nesting that a validator can follow", str(refusal), "json.depth")
    else:
        for error in errors:
            at = f"{where}#{join(error.instance_path)}" if error.instance_path else where
            rule = "telemetry.schema_undecided" if is_undecided(error) else "telemetry.payload_schema"
            yield Finding(at, demand(error), observed_value(error), rule)
