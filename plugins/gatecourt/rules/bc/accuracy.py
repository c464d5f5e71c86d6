"""Accuracy, counted from predictions, and what the system says of it.

The share of right predictions decides: below the threshold the stage has failed. But the share of few frames is a
matter of luck, so where the lower bound of its Wilson interval is below the threshold the stage is held: the frames do
not show that the policy is as good as it must be. Frames of one trajectory follow each other and are not independent;
the interval is then rather too narrow than too wide, which is why accuracy is told by sample as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.formats import pointer
from gatecourt.formats.decimals import number, read, words
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import gather
from gatecourt.formats.finding_groups import bounded
from gatecourt.rules.bc.interval import deviate, wilson
from gatecourt.rules.bc.predictions import Measured, Runs, Tally, measure
from gatecourt.rules.bc.section import BcSection, Rehearsals, Stated
from gatecourt.rules.bc.split import SPLITS

_TOLD = 20


def judge_accuracy(section: BcSection, runs: Runs, root: Path) -> Judgement:
    """The accuracy over the evaluation frames against the threshold, chance and the most frequent action.

    Rules: ``bc.accuracy``, ``bc.interval``, ``bc.majority``, ``bc.degenerate_labels``, ``bc.no_predictions``,
    ``bc.not_declared``, those of ``measure``, which also says what is raised.
    """
    if section.predictions is None:
        where, observed = "bc.predictions", "not declared: accuracy is said, not shown"
        return Judgement((), (Finding(where, "where the predictions stand", observed, "bc.not_declared"),))
    measured = measure(section, section.predictions, runs, root)
    tally, where = measured.evaluation, section.predictions.files[0]
    findings = [*bounded(measured.findings, _TOLD), *_judge(section, tally, where)]
    return Judgement(measured.subjects, tuple(findings), _parameters(section, measured))


def _judge(section: BcSection, tally: Tally, where: str) -> Iterator[Finding]:
    if not tally.total:
        yield Finding(where, "predictions of evaluation frames", "none that counts", "bc.no_predictions")
        return
    share, told = Fraction(tally.correct, tally.total), f"{tally.correct} of {tally.total} right"
    threshold = words(section.threshold)
    low, _ = wilson(tally.correct, tally.total, section.confidence)
    if share < Fraction(section.threshold):
        yield Finding(where, f"an accuracy of at least {threshold}", f"{_rounded(share)}, {told}", "bc.accuracy")
    elif low < section.threshold:
        expected = f"an accuracy of at least {threshold}, with {words(section.confidence)} confidence"
        yield Finding(where, expected, f"{_rounded(share)}, {told}, which may be {low:.6f}", "bc.interval")
    action, most = _majority(tally)
    if len(tally.labels) == 1:
        observed = f"all evaluation frames have the action {action}"
        yield Finding(where, "at least two different actions", observed, "bc.degenerate_labels")
    elif tally.correct <= most:
        expected = f"more than {most} right, which always answering {action} gives"
        yield Finding(where, expected, told, "bc.majority")


def _majority(tally: Tally) -> tuple[int, int]:
    """The most frequent action, the smallest of several, and how often it is right."""
    action = min(tally.labels, key=lambda label: (-tally.labels[label], label))
    return action, tally.labels[action]


def _rounded(share: Fraction) -> str:
    return f"{share.numerator / share.denominator:.6f}"


def _parameters(section: BcSection, measured: Measured) -> dict[str, Json]:
    told: dict[str, Json] = {
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
        told["accuracy"] = _rounded(Fraction(tally.correct, tally.total))
        told["wilson"] = [f"{low:.6f}", f"{high:.6f}"]
        told["majority"] = {"action": action, "share": _rounded(Fraction(most, tally.total))}
        told["samples"] = {name: f"{tally.right[name]}/{tally.made[name]}" for name in sorted(tally.made)}
    return told


def judge_stated(section: BcSection, place: str, runs: Runs, root: Path) -> Judgement:
    """What the system says at one place against the accuracy that the predictions give.

    Rules: ``bc.stated_contradicts``, ``bc.threshold_contradicts``, ``bc.other_dataset``, ``bc.stated_value``,
    ``bc.no_predictions``, ``artefact.none``; raises ``Judged`` as ``measure`` does.
    """
    stated = section.stated[place]
    assert section.predictions is not None  # the section asks for both
    measured = measure(section, section.predictions, runs, root)
    tally = measured.evaluation
    if not tally.total:
        where, expected = section.predictions.files[0], "predictions to compare"
        return Judgement(measured.subjects, (Finding(where, expected, "none that counts", "bc.no_predictions"),))
    run = runs(stated.of) if stated.origin == "artefacts" else Run(root, {})
    sources = gather((stated.file,), stated.origin, run, root)
    if not sources:
        raise Judged(Finding(stated.file, "at least one file", "none", "artefact.none"))
    share = Fraction(tally.correct, tally.total)
    findings = [
        finding
        for source in sources
        for finding in _compare(section, stated, read(source.path, source.name), source.name, tally)
    ]
    subjects = (*measured.subjects, *(source.subject for source in sources))
    compared: dict[str, Json] = {"accuracy": _rounded(share), "threshold": words(section.threshold)}
    return Judgement(subjects, tuple(findings), {**compared, "tolerance": words(stated.tolerance)})


def _compare(section: BcSection, stated: Stated, document: Any, name: str, tally: Tally) -> Iterator[Finding]:
    share = Fraction(tally.correct, tally.total)
    if stated.frames is not None and number(value_at(document, stated.frames)) != tally.total:
        expected, observed = f"{tally.total}, as many as count", excerpt(value_at(document, stated.frames))
        yield Finding(f"{name}#{stated.frames}", expected, observed, "bc.stated_contradicts")
    if stated.accuracy is not None:
        where, value = f"{name}#{stated.accuracy}", number_or_fault(document, stated.accuracy, name)
        if isinstance(value, Finding):
            yield value
        elif abs(Fraction(value) - share) > Fraction(stated.tolerance):
            yield Finding(where, f"{_rounded(share)}, as the predictions give", words(value), "bc.stated_contradicts")
    yield from judge_words(section, stated, document, name, share)


def judge_words(
    section: BcSection, told: Stated | Rehearsals, document: Any, name: str, share: Fraction
) -> Iterator[Finding]:
    """The dataset, the threshold and the word of success that ``document`` tells, where the accuracy is ``share``."""
    if told.dataset is not None:
        version = value_at(document, told.dataset)
        if version != section.version:
            yield Finding(f"{name}#{told.dataset}", section.version, excerpt(version), "bc.other_dataset")
    yield from _threshold(section, told.threshold, document, name)
    if told.passed is None:
        return
    where, word = f"{name}#{told.passed}", value_at(document, told.passed)
    enough = share >= Fraction(section.threshold)
    if not isinstance(word, bool):
        yield Finding(where, "true or false", excerpt(word), "bc.stated_value")
    elif word != enough:
        expected = f"{str(enough).lower()}, for the accuracy is {_rounded(share)}"
        yield Finding(where, expected, str(word).lower(), "bc.stated_contradicts")


def _threshold(section: BcSection, at: str | None, document: Any, name: str) -> Iterator[Finding]:
    if at is None:
        return
    value = number_or_fault(document, at, name)
    if isinstance(value, Finding):
        yield value
    elif value != section.threshold:
        expected = f"{words(section.threshold)}, as is declared"
        yield Finding(f"{name}#{at}", expected, words(value), "bc.threshold_contradicts")


def value_at(document: Any, at: str) -> Any:
    """The value at the pointer ``at``; None where there is nothing."""
    return pointer.find(document, at)


def number_or_fault(document: Any, at: str, name: str) -> Decimal | Finding:
    """The share from 0 to 1 at the pointer ``at`` of the document ``name``, or the finding that there is none."""
    where, expected = f"{name}#{at}", "a number from 0 to 1"
    try:
        value = pointer.get(document, at)
    except KeyError:
        return Finding(where, expected, "absent", "bc.stated_value")
    found = number(value)
    if found is None or not 0 <= found <= 1:
        return Finding(where, expected, excerpt(value), "bc.stated_value")
    return found
