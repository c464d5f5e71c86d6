"""The roll and what does not apply to a system: gates and parts of gates, held against the registered gates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gatecourt.core.errors import ManifestError
from gatecourt.core.gatespec import GateSpec
from gatecourt.system.declared_checks import check_ids, part_names
from gatecourt.system.manifest.loading import Manifest, load

MODULE = """
def test_all(target, findings): ...
def test_last(target, findings): ...
def test_rows(target, findings, table): ...
def test_helper(tmp_path): ...
"""


@dataclass(frozen=True)
class TinySection:
    tables: tuple[str, ...] = ("a", "b")
    last: bool = False
    own: str = ""


@pytest.fixture
def gates(tmp_path: Path) -> dict[str, GateSpec]:
    """Two gates: ``tiny`` with parts of its own, and ``other``, each with the same three checks."""
    module = tmp_path / "test_tiny.py"
    module.write_text(MODULE)
    tiny = GateSpec(
        marker="tiny",
        summary="",
        module=module,
        section=TinySection,
        keys={"tiny": TinySection},
        required=(),
        reasons=(),
        parameters={"table": lambda section: section.tables},
        parts={"first": ("rows[a]",), "both": ("all", "rows")},
        optional=lambda section: {"last": section.last, "first": "a" in section.tables},
    )
    other = GateSpec("other", "", module, TinySection, {"other": TinySection}, (), ())
    return {"tiny": tiny, "other": other}


def loaded(tmp_path: Path, gates: dict[str, GateSpec], text: str) -> Manifest:
    path = tmp_path / "gates.toml"
    path.write_text(f'[target]\nname = "sys"\n{text}')
    return load(path, gates)


def problems(tmp_path: Path, gates: dict[str, GateSpec], text: str) -> list[str]:
    with pytest.raises(ManifestError) as raised:
        loaded(tmp_path, gates, text)
    return raised.value.problems


def test_the_parts_of_a_gate_are_its_checks_and_what_it_names_itself(gates: dict[str, GateSpec]) -> None:
    assert part_names(gates["tiny"]) == ["all", "both", "first", "last", "rows"]
    assert part_names(gates["other"]) == ["all", "last", "rows"]


def test_checks_of_parts_that_do_not_apply_are_left_out_with_the_reason(
    tmp_path: Path, gates: dict[str, GateSpec]
) -> None:
    manifest = loaded(
        tmp_path,
        gates,
        '[court]\nroll = ["tiny", "other"]\n[court.not_applicable.tiny]\nlast = "no end"\n'
        '[court.not_applicable.other]\nrows = "no rows"\nall = "nothing"\n[tiny]\ntables = ["a", "b"]\n[other]\n',
    )
    tiny, other = gates["tiny"], gates["other"]
    assert manifest.not_applicable(tiny) == {"last": "no end"}
    assert manifest.not_applicable(other) == {"rows": "no rows", "all": "nothing"}
    section = manifest.section(tiny)
    assert list(check_ids(tiny, section, not_applicable=manifest.not_applicable(tiny))) == [
        "tiny.all",
        "tiny.rows[a]",
        "tiny.rows[b]",
    ]


def test_a_part_may_stand_for_several_checks_and_for_one_parameter(tmp_path: Path, gates: dict[str, GateSpec]) -> None:
    text = (
        '[court]\nroll = ["tiny"]\n[court.not_applicable.tiny]\nfirst = "x"\nlast = "y"\n[tiny]\ntables = ["b", "c"]\n'
    )
    manifest = loaded(tmp_path, gates, text)
    assert manifest.not_applicable(gates["tiny"]) == {"rows[a]": "x", "last": "y"}
    ids = check_ids(gates["tiny"], TinySection(("a", "b")), not_applicable={"rows[a]": "x", "last": "y"})
    assert list(ids) == ["tiny.all", "tiny.rows[b]"]
    text = text.replace("first", "both").replace('tables = ["b", "c"]', "")
    assert loaded(tmp_path, gates, text).not_applicable(gates["tiny"]) == {"all": "x", "rows": "x", "last": "y"}


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            'roll = ["tiny", "othr", "tiny", "nothing"]\n[tiny]\nlast = true',
            [
                "court.roll[1]: no gate is called 'othr'; did you mean \"other\"?",
                "court.roll[2]: gate 'tiny' is on the roll already; name it once",
                "court.roll[3]: no gate is called 'nothing'; the gates are other, tiny",
            ],
        ),
        (
            'roll = ["tiny"]\nnot_applicable = {tniy = "x", tiny = "y", other = "z"}\n[tiny]\nlast = true',
            [
                "court.not_applicable: no gate is called 'tniy'; did you mean \"tiny\"?",
                "court.not_applicable.tiny: the gate is on the roll as well; remove it from one of the two",
            ],
        ),
        (
            'roll = ["tiny"]\nnot_applicable.other = {last = "x"}\n[tiny]\nlast = true',
            [
                "court.not_applicable.other: parts are given for a gate that is not on court.roll; "
                "add the gate, or give one reason for all of it"
            ],
        ),
        (
            'roll = ["tiny"]\nnot_applicable.tiny = {lsat = "x", helper = "y", first = "z"}\n[tiny]\n',
            [
                "court.not_applicable.tiny: gate 'tiny' has no part called 'lsat'; did you mean \"last\"?",
                "court.not_applicable.tiny: gate 'tiny' has no part called 'helper'; "
                "the parts are all, both, first, last, rows",
                "tiny.last: this part is missing; declare it, or give a reason in [court.not_applicable.tiny]",
                "court.not_applicable.tiny.first: the section declares this part as well; remove one of the two",
            ],
        ),
        (
            'roll = ["tiny"]\n[court.not_applicable]\nother = " "\ntiny = {last = "", first = "z"}\n[tiny]\n',
            [
                'court.not_applicable.other: expected a text that is not blank or a table, found a string (" ")',
                'court.not_applicable.tiny.last: expected a text that is not blank, found ""',
            ],
        ),
        (
            'roll = ["tiny"]\n[court.not_applicable]\ntiny = {}\nother = 1\n[tiny]\nlast = true',
            [
                "court.not_applicable.tiny: expected a text that is not blank or a table, found a table",
                "court.not_applicable.other: expected a text that is not blank or a table, found an integer (1)",
            ],
        ),
        (
            "roll = []\n[tiny]\n[other]",
            [
                "tiny: the section belongs to gate 'tiny', which is not on court.roll; "
                "add the gate or remove the section",
                "other: the section belongs to gate 'other', which is not on court.roll; "
                "add the gate or remove the section",
            ],
        ),
    ],
)
def test_problems_of_the_roll_are_reported_together(
    tmp_path: Path, gates: dict[str, GateSpec], text: str, sentences: list[str]
) -> None:
    assert problems(tmp_path, gates, f"[court]\n{text}") == sentences


def test_every_problem_of_a_manifest_is_reported_at_once(tmp_path: Path, gates: dict[str, GateSpec]) -> None:
    path = tmp_path / "gates.toml"
    path.write_text(
        '[target]\nname = "A-B"\nartefacts = ["../x", "{run}/y"]\nmax_age = "0s"\njudged = ""\n'
        '[court]\nroll = ["tiny"]\n[tiny]\ntables = 1\n[runbook]\ntiny = "none.md"\n'
    )
    with pytest.raises(ManifestError) as raised:
        load(path, gates)
    assert raised.value.problems == [
        'target.name: expected lower-case letters, digits and underscores, found "A-B"',
        "target.artefacts[0]: expected a pattern of files below the root, without '..' and without a leading '/', "
        'found "../x"',
        'target.judged: expected a text that is not blank, found ""',
        'target.max_age: expected more than 0, found "0s"',
        "tiny.tables: expected an array, found an integer (1)",
        f"runbook.tiny: expected a file below {tmp_path.name}/, found none called 'none.md'",
    ]


def test_a_run_in_an_artefact_pattern_needs_the_run_that_is_judged(tmp_path: Path, gates: dict[str, GateSpec]) -> None:
    text: Any = 'artefacts = ["a", "{run}/b"]\n[court]\nroll = []\n'
    assert problems(tmp_path, gates, text) == [
        'target.judged: an artefact pattern holds {run}; say which run is judged, such as "latest"'
    ]
