from __future__ import annotations

import pytest

from gatecourt.rules.determinism.section import DeterminismSection, Mask, Tolerance
from gatecourt.system.manifest.binding import bind


def test_every_output_is_compared_by_default():
    section = DeterminismSection()
    assert section.outputs == ("**",)
    assert section.mask == ()


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        ({"pattern": None}, "needs a pattern"),
        ({"type": "integer"}, "needs a pattern"),
        ({"pattern": ".*"}, "empty string"),
    ],
)
def test_a_mask_that_says_too_little_is_refused(keys, word):
    good = {"files": "*.json", "path": "/run_id", "type": "string", "pattern": "[0-9a-f]{16}", "reason": "random"}
    Mask(**good)
    with pytest.raises(ValueError, match=word):
        Mask(**{**good, **keys})


def test_a_tolerance_needs_a_bound():
    with pytest.raises(ValueError, match="tolerance"):
        Tolerance("*.json", "/x")


def test_all_problems_of_a_section_are_reported_with_their_keys():
    table = {
        "outputs": [],
        "mask": [
            {"files": "/a.json", "path": "run_id", "type": "string", "pattern": "[", "reason": " "},
            {"files": "a.json", "path": "", "type": "integer", "reason": "it differs"},
        ],
        "tolerance": [
            {"files": "../a.json", "path": "/x", "absolute": "-1"},
            {"files": "a.json", "path": "/x", "relative": "100%"},
            {"files": "a.json", "path": "/x", "relative": "NaN"},
            {"files": "a.json", "path": "/x", "absolute": "0", "relative": "99%"},
        ],
        "entropy": {"runtimes": []},
        "source": {"all": {"files": []}},
    }
    _, problems = bind(DeterminismSection, table, "determinism")
    assert sorted(str(problem).split(":")[0].removeprefix("determinism.") for problem in problems) == [
        "entropy.runtimes",
        "mask[0].files",
        "mask[0].path",
        "mask[0].pattern",
        "mask[0].reason",
        "mask[1].path",
        "outputs",
        "source.all.files",
        "tolerance[0].absolute",
        "tolerance[0].files",
        "tolerance[1].relative",
        "tolerance[2].relative",
    ]
