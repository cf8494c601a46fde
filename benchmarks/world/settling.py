"""What the chains put on their statements: goods, fees, corrections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from benchmarks.world.consigning import Consigning
from benchmarks.world.looks.canonical import Row
from benchmarks.world.model import (
    CENT,
    ZERO,
    Receipt,
    Statement,
    Story,
    after,
    month_end,
    on_business_day,
)
from benchmarks.world.parties import (
    CHAINS,
    CONSIGNED_STORE,
    FEES,
    SWITCH_ON,
    ChainPlan,
    Customer,
    Fee,
    Parties,
)
from benchmarks.world.settings import WorldSettings

_PAY = {"YH": (30, (10, 25)), "QL": (60, ()), "LZ": (30, (15,)), "XQ": (15, (5, 20)),
        "BS": (15, ())}  # fmt: skip


def next_pay_day(day: date, pay_days: Iterable[int]) -> date:
    """First pay day on or after `day`, moved to a working day; `day` itself without pay days."""
    wanted = sorted(pay_days)
    if not wanted:
        return day
    while True:
        for number in wanted:
            candidate = day.replace(day=min(number, month_end(day).day))
            if candidate >= day:
                return on_business_day(candidate)
        day = after(month_end(day), 1)


@dataclass
class Settling:
    """Draws the statements of a world whose goods have already moved."""

    settings: WorldSettings
    parties: Parties
    story: Story

    def __post_init__(self) -> None:
        self.rng = Random(f"{self.settings.seed}/settling")
        self.counts: dict[str, int] = defaultdict(int)
        self.carried: dict[str, list[Receipt]] = defaultdict(list)
        self.consigning = Consigning(self.story)

    def run(self) -> None:
        """Let every chain state every period that ended in time."""
        for plan in CHAINS:
            for start, end in self._periods(plan):
                for party, receipts in self._parties(plan, start, end):
                    self._state(plan, party, start, end, receipts)

    def _periods(self, plan: ChainPlan) -> list[tuple[date, date]]:
        periods: list[tuple[date, date]] = []
        start = self.settings.first_day.replace(day=1)
        while start <= self.settings.last_day:
            end = month_end(start)
            if plan.statement == "head_half_month" and start.day == 1:
                end = start.replace(day=15)
            periods.append((start, end))
            start = after(end, 1)
        return periods

    def _parties(
        self, plan: ChainPlan, start: date, end: date
    ) -> list[tuple[Customer, list[Receipt]]]:
        head = self.parties.head_office(plan.chain_id)
        by_store = plan.statement == "store_month" and not (
            plan.chain_id == "QL" and start >= SWITCH_ON
        )
        groups: dict[str, list[Receipt]] = defaultdict(list)
        for receipt in self.story.receipts:
            if receipt.store.chain_id == plan.chain_id and start <= receipt.day <= end:
                party = receipt.store if by_store else head
                groups[party.customer_id].append(receipt)
        return [(self.parties.get(party_id), groups[party_id]) for party_id in sorted(groups)]

    def _state(
        self, plan: ChainPlan, party: Customer, start: date, end: date, receipts: list[Receipt]
    ) -> None:
        rng, story = self.rng, self.story
        number = self._number(plan, party, end)
        known_on = after(end, rng.randint(3, 6))
        if known_on > self.settings.last_day:
            return
        if rng.random() < 0.02:
            known_on = after(known_on, rng.randint(12, 20))
            story.plant("late_statement", number)
        wait, pay_days = _PAY[plan.chain_id]
        pay_on = next_pay_day(after(end, wait), pay_days)
        settled = [*self.carried.pop(party.customer_id, []), *receipts]
        statement = Statement(number, plan.chain_id, party, start, end, pay_on, known_on, [])
        goods = self._goods(statement, settled)
        goods += self._corrections(statement, goods)
        goods.sort(
            key=lambda row: (
                row["line_kind"] == "adjustment", str(row["store_code"]),
                str(row["document_date"]), str(row["receipt_no"]),
            )
        )  # fmt: skip
        statement.rows = goods + self._fees(statement, goods)
        for line_no, row in enumerate(statement.rows, start=1):
            row["line_no"] = line_no
        self._send(statement)

    def _number(self, plan: ChainPlan, party: Customer, end: date) -> str:
        self.counts[plan.chain_id] += 1
        count = self.counts[plan.chain_id]
        return {
            "YH": f"YHDZ{end:%y%m}{count:05d}",
            "QL": f"QLJS-{end:%y%m}-{party.code}",
            "LZ": f"LZJS{end:%y%m}{count:04d}",
            "XQ": f"XQ-{end:%y%m}-{count:03d}",
            "BS": f"BSJS{end:%Y%m}",
        }[plan.chain_id]

    def _row(self, statement: Statement, line_kind: str, **fields: object) -> Row:
        row: Row = {
            "chain_id": statement.chain_id, "statement_no": statement.number,
            "party_code": statement.party.code, "period_start": statement.start,
            "period_end": statement.end, "planned_pay_on": statement.pay_on, "line_no": 0,
            "line_kind": line_kind, "store_code": None, "order_no": None, "receipt_no": None,
            "invoice_no": None, "document_date": None, "fee_code": None, "fee_name": None,
            "deduction_kind": None, "amount": ZERO,
        }  # fmt: skip
        return row | fields

    def _goods(self, statement: Statement, receipts: list[Receipt]) -> list[Row]:
        rng, story = self.rng, self.story
        rows: list[Row] = []
        consigned: list[Receipt] = []
        for receipt in receipts:
            chance = rng.random()
            if self.consigning.holds(receipt):
                consigned.append(receipt)
                continue
            if chance < 0.012:
                if chance < 0.006:
                    self.carried[statement.party.customer_id].append(receipt)
                story.plant("left_off_statement", receipt.number)
                continue
            amount = receipt.amount
            if receipt.kind == "receipt" and 0.02 < chance < 0.03 and amount > 500:
                amount -= Decimal(rng.choice(("20.00", "45.50", "108.00")))
                story.plant("statement_amount_differs", receipt.number)
            if receipt.known_on is None or receipt.known_on > statement.known_on:
                statement.has_missing_paper = True
            rows.append(self._line(statement, receipt, amount))
            if 0.03 < chance < 0.032:
                self.carried[statement.party.customer_id].append(receipt)
                story.plant("receipt_on_two_statements", receipt.number)
        if statement.chain_id == self.parties.get(CONSIGNED_STORE).chain_id:
            for receipt, sold in self.consigning.report(statement.end, consigned):
                rows.append(self._line(statement, receipt, sold))
                story.plant("consigned_goods_reported", receipt.number)
        return rows

    def _line(self, statement: Statement, receipt: Receipt, amount: Decimal) -> Row:
        # Notices of this chain have no column for the order.
        order_no = None if statement.chain_id == "XQ" else receipt.order.number
        return self._row(
            statement, receipt.kind, store_code=receipt.store.code, order_no=order_no,
            receipt_no=receipt.number, document_date=receipt.day, amount=amount,
        )  # fmt: skip

    def _corrections(self, statement: Statement, goods: list[Row]) -> list[Row]:
        """Adjustments of portal statements, and goods that we never delivered."""
        rng, story = self.rng, self.story
        rows: list[Row] = []
        if statement.chain_id in ("LZ", "XQ") and rng.random() < 0.35:
            amount = Decimal(rng.choice(("-86.40", "-150.00", "64.20")))
            rows.append(
                self._row(
                    statement, "adjustment", store_code=statement.party.code,
                    receipt_no=f"TZ{statement.number[-6:].replace('-', '')}",
                    document_date=statement.end, amount=amount,
                )
            )  # fmt: skip
            story.plant("statement_adjustment", statement.number)
        if statement.chain_id == "YH" and goods and rng.random() < 0.06:
            order_no = f"YH{statement.end:%y%m%d}9{self.counts['YH']:03d}"
            rows.append(
                self._row(
                    statement, "receipt", store_code=statement.party.code, order_no=order_no,
                    receipt_no=f"YHYS{statement.end:%y%m}9{self.counts['YH']:04d}",
                    document_date=statement.end, amount=Decimal("388.00"),
                )
            )  # fmt: skip
            statement.has_missing_paper = True
            story.plant("statement_names_unknown_papers", order_no)
        return rows

    def _fees(self, statement: Statement, goods: list[Row]) -> list[Row]:
        net = sum((_money(row) for row in goods if row["line_kind"] in ("receipt", "return")), ZERO)
        rows: list[Row] = []
        for fee in FEES:
            if fee.chain_id != statement.chain_id:
                continue
            amount = self._fee_amount(statement, fee, net)
            if amount is None or amount <= 0:
                continue
            rows.append(
                self._row(
                    statement, "deduction", fee_code=fee.code, fee_name=fee.name,
                    deduction_kind=fee.kind, amount=-amount,
                    document_date=None if statement.chain_id == "LZ" else statement.end,
                )
            )  # fmt: skip
        rows.sort(key=lambda row: row["deduction_kind"] != "invoice_deducted")
        return rows

    def _fee_amount(self, statement: Statement, fee: Fee, net: Decimal) -> Decimal | None:
        """How much the chain takes: as agreed, above it, or out of the blue; None for nothing."""
        rng, story = self.rng, self.story
        chance = rng.random()
        if fee.basis is None or fee.rate is None:
            if chance < 0.16:
                story.plant("unsupported_deduction", f"{statement.number} {fee.code}")
                return Decimal(rng.randint(300, 1800)).quantize(CENT)
            return None
        if fee.basis == "percent_of_net_purchases":
            agreed = (net * fee.rate / 100).quantize(CENT)
        elif chance < self._rarity(statement, fee):
            return None
        else:
            agreed = fee.rate.quantize(CENT)
        if chance > 0.88:
            story.plant("deduction_above_agreement", f"{statement.number} {fee.code}")
            return (agreed * Decimal("1.2")).quantize(CENT)
        return min(agreed, fee.cap) if fee.cap is not None else agreed

    @staticmethod
    def _rarity(statement: Statement, fee: Fee) -> float:
        """Share of statements that leave a fixed fee out."""
        if statement.party.level == "branch":
            return 0.65
        return 0.4 if fee.basis == "fixed_per_event" else 0.0

    def _send(self, statement: Statement) -> None:
        rng, story = self.rng, self.story
        chance = rng.random()
        key = (statement.chain_id, statement.number)
        if chance < 0.035 and len(statement.rows) > 2:
            first = [dict(row) for row in statement.rows]
            first[0]["amount"] = _money(first[0]) - Decimal("30.00")
            if first[0]["line_kind"] == "receipt" and story.send(
                "statements", key, statement.known_on, first
            ):
                statement.known_on = after(statement.known_on, rng.randint(2, 5))
                story.plant("changed_statement", statement.number)
        if not story.send("statements", key, statement.known_on, statement.rows):
            return
        story.statements.append(statement)
        if 0.035 <= chance < 0.075:
            again = after(statement.known_on, rng.randint(3, 9))
            if story.send("statements", key, again, statement.rows):
                story.plant("duplicate_statement", statement.number)


def _money(row: Row) -> Decimal:
    value = row["amount"]
    assert isinstance(value, Decimal)
    return value
