"""What happens in the world: goods, invoices, statements, money; and the papers that tell of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import chinese_calendar

from benchmarks.world.catalogue import Product
from benchmarks.world.looks.canonical import Row
from benchmarks.world.parties import Customer

CENT = Decimal("0.01")
FOUR = Decimal("0.0001")
ZERO = Decimal("0.00")


@dataclass
class Paper:
    """One document as sent on one day: canonical rows, all of one kind and one document key."""

    kind: str
    key: tuple[str, ...]
    known_on: date
    rows: list[Row]
    note: str = ""


@dataclass(frozen=True)
class Line:
    """A product, how much of it and at what price including tax."""

    product: Product
    quantity: Decimal
    price: Decimal
    tax_rate: Decimal

    @property
    def amount(self) -> Decimal:
        """Value including tax, in exact cents."""
        return (self.quantity * self.price).quantize(CENT)

    def of(self, quantity: Decimal) -> Line:
        """The same goods in another quantity."""
        return Line(self.product, quantity.quantize(FOUR), self.price, self.tax_rate)

    def at(self, price: Decimal, tax_rate: Decimal | None = None) -> Line:
        """The same goods at another price or rate."""
        rate = self.tax_rate if tax_rate is None else tax_rate
        return Line(self.product, self.quantity, price.quantize(FOUR), rate)


def total(lines: Iterable[Line]) -> Decimal:
    """Sum of line amounts."""
    return sum((line.amount for line in lines), ZERO)


@dataclass
class Order:
    """A purchase order; `is_cancelled` tells how it ended."""

    number: str
    store: Customer
    day: date
    deliver_by: date
    lines: list[Line]
    is_cancelled: bool = False
    has_paper: bool = True


@dataclass
class Delivery:
    """A delivery note of ours."""

    number: str
    order: Order
    day: date
    lines: list[Line]
    known_on: date | None


@dataclass
class Receipt:
    """What a store accepted (or, with negative lines, sent back).

    `known_on` is the day of its final version, None when the paper never comes.
    """

    number: str
    store: Customer
    order: Order
    delivery: Delivery | None
    day: date
    lines: list[Line]
    known_on: date | None
    kind: str = "receipt"
    cause: str = ""

    @property
    def amount(self) -> Decimal:
        """Accepted value including tax."""
        return total(self.lines)


@dataclass
class Invoice:
    """An issued invoice; `parts` are the receipts it bills and for how much."""

    number: str
    buyer: Customer
    issued_on: date
    amount: Decimal
    lines: list[Row]
    parts: list[tuple[Receipt, Decimal]]
    code: str | None = None
    red_of: str | None = None
    remark: str | None = None
    application_no: str = ""
    is_reversed: bool = False
    allowance: Decimal = ZERO
    handed_over_on: date | None = None


@dataclass
class Statement:
    """A chain's statement in its final version."""

    number: str
    chain_id: str
    party: Customer
    start: date
    end: date
    pay_on: date
    known_on: date
    rows: list[Row]
    has_missing_paper: bool = False

    @property
    def payable(self) -> Decimal:
        """What the chain means to pay: fees paid separately do not lower it."""
        return sum(
            (
                row["amount"]
                for row in self.rows
                if row["deduction_kind"] != "paid_separately" and isinstance(row["amount"], Decimal)
            ),
            ZERO,
        )


@dataclass
class Story:
    """Everything that happened, and every paper that was sent about it."""

    last_day: date
    orders: list[Order] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    planted: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def plant(self, fault: str, example: str) -> None:
        """Count a fault and keep the first few documents that show it."""
        self.planted[fault] += 1
        kept = self.examples.setdefault(fault, [])
        if len(kept) < 3:
            kept.append(example)

    def send(
        self,
        kind: str,
        key: Sequence[str],
        known_on: date,
        rows: list[Row],
        note: str = "",
    ) -> bool:
        """Send a paper unless it would arrive after the last day; tell whether it was sent."""
        if known_on > self.last_day:
            return False
        self.papers.append(Paper(kind, tuple(key), known_on, rows, note))
        return True


def deduction_id(chain_id: str, statement_no: str, line_no: int) -> str:
    """The number under which worklists show a deduction, by which people decide on it."""
    named = f"deduction|{chain_id}|{statement_no}#{line_no}"
    return hashlib.md5(named.encode(), usedforsecurity=False).hexdigest()[:16]


def first_deliveries(story: Story) -> dict[str, date]:
    """The day of the first delivery of each order."""
    shipped: dict[str, date] = {}
    for delivery in story.deliveries:
        number = delivery.order.number
        shipped[number] = min(delivery.day, shipped.get(number, delivery.day))
    return shipped


def on_business_day(day: date) -> date:
    """The first working day on or after `day`, by the Chinese calendar."""
    while not chinese_calendar.is_workday(day):
        day += timedelta(days=1)
    return day


def month_end(day: date) -> date:
    """Last day of the month of `day`."""
    first_of_next = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return first_of_next - timedelta(days=1)


def after(day: date, days: int) -> date:
    """`day` plus `days`."""
    return day + timedelta(days=days)
