"""Digests of JSON values that people may publish: SHA-256 of the form of RFC 8785."""

from __future__ import annotations

import hashlib

from gatecourt.core.errors import GatecourtError
from gatecourt.core.model import Json

_EXACT = 2**53 - 1


class NotCanonicalError(GatecourtError, ValueError):
    """A value that RFC 8785 has no form for: a non-finite number, a lone surrogate, a key that is no string."""


def canonical_bytes(value: Json) -> bytes:
    """The RFC 8785 form of a JSON value.

    RFC 8785 knows doubles only. An integer beyond ±(2**53 - 1) is written as the string of its decimal digits, as
    the RFC's appendix on large numbers advises; so ``2**53`` and ``"9007199254740992"`` share a form, and two large
    integers that one double would swallow do not. A float of any size keeps the RFC's number form. Raises
    ``NotCanonicalError``.
    """
    import rfc8785

    try:
        return rfc8785.dumps(_with_exact_integers(value))
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise NotCanonicalError(f"no canonical form: {error}") from error
    except RecursionError as error:
        raise NotCanonicalError("no canonical form: nested more deeply than a reader can follow") from error


def _with_exact_integers(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _with_exact_integers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_exact_integers(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _EXACT:
        return str(value)
    return value


def digest_json(value: Json) -> str:
    """SHA-256 (64 hex digits) of the canonical form of a JSON value. Raises ``NotCanonicalError``."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()
