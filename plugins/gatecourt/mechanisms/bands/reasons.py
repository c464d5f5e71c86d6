"""Reason codes of bands and their baselines, shared by every gate that holds measures against some."""

from __future__ import annotations

from gatecourt.core.reasons import FAIL, HOLD, Reason

BANDS = (
    Reason(
        "band.outside", FAIL, "Find what moved {where}; if it was meant to move, record a new baseline and say why."
    ),
    Reason(
        "band.narrower_than_noise",
        HOLD,
        "Lengthen the runs behind {where}, or widen its band: chance alone moves it out of the band.",
    ),
    Reason(
        "band.not_calibrated",
        HOLD,
        "Measure the noise of {where} with gatecourt calibrate: it runs the system, or takes the logs named by --from.",
    ),
    Reason(
        "band.noise_moved",
        HOLD,
        "Record the baseline again, then calibrate: the runs behind {where} are of another system.",
    ),
    Reason("band.metric_missing", HOLD, "Write the metric {where} in every judged row, or take its band away."),
    Reason("band.not_finite", FAIL, "Find the calculation behind {where} that gives no finite number."),
    Reason("band.too_few_samples", HOLD, "Run longer: {where} rests on fewer rows than its band asks for."),
    Reason("band.baseline_zero", HOLD, 'Decide what a baseline of 0 at {where} asks for: zero = "equal" or "floor".'),
    Reason("band.no_value", HOLD, "Record the baseline again: {where} is not in it."),
    Reason("band.value", FAIL, "Record the baseline again: {where} is not what a recording writes."),
    Reason("band.other_statistic", HOLD, "Record the baseline again: {where} is another statistic than the band's."),
    Reason(
        "band.no_baseline",
        HOLD,
        "Record {where} with gatecourt record: it runs the system, or takes the logs named by --from.",
    ),
    Reason("band.baseline_deleted", FAIL, "Restore {where}: the manifest pins a baseline that is gone."),
    Reason("band.baseline_rewritten", FAIL, "Restore {where}, or record it anew: it is not the one that is pinned."),
    Reason("band.baseline_not_pinned", HOLD, "Pin {where} in the manifest, as gatecourt record does."),
    Reason(
        "band.baseline_format",
        FAIL,
        "Record the baseline again with gatecourt record, from runs or --from logs: {where} is not of its format.",
    ),
    Reason("band.baseline_other", HOLD, "Name the baseline of this log in the manifest: {where} is of another."),
    Reason("band.baseline_seeds", HOLD, "Record the baseline from more runs: {where} has too few."),
    Reason("band.baseline_old", HOLD, "Record the baseline again: {where} is older than its max_age."),
    Reason("band.baseline_future", HOLD, "Compare the clocks: {where} was recorded after now."),
    Reason("band.custody", HOLD, "Record the baseline again: {where} does not say who vouches for it, when and why."),
)
