"""``court_report.json`` and ``evidence/``: the court's files, and the rule that no foreign file is replaced."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gatecourt.core.errors import GatecourtError
from gatecourt.core.model import Verdict
from gatecourt.core.reasons import Reasons
from gatecourt.court.evidence import write_durably
from gatecourt.court.verdict import CheckVerdict, CourtVerdict, GateVerdict
from gatecourt.formats.digests import digest_json

COURT_FORMAT = "gatecourt/court_report/1"
EVIDENCE_FORMAT = "gatecourt/evidence/1"
INDEX = ".gatecourt.json"


_REPORT_NAME = re.compile(r"(court_report|convictions)\.json|evidence/[^\0]*")


class ForeignReport(GatecourtError):
    """A file stands where a report would go, and it is not ours."""


class ReportsFolder:
    """The folder that the court writes. It remembers what it wrote and replaces nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _ours(self) -> set[str]:
        try:
            names = json.loads((self.folder / INDEX).read_bytes())["files"]
            return {name for name in names if _REPORT_NAME.fullmatch(name) and self._inside(name)}
        except (OSError, ValueError, KeyError, TypeError):
            return set()

    def _inside(self, name: str) -> bool:
        # The index may come with a foreign tree, and a folder in between may be a link: neither may lead out of here.
        return (self.folder / name).parent.resolve().is_relative_to(self.folder.resolve())

    def replace(self, files: Mapping[str, bytes]) -> None:
        """Writes ``files`` (relative name to bytes) and removes the other files that an earlier session wrote.

        Raises ``ForeignReport`` before anything is written if one of the names holds a file that is not ours.
        """
        ours = self._ours()
        for name in sorted(files):
            if not self._inside(name):
                raise ForeignReport(
                    f"{self.folder / name}: expected a place below the reports folder, found a link out of it"
                )
            if os.path.lexists(self.folder / name) and name not in ours:
                raise ForeignReport(
                    f"{self.folder / name}: expected a report of an earlier court, found a file that gatecourt did "
                    f"not write; move it away or choose another folder with --reports=DIR"
                )
        self.folder.mkdir(parents=True, exist_ok=True)
        # The index is written first: a session that dies in between still knows its own files.
        self._write_index(ours | set(files))
        for name in sorted(ours - set(files)):
            (self.folder / name).unlink(missing_ok=True)
        # Nested files first: when the report exists, the evidence that it names exists too.
        for name in sorted(files, key=lambda name: (-name.count("/"), name)):
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            write_durably(self.folder / name, files[name])
        self._write_index(set(files))

    def _write_index(self, names: set[str]) -> None:
        write_durably(self.folder / INDEX, pretty({"files": sorted(names)}))


def pretty(value: Any) -> bytes:
    """JSON for people and tools alike: indented, keys in the order given, one newline at the end."""
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def court_files(court: CourtVerdict, reasons: Reasons, observations: Mapping[str, Any]) -> dict[str, bytes]:
    """Every file of a finished session: the court report, the evidence of each gate, the attachments."""
    files = {"court_report.json": pretty(court_report(court, reasons, observations))}
    for gate in court.gates:
        if gate.judged:
            files[_evidence_name(gate)] = pretty(_evidence_file(gate))
            files |= _attachments(gate, len(court.rolls))
    return files


def court_report(court: CourtVerdict, reasons: Reasons, observations: Mapping[str, Any]) -> dict[str, Any]:
    """The report as one document: a judgement that is the same wherever it is made, and what was only observed."""
    judgement = {
        "verdict": str(court.verdict),
        "go": court.go,
        "scope": str(court.scope),
        "gates_on_roll": len(court.gates),
        "gates_heard": len(court.judged),
        "cut_short": list(court.cut_short),
        "targets": [
            {
                "name": roll.target,
                "manifest": {"digest": {"sha256": roll.manifest_sha256}},
                "roll": list(roll.gates),
                "not_applicable": dict(sorted(roll.not_applicable.items())),
                "gates": [_gate(gate, reasons) for gate in court.gates if gate.target == roll.target],
            }
            for roll in court.rolls
        ],
    }
    return {
        "format": COURT_FORMAT,
        "judgement": judgement,
        "judgement_sha256": digest_json(judgement),
        "observations": dict(observations),
    }


def _gate(gate: GateVerdict, reasons: Reasons) -> dict[str, Any]:
    return {
        "gate": gate.gate,
        "verdict": str(gate.verdict),
        "evidence": _evidence_name(gate) if gate.judged else None,
        "checks": [_check(check, reasons) for check in gate.checks],
    }


def _check(check: CheckVerdict, reasons: Reasons) -> dict[str, Any]:
    record = check.evidence
    step = record.judgement["next_action"] if record else None
    if check.verdict is not Verdict.PASS and check.reason_code and step is None:
        step = reasons.code(check.reason_code).next_action
    return {
        "check": check.id.check,
        "verdict": str(check.verdict),
        "reason_code": check.reason_code,
        "finding": gravest(record.judgement) if record and record.judgement["findings"] else None,
        "next_action": step,
        "judgement_sha256": record.judgement_sha256 if record else None,
    }


def gravest(judgement: Mapping[str, Any]) -> dict[str, str]:
    """The finding that gave the judgement its verdict."""
    findings: list[dict[str, str]] = judgement["findings"]
    # An unregistered rule is reported under another code: then the first finding stands for it.
    return next((finding for finding in findings if finding["rule"] == judgement["reason_code"]), findings[0])


def _evidence_name(gate: GateVerdict) -> str:
    return f"evidence/{gate.target}/{gate.gate}.json"


def _evidence_file(gate: GateVerdict) -> dict[str, Any]:
    return {
        "format": EVIDENCE_FORMAT,
        "target": gate.target,
        "gate": gate.gate,
        "verdict": str(gate.verdict),
        "checks": [
            {
                "check": check.id.check,
                "judgement": check.evidence.judgement,
                "judgement_sha256": check.evidence.judgement_sha256,
                "observations": check.evidence.observations,
            }
            for check in gate.checks
            if check.evidence is not None
        ],
    }


def _attachments(gate: GateVerdict, targets: int) -> dict[str, bytes]:
    # With one target the path is the runbook's, evidence/diffs/NAME; with several each has a folder.
    diffs = "evidence/diffs" if targets == 1 else f"evidence/diffs/{gate.target}"
    pages = f"evidence/{gate.target}"
    return {
        f"{diffs if name.endswith('.txt') else pages}/{name}": text.encode("utf-8", "backslashreplace")
        for check in gate.checks
        if check.evidence is not None
        for name, text in sorted(check.evidence.attachments.items())
    }
