"""Payments by the wrong payer, twice, too early or sent back: small chains walked day by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from receivables.cash.items import Part, Unit
from receivables.cash.papers import Papers, Statement, StatementLine, Stretch, Terms
from receivables.cash.said import Receipt, Row
from receivables.cash.units import Balance
from receivables.cash.walk import Walk
from receivables.policy import Cash

FIRST_DAY = date(2026, 3, 1)
PAID_ON = FIRST_DAY + timedelta(days=70)
HEAD, AGENT = "HO", "AGENT"  # the agent pays what the head office owes, by agreement
OF_HEAD = ("S1", "S2", "S3", "S4")  # the head office owes for these; the others for themselves
ON_THEIR_OWN = ("S5", "S6")
STATEMENTS = {"STH1": HEAD, "STH2": HEAD, "ST5": "S5", "ST6": "S6"}
KINDS = (
    "third party by agreement",
    "a stranger",
    "a sister's statement",
    "two statements of the head office",
    "statement and more",
    "before anything is owed",
    "refund",
    "the same line twice",
    "sent back and paid again",
)

Parts = frozenset[Part]


@dataclass
class Story:
    """Payments of one kind to a chain, and what each of them is for; nothing, if it is asked."""

    kind: str
    papers: Papers
    news: list[Balance | Statement]
    receipts: list[Receipt] = field(default_factory=list)
    truth: dict[str, Parts] = field(default_factory=dict)

    def pays(
        self, no: str, cents: int, truth: Parts, payer: str | None = HEAD, day: int = 0,
        memo: str = "",
    ) -> None:  # fmt: skip
        """A bank receipt so many days after the first day of payments, and what it is for."""
        on = PAID_ON + timedelta(days=day)
        self.receipts.append(Receipt((no, "ACC"), on, on, cents, payer, payer or "somebody", memo))
        self.truth[no] = truth

    def placed(self, policy: Cash) -> dict[str, Parts | None]:
        """What each payment clears in the end; None where it is asked about."""
        last_day = max(receipt.known_on for receipt in self.receipts) + timedelta(days=20)
        days = [FIRST_DAY + timedelta(days=day) for day in range((last_day - FIRST_DAY).days + 1)]
        rows = Walk(self.papers, policy, self.receipts).run(self.news, (), days)
        counts: dict[str, Row] = {row.payment[0]: row for row in rows if row.replaces}
        found = {no: counts[no].claims for no in self.truth if no in counts}
        return {no: frozenset(found[no]) if found.get(no) else None for no in self.truth}


def stories(seed: int, count: int) -> Iterator[Story]:
    """So many stories, of each kind in turn."""
    dice = Random(f"{seed}/stories")
    for number in range(count):
        yield _story(dice, KINDS[number % len(KINDS)])


def _story(dice: Random, kind: str) -> Story:
    news, statements = _papers(dice)
    story = Story(kind, Papers("C", _terms()), [*news, *statements.values()])
    one = dice.choice(["STH1", "STH2"])
    cents, parts = statements[one].net, _parts([statements[one]])
    match kind:
        case "third party by agreement":
            story.pays("T1", cents, parts, payer=AGENT)
        case "a stranger":
            story.pays("T1", cents, frozenset(), payer=None)
        case "a sister's statement":
            other = statements["ST6"]
            story.pays("T1", other.net, _parts([other]), payer="S5")
        case "two statements of the head office":
            both = [statements["STH1"], statements["STH2"]]
            story.pays("T1", sum(each.net for each in both), _parts(both))
        case "statement and more":
            story.pays("T1", cents + dice.randint(1, 9) * 10_000, frozenset())
        case "before anything is owed":
            story.news = [paper for paper in story.news if _owner(paper) not in ON_THEIR_OWN]
            story.pays("T1", statements["ST5"].net, frozenset(), payer="S5")
            story.news += _later(paper for paper in news if paper.store_id == "S5")
        case "refund":
            story.pays("T1", cents, parts)
            story.pays("T2", -cents, frozenset(), day=3, memo="退款")
        case "the same line twice":
            story.pays("T1", cents, parts)
            story.pays("T2", cents, frozenset(), day=1)
        case "sent back and paid again":
            returned = Unit("adjustment", "returned:T1")
            story.pays("T1", cents, frozenset({Part(returned, cents)}))
            story.pays("T2", -cents, frozenset({Part(returned, -cents)}), day=2, memo="退汇")
            story.pays("T3", cents, parts, day=4)
    return story


def _terms() -> Terms:
    always = (FIRST_DAY, date.max)
    owes = dict.fromkeys((HEAD, AGENT, *OF_HEAD), HEAD) | {store: store for store in ON_THEIR_OWN}
    stretches = [
        Stretch(FIRST_DAY, store, *always, debtor, False) for store, debtor in owes.items()
    ]
    return Terms(stretches, {})


def _papers(dice: Random) -> tuple[list[Balance], dict[str, Statement]]:
    """Goods of sixty days, those of the first half on statements with a deduction each."""
    news: list[Balance] = []
    lines: dict[str, list[StatementLine]] = {no: [] for no in STATEMENTS}
    step = dice.choice([1, 1, 5, 10])
    for number in range(dice.choice([24, 48, 96])):
        store = dice.choice([*OF_HEAD, *ON_THEIR_OWN])
        on = FIRST_DAY + timedelta(days=dice.randrange(60))
        cents = max(1, int(dice.lognormvariate(13, 0.9)) // step) * step
        unit = Unit("goods_receipt", f"R{number:04}")
        news.append(Balance(on, unit, cents, on, store, unit.no))
        if on < FIRST_DAY + timedelta(days=30):
            no = f"STH{1 + number % 2}" if store in OF_HEAD else f"ST{store[1]}"
            lines[no].append(StatementLine(unit, cents, on, store))
    for no, party in STATEMENTS.items():
        if not lines[no]:
            store = party if party != HEAD else OF_HEAD[0]
            unit = Unit("goods_receipt", f"R{no}")
            news.append(Balance(FIRST_DAY, unit, 123_457, FIRST_DAY, store, unit.no))
            lines[no].append(StatementLine(unit, 123_457, FIRST_DAY, store))
    return news, {no: _statement(no, listed) for no, listed in lines.items()}


def _statement(no: str, lines: Sequence[StatementLine]) -> Statement:
    end = FIRST_DAY + timedelta(days=40)
    fee = -max(1, sum(line.cents for line in lines) // 50)
    deduction = StatementLine(Unit("deduction", f"{no}#9"), fee, end, None)
    return Statement(end, no, STATEMENTS[no], end, (*lines, deduction))


def _parts(statements: Sequence[Statement]) -> Parts:
    return frozenset(Part(line.unit, line.cents) for each in statements for line in each.lines)


def _owner(paper: Balance | Statement) -> str | None:
    return paper.store_id if isinstance(paper, Balance) else paper.party_id


def _later(papers: Iterator[Balance]) -> list[Balance]:
    """The same goods, after the payment."""
    on = PAID_ON + timedelta(days=5)
    return [
        Balance(on, each.unit, each.cents, on, each.store_id, each.document_no) for each in papers
    ]
