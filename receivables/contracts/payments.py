"""Contracts of statements, payments and what people promise and decide."""
# ruff: noqa: N805 (a rule of dataframely takes the schema class)

from __future__ import annotations

import dataframely as dy
import polars as pl

from receivables.contracts import fields as field
from receivables.contracts.kinds import ReceivedRow, received

DEDUCTION_KINDS = {
    "invoice_deducted": ("票扣",),
    "cash_deducted": ("账扣", "帐扣"),
    "paid_separately": ("交现", "现金"),
}


@received("statements", "对账单", key=("chain_id", "statement_no"), money="amount", has_lines=True)
class Statements(ReceivedRow):
    """Supermarket statements (对账单, 结算单), a row per line, signed as it moves the payable."""

    chain_id = field.code("连锁编号", "Chain that settles.", "连锁", "系统")
    statement_no = field.code("对账单号", "The chain's number of the statement.", "结算单号")
    party_code = field.code("结算主体", "Who settles, as the chain calls it.", optional=True)
    period_start = field.day("期间起", "First day settled.", "结算期起", optional=True)
    period_end = field.day("期间止", "Last day settled.", "结算期止", optional=True)
    planned_pay_on = field.day("计划付款日", "Day they plan to pay.", optional=True)
    printed_invoiceable = field.money(
        "应开票金额", "What the statement says is to be invoiced.", optional=True
    )
    printed_payable = field.money(
        "应付合计", "What the statement says they pay.", "实付金额", optional=True
    )
    line_no = field.whole("行号", "Line of the statement.", "序号")
    line_kind = field.choice(
        "行类型",
        "What the line is.",
        {
            "receipt": ("验收", "验收单", "收货"),
            "return": ("退货", "退货单"),
            "deduction": ("扣款", "扣项", "费用"),
            "adjustment": ("调整", "结算调整"),
            "prepayment": ("预付", "预付款"),
        },
        "单据类型",
    )
    store_code = field.code("门店编码", "Portal code of the store.", "门店代码", optional=True)
    order_no = field.code("订单号", "Order of the line.", "订货单号", optional=True)
    receipt_no = field.code("验收单号", "Receipt or return settled.", "单据编码", optional=True)
    invoice_no = field.code("发票号码", "Invoice settled.", optional=True)
    document_date = field.day("单据日期", "Date of that paper.", "发生日期", optional=True)
    fee_code = field.code("费用代码", "Our code of the fee.", "扣项代码", optional=True)
    fee_name = field.text("费用名称", "The fee in the chain's words.", "扣项名称", optional=True)
    deduction_kind = field.choice(
        "扣款方式", "How the fee is settled.", DEDUCTION_KINDS, optional=True
    )
    amount = field.money(
        "金额", "What it adds to the payable; returns and deductions negative.", "含税金额"
    )

    @dy.rule()
    def return_is_negative(cls) -> pl.Expr:
        """A return (退货) has a negative amount."""
        return (cls.line_kind.col != "return") | (cls.amount.col <= 0)

    @dy.rule()
    def period_runs_forward(cls) -> pl.Expr:
        """period_end (期间止) lies before period_start (期间起)."""
        return cls.period_start.col <= cls.period_end.col


@received(
    "statement_invoices",
    "结算发票",
    key=("chain_id", "statement_no"),
    money="amount",
    has_lines=True,
)
class StatementInvoices(ReceivedRow):
    """Invoices that a chain lists with a statement as those it settles, a row per rate."""

    chain_id = field.code("连锁编号", "Chain that settles.", "连锁", "系统")
    statement_no = field.code("对账单号", "Statement they belong to.", "结算单号")
    line_no = field.whole("行号", "Row of the list.", "序号")
    invoice_no = field.code("发票号码", "Invoice settled.", "数电发票号码")
    invoice_code = field.code("发票代码", "Code of paper invoices.", optional=True)
    issued_on = field.day("开票日期", "Day of issue.", optional=True)
    tax_rate = field.rate("税率", "VAT rate of the row.", optional=True)
    amount_excl_tax = field.money("金额", "Without tax.", "价额", "不含税金额", optional=True)
    tax = field.money("税额", "Tax.", optional=True)
    amount = field.money("价税合计", "With tax.", "含税金额")


@received(
    "deduction_notices",
    "扣款单",
    key=("chain_id", "notice_no"),
    money="amount",
    has_lines=True,
)
class DeductionNotices(ReceivedRow):
    """Deductions that a chain announces beside its statements: open fees, claims, agreements.

    They say what is coming, and why; the ledger takes deductions from statements alone.
    """

    chain_id = field.code("连锁编号", "Chain that deducts.", "连锁", "系统")
    notice_no = field.code("扣款单号", "The chain's number of it.", "索赔单号", "协议单号")
    line_no = field.whole("行号", "Row of the notice.", "序号")
    notice_kind = field.choice(
        "扣款类型",
        "A claim is about goods that went back; a fee is anything else.",
        {"fee": ("费用", "扣项", "协议"), "claim": ("索赔", "退货")},
    )
    party_code = field.code("供应商编码", "Our number at the chain.", "供应商编号", optional=True)
    store_code = field.code("门店编码", "Portal code of the store.", "门店代码", optional=True)
    announced_on = field.day("制单日期", "Day of the notice.", "定案日期", optional=True)
    taken_on = field.day("扣款日期", "Day it is taken, or was.", optional=True)
    fee_code = field.code("费用代码", "Our code of the fee.", "扣项代码", optional=True)
    fee_name = field.text("费用名称", "The fee in the chain's words.", "扣项名称", optional=True)
    deduction_kind = field.choice(
        "扣款方式", "How the fee is settled.", DEDUCTION_KINDS, optional=True
    )
    tax_rate = field.rate("税率", "VAT rate of the row.", optional=True)
    amount_excl_tax = field.money(
        "不含税金额", "What it adds to the payable, without tax.", optional=True
    )
    amount = field.money("金额", "What it adds to the payable; taken is negative.", "含税金额")
    status = field.text("状态", "How far it is, in the chain's words.", optional=True)
    statement_no = field.code(
        "对账单号", "Statement that took it.", "结算单号", "关联结算单号", optional=True
    )
    red_notice_no = field.code(
        "红字信息表编号", "Form on which the red invoice is issued.", optional=True
    )
    note = field.text("说明", "Why, in their words.", "备注", optional=True)


