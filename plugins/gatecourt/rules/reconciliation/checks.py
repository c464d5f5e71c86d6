"""Judges the orders of a dry run, and whether so many are wrong that trading must stop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.formats.decimals import words
from gatecourt.formats.finding_groups import bounded
from gatecourt.rules.reconciliation.recomputation import Recomputation, recompute
from gatecourt.rules.reconciliation.section import OrderSource, ReconciliationSection

_SHOWN = 100


def judge_orders(section: ReconciliationSection, run: Run, root: Path) -> Judgement:
    """Every order and fill matches within its tolerance.

    Rules: those of the eight codes (``comparison.CODES``), ``reconciliation.totals``, ``.side_empty``,
    ``.no_orders``, those of reading.
    """
    found = recompute(section, run, root)
    empty = list(_empty_sides(section, found))
    findings = [*found.flaws, *(empty or (mismatch.finding for mismatch in found.mismatches)), *found.sums]
    return Judgement(found.subjects, tuple(bounded(findings, _SHOWN)), _parameters(section, found))


def judge_halt(section: ReconciliationSection, run: Run, root: Path) -> Judgement:
    """At most ``halt_above`` orders have a mismatch (``reconciliation.halt``)."""
    found = recompute(section, run, root)
    parameters: dict[str, Json] = {"halt_above": section.halt_above, "mismatched_orders": len(found.wrong)}
    if not found.orders and not found.wrong:
        return Judgement(found.subjects, tuple(_empty_sides(section, found)), parameters)
    if len(found.wrong) <= section.halt_above:
        return Judgement(found.subjects, (), parameters)
    first = ", ".join(found.wrong[:5])
    expected = f"at most {section.halt_above} orders with a mismatch"
    observed = f"{len(found.wrong)} of {found.orders}: {first}, …" if len(found.wrong) > 5 else first
    return Judgement(
        found.subjects, (Finding(_place(section.adapter), expected, observed, "reconciliation.halt"),), parameters
    )


def _empty_sides(section: ReconciliationSection, found: Recomputation) -> Iterator[Finding]:
    """A side without any order: one finding instead of a mismatch for every order of the other."""
    sides = ((section.adapter, found.adapter, found.expected), (section.expected, found.expected, found.adapter))
    for side, here, there in sides:
        if here.orders or here.findings:
            continue
        if there.orders:
            expected = f"at least one {here.name} order, as the other side has {len(there.orders)}"
            yield Finding(_place(side), expected, "none", "reconciliation.side_empty")
        elif not there.findings:
            yield Finding(_place(side), "at least one order on either side", "none", "reconciliation.no_orders")


def _place(side: OrderSource) -> str:
    return f"{', '.join(side.files)}#{side.pointer}" if side.pointer else ", ".join(side.files)


def _parameters(section: ReconciliationSection, found: Recomputation) -> dict[str, Json]:
    declared = section.tolerances
    return {
        "orders": found.orders,
        "fills": found.expected_fills,
        "codes": {code: count for code, count in found.codes.items() if count},
        "tolerances": {
            "price": words(declared.price),
            "fee_relative": words(declared.fee.relative),
            "fee_absolute": words(declared.fee.absolute),
            "qty": words(declared.qty),
            "time_s": words(declared.time),
        },
    }
