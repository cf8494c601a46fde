"""Lines and wording of invoices, blue and red."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from benchmarks.world.looks.canonical import Row
from benchmarks.world.model import CENT, FOUR, ZERO, Line, Receipt


def money(row: Row, name: str) -> Decimal:
    """The amount in a field of a row."""
    value = row[name]
    assert isinstance(value, Decimal)
    return value


def billed_lines(receipt: Receipt, amount: Decimal) -> list[Line]:
    """The goods lines behind a billed amount: accepted goods, or delivered ones if that fits."""
    delivery = receipt.delivery
    if amount != receipt.amount and delivery is not None:
        delivered = sum((line.amount for line in delivery.lines), ZERO)
        if delivered == amount:
            return delivery.lines
    return receipt.lines


def invoice_lines(number: str, lines: Sequence[Line], amount: Decimal) -> list[Row]:
    """One invoice line per article, price and rate, summing to `amount` including tax.

    What is missing to `amount` (half a receipt, two cents) is taken from the largest line.
    """
    merged: dict[tuple[str, Decimal, Decimal], tuple[Line, Decimal, Decimal]] = {}
    for line in lines:
        key = (line.product.sku, line.price, line.tax_rate)
        _, quantity, value = merged.get(key, (line, Decimal(0), ZERO))
        merged[key] = (line, quantity + line.quantity, value + line.amount)
    whole = sum((value for _, _, value in merged.values()), ZERO)
    rows: list[Row] = []
    rest = amount
    for index, (line, quantity, value) in enumerate(merged.values(), start=1):
        if whole != amount:
            value = (value * amount / whole).quantize(CENT) if index < len(merged) else rest
            quantity = (value / line.price).quantize(FOUR)
        rest -= value
        excl = (value / (1 + line.tax_rate)).quantize(CENT)
        rows.append(
            {
                "invoice_no": number, "line_no": index,
                "description": f"*{line.product.tax_class}*{line.product.name}",
                "sku": line.product.sku, "quantity": quantity.quantize(FOUR),
                "unit_price_excl_tax": (line.price / (1 + line.tax_rate)).quantize(FOUR),
                "tax_rate": line.tax_rate, "amount_excl_tax": excl, "tax": value - excl,
            }
        )  # fmt: skip
    return rows


def gross(rows: Iterable[Row]) -> Decimal:
    """Sum of the lines including tax."""
    return sum((money(row, "amount_excl_tax") + money(row, "tax") for row in rows), ZERO)


def negated(row: Row) -> Row:
    """The line that takes this line back."""
    flipped = dict(row)
    for name in ("quantity", "amount_excl_tax", "tax"):
        flipped[name] = -money(row, name)
    return flipped


def red_remark(blue_number: str, serial: int) -> str:
    """The remark by which a red invoice names the blue one."""
    confirmation = f"99{serial + 26_000_000:012d}"
    return f"被红冲蓝字数电发票号码：{blue_number} 红字发票信息确认单编号：{confirmation}"
