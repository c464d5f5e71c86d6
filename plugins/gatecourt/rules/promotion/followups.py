"""What followed each rehearsal: promotion after PASS alone, after HOLD a freeze and a call for help, else rollback."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.core.protocols import Target
from gatecourt.formats.decimals import read
from gatecourt.formats.json_value import JsonValue
from gatecourt.rules.promotion.history import Entry, digested_file, read_history
from gatecourt.rules.promotion.history_section import HistorySection, ReactionSection
from gatecourt.rules.promotion.reading import Inquiry, contradiction, noted, value_of
from gatecourt.rules.promotion.rehearsal import Decision, decide
from gatecourt.rules.promotion.rehearsal_section import StagesSection
from gatecourt.rules.promotion.stages import recorded_baseline, rehearse

_SUMMARY = ("promotion.summary_missing", "promotion.summary_differs")


@dataclass(frozen=True, slots=True)
class Rules:
    """All that reactions are judged by."""

    section: ReactionSection
    history: HistorySection
    stages: StagesSection
    baseline: JsonValue | None


@dataclass
class Ledger:
    """Where the history has got to: what the last decision was, what it still asks for, whether all is frozen.

    ``spent`` is the promotion that rests on the last decision; ``standing`` says that the last one was not rolled back.
    """

    decided: dict[str, str] = field(default_factory=dict)
    last: tuple[Entry, str] | None = None
    due: set[str] = field(default_factory=set)
    frozen: Entry | None = None
    passed_since: bool = False
    spent: Entry | None = None
    standing: bool = False


def judge_reaction(
    section: ReactionSection, history: HistorySection, stages: StagesSection, target: Target
) -> Judgement:
    """Each decision is what its rehearsal gives, and what it asks for was done.

    Rules: ``promotion.contradiction``, ``.summary_missing``, ``.summary_differs``, ``.summary_unknown``,
    ``.decision_missing``, ``.decision_twice``, ``.not_frozen``, ``.not_escalated``, ``.not_rolled_back``,
    ``.promoted_frozen``, ``.promoted_against_decision``, ``.promoted_undecided``, ``.resumed_early``, those of
    ``history.read_history``.
    """
    inquiry = Inquiry(target)
    rules = Rules(section, history, stages, recorded_baseline(stages, inquiry))
    entries = read_history(history, inquiry)
    ledger = Ledger()
    for entry in entries:
        with noted(inquiry.told):
            inquiry.told += _step(rules, ledger, entry, inquiry)
    inquiry.told += _owed(rules, ledger, "the end")
    for name in sorted(set(section.summaries) - set(ledger.decided)):
        expected = f"an entry with the action {history.actions.decision}"
        inquiry.told.append(Finding(name, expected, "none", "promotion.decision_missing"))
    inquiry.parameters["decisions"] = dict[str, Json](sorted(ledger.decided.items()))
    return inquiry.judgement()


def _step(rules: Rules, ledger: Ledger, entry: Entry, inquiry: Inquiry) -> Iterator[Finding]:
    """What is wrong with one entry, given all before it. Raises ``Judged``."""
    actions = rules.history.actions
    steps: dict[str, Callable[[], Iterator[Finding]]] = {
        actions.decision: lambda: _decision(rules, ledger, entry, inquiry),
        actions.promote: lambda: _promote(rules, ledger, entry),
        actions.rollback: lambda: _rollback(ledger),
        actions.freeze: lambda: _freeze(rules, ledger, entry),
        actions.resume: lambda: _resume(rules, ledger, entry),
    }
    ledger.due.discard(entry.action)
    yield from steps.get(entry.action, lambda: iter(()))()


def _decision(rules: Rules, ledger: Ledger, entry: Entry, inquiry: Inquiry) -> Iterator[Finding]:
    fields = rules.history.fields
    path = entry.node.node(fields.summary, "the path of a rehearsal summary")
    found = digested_file(path, entry.node.node(fields.summary_digest, "a SHA-256"), inquiry, _SUMMARY)
    if found.name not in rules.section.summaries:
        expected = "one of promotion.reaction.summaries"
        raise Judged(Finding(path.where, expected, found.name, "promotion.summary_unknown"))
    yield from _owed(rules, ledger, entry.node.file)
    if found.name in ledger.decided:
        yield Finding(path.where, "one decision on each rehearsal", found.name, "promotion.decision_twice")
    summary = value_of(read(inquiry.target.root / found.name, found.name), found.name)
    due = _recomputed(rules, summary)
    ledger.decided[found.name] = due.word
    ledger.last, ledger.spent = (entry, due.word), None
    ledger.passed_since = ledger.passed_since or due.word == "PROMOTE"
    ledger.due = _asked(rules, due.status, ledger)
    if entry.node.text(fields.word) != due.word:
        yield contradiction(entry.node.node(fields.word), f"{due.word}, recomputed from {found.name}")


def _recomputed(rules: Rules, summary: JsonValue) -> Decision:
    """The decision that the summary's own stages give. Raises ``Judged``."""
    stages = summary.node(rules.stages.summary_fields.results, "the stages")
    return decide(rules.stages, summary, rehearse(rules.stages, stages, rules.baseline), [])


