"""The flag with which an operator stops everything, and the log that gives the reason."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path, PurePosixPath

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Subject
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import subject
from gatecourt.rules.risk.section import Emergency, RiskSection

_BLANK_FORM = re.compile(r"(reason\s*:?)?\s*(\[[^\]]*\]|<[^>]*>)?\s*", re.IGNORECASE)


def judge_emergency(section: RiskSection, root: Path) -> Judgement:
    """No emergency flag is set; if one is, the log gives the reason. Needs no run. Any file, link or folder of that
    name is a flag.

    Rules: ``risk.emergency``, ``risk.emergency_without_reason``, ``risk.emergency_not_declared``,
    ``risk.emergency_unseen``.
    """
    emergency = section.emergency
    if emergency is None:
        expected = "the paths of the emergency flag and its log under [risk.emergency]"
        none = Finding("risk.emergency", expected, "none", "risk.emergency_not_declared")
        return Judgement((), (none,))
    folder, _, name = emergency.flag.rpartition("/")
    try:
        names = sorted(path.name for path in (root / folder).iterdir())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        unseen = Finding(folder or ".", "a readable folder", reason, "risk.emergency_unseen")
        return Judgement((), (unseen,))
    listing = _folder_listing(folder or ".", names)
    if name not in names:
        return Judgement((listing,), (), {"emergency": False})
    return _flag_findings(emergency, root, listing)


def _folder_listing(folder: str, names: list[str]) -> Subject:
    """The folder as a subject: digest and size of the list of its names, one per line."""
    listing = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
    return Subject(f"{PurePosixPath(folder)}/", hashlib.sha256(listing).hexdigest(), len(listing))


def _flag_findings(emergency: Emergency, root: Path, listing: Subject) -> Judgement:
    subjects = [listing]
    subjects += [subject(root / name, name) for name in (emergency.flag, emergency.log) if (root / name).is_file()]
    reason = _reason(root / emergency.log)
    observed = f"set, reason: {excerpt(reason, 200)}" if reason else "set, no reason given"
    findings = [Finding(emergency.flag, "no emergency flag", observed, "risk.emergency")]
    if not reason:
        expected = "the reason for the flag in its last line"
        findings.append(Finding(emergency.log, expected, "none", "risk.emergency_without_reason"))
    return Judgement(tuple(subjects), tuple(findings), {"emergency": True})


def _reason(path: Path) -> str:
    """The last line that is not blank; "" if that line is an empty form such as ``Reason: [...]``."""
    try:
        text = path.read_bytes().decode("utf-8", "backslashreplace")
    except OSError:
        return ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return "" if not lines or _BLANK_FORM.fullmatch(lines[-1]) else lines[-1]
