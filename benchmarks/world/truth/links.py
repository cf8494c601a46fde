"""Which invoice bills which receipt, and for how much."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from benchmarks.world.model import ZERO
from benchmarks.world.truth.books import Books, Number


@dataclass(frozen=True)
class Link:
    """Part `amount` of a receipt explained by an invoice since `known_on`."""

    receipt: Number
    invoice_no: str
    amount: Decimal
    known_on: date


@dataclass
class Billing:
    """Links and invoice rests as they stand on a day."""

    of_receipt: dict[Number, list[Link]] = field(default_factory=lambda: defaultdict(list))
    of_invoice: dict[str, list[Link]] = field(default_factory=lambda: defaultdict(list))
    rests: dict[str, Decimal] = field(default_factory=dict)


def reversed_invoices(books: Books) -> set[str]:
    """Numbers of invoices that owe nothing: void, reversed in full, or the reversing red ones."""
    gone: set[str] = set()
    for (number,), rows in books.latest["invoices"].items():
        row = rows[0]
        if row["status"] in ("void", "red_full"):
            gone.add(number)
        blue = books.head("invoices", row["red_of_invoice_no"]) if row["is_red"] else None
        if blue is not None and (row["amount"] == -blue["amount"] or blue["status"] == "red_full"):
            gone |= {number, str(row["red_of_invoice_no"])}
    return gone


def bill(books: Books) -> Billing:
    """Work out all links from the latest applications, receipts and invoices.

    Each part is capped by what is left of receipt and invoice, in the order in which the links
    became known, then by invoice number. What applications leave goes to invoices that none of
    them names and whose remark is the number of an order.
    """
    gone = reversed_invoices(books)
    wanted: list[tuple[date, str, str, str, Decimal]] = []
    for rows in books.latest["invoice_applications"].values():
        for row in rows:
            chain_id, receipt_no, invoice_no = (
                row["chain_id"], row["receipt_no"], row["invoice_no"],
            )  # fmt: skip
            if invoice_no is None or invoice_no in gone:
                continue
            days = [
                books.first_day.get(("goods_receipts", (chain_id, receipt_no))),
                books.first_day.get(("invoices", (invoice_no,))),
                books.paired_on[chain_id, receipt_no, invoice_no],
            ]
            known = [day for day in days if day is not None]
            if len(known) == len(days):
                wanted.append((max(known), invoice_no, chain_id, receipt_no, row["amount"]))
    result = Billing()
    left_of_receipt: dict[Number, Decimal] = {}
    left_of_invoice: dict[str, Decimal] = {}
    for known_on, invoice_no, chain_id, receipt_no, amount in [
        *sorted(wanted),
        *_by_remark(books, gone),
    ]:
        receipt = (chain_id, receipt_no)
        invoice = books.head("invoices", invoice_no)
        assert invoice is not None
        of_receipt = left_of_receipt.setdefault(receipt, books.amount("goods_receipts", *receipt))
        of_invoice = left_of_invoice.setdefault(invoice_no, invoice["amount"])
        part = capped(amount, of_receipt, of_invoice)
        if not part:
            continue
        left_of_receipt[receipt] -= part
        left_of_invoice[invoice_no] -= part
        link = Link(receipt, invoice_no, part, known_on)
        result.of_receipt[receipt].append(link)
        result.of_invoice[invoice_no].append(link)
    result.rests = _rests(books, gone, left_of_invoice)
    return result


def _by_remark(books: Books, gone: set[str]) -> list[tuple[date, str, str, str, Decimal]]:
    """What invoices without application want of the receipts of the order in their remark."""
    found: list[tuple[date, str, str, str, Decimal]] = []
    for (invoice_no,), rows in books.latest["invoices"].items():
        invoice = rows[0]
        if not invoice.get("remark") or invoice_no in gone or invoice_no in books.applied_invoices:
            continue
        chain_id = str(books.customer(books.buyer(invoice)).get("chain_id"))
        for receipt_no in books.receipts_of_order(chain_id, invoice["remark"]):
            days = (
                books.first_day["invoices", (invoice_no,)],
                books.first_day["goods_receipts", (chain_id, receipt_no)],
            )
            amount = books.amount("goods_receipts", chain_id, receipt_no)
            found.append((max(days), invoice_no, chain_id, receipt_no, amount))
    return sorted(found)


def _rests(books: Books, gone: set[str], left: dict[str, Decimal]) -> dict[str, Decimal]:
    """What no receipt explains; a partial red invoice posts its rest on the one it names."""
    rests: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for (number,), rows in books.latest["invoices"].items():
        row = rows[0]
        if number in gone:
            continue
        rest = left[number] if number in left else Decimal(row["amount"])
        blue = row["red_of_invoice_no"] if row["is_red"] else None
        is_blue_open = blue is not None and blue not in gone and books.head("invoices", blue)
        rests[blue if blue and is_blue_open else number] += rest
    return {number: rest for number, rest in rests.items() if rest}


def capped(amount: Decimal, *limits: Decimal) -> Decimal:
    """`amount` no larger than any limit of the same sign; nothing where signs differ."""
    for limit in limits:
        if (amount > 0) != (limit > 0) or not limit or not amount:
            return ZERO
        amount = min(amount, limit) if amount > 0 else max(amount, limit)
    return amount
