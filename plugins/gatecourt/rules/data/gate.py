"""Registers the gate ``data``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.data import DataSection, dataset_names
from gatecourt.rules.data.section import Datasets

DATA = GateSpec(
    marker="data",
    summary="every dataset has its digest, no gaps, no duplicates and only possible bars",
    module=GATES / "test_data.py",
    section=DataSection,
    keys={"data": Datasets},
    required=("data",),
    spread=True,
    parameters={"dataset": dataset_names},
    reasons=(
        *READING,
        *RUNNING,
        Reason(
            "data.sha256",
            FAIL,
            "{where} is not the file of its digest: restore it, or renew the digest in a reviewed commit.",
        ),
        Reason("data.sha256_not_declared", HOLD, "{where} has no declared digest: declare sha256 or checksums."),
        Reason(
            "data.checksum_missing", FAIL, "{where} does not list the dataset: add a line with its digest and name."
        ),
        Reason("data.checksum_line", FAIL, "{where} is no checksum line: write the digest, two spaces and the name."),
        Reason(
            "data.no_array",
            FAIL,
            "There is no array of bars at {where}: write it, or correct the pointer in the manifest.",
        ),
        Reason("data.bar_shape", FAIL, "{where} is neither an object nor an array: write a whole bar."),
        Reason("data.no_bars", FAIL, "{where} holds no bar: download the data again."),
        Reason("data.too_few_bars", HOLD, "{where} has too few bars to be judged: download more."),
        Reason(
            "data.count",
            FAIL,
            "{where} does not hold the declared number of bars: download it again, or correct the number.",
        ),
        Reason("data.count_missing", FAIL, "The number of bars is not stated at {where}: write it as a whole number."),
        Reason(
            "data.field_missing", FAIL, "The field {where} is missing: write it, or correct the names in the manifest."
        ),
        Reason(
            "data.null", FAIL, "{where} is null or empty: fix the calculation behind it, or download the bar again."
        ),
        Reason("data.not_a_number", FAIL, "{where} is not a number: write one."),
        Reason("data.not_finite", FAIL, "{where} is NaN or infinite: fix the calculation behind it."),
        Reason(
            "data.time_not_whole",
            FAIL,
            "The time at {where} is not whole: write it as a whole number of the declared unit.",
        ),
        Reason("data.time_range", FAIL, "The time at {where} is outside any calendar: correct it."),
        Reason(
            "data.time_unit", FAIL, "The timestamps at {where} are finer than the declared unit: declare a finer unit."
        ),
        Reason("data.not_rising", FAIL, "The bar at {where} is earlier than the one before it: sort the bars by time."),
        Reason(
            "data.duplicate_time",
            FAIL,
            "Two bars have the time of {where}: compare them with the source, and keep one.",
        ),
        Reason("data.gap", FAIL, "Bars are missing before {where}: download the span again; do not interpolate."),
        Reason(
            "data.gap_not_there", FAIL, "A declared gap is not in {where}: remove it from the manifest, or correct it."
        ),
        Reason(
            "data.off_grid", FAIL, "The time at {where} is no multiple of the interval: compare it with the source."
        ),
        Reason("data.price", FAIL, "The price at {where} is 0 or negative: download the bar again."),
        Reason("data.volume", FAIL, "The amount at {where} is negative: download the bar again."),
        Reason("data.ohlc", FAIL, "High and low do not enclose the other prices at {where}: download the bar again."),
        Reason("data.csv_syntax", FAIL, "{where} is not valid CSV: fix the line."),
        Reason(
            "data.csv_header",
            FAIL,
            "The header {where} is missing or names a column twice: write one distinct name per column.",
        ),
        Reason("data.csv_cells", FAIL, "{where} does not have as many cells as the header: fix the row."),
        Reason("data.parquet", FAIL, "{where} cannot be read as Parquet: write it again."),
    ),
)
