"""Cash by exact references: which payment clears what, day by day."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from benchmarks.world.model import ZERO
from benchmarks.world.truth.books import Books, Doc
from benchmarks.world.truth.consigned import owed_today
from benchmarks.world.truth.deductions import Verdict, judge
from benchmarks.world.truth.links import Billing

Unit = tuple[str, str, str]  # kind, chain, number
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")


@dataclass
class Claim:
    """What a payment means to clear, and how much of that it has done."""

    unit: Unit
    amount: Decimal
    order: tuple[str, str]
    done: Decimal = ZERO
    is_waiting: bool = True


@dataclass
class Clearing:
    """One unit cleared by one payment on one day."""

    known_on: date
    transaction_no: str
    received_on: date
    unit: Unit
    amount: Decimal
    rule: str


@dataclass
class Payment:
    """A bank receipt on its way to be placed."""

    row: dict[str, Any]
    known_on: date
    payer_id: str | None
    chain_id: str | None
    rule: str = ""
    claims: list[Claim] = field(default_factory=list)

    @property
    def left(self) -> Decimal:
        """What is not applied yet; negative claims add to what can be applied."""
        return self.row["amount"] - sum((claim.done for claim in self.claims), ZERO)


@dataclass
class CashBook:
    """Payments known so far, what they cleared, and the items they gave rise to."""

    payments: dict[str, Payment] = field(default_factory=dict)
    clearings: list[Clearing] = field(default_factory=list)
    cleared: dict[Unit, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    # Taken by payments: amount (positive), verdict of a deduction, statement line, day taken.
    taken: dict[Unit, tuple[Decimal, Verdict | None, dict[str, Any], date]] = field(
        default_factory=dict
    )

    def close_day(self, books: Books, billing: Billing, today: date) -> None:
        """Take in the day's bank receipts, then place whatever can be placed now."""
        for (_, transaction_no), rows in books.latest["bank_receipts"].items():
            if transaction_no not in self.payments:
                payer_id = books.payer(rows[0])
                chain_id = books.customer(payer_id).get("chain_id")
                self.payments[transaction_no] = Payment(rows[0], today, payer_id, chain_id)
        for transaction_no in sorted(self.payments):
            payment = self.payments[transaction_no]
            if not payment.rule:
                self._read_memo(books, billing, payment, today)
            if any(claim.is_waiting for claim in payment.claims):
                self._place(books, billing, payment, today)

    # -- what a payment names -------------------------------------------------------------------
    def _read_memo(self, books: Books, billing: Billing, payment: Payment, today: date) -> None:
        tokens = set(_TOKEN.findall(payment.row["memo"] or ""))
        chains = [payment.chain_id] if payment.chain_id else ["YH", "QL", "LZ", "XQ", "BS"]
        advices = self._named(books, "remittance_advices", chains, tokens)
        if advices:
            lines = [line for advice in advices for line in advice]
            needed = [(line["chain_id"], line["statement_no"]) for line in lines]
            statements = [books.latest["statements"].get(key) for key in needed]
            # A payment is applied on the day the last paper it needs is known.
            if all(statements):
                payment.rule = "advice"
                for statement in statements:
                    payment.claims += self._claims_of_statement(statement or [])
            return
        statements = self._named(books, "statements", chains, tokens)
        if statements:
            payment.rule = "statement_no"
            for statement in statements:
                payment.claims += self._claims_of_statement(statement)
            return
        invoices = [n for (n,) in books.latest["invoices"] if n in tokens]
        if invoices:
            payment.rule = "invoice_no"
            for number in sorted(invoices):
                payment.claims += self._claims_of_invoice(books, billing, number)

    @staticmethod
    def _named(books: Books, kind: str, chains: list[str], tokens: set[str]) -> list[Doc]:
        keys = [(chain_id, token) for chain_id in chains for token in sorted(tokens)]
        return [books.latest[kind][key] for key in keys if key in books.latest[kind]]

    def _claims_of_statement(self, statement: Doc) -> list[Claim]:
        claims: list[Claim] = []
        for line in statement:
            chain_id = line["chain_id"]
            when = str(line["document_date"] or line["period_end"])
            number = f"{line['statement_no']}#{line['line_no']}"
            if line["line_kind"] in ("receipt", "return"):
                unit = ("goods_receipt", chain_id, line["receipt_no"])
                number = line["receipt_no"]
            elif line["line_kind"] == "deduction":
                if line["deduction_kind"] == "paid_separately":
                    continue
                unit = ("deduction", chain_id, number)
            else:
                unit = ("adjustment", chain_id, number)
            claims.append(Claim(unit, line["amount"], (when, number)))
        return claims

    def _claims_of_invoice(self, books: Books, billing: Billing, number: str) -> list[Claim]:
        claims: list[Claim] = []
        invoice = books.head("invoices", number)
        assert invoice is not None
        chain_id = ""
        for link in billing.of_invoice[number]:
            receipt = books.head("goods_receipts", *link.receipt)
            assert receipt is not None
            chain_id, receipt_no = link.receipt
            unit = ("goods_receipt", chain_id, receipt_no)
            when = str(receipt["receipt_date"])
            claims.append(Claim(unit, link.amount, (when, receipt_no)))
        rest = billing.rests.get(number, ZERO)
        if rest:
            when = str(invoice["issued_on"])
            claims.append(Claim(("invoice", "", number), rest, (when, number)))
        return claims

    # -- placing it -----------------------------------------------------------------------------
    def open_balance(self, books: Books, billing: Billing, unit: Unit) -> Decimal | None:
        """What is left to clear of a unit; None when its paper is not known."""
        kind, chain_id, number = unit
        if kind == "goods_receipt":
            if (chain_id, number) not in books.latest["goods_receipts"]:
                return None
            return owed_today(books, chain_id, number) - self.cleared[unit]
        return billing.rests.get(number, ZERO) - self.cleared[unit]

    def _place(self, books: Books, billing: Billing, payment: Payment, today: date) -> None:
        """Negative claims in full, then positive ones from the oldest while the money lasts."""
        claims = sorted(payment.claims, key=lambda c: (c.amount > 0, c.order))
        for claim in claims:
            if not claim.is_waiting:
                continue
            kind = claim.unit[0]
            if kind in ("deduction", "adjustment"):
                amount = claim.amount if claim.amount < 0 else min(claim.amount, payment.left)
            else:
                balance = self.open_balance(books, billing, claim.unit)
                if balance is None:
                    continue
                if claim.amount < 0:
                    amount = max(claim.amount, min(balance, ZERO))
                else:
                    amount = min(claim.amount, max(balance, ZERO), max(payment.left, ZERO))
            claim.is_waiting = False
            if not amount:
                continue
            claim.done = amount
            self.cleared[claim.unit] += amount
            self.clearings.append(
                Clearing(
                    today, payment.row["transaction_no"], payment.row["received_on"],
                    claim.unit, amount, payment.rule,
                )
            )  # fmt: skip
            if kind in ("deduction", "adjustment"):
                self._take(books, claim.unit, amount, today, payment.row["received_on"])

    def _take(
        self, books: Books, unit: Unit, amount: Decimal, today: date, received_on: date
    ) -> None:
        statement_no, _, line_no = unit[2].rpartition("#")
        statement = books.latest["statements"][unit[1], statement_no]
        line = next(row for row in statement if str(row["line_no"]) == line_no)
        verdict = judge(books, statement, line, today) if unit[0] == "deduction" else None
        self.taken[unit] = (-amount, verdict, line, received_on)
