"""How the chains pay: lump sums by statement, advice or invoice numbers, and now and then badly."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random

from benchmarks.world.looks.canonical import Row
from benchmarks.world.model import ZERO, Invoice, Statement, Story, after, on_business_day
from benchmarks.world.parties import SUPPLIER_ACCOUNT, WHOLE_YUAN_CHAIN, Customer, Parties
from benchmarks.world.settings import WorldSettings

_STORES_STOP_PAYING = date(2026, 8, 1)


@dataclass
class Payment:
    """One movement on the supplier's account; `sent_again` is the day of a repeated export."""

    day: date
    amount: Decimal
    payer_name: str
    payer_account: str | None
    memo: str | None
    sent_again: date | None = None


@dataclass
class Paying:
    """Draws the payments of a world whose invoices and statements exist."""

    settings: WorldSettings
    parties: Parties
    story: Story
    payments: list[Payment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = Random(f"{self.settings.seed}/paying")
        self.red_of: dict[str, list[Invoice]] = defaultdict(list)
        for invoice in self.story.invoices:
            if invoice.amount < 0 and invoice.red_of and invoice.parts:
                self.red_of[invoice.red_of].append(invoice)

    def run(self) -> None:
        """Let every payment happen and send the bank's lists."""
        self._by_statement("YH", "销售款")
        self._by_statement("XQ", "结算单号:")
        self._by_advice("LZ")
        self._by_invoice("QL")
        self._by_invoice("BS")
        self._naming_nothing()
        self._send()

    def _pay(self, day: date, amount: Decimal, payer: Customer, memo: str | None) -> None:
        if amount > 0 and after(day, 1) <= self.settings.last_day:
            self.payments.append(Payment(day, amount, payer.name, payer.account, memo))

    def _statements(self, chain_id: str) -> list[Statement]:
        return [s for s in self.story.statements if s.chain_id == chain_id]

    def _by_statement(self, chain_id: str, words: str) -> None:
        rng, story = self.rng, self.story
        previous: Customer | None = None
        for statement in self._statements(chain_id):
            chance = rng.random()
            payer = statement.party
            if payer.customer_id == "YH-0016":
                payer = self.parties.get("YH-0015")
            day = max(statement.pay_on, after(statement.known_on, 1))
            if chance < 0.09 and chain_id == "YH":
                story.plant("unpaid_statement", statement.number)
                continue
            amount, memo = statement.payable, f"{words} {statement.number}"
            if chance < 0.18 and not statement.has_missing_paper and amount > 5000:
                amount -= Decimal("2000.00")
                story.plant("underpaid_statement", statement.number)
            elif chance < 0.24 and chain_id == "YH":
                memo = "货款"
                story.plant("payment_names_nothing", statement.number)
            elif chance < 0.3 and previous is not None and chain_id == "YH":
                payer = previous
                story.plant("branch_pays_for_another", statement.number)
            elif chance < 0.42:
                day = on_business_day(after(day, rng.randint(4, 16)))
                story.plant("late_payment", statement.number)
            elif chance < 0.45:
                amount += Decimal("10.00")
                story.plant("overpaid_statement", statement.number)
            if payer.level == "head_office":
                story.plant("lump_sum_payment", memo)
            self._pay(day, amount, payer, memo)
            previous = statement.party

    def _by_advice(self, chain_id: str) -> None:
        """The head office pays several statements at once and sends an advice."""
        rng, story = self.rng, self.story
        payer = self.parties.head_office(chain_id)
        by_day: dict[date, list[Statement]] = defaultdict(list)
        for statement in self._statements(chain_id):
            by_day[max(statement.pay_on, after(statement.known_on, 1))].append(statement)
        for count, day in enumerate(sorted(by_day)):
            if after(day, 1) > self.settings.last_day:
                continue
            advice_no = f"LZFK{day:%y%m%d}{count:02d}"
            rows: list[Row] = [
                {
                    "advice_no": advice_no, "chain_id": chain_id, "paid_on": day,
                    "line_no": line_no, "statement_no": statement.number, "invoice_no": None,
                    "store_code": None, "fee_code": None, "amount": statement.payable,
                }
                for line_no, statement in enumerate(by_day[day], start=1)
            ]  # fmt: skip
            known_on = after(day, rng.randint(0, 2))
            if count == 1:
                known_on = after(day, 11)
                story.plant("late_advice", advice_no)
            story.send("remittance_advices", (chain_id, advice_no), known_on, rows)
            story.plant("lump_sum_payment", advice_no)
            amount = sum((statement.payable for statement in by_day[day]), ZERO)
            self._pay(day, amount, payer, f"货款{advice_no}")

    def _by_invoice(self, chain_id: str) -> None:
        """Weekly payments of the invoices that have fallen due, named in the memo."""
        rng, story = self.rng, self.story
        days = 60 if chain_id == "QL" else 30
        head = self.parties.head_office(chain_id)
        waiting = [
            invoice
            for invoice in story.invoices
            if invoice.parts
            and invoice.amount > 0
            and not invoice.is_reversed
            and invoice.parts[0][0].store.chain_id == chain_id
        ]
        for day in self.settings.days:
            if day.weekday() != 3 or day < after(self.settings.first_day, days):
                continue
            due = [i for i in waiting if after(i.parts[0][0].day, days) <= day]
            due = [i for i in due if after(i.issued_on, 14) <= day]
            waiting = [i for i in waiting if i not in due]
            groups: dict[tuple[str, str], list[Invoice]] = defaultdict(list)
            for invoice in due:
                if rng.random() < 0.03:
                    story.plant("unpaid_invoice", invoice.number)
                    continue
                store = invoice.parts[0][0].store
                is_store = chain_id == "QL" and day < _STORES_STOP_PAYING
                payer = store if is_store else head
                is_odd = any(amount != r.amount for r, amount in invoice.parts)
                group = invoice.number if is_odd or invoice.allowance else ""
                groups[payer.customer_id, group].append(invoice)
            for (payer_id, _), invoices in sorted(groups.items()):
                for start in range(0, len(invoices), 6):
                    self._pay_invoices(day, self.parties.get(payer_id), invoices[start : start + 6])

    def _pay_invoices(self, day: date, payer: Customer, invoices: list[Invoice]) -> None:
        numbers: list[str] = []
        amount = ZERO
        for invoice in invoices:
            numbers.append(invoice.number)
            amount += sum((min(part, receipt.amount) for receipt, part in invoice.parts), ZERO)
            amount += invoice.allowance
            for red in self.red_of[invoice.number]:
                if after(red.issued_on, 5) <= day:
                    numbers.append(red.number)
                    amount += red.amount
        if self.rng.random() < 0.03 and amount > 3000:
            amount -= Decimal("500.00")
            self.story.plant("underpaid_invoices", numbers[0])
        if payer.chain_id == WHOLE_YUAN_CHAIN and amount != int(amount):
            amount = Decimal(f"{int(amount)}.00")
            self.story.plant("paid_without_cents", numbers[0])
        if len(numbers) > 1:
            self.story.plant("lump_sum_payment", numbers[0])
        self._pay(day, amount, payer, "货款 " + "、".join(numbers))

    def _naming_nothing(self) -> None:
        """Money whose purpose nobody wrote down, from known payers and from a stranger."""
        rng, story = self.rng, self.story
        payers = [self.parties.get(i) for i in ("YH-0002", "XQ-HO", "LZ-HO", "QL-Q103")]
        for index, payer in enumerate(payers):
            day = on_business_day(after(self.settings.first_day, 9 + 13 * index))
            memo = ("货款", None, "=货款+补差", "5月货款")[index]
            self._pay(day, Decimal(rng.randint(300_000, 1_900_000)) / 100, payer, memo)
            story.plant("payment_names_nothing", f"{payer.customer_id} {day.isoformat()}")
            if memo and memo.startswith("="):
                story.plant("text_begins_with_equals", memo)
        day = on_business_day(after(self.settings.first_day, 40))
        if after(day, 1) <= self.settings.last_day:
            self.payments.append(
                Payment(day, Decimal("5000.00"), "海屿文化传播工作室", "6299000000000000017", None)
            )
            story.plant("payer_unknown", "海屿文化传播工作室")

    def _send(self) -> None:
        """Number the movements; each day's list arrives the day after, some come twice."""
        rng = self.rng
        fees = [
            Payment(on_business_day(day), Decimal("-15.50"), "第一合作银行", None, None)
            for day in self.settings.days
            if day.day == 21 and after(on_business_day(day), 1) <= self.settings.last_day
        ]
        movements = sorted([*self.payments, *fees], key=lambda p: (p.day, p.payer_name, p.amount))
        for number, payment in enumerate(movements, start=1):
            row: Row = {
                "account_no": SUPPLIER_ACCOUNT, "transaction_no": f"61883-{number:08d}",
                "received_on": payment.day, "amount": payment.amount,
                "payer_name": payment.payer_name, "payer_account": payment.payer_account,
                "memo": payment.memo,
            }  # fmt: skip
            key = (SUPPLIER_ACCOUNT, str(row["transaction_no"]))
            note = "paid_out" if payment.amount < 0 else ""
            self.story.send("bank_receipts", key, after(payment.day, 1), [row], note)
            if rng.random() < 0.02 and not note:
                again = after(payment.day, rng.randint(2, 5))
                if self.story.send("bank_receipts", key, again, [row]):
                    self.story.plant("duplicate_bank_receipt", key[1])
