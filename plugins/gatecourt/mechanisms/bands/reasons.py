"""Reason codes of bands and their baselines, shared by every gate that compares with one."""

from __future__ import annotations

from gatecourt.core.reasons import FAIL, HOLD, Reason

BANDS = (
    Reason(
        "band.outside",
        FAIL,
        "{where} is outside its band: find the cause; if the change is intended, record a new baseline.",
    ),
    Reason(
        "band.narrower_than_noise",
        HOLD,
        "The band of {where} is narrower than its noise: make the runs longer, or widen the band.",
    ),
    Reason(
        "band.not_calibrated",
        HOLD,
        "The noise of {where} is not measured: run gatecourt calibrate on the system, or on logs given with --from.",
    ),
    Reason(
        "band.noise_moved",
        HOLD,
        "{where} is noise of another system than the baseline: record the baseline again, then calibrate.",
    ),
    Reason(
        "band.metric_missing", HOLD, "{where} is missing: write the metric in every judged row, or remove its band."
    ),
    Reason("band.not_finite", FAIL, "{where} is not a finite number: fix the calculation behind it."),
    Reason("band.too_few_samples", HOLD, "{where} rests on fewer rows than its band needs: make the run longer."),
    Reason(
        "band.baseline_zero",
        HOLD,
        'The baseline at {where} is 0: choose zero = "equal" or zero = "floor" for its band.',
    ),
    Reason("band.no_value", HOLD, "The baseline has no value at {where}: record it again."),
    Reason("band.value", FAIL, "{where} is not a value that a recording writes: record the baseline again."),
    Reason("band.other_statistic", HOLD, "{where} is another statistic than the band's: record the baseline again."),
    Reason(
        "band.no_baseline",
        HOLD,
        "There is no baseline {where}: run gatecourt record on the system, or on logs given with --from.",
    ),
    Reason("band.baseline_deleted", FAIL, "The manifest pins {where}, which is gone: restore it."),
    Reason(
        "band.baseline_rewritten",
        FAIL,
        "{where} is not the baseline that the manifest pins: restore it, or record a new one.",
    ),
    Reason(
        "band.baseline_not_pinned", HOLD, "The manifest does not pin {where}: add its digest, as gatecourt record does."
    ),
    Reason(
        "band.baseline_format",
        FAIL,
        "{where} is not in the format of a baseline: record it again, from runs or from logs given with --from.",
    ),
    Reason(
        "band.baseline_other",
        HOLD,
        "{where} belongs to another target or log: name the baseline of this log in the manifest.",
    ),
    Reason("band.baseline_seeds", HOLD, "{where} was recorded from too few runs: record the baseline from more."),
    Reason("band.baseline_old", HOLD, "{where} is older than max_age: record the baseline again."),
    Reason("band.baseline_future", HOLD, "{where} is a time in the future: check the clocks."),
    Reason("band.custody", HOLD, "{where} does not say who recorded the baseline, when or why: record it again."),
)
