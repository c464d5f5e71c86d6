"""What a stored court report decided, read back with the same strictness as any other evidence."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from gatecourt.core.errors import GatecourtError, Judged
from gatecourt.court.renderers.report import COURT_FORMAT
from gatecourt.formats.digests import NotCanonicalError, digest_json
from gatecourt.formats.quantities import parse_seconds
from gatecourt.formats.strictjson import read

CODES = {"PASS": 0, "FAIL": 1, "HOLD": 2, "ERROR": 3, "NOT_RUN": 5}
INCOMPLETE = 5


class UnusableReport(GatecourtError):
    """A file that is no court report, or one that was changed after it was written."""


def decide(path: Path, commit: str | None, max_age: str | None, now: datetime.datetime) -> tuple[int, str]:
    """Exit code and line: 0 PASS, 1 FAIL, 2 HOLD, 3 ERROR, 5 incomplete, partial, stale or about another commit.

    Raises ``UnusableReport`` where the file is no court report of ours or was changed after it was written.
    """
    try:
        return _decide(_report(path), commit, max_age, now)
    except (KeyError, TypeError, AttributeError) as error:
        raise UnusableReport(f"{path}: expected a court report, found one without {error}") from error


def _decide(report: dict[str, Any], commit: str | None, max_age: str | None, now: datetime.datetime) -> tuple[int, str]:
    judgement, observed = report["judgement"], report["observations"]
    objection = _other_commit(observed, commit) or _too_old(observed, max_age, now)
    if objection:
        return INCOMPLETE, f"STOP: {objection}"
    verdict = judgement["verdict"]
    if problems := observed.get("problems"):
        return CODES["ERROR"], f"STOP: ERROR, no usable manifest: {problems[0]}"
    count = f"{judgement['gates_heard']} of {judgement['gates_on_roll']} gates judged"
    if verdict in ("PASS", "NOT_RUN") and judgement["scope"] != "full":
        return INCOMPLETE, f"STOP: {judgement['scope'].upper()}: {count}"
    return CODES[verdict], f"{'GO' if judgement['go'] else 'STOP'}: {verdict}, {count}"


def _report(path: Path) -> dict[str, Any]:
    try:
        report = read(path, str(path))
    except Judged as judged:
        raise UnusableReport(str(judged)) from judged
    if not isinstance(report, dict) or report.get("format") != COURT_FORMAT:
        raise UnusableReport(f"{path}: expected a court report (format {COURT_FORMAT}), found another document")
    if report.get("judgement_sha256") != _digest(report.get("judgement")):
        raise UnusableReport(
            f"{path}: the judgement does not have the digest that the report carries; run the court again"
        )
    _check_evidence(path.parent, report["judgement"])
    return report


def _check_evidence(folder: Path, judgement: dict[str, Any]) -> None:
    for gate in (gate for target in judgement["targets"] for gate in target["gates"] if gate["evidence"]):
        name = gate["evidence"]
        try:
            stored = read(folder / name, name)
            found = {check["check"]: _digest(check["judgement"]) for check in stored["checks"]}  # type: ignore[index,call-overload]
        except (Judged, KeyError, TypeError) as error:
            raise UnusableReport(f"{name}: expected the evidence that the report names, found {error}") from error
        if found != {
            check["check"]: check["judgement_sha256"] for check in gate["checks"] if check["judgement_sha256"]
        }:
            raise UnusableReport(f"{name}: the evidence is not the one that was judged; run the court again")


def _digest(judgement: Any) -> str | None:
    try:
        return digest_json(judgement)
    except NotCanonicalError:
        return None


def _other_commit(observed: dict[str, Any], commit: str | None) -> str | None:
    seen = sorted({str(found) for found in observed.get("commits", {}).values()})
    if commit is None or seen == [commit]:
        return None
    return f"the report is about commit {', '.join(seen) or 'unknown'}, not {commit}"


def _too_old(observed: dict[str, Any], max_age: str | None, now: datetime.datetime) -> str | None:
    if max_age is None:
        return None
    try:
        allowed = float(parse_seconds(max_age))
        age = (now - datetime.datetime.fromisoformat(observed["writtenAt"])).total_seconds()
    except (ValueError, KeyError, TypeError) as error:
        raise UnusableReport(f"--max-age: {error}") from error
    if age > allowed:
        return f"the report is {age:.0f} s old, more than {max_age}"
    # A report from the future means that one of two clocks is wrong, so its age is not known.
    return "the report was written in the future; compare the clocks" if age < -60 else None
