"""Conservation, book by book: the starting value plus all flows must equal the reported balance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.formats.decimals import EXACT, read, words
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Source, subject
from gatecourt.formats.finding_groups import bounded
from gatecourt.rules.risk.log import Group, RiskEvent, book, gather_reports, read_events
from gatecourt.rules.risk.section import Conservation, EventFiles, Reported, RiskSection, Sign
from gatecourt.rules.risk.values import number_at, text_at

_MOST_FINDINGS = 50


@dataclass
class Account:
    """One book of one sum: its start, what the flows added, and the difference that was already reported."""

    start: Decimal
    added: Decimal = Decimal(0)
    reported: Decimal = Decimal(0)
    last_flow: str = ""
    open: bool = False

    @property
    def due(self) -> Decimal:
        """The balance that the flows so far give."""
        return EXACT.add(self.start, self.added)

    def differs(self, observed: Decimal, tolerance: Decimal) -> bool:
        """Whether ``observed`` is off by a difference not yet reported: each is reported once, where it begins."""
        off = EXACT.subtract(observed, self.due)
        closes = off.copy_abs() <= tolerance
        known = EXACT.subtract(off, self.reported).copy_abs() <= tolerance
        self.reported = Decimal(0) if closes else self.reported if known else off
        return not closes and not known


@dataclass
class SumLedger:
    """All books of one sum, built up from the events."""

    rule: Conservation
    start: Decimal
    log: EventFiles
    accounts: dict[Group, Account] = field(default_factory=dict)
    flows: int = 0
    stocks: int = 0
    _signs: dict[str, int] = field(default_factory=dict)

    def types(self) -> frozenset[str]:
        """The event types that this sum reads."""
        rule = self.rule
        sign = rule.flow.sign.events if rule.flow.sign else ()
        return frozenset((*rule.flow.events, *sign, *(rule.stock.events if rule.stock else ())))

    def apply(self, event: RiskEvent) -> Iterator[Finding]:
        """Book one event. Raises ``Judged`` if it lacks its book or a number."""
        sign = self.rule.flow.sign
        if sign and event.type in sign.events:
            self._remember_side(event, sign)
        if event.type in self.rule.flow.events:
            self._flow(event)
        if self.rule.stock and event.type in self.rule.stock.events:
            yield from self._stock(event, self.rule.stock.value)

    def account(self, group: Group) -> Account:
        """The book called ``group``."""
        return self.accounts.setdefault(group, Account(self.start))

    def _remember_side(self, event: RiskEvent, sign: Sign) -> None:
        assert sign.id is not None
        self._signs[event.text(sign.id)] = _side(event, sign)

    def _flow(self, event: RiskEvent) -> None:
        self.flows += 1
        account = self.account(event.group(self.log.group))
        value = _number(event, self.rule.flow.value)
        if self.rule.flow.sign and self._sign(event, self.rule.flow.sign) < 0:
            value = value.copy_negate()
        account.added = EXACT.add(account.added, value)
        account.last_flow, account.open = event.where, True

    def _sign(self, event: RiskEvent, sign: Sign) -> int:
        if sign.id is None:
            return _side(event, sign)
        order = event.text(sign.id)
        if order not in self._signs:
            expected = f"an earlier event {' or '.join(sign.events)} with this id"
            raise Judged(
                Finding(f"{event.where}#{sign.id}", expected, f"none with {excerpt(order)}", "risk.side_unknown")
            )
        return self._signs[order]

    def _stock(self, event: RiskEvent, at: str) -> Iterator[Finding]:
        self.stocks += 1
        group = event.group(self.log.group)
        account = self.account(group)
        observed = _number(event, at)
        account.open = False
        if account.differs(observed, self.rule.tolerance):
            yield self.broken(f"{event.where}#{at}", account.due, observed, group)

    def not_followed(self) -> Iterator[Finding]:
        """A finding for each book whose last flow no stock event followed."""
        for group, account in sorted(self.accounts.items()):
            if self.rule.stock and account.open:
                expected = f"{' or '.join(self.rule.stock.events)} after it{book(group)}"
                yield Finding(account.last_flow, expected, "none", "risk.not_followed")

    def broken(self, where: str, due: Decimal, observed: Decimal, group: Group) -> Finding:
        """The finding that a sum does not add up."""
        tolerance = f" within {words(self.rule.tolerance)}" if self.rule.tolerance else ""
        expected = f"{words(due)}{tolerance}, the sum of {self.rule.name}{book(group)}"
        off = EXACT.subtract(observed, due)
        return Finding(where, expected, f"{words(observed)}, {words(off)} off", "risk.not_conserved")


def judge_conservation(section: RiskSection, run: Run, root: Path) -> Judgement:
    """Every declared sum adds up in every book, at each event that states a balance, and in the reports.

    Rules: ``risk.not_conserved``, ``risk.not_followed``, ``risk.side_unknown``, ``risk.no_report``,
    ``risk.no_events``, ``risk.value_missing``, ``risk.value_not_a_number``, ``risk.conservation_not_declared``,
    those of reading.
    """
    if not section.conservation or section.events is None:
        none = Finding("risk.conservation", "at least one sum to check", "none", "risk.conservation_not_declared")
        return Judgement(tuple(run.files.values()), (none,))
    log = section.events
    sources = gather_reports(log.files, run)
    ssot = subject(root / section.ssot, section.ssot)
    subjects = {one.name: one for one in (ssot, *(source.subject for source in sources))}
    ledgers, findings = _ledgers(section, log, root)
    findings += bounded(_over_events(ledgers, sources, log), _MOST_FINDINGS)
    for ledger in ledgers:
        findings += _without_events(ledger, sources)
        if ledger.rule.report is not None:
            findings += _over_reports(ledger, ledger.rule.report, run, subjects)
    counts: dict[str, Json] = {
        ledger.rule.name: {"books": len(ledger.accounts), "flows": ledger.flows, "stocks": ledger.stocks}
        for ledger in ledgers
    }
    return Judgement(tuple(subjects.values()), tuple(dict.fromkeys(findings)), {"sums": counts})


def _ledgers(section: RiskSection, log: EventFiles, root: Path) -> tuple[list[SumLedger], list[Finding]]:
    document = read(root / section.ssot, section.ssot)
    ledgers: list[SumLedger] = []
    findings: list[Finding] = []
    for rule in sorted(section.conservation, key=lambda rule: rule.name):
        start = number_at(document, rule.start, section.ssot) if isinstance(rule.start, str) else rule.start
        if isinstance(start, Finding):
            findings.append(start)
        else:
            ledgers.append(SumLedger(rule, start, log))
    return ledgers, findings


def _over_events(ledgers: list[SumLedger], sources: Sequence[Source], log: EventFiles) -> Iterator[Finding]:
    wanted = [(ledger, ledger.types()) for ledger in ledgers]
    for event in read_events(sources, log, frozenset().union(*(types for _, types in wanted))):
        if isinstance(event, Finding):
            yield event
            continue
        for ledger, types in wanted:
            if event.type in types:
                try:
                    yield from ledger.apply(event)
                except Judged as judged:
                    yield judged.finding
    for ledger in ledgers:
        yield from ledger.not_followed()


def _without_events(ledger: SumLedger, sources: Sequence[Source]) -> Iterator[Finding]:
    where = ", ".join(source.name for source in sources)
    if not ledger.flows:
        yield Finding(where, f"events {', '.join(ledger.rule.flow.events)}", "none", "risk.no_events")
    if ledger.rule.stock and not ledger.stocks:
        yield Finding(where, f"events {', '.join(ledger.rule.stock.events)}", "none", "risk.no_events")


def _over_reports(ledger: SumLedger, report: Reported, run: Run, subjects: dict[str, Subject]) -> Iterator[Finding]:
    try:
        sources = gather_reports(report.files, run)
    except Judged as judged:
        yield judged.finding
        return
    reported: set[Group] = set()
    for source in sources:
        subjects[source.name] = source.subject
        try:
            document = read(source.path, source.name)
            group = tuple(text_at(document, at, source.name) for at in report.group)
        except Judged as judged:
            yield judged.finding
            continue
        reported.add(group)
        yield from _compare(
            ledger, group, number_at(document, report.pointer, source.name), source.name, report.pointer
        )
    for group in sorted(ledger.accounts.keys() - reported):
        expected = f"a report on the book {'/'.join(group)}"
        yield Finding(", ".join(report.files), expected, "none", "risk.no_report")


def _compare(ledger: SumLedger, group: Group, value: Decimal | Finding, name: str, at: str) -> Iterator[Finding]:
    if isinstance(value, Finding):
        yield value
        return
    due = ledger.account(group).due
    if EXACT.subtract(value, due).copy_abs() > ledger.rule.tolerance:
        yield ledger.broken(f"{name}#{at}", due, value, group)


def _number(event: RiskEvent, at: str) -> Decimal:
    value = event.number(at)
    if isinstance(value, Finding):
        raise Judged(value)
    return value


def _side(event: RiskEvent, sign: Sign) -> int:
    side = event.text(sign.side)
    if side in sign.plus:
        return 1
    if side in sign.minus:
        return -1
    expected = f"one of {', '.join((*sign.plus, *sign.minus))}"
    raise Judged(Finding(f"{event.where}#{sign.side}", expected, excerpt(side), "risk.side_unknown"))
