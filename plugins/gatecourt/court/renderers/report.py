"""``court_report.json`` and ``evidence/``: the court's files, and the rule that no foreign file is replaced."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from gatecourt.core.errors import GatecourtError
from gatecourt.core.model import Verdict
from gatecourt.core.reasons import COURT_REASONS, Reasons
from gatecourt.court.evidence import write_durably
from gatecourt.court.verdict import CheckVerdict, CourtVerdict, GateVerdict, RollCall, judge
from gatecourt.formats.digests import digest_json

COURT_FORMAT = "gatecourt/court_report/1"
EVIDENCE_FORMAT = "gatecourt/evidence/1"
CONVICTIONS_FORMAT = "gatecourt/convictions/1"
REPORT = "court_report.json"
INDEX = ".gatecourt.json"
SUPERSEDED = "superseded"
SUPERSEDED_BY = "supersededBy"

_REPORT_NAME = re.compile(r"(court_report|convictions)\.json|evidence(/(?!\.\.?(/|$))[^/\0\\]+)+")


class ForeignReport(GatecourtError):
    """A file stands where a report would go, and it is not ours."""


class ReportsFolder:
    """The folder that the court writes. It replaces and removes only what it wrote itself.

    A file counts as ours if this session wrote it, if its content is a report or evidence in our format, or if it has
    the digest that our index names. The index is signed with a key of this user on this machine (``index_key``): an
    index that comes with a foreign tree lets nothing be removed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mine: set[str] = set()

    def replace(self, files: Mapping[str, bytes]) -> None:
        """Writes ``files`` (relative name to bytes) and removes the other files that an earlier session wrote.

        Raises ``ForeignReport`` before anything is written if one of the names holds a file that is not ours, and
        ``OSError`` where the folder cannot be written.
        """
        known = self._index()
        listed = self._index(signed=False)  # enough to replace a file of a name that we write, not to remove one
        for name in sorted(files):
            self._require_free(name, listed)
        self.folder.mkdir(parents=True, exist_ok=True)
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        # The index is written first: a session that dies in between still knows its own files.
        self._write_index({**known, **digests})
        for name in sorted(set(known) - set(files)):
            self._remove(name, known[name])
        # Nested files first: when the report exists, the evidence that it names exists too.
        for name in sorted(files, key=lambda name: (-name.count("/"), name)):
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            write_durably(self.folder / name, files[name])
        self._mine = set(files)
        self._write_index(digests)

    def keep(self, session: str) -> None:
        """Moves a full report and its evidence into ``superseded/``, marked with the session that replaces it.

        It is a report for people from then on: ``gatecourt verdict`` refuses it unless told otherwise.
        """
        report = _json(self.folder / REPORT)
        if not _is_ours(report) or report["judgement"].get("scope") != "full" or not report["judgement"].get("targets"):
            return
        report["observations"][SUPERSEDED_BY] = session
        report["report_sha256"] = report_digest(report)
        files = {REPORT: pretty(report)}
        for name in self._index(signed=False):
            if name.startswith("evidence/") and (self.folder / name).is_file():
                files[name] = (self.folder / name).read_bytes()
        ReportsFolder(self.folder / SUPERSEDED).replace(files)

    def forget_superseded(self) -> None:
        """Removes the full report that an earlier narrowed session kept."""
        if (self.folder / SUPERSEDED).is_dir():
            ReportsFolder(self.folder / SUPERSEDED).replace({})

    def _require_free(self, name: str, known: Mapping[str, str]) -> None:
        path = self.folder / name
        if not self._inside(name):
            raise ForeignReport(f"{path}: expected a place below the reports folder, found a link out of it")
        if not os.path.lexists(path) or name in self._mine or _is_ours(_json(path)):
            return
        if not path.is_symlink() and _digest_of(path) == known.get(name):
            return
        raise ForeignReport(
            f"{path}: expected a report of an earlier court, found a file that gatecourt did not write; "
            "move it away or choose another folder with --reports=DIR"
        )

    def _inside(self, name: str) -> bool:
        # A folder in between may be a link: it may not lead out of here.
        return (self.folder / name).parent.resolve().is_relative_to(self.folder.resolve())

    def _remove(self, name: str, digest: str) -> None:
        path = self.folder / name
        if self._inside(name) and not path.is_symlink() and _digest_of(path) == digest:
            path.unlink(missing_ok=True)

    def _index(self, *, signed: bool = True) -> dict[str, str]:
        """The files of an earlier session with their SHA-256; with ``signed`` only from an index that we wrote."""
        document = _json(self.folder / INDEX)
        files = document.get("files") if isinstance(document, dict) else None
        if not isinstance(files, dict):
            return {}
        signature = _signature(files)
        if signed and (signature is None or document.get("signature") != signature):
            return {}
        return {str(name): str(digest) for name, digest in files.items() if _REPORT_NAME.fullmatch(str(name))}

    def _write_index(self, files: Mapping[str, str]) -> None:
        listed = dict(sorted(files.items()))
        write_durably(self.folder / INDEX, pretty({"files": listed, "signature": _signature(listed)}))


def _signature(files: Mapping[str, Any]) -> str | None:
    """The index under the key of this user on this machine; None where there is no key, and then nothing is removed."""
    key = index_key()
    return None if key is None else hmac.new(key, digest_json(dict(files)).encode(), "sha256").hexdigest()


@cache
def index_key() -> bytes | None:
    """32 random bytes in the user's cache folder, made at first use; None where they cannot be kept."""
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    path = Path(home, "gatecourt", "index.key")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError), path.open("xb") as stream:
            path.chmod(0o600)
            stream.write(secrets.token_bytes(32))
        key = path.read_bytes()
    except (OSError, RuntimeError):
        return None
    return key if len(key) == 32 else None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes()) if path.is_file() else None
    except (OSError, ValueError, RecursionError):
        return None


def _is_ours(document: Any) -> bool:
    """Whether a document is a report or evidence in a format of ours."""
    return isinstance(document, dict) and document.get("format") in (COURT_FORMAT, EVIDENCE_FORMAT, CONVICTIONS_FORMAT)


def _digest_of(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    except OSError:
        return ""


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
    report = {
        "format": COURT_FORMAT,
        "judgement": judgement,
        "judgement_sha256": digest_json(judgement),
        "observations": dict(observations),
    }
    return {**report, "report_sha256": report_digest(report)}


def mark_begun(folder: Path, problem: str, session: str, *, keep_full: bool = False) -> None:
    """Replaces a report of ours in ``folder`` by one that says only ``problem``: an older PASS speaks no longer.

    ``keep_full`` keeps a full report beside it, marked as superseded. Raises ``OSError`` where nothing can be written.
    """
    if not _is_ours(_json(folder / REPORT)):
        return
    reports = ReportsFolder(folder)
    if keep_full:
        reports.keep(session)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    observed = {"session": session, "startedAt": now, "writtenAt": now, "commits": {}, "problems": [problem]}
    nothing = judge([], [], RollCall(frozenset(), frozenset()))
    reports.replace(court_files(nothing, Reasons(COURT_REASONS), observed))


def report_digest(report: Mapping[str, Any]) -> str:
    """SHA-256 over the judgement's digest and everything that was only observed: session, commits, times, problems."""
    return digest_json({key: report[key] for key in ("format", "judgement_sha256", "observations")})


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
