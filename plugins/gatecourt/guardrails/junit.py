"""A JUnit report, counted by its cases: what its own totals say is held against that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from gatecourt.errors import Judged
from gatecourt.model import Finding

_LIMIT = 50_000_000
_TOTALS = ("tests", "failures", "errors", "skipped")


@dataclass
class Cases:
    """How many cases there are, which of them did not pass, and what the report's own totals say."""

    ran: int = 0
    skipped: int = 0
    bad: list[str] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_TOTALS, 0))
    found: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_TOTALS, 0))


def read_cases(data: bytes, name: str) -> Cases:
    """The cases of the report ``data``, called ``name``. Raises ``Judged`` (``guardrails.report``)."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or len(data) > _LIMIT:
        raise Judged(Finding(name, "a plain JUnit report", "a document type or too much of it", "guardrails.report"))
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - without a document type there is nothing to expand
    except ElementTree.ParseError as error:
        raise Judged(Finding(name, "a JUnit report", f"no XML: {error}", "guardrails.report")) from error
    if root.tag not in ("testsuites", "testsuite"):
        raise Judged(Finding(name, "testsuites or testsuite", root.tag, "guardrails.report"))
    cases = Cases()
    for suite in _suites(root):
        _count(suite, cases, name)
    return cases


def _suites(root: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """The suites that hold cases themselves: an outer one sums up what its inner ones hold."""
    return (suite for suite in root.iter("testsuite") if suite.find("testsuite") is None)


def _count(suite: ElementTree.Element, cases: Cases, name: str) -> None:
    for total in _TOTALS:
        text = suite.get(total, "0" if total == "skipped" else "")
        if not text.isdecimal():
            raise Judged(Finding(name, f"a number of {total} in each suite", repr(text), "guardrails.report"))
        cases.totals[total] += int(text)
    for case in suite.findall("testcase"):
        kinds = {child.tag for child in case}
        cases.found["tests"] += 1
        cases.found["failures"] += "failure" in kinds
        cases.found["errors"] += "error" in kinds and "failure" not in kinds
        cases.found["skipped"] += "skipped" in kinds
        cases.skipped += "skipped" in kinds
        cases.ran += "skipped" not in kinds
        if kinds & {"failure", "error"}:
            cases.bad.append(f"{case.get('classname', '')}.{case.get('name', '')}".strip("."))
