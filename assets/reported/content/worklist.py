"""The columns in which people decide, and what became of what they decided before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assets.reported.content.labels import OWNERS, next_action
from assets.reported.content.reading import Day
from assets.reported.content.sentences import cash_sentence, decision_sentence, exception_evidence
from receivables import decisions
from receivables.decisions import CHOICES, Choice
from receivables.workbook import Column, Kind, Label, Language, Sheet, bilingual

HOW = bilingual(
    "黄色格内选择决定并写明决定人，保存后整份文件放入收件夹即生效；排序或删行前先撤销工作表保护（无密码）",
    "choose in the yellow cells, say who decides, save, put the file into the inbox; lift the "
    "sheet's protection (no password) before sorting or deleting rows",
)

# the last column: what a decision comes back by, which nobody has to read
SUBJECT = Column("subject", Label(*decisions.SUBJECT), Kind.CODE, is_printed=False)
_AMOUNT = Column("amount", Label(*decisions.AMOUNT), Kind.MONEY, total=True)
_DECIDED = {
    choice.code: Label(choice.zh, choice.en) for choices in CHOICES.values() for choice in choices
}
_DECIDED_BEFORE = (
    Column("decided", bilingual("现有决定", "Decided"), codes=_DECIDED),
    Column("decided_before", bilingual("原决定人与日期", "By whom and when")),
)
_CHAIN = Column("chain_id", bilingual("连锁", "Chain"), Kind.CODE)
_EVIDENCE = Column("evidence", bilingual("依据", "Evidence"), widest=48)


def _off_paper(column: Column) -> Column:
    """The column for the screen only."""
    return replace(column, is_printed=False)


def entries(
    kind: str, *, only: Sequence[str] = (), targets: Sequence[str] = (), has_amount: bool = False
) -> list[Column]:
    """The columns to fill in for a kind of subject; `only` leaves these codes to choose."""
    offered = [choice for choice in CHOICES[kind] if not only or choice.code in only]
    columns = [_entry("decision", decisions.DECISION, 12, [_label(each) for each in offered])]
    if any(choice.needs != "nothing" for choice in offered):
        named = [Label(name, name) for name in targets]
        target = _entry("target_id", decisions.TARGET, 18, named)
        columns.append(replace(target, only_choices=False))
    if has_amount:
        columns.append(_entry("decided_amount", decisions.AMOUNT_DECIDED, 16, kind=Kind.MONEY))
    return [
        *columns,
        _entry("note", decisions.NOTE, 28),
        _entry("decided_by", decisions.DECIDED_BY, 12),
    ]


def _entry(
    key: str,
    heading: tuple[str, str],
    width: int,
    choices: Sequence[Label] = (),
    kind: Kind = Kind.TEXT,
) -> Column:
    return Column(key, Label(*heading), kind, widest=width, is_entry=True, choices=choices)


def _label(choice: Choice) -> Label:
    return Label(choice.zh, choice.en)


@dataclass(frozen=True)
class Listed:
    """Rows of a named query under columns some of which are left to be filled in.

    Read when they are written; `said` puts what the warehouse says into the pack's language.
    """

    day: Day
    query: str
    columns: Sequence[Column]
    language: Language

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        keys = [column.key for column in self.columns if not column.is_entry]
        more = ["reason", f"reason_{self.language}"] if "reason" in keys else []
        for row in self.day.tuples(self.query, [*keys, *more]):
            said = _said(dict(zip([*keys, "code", "label"], row, strict=False)), self.language)
            yield tuple(None if c.is_entry else said[c.key] for c in self.columns)


def _said(row: dict[str, Any], language: Language) -> dict[str, Any]:
    if "code" in row:
        row["reason"] = row["label"]
    if "next_action" in row:
        row["next_action"] = next_action(row["code"], row["next_action"], language)
    if "evidence" in row:
        row["evidence"] = exception_evidence(row["evidence"], language)
    for key in ("question", "candidates", "cash_evidence"):
        if key in row:
            row[key] = cash_sentence(row[key], language)
    for key in ("closed_because", "reopened_because", "sentence"):
        if key in row:
            row[key] = decision_sentence(row[key], language)
    return row


def exception_columns(day: Day) -> list[Column]:
    """What is said of an open exception, and what is to be filled in."""
    owners = [row["owner"] for row in day.rows("exception_owners") if row["owner"]]
    return [
        Column("reason", bilingual("原因", "Reason")),
        _CHAIN,
        Column("store_name", bilingual("门店", "Store"), widest=36),
        Column("order_no", bilingual("订单号", "Order"), Kind.CODE),
        Column("document_no", bilingual("涉及单据", "Document"), Kind.CODE),
        _AMOUNT,
        *entries("exception", targets=owners),
        Column("opened_on", bilingual("发现日期", "Opened"), Kind.DAY),
        Column("days_open", bilingual("未结天数", "Days open"), Kind.COUNT),
        Column("owner", bilingual("责任人", "Owner"), codes=OWNERS),
        Column("next_action", bilingual("下一步", "Next action"), widest=32),
        _EVIDENCE,
        _off_paper(Column("debtor_name", bilingual("付款客户", "Debtor"), widest=36)),
        *map(_off_paper, _DECIDED_BEFORE),
        _off_paper(
            Column(
                "reopened_because", bilingual("重新列出的原因", "Listed again because"), widest=40
            )
        ),
        SUBJECT,
    ]


def exceptions_sheet(day: Day, language: Language) -> Sheet:
    """The open exceptions, each to be decided on."""
    columns = exception_columns(day)
    return Sheet(
        bilingual("异常清单", "Exceptions"),
        columns,
        Listed(day, "exceptions", columns, language),
        HOW,
        frozen_columns=1,
        name="exceptions",
    )


def suspected_matches_sheet(day: Day, language: Language) -> Sheet:
    """The papers that may be meant, each to be matched or not."""
    columns = [
        _CHAIN,
        Column("to_kind", bilingual("单据类别", "Paper"), codes=_PAPERS),
        Column("to_no", bilingual("单据号", "Number"), Kind.CODE),
        Column("from_kind", bilingual("所引类别", "Names"), codes=_PAPERS),
        Column("named_no", bilingual("所写单号", "As written"), Kind.CODE),
        Column("from_no", bilingual("可能是", "May be"), Kind.CODE),
        _AMOUNT,
        Column("score", bilingual("把握", "Score"), Kind.PERCENT),
        *entries("suspected_match"),
        _EVIDENCE,
        SUBJECT,
    ]
    return Sheet(
        bilingual("疑似匹配", "Suspected matches"),
        columns,
        Listed(day, "suspected_matches", columns, language),
        HOW,
        frozen_columns=1,
        name="suspected_matches",
    )


def disputes_sheet(day: Day, language: Language) -> Sheet:
    """The deductions in dispute, each with the claim to send and to be decided on."""
    columns = [
        _CHAIN,
        Column("debtor_name", bilingual("付款客户", "Debtor"), widest=36),
        Column("document_no", bilingual("涉及单据", "Paper"), Kind.CODE),
        Column("fee_name", bilingual("费用", "Fee")),
        Column("taken", bilingual("扣款金额", "Taken"), Kind.MONEY, total=True),
        _AMOUNT,
        *entries("deduction", has_amount=True),
        Column("taken_on", bilingual("扣款日期", "Taken on"), Kind.DAY),
        Column("days_open", bilingual("未结天数", "Days open"), Kind.COUNT),
        Column(f"claim_{language}", bilingual("追索函用语", "Claim"), widest=64),
        *map(_off_paper, _DECIDED_BEFORE),
        SUBJECT,
    ]
    return Sheet(
        bilingual("扣款争议", "Disputed deductions"),
        columns,
        Listed(day, "disputes", columns, language),
        HOW,
        frozen_columns=1,
        name="disputes",
    )


def closed_sheet(day: Day, language: Language) -> Sheet:
    """What was closed lately, to be opened again where that was wrong."""
    columns = [
        Column("reason", bilingual("原因", "Reason")),
        _CHAIN,
        Column("order_no", bilingual("订单号", "Order"), Kind.CODE),
        Column("document_no", bilingual("涉及单据", "Document"), Kind.CODE),
        _AMOUNT,
        *entries("exception", only=["reopen"]),
        Column("known_on", bilingual("关闭日期", "Closed on"), Kind.DAY),
        Column("days_open", bilingual("历时天数", "Days open"), Kind.COUNT),
        Column("closed_because", bilingual("关闭原因", "Closed because"), widest=56),
        SUBJECT,
    ]
    return Sheet(
        bilingual("近期关闭", "Closed lately"),
        columns,
        Listed(day, "closed_exceptions", columns, language),
        bilingual("近 31 天关闭的异常；可重开", "closed in the last 31 days; may be reopened"),
        frozen_columns=1,
        name="closed_exceptions",
    )


def results_sheet(day: Day, language: Language) -> Sheet:
    """What became of what people decided lately, row by row."""
    columns = [
        Column("known_on", bilingual("处理日期", "On"), Kind.DAY),
        Column("result", bilingual("结果", "Result"), codes=_RESULTS),
        Column("sentence", bilingual("说明", "Why"), widest=56),
        Column("subject_kind", bilingual("对象类别", "About"), codes=_SUBJECTS),
        Column("subject_id", bilingual("对象", "Of"), Kind.CODE),
        Column("decided", bilingual("所作决定", "What was decided"), codes=_DECIDED),
        Column("target_id", bilingual("目标", "To"), Kind.CODE),
        Column("amount_decided", bilingual("金额", "Decided on"), Kind.MONEY),
        Column("decided_by", bilingual("由谁", "By")),
        Column("decided_on", bilingual("何日", "Decided"), Kind.DAY),
        Column("note", bilingual("备注", "Remark"), widest=36),
        Column("path", bilingual("文件", "File")),
        Column("sheet", bilingual("工作表", "Sheet")),
        Column("row_no", bilingual("行号", "Row"), Kind.COUNT),
    ]
    return Sheet(
        bilingual("处理结果", "Results"),
        columns,
        Listed(day, "decision_results", columns, language),
        bilingual(
            "近 31 天内放入收件夹的每一条决定的结果，最新在前",
            "what became of every decision of the last 31 days, the latest first",
        ),
        frozen_columns=2,
        name="decision_results",
    )


_RESULTS = {
    "taken": bilingual("已采用", "taken"),
    "unchanged": bilingual("无变化", "unchanged"),
    "unknown_subject": bilingual("编号不明", "unknown"),
    "not_understood": bilingual("无法理解", "not understood"),
    "contradicted": bilingual("有矛盾", "contradicted"),
    "superseded": bilingual("已被取代", "superseded"),
    "waiting": bilingual("待扣款后生效", "waiting"),
    "refused": bilingual("未采用", "refused"),
}
_SUBJECTS = {
    "exception": bilingual("异常", "exception"),
    "suspected_match": bilingual("疑似匹配", "suspected match"),
    "deduction": bilingual("扣款", "deduction"),
    "cash": bilingual("回款", "cash"),
    "warning": bilingual("预警", "warning"),
}
_PAPERS = {
    "order": bilingual("订单", "order"),
    "delivery": bilingual("送货单", "delivery"),
    "goods_receipt": bilingual("验收单", "goods receipt"),
    "application": bilingual("开票申请", "application"),
    "invoice": bilingual("发票", "invoice"),
    "statement": bilingual("对账单", "statement"),
}
