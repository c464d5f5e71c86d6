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
    summary="every command is on record, was allowed, was carried out once, and what it began has ended",
    module=GATES / "test_audit.py",
    section=AuditSection,
    keys={"audit": AuditSection},
    required=("audit",),
    parameters={"admin_command": admin_commands, "recorded_pair": recorded_names, "lasting_effect": effect_names},
    reasons=(
        *READING,
        *RUNNING,
        Reason("audit.no_log", HOLD, "Find out why no file matches {where}."),
        Reason("audit.few", HOLD, "Give the commands of the drill, or look for the rest of {where}."),
        Reason("audit.line", FAIL, "Correct the writer of {where}: a line of the log is one object."),
        Reason("audit.field", FAIL, "Correct the writer of {where}."),
        Reason("audit.no_result", FAIL, "Have the command at {where} tell what came of it."),
        Reason("audit.contradiction", FAIL, "Find out how the command at {where} ended: it says both."),
        Reason("audit.order", FAIL, "Look for a second writer or a lost line before {where}."),
        Reason("audit.no_id", FAIL, "Attach an id to the command at {where}, or its retry is carried out twice."),
        Reason("audit.id_taken", FAIL, "Give the command at {where} an id of its own."),
        Reason("audit.done_twice", FAIL, "See whether the command at {where} took effect twice; then mend the retry."),
        Reason("audit.other_result", FAIL, "Have the retry at {where} give the result of the first."),
        Reason("audit.retry_of_nothing", FAIL, "Look for the line that was lost before {where}."),
        Reason("audit.no_mode", HOLD, "Have the console write the issuer's mode at {where}."),
        Reason("audit.not_given", HOLD, "Give the command in the drill, as a viewer too: {where} shows nothing of it."),
        Reason(
            "audit.not_allowed",
            FAIL,
            "See whether the console looks at the mode, or {where} was given too much; then what was done.",
        ),
        Reason("audit.no_pair", HOLD, "Give the command in the drill: {where} shows neither it nor its event."),
        Reason("audit.not_recorded", FAIL, "Find out whether the command at {where} took effect."),
        Reason("audit.recorded_twice", FAIL, "Find out whether the command behind {where} took effect twice."),
        Reason("audit.unaudited", FAIL, "Find out who brought about {where} past the console."),
        Reason("audit.before_command", FAIL, "Compare the clocks: {where} is told before its command."),
        Reason("audit.event", FAIL, "Correct the writer of the event at {where}."),
        Reason("audit.no_effect", HOLD, "Have the drill begin and end one: {where} shows none."),
        Reason("audit.begun_twice", FAIL, "Give what began at {where} an id of its own."),
        Reason("audit.begun_after_end", FAIL, "Find out who began at {where} what had been called off."),
        Reason("audit.end_of_nothing", FAIL, "Look for the beginning that was lost before {where}."),
        Reason("audit.never_ended", FAIL, "End what began at {where}, and find out why nobody did."),
        Reason("audit.still_open", HOLD, "Follow the system longer: what began at {where} is not over yet."),
        Reason("audit.ended_late", FAIL, "Find out what kept {where} from ending in time."),
    ),
)
