"""Quantities: exact values, and refusals that say what was expected and found."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.formats.quantities import (
    PARSERS,
    PATTERNS,
    QuantityError,
    Unit,
    parse_bytes,
    parse_number,
    parse_ratio,
    parse_seconds,
    shown,
)


@pytest.mark.parametrize(
    ("parse", "written", "value"),
    [
        (parse_number, "1e-9", Decimal("1e-9")),
        (parse_number, "-0.5", Decimal("-0.5")),
        (parse_number, 1, Decimal(1)),
        (parse_number, 0.1, Decimal("0.1")),
        (parse_ratio, "15%", Decimal("0.15")),
        (parse_ratio, "0.1 %", Decimal("0.001")),
        (parse_ratio, 0.15, Decimal("0.15")),
        (parse_ratio, "0.15", Decimal("0.15")),
        (parse_ratio, 1, Decimal(1)),
        (parse_bytes, "0 B", 0),
        (parse_bytes, "100 MB", 100_000_000),
        (parse_bytes, "1.5kB", 1500),
        (parse_bytes, "64 KiB", 65536),
        (parse_bytes, "1MiB", 1048576),
        (parse_bytes, "2 GB", 2_000_000_000),
        (parse_bytes, "1 GiB", 1073741824),
        (parse_seconds, "5s", Decimal(5)),
        (parse_seconds, "250ms", Decimal("0.25")),
        (parse_seconds, "2 min", Decimal(120)),
        (parse_seconds, "1h", Decimal(3600)),
        (parse_seconds, "1.5 d", Decimal(129600)),
    ],
)
def test_what_people_write_is_read_exactly(parse: Callable[[object], object], written: object, value: object) -> None:
    assert parse(written) == value


@pytest.mark.parametrize(
    ("parse", "written", "sentence"),
    [
        (parse_number, "abc", 'expected a number such as 0.5 or "1e-9", found "abc"'),
        (parse_number, True, 'expected a number such as 0.5 or "1e-9", found true'),
        (parse_number, "nan", 'expected a number such as 0.5 or "1e-9", found "nan"'),
        (parse_number, float("inf"), 'expected a number such as 0.5 or "1e-9", found inf; it must be finite'),
        (parse_number, "1e9999", 'expected a number such as 0.5 or "1e-9", found "1e9999"'),
        (parse_number, "1\n", 'expected a number such as 0.5 or "1e-9", found "1\\n"'),
        (parse_number, "٣", 'expected a number such as 0.5 or "1e-9", found "٣"'),
        (parse_ratio, "15 percent", 'expected a ratio such as "15%" or 0.15, found "15 percent"'),
        (parse_ratio, False, 'expected a ratio such as "15%" or 0.15, found false'),
        (
            parse_bytes,
            100,
            'expected a size with its unit such as "100 MB", found 100; say the unit: B, kB, MB, GB, KiB, MiB or GiB',
        ),
        (parse_bytes, True, 'expected a size with its unit such as "100 MB", found true'),
        (parse_bytes, "5 mb", 'expected a size with its unit such as "100 MB", found "5 mb"; did you mean "MB"?'),
        (parse_bytes, "-1 B", 'expected a size with its unit such as "100 MB", found "-1 B"; it cannot be negative'),
        (
            parse_bytes,
            "0.5 B",
            'expected a size with its unit such as "100 MB", found "0.5 B"; it is not a whole number of bytes',
        ),
        (
            parse_seconds,
            5,
            'expected a duration with its unit such as "5s", found 5; say the unit: ms, s, min, h or d',
        ),
        (
            parse_seconds,
            "5",
            'expected a duration with its unit such as "5s", found "5"; say the unit: ms, s, min, h or d',
        ),
        (parse_seconds, "2 H", 'expected a duration with its unit such as "5s", found "2 H"; did you mean "h"?'),
    ],
)
def test_a_refusal_is_one_sentence(parse: Callable[[object], object], written: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        parse(written)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**60), st.integers(0, 10**40))
def test_no_digit_is_lost_however_long_the_number(whole: int, part: int) -> None:
    written = f"{whole}.{part}"
    assert Fraction(parse_ratio(f"{written}%")) == Fraction(written) / 100
    assert Fraction(parse_seconds(f"{written} ms")) == Fraction(written) / 1000
    assert parse_bytes(f"{whole} GiB") == whole * 2**30


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(Unit)), st.text("0159.+-eE %kKMGiBsmhdn\n", max_size=8))
def test_no_text_ends_in_anything_but_a_finite_value_or_a_refusal(unit: Unit, written: str) -> None:
    try:
        value = PARSERS[unit](written)
    except QuantityError:
        return
    assert Decimal(value).is_finite()
    assert re.search(PATTERNS[unit], written)


def test_a_long_value_is_shown_short() -> None:
    assert shown("x" * 100) == '"' + "x" * 59 + '…"'
    assert shown(-(2**100000)) == "-0x80000000…"
