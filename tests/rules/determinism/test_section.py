from __future__ import annotations

from decimal import Decimal

import pytest

from gatecourt.rules.determinism.section import DeterminismSection, Mask, Tolerance


def test_every_output_is_compared_by_default():
    section = DeterminismSection()
    assert section.outputs == ("**",)
    assert section.mask == ()


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        ({"path": "run_id"}, "begins with"),
        ({"path": ""}, "not the document itself"),
        ({"pattern": None}, "needs a pattern"),
        ({"type": "integer"}, "needs a pattern"),
        ({"pattern": "["}, "no regular expression"),
        ({"pattern": ".*"}, "empty string"),
        ({"reason": " "}, "reason"),
    ],
)
def test_a_mask_that_says_too_little_is_refused(keys, word):
    good = {"files": "*.json", "path": "/run_id", "type": "string", "pattern": "[0-9a-f]{16}", "reason": "random"}
    Mask(**good)
    with pytest.raises(ValueError, match=word):
        Mask(**{**good, **keys})


@pytest.mark.parametrize("bounds", [{}, {"absolute": Decimal(-1)}, {"relative": Decimal("NaN")}])
def test_a_tolerance_needs_a_bound(bounds):
    with pytest.raises(ValueError, match="tolerance"):
        Tolerance("*.json", "/x", **bounds)


def test_no_outputs_is_no_section():
    with pytest.raises(ValueError, match="at least one"):
        DeterminismSection(outputs=())
