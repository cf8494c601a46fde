"""Open items, their aging, and cash that no item has taken."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from benchmarks.world.model import ZERO, deduction_id
from benchmarks.world.truth.books import Books
from benchmarks.world.truth.cash import CashBook
from benchmarks.world.truth.consigned import owed, sold_by
from benchmarks.world.truth.links import Billing, Link, capped
from benchmarks.world.truth.papers import Papers
from benchmarks.world.truth.terms import Settlement, due_on, settle

# What a payment leaves of an item up to this much is written off (domain.md section 5).
_SMALL = Decimal("1.00")
_EDGES = (30, 60, 90, 120, 180, 365)


@dataclass(frozen=True)
class OpenItem:
    """Something still owed on a day (negative: something we owe), and what was written off of it.

    The write-offs are small differences by policy and disputed deductions by decision.
    """

    item_kind: str
    chain_id: str
    debtor_id: str | None
    store_id: str | None
    document_no: str
    receipt_no: str | None
    document_on: date
    due_on: date | None
    is_invoiced: bool
    balance: Decimal
    written_off: Decimal = ZERO


def open_items(books: Books, billing: Billing, cash: CashBook, papers: Papers) -> list[OpenItem]:
    """Every item with a balance or a write-off, as known by these books."""
    items = [
        *_goods(books, billing, cash, papers),
        *_invoice_rests(books, billing, cash, papers),
        *_taken(books, cash),
        *_opening(books),
    ]
    return sorted(
        (item for item in items if item.balance or item.written_off),
        key=lambda i: (i.chain_id, i.item_kind, i.document_no, i.receipt_no or ""),
    )


def _goods(books: Books, billing: Billing, cash: CashBook, papers: Papers) -> list[OpenItem]:
    """Receipts and returns: invoiced parts first to be cleared (oldest link), then the rest."""
    items: list[OpenItem] = []
    for (chain_id, receipt_no), rows in books.latest["goods_receipts"].items():
        receipt = rows[0]
        store_id = books.store(chain_id, receipt["store_code"])
        settled = papers.settlement_of_receipt(books, chain_id, receipt_no)
        cleared = cash.cleared[("goods_receipt", chain_id, receipt_no)]
        uninvoiced = owed(books, chain_id, receipt_no, settled)
        links = billing.of_receipt[chain_id, receipt_no]
        for link in sorted(links, key=lambda x: (x.known_on, x.invoice_no)):
            part = capped(link.amount, cleared)
            cleared -= part
            uninvoiced -= link.amount
            items.append(_invoiced(books, link, settled, store_id, receipt["receipt_date"], part))
        items.append(
            OpenItem(
                "uninvoiced", chain_id, settled.debtor_id, store_id, receipt_no, receipt_no,
                receipt["receipt_date"],
                due_on(
                    settled.agreement, receipt["receipt_date"], None,
                    sold_by(books, chain_id, receipt_no, settled),
                ),
                False, *_left(uninvoiced, cleared),
            )
        )  # fmt: skip
    return items


def _left(amount: Decimal, cleared: Decimal) -> tuple[Decimal, Decimal]:
    """What is open of an item; a small residual of one that was paid is written off instead."""
    left = amount - cleared
    is_residual = cleared * amount > 0 and left * amount > 0
    return (ZERO, left) if is_residual and abs(left) <= _SMALL else (left, ZERO)


def _invoiced(
    books: Books,
    link: Link,
    settled: Settlement,
    store_id: str | None,
    goods_on: date,
    cleared: Decimal,
) -> OpenItem:
    invoice = books.head("invoices", link.invoice_no)
    assert invoice is not None
    return OpenItem(
        "red_invoice" if invoice["is_red"] else "invoice",
        link.receipt[0], settled.debtor_id, store_id, link.invoice_no, link.receipt[1],
        invoice["issued_on"],
        due_on(settled.agreement, goods_on, handed_over(books, link.invoice_no)),
        True, *_left(link.amount, cleared),
    )  # fmt: skip


def handed_over(books: Books, invoice_no: str) -> date | None:
    """The day from which an invoice term runs: confirmed, else handed over."""
    row = books.head("invoice_handovers", invoice_no)
    return (row["confirmed_on"] or row["handed_over_on"]) if row else None


def _invoice_rests(
    books: Books, billing: Billing, cash: CashBook, papers: Papers
) -> list[OpenItem]:
    """What no receipt explains falls due from the invoice date, by the debtor's own term."""
    items: list[OpenItem] = []
    for number in {*billing.rests, *(u[2] for u in cash.cleared if u[0] == "invoice")}:
        invoice = books.head("invoices", number)
        assert invoice is not None
        buyer_id = books.buyer(invoice)
        store_id, debtor_id = buyer_id, buyer_id
        explained = sorted(billing.of_invoice[number], key=lambda x: (x.known_on, x.receipt[1]))
        if explained:
            chain_id, receipt_no = explained[0].receipt
            receipt = books.head("goods_receipts", chain_id, receipt_no)
            assert receipt is not None
            store_id = books.store(chain_id, receipt["store_code"])
            debtor_id = papers.settlement_of_receipt(books, chain_id, receipt_no).debtor_id
        chain_id = books.customer(debtor_id).get("chain_id", "")
        term = settle(books, chain_id, debtor_id, invoice["issued_on"]).agreement
        left = _left(billing.rests.get(number, ZERO), cash.cleared[("invoice", "", number)])
        items.append(
            OpenItem(
                "red_invoice" if invoice["is_red"] else "invoice",
                chain_id, debtor_id, store_id, number, None, invoice["issued_on"],
                due_on(term, invoice["issued_on"], invoice["issued_on"]), True, *left,
            )
        )  # fmt: skip
    return items


