"""Papers by order: which deliveries, receipts, applications and statement lines belong to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from benchmarks.world.model import ZERO
from benchmarks.world.truth.books import Books, Number
from benchmarks.world.truth.links import Billing
from benchmarks.world.truth.terms import Settlement, settle

if TYPE_CHECKING:
    from benchmarks.world.truth.cash import CashBook

Rows = list[dict[str, Any]]


@dataclass
class Papers:
    """An index of the books by order; every order that any paper names is in `orders`."""

    orders: set[Number] = field(default_factory=set)
    deliveries: dict[Number, Rows] = field(default_factory=lambda: defaultdict(list))
    receipts: dict[Number, Rows] = field(default_factory=lambda: defaultdict(list))
    applications: dict[Number, Rows] = field(default_factory=lambda: defaultdict(list))
    stated: dict[Number, Rows] = field(default_factory=lambda: defaultdict(list))
    settlements: dict[Number, Settlement] = field(default_factory=dict)

    def settlement(self, books: Books, order: Number) -> Settlement:
        """The settlement of an order: earliest delivery, else receipt, else order decides."""
        if order not in self.settlements:
            store_code, day = self._store_and_day(books, order)
            store_id = books.store(order[0], store_code)
            self.settlements[order] = settle(books, order[0], store_id, day)
        return self.settlements[order]

    def store_code(self, books: Books, order: Number) -> str | None:
        """The store an order was placed for, from the first paper that tells."""
        return self._store_and_day(books, order)[0]

    def _store_and_day(self, books: Books, order: Number) -> tuple[str | None, date]:
        head = books.head("orders", *order)
        sources: list[tuple[Rows, str]] = [
            (self.deliveries[order], "delivery_date"),
            (self.receipts[order], "receipt_date"),
            ([head] if head else [], "order_date"),
            (self.stated[order], "document_date"),
            (self.applications[order], "applied_on"),
        ]
        codes = [head["store_code"]] if head else []
        codes += [row["store_code"] for rows, _ in sources for row in rows]
        days = [min(row[name] for row in rows) for rows, name in sources if rows]
        return next((code for code in codes if code), None), days[0]

    def settlement_of_receipt(self, books: Books, chain_id: str, receipt_no: str) -> Settlement:
        """That of its order; without an order, by its own store and date."""
        order_no = books.order_of_receipt(chain_id, receipt_no)
        if order_no:
            return self.settlement(books, (chain_id, order_no))
        receipt = books.head("goods_receipts", chain_id, receipt_no)
        assert receipt is not None
        store_id = books.store(chain_id, receipt["store_code"])
        return settle(books, chain_id, store_id, receipt["receipt_date"])


def sort_papers(books: Books) -> Papers:
    """Index the latest version of every paper by the order it belongs to."""
    papers = Papers(orders=set(books.latest["orders"]))  # type: ignore[arg-type]
    for rows in books.latest["deliveries"].values():
        if rows[0]["order_no"]:
            papers.deliveries[rows[0]["chain_id"], rows[0]["order_no"]] += rows
    for (chain_id, receipt_no), rows in books.latest["goods_receipts"].items():
        order_no = books.order_of_receipt(chain_id, receipt_no)
        if order_no:
            papers.receipts[chain_id, order_no] += rows
    for rows in books.latest["invoice_applications"].values():
        for row in rows:
            order_no = (
                books.order_of_receipt(row["chain_id"], row["receipt_no"])
                or row["order_no"]
                or books.order_of_delivery(row["delivery_no"])
            )
            if order_no:
                papers.applications[row["chain_id"], order_no].append(row)
    for rows in books.latest["statements"].values():
        for row in rows:
            if row["line_kind"] in ("receipt", "return"):
                order_no = (
                    books.order_of_receipt(row["chain_id"], row["receipt_no"]) or row["order_no"]
                )
                if order_no:
                    papers.stated[row["chain_id"], order_no].append(row)
    for index in (papers.deliveries, papers.receipts, papers.applications, papers.stated):
        papers.orders |= set(index)
    return papers


@dataclass(frozen=True)
class OrderState:
    """How far an order has come, in money."""

    order: Number
    store_id: str | None
    amounts: dict[str, Decimal]
    stage: str
    missing_document: str | None
    is_implied: bool


def order_states(
    books: Books, papers: Papers, billing: Billing, cash: CashBook
) -> list[OrderState]:
    """The state of every order as known by these books."""
    states: list[OrderState] = []
    for order in sorted(papers.orders):
        head = books.head("orders", *order)
        numbers = sorted({row["receipt_no"] for row in papers.receipts[order]})
        links = [link for n in numbers for link in billing.of_receipt[order[0], n]]
        receipts = papers.receipts[order]
        amounts = {
            "ordered": books.amount("orders", *order),
            "delivered": _sum(row["amount"] for row in papers.deliveries[order]),
            "received": _sum(r["amount"] for r in receipts if r["receipt_kind"] == "receipt"),
            "returned": _sum(r["amount"] for r in receipts if r["receipt_kind"] == "return"),
            "applied": _sum(row["amount"] for row in papers.applications[order]),
            "invoiced": _sum(link.amount for link in links),
            "handed_over": _sum(
                link.amount
                for link in links
                if books.head("invoice_handovers", link.invoice_no) is not None
            ),
            "stated": _sum(row["amount"] for row in papers.stated[order]),
            "paid": _sum(cash.cleared[("goods_receipt", order[0], n)] for n in numbers),
        }
        is_cancelled = head is not None and head["status"] == "cancelled"
        stage, missing = _stage(amounts, is_cancelled)
        store_id = books.store(order[0], papers.store_code(books, order))
        states.append(OrderState(order, store_id, amounts, stage, missing, head is None))
    return states


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def _stage(amounts: dict[str, Decimal], is_cancelled: bool) -> tuple[str, str | None]:
    """The first stage that applies, and the document that would move the order on."""
    net = amounts["received"] + amounts["returned"]
    nothing_received = not amounts["received"] and not amounts["returned"]
    if is_cancelled and not amounts["delivered"] and nothing_received:
        return "cancelled", None
    if (net > 0 and amounts["paid"] >= net) or (amounts["received"] > 0 and net == 0):
        return "paid", None
    if not amounts["delivered"] and nothing_received:
        return "ordered", "delivery_note"
    if nothing_received:
        return "delivered", "goods_receipt"
    if amounts["invoiced"] < net and amounts["applied"] < net:
        return "received", "invoice_application"
    if amounts["invoiced"] < net:
        return "applied", "invoice"
    if amounts["handed_over"] < amounts["invoiced"]:
        return "invoiced", "invoice_handover"
    if amounts["stated"] < net:
        return "handed_over", "statement"
    return "on_statement", "payment"
