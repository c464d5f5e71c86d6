"""One guardrail: its command runs in a copy, and its outputs must show that it did its work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.core.protocols import Target
from gatecourt.formats import pointer
from gatecourt.formats.bounded_regex import bounded_pattern
from gatecourt.formats.decimals import words
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import gather, in_tree
from gatecourt.formats.git_revision import revision
from gatecourt.formats.jsonl import records
from gatecourt.formats.strictjson import read_bytes
from gatecourt.rules.guardrails.junit import JunitCases, read_cases
from gatecourt.rules.guardrails.section import Guardrail, GuardrailsSection, JunitReport, SmokeBound

_MOST_NAMES = 20


def judge_guardrail(section: GuardrailsSection, name: str, target: Target) -> Judgement:
    """Runs the command of the guardrail ``name``. Raises ``Judged`` if it fails (``run.*``).

    The subjects are the files that it checks; its outputs contain times, which differ from run to run.
    """
    guard = section.check[name]
    sources = in_tree(target.root, guard.sources)
    run = target.command(guard.command)
    parameters: dict[str, Json] = {"command": guard.command}
    findings: list[Finding] = []
    attachments: dict[str, str] = {}
    if guard.stdout_matches is not None:
        parameters["stdout_matches"] = guard.stdout_matches
        findings += _output_findings(guard, run, target.root)
    if guard.junit is not None:
        cases, attachments[f"guardrails_{name}.xml"] = _cases(guard.junit, run)
        findings += _tests(guard.junit, cases)
        parameters |= {"tests": cases.ran, "skipped": cases.skipped, "minimum": guard.junit.minimum}
    if guard.bound is not None:
        findings += _bound_findings(guard.bound, run, parameters)
    subjects = tuple(source.subject for source in sources)
    observed: dict[str, Json] = {
        "commit": revision(target.root),
        "seconds": round(run.seconds, 3),
        "peak_bytes": run.peak_bytes,
    }
    return Judgement(subjects, tuple(findings), parameters, observed, attachments)


def _output_findings(guard: Guardrail, run: Run, root: Path) -> Iterator[Finding]:
    assert guard.stdout_matches is not None
    where = f"commands.{guard.command}"
    found = bounded_pattern(guard.stdout_matches, re.MULTILINE).search(run.stdout_tail, where)
    if found is None:
        last_line = run.stdout_tail.strip().rpartition("\n")[2] or "no output"
        yield Finding(where, f"output that matches {guard.stdout_matches!r}", excerpt(last_line), "guardrails.silent")
    elif guard.files:
        wanted = str(len(in_tree(root, guard.files)))
        if found["files"] != wanted:
            expected = f"{wanted} files, matched by {', '.join(guard.files)}"
            yield Finding(where, expected, excerpt(found["files"]), "guardrails.other_files")


def _cases(junit: JunitReport, run: Run) -> tuple[JunitCases, str]:
    if junit.file not in run.files:
        raise Judged(Finding(junit.file, "the JUnit report of the tests", "none", "guardrails.no_report"))
    data = read_bytes(run.path(junit.file), junit.file)
    return read_cases(data, junit.file), data.decode("utf-8", "replace")


def _tests(junit: JunitReport, cases: JunitCases) -> Iterator[Finding]:
    for total, found in cases.found.items():
        if cases.totals[total] != found:
            expected, observed = f"{total} {found}, counted in its test cases", str(cases.totals[total])
            yield Finding(junit.file, expected, observed, "guardrails.contradiction")
    for name in cases.bad[:_MOST_NAMES]:
        yield Finding(junit.file, f"{name} to pass", "it failed", "guardrails.test_failed")
    if cases.ran < junit.minimum:
        expected = f"at least {junit.minimum} tests run"
        yield Finding(junit.file, expected, f"{cases.ran} run, {cases.skipped} skipped", "guardrails.few_tests")
    allowed = Decimal(0) if junit.skipped is None else junit.skipped
    if cases.found["tests"] and Decimal(cases.skipped) > allowed * cases.found["tests"]:
        expected = f"at most {words(allowed * 100)}% of {cases.found['tests']} tests skipped"
        yield Finding(junit.file, expected, str(cases.skipped), "guardrails.skipped")


def _bound_findings(bound: SmokeBound, run: Run, parameters: dict[str, Json]) -> Iterator[Finding]:
    sources = gather(bound.files, "artefacts", run, run.root)
    if not sources:
        yield Finding(", ".join(bound.files), "an output of the smoke run", "none", "guardrails.no_report")
    for source in sources:
        last: int | None = None
        for record in records(source.path, source.name):
            if isinstance(record, Finding):
                yield record
                continue
            where = f"{source.name}:{record.line}#{bound.pointer}"
            number = _whole(record.value, bound.pointer)
            yield from _count_findings(bound, where, number, last)
            last = last if number is None else number
        parameters[source.name] = last
        if last is None or not bound.at_least <= last <= bound.at_most:
            expected = f"a last value from {bound.at_least} to {bound.at_most}"
            yield Finding(source.name, expected, "none" if last is None else str(last), "guardrails.unbounded")


def _count_findings(bound: SmokeBound, where: str, number: int | None, last: int | None) -> Iterator[Finding]:
    if number is None:
        yield Finding(where, "a whole number", "none", "guardrails.count")
    elif last is not None and bound.step is not None and number != last + bound.step:
        expected = f"{last + bound.step}, {bound.step} more than on the line before"
        yield Finding(where, expected, str(number), "guardrails.count")
    elif last is not None and number < last:
        yield Finding(where, f"at least {last}, the number on the line before", str(number), "guardrails.count")


def _whole(value: Json, at: str) -> int | None:
    found = pointer.find(value, at)
    return found if isinstance(found, int) and not isinstance(found, bool) else None
