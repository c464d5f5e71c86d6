"""Whether the expected side is computed without the adapter's answers.

Shown by experiment: the same dry run on tampered answers changes the adapter's side and nothing on the expected one.
Without the experiment only an exact copy can be detected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.formats.decimals import words
from gatecourt.formats.finding_groups import bounded
from gatecourt.rules.reconciliation.orders import Fill, Order, SideOrders
from gatecourt.rules.reconciliation.reading import both_sides, subjects_of
from gatecourt.rules.reconciliation.recomputation import recompute
from gatecourt.rules.reconciliation.section import ReconciliationSection

_SHOWN = 10


def judge_independence(
    section: ReconciliationSection, run: Run, disturbed: Callable[[], Run] | None, root: Path
) -> Judgement:
    """The expected side does not depend on the answers.

    Rules: ``reconciliation.expectation_follows``, ``.expectation_copied``, ``.disturbance_void``, those of reading.
    """
    adapter, expected = both_sides(section, run, root)
    subjects = subjects_of([adapter, expected])
    if disturbed is None:
        return Judgement(subjects, tuple(_copied(section, adapter, expected)), {"shown_by": "difference"})
    other = recompute(section, disturbed(), root)
    findings = [*_void(section, adapter, other.adapter), *_follows(section, expected, other.expected)]
    codes: dict[str, Json] = {code: count for code, count in other.codes.items() if count}
    parameters: dict[str, Json] = {"shown_by": f"experiment {section.disturbed}", "disturbed": codes}
    return Judgement((*subjects, *other.subjects), tuple(bounded(findings, _SHOWN)), parameters)


def _copied(section: ReconciliationSection, adapter: SideOrders, expected: SideOrders) -> Iterator[Finding]:
    orders = {name: _content(order) for name, order in adapter.orders.items()}
    if orders == {name: _content(order) for name, order in expected.orders.items()}:
        observed = f"all {len(orders)} orders are equal in every declared value, ids and times included"
        wanted = "at least one value that is not the adapter's"
        yield Finding(", ".join(section.expected.files), wanted, observed, "reconciliation.expectation_copied")


def _void(section: ReconciliationSection, before: SideOrders, after: SideOrders) -> Iterator[Finding]:
    if {name: _content(order) for name, order in before.orders.items()} == {
        name: _content(order) for name, order in after.orders.items()
    }:
        where, expected = f"reconciliation.disturbed: {section.disturbed}", "other orders from the adapter"
        yield Finding(where, expected, "the same as without", "reconciliation.disturbance_void")


def _follows(section: ReconciliationSection, before: SideOrders, after: SideOrders) -> Iterator[Finding]:
    for name in sorted(before.orders.keys() | after.orders.keys()):
        first, second = before.orders.get(name), after.orders.get(name)
        place = (first or second).where  # type: ignore[union-attr]  # at least one of both is there
        one, other = _summary(first), _summary(second)
        if (first and _content(first)) != (second and _content(second)):
            observed = f"{other} under {section.disturbed}" if one != other else f"another {name}"
            yield Finding(place, f"{name}: {one}, for any answers", observed, "reconciliation.expectation_follows")


def _content(order: Order) -> Any:
    return order.state, _numbers(order), sorted((fill.id, _numbers(fill)) for fill in order.fills)


def _numbers(item: Order | Fill) -> list[tuple[str, str]]:
    return sorted((kind, words(value)) for kind, value in item.numbers.items())


def _summary(order: Order | None) -> str:
    if order is None:
        return "no such order"
    fills = [" ".join(f"{kind} {value}" for kind, value in _numbers(fill)) for fill in order.fills]
    return f"{order.state}; {'; '.join(fills)}" if fills else str(order.state)
