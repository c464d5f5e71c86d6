"""The third run and the blame: which kind of divergence it is, and what causes it."""

from __future__ import annotations

import pytest

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Run
from gatecourt.formats.files import subject
from gatecourt.rules.determinism.doublerun import double_run
from gatecourt.rules.determinism.section import ALWAYS_PERTURBED, DeterminismSection


class System:
    """Writes what ``content`` makes of the perturbations and the ordinal of the run."""

    def __init__(self, folder, content):
        self.folder, self.content, self.asked = folder, content, []

    def __call__(self, names=()):
        self.asked.append(tuple(names))
        root = self.folder / f"run{len(self.asked)}"
        root.mkdir()
        (root / "out.txt").write_text(self.content(set(names), len(self.asked)))
        return Run(root, {"out.txt": subject(root / "out.txt", "out.txt")})


def heard(tmp_path, content, **keys):
    system = System(tmp_path, content)
    return double_run(system(), system, DeterminismSection(**keys)), system.asked[1:]


def test_equal_runs_need_no_third(tmp_path):
    result, asked = heard(tmp_path, lambda names, ordinal: "same")
    assert result.findings == ()
    assert result.comparison.diff_text() == ""
    assert asked == [ALWAYS_PERTURBED]


def test_a_true_divergence_shows_in_a_plain_run(tmp_path):
    result, asked = heard(tmp_path, lambda names, ordinal: f"run {ordinal}")
    assert [(item.where, item.expected, item.observed, item.rule) for item in result.findings] == [
        ("out.txt:1", "run 1, as in the first run", "run 3 (bytes, column 5)", "determinism.divergence")
    ]
    assert asked == [ALWAYS_PERTURBED, ()]
    assert "run 3" in result.comparison.diff_text()


@pytest.mark.parametrize("cause", [("time_zone",), ("hash_seed", "umask"), ("start_time",)])
def test_the_cause_in_the_surroundings_is_named(tmp_path, cause):
    def content(names, ordinal):
        return "other" if set(cause) <= names else "plain"

    result, _ = heard(tmp_path, content, perturb=("umask",))
    assert result.perturbed == (*ALWAYS_PERTURBED, "umask")
    assert result.causes == cause
    assert [item.rule for item in result.findings] == ["determinism.environment"]
    assert result.findings[0].observed.endswith(f"under another {', '.join(cause)}")
    assert result.comparison.diff_text()


def test_a_run_that_breaks_under_a_perturbation_is_a_cause(tmp_path):
    def content(names, ordinal):
        if names == {"cwd"}:
            raise Judged(Finding("run", "exit code 0", "exit code 1", "run.failed"))
        return "other" if "cwd" in names else "plain"

    assert heard(tmp_path, content)[0].causes == ("cwd",)


def test_a_second_run_that_breaks_ends_the_check(tmp_path):
    def content(names, ordinal):
        if names:
            raise Judged(Finding("run", "exit code 0", "exit code 1", "run.failed"))
        return "plain"

    with pytest.raises(Judged):
        heard(tmp_path, content)


def test_a_cause_that_cannot_be_pinned_down_names_all_that_was_tried(tmp_path):
    def content(names, ordinal):
        return "other" if ordinal in (2, 4, 6) else "plain"

    result, _ = heard(tmp_path, content)
    assert result.causes
    assert [item.rule for item in result.findings] == ["determinism.environment"]
