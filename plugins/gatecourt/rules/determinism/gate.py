"""Registers the gate ``determinism``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import MONITORING, RUNNING
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
            "Two equal runs differ at {where}: fix the code that writes it; evidence/diffs shows both sides.",
        ),
        Reason(
            "determinism.environment",
            FAIL,
            "{where} depends on the named part of the environment: make the code that writes it independent.",
        ),
        Reason(
            "determinism.no_outputs",
            FAIL,
            "No output matches {where}, so there is nothing to compare: correct determinism.outputs.",
        ),
        Reason(
            "determinism.command_writes_nothing",
            HOLD,
            "The command {where} writes no file to compare: declare a file for its output.",
        ),
        Reason(
            "determinism.output_missing",
            FAIL,
            "No run writes {where}: make both write it, or correct determinism.outputs.",
        ),
        Reason(
            "determinism.mask_mismatch",
            FAIL,
            "{where} is not as its mask declares: fix the value, or correct the mask's type and pattern.",
        ),
        Reason("determinism.mask_protected", FAIL, "The mask over {where} hides a protected value: remove it."),
        Reason("determinism.mask_unused", HOLD, "The mask {where} covers nothing: remove it."),
        Reason(
            "determinism.seed_ignored",
            FAIL,
            "{where} is the same under another seed: find the generator that is created with a fixed seed.",
        ),
        Reason(
            "determinism.seed_noise",
            HOLD,
            "{where} differs under the same seed too, so another seed shows nothing: first make equal runs equal.",
        ),
        Reason(
            "determinism.seed_not_declared",
            HOLD,
            "{where} is not set: declare run.seed, and pass {seed} to the command.",
        ),
        Reason(
            "entropy.read",
            FAIL,
            "{where} reads a clock or random source: pass in the injected one, or exempt it with a reason.",
        ),
        Reason(
            "entropy.global_generator",
            FAIL,
            "{where} uses the shared generator: use one of its own, seeded from the run's seed.",
        ),
        Reason(
            "entropy.not_armed",
            HOLD,
            "{where} was not monitored: run it without -I, -E and -S, and let it inherit the environment.",
        ),
        *MONITORING,
        Reason(
            "source.entropy",
            FAIL,
            "{where} names a clock or random source: pass in the injected one, or exempt it with a reason.",
        ),
        Reason("source.exemption_unused", FAIL, "The exemption {where} matches nothing: remove it."),
        Reason(
            "source.syntax",
            HOLD,
            "{where} cannot be parsed, so it was not checked: fix it, or remove it from the scanned files.",
        ),
        Reason(
            "source.unsupported",
            HOLD,
            "{where} is in no language that can be scanned: remove it from the patterns, or use its own tool.",
        ),
    ),
)
