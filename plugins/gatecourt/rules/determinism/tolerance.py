"""Whether two numbers are near enough, decided exactly in decimal."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal

# Wide enough for the longest integer that Python reads, so that no difference is ever rounded.
_EXACT = Context(prec=10_000, Emax=MAX_EMAX, Emin=MIN_EMIN)


def within(
    left: float | Decimal, right: float | Decimal, *, absolute: Decimal | None = None, relative: Decimal | None = None
) -> bool:
    """Whether the difference is at most ``absolute``, or at most ``relative`` times the larger magnitude.

    A float stands for its shortest decimal text, so 0.3 and 0.2 differ by 0.1 and nothing else. The bound itself
    passes. NaN and infinities never pass, not even against themselves.
    """
    one, other = _decimal(left), _decimal(right)
    if not (one.is_finite() and other.is_finite()):
        return False
    distance = _EXACT.abs(_EXACT.subtract(one, other))
    if absolute is not None and distance <= absolute:
        return True
    return relative is not None and distance <= _EXACT.multiply(relative, max(one.copy_abs(), other.copy_abs()))


def _decimal(number: float | Decimal) -> Decimal:
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
