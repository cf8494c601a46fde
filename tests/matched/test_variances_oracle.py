"""Random papers: every difference is split as a person would split it, to the cent."""

import os
from collections import Counter
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests.matched.decomposed import Line, Order, Receipt, causes, total
from tests.papers import PROGRESS, Chain
from tests.support import money

ARTICLES = {"milk": "69000017", "rice": "69000024", "soap": None}  # sku and barcode
RATES = {"milk": Decimal("0.09"), "rice": Decimal("0.09"), "soap": Decimal("0.13")}
SEEDS = [int(os.environ.get("SIDAN_SEED", "0")) + number for number in range(2)]
ORDERS = 150


class Papers:
    """The papers of many orders in one chain, and the same as a person has them on the table."""

    def __init__(self, seed: int) -> None:
        self.rng, self.chain, self.orders = Random(seed), Chain(), dict[str, Order]()
        self.chain.world.given(
            "staged.products",
            [
                {"known_on": "05-01", "sku": sku, "barcode": barcode, "tax_rate": RATES[sku]}
                for sku, barcode in ARTICLES.items()
            ],
        )
        for number in range(ORDERS):
            self.order(f"O{number * 7919 + 10007}")

    def order(self, no: str) -> None:
        rng = self.rng
        order = self.orders[no] = Order(self.lines())
        self.send("orders", no, order.lines)
        for part in range(rng.choice([0, 1, 1, 2])):
            order.deliveries.append(self.like(order.lines))
            self.send("deliveries", f"D{no}-{part}", order.deliveries[-1], order_no=no)
        for part in range(rng.choice([0, 1, 1, 2])):
            receipt = Receipt(self.like((order.deliveries or [order.lines])[-1]))
            order.receipts.append(receipt)
            self.accept(no, f"R{no}-{part}", receipt)
        if order.receipts and rng.random() < 0.3:
            back = Receipt([Line(None, None, None, None, -money(rng.randint(1, 9)))], True)
            order.receipts.append(back)
            self.accept(no, f"T{no}", back)
        if rng.random() < 0.1:
            order.stated_beyond = money(rng.randint(5, 50))
            line = {"receipt_no": f"X{no}", "order_no": no, "amount": order.stated_beyond}
            self.chain.statement(f"SX{no}", [line], on="05-05")

    def accept(self, order_no: str, no: str, receipt: Receipt) -> None:
        """Send the receipt, and perhaps an invoice and a statement that speak of it."""
        rng, amount = self.rng, total(receipt.lines)
        self.send("goods_receipts", no, receipt.lines, order_no=order_no)
        end = rng.choice(["none", "none", "whole", "whole", "part", "red", "void"])
        if end != "none" and amount > 1 and not receipt.is_return:
            said = amount - 1 if end == "part" else amount
            self.chain.application(f"A{no}", no, said, f"V{no}", on="05-04")
            self.chain.invoice(f"V{no}", said, on="05-04")
            receipt.invoiced = said
        if end == "red" and receipt.invoiced:
            self.chain.invoice(
                f"W{no}", -receipt.invoiced, on="05-06", is_red=True, red_of_invoice_no=f"V{no}"
            )
            receipt.invoiced, receipt.reversed = Decimal(0), True
        if end == "void" and receipt.invoiced:
            self.chain.invoice(f"V{no}", said, on="05-04", known_on="05-06", status="void")
            receipt.invoiced = Decimal(0)
        if rng.random() < 0.4:
            receipt.stated = amount - rng.choice([0, 0, 1])
            kind = "return" if receipt.is_return else "receipt"
            line = {"receipt_no": no, "amount": receipt.stated, "line_kind": kind}
            self.chain.statement(f"S{no}", [line], on="05-05")

    def lines(self) -> list[Line]:
        return [self.line() for _ in range(self.rng.randint(1, 4))]

    def line(self) -> Line:
        """A line of some article, sometimes free, by the case, rounded or without quantity."""
        rng = self.rng
        article = rng.choice(list(ARTICLES))
        name = rng.choice([article, article, ARTICLES[article] or article])
        quantity, price = (
            rng.randint(1, 30),
            Decimal(rng.choice(["1", "2", "24", "2.35", "0.3333"])),
        )
        amount = money(quantity * price) + rng.choice([0, 0, money("0.01")])
        rate = rng.choice([RATES[article]] * 3 + [None, Decimal("0.06")])
        if rng.random() < 0.1:
            return Line(name, quantity, Decimal(0), rate, money(0))
        return Line(name, None if rng.random() < 0.03 else quantity, price, rate, amount)

    def like(self, lines: list[Line]) -> list[Line]:
        """The lines of the next paper: most as before, some changed, dropped or added."""
        rng = self.rng
        if rng.random() < 0.1:  # a paper without lines
            return [Line(None, None, None, None, total(lines) + rng.choice([0, 0, 3]))]
        kept = [line if rng.random() < 0.7 else self.changed(line) for line in lines]
        if rng.random() < 0.15:
            kept.append(self.line())
        return kept

    def changed(self, line: Line) -> Line:
        if not line.quantity or not line.price:
            return self.line()
        name, quantity, price, rate = line.article, line.quantity, line.price, line.rate
        what = self.rng.choice(["fewer", "dearer", "pieces", "rate", "cents"])
        if what == "fewer":
            quantity = max(1, quantity - self.rng.randint(1, 5))
        elif what == "dearer":
            price += Decimal("0.50")
        elif what == "pieces" and price == 24:
            quantity, price = quantity * 24 - self.rng.choice([0, 24]), Decimal(1)
        elif what == "rate":
            rate = Decimal("0.13") if rate != Decimal("0.13") else Decimal("0.09")
        cents = money("0.02") if what == "cents" else 0
        return Line(name, quantity, price, rate, money(quantity * price) + cents)

    def send(self, kind: str, no: str, lines: list[Line], **named: Any) -> None:
        days = {"orders": "05-01", "deliveries": "05-02", "goods_receipts": "05-03"}
        paper = {"orders": self.chain.order, "deliveries": self.chain.delivery,
                 "goods_receipts": self.chain.receipt}[kind]  # fmt: skip
        paper(no, total(lines), on=days[kind], **named)
        rows = [
            {"line_no": number, "sku": line.article, "quantity": line.quantity,
             "unit_price": line.price, "tax_rate": line.rate, "amount": line.amount,
             **(named if kind == "deliveries" else {})}
            for number, line in enumerate(lines, start=1)
        ]  # fmt: skip
        self.chain.lines(kind, no, rows, on=days[kind])


