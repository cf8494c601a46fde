"""Contracts of the papers that follow the goods: orders, deliveries, goods receipts."""
# ruff: noqa: N805 (a rule of dataframely takes the schema class)

from __future__ import annotations

import dataframely as dy
import polars as pl

from receivables.contracts import fields as field
from receivables.contracts.kinds import ReceivedRow, received

# Portals give the same paper as a list (a row for each) and as a detail (its lines).
LINE_FIELDS = ("line_no", "sku", "quantity")
LINE_TERMS = ("unit_price", "tax_rate")


@received(
    "orders",
    "订单",
    key=("chain_id", "order_no"),
    money="amount",
    has_lines=True,
    adds_up=True,
    line_fields=LINE_FIELDS,
    line_terms=LINE_TERMS,
)
class Orders(ReceivedRow):
    """Purchase orders of the chains, a row per line (or one row for an order without lines)."""

    chain_id = field.code("连锁编号", "Chain that ordered.", "连锁", "系统")
    store_code = field.code("门店编码", "Portal code of the store to deliver to.", "门店代码")
    for_store_code = field.code(
        "要货门店编码",
        "Store that goods delivered to a DC or head office are for; empty: the one delivered to.",
        "要货门店",
        optional=True,
    )
    order_no = field.code("订单号", "The chain's number of the order.", "订货单号", "订单编码")
    order_date = field.day("订货日期", "Day of the order.", "订单日期")
    deliver_by = field.day("送货日期", "Latest day of delivery.", "要求到货日期", optional=True)
    status = field.choice(
        "订单状态",
        "Open unless the chain cancelled it.",
        {
            "open": ("有效", "正常", "未完成", "已完成"),
            "cancelled": ("已取消", "取消", "作废", "已作废"),
        },
        "状态",
        optional=True,
    )
    line_no = field.whole("行号", "Line of the order.", "序号", optional=True)
    sku = field.code("商品编码", "Our article number.", "货号", optional=True)
    quantity = field.quantity("数量", "Units ordered.", "订货数量", "订货数", optional=True)
    unit_price = field.quantity("含税单价", "Price of a unit, tax included.", "进价", optional=True)
    tax_rate = field.rate("税率", "VAT rate of the line.", optional=True)
    amount = field.money("含税金额", "Value of the line, tax included.", "金额")


@received(
    "deliveries",
    "送货单",
    key=("delivery_no",),
    money="amount",
    has_lines=True,
    adds_up=True,
    line_fields=LINE_FIELDS,
    line_terms=LINE_TERMS,
)
class Deliveries(ReceivedRow):
    """Our delivery notes, a row per line."""

    delivery_no = field.code("送货单号", "Our number of the delivery note.", "出库单号", "单据编号")
    chain_id = field.code("连锁编号", "Chain delivered to.", "连锁", "系统")
    store_code = field.code("门店编码", "Portal code of the store delivered to.", "门店代码")
    order_no = field.code("订单号", "Order it fulfils.", "订货单号", "订单编码", optional=True)
    delivery_date = field.day("送货日期", "Day the goods left or arrived.", "出库日期", "日期")
    line_no = field.whole("行号", "Line of the note.", "序号", optional=True)
    sku = field.code("商品编码", "Our article number.", "货号", optional=True)
    quantity = field.quantity("数量", "Units delivered.", "送货数量", optional=True)
    unit_price = field.quantity("含税单价", "Price of a unit, tax included.", "单价", optional=True)
    tax_rate = field.rate("税率", "VAT rate of the line.", optional=True)
    amount = field.money("含税金额", "Value of the line, tax included.", "金额")


@received(
    "goods_receipts",
    "验收单",
    key=("chain_id", "receipt_no"),
    money="amount",
    has_lines=True,
    adds_up=True,
    line_fields=LINE_FIELDS,
    line_terms=LINE_TERMS,
)
class GoodsReceipts(ReceivedRow):
    """What the store or DC accepted (验收单) or sent back (退货单, negative), a row per line."""

    chain_id = field.code("连锁编号", "Chain that received.", "连锁", "系统")
    store_code = field.code("门店编码", "Portal code of the receiving store.", "门店代码")
    receipt_no = field.code(
        "验收单号", "The chain's number of the receipt.", "入库单号", "收货单号"
    )
    receipt_kind = field.choice(
        "单据类型",
        "Receipt or return.",
        {
            "receipt": ("验收", "验收单", "收货", "收货单", "入库", "入库单"),
            "return": ("退货", "退货单", "退厂", "退厂单"),
        },
    )
    order_no = field.code("订单号", "Order received on.", "订货单号", "订单编码", optional=True)
    delivery_no = field.code("送货单号", "Our delivery note received.", optional=True)
    receipt_date = field.day("验收日期", "Day accepted or sent back.", "收货日期", "发生日期")
    line_no = field.whole("行号", "Line of the receipt.", "序号", optional=True)
    sku = field.code("商品编码", "Our article number.", "货号", optional=True)
    quantity = field.quantity(
        "数量", "Units accepted; returns negative.", "验收数量", optional=True
    )
    unit_price = field.quantity("含税单价", "Price of a unit, tax included.", "进价", optional=True)
    tax_rate = field.rate("税率", "VAT rate of the line.", "进项税率", optional=True)
    amount = field.money(
        "含税金额", "Value of the line, tax included; returns negative.", "金额", "金额（含税）"
    )

    @dy.rule()
    def return_is_negative(cls) -> pl.Expr:
        """A return (退货) has a negative amount."""
        return (cls.receipt_kind.col != "return") | (cls.amount.col <= 0)

    @dy.rule()
    def return_quantity_is_negative(cls) -> pl.Expr:
        """A return (退货) has a negative quantity."""
        return (cls.receipt_kind.col != "return") | (cls.quantity.col <= 0)
