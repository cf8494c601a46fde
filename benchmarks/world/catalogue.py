"""The ninety products the supplier sells."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from random import Random

_RANGES: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("乳品", "乳制品", "0.13", "箱", ("纯牛奶", "高钙奶", "早餐奶", "酸奶", "奶粉")),
    ("饮料", "软饮料", "0.13", "箱", ("苏打水", "乌龙茶", "柠檬茶", "果汁", "山泉水")),
    ("休闲食品", "烘焙食品", "0.13", "箱", ("苏打饼干", "蛋卷", "薯片", "坚果", "海苔")),
    ("粮油", "谷物加工品", "0.09", "袋", ("香米", "小米", "面粉", "燕麦", "挂面")),
    ("调味", "调味品", "0.13", "箱", ("生抽", "陈醋", "豆瓣酱", "蚝油", "芝麻油")),
    ("日化", "日用杂品", "0.13", "箱", ("洗洁精", "洗衣液", "抽纸", "湿巾", "香皂")),
)
_BRANDS = ("云岭", "禾田", "小江")


@dataclass(frozen=True)
class Product:
    """A product; `price` includes tax and is the list price per unit in CNY."""

    sku: str
    barcode: str
    name: str
    category: str
    tax_class: str
    unit: str
    tax_rate: Decimal
    unit_cost: Decimal
    price: Decimal


def make_products(seed: int) -> list[Product]:
    """Invent the product list, in sku order."""
    rng = Random(f"{seed}/products")
    products: list[Product] = []
    for category, tax_class, rate, unit, goods in _RANGES:
        for name in goods:
            for brand in _BRANDS:
                number = len(products) + 1
                price = Decimal(rng.randrange(1800, 16800, 10)) / 100
                cost = (price * Decimal(rng.randint(68, 86)) / 100).quantize(Decimal("0.0001"))
                products.append(
                    Product(
                        sku=f"{number:05d}",
                        barcode=_barcode(number),
                        name=f"{brand}{name}",
                        category=category,
                        tax_class=tax_class,
                        unit=unit,
                        tax_rate=Decimal(rate),
                        unit_cost=cost,
                        price=price,
                    )
                )
    return products


def _barcode(number: int) -> str:
    """Return a 13-digit code of the in-store range (prefix 2), with its check digit."""
    body = f"29900{number:07d}"
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(body))
    return body + str((10 - total % 10) % 10)
