"""Why the papers of an order differ, worked out from the papers alone in plain Python.

Independent of the models: only what a person would do with the papers of one order on the table.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

Causes = dict[str, dict[str, Decimal]]  # by step and cause
CENT, ROUNDING = Decimal("0.01"), Decimal("0.05")


@dataclass(frozen=True)
class Line:
    """A line of a paper; an article is a sku or the barcode of one."""

    article: str | None
    quantity: int | None
    price: Decimal | None
    rate: Decimal | None
    amount: Decimal


@dataclass
class Receipt:
    """A goods receipt or a return (negative), and what others say of it."""

    lines: list[Line]
    is_return: bool = False
    invoiced: Decimal = Decimal(0)
    reversed: bool = False  # its invoice was taken back whole
    stated: Decimal = Decimal(0)


@dataclass
class Order:
    """All papers of an order."""

    lines: list[Line]
    deliveries: list[list[Line]] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    stated_beyond: Decimal = Decimal(0)  # listed under receipts that we do not have


@dataclass(frozen=True)
class Article:
    """What a side says of an article."""

    quantity: int
    price: Decimal | None
    rate: Decimal | None
    amount: Decimal


def total(lines: Iterable[Line]) -> Decimal:
    return sum((line.amount for line in lines), Decimal(0))


def causes(order: Order, skus: dict[str, str], rates: dict[str, Decimal]) -> Causes:
    """The causes of each step that differs; of a step that does not, nothing."""
    ordered, sent = order.lines, [line for paper in order.deliveries for line in paper]
    kept = [line for paper in order.receipts if not paper.is_return for line in paper.lines]
    back = total(line for paper in order.receipts if paper.is_return for line in paper.lines)
    accepted = total(kept) + back
    found: dict[str, Counter] = {}
    if total(sent):
        found["delivery"] = _of_lines(ordered, sent, skus, rates)
        _rest(found["delivery"], total(sent) - total(ordered))
    if total(sent) and total(kept):
        found["receipt"] = Counter()
        if accepted != total(sent):
            found["receipt"] = _of_lines(sent, kept, skus, rates)
            found["receipt"]["return"] += back
        _rest(found["receipt"], accepted - total(sent))
    invoiced = sum((paper.invoiced for paper in order.receipts), Decimal(0))
    if invoiced:
        found["invoice"] = _of_receipts(order.receipts, lambda paper: paper.invoiced)
        _rest(found["invoice"], invoiced - accepted)
    stated = sum((paper.stated for paper in order.receipts), order.stated_beyond)
    if stated:
        unreversed = [Receipt(p.lines, p.is_return, stated=p.stated) for p in order.receipts]
        found["statement"] = _of_receipts(unreversed, lambda paper: paper.stated)
        found["statement"]["quantity"] += order.stated_beyond
        _rest(found["statement"], stated - accepted)
    told = {step: {c: part for c, part in parts.items() if part} for step, parts in found.items()}
    return {step: parts for step, parts in told.items() if parts}


def _rest(parts: Counter, difference: Decimal) -> None:
    """What nothing explains; a step that does not differ has no causes."""
    if difference == 0:
        parts.clear()
    else:
        parts["unexplained"] += difference - sum(parts.values(), Decimal(0))


def _of_receipts(receipts: list[Receipt], said_of) -> Counter:
    parts: Counter = Counter()
    for paper in receipts:
        amount, said = total(paper.lines), said_of(paper)
        if paper.is_return:
            parts["return"] += said - amount
        elif said == 0:
            parts["red_invoice" if paper.reversed else "quantity"] -= amount
    return parts


def _of_lines(
    earlier: list[Line], later: list[Line], skus: dict[str, str], rates: dict[str, Decimal]
) -> Counter:
    """Article by article, where every line of both sides names its article and quantity."""
    parts: Counter = Counter()
    if any(line.article is None or line.quantity is None for line in [*earlier, *later]):
        return parts
    before, after = (_articles(lines, skus, rates) for lines in (earlier, later))
    for sku in before.keys() | after.keys():
        parts.update(_split(before.get(sku), after.get(sku)))
    return parts


def _articles(
    lines: list[Line], skus: dict[str, str], rates: dict[str, Decimal]
) -> dict[str, Article]:
    by_sku: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_sku[skus.get(line.article or "", line.article or "")].append(line)
    return {sku: _article(sku, of_sku, rates) for sku, of_sku in by_sku.items()}


def _article(sku: str, lines: list[Line], rates: dict[str, Decimal]) -> Article:
    sold = [line for line in lines if line.amount] or lines  # free goods move no money
    quantity, amount = sum(line.quantity or 0 for line in sold), total(lines)
    priced = [line for line in lines if line.amount]
    prices = {line.price for line in priced}
    price = prices.pop() if len(prices) == 1 else None
    if price is None and quantity:
        price = (amount / quantity).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    known = [rate for line in lines if (rate := line.rate or rates.get(sku)) is not None]
    return Article(quantity, price, max(known, default=None), amount)


def _split(before: Article | None, after: Article | None) -> Counter:
    """Quantity at the earlier price, then tax, then price; the two papers may count in cases."""
    was = before.amount if before else Decimal(0)
    now = after.amount if after else Decimal(0)
    if not before or not after or not before.quantity or not after.quantity:
        return Counter(quantity=now - was)
    counted = Fraction(after.quantity) * _units(before, after)
    at_earlier = Fraction(before.price or 0) * (counted - before.quantity)
    quantity = _cents(at_earlier)
    tax = _tax(before, after, now - was - quantity)
    price = now - was - quantity - tax
    opposite = quantity * price < 0
    if opposite and 2 * min(abs(quantity), abs(price)) > max(abs(was), abs(now)):
        return Counter()  # units that we do not know
    cause = "rounding" if abs(price) <= ROUNDING else "price"
    parts = Counter(quantity=quantity, tax=tax)
    parts[cause] += price
    return parts


def _units(before: Article, after: Article) -> Fraction:
    """How many units of the earlier paper one of the later is, by their prices."""
    if not (before.price and after.price):
        return Fraction(1)
    for dear, cheap, many, few, factor in (
        (before.price, after.price, after.quantity, before.quantity, lambda n: Fraction(1, n)),
        (after.price, before.price, before.quantity, after.quantity, Fraction),
    ):
        pieces = int((dear / cheap).quantize(Decimal(1), ROUND_HALF_UP))
        is_multiple = pieces >= 2 and abs(dear - pieces * cheap) <= Decimal("0.005") * pieces
        if is_multiple and few * pieces <= 2 * many <= 4 * few * pieces:
            return factor(pieces)
    return Fraction(1)


def _tax(before: Article, after: Article, left: Decimal) -> Decimal:
    if before.rate is None or after.rate is None or before.rate == after.rate:
        return Decimal(0)
    old, new = 1 + before.rate, 1 + after.rate
    net_before, net_after = (
        Fraction(before.price or 0) / Fraction(old),
        (Fraction(after.price or 0) / Fraction(new)),
    )
    if abs(net_after - net_before) < Fraction(CENT):
        return left
    return after.amount - _cents(Fraction(after.amount) * Fraction(old) / Fraction(new))


def _cents(value: Fraction) -> Decimal:
    """A figure rounded to the cent, halves away from zero."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.000001")).quantize(CENT, ROUND_HALF_UP)
