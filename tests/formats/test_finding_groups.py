"""A flood of findings is cut; a new kind of finding never hides behind it."""

from __future__ import annotations

import pytest

from gatecourt.core.model import Finding
from gatecourt.formats.finding_groups import FindingGroups, bounded, kind_of


def finding(where: str, observed: str = "1", rule: str = "a.b") -> Finding:
    return Finding(where, "0", observed, rule)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (finding("a.jsonl:7#/x"), finding("a.jsonl:8#/x"), True),
        (finding("a.json#/fees/1/x"), finding("a.json#/fees/22/x"), True),
        (finding("a.json#/fees/1"), finding("a.json#/fees/2"), True),
        (finding("t/row 7"), finding("t/row 12"), True),
        (finding('t/row "a", 7'), finding('t/row "b", 12'), True),
        (finding("a.json#/x", "1"), finding("a.json#/x", "-2.5"), True),
        (finding("a.json#/x", '"a"'), finding("a.json#/x", '"b"'), True),
        (finding("a.json#/x"), finding("a.json#/y"), False),
        (finding("a.json#/x"), finding("b.json#/x"), False),
        (finding("a.json#/x1"), finding("a.json#/x2"), False),
        (finding("a.json#/x", "1"), finding("a.json#/x", '"1"'), False),
        (finding("a.json#/x", "null"), finding("a.json#/x", "absent"), False),
        (finding("a.json#/x"), finding("a.json#/x", rule="a.c"), False),
    ],
)
def test_what_is_one_kind(one: Finding, other: Finding, *, alike: bool) -> None:
    assert (kind_of(one) == kind_of(other)) is alike


def test_few_findings_stay_as_they_are() -> None:
    given = [finding(f"a.json#/{key}") for key in "abc"]
    assert list(bounded(given, 3)) == given


def test_a_flood_ends_with_the_number_of_the_others() -> None:
    given = [finding(f"a.jsonl:{line}#/x", str(line)) for line in range(1, 101)]
    assert list(bounded(given, 3)) == [
        *given[:3],
        finding("a.jsonl:4#/x", "97 more of this kind, this the first: 4"),
    ]


def test_a_new_kind_behind_a_flood_is_shown() -> None:
    flood = [finding(f"a.jsonl:{line}#/x") for line in range(1, 101)]
    other = finding("a.jsonl:50#/y")
    again = finding("a.jsonl:51#/y")
    shown = list(bounded([*flood[:50], other, *flood[50:], again], 3))
    assert shown == [
        *flood[:3],
        other,
        finding("a.jsonl:4#/x", "97 more of this kind, this the first: 1"),
        finding("a.jsonl:51#/y", "1 more of this kind, this the first: 1"),
    ]


def test_kinds_without_end_are_counted_by_rule() -> None:
    groups = FindingGroups(2)
    groups.extend(finding(f"a.json#/key{number}x") for number in range(1000))
    found = groups.findings()
    assert len(found) == 2 + 50 + 1
    assert found[-1].observed == "948 more of this kind, this the first: 1"
