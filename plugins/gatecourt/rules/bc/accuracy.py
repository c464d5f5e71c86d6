"""Accuracy, counted from predictions, and what the system reports.

The share of right predictions decides: below the threshold the stage has failed. But the share of few frames is a
matter of luck, so where the lower bound of its Wilson interval is below the threshold the stage is held: the frames do
not show that the policy is as good as it must be. Frames of one trajectory follow each other and are not independent;
the true interval is then wider, so accuracy is also given for each sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from statistics import NormalDist
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.formats import pointer
from gatecourt.formats.decimals import number, read, words
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import gather
from gatecourt.formats.finding_groups import bounded
from gatecourt.rules.bc.predictions import Measured, Runs, SplitCounts, measure
from gatecourt.rules.bc.section import BcSection, Rehearsals, ReportedAccuracy
from gatecourt.rules.bc.split import SPLITS

_LISTED = 20
_PRECISION = 50


def judge_accuracy(section: BcSection, runs: Runs, root: Path) -> Judgement:
    """The accuracy over the evaluation frames against the threshold, chance and the most frequent action.

    Rules: ``bc.accuracy``, ``bc.interval``, ``bc.majority``, ``bc.degenerate_labels``, ``bc.no_predictions``,
    ``bc.not_declared``, those of ``measure``, which also says what is raised.
    """
    if section.predictions is None:
        where, observed = "bc.predictions", "not declared, so the reported accuracy cannot be checked"
        return Judgement((), (Finding(where, "the file of the predictions", observed, "bc.not_declared"),))
    measured = measure(section, section.predictions, runs, root)
    tally, where = measured.evaluation, section.predictions.files[0]
    findings = [*bounded(measured.findings, _LISTED), *_judge(section, tally, where)]
    return Judgement(measured.subjects, tuple(findings), _parameters(section, measured))


def _judge(section: BcSection, tally: SplitCounts, where: str) -> Iterator[Finding]:
    if not tally.total:
        yield Finding(where, "predictions of evaluation frames", "none that is valid", "bc.no_predictions")
        return
    share, right = Fraction(tally.correct, tally.total), f"{tally.correct} of {tally.total} right"
    threshold = words(section.threshold)
    low, _ = wilson(tally.correct, tally.total, section.confidence)
    if share < Fraction(section.threshold):
        yield Finding(where, f"an accuracy of at least {threshold}", f"{_rounded(share)}, {right}", "bc.accuracy")
    elif low < section.threshold:
        expected = f"an accuracy of at least {threshold}, with {words(section.confidence)} confidence"
        yield Finding(where, expected, f"{_rounded(share)}, {right}, perhaps only {low:.6f}", "bc.interval")
    action, most = _majority(tally)
    if len(tally.labels) == 1:
        observed = f"all evaluation frames have the action {action}"
        yield Finding(where, "at least two different actions", observed, "bc.degenerate_labels")
    elif tally.correct <= most:
        expected = f"more than {most} right, which always answering {action} gives"
        yield Finding(where, expected, right, "bc.majority")


def _majority(tally: SplitCounts) -> tuple[int, int]:
    """The most frequent action, the smallest of several, and how often it is right."""
    action = min(tally.labels, key=lambda label: (-tally.labels[label], label))
    return action, tally.labels[action]


def _rounded(share: Fraction) -> str:
    return f"{share.numerator / share.denominator:.6f}"


def _parameters(section: BcSection, measured: Measured) -> dict[str, Json]:
    parameters: dict[str, Json] = {
        "threshold": words(section.threshold),
        "confidence": words(section.confidence),
        "deviate": f"{deviate(section.confidence):.6f}",
        "frames": {split: measured.tallies[split].total for split in SPLITS},
        "correct": {split: measured.tallies[split].correct for split in SPLITS},
    }
    tally = measured.evaluation
    if tally.total:
        low, high = wilson(tally.correct, tally.total, section.confidence)
        action, most = _majority(tally)
        parameters["accuracy"] = _rounded(Fraction(tally.correct, tally.total))
        parameters["wilson"] = [f"{low:.6f}", f"{high:.6f}"]
        parameters["majority"] = {"action": action, "share": _rounded(Fraction(most, tally.total))}
        parameters["samples"] = {name: f"{tally.right[name]}/{tally.made[name]}" for name in sorted(tally.made)}
    return parameters


def judge_reported(section: BcSection, place: str, runs: Runs, root: Path) -> Judgement:
    """What the system reports in one place, compared with the accuracy computed from the predictions.

    Rules: ``bc.stated_contradicts``, ``bc.threshold_contradicts``, ``bc.other_dataset``, ``bc.stated_value``,
    ``bc.no_predictions``, ``artefact.none``; raises ``Judged`` as ``measure`` does.
    """
    reported = section.stated[place]
    assert section.predictions is not None  # the section asks for both
    measured = measure(section, section.predictions, runs, root)
    tally = measured.evaluation
    if not tally.total:
        where, expected = section.predictions.files[0], "predictions to compare"
        return Judgement(measured.subjects, (Finding(where, expected, "none that is valid", "bc.no_predictions"),))
    run = runs(reported.of) if reported.origin == "artefacts" else Run(root, {})
    sources = gather((reported.file,), reported.origin, run, root)
    if not sources:
        raise Judged(Finding(reported.file, "at least one file", "none", "artefact.none"))
    share = Fraction(tally.correct, tally.total)
    findings = [
        finding
        for source in sources
        for finding in _compare(section, reported, read(source.path, source.name), source.name, tally)
    ]
    subjects = (*measured.subjects, *(source.subject for source in sources))
    compared: dict[str, Json] = {"accuracy": _rounded(share), "threshold": words(section.threshold)}
    return Judgement(subjects, tuple(findings), {**compared, "tolerance": words(reported.tolerance)})


def _compare(
    section: BcSection, reported: ReportedAccuracy, document: Any, name: str, tally: SplitCounts
) -> Iterator[Finding]:
    share = Fraction(tally.correct, tally.total)
    if reported.frames is not None and number(value_at(document, reported.frames)) != tally.total:
        expected, observed = f"{tally.total}, as many as are valid", excerpt(value_at(document, reported.frames))
        yield Finding(f"{name}#{reported.frames}", expected, observed, "bc.stated_contradicts")
    if reported.accuracy is not None:
        where, value = f"{name}#{reported.accuracy}", number_or_fault(document, reported.accuracy, name)
        if isinstance(value, Finding):
            yield value
        elif abs(Fraction(value) - share) > Fraction(reported.tolerance):
            yield Finding(where, f"{_rounded(share)}, as the predictions give", words(value), "bc.stated_contradicts")
    yield from judge_reported_values(section, reported, document, name, share)


def judge_reported_values(
    section: BcSection, reported: ReportedAccuracy | Rehearsals, document: Any, name: str, share: Fraction
) -> Iterator[Finding]:
    """The dataset, the threshold and the pass that ``document`` reports, where the accuracy is ``share``."""
    if reported.dataset is not None:
        version = value_at(document, reported.dataset)
        if version != section.version:
            yield Finding(f"{name}#{reported.dataset}", section.version, excerpt(version), "bc.other_dataset")
    yield from _threshold(section, reported.threshold, document, name)
    if reported.passed is None:
        return
    where, passed = f"{name}#{reported.passed}", value_at(document, reported.passed)
    enough = share >= Fraction(section.threshold)
    if not isinstance(passed, bool):
        yield Finding(where, "true or false", excerpt(passed), "bc.stated_value")
    elif passed != enough:
        expected = f"{str(enough).lower()}, because the accuracy is {_rounded(share)}"
        yield Finding(where, expected, str(passed).lower(), "bc.stated_contradicts")


def _threshold(section: BcSection, at: str | None, document: Any, name: str) -> Iterator[Finding]:
    if at is None:
        return
    value = number_or_fault(document, at, name)
    if isinstance(value, Finding):
        yield value
    elif value != section.threshold:
        expected = f"{words(section.threshold)}, as declared"
        yield Finding(f"{name}#{at}", expected, words(value), "bc.threshold_contradicts")


def value_at(document: Any, at: str) -> Any:
    """The value at the pointer ``at``; None where there is nothing."""
    return pointer.find(document, at)


def number_or_fault(document: Any, at: str, name: str) -> Decimal | Finding:
    """The share from 0 to 1 at the pointer ``at`` of the document ``name``, or a finding if there is none."""
    value, expected = pointer.find(document, at, pointer.ABSENT), "a number from 0 to 1"
    found = number(value)
    if found is not None and 0 <= found <= 1:
        return found
    observed = "absent" if value is pointer.ABSENT else excerpt(value)
    return Finding(f"{name}#{at}", expected, observed, "bc.stated_value")


def deviate(confidence: Decimal) -> Decimal:
    """The standard normal deviate that encloses the central share ``confidence``: 0.95 gives 1.959964."""
    return Decimal(repr(NormalDist().inv_cdf(float((1 + confidence) / 2))))


def wilson(successes: int, trials: int, confidence: Decimal) -> tuple[Decimal, Decimal]:
    """Lower and upper bound of the two-sided Wilson interval, within 0 to 1. ``trials`` is at least 1.

    Raises ``ValueError`` for counts that are none.
    """
    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"expected 0 <= successes <= trials and a trial, got {successes} of {trials}")
    with localcontext() as context:
        context.prec = _PRECISION
        z, n = deviate(confidence), Decimal(trials)
        share = Decimal(successes) / n
        square = z * z
        centre = share + square / (2 * n)
        reach = z * (share * (1 - share) / n + square / (4 * n * n)).sqrt()
        scale = 1 + square / n
        low, high = (centre - reach) / scale, (centre + reach) / scale
    return (Decimal(0) if successes == 0 else low), (Decimal(1) if successes == trials else high)
