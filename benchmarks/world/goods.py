"""Orders, deliveries, receipts and returns, and the papers about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from benchmarks.world.catalogue import Product
from benchmarks.world.lists import listed_on
from benchmarks.world.looks.canonical import Row
from benchmarks.world.model import FOUR, Delivery, Line, Order, Receipt, Story, after
from benchmarks.world.parties import CHAINS, ChainPlan, Customer, Parties
from benchmarks.world.settings import WorldSettings

LATE_DAYS = 7
_QUIET_STORES = {"YH-0009": date(2026, 6, 12), "XQ-001313": date(2026, 6, 30)}


@dataclass
class Goods:
    """Draws the movement of goods; one instance a world."""

    settings: WorldSettings
    parties: Parties
    products: list[Product]
    story: Story

    def __post_init__(self) -> None:
        self.rng = Random(f"{self.settings.seed}/goods")
        self.numbers: dict[str, int] = {}

    def run(self) -> None:
        """Let every order of the world happen."""
        for order in self._orders():
            self.story.orders.append(order)
            self._follow(order)

    def _orders(self) -> list[Order]:
        drawn: list[tuple[date, ChainPlan, Customer]] = []
        days = [day for day in self.settings.days if day.weekday() != 6]
        for plan in CHAINS:
            stores = self.parties.ship_to(plan.chain_id)
            weights = [store.weight for store in stores]
            for _ in range(round(self.settings.orders * plan.share / 100)):
                store = self.rng.choices(stores, weights)[0]
                last = _QUIET_STORES.get(store.customer_id)
                day = self.rng.choice([d for d in days if last is None or d <= last] or days[:1])
                drawn.append((day, plan, store))
        drawn.sort(key=lambda item: (item[0], item[1].chain_id, item[2].customer_id))
        return [self._order(day, plan, store) for day, plan, store in drawn]

    def _order(self, day: date, plan: ChainPlan, store: Customer) -> Order:
        chosen = self.rng.sample(self.products, self.rng.randint(*plan.lines))
        largest = 48 if store.level == "branch" else 120
        lines = [
            Line(
                product,
                Decimal(self.rng.randint(4, largest)).quantize(FOUR),
                product.price.quantize(FOUR),
                product.tax_rate,
            )
            for product in sorted(chosen, key=lambda p: p.sku)
        ]
        number = self._number(plan.chain_id, "order", day)
        return Order(number, store, day, after(day, 3), lines)

    def _number(self, chain_id: str, what: str, day: date) -> str:
        series = f"{chain_id}/{what}"
        self.numbers[series] = count = self.numbers.get(series, 0) + 1
        form = {
            "YH/order": f"YH{day:%y%m%d}{count:04d}",
            "QL/order": f"QLDH{count:07d}",
            "LZ/order": f"4500{count:06d}",
            "XQ/order": f"00{day:%y%m}{count:05d}",
            "BS/order": f"BSPO-{day:%y%m%d}-{count:03d}",
            "YH/receipt": f"YHYS{day:%y%m}{count:05d}",
            "QL/receipt": f"QLYS{count:07d}",
            "LZ/receipt": f"YS{day:%y%m%d}{count:05d}",
            "XQ/receipt": f"0081{count:06d}",
            "BS/receipt": f"BS-GR-{count:04d}",
            "YH/return": f"YHTH{day:%y%m}{count:05d}",
            "QL/return": f"QLTH{count:07d}",
            "LZ/return": f"TH{day:%y%m%d}{count:05d}",
            "XQ/return": f"0092{count:06d}",
            "BS/return": f"BS-RT-{count:04d}",
        }.get(series)
        return form or f"XSCK{day:%y%m}{count:06d}"

    def _arrival(self, day: date, usual: int, fault: str, number: str) -> date:
        """The day a paper of `day` reaches the inbox; now and then weeks later."""
        if self.rng.random() < 0.015:
            late = after(day, self.rng.randint(LATE_DAYS, 25))
            if late <= self.settings.last_day:
                self.story.plant(f"late_{fault}", number)
            return late
        return after(day, self.rng.randint(0, usual))

    def _follow(self, order: Order) -> None:
        story, rng = self.story, self.rng
        fate = rng.random()
        known_on = self._arrival(order.day, 1, "order", order.number)
        known_on = listed_on("orders", known_on, order.store.chain_id)
        if fate < 0.012:
            order.is_cancelled = True
            story.plant("cancelled_order", order.number)
            self._send_order(order, known_on, "open")
            known_on = after(known_on, rng.randint(1, 3))
            known_on = listed_on("orders", known_on, order.store.chain_id)
            self._send_order(order, known_on, "cancelled")
            return
        if fate < 0.019:
            story.plant("undelivered_order", order.number)
            self._send_order(order, known_on, "open")
            return
        lost = rng.choices(("", "order", "delivery", "receipt"), (978, 5, 6, 11))[0]
        if lost == "order":
            order.has_paper = False
            story.plant("missing_order_paper", order.number)
        else:
            self._send_order_versions(order, known_on)
        for day, lines in self._shipments(order):
            if day > self.settings.last_day:
                continue
            delivery = self._deliver(order, day, lines, is_lost=lost == "delivery")
            self._receive(delivery, is_lost=lost == "receipt")

    def _send_order_versions(self, order: Order, known_on: date) -> None:
        chance = self.rng.random()
        if chance < 0.012:
            first = Order(
                order.number, order.store, order.day, order.deliver_by,
                [line.of(line.quantity + 6) for line in order.lines],
            )  # fmt: skip
            self._send_order(first, known_on, "open")
            known_on = listed_on("orders", after(known_on, 1), order.store.chain_id)
            if known_on <= self.settings.last_day:
                self.story.plant("changed_order", order.number)
        self._send_order(order, known_on, "open")
        if 0.012 <= chance < 0.026:
            again = after(known_on, self.rng.randint(1, 9))
            again = listed_on("orders", again, order.store.chain_id)
            if self._send_order(order, again, "open"):
                self.story.plant("duplicate_order", order.number)

    def _send_order(self, order: Order, known_on: date, status: str) -> bool:
        rows: list[Row] = [
            {
                "chain_id": order.store.chain_id, "store_code": order.store.code,
                "order_no": order.number, "order_date": order.day,
                "deliver_by": order.deliver_by, "status": status, "line_no": line_no,
                "sku": line.product.sku, "quantity": line.quantity, "unit_price": line.price,
                "tax_rate": line.tax_rate, "amount": line.amount,
            }
            for line_no, line in enumerate(order.lines, start=1)
        ]  # fmt: skip
        return self.story.send("orders", (order.store.chain_id, order.number), known_on, rows)

    def _shipments(self, order: Order) -> list[tuple[date, list[Line]]]:
        rng = self.rng
        day = after(order.day, rng.randint(1, 3))
        if day.weekday() == 6:
            day = after(day, 1)
        chance = rng.random()
        if chance < 0.06:
            self.story.plant("partial_delivery", order.number)
            cut = rng.randrange(len(order.lines))
            return [(day, self._cut(order.lines, cut, rng.choice((0, 50, 75))))]
        if chance < 0.13:
            self.story.plant("split_delivery", order.number)
            first = [line.of(Decimal(int(line.quantity) // 2)) for line in order.lines]
            rest = [
                line.of(line.quantity - sent.quantity)
                for line, sent in zip(order.lines, first, strict=True)
            ]
            return [(day, first), (after(day, rng.randint(1, 5)), rest)]
        if chance < 0.137:
            self.story.plant("over_delivery", order.number)
            more = [order.lines[0].of(order.lines[0].quantity + 5), *order.lines[1:]]
            return [(day, more)]
        return [(day, list(order.lines))]

    @staticmethod
    def _cut(lines: list[Line], index: int, percent: int) -> list[Line]:
        """The lines with one of them cut to a percentage; a line cut to nothing is left out."""
        kept: list[Line] = []
        for number, line in enumerate(lines):
            quantity = line.quantity
            if number == index:
                quantity = Decimal(int(line.quantity * percent / 100))
            if quantity:
                kept.append(line.of(quantity))
        return kept or [lines[0].of(Decimal(1))]

    def _deliver(self, order: Order, day: date, lines: list[Line], is_lost: bool) -> Delivery:
        number = self._number("", "delivery", day)
        known_on = None
        if is_lost:
            self.story.plant("missing_delivery_note", number)
        else:
            known_on = self._arrival(day, 1, "delivery_note", number)
            known_on = listed_on("deliveries", known_on)
        delivery = Delivery(number, order, day, lines, known_on)
        self.story.deliveries.append(delivery)
        if known_on is not None:
            self._send_delivery(delivery, known_on)
            if self.rng.random() < 0.008:
                again = listed_on("deliveries", after(known_on, self.rng.randint(2, 12)))
                if self._send_delivery(delivery, again):
                    self.story.plant("duplicate_delivery_note", number)
        return delivery

    def _send_delivery(self, delivery: Delivery, known_on: date) -> bool:
        store = delivery.order.store
        rows: list[Row] = [
            {
                "delivery_no": delivery.number, "chain_id": store.chain_id,
                "store_code": store.code, "order_no": delivery.order.number,
                "delivery_date": delivery.day, "line_no": None, "sku": line.product.sku,
                "quantity": line.quantity, "unit_price": line.price, "tax_rate": None,
                "amount": line.amount,
            }
            for line in delivery.lines
        ]  # fmt: skip
        return self.story.send("deliveries", (delivery.number,), known_on, rows)

    def _receive(self, delivery: Delivery, is_lost: bool) -> None:
        rng, order = self.rng, delivery.order
        day = after(delivery.day, rng.randint(0, 2))
        if day > self.settings.last_day:
            return
        number = self._number(order.store.chain_id, "receipt", day)
        lines, cause = self._accepted(delivery, number)
        known_on = None
        if is_lost:
            self.story.plant("missing_receipt_paper", number)
        else:
            known_on = self._arrival(day, 2, "receipt", number)
            known_on = listed_on("goods_receipts", known_on, order.store.chain_id)
        receipt = Receipt(number, order.store, order, delivery, day, lines, known_on, cause=cause)
        self.story.receipts.append(receipt)
        if known_on is not None:
            self._send_receipt_versions(receipt, known_on)
            if rng.random() < 0.045:
                self._return(receipt)

    def _accepted(self, delivery: Delivery, number: str) -> tuple[list[Line], str]:
        lines = list(delivery.lines)
        chance = self.rng.random()
        index = self.rng.randrange(len(lines))
        line = lines[index]
        if chance < 0.045 and line.quantity > 3:
            self.story.plant("short_receipt", number)
            lines[index] = line.of(line.quantity - self.rng.randint(1, 3))
            return lines, "quantity"
        if chance < 0.06:
            self.story.plant("price_difference", number)
            lines[index] = line.at(line.price - Decimal("0.50"))
            return lines, "price"
        if chance < 0.072:
            # Same price without tax, another rate: 13 % goods booked at 9 % and the reverse.
            other = Decimal("0.09") if line.tax_rate == Decimal("0.13") else Decimal("0.13")
            price = (line.price / (1 + line.tax_rate) * (1 + other)).quantize(Decimal("0.01"))
            self.story.plant("tax_difference", number)
            lines[index] = line.at(price, other)
            return lines, "tax"
        return lines, ""

    def _send_receipt_versions(self, receipt: Receipt, known_on: date) -> None:
        chance = self.rng.random()
        if chance < 0.007:
            first = Receipt(
                receipt.number, receipt.store, receipt.order, receipt.delivery, receipt.day,
                [receipt.lines[0].of(receipt.lines[0].quantity + 1), *receipt.lines[1:]], known_on,
            )  # fmt: skip
            self._send_receipt(first, known_on)
            known_on = after(known_on, self.rng.randint(1, 4))
            receipt.known_on = known_on = listed_on(
                "goods_receipts", known_on, receipt.store.chain_id
            )
            if known_on <= self.settings.last_day:
                self.story.plant("changed_receipt", receipt.number)
        self._send_receipt(receipt, known_on)
        if 0.007 <= chance < 0.02:
            again = after(known_on, self.rng.randint(1, 14))
            again = listed_on("goods_receipts", again, receipt.store.chain_id)
            if self._send_receipt(receipt, again):
                self.story.plant("duplicate_receipt", receipt.number)

    def _send_receipt(self, receipt: Receipt, known_on: date) -> bool:
        order, delivery = receipt.order, receipt.delivery
        chain_id = receipt.store.chain_id
        # A stable trait of the number, so that every version of a paper names the same papers.
        trait = int(receipt.number[-3:]) % 40
        order_no: str | None = order.number
        delivery_no: str | None = None
        if delivery and delivery.known_on and chain_id != "LZ" and trait % 5 < 3:
            delivery_no = delivery.number
            if trait == 7 or trait == 20:
                order_no = None
                if known_on == receipt.known_on:
                    self.story.plant("receipt_names_delivery_only", receipt.number)
        rows: list[Row] = [
            {
                "chain_id": chain_id, "store_code": receipt.store.code,
                "receipt_no": receipt.number, "receipt_kind": receipt.kind,
                "order_no": order_no, "delivery_no": delivery_no,
                "receipt_date": receipt.day, "line_no": None if chain_id == "LZ" else line_no,
                "sku": line.product.sku, "quantity": line.quantity, "unit_price": line.price,
                "tax_rate": line.tax_rate, "amount": line.amount,
            }
            for line_no, line in enumerate(receipt.lines, start=1)
        ]  # fmt: skip
        return self.story.send("goods_receipts", (chain_id, receipt.number), known_on, rows)

    def _return(self, receipt: Receipt) -> None:
        rng = self.rng
        day = after(receipt.day, rng.randint(8, 25))
        if day > self.settings.last_day:
            return
        line = receipt.lines[0]
        back = [line.of(-Decimal(max(1, int(line.quantity) // rng.randint(2, 6))))]
        number = self._number(receipt.store.chain_id, "return", day)
        sent_back = Receipt(
            number, receipt.store, receipt.order, None, day, back,
            listed_on(
                "goods_receipts", after(day, rng.randint(0, 2)), receipt.store.chain_id
            ),
            kind="return",
        )  # fmt: skip
        self.story.receipts.append(sent_back)
        assert sent_back.known_on is not None
        if self._send_receipt(sent_back, sent_back.known_on):
            self.story.plant("return", number)
        if rng.random() < 0.25:
            known_on = listed_on("deliveries", after(day, 1))
            red = Delivery(self._number("", "delivery", day), receipt.order, day, back, known_on)
            if self._send_delivery(red, known_on):
                self.story.deliveries.append(red)
                self.story.plant("red_delivery_note", red.number)