def _asked(rules: Rules, status: str, ledger: Ledger) -> set[str]:
    """What a rehearsal asks for. A candidate that is merely not ready yet asks for nothing but patience.

    Where no promotion stands, a failure leaves nothing to roll back.
    """
    actions = rules.history.actions
    if status == "FAIL":
        return {actions.rollback} if ledger.standing else set()
    if status != "HOLD":
        return set()
    return {actions.escalate} if ledger.frozen is not None else {actions.freeze, actions.escalate}


def _promote(rules: Rules, ledger: Ledger, entry: Entry) -> Iterator[Finding]:
    where = entry.node.where
    yield from _owed(rules, ledger, where)
    if ledger.frozen is not None:
        yield Finding(
            where, f"no promotion while frozen by {ledger.frozen.node.file}", "one", "promotion.promoted_frozen"
        )
    if ledger.last is None:
        yield Finding(where, "a decision before it", "none", "promotion.promoted_undecided")
    elif ledger.last[1] != "PROMOTE":
        decided, word = ledger.last
        expected = f"no promotion after {word} at {decided.node.file}"
        yield Finding(where, expected, "one", "promotion.promoted_against_decision")
    elif ledger.spent is not None:
        expected, observed = "a decision of its own", f"that on which {ledger.spent.node.file} rests"
        yield Finding(where, expected, observed, "promotion.promoted_undecided")
    ledger.spent, ledger.standing = entry, True


def _rollback(ledger: Ledger) -> Iterator[Finding]:
    ledger.standing = False
    yield from ()


def _freeze(rules: Rules, ledger: Ledger, entry: Entry) -> Iterator[Finding]:
    entry.node.text(rules.history.fields.reason)
    ledger.frozen, ledger.passed_since = entry, False
    yield from ()


def _resume(rules: Rules, ledger: Ledger, entry: Entry) -> Iterator[Finding]:
    entry.node.text(rules.history.fields.reason)
    if ledger.frozen is None or not ledger.passed_since:
        expected = "a freeze before it, and a rehearsal since that gives PROMOTE"
        observed = "no freeze" if ledger.frozen is None else "no such rehearsal"
        yield Finding(entry.node.where, expected, observed, "promotion.resumed_early")
    ledger.frozen = None


def _owed(rules: Rules, ledger: Ledger, until: str) -> Sequence[Finding]:
    """What the last decision asks for and has not got, each once."""
    if ledger.last is None:
        return []
    entry, word = ledger.last
    rule = {
        rules.history.actions.freeze: "promotion.not_frozen",
        rules.history.actions.escalate: "promotion.not_escalated",
        rules.history.actions.rollback: "promotion.not_rolled_back",
    }
    owed, ledger.due = sorted(ledger.due), set()
    return [Finding(entry.node.where, f"{action} after {word}", f"none until {until}", rule[action]) for action in owed]
