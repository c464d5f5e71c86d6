"""Registers the gate ``determinism``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import ERROR, FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.determinism.section import DeterminismSection, repeated_commands, source_parts, trap_depths

DETERMINISM = GateSpec(
    marker="determinism",
    summary="the same seed and inputs give the same outputs, and another seed gives others",
    module=GATES / "test_determinism.py",
    section=DeterminismSection,
    keys={"determinism": DeterminismSection},
    required=("determinism",),
    parameters={"trap_depth": trap_depths, "source_part": source_parts, "repeated_command": repeated_commands},
    reasons=(
        *READING,
        *RUNNING,
        Reason(
            "determinism.divergence",
            FAIL,
            "Find what wrote {where}; the text determinism_diff of this check, below evidence/diffs, has both sides.",
        ),
        Reason(
            "determinism.environment", FAIL, "Take the dependence on the named surroundings out of what writes {where}."
        ),
        Reason("determinism.no_outputs", FAIL, "Correct determinism.outputs: there is nothing to compare."),
        Reason(
            "determinism.command_writes_nothing",
            HOLD,
            "Give {where} a file for its stdout, or take it out of determinism.commands: it leaves nothing to compare.",
        ),
        Reason("determinism.output_missing", FAIL, "Make both runs write {where}, or correct determinism.outputs."),
        Reason("determinism.mask_mismatch", FAIL, "Mend the value at {where}, or correct the mask's type and pattern."),
        Reason("determinism.mask_protected", FAIL, "Remove the mask over {where}: such a value may not be hidden."),
        Reason("determinism.mask_unused", HOLD, "Remove the mask {where}: it covers nothing any more."),
        Reason("determinism.seed_ignored", FAIL, "Find the stream that is created with a fixed number: {where}."),
        Reason("determinism.seed_not_declared", HOLD, "Declare run.seed and hand {seed} to the command."),
        Reason(
            "entropy.read", FAIL, "Pass the injected clock or random source to {where}, or exempt it with a reason."
        ),
        Reason("entropy.global_generator", FAIL, "Use a generator of its own, seeded from the run's seed, at {where}."),
        Reason("entropy.not_armed", HOLD, "Run {where} without -I, -E or -S and let it inherit the environment."),
        Reason("entropy.gap", HOLD, "Judge with an interpreter on which {where} can be trapped."),
        Reason("entropy.log", ERROR, "Run again; if it happens twice, see whether the system writes into {where}."),
        Reason(
            "source.entropy", FAIL, "Pass the injected clock or random source to {where}, or exempt it with a reason."
        ),
        Reason("source.exemption_unused", FAIL, "Remove the exemption {where}: nothing needs it any more."),
        Reason(
            "source.syntax",
            HOLD,
            "Mend {where}, or take it out of the scanned files: what cannot be read is not cleared.",
        ),
        Reason("source.unsupported", HOLD, "Take {where} out of the scanned patterns, or scan it with a tool for it."),
    ),
)
