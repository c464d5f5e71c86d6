"""JSON Schema, strictly: the schemas are judged first, then every artefact, then the thresholds that it declares."""

from gatecourt.schemas.judgement import judge_schemas, judge_thresholds, judge_validity
from gatecourt.schemas.section import SchemaRule, SchemasSection, rule_names, threshold_names

__all__ = [
    "SchemaRule",
    "SchemasSection",
    "judge_schemas",
    "judge_thresholds",
    "judge_validity",
    "rule_names",
    "threshold_names",
]
