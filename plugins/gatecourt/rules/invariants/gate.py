"""Registers the gate ``invariants``."""

from __future__ import annotations

from collections.abc import Mapping

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import ERROR, FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.invariants.section import (
    Invariant,
    InvariantsSection,
    Relation,
    invariant_names,
    invariant_reasons,
)

INVARIANTS = GateSpec(
    marker="invariants",
    summary="what must hold over the artefacts taken together holds, row by row",
    module=GATES / "test_invariants.py",
    section=InvariantsSection,
    keys={"relations": Mapping[str, Relation], "invariant": tuple[Invariant, ...]},
    required=("relations", "invariant"),
    spread=True,
    parameters={"invariant": invariant_names},
    section_reasons=invariant_reasons,
    reasons=(
        *READING,
        *RUNNING,
        Reason(
            "invariants.no_rows",
            HOLD,
            "The relation {where} has no row, so the invariant shows nothing: find out why it is empty.",
        ),
        Reason(
            "invariants.null",
            FAIL,
            "A comparison with the null at {where} finds nothing: write the value, or declare the column nullable.",
        ),
        Reason("invariants.sql_error", ERROR, "The query at {where} does not run: correct it."),
        Reason(
            "invariants.sql_refused",
            ERROR,
            "The query at {where} is refused: rewrite it as one SELECT over the declared relations.",
        ),
        Reason(
            "invariants.sql_deadline", ERROR, "The query at {where} takes too long: simplify it, or raise the deadline."
        ),
        Reason("relations.column_clash", FAIL, "SQL cannot tell two keys at {where} apart: rename one of them."),
        Reason("relations.csv_syntax", FAIL, "{where} is no CSV: fix the line."),
        Reason("relations.csv_header", FAIL, "The header at {where} does not name each column once: correct it."),
        Reason("relations.csv_cells", FAIL, "{where} has another number of cells than the header: correct the line."),
        Reason(
            "relations.csv_type", FAIL, "A cell at {where} is not of its declared type: correct it, or the declaration."
        ),
        Reason(
            "relations.database",
            FAIL,
            "{where} is no sound database: open it with sqlite3 and run PRAGMA integrity_check.",
        ),
        Reason("relations.no_table", FAIL, "{where} does not have the table: create it, or correct the relation."),
        Reason(
            "relations.view_too_large",
            FAIL,
            "The view {where} gives too many rows or never ends: limit its query, or read its tables instead.",
        ),
        Reason(
            "relations.no_array",
            FAIL,
            "There is no array at {where}: write one, or correct the pointer of the relation.",
        ),
        Reason(
            "relations.no_items",
            FAIL,
            "There is nothing at {where} to take rows from: write it, or correct the pointer of the relation.",
        ),
        Reason("relations.no_states", HOLD, "{where} holds no whole state: have the run stream one, then its changes."),
        Reason("relations.stream", FAIL, "Fix the payload at {where}: it cannot be merged into the state before it."),
        Reason("relations.inexact", FAIL, "A double cannot hold the number at {where}: write it as text."),
        Reason("relations.integer_range", FAIL, "The number at {where} is too large for a column: write it as text."),
        Reason(
            "relations.mixed_types",
            FAIL,
            "The value at {where} has another type than its column: write one type throughout.",
        ),
        Reason(
            "relations.not_finite", FAIL, "The value at {where} is NaN or infinite: correct the calculation behind it."
        ),
        Reason("relations.not_loaded", ERROR, "Report {where}: the rows could not be handed to the query engine."),
        Reason("relations.parquet", FAIL, "{where} cannot be read as Parquet: write it again."),
        Reason("relations.surrogate", FAIL, "{where} contains an unpaired UTF-16 surrogate: write whole characters."),
    ),
)
