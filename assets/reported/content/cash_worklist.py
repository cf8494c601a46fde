"""The sheet on which people say what payments are for, or take them off what they were put on."""

from assets.reported.content.reading import Day
from assets.reported.content.worklist import SUBJECT, Listed, entries
from receivables import decisions
from receivables.workbook import Column, Kind, Label, Language, Sheet, bilingual

_STATES = {
    "unapplied": bilingual("未核销", "no place"),
    "in_part": bilingual("部分按金额核销", "part placed by its amount"),
    "applied": bilingual("已按金额核销", "placed by its amount"),
}
HOW = bilingual(
    "未核销的回款，及近日仅凭金额核销的回款。匹配：写明单据号（多张用 ; 隔开）；"
    "不匹配：退回已核销；指派：写明客户编号；先进先出：从最早的欠款核销",
    "money without a place, and money placed by its amount lately. match: give the papers' numbers "
    "(several with ;); unmatch: take it off; assign: give the customer's number; oldest first: pay "
    "from the oldest on",
)


def cash_sheet(day: Day, language: Language) -> Sheet:
    """Payments without a place, and those placed by their amount alone, each to be decided on."""
    columns = [
        Column("state", bilingual("状态", "State"), codes=_STATES),
        Column("chain_id", bilingual("连锁", "Chain"), Kind.CODE),
        Column("debtor_name", bilingual("付款客户", "Debtor"), widest=36),
        Column("payer_name", bilingual("付款方", "Payer"), widest=36),
        Column("received_on", bilingual("到账日期", "Received"), Kind.DAY),
        Column("paid", bilingual("回款金额", "Paid"), Kind.MONEY),
        Column("amount", Label(*decisions.AMOUNT), Kind.MONEY, total=True),
        *entries("cash"),
        Column("question", bilingual("待确认", "Question"), widest=48),
        Column("candidates", bilingual("可能对应", "May be for"), widest=64),
        Column("cash_evidence", bilingual("依据", "Evidence"), widest=56),
        Column("memo", bilingual("附言", "Memo"), widest=36),
        SUBJECT,
    ]
    return Sheet(
        bilingual("回款核销", "Cash"),
        columns,
        Listed(day, "cash_to_decide", columns, language),
        HOW,
        frozen_columns=1,
        name="cash",
    )
