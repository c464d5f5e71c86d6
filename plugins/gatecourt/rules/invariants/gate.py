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
            "invariants.no_rows", HOLD, "Look at why the relation is empty: an invariant over nothing proves nothing."
        ),
        Reason("invariants.null", FAIL, "Write the value at {where}, or declare the column nullable with a reason."),
        Reason("invariants.sql_error", ERROR, "Correct the query of the invariant in the manifest."),
        Reason("invariants.sql_refused", ERROR, "Rewrite the query as one SELECT over the declared relations."),
        Reason("invariants.sql_deadline", ERROR, "Simplify the query, or raise the invariant's deadline."),
        Reason("relations.column_clash", FAIL, "Rename one of the keys at {where}: SQL does not tell them apart."),
        Reason("relations.csv_syntax", FAIL, "Mend the line at {where}."),
        Reason("relations.csv_header", FAIL, "Write one name a column, each once, at {where}."),
        Reason("relations.csv_cells", FAIL, "Write as many cells as the header has at {where}."),
        Reason("relations.csv_type", FAIL, "Write a value of the declared type at {where}."),
        Reason("relations.database", FAIL, "Open {where} with sqlite3 and run PRAGMA integrity_check."),
        Reason("relations.no_table", FAIL, "Create the table in {where}, or correct the relation."),
        Reason("relations.no_array", FAIL, "Write an array at {where}, or correct the relation's pointer."),
        Reason("relations.no_items", FAIL, "Write an object or array at {where}, or correct the relation's pointer."),
        Reason("relations.no_states", HOLD, "{where} holds no whole state: have the run stream one, then its changes."),
        Reason("relations.stream", FAIL, "Fix the payload at {where}: it cannot be merged into the state before it."),
        Reason("relations.inexact", FAIL, "Write {where} as text: a double cannot hold the number."),
        Reason("relations.integer_range", FAIL, "Write {where} as text: the number is beyond 64 bits."),
        Reason("relations.mixed_types", FAIL, "Write one type in the whole column: {where}."),
        Reason("relations.not_finite", FAIL, "Find the calculation behind {where} that gives NaN or infinity."),
        Reason("relations.not_loaded", ERROR, "Report {where}: the rows could not be handed to the query engine."),
        Reason("relations.parquet", FAIL, "Write {where} again: it cannot be read as Parquet."),
        Reason("relations.surrogate", FAIL, "Write {where} as whole characters: half of a pair is no text."),
    ),
)
