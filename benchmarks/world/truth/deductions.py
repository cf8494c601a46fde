"""Whether a deduction was agreed, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from benchmarks.world.model import CENT, ZERO
from benchmarks.world.truth.books import Books, Doc
from benchmarks.world.truth.terms import settle

_FOREVER = date(9999, 12, 31)


@dataclass(frozen=True)
class Verdict:
    """A deduction line held against the agreements; amounts are positive."""

    chain_id: str
    statement_no: str
    line_no: int
    store_id: str | None
    debtor_id: str | None
    fee_code: str
    deduction_kind: str
    amount: Decimal
    agreement_id: str | None
    supported: Decimal
    verdict: str

    @property
    def disputed(self) -> Decimal:
        """What no agreement supports."""
        return self.amount - self.supported


def judge(books: Books, statement: Doc, line: dict[str, Any], known_on: date) -> Verdict:
    """Hold one deduction line against the agreements valid on the day it covers."""
    chain_id = line["chain_id"]
    day = line["period_end"] or line["document_date"] or known_on
    party_id = books.store(chain_id, line["party_code"])
    store_id = books.store(chain_id, line["store_code"]) or party_id
    debtor_id = settle(books, chain_id, store_id, day).debtor_id
    if books.customer(party_id).get("level") == "head_office":
        debtor_id = party_id
    amount = -line["amount"]
    found: list[dict[str, Any]] = []
    for rows in books.latest["deduction_agreements"].values():
        row = rows[0]
        if (row["chain_id"], row["fee_code"]) != (chain_id, line["fee_code"]):
            continue
        if not row["valid_from"] <= day <= (row["valid_to"] or _FOREVER):
            continue
        if row["customer_id"] not in (None, store_id, debtor_id):
            continue
        if line["deduction_kind"] not in (None, row["kind"]):
            continue
        found.append(row)
    found.sort(key=lambda row: row["agreement_id"])
    found.sort(key=lambda row: row["valid_from"], reverse=True)
    found.sort(key=lambda row: row["customer_id"] is None)
    agreement = found[0] if found else None
    allowed = _allowed(agreement, statement, line) if agreement else ZERO
    if agreement and agreement["basis"] == "fixed_per_month":
        allowed -= _used(books, statement, line, day, allowed)
    supported = min(amount, allowed)
    verdict = "supported" if supported == amount else "above_agreement"
    return Verdict(
        chain_id, line["statement_no"], line["line_no"], store_id, debtor_id, line["fee_code"],
        line["deduction_kind"] or (agreement["kind"] if agreement else "cash_deducted"), amount,
        agreement["agreement_id"] if agreement else None, supported,
        verdict if agreement else "unsupported",
    )  # fmt: skip


def _used(
    books: Books, statement: Doc, line: dict[str, Any], day: date, monthly: Decimal
) -> Decimal:
    """What the store's statements of the month took of a monthly fee before this line did.

    A fee fixed per month is owed once a month, however many statements the month has.
    """
    chain_id, number = line["chain_id"], line["statement_no"]
    earlier: list[tuple[date, str, int, Decimal]] = []
    own = (books.first_day["statements", (chain_id, number)], number, line["line_no"])
    for key, rows in books.latest["statements"].items():
        for row in statement if key == (chain_id, number) else rows:
            when = row["document_date"] or row["period_end"]
            place = (books.first_day["statements", key], row["statement_no"], row["line_no"])
            if (
                (row["chain_id"], row["fee_code"]) == (chain_id, line["fee_code"])
                and (row["party_code"], row["store_code"])
                == (line["party_code"], line["store_code"])
                and (when.year, when.month) == (day.year, day.month)
                and place < own
            ):
                earlier.append((*place, -row["amount"]))
    used = ZERO
    for *_, amount in sorted(earlier):
        used += min(max(amount, ZERO), monthly - used)
    return used


def _allowed(agreement: dict[str, Any], statement: Doc, line: dict[str, Any]) -> Decimal:
    if agreement["basis"] == "percent_of_net_purchases":
        goods = sum(
            (
                row["amount"]
                for row in statement
                if row["line_kind"] in ("receipt", "return")
                and line["store_code"] in (None, row["store_code"])
            ),
            ZERO,
        )
        allowed = (goods * agreement["rate_or_amount"] / 100).quantize(CENT, ROUND_HALF_UP)
    elif agreement["basis"] == "per_unit":
        allowed = agreement["cap"] or ZERO
    else:
        allowed = agreement["rate_or_amount"].quantize(CENT)
    if agreement["cap"] is not None:
        allowed = min(allowed, agreement["cap"])
    return max(allowed, ZERO)
