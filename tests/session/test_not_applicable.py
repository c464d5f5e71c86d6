"""Parts that do not apply: not collected, listed with their reasons, never counted as passed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.session.test_plugin import MANIFEST, importable, judge, report, tiny, verdicts

__all__ = ["importable", "tiny"]


def judged(pytester: pytest.Pytester, tiny: Path, table: str, *arguments: str) -> pytest.RunResult:
    (tiny / "gates.toml").write_text(MANIFEST + table)
    return judge(pytester, *arguments)


def checks(gate: str, target: dict[str, Any]) -> list[str]:
    return [check["check"] for each in target["gates"] if each["gate"] == gate for check in each["checks"]]


def test_a_part_is_listed_with_its_reason_and_the_others_are_judged_as_before(
    pytester: pytest.Pytester, tiny: Path
) -> None:
    judge(pytester)
    before = {path.name: json.loads(path.read_bytes()) for path in evidence(pytester)}
    table = '[court.not_applicable.determinism]\nseed = "one seed"\n[court.not_applicable]\nbc = "no cloning"\n'
    result = judged(pytester, tiny, table)
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "GO: 3 of 3 gates judged, all PASS, 1 gate and 1 part not applicable",
            "  NA       tiny               bc               no cloning",
            "  NA       tiny               determinism.seed one seed",
        ]
    )
    target = report(pytester)["targets"][0]
    assert target["not_applicable"] == {"bc": "no cloning", "determinism.seed": "one seed"}
    assert "determinism.seed" not in checks("determinism", target)
    assert report(pytester)["scope"] == "full"
    for path in evidence(pytester):
        for check in json.loads(path.read_bytes())["checks"]:
            assert check in before[path.name]["checks"]


def evidence(pytester: pytest.Pytester) -> list[Path]:
    return sorted((pytester.path / ".gatecourt/evidence/tiny").iterdir())


def test_a_gate_of_which_no_part_applies_is_not_applicable(pytester: pytest.Pytester, tiny: Path) -> None:
    result = judged(pytester, tiny, '[court.not_applicable.config_drift]\npins = "nothing pinned"\n')
    assert result.ret == 0
    assert verdicts(pytester) == {"determinism": "PASS", "e2": "PASS"}
    result.stdout.fnmatch_lines(["GO: 2 of 2 gates judged, all PASS, 1 gate and 1 part not applicable"])
    assert report(pytester)["targets"][0]["not_applicable"] == {
        "config_drift": "nothing pinned",
        "config_drift.pins": "nothing pinned",
    }


def test_an_unknown_part_is_a_problem_of_the_manifest(pytester: pytest.Pytester, tiny: Path) -> None:
    result = judged(pytester, tiny, '[court.not_applicable.determinism]\nsede = "x"\n')
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "has no part called 'sede'; did you mean \"seed\"?" in result.stderr.str()


def test_nothing_judged_at_all_is_an_error(pytester: pytest.Pytester, tiny: Path) -> None:
    manifest = MANIFEST.replace('roll = ["config_drift", "determinism", "e2"]', 'roll = ["config_drift"]')
    head, pins = manifest.partition("[determinism]")[0], manifest.partition("[[pins.values]]")[2]
    (tiny / "gates.toml").write_text(f'{head}[[pins.values]]{pins}[court.not_applicable.config_drift]\npins = "none"\n')
    result = judge(pytester)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert (report(pytester)["verdict"], report(pytester)["go"]) == ("ERROR", False)
    result.stdout.fnmatch_lines(["STOP: ERROR the roll is empty.*"])
