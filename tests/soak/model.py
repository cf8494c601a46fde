"""What a random chain is made of; days count from the first."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal
from hashlib import md5
from typing import Any

FIRST = date(2026, 5, 1)
ZERO, CENT = Decimal(0), Decimal("0.01")
LONG_AGO = -2000


def on(number: int) -> date:
    """The date of a day of the story."""
    return FIRST + timedelta(days=number)


@dataclass(frozen=True)
class Agreement:
    """A version of a settlement agreement; `until` is its last delivery day."""

    known: int
    no: str
    store: str | None  # code of the store that it binds, None for all
    region: str | None
    pattern: str
    debtor: str | None
    term_kind: str
    term_days: int | None
    batch_lag: int | None
    pay_days: tuple[int, ...]
    statement_days: tuple[int, ...]
    since: int
    until: int
    category: str | None = None


@dataclass(frozen=True)
class Fee:
    """A version of a deduction agreement; dates are days on which a deduction is stated."""

    known: int
    no: str
    code: str
    store: str | None  # code of the customer that it binds, None for all
    basis: str
    rate: Decimal
    cap: Decimal | None
    cap_period: str | None
    kind: str
    since: int
    until: int


@dataclass
class Receipt:
    """Goods received or returned."""

    no: str
    store: str
    on: int
    order_no: str | None
    versions: list[tuple[int, Decimal]]  # day known, amount
    skus: tuple[str, ...] = ("A1",)

    @property
    def known(self) -> int:
        return self.versions[0][0]

    def worth(self, day: int) -> Decimal | None:
        """The amount as it was known on a day, None before it is known at all."""
        return next((amount for known, amount in reversed(self.versions) if known <= day), None)


@dataclass(frozen=True)
class Article:
    """An article that is sold: its price, its category and the day on which we are told of it."""

    price: int
    category: str | None
    known: int


ARTICLES = {
    "A1": Article(5, "Food", 0),
    "B1": Article(3, "Drink", 0),
    "C1": Article(4, "Drink", 12),
    "D1": Article(2, None, 0),
}


def lines_of(skus: tuple[str, ...], amount: Decimal) -> list[tuple[str, Decimal, Decimal]]:
    """Lines of goods that are worth an amount: article, units, amount."""
    parts = [(amount / len(skus)).quantize(CENT) for _ in skus]
    parts[-1] = amount - sum(parts[:-1])
    return [
        (sku, (part / ARTICLES[sku].price).to_integral_value(ROUND_UP), part)
        for sku, part in zip(skus, parts, strict=True)
    ]


@dataclass
class Invoice:
    """An invoice, with the receipts that its application names."""

    no: str
    amount: Decimal
    known: int
    covers: list[tuple[str, Decimal]]  # receipt, amount applied for
    applied: int  # day on which the application became known
    buyer: str
    handed_over: int | None = None
    void: int | None = None  # day on which a void version became known
    red_of: str | None = None


@dataclass(frozen=True)
class Line:
    """A line of a statement: the receipt or fee it names, the amount as it moves the payable."""

    kind: str
    name: str
    amount: Decimal
    store: str | None = None
    settled_as: str | None = None  # how a fee is settled, where the line says so
    on: int | None = None  # the fee's own date, where the line has one


@dataclass
class Statement:
    """Versions of a statement: day known and its lines."""

    no: str
    party: str
    versions: list[tuple[int, list[Line]]]

    def lines(self, day: int) -> list[Line]:
        """The lines as they were known on a day."""
        return next((lines for known, lines in reversed(self.versions) if known <= day), [])


@dataclass(frozen=True)
class AdviceLine:
    """A line of a remittance advice: what it pays, or the fee that it takes."""

    kind: str  # statement, invoice or fee
    name: str
    amount: Decimal
    statement: str | None = None  # the statement that a fee belongs to
    store: str | None = None


@dataclass
class Promise:
    """What a customer promised to pay by when: versions of day known and amount."""

    customer: str
    promised: int
    pay_by: int
    versions: list[tuple[int, Decimal]]


@dataclass
class Payment:
    """A line of the bank; what it is for is what its memo says."""

    no: str
    known: int
    amount: Decimal
    memo: str
    payer: str | None  # code of a customer, None for a stranger
    purpose: str = ""  # of a payment without a number: the statement that it is for


@dataclass
class Chain:
    """The papers of one chain."""

    chain_id: str
    rng: random.Random
    days: int
    agreements: list[Agreement] = field(default_factory=list)
    fees: list[Fee] = field(default_factory=list)
    usual_fees: list[str] = field(default_factory=list)  # codes that it takes most of the time
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    statements: dict[str, Statement] = field(default_factory=dict)
    advices: dict[str, tuple[int, list[AdviceLine]]] = field(default_factory=dict)
    openings: dict[str, dict[str, Any]] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    again: list[tuple[int, Payment]] = field(default_factory=list)  # sent in another export
    fee_decisions: dict[str, list[tuple[int, str, Decimal | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    cash_decisions: list[tuple[int, str, str, str | None]] = field(default_factory=list)
    names_papers: bool = False  # every payment says what it is for
    is_slow: bool = False  # applications come long after their invoices
    is_plain: bool = True  # whether plain Python knows all the rules that its papers ask for

    def customer(self, code: str) -> str:
        """The id of a customer of the chain."""
        return f"{self.chain_id}-{code}"

    def number(self, letters: str) -> str:
        """A number of a paper, like no other."""
        return f"{letters}{self.rng.randrange(10**9, 10**10)}"

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def cents(self, least: int, most: int) -> Decimal:
        return Decimal(self.rng.randint(least * 100, most * 100)) / 100

    def day(self, least: int, most: int) -> int:
        """A day of the story, at most its last one."""
        return min(self.rng.randint(least, max(least, most)), self.days - 1)

    def deduction_id(self, paper_no: str, line_no: int) -> str:
        """The number under which people decide on a deduction."""
        text = f"deduction|{self.chain_id}|{paper_no}#{line_no}"
        return md5(text.encode()).hexdigest()[:16]
