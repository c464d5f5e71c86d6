from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import Judged
from gatecourt.core.model import Subject
from gatecourt.formats import digests, files

KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e15, 1e15),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def test_the_form_is_that_of_the_rfc():
    value = {"numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 1e-27], "literals": [None, True, False], "€": "\u000f"}
    expected = '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"€":"\\u000f"}'
    assert digests.canonical_bytes(value) == expected.encode()


def test_keys_are_sorted_by_utf16_code_units():
    assert digests.canonical_bytes({"\U0001f600": 1, "\ufb33": 2}) == '{"\U0001f600":1,"\ufb33":2}'.encode()


def test_digest_of_a_known_value():
    assert digests.digest_json({"b": 1, "a": []}) == hashlib.sha256(b'{"a":[],"b":1}').hexdigest()


def test_large_integers_become_decimal_strings():
    assert digests.canonical_bytes([2**53 - 1, 2**53, -(2**53)]) == (
        b'[9007199254740991,"9007199254740992","-9007199254740992"]'
    )
    assert digests.digest_json(10**30) != digests.digest_json(10**30 + 1)


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], {"a": -float("inf")}, ["\ud800"], {"\ud800": 1}])
def test_what_has_no_form_is_refused(value):
    with pytest.raises(digests.NotCanonicalError):
        digests.canonical_bytes(value)


def test_depth_is_refused_without_a_traceback():
    value: list = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(digests.NotCanonicalError):
        digests.digest_json(value)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_the_form_reads_back_and_is_a_fixed_point(value):
    form = digests.canonical_bytes(value)
    assert digests.canonical_bytes(json.loads(form)) == form
    assert json.loads(form) == value


def test_a_file_is_digested_with_its_size(tmp_path: Path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 3_000_001)
    assert files.sha256_file(path) == (hashlib.sha256(path.read_bytes()).hexdigest(), 3_000_001)
    assert files.subject(path, "out/a.bin") == Subject("out/a.bin", files.sha256_file(path)[0], 3_000_001)


def test_an_absent_file_is_a_finding(tmp_path: Path):
    with pytest.raises(Judged) as caught:
        files.subject(tmp_path / "none", "none")
    assert caught.value.finding.rule == "artefact.unreadable"
    assert str(tmp_path) not in str(caught.value)
