"""The ordinary row read fast: a flat object that two readers cannot take for different things."""

from __future__ import annotations

from typing import Any

import orjson

_LARGE = float(2**63)


def flat_object(data: bytes) -> dict[str, Any] | None:
    """The object in ``data`` exactly as the strict reader gives it; None where that one has to look.

    A flat object has one key more than commas between them. Commas within texts only add to the count, and a key that
    stands there twice takes from the keys: where both numbers agree, no key is doubled.
    """
    if data.count(b"{") != 1 or b"[" in data:
        return None
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    if type(value) is not dict or len(value) != data.count(b",") + 1:
        return None
    # Of an integer beyond 64 bits this reader makes a double, the strict one an integer.
    rounded = any(type(one) is float and not -_LARGE < one < _LARGE for one in value.values())
    return None if rounded else value
