"""Reason codes of running a system, shared by every gate that needs a run."""

from __future__ import annotations

from gatecourt.core.reasons import ERROR, FAIL, HOLD, Reason

RUNNING = (
    Reason("run.not_declared", HOLD, "Declare [run] in the manifest: this check needs to run the system."),
    Reason("run.command_unknown", HOLD, "Declare [{where}] in the manifest: this check needs the command."),
    Reason("run.kill_missed", HOLD, "Choose an earlier kill point for {where}, or have it write its files as it goes."),
    Reason("run.command_not_found", FAIL, "Install the program, or correct {where} in the manifest."),
    Reason("run.exit_code", FAIL, "Run the command of {where} by hand and mend what it reports."),
    Reason("run.signal", FAIL, "Run the command of {where} by hand and find what ends it."),
    Reason("run.deadline", FAIL, "Find out why {where} does not end, or raise run.deadline."),
    Reason("run.no_output", FAIL, "Make the run write below {out}."),
    Reason("run.output_missing", FAIL, "Make the run write the file, or correct {where} in the manifest."),
    Reason("run.inputs_changed", FAIL, "Make the system write to {out} and leave its own {where} alone."),
    Reason("run.root_written", FAIL, "Make the system write to {out}, not into its own tree: {where}."),
    Reason("run.input_copy_changed", HOLD, 'Write {where} below {out}, or declare out = "." in [run].'),
    Reason("run.output_older", HOLD, "Have the run write {where} itself, not copy an older file there."),
    Reason("run.output_refused", FAIL, "Write a plain file at {where}."),
    Reason("run.output_unreadable", FAIL, "Write a readable file at {where}."),
    Reason("run.output_touched", ERROR, "Find what wrote to {where} after the run had ended, then run again."),
    Reason("run.process_left", FAIL, "End all child processes before the command ends."),
    Reason(
        "run.supervision_lost", ERROR, "Run again; if it happens twice, see whether the system ends its parent process."
    ),
    Reason("run.input_missing", HOLD, "Provide {where} below the target's root, or correct run.inputs."),
    Reason("run.input_refused", HOLD, "Provide {where} as a plain file below the target's root."),
    Reason("run.input_unreadable", HOLD, "Make {where} readable."),
    Reason("run.env_missing", HOLD, "Set the environment variable that {where} names."),
    Reason("run.template", ERROR, "Correct {where} in the manifest."),
    Reason("run.perturbation_unknown", ERROR, "Correct {where} in the manifest."),
    Reason("run.perturbation_void", HOLD, "Judge on a machine with two or more processors."),
    Reason("run.ambiguous", HOLD, "Name the run that is to be judged in target.judged."),
    Reason("run.not_found", HOLD, "Correct target.judged: no artefact belongs to that run."),
    Reason("run.unidentified", HOLD, "Put {run} into a pattern of target.artefacts, so that runs can be told apart."),
)
