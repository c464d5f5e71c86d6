"""What followed each promotion: so many green windows, or a rollback to the release that there was before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Subject
from gatecourt.core.protocols import Target
from gatecourt.formats.files import open_regular
from gatecourt.formats.json_value import JsonValue
from gatecourt.rules.promotion.alerts import raised
from gatecourt.rules.promotion.history import Entry, digested_file, named_file, read_history
from gatecourt.rules.promotion.history_section import CanariesSection, HistorySection
from gatecourt.rules.promotion.reading import Inquiry, contradiction, noted, word
from gatecourt.rules.promotion.release_section import AlertsSection
from gatecourt.rules.promotion.window import Window, window_of
from gatecourt.rules.promotion.windows import limits_of, problems, succession
from gatecourt.rules.promotion.windows_section import WindowsSection

_SNAPSHOT = ("promotion.snapshot_missing", "promotion.snapshot_differs")


@dataclass(frozen=True, slots=True)
class Rules:
    """All that canaries are judged by."""

    section: CanariesSection
    history: HistorySection
    windows: WindowsSection
    alerts: AlertsSection
    limits: Mapping[str, Decimal]


@dataclass
class Watched:
    """A promotion and what followed it: its latest canary window, how many of them had data, and its rollback."""

    entry: Entry
    name: str
    release: Subject | None = None
    latest: Window | None = None
    windows: int = 0
    red: JsonValue | None = None
    rollback: Entry | None = None
    overtaken: Entry | None = None


def judge_canaries(
    section: CanariesSection,
    history: HistorySection,
    windows: WindowsSection,
    alerts: AlertsSection | None,
    target: Target,
) -> Judgement:
    """Each promotion was followed by green windows, or by a rollback that restored what was there before.

    Rules: ``promotion.no_promotion``, ``.promoted_twice``, ``.canary_unknown``, ``.canary_red``, ``.canary_pending``,
    ``.canary_cut_short``, ``.snapshot_missing``, ``.snapshot_differs``, ``.restored_other``, ``.incident``,
    ``.contradiction``, those of ``history.read_history`` and of windows.
    """
    inquiry = Inquiry(target)
    strict = AlertsSection(last=(windows.windows,))  # nothing is allowed where nothing says what is
    rules = Rules(section, history, windows, alerts or strict, limits_of(windows, inquiry))
    entries = read_history(history, inquiry)
    promotions = _follow(rules, entries, inquiry)
    if not promotions:
        expected = f"an entry with the action {history.actions.promote}"
        inquiry.told.append(Finding(history.log.file, expected, "none", "promotion.no_promotion"))
    for watched in promotions:
        inquiry.told += _ending(rules, watched)
    inquiry.parameters |= {
        "entries": len(entries),
        "promotions": {one.name: "rolled back" if one.rollback else "kept" for one in promotions},
        "canary_windows": sum(one.windows for one in promotions),
    }
    return inquiry.judgement()


def _follow(rules: Rules, entries: Sequence[Entry], inquiry: Inquiry) -> list[Watched]:
    actions = rules.history.actions
    promotions: dict[str, Watched] = {}
    for entry in entries:
        with noted(inquiry.told):
            if entry.action == actions.promote:
                _promote(rules, entry, promotions, inquiry)
            elif entry.action == actions.canary:
                _canary(rules, entry, _of(rules, entry, promotions), inquiry)
            elif entry.action == actions.rollback:
                _rollback(rules, entry, _of(rules, entry, promotions), inquiry)
    return [*promotions.values()]


def _of(rules: Rules, entry: Entry, promotions: dict[str, Watched]) -> Watched:
    """The promotion that an entry is about. Raises ``Judged`` (``promotion.canary_unknown``, ``.canary_cut_short``)."""
    place = rules.history.fields.promotion
    name, where = entry.node.text(place), entry.node.node(place).where
    if name not in promotions or promotions[name].rollback is not None:
        expected = "a promotion that an earlier entry tells of, and that is not rolled back"
        raise Judged(Finding(where, expected, name, "promotion.canary_unknown"))
    if (after := promotions[name].overtaken) is not None:
        expected = f"an entry before the next promotion at {after.node.file}"
        raise Judged(Finding(where, expected, f"{entry.action} of {name}", "promotion.canary_cut_short"))
    return promotions[name]


def _promote(rules: Rules, entry: Entry, promotions: dict[str, Watched], inquiry: Inquiry) -> None:
    fields = rules.history.fields
    name = entry.node.text(fields.promotion)
    if name in promotions:
        where = entry.node.node(fields.promotion).where
        raise Judged(Finding(where, "a name of its own", name, "promotion.promoted_twice"))
    for earlier in promotions.values():
        earlier.overtaken = earlier.overtaken or entry
    watched = promotions[name] = Watched(entry, name)
    watched.release = digested_file(*_snapshot(rules, entry), inquiry, _SNAPSHOT)


def _snapshot(rules: Rules, entry: Entry) -> tuple[JsonValue, JsonValue]:
    fields = rules.history.fields
    return entry.node.node(fields.snapshot, "the path of a snapshot"), entry.node.node(fields.digest, "a SHA-256")


def _canary(rules: Rules, entry: Entry, watched: Watched, inquiry: Inquiry) -> None:
    """A canary window, judged as any other; whether it calls itself green does not count, but is told."""
    node = entry.node.node(rules.history.fields.window, "a window")
    window = window_of(node, rules.windows.fields)
    if watched.latest is not None:
        inquiry.told += succession([watched.latest, window])
    watched.latest = window
    amiss = list(_amiss(rules, node))
    with_data = window.observations >= rules.windows.min_observations
    watched.windows += with_data
    if with_data and amiss:
        watched.red = watched.red or node
    said = entry.node.node(rules.history.fields.green, "true or false")
    if entry.node.truth(rules.history.fields.green) != (with_data and not amiss):
        why = amiss[0] if amiss else None
        reason = f": {why.where} is {why.observed}" if why else ""
        inquiry.told.append(contradiction(said, f"{word(with_data and not amiss)}, recomputed{reason}"))


def _amiss(rules: Rules, node: JsonValue) -> Iterator[Finding]:
    yield from problems(rules.windows, node, rules.limits)
    told: list[Finding] = []
    with noted(told):
        told += raised(rules.alerts, node.items(rules.windows.fields.alerts))
    yield from told


def _rollback(rules: Rules, entry: Entry, watched: Watched, inquiry: Inquiry) -> None:
    watched.rollback = entry
    fields = rules.history.fields
    with noted(inquiry.told):
        inquiry.told += _incident(entry.node.node(fields.incident, "the path of an incident note"), inquiry)
    path, digest = _snapshot(rules, entry)
    restored = digested_file(path, digest, inquiry, _SNAPSHOT)
    if watched.release is not None and restored.sha256 != watched.release.sha256:
        expected = f"{watched.release.name}, the release before {watched.name}"
        inquiry.told.append(Finding(path.where, expected, restored.name, "promotion.restored_other"))


def _incident(path: JsonValue, inquiry: Inquiry) -> Iterator[Finding]:
    """A note that is there and says something: it has letters or digits."""
    found = named_file(path, inquiry.target.root, inquiry, "promotion.incident")
    with open_regular(inquiry.target.root / found.name) as stream:
        if not any(sign.isalnum() for sign in stream.read().decode("utf-8", "replace")):
            yield Finding(
                path.where, "a note that says what happened", f"{found.name}, which is blank", "promotion.incident"
            )


def _ending(rules: Rules, watched: Watched) -> Iterator[Finding]:
    if watched.rollback is not None:
        return
    if watched.red is not None:
        expected = f"a rollback of {watched.name} after its red window"
        yield Finding(watched.red.where, expected, "none", "promotion.canary_red")
        return
    due = rules.section.green
    if watched.windows >= due:
        return
    rule = "promotion.canary_pending" if watched.overtaken is None else "promotion.canary_cut_short"
    expected = f"{due} green windows with data, or a rollback, after {watched.name}"
    observed = str(watched.windows) if watched.overtaken is None else f"{watched.windows} before the next"
    yield Finding(watched.entry.node.where, expected, observed, rule)
