"""Affordances: what agents may do with which objects is written as agreed, in words that the town knows.

Why it matters: a manifest that was edited in haste is read by a town that runs for days. A misspelt hook never fires, a
condition on a name that nothing sets is never met, a duration of 0 makes an agent do a thing for ever, and nobody can
say which manifest it was when its checksum is printed but never compared.

Needs: ``[affordances]`` with the patterns of the manifests, their JSON Schema and expected digests, the words that they
may use, and the ranges of their numbers; under ``echo`` where a running system says which manifests it loaded.
Evidence: the digests of manifests and schema, words, ranges and counts. Runbook: townlet "Affordance manifests".
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.affordances.echo import judge_echo
from gatecourt.rules.affordances.numbers import judge_numbers
from gatecourt.rules.affordances.section import AffordancesSection
from gatecourt.rules.affordances.validity import judge_digests, judge_ids, judge_validity
from gatecourt.rules.affordances.vocabulary import judge_preconditions, judge_references

pytestmark = pytest.mark.affordances


def test_digests(target: Target, findings: Findings) -> None:
    """Every manifest has its expected digest, every expected one is there, and no other."""
    judge_digests(target.section(AffordancesSection), target.root).tell(findings)


def test_valid(target: Target, findings: Findings) -> None:
    """Every manifest is plain YAML that its schema allows, without a key that nobody knows."""
    judge_validity(target.section(AffordancesSection), target.root).tell(findings)


def test_ids(target: Target, findings: Findings) -> None:
    """Every id stands once among all manifests."""
    judge_ids(target.section(AffordancesSection), target.root).tell(findings)


def test_preconditions(target: Target, findings: Findings) -> None:
    """Every precondition is a plain condition on names that the town sets."""
    judge_preconditions(target.section(AffordancesSection), target.root).tell(findings)


def test_references(target: Target, findings: Findings) -> None:
    """Every hook, need and type of object is known."""
    judge_references(target.section(AffordancesSection), target.root).tell(findings)


def test_numbers(target: Target, findings: Findings) -> None:
    """Durations, effects, stocks and positions are finite numbers within their ranges."""
    judge_numbers(target.section(AffordancesSection), target.root).tell(findings)


def test_echo(target: Target, findings: Findings, affordance_echo: str) -> None:
    """The running system loaded these manifests, and counted what is in them."""
    section = target.section(AffordancesSection)
    of = section.echo[affordance_echo].of
    run = target.artefacts() if of == "run" else target.command(of)
    judge_echo(section, affordance_echo, run, target.root).tell(findings)
