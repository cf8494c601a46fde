"""Goods on consignment owe what statements report of them as sold; the rest is stock of ours."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from benchmarks.world.model import ZERO
from benchmarks.world.truth.books import Books
from benchmarks.world.truth.links import capped
from benchmarks.world.truth.papers import Papers, sort_papers
from benchmarks.world.truth.terms import Settlement


def owed(books: Books, chain_id: str, receipt_no: str, settled: Settlement) -> Decimal:
    """What is owed for a receipt: what was accepted, of consigned goods what was sold of it."""
    accepted = books.amount("goods_receipts", chain_id, receipt_no)
    if not settled.is_consignment:
        return accepted
    sold = sum((amount for _, amount in _reports(books, chain_id, receipt_no)), ZERO)
    return capped(sold, accepted)


def owed_today(books: Books, chain_id: str, receipt_no: str) -> Decimal:
    """The same where nobody has sorted the papers yet: few stores ask for it."""
    receipt = books.head("goods_receipts", chain_id, receipt_no)
    assert receipt is not None
    store_id = books.store(chain_id, receipt["store_code"])
    may_be_consigned = any(
        rows[0]["term_kind"] == "consignment"
        and rows[0]["chain_id"] == chain_id
        and rows[0]["customer_id"] in (None, store_id)
        for rows in books.latest["settlement_agreements"].values()
    )
    if not may_be_consigned:
        return books.amount("goods_receipts", chain_id, receipt_no)
    settled = sort_papers(books).settlement_of_receipt(books, chain_id, receipt_no)
    return owed(books, chain_id, receipt_no, settled)


def sold_by(books: Books, chain_id: str, receipt_no: str, settled: Settlement) -> date | None:
    """The end of the latest period of which a statement reports sales of consigned goods."""
    if not settled.is_consignment:
        return None
    return max((end for end, _ in _reports(books, chain_id, receipt_no)), default=None)


def stock(books: Books, papers: Papers) -> list[tuple[object, ...]]:
    """Each consigned receipt with goods left: accepted, reported as sold, still at the store."""
    rows: list[tuple[object, ...]] = []
    for chain_id, receipt_no in sorted(books.latest["goods_receipts"]):
        settled = papers.settlement_of_receipt(books, chain_id, receipt_no)
        if not settled.is_consignment:
            continue
        receipt = books.head("goods_receipts", chain_id, receipt_no)
        assert receipt is not None
        accepted = books.amount("goods_receipts", chain_id, receipt_no)
        sold = owed(books, chain_id, receipt_no, settled)
        if accepted != sold:
            rows.append(
                (
                    chain_id, settled.debtor_id, books.store(chain_id, receipt["store_code"]),
                    receipt_no, receipt["receipt_date"], accepted, sold, accepted - sold,
                )
            )  # fmt: skip
    return rows


def _reports(books: Books, chain_id: str, receipt_no: str) -> list[tuple[date, Decimal]]:
    """What each statement line says was sold of a receipt, with the end of its period."""
    return [
        (row["period_end"], row["amount"])
        for rows in books.latest["statements"].values()
        for row in rows
        if (row["chain_id"], row["receipt_no"]) == (chain_id, receipt_no)
        and row["line_kind"] in ("receipt", "return")
    ]
