"""Where orders stand on a day, worked out from the papers in plain Python, one day after another.

Takes the numbers as matching reads them (`resolved_*`), what invoices explain of receipts and what
payments clear; all sums, stages and days are its own.
"""

from collections import defaultdict
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from tests.support import World

Row = dict[str, Any]
NOTHING = Decimal(0)
MISSING = {
    "ordered": "delivery_note", "delivered": "goods_receipt", "received": "invoice_application",
    "applied": "invoice", "invoiced": "invoice_handover", "handed_over": "statement",
    "on_statement": "payment",
}  # fmt: skip
ACTORS = {"ordered": "仓库", "received": "开票", "applied": "开票"}


@dataclass
class Standing:
    """The amounts of an order at each step."""

    ordered: Decimal = NOTHING
    delivered: Decimal = NOTHING
    received: Decimal = NOTHING
    returned: Decimal = NOTHING
    applied: Decimal = NOTHING
    invoiced: Decimal = NOTHING
    handed_over: Decimal = NOTHING
    stated: Decimal = NOTHING
    paid: Decimal = NOTHING
    is_implied: bool = field(default=True)
    is_cancelled: bool = field(default=False)

    @property
    def stage(self) -> str:
        """Where its money is stuck."""
        net = self.received + self.returned
        if self.is_cancelled and not self.delivered and not self.received:
            return "cancelled"
        if self.is_implied and not any(getattr(self, name) for name in AMOUNTS):
            return "cancelled"  # all that named it was corrected
        if (net > 0 and self.paid >= net) or (self.received > 0 and net == 0):
            return "paid"
        if not self.received:
            return "delivered" if self.delivered else "ordered"
        if self.invoiced < net:
            return "received" if self.applied < net else "applied"
        if self.handed_over < self.invoiced:
            return "invoiced"
        return "handed_over" if self.stated < net else "on_statement"

    @property
    def missing_document(self) -> str | None:
        return MISSING.get(self.stage)

    @property
    def next_actor(self) -> str | None:
        if self.stage in ("paid", "cancelled"):
            return None
        return ACTORS.get(self.stage, "客户经理")


AMOUNTS = [each.name for each in fields(Standing) if each.type is Decimal]


class Papers:
    """All papers of a world of one chain, as they became known."""

    def __init__(self, world: World) -> None:
        def read(table: str) -> list[Row]:
            return world.rows(f"from {table} order by known_on")

        self.orders = read("staged.orders")
        self.deliveries = read("matched.resolved_deliveries")
        self.receipts = read("matched.resolved_receipts")
        self.applications = read("matched.resolved_applications")
        self.lines = read("matched.resolved_statement_lines")
        self.goods = read("matched.invoiced_goods")
        self.handovers = read("staged.invoice_handovers")
        self.clearings = read("matched.clearings")

    def on(self, day: date) -> dict[str, Standing]:
        """Every order that some paper names by then."""
        orders = _latest(self.orders, "order_no", day)
        deliveries = _latest(self.deliveries, "delivery_no", day)
        receipts = _latest(self.receipts, "receipt_no", day)
        found: dict[str, Standing] = defaultdict(Standing)
        for (row,) in orders.values():
            order = found[row["order_no"]]
            order.ordered, order.is_implied = row["amount"], False
            order.is_cancelled = bool(row["is_cancelled"])
        for (row,) in deliveries.values():
            if row["order_no"]:
                found[row["order_no"]].delivered += row["amount"]
        places: dict[str, str] = {}
        for number, (row,) in receipts.items():
            note = deliveries.get(row["delivery_no"])
            place = row["order_no"] or (note[0]["order_no"] if note else None)
            if place:
                places[number] = place
                step = "returned" if row["is_return"] else "received"
                _add(found[place], step, row["amount"])
        self._billed(day, places, found)
        self._said(day, places, found)
        return dict(found)

    def _billed(self, day: date, places: dict[str, str], found: dict[str, Standing]) -> None:
        """What invoices explain of receipts, whether they were handed over, what was paid."""
        handed_over = {row["invoice_no"] for row in self.handovers if row["known_on"] <= day}
        for row in self.goods:
            if row["known_on"] <= day and row["receipt_no"] in places:
                order = found[places[row["receipt_no"]]]
                order.invoiced += row["change"]
                if row["invoice_no"] in handed_over:
                    order.handed_over += row["change"]
        for row in self.clearings:
            is_of_receipt = row["unit_kind"] == "goods_receipt" and row["unit_no"] in places
            if is_of_receipt and row["known_on"] <= day:
                found[places[row["unit_no"]]].paid += row["amount"]

    def _said(self, day: date, places: dict[str, str], found: dict[str, Standing]) -> None:
        """What applications and statements say, of a receipt or else of the order they name."""
        goods = [row for row in self.lines if row["line_kind"] in ("receipt", "return")]
        for rows, key, step in (
            (self.applications, "application_no", "applied"), (goods, "statement_no", "stated"),
        ):  # fmt: skip
            for paper in _latest(rows, key, day).values():
                for row in paper:
                    place = places.get(row["receipt_no"]) or row["order_no"]
                    if place:
                        _add(found[place], step, row["amount"])


def _add(order: Standing, step: str, amount: Decimal) -> None:
    setattr(order, step, getattr(order, step) + amount)


def _latest(rows: list[Row], key: str, day: date) -> dict[str, list[Row]]:
    """The rows of the latest version of each paper known by a day."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row["known_on"] <= day:
            stands = found.get(row[key])
            if stands and stands[0]["known_on"] == row["known_on"]:
                stands.append(row)
            else:
                found[row[key]] = [row]
    return found
