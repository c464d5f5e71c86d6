"""Registers the gate ``data``."""

from __future__ import annotations

from collections.abc import Mapping

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.data import DataSection, Dataset, dataset_names

DATA = GateSpec(
    marker="data",
    summary="every dataset is what it was, whole, in order, and made of prices that can be",
    module=GATES / "test_data.py",
    section=DataSection,
    keys={"data": Mapping[str, Dataset]},
    required=("data",),
    spread=True,
    parameters={"dataset": dataset_names},
    reasons=(
        *READING,
        *RUNNING,
        Reason("data.sha256", FAIL, "Restore {where}, or renew its digest together with the reason of the change."),
        Reason("data.sha256_not_declared", HOLD, "Declare the digest of {where}: sha256 or checksums."),
        Reason("data.checksum_missing", FAIL, "Add the dataset's line to {where}."),
        Reason("data.checksum_line", FAIL, "Write digest, two spaces and name at {where}."),
        Reason("data.no_array", FAIL, "Write the array of bars at {where}, or correct the pointer in the manifest."),
        Reason("data.bar_shape", FAIL, "Write a whole bar at {where}."),
        Reason("data.no_bars", FAIL, "Fetch the data again: {where} holds none."),
        Reason("data.too_few_bars", HOLD, "Fetch more data: {where} is too short to be judged."),
        Reason("data.count", FAIL, "Find out whether bars or their declared number are wrong: {where}."),
        Reason("data.count_missing", FAIL, "Write the number of bars at {where}."),
        Reason("data.field_missing", FAIL, "Write the field at {where}, or correct the names in the manifest."),
        Reason("data.null", FAIL, "Find the calculation behind {where} that gave no number, and fetch the bar again."),
        Reason("data.not_a_number", FAIL, "Write a number at {where}."),
        Reason("data.not_finite", FAIL, "Find the calculation behind {where} that gives NaN or infinity."),
        Reason("data.time_not_whole", FAIL, "Write the time at {where} as a whole number of the declared unit."),
        Reason("data.time_range", FAIL, "Correct the time at {where}: it lies outside any calendar."),
        Reason("data.time_unit", FAIL, "Declare a finer unit in the manifest, or mend the timestamps at {where}."),
        Reason("data.not_rising", FAIL, "Put the bars in the order of time, beginning at {where}."),
        Reason("data.duplicate_time", FAIL, "Compare the two bars of {where} with the source, and keep one."),
        Reason("data.gap", FAIL, "Fetch the missing span before {where} again; do not interpolate."),
        Reason("data.gap_not_there", FAIL, "Remove the declared gap of {where}, or correct it."),
        Reason("data.off_grid", FAIL, "Compare the time at {where} with the source: it is not one of the interval's."),
        Reason("data.price", FAIL, "Fetch the bar of {where} again: no price is 0 or less."),
        Reason("data.volume", FAIL, "Fetch the bar of {where} again: no amount is below 0."),
        Reason("data.ohlc", FAIL, "Fetch the bar of {where} again: high and low must enclose open and close."),
        Reason("data.csv_syntax", FAIL, "Mend the line at {where}."),
        Reason("data.csv_header", FAIL, "Write one name a column, each once, at {where}."),
        Reason("data.csv_cells", FAIL, "Write as many cells as the header has at {where}."),
        Reason("data.parquet", FAIL, "Write {where} again: it cannot be read as Parquet."),
    ),
)
