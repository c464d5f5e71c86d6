"""A stored report that was edited or contradicts itself is refused, also where its digests were recomputed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gatecourt.cli import main
from gatecourt.court.renderers.report import mark_begun, report_digest
from gatecourt.court.renderers.stored import UnusableReport, decide
from gatecourt.formats.digests import digest_json
from tests.court.test_reports import CLEAN, GUILTY, NOW, store

Edit = Callable[[dict[str, Any]], object]


def edited(path: Path, edit: Edit, *, recomputed: bool = True) -> Path:
    report = copy.deepcopy(json.loads(path.read_bytes()))
    edit(report)
    if recomputed:
        report["judgement_sha256"] = digest_json(report["judgement"])
        report["report_sha256"] = report_digest(report)
    path.write_text(json.dumps(report))
    return path


def gate(report: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = report["judgement"]["targets"][0]["gates"][0]
    return found


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda r: r["judgement"].update(verdict="PASS"), "the verdict is PASS, the gates say FAIL"),
        (lambda r: r["judgement"].update(go=True), "go is true at verdict FAIL"),
        (lambda r: r["judgement"].update(verdict="PASS", go=True), "the verdict is PASS, the gates say FAIL"),
        (lambda r: r["judgement"].update(targets=[]), "it names no target"),
        (lambda r: r["judgement"]["targets"][0]["roll"].append("zeta"), "the gates of town are not those of its roll"),
        (lambda r: r["judgement"]["targets"][0].update(gates=[]), "the gates of town are not those of its roll"),
        (lambda r: gate(r).update(verdict="PASS"), "gate alpha is PASS, its checks say FAIL"),
        (lambda r: gate(r).update(evidence=None), "gate alpha has no evidence"),
        (lambda r: gate(r)["checks"][0].update(verdict="PASS", judgement_sha256=None), "gate alpha is FAIL"),
        (lambda r: gate(r).update(checks=[]), "gate alpha is FAIL, its checks say NOT_RUN"),
        (lambda r: r["judgement"].update(gates_heard=7), "the numbers of gates do not add up"),
        (lambda r: r["judgement"].update(scope="partial", gates_on_roll=9), "the numbers of gates do not add up"),
    ],
)
def test_a_report_that_contradicts_itself_is_refused(tmp_path: Path, edit: Edit, reason: str) -> None:
    path = edited(store(tmp_path, GUILTY), edit)
    with pytest.raises(UnusableReport, match=f"contradicts itself: {reason}"):
        decide(path, None, None, NOW)
    assert main(["verdict", str(path)]) == 4


@pytest.mark.parametrize(
    "edit",
    [
        lambda r: r["observations"].update(writtenAt="2099-01-01T00:00:00+00:00"),
        lambda r: r["observations"].update(commits={"town": "f" * 40}),
        lambda r: r["observations"].update(session="another"),
        lambda r: r.pop("report_sha256"),
        lambda r: r["judgement"].update(go=False),
    ],
)
def test_what_is_edited_by_hand_is_refused(tmp_path: Path, edit: Edit) -> None:
    path = edited(store(tmp_path, CLEAN), edit, recomputed=False)
    with pytest.raises(UnusableReport, match=r"were changed after it was written|does not have the digest"):
        decide(path, None, None, NOW)


ELSEWHERE = ["../evidence/town/alpha.json", "/etc/passwd", "evidence/town/../town/alpha.json", "x"]


@pytest.mark.parametrize("name", ELSEWHERE)
def test_evidence_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    path = edited(store(tmp_path, CLEAN), lambda r: gate(r).update(evidence=name))
    with pytest.raises(UnusableReport, match=r"expected evidence/town/alpha\.json"):
        decide(path, None, None, NOW)


def test_evidence_behind_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    path = store(tmp_path / "reports", CLEAN)
    elsewhere = tmp_path / "alpha.json"
    (tmp_path / "reports/evidence/town/alpha.json").rename(elsewhere)
    (tmp_path / "reports/evidence/town/alpha.json").symlink_to(elsewhere)
    with pytest.raises(UnusableReport, match="found a link out of it"):
        decide(path, None, None, NOW)


def test_a_pass_over_evidence_that_failed_is_refused(tmp_path: Path) -> None:
    def whitewash(report: dict[str, Any]) -> None:
        gate(report)["checks"][0].update(verdict="PASS")
        gate(report).update(verdict="PASS")
        report["judgement"].update(verdict="PASS", go=True)

    with pytest.raises(UnusableReport, match=r"alpha\.one is FAIL in the evidence and PASS in the report"):
        decide(edited(store(tmp_path, GUILTY), whitewash), None, None, NOW)


def test_the_line_names_the_first_check_that_stops_and_its_next_step(tmp_path: Path) -> None:
    assert decide(store(tmp_path, GUILTY), None, None, NOW) == (
        1,
        "STOP: FAIL town alpha.one. Next: Fix report.json#/a. (runbook.md#alpha)",
    )


def test_a_superseded_report_is_refused_unless_named(tmp_path: Path) -> None:
    path = store(tmp_path, CLEAN, supersededBy="newer")
    assert decide(path, None, None, NOW)[0] == 5
    assert decide(path, None, None, NOW, allow_superseded=True) == (0, "GO: PASS, 2 of 2 gates judged")


def test_an_older_report_says_only_that_a_session_began(tmp_path: Path) -> None:
    path = store(tmp_path, CLEAN)
    mark_begun(tmp_path, "a session began", "s2", keep_full=False)
    assert decide(path, None, None, NOW) == (3, "STOP: ERROR, no gate was judged: a session began")


def test_a_foreign_report_is_not_marked(tmp_path: Path) -> None:
    path = tmp_path / "court_report.json"
    path.write_text('{"verdict": "PASS"}')
    mark_begun(tmp_path, "a session began", "s2")
    assert path.read_text() == '{"verdict": "PASS"}'


@pytest.mark.parametrize("text", ["\x1b[2J", "a\nGO: PASS", "::set-output name=x::y\n", "##[error]x\r"])
def test_what_the_report_says_cannot_act_on_a_terminal(tmp_path: Path, text: str) -> None:
    _, line = decide(store(tmp_path, CLEAN, problems=[text]), None, None, NOW)
    assert line.isprintable()
    assert not line.startswith(("::", "##["))
