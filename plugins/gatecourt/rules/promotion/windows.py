"""Windows of observation: which have data, whether they follow one another, and whether the last ones are green."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.core.protocols import Target
from gatecourt.formats.decimals import words
from gatecourt.formats.json_value import JsonValue
from gatecourt.rules.promotion.reading import Inquiry, noted
from gatecourt.rules.promotion.window import Window, window_of
from gatecourt.rules.promotion.windows_section import WindowBound, WindowsSection


def judge_windows(section: WindowsSection, target: Target) -> Judgement:
    """The last windows with data keep every bound, and windows follow one another without a gap.

    Rules: ``promotion.window_bound``, ``.samples_too_few``, ``.windows_too_few``, ``.window_gap``, ``.window_order``,
    ``.window_overfull``, ``.baseline_zero``, ``.contradiction``, ``.missing``, ``.value``, those of reading.
    """
    inquiry = Inquiry(target)
    limits = limits_of(section, inquiry)
    windows = read_windows(section, inquiry)
    judged = last_with_data(section, windows)
    inquiry.told += succession(windows)
    where = section.windows.file
    if len(judged) < section.required:
        expected = f"{section.required} windows with at least {section.min_observations} observations"
        inquiry.told.append(Finding(where, expected, f"{len(judged)} of {len(windows)}", "promotion.windows_too_few"))
    for window in judged:
        inquiry.told += problems(section, window.node, limits)
    inquiry.parameters |= _parameters(section, windows, judged, limits)
    return inquiry.judgement()


def read_windows(section: WindowsSection, inquiry: Inquiry) -> list[Window]:
    """The windows of the file, in its order; what is none becomes a finding."""
    windows = []
    for node in inquiry.node(section.windows).items():
        with noted(inquiry.told):
            windows.append(window_of(node, section.fields))
    return windows


def last_with_data(section: WindowsSection, windows: Sequence[Window]) -> list[Window]:
    """The windows that have to be green: a window without data neither counts nor ends the row."""
    return [window for window in windows if window.observations >= section.min_observations][-section.required :]


def succession(windows: Sequence[Window]) -> Iterator[Finding]:
    """Windows that do not begin where the one before ended (``promotion.window_gap``, ``.window_order``)."""
    for before, after in pairwise(windows):
        if after.start != before.end:
            rule = "promotion.window_gap" if after.start > before.end else "promotion.window_order"
            expected = f"a start at {before.end}, where the window before ends"
            yield Finding(after.node.where, expected, str(after.start), rule)


def limits_of(section: WindowsSection, inquiry: Inquiry) -> dict[str, Decimal]:
    """The most that each bounded number may be. Raises ``Judged`` (``promotion.baseline_zero``, those of reading)."""
    return {name: _limit(name, bound, inquiry) for name, bound in sorted(section.bounds.items())}


def _limit(name: str, bound: WindowBound, inquiry: Inquiry) -> Decimal:
    if bound.at_most is not None:
        return bound.at_most
    baseline, where = bound.baseline, f"promotion.windows.bounds.{name}.baseline"
    if bound.baseline_at is not None:
        node = inquiry.node(bound.baseline_at)
        baseline, where = node.amount(""), node.where
    if baseline:
        return baseline * bound.factor
    if bound.at_most_at_zero is None:
        raise Judged(Finding(where, "a baseline above 0, or at_most_at_zero", "0", "promotion.baseline_zero"))
    return bound.at_most_at_zero


def problems(section: WindowsSection, window: JsonValue, limits: Mapping[str, Decimal]) -> Iterator[Finding]:
    """The bounds that a window does not keep; none where it is green."""
    found: list[Finding] = []
    for name, bound in section.bounds.items():
        with noted(found):
            found += _above(bound, window, limits[name])
        if bound.reported_baseline is not None:
            with noted(found):
                found += _reported_baseline(bound, window, bound.reported_baseline, limits[name])
    yield from found


def _above(bound: WindowBound, window: JsonValue, most: Decimal) -> Iterator[Finding]:
    if bound.samples is not None and bound.min_samples is not None:
        samples = window.count(bound.samples)
        if samples < bound.min_samples:
            where, expected = window.node(bound.samples).where, f"at least {bound.min_samples}"
            yield Finding(where, expected, str(samples), "promotion.samples_too_few")
            return
    value = window.amount(bound.value)
    if value > most:
        yield Finding(window.node(bound.value).where, f"at most {words(most)}", words(value), "promotion.window_bound")


def _reported_baseline(bound: WindowBound, window: JsonValue, place: str, most: Decimal) -> Iterator[Finding]:
    reported = window.amount(place)
    implied = reported * bound.factor if reported else bound.at_most_at_zero
    if implied != most:
        expected = f"the recorded baseline, which allows at most {words(most)}"
        yield Finding(window.node(place).where, expected, words(reported), "promotion.contradiction")


def _parameters(
    section: WindowsSection, windows: Sequence[Window], judged: Sequence[Window], limits: Mapping[str, Decimal]
) -> dict[str, Json]:
    without = [window for window in windows if window.observations < section.min_observations]
    return {
        "windows": len(windows),
        "windows_without_data": [f"{window.start}-{window.end}" for window in without],
        "windows_judged": [f"{window.start}-{window.end}" for window in judged],
        "at_most": {name: words(limit) for name, limit in limits.items()},
    }
