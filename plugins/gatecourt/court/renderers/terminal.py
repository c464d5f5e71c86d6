"""The summary at the terminal, 80 columns wide: the verdict, a line per gate, then each non-PASS with its next step."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping

from gatecourt.core.model import Verdict
from gatecourt.core.reasons import Reasons
from gatecourt.court.renderers.quoting import line_of, quoted
from gatecourt.court.renderers.report import gravest
from gatecourt.court.verdict import CheckVerdict, CourtVerdict, GateVerdict, Scope

_COMMAND = re.compile(r"(?<!\S)::(?=[A-Za-z])|##(?=(?:vso)?\[)")
WIDTH = 80
FINDINGS_SHOWN = 5
SAME_SHOWN = 4


def summary(court: CourtVerdict, reasons: Reasons, reports: str, *, pages: bool = False) -> list[str]:
    """The whole summary as lines of at most 80 columns, except where a path or value cannot be broken.

    With ``pages`` the Markdown that checks have attached for people follows the verdicts.
    """
    lines = [*wrap(headline(court, reasons))]
    if court.scope is not Scope.FULL and not court.go and court.gates:
        lines.append(_scope(court))
    lines.append("")
    lines += [_gate_line(gate, court) for gate in court.gates]
    lines += _not_applicable(court)
    for alike in _alike(check for gate in court.gates for check in gate.checks):
        lines += ["", *_check_lines(alike[0]), *_also(alike[1:])]
    for check in (check for gate in court.gates for check in gate.checks):
        if check.evidence is None and check.verdict is Verdict.ERROR:
            lines += ["", *_no_evidence_lines(check, reasons)]
    if any(gate.verdict is Verdict.NOT_RUN for gate in court.gates) and court.scope is not Scope.PARTIAL:
        lines += ["", *_not_run_lines(court, reasons)]
    return [*lines, *(_pages(court) if pages else []), "", *wrap(f"Court report: {reports}")]


def _pages(court: CourtVerdict) -> Iterator[str]:
    for check in (check for gate in court.gates for check in gate.checks if check.evidence is not None):
        assert check.evidence is not None
        for name, text in sorted(check.evidence.attachments.items()):
            if name.endswith(".md"):
                yield from ("", *(plain(line) for line in text.splitlines()))


def _alike(checks: Iterable[CheckVerdict]) -> list[list[CheckVerdict]]:
    """The checks with evidence that are not PASS, grouped by equal findings: one cause is printed once."""
    groups: dict[tuple[str, str], list[CheckVerdict]] = {}
    for check in checks:
        if check.evidence is not None and check.verdict is not Verdict.PASS:
            findings = json.dumps(check.evidence.judgement["findings"], sort_keys=True)
            groups.setdefault((check.id.target, findings), []).append(check)
    return list(groups.values())


def _also(checks: list[CheckVerdict]) -> list[str]:
    if not checks:
        return []
    names = ", ".join(check.id.check for check in checks[:SAME_SHOWN])
    more = f" and {len(checks) - SAME_SHOWN} more" if len(checks) > SAME_SHOWN else ""
    others = "1 other check" if len(checks) == 1 else f"{len(checks)} other checks"
    return wrap(f"  also      in {others}: {names}{more}", indent=" " * 12)


def headline(court: CourtVerdict, reasons: Reasons) -> str:
    """The first line: GO, PARTIAL where a selection passed, or STOP with the gravest reason."""
    if not court.go:
        return f"STOP: {_why(court, reasons)}"
    if court.scope is Scope.PARTIAL:
        return f"{_scope(court)}, all PASS"
    return f"GO: {len(court.gates)} of {len(court.gates)} gates judged, all PASS{_not_applicable_count(court)}"


def _not_applicable_count(court: CourtVerdict) -> str:
    names = [name for roll in court.rolls for name in roll.not_applicable]
    parts = sum("." in name for name in names)
    counts = ((len(names) - parts, "gate"), (parts, "part"))
    listed = " and ".join(f"{count} {what}{'s' * (count != 1)}" for count, what in counts if count)
    return f", {listed} not applicable" if listed else ""


def _scope(court: CourtVerdict) -> str:
    return f"{court.scope.upper()}: {len(court.judged)} of {len(court.gates)} gates judged"


def _why(court: CourtVerdict, reasons: Reasons) -> str:
    if not court.gates:
        return f"ERROR the roll is empty. Next: {reasons.code('court.empty_roll').next_action}"
    checks = [check for gate in court.gates for check in gate.checks if check.verdict is court.verdict]
    first = next((check for check in checks if check.evidence is not None), None)
    if first is not None and first.evidence is not None:
        judgement = first.evidence.judgement
        finding = gravest(judgement)
        return (
            f"{first.verdict} {first.id.target} {first.id.check}: expected {_brief(finding['expected'])}, "
            f"observed {_brief(finding['observed'])} ({finding['where']})"
        )
    if court.verdict is Verdict.ERROR and checks:
        return f"ERROR {checks[0].id.target} {checks[0].id.check}: the process that ran it died"
    not_run = [f"{gate.target} {gate.gate}" for gate in court.gates if gate.verdict is Verdict.NOT_RUN]
    cut = f" ({', '.join(court.cut_short)})" if court.cut_short else ""
    return f"NOT_RUN {', '.join(not_run) or 'part of the roll'}{cut}"


def _brief(text: str, most: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _gate_line(gate: GateVerdict, court: CourtVerdict) -> str:
    passed = sum(check.verdict is Verdict.PASS for check in gate.checks)
    count = f"{passed} of {gate.planned} checks" if gate.checks else "no check ran"
    if court.scope is Scope.PARTIAL and gate.checks and not gate.judged:
        count = "not selected"
    return f"  {gate.verdict:<8} {gate.target:<18} {gate.gate:<16} {count}"


def _not_applicable(court: CourtVerdict) -> list[str]:
    return [
        line
        for roll in court.rolls
        for gate, reason in sorted(roll.not_applicable.items())
        for line in wrap(f"  {Verdict.NA:<8} {roll.target:<18} {gate:<16} {reason}", indent=" " * 46)
    ]


def _check_lines(check: CheckVerdict) -> Iterator[str]:
    assert check.evidence is not None
    judgement = check.evidence.judgement
    findings = judgement["findings"]
    yield from wrap(f"{check.verdict} {check.id.target} {check.id.check} [{check.reason_code}]")
    lines = dict(check.evidence.observations.get("lines", {}))
    for finding in _gravest_first(findings, check.reason_code)[:FINDINGS_SHOWN]:
        yield from wrap(f"  where     {finding['where']}", indent=" " * 12)
        yield from _line_row(finding, lines)
        yield from wrap(f"  expected  {_brief(finding['expected'], 400)}", indent=" " * 12)
        yield from wrap(f"  observed  {_brief(finding['observed'], 400)}", indent=" " * 12)
    if len(findings) > FINDINGS_SHOWN:
        yield f"  and {len(findings) - FINDINGS_SHOWN} more: evidence/{check.id.target}/{check.id.gate}.json"
    yield from wrap(f"  next      {judgement['next_action']}", indent=" " * 12)


def _line_row(finding: Mapping[str, str], lines: dict[str, str]) -> Iterator[str]:
    """The line that the finding points at. It is then taken out of ``lines``, so that it is printed once."""
    head, where = "  line      ", finding["where"]
    text = plain(" ".join(lines.get(where, "").split()))
    if text and (row := quoted(text, where, plain(_brief(finding["observed"], 400)), WIDTH - len(head))) is not None:
        yield head + row
        for place in [place for place in lines if line_of(place) == line_of(where)]:
            del lines[place]


def _gravest_first(findings: list[dict[str, str]], code: str | None) -> list[dict[str, str]]:
    return sorted(findings, key=lambda finding: finding["rule"] != code)


def _no_evidence_lines(check: CheckVerdict, reasons: Reasons) -> Iterator[str]:
    yield f"{check.verdict} {check.id.target} {check.id.check} [{check.reason_code}]"
    yield from wrap(f"  next      {reasons.code(check.reason_code or '').next_action}", indent=" " * 12)


def _not_run_lines(court: CourtVerdict, reasons: Reasons) -> Iterator[str]:
    not_run = ", ".join(f"{gate.target} {gate.gate}" for gate in court.gates if gate.verdict is Verdict.NOT_RUN)
    yield from wrap(f"NOT_RUN {not_run} [court.not_run]")
    yield from wrap("  expected  every gate of the roll to run", indent=" " * 12)
    observed = ", ".join(court.cut_short) or "no evidence"
    yield from wrap(f"  observed  {observed}", indent=" " * 12)
    yield from wrap(f"  next      {reasons.code('court.not_run').next_action}", indent=" " * 12)


def plain(text: str) -> str:
    """``text`` without what a terminal or a CI acts on: a judged system may not write the verdict itself.

    Characters that are not printable are escaped; ``::command::``, ``##[command]`` and ``##vso[command]`` get a space.
    """
    shown = "".join(char if char.isprintable() or char == " " else f"\\x{ord(char):02x}" for char in text)
    return _COMMAND.sub(lambda found: f"{found[0][0]} {found[0][1:]}", shown)


def plain_lines(text: str) -> str:
    """``plain`` for each line of a text whose line feeds are our own."""
    return "\n".join(map(plain, text.split("\n")))


def wrap(text: str, indent: str = "  ") -> list[str]:
    """``text`` in lines of at most 80 columns, all but the first behind ``indent``."""
    # A long path or value is not broken, so that it can be copied from the terminal.
    return textwrap.wrap(
        plain(text),
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
