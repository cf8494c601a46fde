"""A seeded world of canonical papers with noise of one level, and the truth about every pair."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from benchmarks.matching.model import Naming, Paper, Reference, Row, Unasked, World, pair
from benchmarks.matching.noise import DISTORTIONS, Noise, mistyped

FIRST_DAY = date(2026, 3, 2)
DAYS = 40
STORES = 16
CENT = Decimal("0.01")
# What each chain's goods receipt has a field for.
FIELDS = {
    "HL": ("order", "delivery"),
    "BF": ("order", "delivery"),
    "WY": ("order", "delivery"),
    "ZC": ("order",),
    "JC": ("delivery",),
}
# Chains number their papers in their own ways; we are one of many suppliers, so their numbers
# leave gaps. Our delivery notes are numbered without a gap over all chains.
STYLES: dict[str, Callable[[str, date, int], str]] = {
    "HL": lambda store, on, count: f"45{count:08}",
    "BF": lambda store, on, count: f"D{on:%y%m%d}{count % 100000:05}",
    "WY": lambda store, on, count: f"{count:010}",
    "ZC": lambda store, on, count: f"CG-{on:%Y}-{count:06}",
    "JC": lambda store, on, count: f"{store}{on:%y%m%d}{count % 1000:03}",
}


def make(orders: int, level: str, seed: int) -> World:
    """A world of about so many orders."""
    return _Maker(orders, Noise(level), random.Random(f"{seed}/{level}")).world


class _Maker:
    def __init__(self, orders: int, noise: Noise, rng: random.Random) -> None:
        self.noise = noise
        self.rng = rng
        self.world = World()
        self.counts: dict[str, int] = {}
        self.used: set[tuple[str, str, str]] = set()
        self.happened: dict[Paper, date] = {}  # what is printed may be wrong
        self.meant: dict[Paper, tuple[Paper, Paper]] = {}  # order and delivery of a receipt
        stores = max(2, min(STORES, orders // 60))
        self.world.stores = [
            (chain, f"{number:04}") for chain in FIELDS for number in range(1, stores + 1)
        ]
        days = sorted(FIRST_DAY + timedelta(rng.randrange(DAYS)) for _ in range(orders))
        recent: dict[tuple[str, str], Paper] = {}
        for on in days:
            place = rng.choice(self.world.stores)
            recent[place] = self._order(place, on, recent.get(place))
        self._deliver()
        receipts = self._bill_all()
        self._write_rows(receipts)

    # orders

    def _order(self, place: tuple[str, str], on: date, last: Paper | None) -> Paper:
        chain, store = place
        lines = [
            (
                f"SP{self.rng.randint(1, 200):05}",
                Decimal(self.rng.choice((6, 12, 24, 36, 48, 60))),
                Decimal(self.rng.randint(380, 9800)) * CENT,
                Decimal("0.13"),
            )
            for _ in range(self.rng.randint(1, 4))
        ]
        if last and self.noise.befalls(self.rng, "twin"):
            lines = list(last.lines)
            if self.rng.random() < 0.5:  # nearly so
                sku, quantity, price, rate = lines[0]
                lines[0] = (sku, quantity, price + CENT, rate)
        near = last.no if last and self.noise.befalls(self.rng, "near number") else None
        no = self._number("order", chain, store, on, near)
        order = Paper("order", chain, no, store, on, None, _total(lines), lines)
        if not self.noise.befalls(self.rng, "lost"):
            order.known_on = self._known(on)
        order.on = self._printed(on)
        self.world.orders.append(order)
        self.happened[order] = on
        return order

    # goods

    def _deliver(self) -> None:
        for order in self.world.orders:
            on = self.happened[order] + timedelta(self.rng.randint(1, 4))
            parts = self._parts(order.lines, self.noise.befalls(self.rng, "split"))
            before: Paper | None = None
            for lines in parts:
                delivery = self._delivery(order, lines, on)
                on += timedelta(self.rng.randint(1, 3))
                if before and self.noise.befalls(self.rng, "two in one"):
                    self._receive(order, [before, delivery])
                    before = None
                    continue
                if before:
                    self._receive(order, [before])
                before = delivery
            if before:
                self._receive(order, [before])

    def _delivery(self, order: Paper, lines: list, on: date) -> Paper:
        no = self._number("delivery", order.chain, order.store, on, None)
        delivery = Paper("delivery", order.chain, no, order.store, on, None, _total(lines), lines)
        if not self.noise.befalls(self.rng, "lost"):
            delivery.known_on = self._known(on)
        self.happened[delivery] = on
        delivery.on = self._printed(on)
        self.world.deliveries.append(Naming(delivery, self._reference("order", order)))
        self._is_true(order, delivery)
        return delivery

    def _receive(self, order: Paper, deliveries: list[Paper]) -> None:
        lines = [line for delivery in deliveries for line in delivery.lines]
        if self.noise.befalls(self.rng, "short"):
            sku, quantity, price, rate = lines[0]
            lines = [(sku, quantity - self.rng.randint(1, 5), price, rate), *lines[1:]]
        parts = self._parts(lines, len(deliveries) == 1 and self.noise.befalls(self.rng, "split"))
        on = self.happened[deliveries[-1]] + timedelta(self.rng.randint(0, 2))
        for part in parts:
            no = self._number("goods_receipt", order.chain, order.store, on, None)
            receipt = Paper(
                "goods_receipt", order.chain, no, order.store, self._printed(on),
                self._known(on), _total(part), part,
            )  # fmt: skip
            self.happened[receipt] = on
            bare = self.noise.befalls(self.rng, "bare")
            fields = FIELDS[order.chain]
            self.world.receipts.append(
                Naming(
                    receipt,
                    self._reference("order", order, bare) if "order" in fields else None,
                    self._reference("delivery", deliveries[0], bare)
                    if "delivery" in fields
                    else None,
                )
            )
            self.meant[receipt] = order, deliveries[0]
            self._is_true(order, receipt)
            for delivery in deliveries:
                self._is_true(delivery, receipt)

    # invoices

    def _bill_all(self) -> list[tuple[Paper, list[tuple[Paper, Decimal]]]]:
        """Invoices with the receipts and amounts that they are for; unasked ones are put aside."""
        waiting: dict[tuple[str, str], list[Paper]] = {}
        asked: list[tuple[Paper, list[tuple[Paper, Decimal]]]] = []
        for receipt in sorted(self.meant, key=lambda paper: (self.happened[paper], paper.no)):
            group = waiting.setdefault((receipt.chain, receipt.store), [])
            group.append(receipt)
            if self.rng.random() < 0.6:
                waiting[receipt.chain, receipt.store] = []
                asked += self._bill(group)
        return asked

    def _bill(self, receipts: list[Paper]) -> list[tuple[Paper, list[tuple[Paper, Decimal]]]]:
        on = max(self.happened[receipt] for receipt in receipts) + timedelta(self.rng.randint(3, 9))
        parts = [(receipt, receipt.amount) for receipt in receipts]
        if self.noise.befalls(self.rng, "split"):
            receipt, amount = parts.pop()
            half = (amount / 2).quantize(CENT)
            first = self._invoice([*parts, (receipt, half)], on)
            return [first, self._invoice([(receipt, amount - half)], on + timedelta(1))]
        invoice, parts = self._invoice(parts, on)
        if self.noise.befalls(self.rng, "remark only"):
            remark = self._remark([receipt.no for receipt in receipts])
            self.world.unasked.append(Unasked(invoice, receipts, remark))
            return []
        if self.noise.befalls(self.rng, "sum only"):
            self.world.unasked.append(Unasked(invoice, receipts, None))
            return []
        return [(invoice, parts)]

    def _invoice(
        self, parts: list[tuple[Paper, Decimal]], on: date
    ) -> tuple[Paper, list[tuple[Paper, Decimal]]]:
        receipt = parts[0][0]
        no = f"26{self._next('invoice', 1):018}"
        amount = sum((amount for _, amount in parts), Decimal(0))
        invoice = Paper(
            "invoice", receipt.chain, no, receipt.store, on, self._known(on), amount
        )  # fmt: skip
        self.world.invoices.append(invoice)
        for part, _ in parts:
            self._is_true(part, invoice)
        return invoice, parts

    def _remark(self, numbers: list[str]) -> str:
        """The numbers in one of the ways in which people write several."""
        head, *rest = numbers
        drawn = self.rng.random()
        if drawn < 0.4 or not rest:
            return "验收单号：" + "、".join(numbers)
        if drawn < 0.7:
            return "验收单 " + " ".join(numbers)
        if all(no[:-4] == head[:-4] for no in rest):
            return "验收单 " + "/".join([head, *(no[-4:] for no in rest)])
        return "对应验收单" + ",".join(numbers)

    def _write_rows(self, invoices: list[tuple[Paper, list[tuple[Paper, Decimal]]]]) -> None:
        for count, (invoice, parts) in enumerate(invoices, start=1):
            application_no = f"KP{invoice.on:%y%m%d}{count:06}"
            known_on = self._known(invoice.on)
            for line_no, (receipt, amount) in enumerate(parts, start=1):
                order, delivery = self.meant[receipt]
                self.world.rows.append(
                    Row(
                        application_no,
                        line_no,
                        invoice.on,
                        known_on,
                        self._reference("goods_receipt", receipt),
                        self._reference("order", order),
                        self._reference("delivery", delivery),
                        amount,
                        invoice,
                    )  # fmt: skip
                )

    # what befalls papers and numbers

    def _reference(self, names: str, meant: Paper, bare: bool = False) -> Reference:
        noise = "bare" if bare else self.noise.of_reference(self.rng)
        if noise == "exact":
            return Reference(names, meant, meant.no, noise)
        if noise in ("bare", "missing"):
            return Reference(names, meant, None, noise)
        written = (
            self._neighbour(meant)
            if noise == "another's"
            else DISTORTIONS[noise](meant.no, self.rng)
        )
        if written is None or written == meant.no:
            return Reference(names, meant, mistyped(meant.no, self.rng), "mistyped")
        return Reference(names, meant, written, noise)

    def _neighbour(self, meant: Paper) -> str | None:
        """The number of another paper of the chain that one edit makes of this one."""
        numbers = self.used
        for place, sign in enumerate(meant.no):
            if not sign.isdigit():
                continue
            for digit in self.rng.sample("0123456789", 10):
                other = meant.no[:place] + digit + meant.no[place + 1 :]
                if other != meant.no and (meant.kind, meant.chain, other) in numbers:
                    return other
        return None

    def _number(self, kind: str, chain: str, store: str, on: date, near: str | None) -> str:
        """A new number; `near`: one edit away from that one."""
        while True:
            if near:
                no = mistyped(near, self.rng)
            elif kind == "delivery":
                no = f"2026{self._next(kind, 1):06}"
            else:
                gap = 3 if chain == "JC" else 40
                count = self._next(f"{kind} {chain}", self.rng.randint(1, gap))
                no = STYLES[chain](store, on, count)
                if kind == "goods_receipt":
                    no = no.replace("CG", "YS") if "CG" in no else _receipt_no(no)
            if (kind, chain, no) not in self.used:
                self.used.add((kind, chain, no))
                return no

    def _next(self, name: str, step: int) -> int:
        self.counts[name] = self.counts.get(name, self.rng.randint(1, 4) * 1000) + step
        return self.counts[name]

    def _known(self, on: date) -> date:
        late = self.rng.randint(3, 21) if self.noise.befalls(self.rng, "late") else 0
        return on + timedelta(self.rng.randint(0, 1) + late)

    def _printed(self, on: date) -> date:
        """The date on the paper."""
        if self.noise.befalls(self.rng, "date drift"):
            return on - timedelta(self.rng.randint(2, 21))
        return on

    def _parts(self, lines: list, is_split: bool) -> list[list]:
        if not is_split:
            return [lines]
        if len(lines) > 1:
            cut = self.rng.randint(1, len(lines) - 1)
            return [lines[:cut], lines[cut:]]
        sku, quantity, price, rate = lines[0]
        first = Decimal(int(quantity) // 3 or 1)
        return [[(sku, first, price, rate)], [(sku, quantity - first, price, rate)]]

    def _is_true(self, first: Paper, second: Paper) -> None:
        self.world.truth.add(pair(first, second))


def _receipt_no(no: str) -> str:
    """Receipts are numbered like orders, in a range of their own."""
    if no.startswith("D"):
        return f"Y{no[1:]}"
    if no.startswith("45"):
        return f"50{no[2:]}"
    return no[:-9] + "7" + no[-8:] if no.startswith("00") and len(no) == 10 else f"9{no}"


def _total(lines: list) -> Decimal:
    return sum((quantity * price for _, quantity, price, _ in lines), Decimal(0)).quantize(CENT)
