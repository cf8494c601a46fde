"""Goods on consignment: what a store keeps for us, and what it has sold by the end of a month."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from benchmarks.world.model import CENT, ZERO, Receipt, Story, first_deliveries
from benchmarks.world.parties import CONSIGNED_FROM, CONSIGNED_STORE

_SOLD_A_DAY = Decimal("0.06")


@dataclass
class Consigning:
    """Knows which receipts are on consignment and what was reported of each."""

    story: Story
    waiting: list[Receipt] = field(default_factory=list)
    reported: dict[str, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.shipped = first_deliveries(self.story)

    def holds(self, receipt: Receipt) -> bool:
        """Whether these goods came under the consignment agreement."""
        if receipt.store.customer_id != CONSIGNED_STORE or receipt.kind == "return":
            return False
        return self.shipped.get(receipt.order.number, receipt.order.day) >= CONSIGNED_FROM

    def report(self, end: date, received: list[Receipt]) -> list[tuple[Receipt, Decimal]]:
        """What was sold since the last report: goods sell evenly, and out in some weeks."""
        rows: list[tuple[Receipt, Decimal]] = []
        still_waiting: list[Receipt] = []
        for receipt in [*self.waiting, *received]:
            share = min((end - receipt.day).days * _SOLD_A_DAY, Decimal(1))
            sold = (receipt.amount * share).quantize(CENT)
            news = sold - self.reported.get(receipt.number, ZERO)
            self.reported[receipt.number] = sold
            if news:
                rows.append((receipt, news))
            if sold < receipt.amount:
                still_waiting.append(receipt)
        self.waiting = still_waiting
        return rows
