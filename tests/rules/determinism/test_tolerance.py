from __future__ import annotations

import math
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.rules.determinism.rules import within

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def test_the_bound_itself_passes_exactly():
    assert within(0.3, 0.2, absolute=Decimal("0.1"))
    assert not within(0.3, 0.2, absolute=Decimal("0.0999999999999999999999999999999"))
    assert within(100, 85, relative=Decimal("0.15"))
    assert not within(100, 84, relative=Decimal("0.15"))


def test_either_bound_is_enough():
    assert within(1e-12, 0.0, absolute=Decimal("1e-9"), relative=Decimal("0.01"))
    assert within(1000.0, 1001.0, absolute=Decimal("1e-9"), relative=Decimal("0.01"))
    assert not within(1.0, 2.0, absolute=Decimal("1e-9"), relative=Decimal("0.01"))


def test_large_integers_are_not_rounded():
    assert not within(10**400, 10**400 + 1, absolute=Decimal("0.5"))
    assert within(10**4000, 10**4000 + 1, absolute=Decimal(1))
    assert within(1e308, 1.0, absolute=Decimal(10**308 - 1))
    assert not within(1e308, 1.0, absolute=Decimal(10**308 - 2))


def test_what_is_not_finite_never_passes():
    for bad in (math.nan, math.inf, -math.inf, Decimal("NaN"), Decimal("Infinity")):
        assert not within(bad, bad, absolute=Decimal("1e400"), relative=Decimal(10))
        assert not within(1.0, bad, absolute=Decimal("1e400"))


@settings(max_examples=80, deadline=None)
@given(FINITE, FINITE)
def test_order_does_not_matter_and_the_true_distance_is_the_bound(left, right):
    distance = abs(Decimal(repr(left)) - Decimal(repr(right)))
    for bound in (Decimal("1e-9"), Decimal("1e-3"), Decimal(1)):
        assert within(left, right, absolute=bound) == within(right, left, absolute=bound)
    assert within(left, left, absolute=Decimal(0))
    assert distance >= 0
