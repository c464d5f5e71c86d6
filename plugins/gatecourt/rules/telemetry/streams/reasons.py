"""Reason codes of payloads and health lines, and the parameters of their checks: part of the gate ``telemetry``."""

from __future__ import annotations

from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.rules.e2.gate import E2

_SCHEMAS = tuple(reason for reason in E2.reasons if reason.code.startswith(("e2.schema_", "e2.pattern_")))
_PAYLOADS = (
    Reason("telemetry.no_payload", HOLD, "Run the system longer: {where} has too little to judge."),
    Reason("telemetry.payload_shape", FAIL, "Mend the writer of {where}: a reader can make nothing of it."),
    Reason("telemetry.payload_missing", HOLD, "Write what is missing at {where}, or stop to declare its part."),
    Reason("telemetry.payload_value", FAIL, "Find the writer of {where}: the value is not of its kind."),
    Reason("telemetry.payload_schema", FAIL, "Mend the writer of {where}, or change the schema in the same commit."),
    Reason("telemetry.setting", HOLD, "Write the setting {where}, or correct its place in the manifest."),
    Reason("telemetry.no_snapshot", FAIL, "Begin the stream with a whole state: {where} changes an unknown one."),
    Reason("telemetry.snapshot_disagrees", FAIL, "Find the change that no diff told before {where}."),
    Reason("telemetry.removed_unknown", FAIL, "Find out why {where} removes what was not there: a diff was lost."),
    Reason("telemetry.removed_and_changed", FAIL, "Decide whether {where} removes the key or changes it."),
    Reason("telemetry.contradiction", FAIL, "Tell {where} once: the payload says two things of it."),
    Reason("telemetry.stream_identity", FAIL, "Give each run a stream of its own: at {where} another one begins."),
    Reason("telemetry.tick_value", FAIL, "Write the tick at {where} as a whole number."),
    Reason("telemetry.tick_order", FAIL, "Find out what sent {where} again or late: a run appended to another's log?"),
    Reason("telemetry.tick_gap", FAIL, "Find the payloads that were lost before {where}."),
)  # fmt: skip
_VERSIONS = (
    Reason("telemetry.version_value", FAIL, "Write the version at {where} as text such as 0.9.7."),
    Reason("telemetry.version_newer", HOLD, "Read what changed up to {where}, then declare that version."),
    Reason("telemetry.version_older", FAIL, "Update the writer of {where}: readers expect what it does not yet write."),
    Reason("telemetry.version_changed", FAIL, "Find the two writers of {where}: one stream has one version."),
)  # fmt: skip
_TRANSPORT = (
    Reason("telemetry.transport_missing", HOLD, "Have the sender tell the health of its transport at {where}."),
    Reason("telemetry.disconnected", FAIL, "Restore the connection that {where} says is lost."),
    Reason("telemetry.dropped", FAIL, "Find what was lost before {where}, and give the buffer room for it."),
    Reason("telemetry.waiting", FAIL, "Find out why payloads pile up at {where}: the receiver is too slow."),
    Reason("telemetry.transport_error", HOLD, "Read the error at {where} and see whether its cause is gone."),
    Reason("telemetry.transport_lag", FAIL, "Find out why nothing was sent for so long before {where}."),
    Reason("telemetry.counter_back", FAIL, "Find what set the counter at {where} back: it counts since the start."),
)  # fmt: skip
_EMPLOYMENT = (
    Reason("telemetry.backlog", FAIL, "Review the backlog at {where}: approve or defer those who wait."),
    Reason("telemetry.backlog_count", FAIL, "Count at {where} those who are listed."),
    Reason("telemetry.backlog_twice", FAIL, "Find out who put a name into {where} twice."),
    Reason("telemetry.backlog_limit", FAIL, "Find out who changed the limit at {where}; the release declares another."),
    Reason("telemetry.exit_limit", FAIL, "Find out who changed the cap at {where}; the release declares another."),
    Reason("telemetry.exit_cap", FAIL, "Find out why more left than a day allows: {where}."),
    Reason("telemetry.not_processed", FAIL, "Find out why the request at {where} was not carried out when it was due."),
    Reason("telemetry.request_undecided", HOLD, "Run on beyond the request at {where}: the stream ends too soon."),
    Reason("telemetry.no_sample", HOLD, "Run the system until {where} shows one: without any nothing was judged."),
)  # fmt: skip
_NARRATIONS = (
    Reason("telemetry.narration_repeated", FAIL, "Find out why the throttle let the narration {where} through again."),
    Reason("telemetry.narration_cooldown", FAIL, "Find out why the throttle let {where} through within its cooldown."),
    Reason("telemetry.narration_category", FAIL, "Find out why {where} came within the cooldown of its category."),
    Reason("telemetry.narration_window", FAIL, "Find out why {where} came beyond the limit of its window."),
    Reason("telemetry.narration_late", FAIL, "Tell {where} in its own tick: late ones escape the throttle."),
)  # fmt: skip
_QUEUES = (
    Reason("telemetry.history_entry", FAIL, "Write tick, delta and totals into the entry {where}."),
    Reason("telemetry.history_sum", FAIL, "Find the events between the entries before {where}: the sum does not hold."),
    Reason("telemetry.history_totals", FAIL, "Find out why the history {where} ends elsewhere than the totals."),
    Reason("telemetry.history_rewritten", FAIL, "Find out who changed the entry {where} after it was told."),
    Reason("telemetry.queue_pressure", FAIL, "Inspect cooldowns and who queues at {where}; promote nothing before."),
    Reason("telemetry.rivalry_spike", FAIL, "Look at the rivalries at {where}; consider their decay."),
    Reason("telemetry.deadlock", FAIL, "Release {where}, and find out why its holder never did."),
)  # fmt: skip
_REWARDS = (
    Reason("telemetry.clip_value", FAIL, "Find out who changed the clip at {where}; the release declares another."),
    Reason("telemetry.reward_unclipped", FAIL, "Pause training: the reward at {where} went past the clip."),
    Reason("telemetry.reward_largest", FAIL, "Work {where} out of the rewards themselves."),
    Reason("telemetry.clip_count", FAIL, "Count at {where} each clipped reward once."),
    Reason("telemetry.clip_share", FAIL, "Lower the rewards, or widen the clip, of what wrote {where}: it hides them."),
)  # fmt: skip
_ALERTS = (
    Reason("telemetry.alert", FAIL, "Treat the cause of the alert at {where}; promote nothing before."),
    Reason("telemetry.alert_name", FAIL, "Treat the alert at {where}, then declare its name, or what it stands for."),
    Reason("telemetry.alert_missing", FAIL, "Find out why the monitor said nothing at {where}."),
    Reason("telemetry.metric_differs", FAIL, "Work {where} out of its samples, zeros included."),
    Reason("telemetry.alert_unfounded", FAIL, "Find out what the alert at {where} rests on: the numbers deny it."),
)  # fmt: skip
_HEALTH = (
    Reason("telemetry.health_line", FAIL, "Write {where} as words key=value behind the line's name."),
    Reason("telemetry.health_none", HOLD, "Have the system measure what {where} tells as None."),
    Reason("telemetry.health_value", FAIL, "Write a finite number at {where}."),
    Reason("telemetry.health_missing", FAIL, "Write the value that is missing in {where}."),
    Reason("telemetry.health_limit", FAIL, "Find what drove {where} beyond its limit; leave the limit alone."),
)  # fmt: skip

STREAMS = (
    *_SCHEMAS,
    *_PAYLOADS,
    *_VERSIONS,
    *_TRANSPORT,
    *_EMPLOYMENT,
    *_NARRATIONS,
    *_QUEUES,
    *_REWARDS,
    *_ALERTS,
    *_HEALTH,
)
