"""Bars of a market dataset: read exactly from JSON, CSV or Parquet, then checked.

Times are whole numbers of a declared unit and lie on the grid of the declared interval; a bar's index counts from 0 in
the order of the file. A number compares as it is written: integers beyond 2**53 and decimals of more than 15 digits
are compared as integers and decimals, everything else as the double that it is.
"""

from gatecourt.rules.data.checks import judge_dataset
from gatecourt.rules.data.section import AllowedGap, DataSection, Dataset, Fields, dataset_names

__all__ = ["AllowedGap", "DataSection", "Dataset", "Fields", "dataset_names", "judge_dataset"]
