"""A key, table or check of an earlier release is answered with its name of today."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatecourt.core.errors import ManifestError
from gatecourt.rules.registry import pytest_gatecourt_gates
from gatecourt.system.manifest.binding import Problem
from gatecourt.system.manifest.loading import load
from gatecourt.system.manifest.renamed import TABLE, renamed, with_new_name


def test_every_line_of_the_table_is_an_old_and_a_new_text() -> None:
    lines = TABLE.read_text("utf-8").splitlines()
    assert lines
    assert [line for line in lines if len(line.split("\t")) != 2 or not all(line.split("\t"))] == []


def test_old_texts_are_keys_tables_and_checks(tmp_path: Path) -> None:
    table = tmp_path / "renamed.tsv"
    table.write_text(
        "kept =\talso_digest =\n[a.b.\t[a.c.\n[d.e]\t[f.d]\nbc.old\tbc.new\nof = [\tcommands = [\nno tab\n"
    )
    assert renamed(table) == {"kept": "also_digest", "a.b": "a.c", "d.e": "f.d", "bc.old": "bc.new", "of": "commands"}


@pytest.mark.parametrize(
    ("at", "hint"),
    [
        ("guardrails.check.lint.says", '"says" is now "stdout_matches"'),
        ("audit.witnesses", '"audit.witnesses" is now "audit.event_log"'),
        ("events.not_applicable", '"events.not_applicable" is now "court.not_applicable.events"'),
        ("risk.witnesses", "as before"),
    ],
)
def test_an_unknown_key_is_answered_with_its_name_of_today(at: str, hint: str) -> None:
    assert with_new_name(Problem(at, "a known key", '"x"', "as before")).hint == hint
    other = Problem(at, "a string", '"x"', "as before")
    assert with_new_name(other) is other


def test_a_manifest_of_an_earlier_release_says_what_to_write(tmp_path: Path) -> None:
    manifest = tmp_path / "gates.toml"
    manifest.write_text('[target]\nname = "a"\n[court]\nroll = ["events"]\n[events.not_applicable]\norders = "none"\n')
    with pytest.raises(ManifestError) as raised:
        load(manifest, {gate.marker: gate for gate in pytest_gatecourt_gates()})
    assert raised.value.problems[0] == (
        'events.not_applicable: expected a known key, found "not_applicable"; '
        '"events.not_applicable" is now "court.not_applicable.events"'
    )
