"""Papers of a generated world, what they say of each other, and what is true of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

# chain_id, from_kind, from_no, to_kind, to_no: as links has it
Pair = tuple[str, str, str, str, str]


@dataclass(eq=False)
class Paper:
    """An order, delivery, goods receipt or invoice; `known_on` null: it never comes."""

    kind: str
    chain: str
    no: str
    store: str
    on: date
    known_on: date | None
    amount: Decimal
    lines: list[tuple[str, Decimal, Decimal, Decimal]] = field(default_factory=list)

    @property
    def came(self) -> bool:
        """Whether the paper ever comes."""
        return self.known_on is not None


@dataclass(eq=False)
class Reference:
    """A number that a paper should say of another: the paper meant, and what is written."""

    names: str
    meant: Paper
    written: str | None
    noise: str


@dataclass(eq=False)
class Naming:
    """A delivery or receipt and what it names."""

    paper: Paper
    order: Reference | None
    delivery: Reference | None = None


@dataclass(eq=False)
class Row:
    """A row of an invoice application."""

    application_no: str
    line_no: int
    on: date
    known_on: date
    receipt: Reference
    order: Reference
    delivery: Reference
    amount: Decimal
    invoice: Paper


@dataclass(eq=False)
class Unasked:
    """An invoice without application, for whole receipts; `remark` may name them."""

    invoice: Paper
    receipts: list[Paper]
    remark: str | None


@dataclass
class World:
    """All that was written, and all that is true."""

    stores: list[tuple[str, str]] = field(default_factory=list)
    orders: list[Paper] = field(default_factory=list)
    deliveries: list[Naming] = field(default_factory=list)
    receipts: list[Naming] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    unasked: list[Unasked] = field(default_factory=list)
    invoices: list[Paper] = field(default_factory=list)
    truth: set[Pair] = field(default_factory=set)

    def papers(self, kind: str) -> list[Paper]:
        """The papers of a kind that come."""
        found = {
            "order": self.orders,
            "delivery": [naming.paper for naming in self.deliveries],
            "goods_receipt": [naming.paper for naming in self.receipts],
            "invoice": self.invoices,
        }[kind]
        return [paper for paper in found if paper.came]

    @property
    def days(self) -> list[date]:
        """The days on which papers come."""
        known = {paper.known_on for kind in KINDS for paper in self.papers(kind)}
        known |= {row.known_on for row in self.rows}
        return sorted(day for day in known if day)


KINDS = ("order", "delivery", "goods_receipt", "invoice")


def pair(first: Paper, second: Paper) -> Pair:
    """Two papers as a link names them."""
    return (first.chain, first.kind, first.no, second.kind, second.no)
