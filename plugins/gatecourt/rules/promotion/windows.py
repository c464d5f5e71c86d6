"""Windows of observation: which have data, whether they follow one another, and whether the last ones are green."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.core.protocols import Target
from gatecourt.formats.decimals import words
from gatecourt.rules.promotion.reading import Inquiry, Node, noted
from gatecourt.rules.promotion.window import Window, window_of
from gatecourt.rules.promotion.windows_section import WindowsSection


def judge_windows(section: WindowsSection, target: Target) -> Judgement:
    """The last windows with data keep lateness, starvation and option-switch rate.

    Rules: ``promotion.lateness``, ``.starvation``, ``.option_switch_rate``, ``.samples_too_few``,
    ``.windows_too_few``, ``.window_gap``, ``.window_order``, ``.window_overfull``, ``.baseline_zero``,
    ``.contradiction``, ``.missing``, ``.value``, those of reading.
    """
    inquiry = Inquiry(target)
    limit = lateness_limit(section, inquiry)
    windows = read_windows(section, inquiry)
    judged = last_with_data(section, windows)
    inquiry.told += succession(windows)
    where = section.windows.file
    if len(judged) < section.required:
        expected = f"{section.required} windows with at least {section.min_observations} observations"
        inquiry.told.append(Finding(where, expected, f"{len(judged)} of {len(windows)}", "promotion.windows_too_few"))
    for window in judged:
        inquiry.told += colour(section, window.node, limit)
    inquiry.parameters |= _parameters(section, windows, judged, limit)
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


def lateness_limit(section: WindowsSection, inquiry: Inquiry) -> Decimal:
    """The most lateness that a window may have. Raises ``Judged`` (``promotion.baseline_zero``, those of reading)."""
    declared, where = section.lateness_baseline, "promotion.windows.lateness_baseline"
    if section.lateness_baseline_at is not None:
        node = inquiry.node(section.lateness_baseline_at)
        declared, where = node.amount(""), node.where
    baseline = declared or Decimal(0)
    if baseline:
        return baseline * section.lateness_factor
    if section.lateness_at_zero is None:
        expected = "a baseline above 0, or lateness_at_zero"
        raise Judged(Finding(where, expected, "0", "promotion.baseline_zero"))
    return section.lateness_at_zero


def colour(section: WindowsSection, window: Node, limit: Decimal) -> Iterator[Finding]:
    """What keeps a window from being green; nothing where it is."""
    told: list[Finding] = []
    fields = section.fields
    with noted(told):
        told += _above(window, fields.lateness, limit, "promotion.lateness")
    with noted(told):
        told += _above(window, fields.starvation, Decimal(0), "promotion.starvation")
    with noted(told):
        told += _switch_rate(section, window)
    if fields.lateness_baseline is not None:
        with noted(told):
            told += _stated_baseline(section, window, fields.lateness_baseline, limit)
    yield from told


def _above(window: Node, place: str, most: Decimal, rule: str) -> Iterator[Finding]:
    found = window.amount(place)
    if found > most:
        yield Finding(window.node(place).where, f"at most {words(most)}", words(found), rule)


def _switch_rate(section: WindowsSection, window: Node) -> Iterator[Finding]:
    samples = window.count(section.fields.switch_samples)
    if samples < section.min_switch_samples:
        where, expected = window.node(section.fields.switch_samples).where, f"at least {section.min_switch_samples}"
        yield Finding(where, expected, str(samples), "promotion.samples_too_few")
        return
    yield from _above(window, section.fields.switch_rate, section.switch_rate, "promotion.option_switch_rate")


def _stated_baseline(section: WindowsSection, window: Node, place: str, limit: Decimal) -> Iterator[Finding]:
    stated = window.amount(place)
    implied = stated * section.lateness_factor if stated else section.lateness_at_zero
    if implied != limit:
        expected = f"the recorded baseline, which allows a lateness of {words(limit)}"
        yield Finding(window.node(place).where, expected, words(stated), "promotion.contradiction")


def _parameters(
    section: WindowsSection, windows: Sequence[Window], judged: Sequence[Window], limit: Decimal
) -> dict[str, Json]:
    without = [window for window in windows if window.observations < section.min_observations]
    return {
        "windows": len(windows),
        "windows_without_data": [f"{window.start}-{window.end}" for window in without],
        "windows_judged": [f"{window.start}-{window.end}" for window in judged],
        "lateness_at_most": words(limit),
        "option_switch_rate_at_most": words(section.switch_rate),
    }
