"""The checks of schemas, artefacts and declared thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.formats import pointer
from gatecourt.formats.files import Source, gather
from gatecourt.formats.finding_groups import bounded
from gatecourt.formats.json_schema import compile_schema
from gatecourt.formats.json_schema_wording import demand, is_undecided, observed_value, ordered
from gatecourt.formats.jsonl import records
from gatecourt.formats.strictjson import read
from gatecourt.rules.e2.section import SchemaRule, SchemasSection
from gatecourt.rules.e2.thresholds import thresholds

if TYPE_CHECKING:
    from jsonschema_rs import Validator

_MOST = 100
_MOST_A_FILE = 20


def judge_schemas(section: SchemasSection, root: Path) -> Judgement:
    """Every schema of the section against the meta-schema of its draft, with the documents that it refers to."""
    subjects: dict[str, Subject] = {}
    findings: dict[Finding, None] = {}
    for _, rule in sorted(section.schemas.items()):
        compiled = compile_schema(root, rule.schema, rule.annotations)
        subjects |= {subject.name: subject for subject in compiled.subjects}
        findings |= dict.fromkeys(compiled.findings)
    return Judgement(tuple(subjects[name] for name in sorted(subjects)), tuple(findings))


def judge_validity(rule: SchemaRule, run: Run, root: Path) -> Judgement:
    """Every artefact of the rule, read strictly, against its schema. With a broken schema no file is judged."""
    compiled = compile_schema(root, rule.schema, rule.annotations)
    sources, findings = _sources(rule, run, root)
    if compiled.validator is None:
        findings += compiled.findings
    else:
        validator = compiled.validator
        findings += bounded(
            (finding for source in sources for finding in bounded(_violations(source, rule, validator), _MOST_A_FILE)),
            _MOST,
        )
    subjects = (*compiled.subjects, *(source.subject for source in sources))
    return Judgement(subjects, tuple(findings), {"files": len(sources), "schema": rule.schema})


def judge_thresholds(rule: SchemaRule, run: Run, root: Path) -> Judgement:
    """Every artefact of the rule against the thresholds that it declares itself."""
    sources, findings = _sources(rule, run, root)
    for source in sources:
        for place, document in _documents(source, rule):
            findings += [document] if isinstance(document, Finding) else thresholds(document, place, rule)
    parameters: dict[str, Json] = {
        "at_most": dict(rule.at_most),
        "at_least": dict(rule.at_least),
        "equals": dict(rule.equals),
    }
    return Judgement(tuple(source.subject for source in sources), tuple(bounded(findings, _MOST)), parameters)


def _sources(rule: SchemaRule, run: Run, root: Path) -> tuple[tuple[Source, ...], list[Finding]]:
    try:
        sources = gather(rule.files, rule.origin, run, root)
    except Judged as judged:
        return (), [judged.finding]
    where = ", ".join(rule.files)
    wanted = "at least one file" if rule.count is None else f"{rule.count} files"
    if not sources:
        return sources, [Finding(where, wanted, "no file", "e2.no_artefact")]
    if rule.count is not None and len(sources) != rule.count:
        return sources, [Finding(where, wanted, f"{len(sources)} files", "e2.count")]
    return sources, []


def _documents(source: Source, rule: SchemaRule) -> Iterator[tuple[str, Json | Finding]]:
    """Each document of the file with its place; where one cannot be read, the finding that says why."""
    if rule.is_jsonl(source.name):
        yield from _lines(source)
        return
    try:
        yield source.name, read(source.path, source.name)
    except Judged as judged:
        yield source.name, judged.finding


def _lines(source: Source) -> Iterator[tuple[str, Json | Finding]]:
    empty = True
    for record in records(source.path, source.name):
        empty = False
        if isinstance(record, Finding):
            yield record.where, record
        else:
            yield f"{source.name}:{record.line}", record.value
    if empty:
        yield source.name, Finding(source.name, "at least one record", "an empty file", "e2.no_record")


def _violations(source: Source, rule: SchemaRule, validator: Validator) -> Iterator[Finding]:
    for place, document in _documents(source, rule):
        if isinstance(document, Finding):
            yield document
        else:
            yield from _against(validator, document, place)


def _against(validator: Validator, document: Json, place: str) -> Iterator[Finding]:
    try:
        errors = [] if validator.is_valid(document) else ordered(validator.iter_errors(document))
    except UnicodeEncodeError:
        yield Finding(
            place, "text without unpaired surrogates", "an unpaired UTF-16 surrogate", "e2.unpaired_surrogate"
        )
    except ValueError as refusal:  # the validator allows less nesting than the reader
        yield Finding(place, "a nesting that a validator can follow", str(refusal), "json.depth")
    else:
        for error in errors:
            where = f"{place}#{pointer.join(error.instance_path)}" if error.instance_path else place
            rule = "e2.pattern_limit" if is_undecided(error) else "e2.schema_violation"
            yield Finding(where, demand(error), observed_value(error), rule)
