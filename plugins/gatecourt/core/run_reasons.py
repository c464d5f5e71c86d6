"""Reason codes of running a system, shared by every gate that needs a run."""

from __future__ import annotations

from gatecourt.core.reasons import ERROR, FAIL, HOLD, Reason

RUNNING = (
    Reason("run.not_declared", HOLD, "This check needs to run the system: declare [run] in the manifest."),
    Reason(
        "run.command_unknown", HOLD, "This check needs a command that is missing: declare [{where}] in the manifest."
    ),
    Reason("run.kill_missed", HOLD, "The command ended before its kill point {where}: choose an earlier one."),
    Reason("run.command_not_found", FAIL, "The program of {where} is not there: install it, or correct the manifest."),
    Reason("run.exit_code", FAIL, "{where} failed: run the command line shown, in the root, and fix what it reports."),
    Reason("run.signal", FAIL, "{where} was killed: run the command line shown, in the root, and find what kills it."),
    Reason("run.deadline", FAIL, "{where} did not end in time: find out why, or raise run.deadline."),
    Reason("run.no_output", FAIL, "The run wrote no file: make it write below {out}."),
    Reason("run.output_missing", FAIL, "The run did not write the file of {where}: write it, or correct the manifest."),
    Reason("run.inputs_changed", FAIL, "The run changed its input {where}: make the system write to {out} only."),
    Reason("run.root_written", FAIL, "The run wrote {where} into the system's own tree: make it write to {out}."),
    Reason(
        "run.input_copy_changed", HOLD, 'The run changed its copy of {where}: write to {out}, or set run.out = ".".'
    ),
    Reason("run.output_older", HOLD, "{where} is older than the run: make the run write it, not copy an older file."),
    Reason("run.output_refused", FAIL, "The run's output {where} is no plain file: write a plain file there."),
    Reason("run.output_unreadable", FAIL, "The run's output {where} cannot be read: write a readable file there."),
    Reason("run.output_touched", ERROR, "{where} changed after the run had ended: find what wrote to it, run again."),
    Reason("run.process_left", FAIL, "Processes of {where} were still running at its end: stop them before it ends."),
    Reason("run.supervision_lost", ERROR, "The supervising process was lost: run again, and check what killed it."),
    Reason(
        "run.input_missing", HOLD, "The input {where} is missing: provide it below the root, or correct run.inputs."
    ),
    Reason("run.input_refused", HOLD, "The input {where} is no plain file inside the root: provide one there."),
    Reason("run.input_unreadable", HOLD, "The input {where} cannot be read: make it readable."),
    Reason("run.env_missing", HOLD, "The environment variable that {where} names is not set: set it."),
    Reason("run.template", ERROR, "{where} uses a name that has no value: correct it in the manifest."),
    Reason("run.perturbation_unknown", ERROR, "{where} names an unknown perturbation: correct it in the manifest."),
    Reason("run.perturbation_void", HOLD, "{where} has no effect here: run on a machine with two or more processors."),
    Reason("run.ambiguous", HOLD, "Several runs match {where}: name the run to judge in target.judged."),
    Reason("run.not_found", HOLD, "No artefact belongs to the run {where}: correct target.judged."),
    Reason("run.unidentified", HOLD, "The runs cannot be distinguished: put {run} into a pattern of target.artefacts."),
)

MONITORING = (
    Reason("entropy.gap", HOLD, "{where} cannot be monitored on this interpreter: judge with one on which it can."),
    Reason(
        "entropy.log",
        ERROR,
        "The log of the monitor is damaged at {where}: run again; if it recurs, check what else writes there.",
    ),
)
"""Of a run whose clock, random sources or network use are monitored."""
