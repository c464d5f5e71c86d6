"""A regular expression of a stranger is given up after its time, and the next one is matched as ever."""

from __future__ import annotations

import re
import signal
import threading

import pytest

from gatecourt.core.errors import FaultError, Judged
from gatecourt.core.model import Finding
from gatecourt.formats import bounded_regex
from gatecourt.formats.bounded_regex import PatternTooSlow, bounded_pattern, in_time
from gatecourt.rules.determinism.rules import MaskRule
from gatecourt.rules.determinism.section import Mask
from gatecourt.rules.events.fast_path.slot_spec import _matches
from gatecourt.system.faults.choice import choose_lines
from gatecourt.system.faults.section import Edit
from tests.bench import within

ENDLESS, TEXT = "(a+)+b", "a" * 40


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_regex, "LONGEST", 0.3)


@pytest.mark.parametrize("method", ["fullmatch", "search"])
def test_a_match_without_end_is_one_finding(method: str) -> None:
    with within(seconds=20, megabytes=20), pytest.raises(Judged) as caught:
        getattr(bounded_pattern(ENDLESS), method)(TEXT, "a.json#/x")
    assert caught.value.finding == Finding(
        "a.json#/x",
        "an answer of '(a+)+b' within 0.3 s of computing",
        "none for a text of 40 characters",
        "pattern.too_slow",
    )
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)
    found = bounded_pattern(ENDLESS).search("xaab", "a.json#/x")
    assert found is not None
    assert found[0] == "aab"
    assert bounded_pattern(ENDLESS).fullmatch("xaab", "a.json#/x") is None


def test_a_mask_that_goes_back_and_forth_is_one_finding() -> None:
    rule = MaskRule(Mask("*.json", "/id", "string", "random", ENDLESS))
    with within(seconds=20, megabytes=20), pytest.raises(Judged) as caught:
        rule.accepts(TEXT)
    assert (caught.value.finding.where, caught.value.finding.rule) == ("*.json#/id", "pattern.too_slow")
    assert rule.accepts("aab")
    assert not rule.accepts("ab ")


def test_a_pattern_of_a_schema_goes_the_exact_way() -> None:
    with within(seconds=20, megabytes=20):
        assert not _matches(ENDLESS, TEXT)
    assert _matches(ENDLESS, "aab")


def test_a_fault_that_chooses_lines_says_so() -> None:
    edit = Edit(file="a", kind="drop_lines", matching=ENDLESS)
    with pytest.raises(FaultError) as caught:
        choose_lines(edit, [TEXT + "\n", "aab\n"])
    assert str(caught.value) == f"the expression {ENDLESS!r} takes too long on 2 lines"


def test_a_signal_after_the_match_does_nothing() -> None:
    assert in_time(lambda: 1) == 1
    signal.raise_signal(signal.SIGVTALRM)
    with pytest.raises(PatternTooSlow):
        in_time(lambda: signal.raise_signal(signal.SIGVTALRM))
    with pytest.raises(ZeroDivisionError):
        in_time(lambda: 1 // 0)
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)


def test_another_thread_matches_without_a_timer() -> None:
    found: list[re.Match[str] | None] = []
    thread = threading.Thread(target=lambda: found.append(bounded_pattern("a+").search("baa", "x")))
    thread.start()
    thread.join(10)
    assert [match and match[0] for match in found] == ["aa"]
