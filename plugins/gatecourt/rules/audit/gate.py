"""Registers the gate ``audit``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.audit.section import AuditSection, admin_commands, effect_names, recorded_names

AUDIT = GateSpec(
    marker="audit",
    summary="operator commands are logged, authorised, executed exactly once, and completed",
    module=GATES / "test_audit.py",
    section=AuditSection,
    keys={"audit": AuditSection},
    required=("audit",),
    parts={"admin_only": ("authority",)},
    optional=lambda section: {
        "admin_only": bool(section.admin_only),
        "recorded": bool(section.recorded),
        "effect": bool(section.effect),
    },
    parameters={"admin_command": admin_commands, "recorded_pair": recorded_names, "lasting_effect": effect_names},
    reasons=(
        *READING,
        *RUNNING,
        Reason(
            "audit.no_log", HOLD, "No file matches {where}: correct the pattern, or find out why it was not written."
        ),
        Reason(
            "audit.few", HOLD, "{where} holds too few commands: run the command drill, or restore the missing lines."
        ),
        Reason("audit.line", FAIL, "{where} is not a JSON object: fix the code that writes the log."),
        Reason(
            "audit.field", FAIL, "A required field is missing or invalid at {where}: fix the code that writes the log."
        ),
        Reason("audit.no_result", FAIL, "The command has no result or reason at {where}: log one."),
        Reason("audit.contradiction", FAIL, "{where} logs an error beside success: find out how the command ended."),
        Reason(
            "audit.order",
            FAIL,
            "The time at {where} is earlier than on the line before: look for a second writer or a lost line.",
        ),
        Reason("audit.no_id", FAIL, "The command has no id at {where}, so a retry would be executed twice: add one."),
        Reason("audit.id_taken", FAIL, "{where} reuses the id of another command: give each command its own id."),
        Reason(
            "audit.done_twice",
            FAIL,
            "{where} repeats an executed command: check whether it took effect twice, then fix the retry.",
        ),
        Reason(
            "audit.other_result",
            FAIL,
            "The retry at {where} has another result than the first: return the first result.",
        ),
        Reason("audit.retry_of_nothing", FAIL, "{where} retries a command that is not in the log: find the lost line."),
        Reason("audit.no_mode", HOLD, "The issuer's role is missing at {where}: log it."),
        Reason(
            "audit.not_given", HOLD, "The command never occurs in {where}: issue it in the drill, also as a non-admin."
        ),
        Reason(
            "audit.not_allowed",
            FAIL,
            "A non-admin succeeded at {where}: fix the permission check, then review the command's effects.",
        ),
        Reason(
            "audit.no_pair", HOLD, "{where} holds neither the command nor its event: issue the command in the drill."
        ),
        Reason("audit.not_recorded", FAIL, "No event follows the command at {where}: find out whether it took effect."),
        Reason(
            "audit.recorded_twice",
            FAIL,
            "{where} is a second event of one command: find out whether it took effect twice.",
        ),
        Reason("audit.unaudited", FAIL, "{where} has no command in the audit log: find what bypassed the console."),
        Reason("audit.before_command", FAIL, "{where} is dated before its command: compare the clocks."),
        Reason(
            "audit.event", FAIL, "The event at {where} lacks a valid type, time or id: fix the code that writes it."
        ),
        Reason("audit.no_effect", HOLD, "{where} holds no such start event: start and end one in the drill."),
        Reason(
            "audit.begun_twice", FAIL, "{where} starts something that is already running: use a new id for each start."
        ),
        Reason(
            "audit.begun_after_end",
            FAIL,
            "{where} starts something that was already cancelled or ended: find what started it.",
        ),
        Reason("audit.end_of_nothing", FAIL, "{where} ends something that never started: find the lost start event."),
        Reason("audit.never_ended", FAIL, "What started at {where} never ended: end it, and find out why nothing did."),
        Reason("audit.still_open", HOLD, "What started at {where} has not ended yet: record the system for longer."),
        Reason("audit.ended_late", FAIL, "{where} is later than the declared end: find the cause of the delay."),
    ),
)
