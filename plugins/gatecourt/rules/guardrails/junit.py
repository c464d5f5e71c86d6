"""A JUnit report, counted by its test cases and compared with its own totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.excerpt import excerpt

_LIMIT = 50_000_000
_DIGITS = 9
_TOTALS = ("tests", "failures", "errors", "skipped")


@dataclass
class JunitCases:
    """The test cases of a report: how many ran, which failed, the report's own totals and the counted ones."""

    ran: int = 0
    skipped: int = 0
    bad: list[str] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_TOTALS, 0))
    found: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_TOTALS, 0))


def read_cases(data: bytes, name: str) -> JunitCases:
    """The cases of the report ``data``, called ``name``. Raises ``Judged`` (``guardrails.report``)."""
    # A zero byte means UTF-16, in which the search for a document type would miss it.
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\0" in data or len(data) > _LIMIT:
        raise Judged(
            Finding(
                name,
                "a JUnit report in UTF-8 without a document type, of at most 50 MB",
                "another file",
                "guardrails.report",
            )
        )
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - without a document type there is nothing to expand
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # the last two for an unknown encoding
        raise Judged(Finding(name, "a JUnit report", f"invalid XML: {error}", "guardrails.report")) from error
    if root.tag not in ("testsuites", "testsuite"):
        raise Judged(Finding(name, "the element testsuites or testsuite", excerpt(root.tag), "guardrails.report"))
    cases = JunitCases()
    for case in root.iter("testcase"):
        _count(case, cases)
    for total, excess in _excesses(root, name):
        if abs(excess) > abs(cases.totals[total]):
            cases.totals[total] = excess
    cases.totals = {total: number + cases.found[total] for total, number in cases.totals.items()}
    return cases


def _count(case: ElementTree.Element, cases: JunitCases) -> None:
    kinds = _kinds(case)
    for total in _TOTALS:
        cases.found[total] += kinds[total]
    left_out = bool(kinds["skipped"]) or case.get("status") == "notrun"
    cases.skipped += left_out
    cases.ran += not left_out
    if kinds["failures"] or kinds["errors"]:
        cases.bad.append(f"{case.get('classname', '')}.{case.get('name', '')}".strip("."))


def _kinds(case: ElementTree.Element) -> Counter[str]:
    tags = {child.tag for child in case}
    failed = "failure" in tags
    return Counter(tests=1, failures=failed, errors="error" in tags and not failed, skipped="skipped" in tags)


def _excesses(root: ElementTree.Element, name: str) -> Iterator[tuple[str, int]]:
    """How much each total exceeds the counted cases. An outer suite may count all cases, or only its own."""
    below: dict[ElementTree.Element, Counter[str]] = {}
    for element in reversed(list(root.iter())):  # inner elements before outer ones
        below[element] = _kinds(element) if element.tag == "testcase" else Counter()
        for child in element:
            below[element].update(below.pop(child))
        if element.tag in ("testsuites", "testsuite"):
            yield from _excess(element, below[element], name)


def _excess(suite: ElementTree.Element, whole: Counter[str], name: str) -> Iterator[tuple[str, int]]:
    is_outer = suite.tag == "testsuites" or suite.find("testsuite") is not None
    own = Counter[str]()
    for case in suite.findall("testcase"):
        own.update(_kinds(case))
    for total in _TOTALS:
        text = suite.get(total)
        if text is None and (is_outer or total == "skipped"):
            continue
        if text is None or not text.isdecimal() or len(text) > _DIGITS:
            raise Judged(Finding(name, f"a number of {total} in each suite", excerpt(text or ""), "guardrails.report"))
        if int(text) not in (whole[total], own[total] if is_outer else whole[total]):
            yield total, int(text) - whole[total]