@received(
    "remittance_advices", "付款通知", key=("chain_id", "advice_no"), money="amount", has_lines=True
)
class RemittanceAdvices(ReceivedRow):
    """What a payment is for, a row per statement, invoice or fee; fees negative."""

    advice_no = field.code("付款通知单号", "Number of the advice.", "付款单号")
    chain_id = field.code("连锁编号", "Chain that pays.", "连锁", "系统")
    paid_on = field.day("付款日期", "Day of payment.", optional=True)
    line_no = field.whole("行号", "Line of the advice.", "序号")
    statement_no = field.code("对账单号", "Statement paid.", "结算单号", optional=True)
    invoice_no = field.code("发票号码", "Invoice paid.", optional=True)
    store_code = field.code("门店编码", "Portal code of the store.", "门店代码", optional=True)
    fee_code = field.code("费用代码", "Fee taken.", "扣项代码", optional=True)
    amount = field.money("金额", "Amount paid; what is taken is negative.", "付款金额")


@received("bank_receipts", "银行进账", key=("account_no", "transaction_no"), money="amount")
class BankReceipts(ReceivedRow):
    """Credits on our bank accounts, a row each."""

    account_no = field.code("账号", "Our account.", "本方账号")
    transaction_no = field.code("交易流水号", "The bank's number of the entry.", "流水号")
    received_on = field.day("入账日期", "Day the money arrived.", "记账日期", "交易日期")
    amount = field.money("金额", "Money in, CNY.", "贷方发生额", "收入金额")
    payer_name = field.text("对方户名", "Payer as the bank names it.", "付款人")
    payer_account = field.code("对方账号", "Payer's account.", "付款账号", optional=True)
    memo = field.text("摘要", "The payer's words.", "附言", "用途", optional=True)


@received("opening_items", "期初余额", key=("item_id",), money="balance")
class OpeningItems(ReceivedRow):
    """Items open on the day the books start here."""

    item_id = field.code("项目编号", "Identifier of the item.", "编号")
    customer_id = field.code("客户编号", "Customer that owes.", "客户编码", "客户代码")
    store_id = field.code("门店客户编号", "Where the business arose.", optional=True)
    document_no = field.code("单据号", "Paper it stands on.", "单据编号")
    document_on = field.day("单据日期", "Date of that paper.")
    due_on = field.day("到期日", "Day it falls due.", optional=True)
    balance = field.money("余额", "Open amount; credits negative.", "期初余额")
    is_invoiced = field.flag("是否已开票", "An invoice stands behind it.", optional=True)


@received("promises", "付款承诺", key=("customer_id", "promised_on", "pay_by"), money="amount")
class Promises(ReceivedRow):
    """What customers promised to pay by when."""

    customer_id = field.code("客户编号", "Customer that promised.", "客户编码", "客户代码")
    promised_on = field.day("承诺日期", "Day of the promise.")
    pay_by = field.day("承诺付款日", "Day by which they will pay.")
    amount = field.money("承诺金额", "Amount promised.", "金额", smallest=0)
    note = field.text("说明", "In their words.", "备注", optional=True)


@received("confirmations", "对账确认函", key=("customer_id", "confirmed_on"), money="amount")
class Confirmations(ReceivedRow):
    """Balances that customers confirmed with signature or seal (询证函回函)."""

    customer_id = field.code("客户编号", "Customer that confirmed.", "客户编码", "客户代码")
    confirmed_on = field.day("签章日期", "Day of the signature or seal.", "确认日期", "盖章日期")
    amount = field.money("确认余额", "Balance that they confirmed.", "确认金额", "金额")
    balance_on = field.day("对账截止日", "Day of the balance.", "截止日期", optional=True)
    signed_by = field.text("签章人", "Who signed for them.", "确认人", optional=True)
    note = field.text("说明", "In their words.", "备注", optional=True)


@received("decisions", "人工决定", key=("subject_kind", "subject_id", "decided_on"), money="amount")
class Decisions(ReceivedRow):
    """What people decided on exceptions, matches, deductions, cash and warnings."""

    subject_kind = field.choice(
        "对象类型",
        "What the decision is about.",
        {
            "exception": ("异常",),
            "suspected_match": ("疑似匹配",),
            "deduction": ("扣款",),
            "cash": ("回款",),
            "warning": ("预警",),
        },
    )
    subject_id = field.code("对象编号", "Identifier of the subject.")
    decision = field.text("决定", "What was decided.")
    target_id = field.code("目标编号", "What it was matched or assigned to.", optional=True)
    amount = field.money("金额", "Amount decided on.", optional=True)
    note = field.text("说明", "Why.", "备注", optional=True)
    decided_by = field.text("决定人", "Who decided.")
    decided_on = field.day("决定日期", "Day of the decision.")
