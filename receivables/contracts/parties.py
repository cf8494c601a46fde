"""Contracts of master data: who buys, on what terms, how much was planned and promised."""
# ruff: noqa: N805 (a rule of dataframely takes the schema class)

from __future__ import annotations

import datetime as dt

import dataframely as dy
import polars as pl

from receivables.contracts import fields as field
from receivables.contracts.kinds import ReceivedRow, received

FOREVER = dt.date(9999, 12, 31)
LONG_AGO = dt.date(1900, 1, 1)


@received("customers", "客户", key=("customer_id",))
class Customers(ReceivedRow):
    """Head offices, branches and distribution centres that we sell to, one row each."""

    customer_id = field.code(
        "客户编号", "Our own identifier of the customer.", "客户编码", "客户代码"
    )
    customer_name = field.text("客户名称", "Full registered name.", "名称")
    level = field.choice(
        "客户层级",
        "What it is within its chain.",
        {
            "head_office": ("总店", "总部", "总公司"),
            "branch": ("分店", "门店"),
            "dc": ("总仓", "配送中心", "物流中心"),
        },
        "层级",
    )
    head_office_id = field.code(
        "总店编号", "Customer id of the head office it belongs to.", "总部编号", optional=True
    )
    chain_id = field.code(
        "连锁编号", "Chain that it belongs to; nothing crosses chains.", "连锁", "系统"
    )
    region = field.text("区域", "Sales region, as agreements name it.", "大区", optional=True)
    channel = field.choice(
        "渠道",
        "Trade channel, which decides the bands of its class.",
        {"chain": ("连锁", "商超"), "wholesale": ("批发", "经销商"), "retail": ("零售", "零售店")},
    )
    tax_id = field.code(
        "税号",
        "Unified social credit code of the buyer.",
        "纳税人识别号",
        "统一社会信用代码",
        optional=True,
    )
    nature = field.choice(
        "企业性质",
        "Ownership, one part of the credit score.",
        {
            "state": ("国有",),
            "foreign": ("外资", "合资"),
            "listed": ("上市",),
            "private": ("民营", "私营"),
            "sole": ("个体", "个体工商户"),
        },
        optional=True,
    )
    store_count = field.whole("门店数", "Stores it runs.", optional=True)
    area_sqm = field.quantity("营业面积", "Sales area in square metres.", optional=True, smallest=0)
    registered_capital = field.money(
        "注册资本", "Registered capital in CNY.", optional=True, smallest=0
    )
    manager = field.text(
        "负责人", "Our person responsible for the account.", "客户经理", optional=True
    )
    manager_email = field.text(
        "负责人邮箱", "Where packs and warnings for the account go.", "客户经理邮箱", optional=True
    )
    opened_on = field.day("开店日期", "First day of trading.", optional=True, first=LONG_AGO)
    closed_on = field.day("关店日期", "Last day of trading.", optional=True, last=FOREVER)


@received("customer_aliases", "客户别名", key=("chain_id", "alias_kind", "alias", "customer_id"))
class CustomerAliases(ReceivedRow):
    """Other ways a paper may name a customer: portal codes, short names, tax ids, accounts."""

    chain_id = field.code("连锁编号", "Chain in which the alias is used.", "连锁", "系统")
    alias_kind = field.choice(
        "别名类型",
        "What the alias is.",
        {
            "store_code": ("门店编码", "门店代码", "店号"),
            "name": ("名称", "简称"),
            "tax_id": ("税号",),
            "bank_account": ("银行账号", "账号"),
        },
    )
    alias = field.code("别名", "The name, code or number as papers have it.")
    customer_id = field.code("客户编号", "The customer meant.", "客户编码", "客户代码")
    valid_from = field.day("生效日期", "First day the alias means it.", "有效期起", optional=True)
    valid_to = field.day(
        "失效日期", "Last day the alias means it.", "有效期止", optional=True, last=FOREVER
    )

    @dy.rule()
    def ends_after_it_starts(cls) -> pl.Expr:
        """valid_to (失效日期) lies before valid_from (生效日期)."""
        return cls.valid_from.col <= cls.valid_to.col


