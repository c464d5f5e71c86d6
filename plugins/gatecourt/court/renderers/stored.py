"""What a stored court report decided, read back with the same strictness as any other evidence.

Everything that the answer rests on is under a digest: the judgement, and the session, commits and times beside it. A
digest that anybody can recompute finds accidents and careless edits, not a forger; see README, "What a report proves".
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gatecourt.core.errors import GatecourtError, Judged
from gatecourt.core.model import Verdict, worst
from gatecourt.court.renderers.report import COURT_FORMAT, SUPERSEDED_BY, report_digest
from gatecourt.court.renderers.terminal import plain
from gatecourt.formats.digests import NotCanonicalError, digest_json
from gatecourt.formats.git_revision import resolve
from gatecourt.formats.quantities import parse_seconds
from gatecourt.formats.strictjson import read

CODES = {"PASS": 0, "FAIL": 1, "HOLD": 2, "ERROR": 3, "NOT_RUN": 5}
INCOMPLETE = 5


class UnusableReport(GatecourtError):
    """A file that is no court report, one that was changed after it was written, or one that contradicts itself."""


def decide(
    path: Path, commit: str | None, max_age: str | None, now: datetime.datetime, *, allow_superseded: bool = False
) -> tuple[int, str]:
    """Exit code and line: 0 PASS, 1 FAIL, 2 HOLD, 3 ERROR, 5 incomplete, partial, stale or about another commit.

    ``commit`` is 40 hex digits, the first ones of them, or a name such as HEAD, looked up where the command runs.
    Raises ``UnusableReport`` where the file is no court report of ours, was changed, or contradicts itself.
    """
    try:
        code, line = _decide(stored_report(path), commit, max_age, now, allow_superseded=allow_superseded)
    except (KeyError, TypeError, AttributeError) as error:
        raise UnusableReport(f"{path}: expected a court report, found one without {error}") from error
    return code, plain(line)


def _decide(
    report: dict[str, Any], commit: str | None, max_age: str | None, now: datetime.datetime, *, allow_superseded: bool
) -> tuple[int, str]:
    judgement, observed = report["judgement"], report["observations"]
    if problems := observed.get("problems"):
        return CODES["ERROR"], f"STOP: ERROR, no gate was judged: {problems[0]}"
    if SUPERSEDED_BY in observed and not allow_superseded:
        return INCOMPLETE, "STOP: a newer session replaced this report; judge again, or add --allow-superseded"
    if objection := _other_commit(observed, commit) or _too_old(observed, max_age, now):
        return INCOMPLETE, f"STOP: {objection}"
    count = f"{judgement['gates_heard']} of {judgement['gates_on_roll']} gates judged"
    verdict = judgement["verdict"]
    if verdict in ("PASS", "NOT_RUN") and judgement["scope"] != "full":
        words = ", all PASS" if verdict == "PASS" else ""
        return INCOMPLETE, f"{judgement['scope'].upper()}: {count}{words}"
    if judgement["go"]:
        return CODES[verdict], f"GO: {verdict}, {count}"
    return CODES[verdict], f"STOP: {_first_stop(judgement) or f'{verdict}, {count}'}"


def _first_stop(judgement: dict[str, Any]) -> str | None:
    """The first check that has the verdict of the whole, with its next step."""
    for target in judgement["targets"]:
        for check in (check for gate in target["gates"] for check in gate["checks"]):
            if check["verdict"] == judgement["verdict"]:
                return f"{check['verdict']} {target['name']} {check['check']}. Next: {check['next_action']}"
    return None


def stored_report(path: Path) -> dict[str, Any]:
    """The report in ``path``, with its digests, its evidence and its own logic checked. Raises ``UnusableReport``."""
    try:
        report = read(path, str(path))
    except Judged as judged:
        raise UnusableReport(str(judged)) from judged
    if not isinstance(report, dict) or report.get("format") != COURT_FORMAT:
        raise UnusableReport(f"{path}: expected a court report (format {COURT_FORMAT}), found another document")
    if report.get("judgement_sha256") != _digest(report.get("judgement")):
        raise UnusableReport(f"{path}: the judgement does not have the digest that the report names; judge again")
    if report.get("report_sha256") != _report_digest(report):
        raise UnusableReport(f"{path}: session, commits or times were changed after it was written; judge again")
    if contradiction := next(_contradictions(report["judgement"], report["observations"]), None):
        raise UnusableReport(f"{path}: the report contradicts itself: {contradiction}; judge again")
    for target in report["judgement"]["targets"]:
        for gate in target["gates"]:
            _check_evidence(path.parent, target["name"], gate)
    return report


def _contradictions(judgement: dict[str, Any], observed: dict[str, Any]) -> Iterator[str]:
    """What cannot be true at once, in the order of the report."""
    targets = judgement["targets"]
    if not targets and not observed.get("problems"):
        yield "it names no target"
    for target in targets:
        if [gate["gate"] for gate in target["gates"]] != target["roll"]:
            yield f"the gates of {target['name']} are not those of its roll"
    gates = [gate for target in targets for gate in target["gates"]]
    for gate in gates:
        yield from _gate_contradictions(gate)
    yield from _whole_contradictions(judgement, gates)


def _whole_contradictions(judgement: dict[str, Any], gates: list[dict[str, Any]]) -> Iterator[str]:
    scope = judgement["scope"]
    judged = [gate for gate in gates if _is_judged(gate)]
    if (judgement["gates_on_roll"], judgement["gates_heard"]) != (len(gates), len(judged)):
        yield "the numbers of gates do not add up"
    counted = judged if scope == "partial" else gates
    verdict = worst(Verdict(gate["verdict"]) for gate in counted) if gates else Verdict.ERROR
    if judgement["verdict"] != verdict:
        yield f"the verdict is {judgement['verdict']}, the gates say {verdict}"
    if scope == "full" and any(_is_open(check) for gate in gates for check in gate["checks"]):
        yield "the scope is full, but checks delivered no evidence"
    complete = scope == "full" or (scope == "partial" and bool(judged))
    if judgement["go"] is not (verdict is Verdict.PASS and complete):
        yield f"go is {str(judgement['go']).lower()} at verdict {judgement['verdict']}"


def _gate_contradictions(gate: dict[str, Any]) -> Iterator[str]:
    verdicts = [Verdict(check["verdict"]) for check in gate["checks"]]
    found = Verdict.NA if verdicts and set(verdicts) == {Verdict.NA} else worst(verdicts)
    if gate["verdict"] != found:
        yield f"gate {gate['gate']} is {gate['verdict']}, its checks say {found}"
    if (gate["evidence"] is not None) is not _is_judged(gate):
        yield f"gate {gate['gate']} has {'no evidence' if gate['evidence'] is None else 'evidence but no judged check'}"
    for check in gate["checks"]:
        if check["judgement_sha256"] is None and check["verdict"] == "PASS":
            yield f"check {check['check']} is PASS without evidence"


def _is_judged(gate: dict[str, Any]) -> bool:
    return any(check["judgement_sha256"] is not None for check in gate["checks"])


def _is_open(check: dict[str, Any]) -> bool:
    return check["judgement_sha256"] is None and check["verdict"] != "NA"


def _check_evidence(folder: Path, target: str, gate: dict[str, Any]) -> None:
    name = gate["evidence"]
    if name is None:
        return
    if name != f"evidence/{target}/{gate['gate']}.json" or not re.fullmatch(r"[\w./-]+", name) or ".." in name:
        raise UnusableReport(f"{name}: expected evidence/{target}/{gate['gate']}.json")
    try:
        if not (folder / name).resolve().is_relative_to(folder.resolve()):
            raise UnusableReport(f"{name}: expected evidence below the report's folder, found a link out of it")
        stored: Any = read(folder / name, name)
        found: dict[str, Any] = {check["check"]: check["judgement"] for check in stored["checks"]}
    except (Judged, KeyError, TypeError) as error:
        raise UnusableReport(f"{name}: expected the evidence that the report names, found {error}") from error
    named = {check["check"]: check for check in gate["checks"] if check["judgement_sha256"]}
    if {check: _digest(judgement) for check, judgement in found.items()} != {
        check: entry["judgement_sha256"] for check, entry in named.items()
    }:
        raise UnusableReport(f"{name}: the evidence is not the one that was judged; judge again")
    for check, entry in named.items():
        if entry["verdict"] not in (found[check]["verdict"], "ERROR"):  # ERROR: its record was lost on the way
            raise UnusableReport(
                f"{name}: {check} is {found[check]['verdict']} in the evidence and {entry['verdict']} in the report"
            )


def _digest(judgement: Any) -> str | None:
    try:
        return digest_json(judgement)
    except NotCanonicalError:
        return None


def _report_digest(report: dict[str, Any]) -> str | None:
    try:
        return report_digest(report)
    except NotCanonicalError:
        return None


def _other_commit(observed: dict[str, Any], commit: str | None) -> str | None:
    if commit is None:
        return None
    wanted = resolve(Path.cwd(), commit)
    seen = sorted({str(found) for found in observed["commits"].values()})
    if seen and all(re.fullmatch(r"[0-9a-f]{40}", found) and found.startswith(wanted) for found in seen):
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
