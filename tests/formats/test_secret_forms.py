from __future__ import annotations

import base64
import json
import urllib.parse

import pytest

from gatecourt.formats.secret_forms import replaced, secret_words, written_forms

SECRET = 'p"a\\ss w\u00f6rd/and+more=of?it'


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        repr(SECRET)[1:-1],
        ascii(SECRET)[1:-1],
        repr(SECRET.encode())[2:-1],
        urllib.parse.quote(SECRET),
        urllib.parse.quote(SECRET, safe=""),
        urllib.parse.quote_plus(SECRET),
    ],
)
def test_every_form_in_which_a_secret_is_written_is_replaced(written: str) -> None:
    assert replaced(f"a {written} z", secret_words({"KEY": SECRET}).items()) == "a {env:KEY} z"


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_replaced_wherever_the_secret_stands_in_it(before: str, encode: object) -> None:
    text = encode(f"{before}{SECRET}and so on".encode()).decode()  # type: ignore[operator]  # one of two functions
    found = replaced(text, secret_words({"KEY": SECRET}).items())
    assert "{env:KEY}" in found
    assert len(found) < len(text) - len(base64.b64encode(SECRET.encode())) + 8 + len("{env:KEY}")


@pytest.mark.parametrize("cut", [SECRET[:20] + "\u2026", "\u2026" + SECRET[-20:]])
def test_a_cut_secret_is_replaced(cut: str) -> None:
    assert replaced(f"a {cut} z", secret_words({"KEY": SECRET}).items()) == f"a {cut} z".replace(
        cut.strip("\u2026"), "{env:KEY}"
    )


def test_each_line_of_a_secret_is_one() -> None:
    assert replaced("only second", secret_words({"KEY": "first\nsecond\n"}).items()) == "only {env:KEY}"


def test_a_secret_that_looks_like_its_own_word_ends() -> None:
    assert replaced("{env:ABCDEFGHIJ", secret_words({"ABCDEFGHIJKL": "{env:ABCDEFGHIJKL}"}).items()) == (
        "{env:ABCDEFGHIJKL}"
    )


def test_short_secrets_and_short_encodings_stay() -> None:
    assert written_forms("abc") == ()
    assert all(len(form) >= 4 for form in written_forms("abcd"))
