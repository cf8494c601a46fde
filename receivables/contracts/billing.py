"""Contracts of invoices and what carries them: applications, hand-overs."""
# ruff: noqa: N805 (a rule of dataframely takes the schema class)

from __future__ import annotations

import decimal

import dataframely as dy
import polars as pl

from receivables.contracts import fields as field
from receivables.contracts.kinds import ReceivedRow, received

CENT = decimal.Decimal("0.01")
# The tax of a line is rounded per line and may be balanced against its neighbours.
LINE_TAX_TOLERANCE = decimal.Decimal("0.06")


@received(
    "invoice_applications", "开票申请", key=("application_no",), money="amount", has_lines=True
)
class InvoiceApplications(ReceivedRow):
    """Which receipt, delivery and order an invoice was asked for; comes back with its number."""

    application_no = field.code("申请单号", "Number of the application.", "申请编号")
    applied_on = field.day("申请时间", "Day of the application.", "申请日期")
    buyer_name = field.text("购货单位", "Buyer to stand on the invoice.", "抬头", optional=True)
    chain_id = field.code("连锁编号", "Chain of the buyer.", "连锁", "系统")
    store_code = field.code("门店编码", "Portal code of the store.", "门店代码", optional=True)
    order_no = field.code("订单号", "Order to bill.", "订货单号", optional=True)
    delivery_no = field.code("送货单号", "Delivery note to bill.", optional=True)
    delivery_date = field.day("送货日期", "Day of that delivery.", optional=True)
    receipt_no = field.code("验收单号", "Goods receipt to bill.", optional=True)
    amount = field.money("开票金额", "Amount to bill, tax included.", "金额")
    invoice_no = field.code("增值税票号", "Invoice issued for it.", "发票号码", optional=True)


@received("invoices", "发票", key=("invoice_no",), money="amount", adds_up=True)
class Invoices(ReceivedRow):
    """VAT invoices that we issued, a row per invoice; red ones are rows of their own.

    An export, an XML and an OFD of one invoice are one document; each may leave fields out.
    """

    invoice_no = field.code("发票号码", "Number; 20 digits for digital ones.", "数电发票号码")
    invoice_code = field.code("发票代码", "Code of paper invoices.", optional=True)
    buyer_tax_id = field.code("购方识别号", "Tax id of the buyer.", "购方税号", optional=True)
    buyer_name = field.text(
        "购买方名称", "Buyer on the invoice.", "购方名称", "购方企业名称", optional=True
    )
    issued_on = field.day("开票日期", "Day of issue.")
    amount_excl_tax = field.money("金额", "Without tax; red ones negative.", "不含税金额")
    tax = field.money("税额", "Tax; red ones negative.")
    amount = field.money("价税合计", "With tax; red ones negative.", "含税金额")
    status = field.choice(
        "发票状态",
        "As the tax bureau has it on the day of the export; normal where no paper states it.",
        {
            "normal": ("正常",),
            "void": ("已作废", "作废"),
            "red_full": ("已红冲-全额", "已红冲", "全额红冲"),
            "red_partial": ("已红冲-部分", "部分红冲"),
        },
        optional=True,
    )
    is_red = field.flag("是否红字", "Reverses another invoice.", optional=True)
    red_of_invoice_no = field.code(
        "被红冲发票号码", "The invoice it reverses.", "对应蓝字发票号", optional=True
    )
    remark = field.text("备注", "Remark printed on the invoice.", optional=True)

    @dy.rule()
    def parts_sum(cls) -> pl.Expr:
        """The amount (价税合计) is not amount_excl_tax (金额) plus tax (税额)."""
        return (cls.amount_excl_tax.col + cls.tax.col - cls.amount.col).abs() <= CENT

    @dy.rule()
    def buyer_is_named(cls) -> pl.Expr:
        """Neither buyer_tax_id (购方识别号) nor buyer_name (购买方名称) says who the buyer is."""
        return cls.buyer_tax_id.col.is_not_null() | cls.buyer_name.col.is_not_null()

    @dy.rule()
    def red_is_negative(cls) -> pl.Expr:
        """A red invoice has a negative amount."""
        return ~cls.is_red.col | (cls.amount.col <= 0)


@received("invoice_lines", "发票明细", key=("invoice_no",), money="amount_excl_tax", has_lines=True)
class InvoiceLines(ReceivedRow):
    """Lines of VAT invoices; equal lines within one invoice are legitimate."""

    invoice_no = field.code("发票号码", "Invoice of the line.", "数电发票号码")
    line_no = field.whole("行号", "Line of the invoice.", "序号")
    description = field.text("货物或应税劳务名称", "Goods as printed.", "商品名称", optional=True)
    sku = field.code("商品编码", "Our article number.", "货号", optional=True)
    quantity = field.quantity("数量", "Units billed.", optional=True)
    unit_price_excl_tax = field.quantity("单价", "Price without tax.", "不含税单价", optional=True)
    tax_rate = field.rate("税率", "VAT rate of the line.", optional=True)
    amount_excl_tax = field.money("金额", "Value without tax.", "不含税金额")
    tax = field.money("税额", "Tax of the line.")

    @dy.rule()
    def tax_follows_rate(cls) -> pl.Expr:
        """The tax (税额) is not amount_excl_tax (金额) times tax_rate (税率)."""
        gap = cls.amount_excl_tax.col * cls.tax_rate.col - cls.tax.col
        return gap.abs() <= LINE_TAX_TOLERANCE


@received("invoice_handovers", "交票记录", key=("invoice_no",))
class InvoiceHandovers(ReceivedRow):
    """Invoices handed to the chain; the date starts terms that run from the invoice."""

    invoice_no = field.code("发票号码", "Invoice handed over.", "增值税票号", "数电发票号码")
    handed_over_on = field.day("交票日期", "Day it was handed over.", "送票日期")
    confirmed_on = field.day("确认日期", "Day their portal confirmed it.", optional=True)
    received_by = field.text("签收人", "Who signed for it.", "接收人", optional=True)
