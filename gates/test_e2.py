"""Schema e2: every artefact matches its JSON Schema and the thresholds that it declares itself.

Why it matters: a report that is not read strictly can lose a field, turn a NaN into null or print a threshold that it
breaks, and every later check builds on it. A schema that is not valid itself refuses nothing.

Needs: ``[schemas.NAME]``, one table for each kind of artefact. Evidence: the digests of schemas and artefacts, each
violation with its JSON pointer. Runbook: treasure "Check Gates" (verify:e2).
"""

from __future__ import annotations

import pytest

from gatecourt.core.model import Run
from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.e2.checks import judge_schemas, judge_thresholds, judge_validity
from gatecourt.rules.e2.section import SchemaRule, SchemasSection

pytestmark = pytest.mark.e2


def test_schemas_valid(target: Target, findings: Findings) -> None:
    """Each schema declares its draft and is valid under the meta-schema of that draft."""
    findings.record(judge_schemas(target.section(SchemasSection), target.root))


def test_validates(target: Target, findings: Findings, schema_rule: str) -> None:
    """Every artefact of the rule is strict JSON and valid under its schema, formats asserted."""
    rule = target.section(SchemasSection).schemas[schema_rule]
    findings.record(judge_validity(rule, _artefacts(target, rule), target.root))


def test_thresholds(target: Target, findings: Findings, threshold_rule: str) -> None:
    """Every artefact of the rule keeps the thresholds that it declares itself."""
    rule = target.section(SchemasSection).schemas[threshold_rule]
    findings.record(judge_thresholds(rule, _artefacts(target, rule), target.root))


def _artefacts(target: Target, rule: SchemaRule) -> Run:
    # Files of the target's own tree can be judged even where the system does not run.
    return target.artefacts() if rule.origin == "artefacts" else Run(target.root, {})