@received("settlement_agreements", "结算协议", key=("agreement_id",))
class SettlementAgreements(ReceivedRow):
    """Who owes and when it falls due, for a chain, a region, a store or a category."""

    agreement_id = field.code("协议编号", "Identifier of the agreement.", "合同编号")
    chain_id = field.code("连锁编号", "Chain it binds.", "连锁", "系统")
    region = field.text("区域", "Only stores of this region; empty: all.", "大区", optional=True)
    customer_id = field.code("客户编号", "Only this store; empty: all.", "客户编码", optional=True)
    category = field.text(
        "品类", "Only goods of this category; empty: all.", "商品类别", optional=True
    )
    pattern = field.choice(
        "结算模式",
        "Where order and receivable stand.",
        {
            "branch_branch": ("分店送分店结", "店对店"),
            "branch_head": ("分店送总店结", "分送总结"),
            "head_head": ("总仓送总店结", "总对总"),
        },
    )
    debtor_id = field.code(
        "结算主体", "Customer that owes, if not the one the pattern names.", "债务人", optional=True
    )
    term_kind = field.choice(
        "账期类型",
        "What the term counts from.",
        {
            "monthly": ("月结",),
            "invoice": ("票到",),
            "receipt": ("货到",),
            "batch": ("批结", "压批"),
            "consignment": ("代销", "实销实结"),
        },
    )
    term_days = field.whole("账期天数", "Days of the term.", "天数", optional=True, largest=1000)
    batch_lag = field.whole(
        "压批数", "Batch n falls due when batch n + this is received.", optional=True, largest=100
    )
    pay_days = field.pay_days(
        "付款日", "Days of the month on which they pay, e.g. 10;25.", "结算日", optional=True
    )
    statement_days = field.pay_days(
        "对账日",
        "Days of the month on which a period ends, e.g. 25; empty: the last day of the month.",
        "结账日",
        optional=True,
    )
    grace_days = field.whole(
        "宽限天数", "Delays holds and warnings, never a due date.", optional=True, largest=1000
    )
    cash_policy = field.choice(
        "核销方式",
        "Whether cash without evidence may go to the oldest item.",
        {"evidence_only": ("凭据核销", "有据核销"), "oldest_first": ("先到期先核销", "先进先出")},
        optional=True,
    )
    valid_from = field.day("生效日期", "First delivery date it covers.", "有效期起")
    valid_to = field.day(
        "失效日期", "Last delivery date it covers.", "有效期止", optional=True, last=FOREVER
    )

    @dy.rule()
    def ends_after_it_starts(cls) -> pl.Expr:
        """valid_to (失效日期) lies before valid_from (生效日期)."""
        return cls.valid_from.col <= cls.valid_to.col

    @dy.rule()
    def term_has_days(cls) -> pl.Expr:
        """Monthly, invoice and receipt terms need term_days (账期天数)."""
        return (
            ~cls.term_kind.col.is_in(["monthly", "invoice", "receipt"])
            | cls.term_days.col.is_not_null()
        )

    @dy.rule()
    def batch_has_a_lag(cls) -> pl.Expr:
        """A batch term (批结) needs batch_lag (压批数), 1 or more: what releases a batch."""
        return (cls.term_kind.col != "batch") | (cls.batch_lag.col.fill_null(0) >= 1)


@received("deduction_agreements", "扣款协议", key=("agreement_id",))
class DeductionAgreements(ReceivedRow):
    """What a chain may deduct, on what basis and up to what amount."""

    agreement_id = field.code("协议编号", "Identifier of the agreement.", "合同编号")
    chain_id = field.code("连锁编号", "Chain it binds.", "连锁", "系统")
    customer_id = field.code(
        "客户编号", "Only this customer; empty: all.", "客户编码", optional=True
    )
    fee_code = field.code("费用代码", "Our code of the fee.", "扣项代码", "扣项编码")
    fee_name = field.text("费用名称", "The fee in words.", "扣项名称")
    basis = field.choice(
        "计费方式",
        "What the fee is counted on.",
        {
            "percent_of_net_purchases": ("按净进货比例", "净进货百分比"),
            "fixed_per_month": ("每月固定", "按月固定"),
            "fixed_per_event": ("每次固定", "按次固定"),
            "per_unit": ("按件", "每件"),
        },
        "计算方法",
    )
    rate_or_amount = field.points(
        "费率或金额", "Percent points for a percentage, else CNY (e.g. 3 or 3% = three percent)."
    )
    cap = field.money(
        "上限", "Most that may be taken in the cap's period.", optional=True, smallest=0
    )
    cap_period = field.choice(
        "上限周期",
        "What the cap holds for; empty: one statement.",
        {
            "statement": ("每单", "每张对账单"),
            "month": ("每月", "月"),
            "year": ("每年", "年"),
        },
        optional=True,
    )
    kind = field.choice(
        "扣款方式",
        "How it is settled.",
        {
            "invoice_deducted": ("票扣",),
            "cash_deducted": ("账扣", "帐扣"),
            "paid_separately": ("交现", "现金"),
        },
    )
    valid_from = field.day("生效日期", "First day it covers.", "有效期起")
    valid_to = field.day("失效日期", "Last day it covers.", "有效期止", optional=True, last=FOREVER)

    @dy.rule()
    def ends_after_it_starts(cls) -> pl.Expr:
        """valid_to (失效日期) lies before valid_from (生效日期)."""
        return cls.valid_from.col <= cls.valid_to.col