def _taken(books: Books, cash: CashBook) -> list[OpenItem]:
    """Deductions and adjustments that payments took and nothing supports: owed back at once.

    No invoice of ours is missing behind them, so they count as invoiced.
    """
    items: list[OpenItem] = []
    for (kind, chain_id, number), (taken, verdict, line, taken_on) in cash.taken.items():
        written_off = ZERO
        if verdict is not None:
            debtor_id, store_id = verdict.debtor_id, verdict.store_id
            disputed = taken - min(taken, verdict.supported)
            accepted, written_off = _decided(books, chain_id, number, disputed)
            balance = disputed - accepted - written_off
        else:
            party_id = books.store(chain_id, line["party_code"])
            store_id = books.store(chain_id, line["store_code"]) or party_id
            debtor_id, balance = party_id, taken
        items.append(
            OpenItem(
                kind, chain_id, debtor_id, store_id, number, None, taken_on, taken_on, True,
                balance, written_off,
            )
        )  # fmt: skip
    return items


def _decided(
    books: Books, chain_id: str, number: str, disputed: Decimal
) -> tuple[Decimal, Decimal]:
    """What people accepted and what they wrote off of a deduction, in the order of their days."""
    statement_no, _, line_no = number.rpartition("#")
    subject = deduction_id(chain_id, statement_no, int(line_no))
    cleared = {"accept": ZERO, "write_off": ZERO}
    for key in sorted(books.latest["decisions"], key=lambda key: key[2]):
        row = books.latest["decisions"][key][0]
        if key[:2] == ("deduction", subject) and row["decision"] in cleared:
            left = disputed - sum(cleared.values())
            cleared[row["decision"]] += left if row["amount"] is None else min(left, row["amount"])
    return cleared["accept"], cleared["write_off"]


def _opening(books: Books) -> list[OpenItem]:
    items: list[OpenItem] = []
    for rows in books.latest["opening_items"].values():
        row = rows[0]
        items.append(
            OpenItem(
                "invoice" if row["is_invoiced"] else "uninvoiced",
                books.customer(row["customer_id"])["chain_id"], row["customer_id"],
                row["store_id"] or row["customer_id"], row["document_no"], None,
                row["document_on"], row["due_on"], bool(row["is_invoiced"]), row["balance"],
            )
        )  # fmt: skip
    return items


def unapplied(books: Books, cash: CashBook) -> list[tuple[str, str | None, date, Decimal]]:
    """Transaction, the payer's debtor, day received and what is not applied of each payment."""
    rows: list[tuple[str, str | None, date, Decimal]] = []
    for transaction_no, payment in sorted(cash.payments.items()):
        if payment.left:
            debtor_id = None
            received_on = payment.row["received_on"]
            if payment.chain_id:
                debtor_id = settle(books, payment.chain_id, payment.payer_id, received_on).debtor_id
            rows.append((transaction_no, debtor_id, received_on, payment.left))
    return rows


def bucket(as_of: date, day: date | None, basis: str) -> str:
    """The aging bucket of a document date or a due date."""
    days = (as_of - day).days if day else 0
    if basis == "overdue" and days <= 0:
        return "not_due"
    first = 0 if basis == "document" else 1
    for edge in _EDGES:
        if days <= edge:
            return f"{first}-{edge}"
        first = edge + 1
    return ">365"


def aging(
    as_of: date, items: list[OpenItem]
) -> dict[tuple[str | None, str | None, str, str, bool], Decimal]:
    """Totals by debtor, store, basis, bucket and whether invoiced."""
    totals: dict[tuple[str | None, str | None, str, str, bool], Decimal] = defaultdict(lambda: ZERO)
    for item in items:
        if not item.balance:
            continue
        for basis, day in (("document", item.document_on), ("overdue", item.due_on)):
            key = (
                item.debtor_id, item.store_id, basis, bucket(as_of, day, basis), item.is_invoiced,
            )  # fmt: skip
            totals[key] += item.balance
    return totals
