"""Limits with the approvals behind them, and the history of tiers with its reasons."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from assets.reported.content.labels import (
    ACTION_TONES,
    CREDIT_ACTIONS,
    LIMIT_BASES,
    TIER_TONES,
)
from assets.reported.content.parties import Parties
from assets.reported.content.reading import Day
from assets.reported.content.sentences import sentence
from receivables.workbook import Block, Column, Kind, Label, Language, Sheet, Tone, bilingual

Row = dict[str, Any]

APPROVALS = {
    "valid": bilingual("有效", "valid"),
    "expiring": bilingual("期限内到期", "ends by the deadline"),
    "ended": bilingual("已到期", "ended"),
    "missing": bilingual("缺授信申请", "missing"),
}
_TONES = {"expiring": Tone.POOR, "ended": Tone.BAD, "missing": Tone.BAD}
_CUSTOMER = Column("customer_id", bilingual("客户", "Customer"), Kind.CODE)
_NAME = Column("name", bilingual("客户名称", "Name"), widest=34)


def approvals_block(limits: Sequence[Row]) -> Block:
    """How many limits stand on an approval that is valid, expiring, ended or missing."""
    counts = Counter(row["approval_state"] for row in limits)
    return Block(
        bilingual("授信审批", "Approvals of limits"),
        [
            Column("state", bilingual("审批", "Approval"), codes=APPROVALS),
            Column("customers", bilingual("客户数", "Customers"), Kind.COUNT),
        ],
        [(state, counts[state]) for state in APPROVALS if counts[state]],
        sheet="limits",
    )


def limits_sheet(limits: Sequence[Row], parties: Parties, language: Language) -> Sheet:
    """Every limit with its approval; branches stand below the head office they share it with."""
    columns = [
        Column("group_id", bilingual("总部", "Head office"), Kind.CODE),
        _CUSTOMER,
        _NAME,
        Column("limit_basis", bilingual("额度依据", "Limit basis"), codes=LIMIT_BASES),
        Column("approval_state", bilingual("审批", "Approval"), codes=APPROVALS, tones=_TONES),
        Column("approval_id", bilingual("审批编号", "Approval no."), Kind.CODE),
        Column("approval_ends_on", bilingual("失效日期", "Ends on"), Kind.DAY),
        Column("approved_limit", bilingual("批准额度", "Approved"), Kind.MONEY),
        Column("computed_limit", bilingual("测算额度", "Computed"), Kind.MONEY),
        Column("group_limit", bilingual("集团额度", "Group limit"), Kind.MONEY),
        Column("credit_limit", bilingual("授信额度", "Limit"), Kind.MONEY),
        Column("judged_exposure", bilingual("敞口", "Exposure"), Kind.MONEY),
        Column("over_limit", bilingual("超额度", "Over limit"), Kind.MONEY, alarm=True),
        Column("limit_reason", bilingual("依据", "Why"), widest=56),
    ]
    rows = [
        tuple(
            {
                **row,
                "name": parties.name(row["customer_id"]),
                "limit_reason": sentence(row["limit_reason"], language),
            }[column.key]
            for column in columns
        )
        for row in limits
    ]
    note = bilingual(
        "分店列在总部之下；分店额度不超过集团额度",
        "branches stand below their head office, whose limit none exceeds",
    )
    return Sheet(bilingual("额度与审批", "Limits"), columns, rows, note, 3, "limits")


def history_sheet(day: Day, parties: Parties, language: Language) -> Sheet:
    """Every change of class, tier, limit or action since the last review, the newest first."""
    columns = [
        Column("changed_on", bilingual("日期", "Day"), Kind.DAY),
        _CUSTOMER,
        _NAME,
        Column("previous_class", bilingual("原分类", "Class from")),
        Column("customer_class", bilingual("分类", "Class to")),
        Column("previous_tier", bilingual("原等级", "Tier from"), tones=TIER_TONES),
        Column("credit_tier", bilingual("等级", "Tier to"), tones=TIER_TONES),
        Column("previous_score", bilingual("原评分", "Score from"), Kind.SCORE),
        Column("score", bilingual("评分", "Score to"), Kind.SCORE),
        Column("previous_limit", bilingual("原额度", "Limit from"), Kind.MONEY),
        Column("credit_limit", bilingual("额度", "Limit to"), Kind.MONEY),
        _action("previous_action", bilingual("原措施", "Action from")),
        _action("action", bilingual("措施", "Action to")),
        Column("change_reason", bilingual("理由", "Why"), widest=70),
    ]
    rows = [
        tuple(
            {
                **row,
                "name": parties.name(row["customer_id"]),
                "change_reason": sentence(row["change_reason"], language),
            }[column.key]
            for column in columns
        )
        for row in day.rows("tier_changes")
    ]
    note = bilingual(
        "自上次评审以来的每次变动及其理由", "every change since the last review, and why"
    )
    return Sheet(bilingual("评级历史", "History"), columns, rows, note, 3, "history")


def _action(key: str, label: Label) -> Column:
    return Column(key, label, codes=CREDIT_ACTIONS, tones=ACTION_TONES)