@pytest.mark.timeout(280)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_difference_is_split_as_a_person_would(seed: int) -> None:
    papers = Papers(seed)
    world = papers.chain.world.run(*PROGRESS, day_from="05-01", until="05-08")
    assert world.audit("matched/variances_sum_to_the_difference", "05-01", "05-08") == []
    rows = world.rows(
        "select order_no, step, cause, amount from matched.variances "
        "qualify known_on = max(known_on) over (partition by order_no, step)"
    )
    found: dict[str, dict[str, dict[str, Decimal]]] = {}
    for row in rows:
        if row["amount"]:
            steps = found.setdefault(row["order_no"], {})
            steps.setdefault(row["step"], {})[row["cause"]] = row["amount"]
    skus = {barcode: sku for sku, barcode in ARTICLES.items() if barcode}
    seen: Counter = Counter()
    for no, order in papers.orders.items():
        expected = causes(order, skus, RATES)
        assert found.get(no, {}) == expected, f"order {no} of seed {seed}: {order}"
        seen.update((step, cause) for step, parts in expected.items() for cause in parts)
    lines = {"quantity", "price", "tax", "rounding", "unexplained"}
    assert {cause for step, cause in seen if step == "delivery"} == lines, seed
    assert {cause for step, cause in seen if step == "receipt"} == {*lines, "return"}, seed
    assert {cause for step, cause in seen if step == "invoice"} == {
        "quantity", "red_invoice", "return", "unexplained",
    }  # fmt: skip
    assert {cause for step, cause in seen if step == "statement"} == {
        "quantity", "return", "unexplained",
    }  # fmt: skip
