"""Reason codes of payloads and health lines: part of the gate ``telemetry``."""

from __future__ import annotations

from gatecourt.core.reasons import FAIL, HOLD, Reason

_PAYLOADS = (
    Reason("telemetry.no_payload", HOLD, "{where} has too few payloads to judge: run the system longer."),
    Reason("telemetry.payload_shape", FAIL, "{where} is no payload that a reader knows: fix its writer."),
    Reason("telemetry.payload_missing", HOLD, "{where} is absent: write it, or remove the rule for it."),
    Reason("telemetry.payload_value", FAIL, "The value at {where} has the wrong type: fix its writer."),
    Reason("telemetry.payload_schema", FAIL, "{where} breaks its schema: fix its writer, or the schema."),
    Reason("telemetry.setting", HOLD, "The setting {where} cannot be read: write it, or correct the manifest."),
    Reason("telemetry.no_snapshot", FAIL, "{where} changes a state that was never sent: begin with a whole state."),
    Reason("telemetry.snapshot_disagrees", FAIL, "The whole state at {where} has a change that no diff sent: find it."),
    Reason("telemetry.removed_unknown", FAIL, "{where} removes an unknown key: find the lost diff before it."),
    Reason("telemetry.removed_and_changed", FAIL, "{where} is removed and changed in one payload: do one of the two."),
    Reason("telemetry.contradiction", FAIL, "The payload holds two values for {where}: write it once."),
    Reason("telemetry.stream_identity", FAIL, "Another run begins at {where}: give each run a stream of its own."),
    Reason("telemetry.tick_value", FAIL, "The tick at {where} is no whole number: write one."),
    Reason("telemetry.tick_order", FAIL, "{where} repeats a tick or goes back: find what sent it again or late."),
    Reason("telemetry.tick_gap", FAIL, "Payloads are missing before {where}: find where they were lost."),
    Reason("telemetry.version_value", FAIL, "{where} is no version: write a text such as 0.9.7."),
    Reason("telemetry.version_newer", HOLD, "{where} is newer than readers know: read what changed, then declare it."),
    Reason("telemetry.version_older", FAIL, "{where} is older than readers expect: update its writer."),
    Reason("telemetry.version_changed", FAIL, "The version changes at {where}: find the second writer of the stream."),
)  # fmt: skip
_RULES = (
    Reason("telemetry.field_differs", FAIL, "{where} is not the declared value: find what changed it."),
    Reason("telemetry.field_limit", FAIL, "{where} is beyond its limit: find the cause, and keep the limit."),
    Reason("telemetry.field_count", FAIL, "{where} is not the number of listed entries: count them there."),
    Reason("telemetry.field_lag", FAIL, "The tick at {where} lies too far back: find what stopped updating it."),
    Reason("telemetry.field_review", HOLD, "{where} is not as declared: check whether its cause is gone."),
    Reason("telemetry.counter_back", FAIL, "The counter at {where} fell: find what reset it."),
    Reason("telemetry.no_sample", HOLD, "{where} has nothing to judge by this rule: run the system until it has."),
    Reason("telemetry.rate_limit", FAIL, "{where} came too soon after others: check the rate limiter."),
    Reason("telemetry.entry_late", FAIL, "{where} was sent after its own tick: send it at once, or limits miss it."),
    Reason("telemetry.end_missing", FAIL, "What started at {where} did not end in time: find why."),
    Reason("telemetry.end_undecided", HOLD, "The stream stops before {where} must end: run the system longer."),
    Reason("telemetry.held_too_long", FAIL, "{where} was not released in time: find why its holder kept it."),
    Reason("telemetry.history_entry", FAIL, "The entry {where} lacks its tick, deltas or totals: write them."),
    Reason("telemetry.history_sum", FAIL, "{where} is not the sum of the deltas: find the missing change before it."),
    Reason("telemetry.history_totals", FAIL, "The totals at {where} are not those of the state: find which are right."),
    Reason("telemetry.history_rewritten", FAIL, "The entry {where} changed after it was sent: find what rewrote it."),
    Reason("telemetry.value_unclipped", FAIL, "{where} is beyond its clip: find the path that skips clipping."),
    Reason("telemetry.largest_differs", FAIL, "{where} is not the largest of the values: compute it from them."),
    Reason("telemetry.clip_count", FAIL, "{where} counts more clipped values than there are: count each once."),
    Reason("telemetry.clip_share", FAIL, "Too many values are clipped in {where}: scale them down or widen the clip."),
    Reason("telemetry.condition", FAIL, "A condition that must not hold begins at {where}: treat its cause."),
    Reason("telemetry.alert", FAIL, "An alert is raised at {where}: treat its cause before a release."),
    Reason("telemetry.alert_name", FAIL, "The alert at {where} is not declared: treat it, then declare its name."),
    Reason("telemetry.alert_missing", FAIL, "The condition of an alert holds, and {where} lacks it: fix the monitor."),
    Reason("telemetry.alert_unfounded", FAIL, "The alert at {where} is raised without its condition: fix the monitor."),
    Reason(
        "telemetry.metric_differs",
        FAIL,
        "{where} differs from the value computed from its samples: compute it from all samples.",
    ),
)  # fmt: skip
_HEALTH = (
    Reason("telemetry.health_line", FAIL, "{where} is no health line: write words key=value after the line's name."),
    Reason("telemetry.health_none", HOLD, "{where} is logged as None: have the system measure and log a number."),
    Reason("telemetry.health_value", FAIL, "{where} is no finite number: find the calculation behind it."),
    Reason("telemetry.health_missing", FAIL, "A value is missing in {where}: write it."),
    Reason("telemetry.health_limit", FAIL, "A value in {where} is beyond its limit: find the cause; keep the limit."),
)  # fmt: skip

STREAMS = (*_PAYLOADS, *_RULES, *_HEALTH)
