"""Affordances: object definitions are plain YAML, pinned by digest, and use known names only.

Why it matters: a manifest edited in haste is loaded by a system that runs for days. A misspelt hook never fires, a
condition on an unknown name is never met, a duration of 0 makes an agent repeat an action for ever, and a checksum that
is printed but never compared does not show which manifest was loaded.

Needs: ``[affordances]`` with the patterns of the manifests, their JSON Schema and pinned digests, the names that they
may use, and the ranges of their numbers; under ``echo`` where a running system reports which manifests it loaded.

Evidence: the digests of manifests and schema, names, ranges and counts.

Runbook: townlet "Affordance manifests".
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
    """Every manifest has its pinned digest, every pinned manifest exists, and there is no other."""
    findings.record(judge_digests(target.section(AffordancesSection), target.root))


def test_valid(target: Target, findings: Findings) -> None:
    """Every manifest is plain YAML that matches its schema, without unknown keys."""
    findings.record(judge_validity(target.section(AffordancesSection), target.root))


def test_ids(target: Target, findings: Findings) -> None:
    """Every id is unique across all manifests."""
    findings.record(judge_ids(target.section(AffordancesSection), target.root))


def test_preconditions(target: Target, findings: Findings) -> None:
    """Every precondition is a plain condition on declared names."""
    findings.record(judge_preconditions(target.section(AffordancesSection), target.root))


def test_references(target: Target, findings: Findings) -> None:
    """Every hook, need and object type is known."""
    findings.record(judge_references(target.section(AffordancesSection), target.root))


def test_numbers(target: Target, findings: Findings) -> None:
    """Durations, effects, stocks and positions are finite numbers within their ranges."""
    findings.record(judge_numbers(target.section(AffordancesSection), target.root))


def test_echo(target: Target, findings: Findings, affordance_echo: str) -> None:
    """The running system loaded these manifests, with the same number of entries."""
    section = target.section(AffordancesSection)
    of = section.echo[affordance_echo].of
    run = target.artefacts() if of == "run" else target.command(of)
    findings.record(judge_echo(section, affordance_echo, run, target.root))