@received("credit_approvals", "授信审批", key=("approval_id",), money="approved_limit")
class CreditApprovals(ReceivedRow):
    """Approved credit applications; a customer without one pays cash."""

    approval_id = field.code("审批编号", "Identifier of the approval.", "审批单号")
    customer_id = field.code("客户编号", "Customer that may owe.", "客户编码", "客户代码")
    approved_limit = field.money("批准额度", "Most it may owe, CNY.", "授信额度", smallest=0)
    term_days = field.whole(
        "账期天数", "Longest term approved.", "天数", optional=True, largest=1000
    )
    approved_on = field.day("审批日期", "Day of the approval.", "批准日期")
    valid_to = field.day("失效日期", "Last day it holds.", "有效期止", optional=True, last=FOREVER)
    approver = field.text("审批人", "Who approved.")


@received("products", "商品", key=("sku",))
class Products(ReceivedRow):
    """Goods that we sell."""

    sku = field.code("商品编码", "Our own article number.", "货号", "商品代码")
    barcode = field.code("条码", "EAN-13 of the consumer unit.", "条形码", optional=True)
    product_name = field.text("商品名称", "Name on our price list.", "品名")
    category = field.text(
        "品类", "Category, as agreements and plans name it.", "商品类别", optional=True
    )
    tax_rate = field.rate("税率", "VAT rate as a share, e.g. 0.13.")
    unit_cost = field.quantity("单位成本", "Cost of one unit without tax, CNY.", optional=True)


@received(
    "sales_plans", "销售计划", key=("customer_id", "month", "category"), money="planned_amount"
)
class SalesPlans(ReceivedRow):
    """Planned sales of a customer in a month."""

    customer_id = field.code("客户编号", "Customer planned for.", "客户编码", "客户代码")
    month = field.month("月份", "Month planned, YYYY-MM.", "年月")
    category = field.text(
        "品类", "Only this category; empty: all goods.", "商品类别", optional=True
    )
    planned_amount = field.money("计划金额", "Planned sales, tax included.", "销售计划")


@received(
    "expense_budgets", "费用预算", key=("customer_id", "month", "fee_code"), money="budget_amount"
)
class ExpenseBudgets(ReceivedRow):
    """Budgeted selling expenses of a customer in a month."""

    customer_id = field.code("客户编号", "Customer budgeted for.", "客户编码", "客户代码")
    month = field.month("月份", "Month budgeted, YYYY-MM.", "年月")
    fee_code = field.code("费用代码", "Only this fee; empty: all fees.", "扣项代码", optional=True)
    budget_amount = field.money("预算金额", "Budgeted expense, CNY.", "费用预算")


@received("incidents", "重大变故", key=("incident_id",))
class Incidents(ReceivedRow):
    """Reported events that endanger an account: theft, accident, lawsuit, store closing."""

    incident_id = field.code("事件编号", "Identifier of the report.")
    customer_id = field.code("客户编号", "Customer concerned.", "客户编码", "客户代码")
    happened_on = field.day("发生日期", "Day it happened.")
    kind = field.text("事件类型", "What happened, in a word.", "类型")
    severity = field.text("严重程度", "How bad it is, as the report grades it.", "等级")
    note = field.text("说明", "The report's own words.", "备注", optional=True)
    reported_by = field.text("报告人", "Who reported it.", optional=True)
