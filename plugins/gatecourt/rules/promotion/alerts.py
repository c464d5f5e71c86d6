"""Alerts: none is raised at the end of the run or in its last windows, and those that hold a promotion up are named."""

from __future__ import annotations

from collections.abc import Iterator

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding
from gatecourt.core.protocols import Target
from gatecourt.formats.json_value import JsonValue
from gatecourt.rules.promotion.reading import Inquiry, noted
from gatecourt.rules.promotion.release_section import AlertsSection
from gatecourt.rules.promotion.windows import last_with_data, read_windows
from gatecourt.rules.promotion.windows_section import WindowsSection


def judge_alerts(section: AlertsSection, windows: WindowsSection | None, target: Target) -> Judgement:
    """No list of alerts holds anything that is not allowed: at the end of the run, and in the judged windows.

    Rules: ``promotion.hard_hold``, ``.alert``, ``.missing``, ``.value``, those of reading.
    """
    inquiry = Inquiry(target)
    for document in section.last:
        with noted(inquiry.told):
            inquiry.told += raised(section, inquiry.node(document).items())
    if windows is not None:
        for window in last_with_data(windows, read_windows(windows, inquiry)):
            with noted(inquiry.told):
                inquiry.told += raised(section, window.node.items(windows.fields.alerts))
    inquiry.parameters |= {"allowed": dict(sorted(section.allowed.items())), "hard_holds": sorted(section.named())}
    return inquiry.judgement()


def raised(section: AlertsSection, items: list[JsonValue]) -> Iterator[Finding]:
    """What a list of alerts holds that it may not hold. Raises ``Judged`` for an alert without a name."""
    for item in items:
        name = item.text("")
        if name not in section.allowed:
            yield _alert(section, item.where, name)


def _alert(section: AlertsSection, where: str, name: str) -> Finding:
    meant = section.named().get(name)
    if meant is None:
        return Finding(where, "no alert", name, "promotion.alert")
    called = name if meant == name else f"{name}, which is {meant}"
    return Finding(where, "no alert that holds a promotion up", called, "promotion.hard_hold")
