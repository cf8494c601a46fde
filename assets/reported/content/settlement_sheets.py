"""The sheets of the settlement pack, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assets.reported.content.labels import CAP_PERIODS, OWNERS, PAPERS, PATTERNS
from assets.reported.content.parties import Parties
from assets.reported.content.sentences import agreement_sentence
from receivables.workbook import Column, Kind, Label, Language, Sheet, Tone, bilingual

Row = dict[str, Any]


@dataclass(frozen=True)
class Content:
    """What a sheet shows of the rows of the query of its name; names of parties are looked up."""

    title: Label
    note: Label
    columns: Sequence[Column]
    frozen: int = 2


def sheet_of(name: str, rows: Sequence[Row], parties: Parties, language: Language) -> Sheet:
    """One sheet of the pack."""
    content = SHEETS[name]

    def cell(row: Row, key: str) -> Any:
        if key.endswith("_name") and key not in row:
            return parties.name(row[f"{key.removesuffix('_name')}_id"])
        if key == "sentence":
            return agreement_sentence(row[key], language)
        return row[key]

    return Sheet(
        content.title,
        content.columns,
        [tuple(cell(row, column.key) for column in content.columns) for row in rows],
        content.note,
        content.frozen,
        name,
    )


def _money(key: str, zh: str, en: str, *, alarm: bool = False, total: bool = True) -> Column:
    return Column(key, bilingual(zh, en), Kind.MONEY, total=total, alarm=alarm)


_CHAIN = Column("chain_id", bilingual("连锁", "Chain"), Kind.CODE)
_DEBTOR = Column("debtor_id", bilingual("付款客户", "Debtor"), Kind.CODE)
_DEBTOR_NAME = Column("debtor_name", bilingual("客户名称", "Name"), widest=30)
_STORE = Column("store_id", bilingual("门店", "Store"), Kind.CODE)
_STORE_NAME = Column("store_name", bilingual("门店名称", "Store name"), widest=30)

_VERDICTS = {
    "agrees": bilingual("一致", "as agreed"),
    "differs": bilingual("不一致", "otherwise"),
}
_BASES = {"agreed": bilingual("协议", "agreed"), "inferred": bilingual("推断", "inferred")}
_FAULTS = {
    "overlap": bilingual("期间重叠", "overlap"),
    "unknown_customer": bilingual("门店不明", "unknown store"),
    "unknown_debtor": bilingual("付款方不明", "unknown debtor"),
    "foreign_customer": bilingual("门店属其他连锁", "store of another chain"),
    "foreign_debtor": bilingual("付款方属其他连锁", "debtor of another chain"),
}
_CAUSES = {
    "not_printed": bilingual("对账单未印合计", "no total printed"),
    "none": bilingual("相符", "agrees"),
    "asked_of_us": bilingual("扣款超过货款，向我方收款", "deductions exceed goods"),
    "paid_separately_taken": bilingual("交现费用被扣在货款内", "fees paid separately were taken"),
    "deductions_added": bilingual("扣款正负号相反", "deductions added, not taken"),
    "cash_deductions_left_out": bilingual("合计未减账扣", "cash deductions left out"),
    "cash_deductions_taken_from_invoice": bilingual(
        "账扣又减了应开票", "cash deductions taken from the invoice too"
    ),
    "invoice_deductions_left_out": bilingual("合计未减票扣", "invoice deductions left out"),
    "adjustments_left_out": bilingual("合计未含调整", "adjustments left out"),
    "prepayments_left_out": bilingual("合计未含预付", "prepayments left out"),
    "lines_do_not_sum": bilingual("明细与合计不符，请对方补齐", "lines do not sum: ask for them"),
}
_STATES = {
    "broken": bilingual("未兑现", "broken"),
    "open": bilingual("未到期", "open"),
    "kept": bilingual("已兑现", "kept"),
}

SHEETS: Mapping[str, Content] = {
    "settlement_behaviour": Content(
        bilingual("结算模式执行", "Behaviour"),
        bilingual(
            "每个连锁按约定模式与各类单据实际所示模式对照；不一致的排在前面",
            "the pattern agreed with each chain against what its papers show; differences first",
        ),
        [
            _CHAIN,
            Column("pattern", bilingual("结算模式", "Settled by"), codes=PATTERNS),
            Column("basis", bilingual("依据", "Basis"), codes=_BASES),
            Column("paper", bilingual("单据", "Paper"), codes=PAPERS),
            Column("evidence_pattern", bilingual("单据所示", "Paper shows"), codes=PATTERNS),
            Column(
                "verdict",
                bilingual("结论", "Verdict"),
                codes=_VERDICTS,
                tones={"agrees": Tone.GOOD, "differs": Tone.BAD},
            ),
            Column("orders", bilingual("订单数", "Orders"), Kind.COUNT),
            _money("amount", "金额", "Amount", total=False),
        ],
    ),
    "agreement_faults": Content(
        bilingual("协议问题", "Agreement faults"),
        bilingual("无法同时执行的结算协议；改正后重发", "agreements that cannot all be followed"),
        [
            _CHAIN,
            Column("agreement_id", bilingual("协议", "Agreement"), Kind.CODE),
            Column("fault", bilingual("问题", "Fault"), codes=_FAULTS),
            Column("other_id", bilingual("涉及", "Concerns"), Kind.CODE),
            Column("sentence", bilingual("说明与处理", "What to do"), widest=80),
        ],
    ),
    "statement_totals": Content(
        bilingual("应开票与应付", "Statement totals"),
        bilingual(
            "近 62 天的对账单：按明细重算，与印出的合计对照；不符的排在前面",
            "statements of 62 days: worked out from their lines, against what they print",
        ),
        [
            _CHAIN,
            Column("statement_no", bilingual("对账单", "Statement"), Kind.CODE),
            Column("known_on", bilingual("收到日期", "Received"), Kind.DAY),
            Column(
                "cause",
                bilingual("核对结果", "Result"),
                codes=_CAUSES,
                tones={
                    code: Tone.GOOD if code == "none" else Tone.POOR
                    for code in _CAUSES
                    if code != "not_printed"
                },
                widest=24,
            ),
            _money("goods_amount", "货款", "Goods"),
            _money("adjustments", "调整", "Adjustments"),
            _money("prepayments", "预付", "Prepayments"),
            _money("invoice_deducted", "票扣", "Invoice deducted"),
            _money("cash_deducted", "账扣", "Cash deducted"),
            _money("paid_separately", "交现", "Paid separately"),
            _money("invoiceable", "应开票", "To invoice"),
            _money("printed_invoiceable", "印出应开票", "To invoice, printed"),
            _money("invoiceable_difference", "应开票差额", "To invoice, difference"),
            _money("payable", "应付", "Payable"),
            _money("printed_payable", "印出应付", "Payable, printed"),
            _money("payable_difference", "应付差额", "Payable, difference"),
        ],
    ),
    "deduction_use": Content(
        bilingual("费用额度", "Fee agreements"),
        bilingual(
            "本年各扣款协议的使用：本月、本年累计与上限；超出部分在异常清单的扣款争议中处理",
            "what fee agreements were used for this year, against their caps",
        ),
        [
            Column("agreement_id", bilingual("扣款协议", "Agreement"), Kind.CODE),
            Column("fee_name", bilingual("费用", "Fee"), widest=24),
            _CHAIN,
            Column("customer_id", bilingual("门店或客户", "Of"), Kind.CODE),
            Column("customer_name", bilingual("名称", "Name"), widest=30),
            _money("taken_this_month", "本月扣款", "This month"),
            _money("month_to_date", "本月合同内", "Supported this month"),
            _money("taken_this_year", "本年扣款", "This year"),
            _money("year_to_date", "本年合同内", "Supported this year"),
            Column("cap", bilingual("上限", "Cap"), Kind.MONEY),
            Column("cap_period", bilingual("上限期间", "Cap period"), codes=CAP_PERIODS),
            Column("cap_used", bilingual("已用", "Used"), Kind.PERCENT),
            _money("disputed", "超合同金额", "Beyond agreement", alarm=True),
        ],
    ),
    "promises": Content(
        bilingual("付款承诺", "Promises"),
        bilingual(
            "近一年的付款承诺：未兑现的在前", "promises to pay of the year, broken ones first"
        ),
        [
            Column("customer_id", bilingual("客户", "Customer"), Kind.CODE),
            Column("customer_name", bilingual("客户名称", "Name"), widest=30),
            Column(
                "promise_state",
                bilingual("状态", "State"),
                codes=_STATES,
                tones={"broken": Tone.BAD, "open": Tone.POOR, "kept": Tone.GOOD},
            ),
            Column("promised_on", bilingual("承诺日期", "Promised on"), Kind.DAY),
            Column("pay_by", bilingual("应付日期", "Pay by"), Kind.DAY),
            _money("amount", "承诺金额", "Promised"),
            _money("paid", "期内到账", "Paid in time"),
            _money("missing", "未到账", "Missing", alarm=True),
            Column("note", bilingual("备注", "Note"), widest=40),
        ],
    ),
    "invoices_not_handed_over": Content(
        bilingual("未交票发票", "Not handed over"),
        bilingual(
            "已开未交的发票；票到账期的客户在交票前不起算账期",
            "issued and not handed over; a term from the hand-over does not run",
        ),
        [
            _CHAIN,
            Column("invoice_no", bilingual("发票号", "Invoice"), Kind.CODE),
            _DEBTOR,
            _DEBTOR_NAME,
            _money("amount", "金额", "Amount"),
            Column("orders", bilingual("订单数", "Orders"), Kind.COUNT),
            Column("opened_on", bilingual("自", "Since"), Kind.DAY),
            Column("days_open", bilingual("天数", "Days"), Kind.COUNT, alarm=True),
            Column("owner", bilingual("责任人", "Owner"), codes=OWNERS),
        ],
    ),
    "write_offs": Content(
        bilingual("核销汇总", "Write-offs"),
        bilingual("按月汇总的小额差额与扣款核销", "small differences and deductions by month"),
        [
            Column("month", bilingual("月份", "Month"), Kind.CODE),
            _DEBTOR,
            _DEBTOR_NAME,
            _CHAIN,
            _money("small_differences", "小额差额", "Small differences"),
            _money("deductions", "扣款核销", "Deductions"),
            _money("amount", "合计", "Together"),
            Column("entries", bilingual("笔数", "Entries"), Kind.COUNT, total=True),
        ],
    ),
    "consigned_stock": Content(
        bilingual("代销在店", "Consigned stock"),
        bilingual(
            "代销商品已验收、尚未报销售的部分：仍是我方存货，不是应收",
            "accepted on consignment and not reported as sold: stock of ours, no receivable",
        ),
        [
            _CHAIN,
            _STORE,
            _STORE_NAME,
            Column("receipt_no", bilingual("验收单", "Receipt"), Kind.CODE),
            Column("receipt_date", bilingual("验收日期", "Received"), Kind.DAY),
            Column("days", bilingual("天数", "Days"), Kind.COUNT),
            _money("accepted", "验收金额", "Accepted"),
            _money("reported", "已报销售", "Sold"),
            _money("at_store", "在店金额", "At the store"),
            _DEBTOR,
        ],
    ),
}
