"""Evidence: the record of one check, how it gets its verdict and how the spool stores it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Subject, Verdict
from gatecourt.core.reasons import Reasons
from gatecourt.formats.digests import digest_json
from gatecourt.formats.secret_forms import replaced

QUOTED = 20
_NO_PLACES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Evidence:
    """One check's record. ``judgement`` is byte-identical from run to run, ``observations`` are free to differ."""

    target: str
    gate: str
    check: str
    judgement: dict[str, Any]
    observations: dict[str, Any] = field(default_factory=dict)
    attachments: dict[str, str] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """The verdict of the check."""
        return Verdict(self.judgement["verdict"])

    @property
    def judgement_sha256(self) -> str:
        """SHA-256 over the judgement in RFC 8785 form, the same wherever the check ran."""
        return digest_json(self.judgement)


class CheckRecord:
    """What a check reports while it runs. Implements the ``Findings`` protocol."""

    def __init__(self, target: str, gate: str, check: str) -> None:
        self.target, self.gate, self.check = target, gate, check
        self._findings: list[Finding] = []
        self._subjects: dict[str, Subject] = {}
        self._parameters: dict[str, Json] = {}
        self._observations: dict[str, Any] = {}
        self._attachments: dict[str, str] = {}

    def record(self, judgement: Judgement) -> None:
        """Adds the whole result of a rule. Raises ``ValueError`` as ``parameter`` and ``attach`` do."""
        self.subjects(judgement.subjects)
        for name, value in judgement.parameters.items():
            self.parameter(name, value)
        self.extend(judgement.findings)
        self._observations.update(judgement.observations)
        for name, text in judgement.attachments.items():
            self.attach(name, text)

    def add(self, where: str, *, expected: str, observed: str, rule: str) -> None:
        """Adds one finding."""
        self._findings.append(Finding(where, expected, observed, rule))

    def extend(self, findings: Iterable[Finding]) -> None:
        """Adds findings."""
        self._findings.extend(findings)

    def subjects(self, subjects: Iterable[Subject]) -> None:
        """Records what was judged."""
        self._subjects.update((subject.name, subject) for subject in subjects)

    def parameter(self, name: str, value: Json) -> None:
        """Records a value that the judgement rests on. Raises ``ValueError`` if it cannot be written as JSON."""
        digest_json(value)
        self._parameters[name] = value

    def observe(self, name: str, value: Json) -> None:
        """Records a measurement, which may differ from run to run."""
        self._observations[name] = value

    def quote(self, line_of: Callable[[str], str | None]) -> None:
        """Records the lines that the first findings point at: the run's folder is removed with the session."""
        places = dict.fromkeys(finding.where for finding in self._findings[:QUOTED])
        if lines := {where: line for where in places if (line := line_of(where)) is not None}:
            self._observations["lines"] = lines

    def attach(self, name: str, text: str) -> None:
        """Adds a file for people. Raises ``ValueError`` if ``name`` is not a bare file name."""
        if Path(name).name != name:
            raise ValueError(f"an attachment has a bare file name, got {name!r}")
        self._attachments[name] = text

    def close(self, reasons: Reasons, runbook: str, places: Mapping[str, str] = _NO_PLACES) -> Evidence:
        """The finished record: its verdict is the worst of its findings; without subject or finding it is HOLD.

        ``places`` maps texts that may not enter evidence, folders of this machine and secrets, to the words that stand
        for them: evidence is the same wherever it is made.
        """
        if not self._subjects and not self._findings:
            self.add(self.check, expected="a subject to judge", observed="none", rule="evidence.no_subject")
        findings = [_finding(places, finding) for finding in self._findings]
        judgement: dict[str, Any] = {
            "subjects": [_subject(places, self._subjects[name]) for name in sorted(self._subjects)],
            "parameters": _values(places, self._parameters),
            "findings": [finding.as_json() for finding in findings],
            **_decision(findings, reasons, runbook),
        }
        observations, attachments = _values(places, self._observations), _values(places, self._attachments)
        return Evidence(self.target, self.gate, self.check, judgement, observations, attachments)


def _portable(places: Mapping[str, str], value: Any) -> Any:
    """``value`` with every text free of the keys of ``places`` and of unpaired surrogates."""
    if isinstance(value, str):
        return replaced(value, places.items()).encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_portable(places, key): _portable(places, inner) for key, inner in value.items()}
    return [_portable(places, inner) for inner in value] if isinstance(value, list) else value


def _values(places: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` made portable below their own names, which are the suite's and stay."""
    return {name: _portable(places, value) for name, value in values.items()}


def _finding(places: Mapping[str, str], finding: Finding) -> Finding:
    """``finding`` with its three texts made portable; the reason code is the suite's and stays."""
    where, expected, observed = _portable(places, [finding.where, finding.expected, finding.observed])
    return dataclasses.replace(finding, where=where, expected=expected, observed=observed)


def _subject(places: Mapping[str, str], subject: Subject) -> dict[str, Json]:
    return {"name": _portable(places, subject.name), "digest": {"sha256": subject.sha256}, "size": subject.size}


def _decision(findings: list[Finding], reasons: Reasons, runbook: str) -> dict[str, Json]:
    if not findings:
        return {"verdict": str(Verdict.PASS), "reason_code": None, "next_action": None}
    gravest = max(findings, key=lambda finding: reasons.of(finding).verdict.severity)
    reason = reasons.of(gravest)
    step = reason.next_action.replace("{where}", gravest.where)
    runbook = reason.runbook or runbook
    return {
        "verdict": str(reason.verdict),
        "reason_code": reason.code,
        "next_action": f"{step} ({runbook})" if runbook else step,
    }


class Spool:
    """A content-addressed folder of records, written by workers and read by the controller alone.

    Each record is complete and durable before its digest is reported: write, fsync, rename.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, evidence: Evidence) -> str:
        """Stores a record and returns the SHA-256 of its bytes, which is also its name."""
        data = json.dumps(dataclasses.asdict(evidence), allow_nan=False).encode()
        digest = hashlib.sha256(data).hexdigest()
        write_durably(self.folder / f"{digest}.json", data)
        return digest

    def get(self, digest: str) -> Evidence | None:
        """The record with this digest, or None where it is missing or its bytes do not have that digest."""
        try:
            data = (self.folder / f"{digest}.json").read_bytes()
        except OSError:
            return None
        return Evidence(**json.loads(data)) if hashlib.sha256(data).hexdigest() == digest else None

    def __iter__(self) -> Iterator[Evidence]:
        for path in sorted(self.folder.glob("*.json")):
            if (evidence := self.get(path.stem)) is not None:
                yield evidence


def write_durably(path: Path, data: bytes) -> None:
    """Writes ``path`` whole or not at all: a temporary neighbour, fsync, rename."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
