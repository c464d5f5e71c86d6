from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.rules.determinism.doublerun import blame

NAMES = ("hash_seed", "time_zone", "cwd", "temp", "start_time", "locale", "home", "umask")


def system(*causes: set[str]):
    """Equal unless the changed names hold all names of one cause; counts what it was asked."""
    asked: list[tuple[str, ...]] = []

    def equal_under(names: tuple[str, ...]) -> bool:
        asked.append(names)
        return not any(cause <= set(names) for cause in causes)

    return equal_under, asked


def test_a_single_cause_is_named():
    for name in NAMES:
        equal_under, asked = system({name})
        assert blame(NAMES, equal_under) == (name,)
        assert len(asked) <= 9
        assert len(asked) == len(set(asked))
        assert () not in asked


def test_two_causes_needed_together_are_both_named():
    equal_under, _ = system({"time_zone", "umask"})
    assert blame(NAMES, equal_under) == ("time_zone", "umask")


def test_two_causes_that_work_alone_are_both_named():
    equal_under, _ = system({"cwd"}, {"home"})
    assert blame(NAMES, equal_under) == ("cwd", "home")


def test_no_cause_is_no_name():
    equal_under, asked = system()
    assert blame(NAMES, equal_under) == ()
    assert asked == [NAMES]
    assert blame((), equal_under) == ()


def test_an_inconstant_system_ends_with_names_that_were_asked():
    answers = iter([False, True] * 200)
    assert set(blame(NAMES, lambda names: next(answers))) <= set(NAMES)


@settings(max_examples=80, deadline=None)
@given(st.sets(st.sampled_from(NAMES), min_size=1))
def test_a_conjunction_is_found_exactly(cause):
    equal_under, _ = system(cause)
    assert set(blame(NAMES, equal_under)) == cause
