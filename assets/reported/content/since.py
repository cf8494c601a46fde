"""Blocks for covers: what changed since the day before, and whom it concerns."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from assets.reported.content.figures import DayFigures
from assets.reported.content.labels import CHANGES, RULES, TIER_TONES
from assets.reported.content.parties import Parties
from assets.reported.content.sentences import decision_sentence, sentence
from receivables.workbook import Block, Column, Kind, Language, Sheet, TieOut, bilingual

Row = dict[str, Any]

SINCE = bilingual("较上一日的变动", "What changed since the day before")
_CREDIT = ("new_holds", "released_holds", "moved_tiers", "new_warnings", "cleared_warnings")


def credit_changes(figures: DayFigures) -> Block:
    """How many customers were held, released, moved or warned of."""
    return Block(
        SINCE,
        [
            Column("what", bilingual("变动", "Change"), codes=CHANGES),
            Column("many", bilingual("个数", "How many"), Kind.COUNT),
            Column("amount", bilingual("金额", "Amount"), Kind.MONEY),
        ],
        [
            (row["what"], row["many"], row["amount"])
            for row in figures.changes
            if row["what"] in _CREDIT
        ],
        empty=bilingual("无变动", "no change"),
        sheet="holds",
    )


def moved_tiers(tiers: Sequence[Row], parties: Parties, language: Language) -> Block:
    """Whose tier is another than in the rating before, the largest exposure first."""
    moved = [row for row in tiers if row["previous_tier"] not in (None, row["credit_tier"])]
    return Block(
        bilingual("等级变动的客户", "Customers whose tier moved"),
        [
            Column("name", bilingual("客户", "Customer")),
            Column("before", bilingual("原等级", "From"), Kind.CODE),
            Column("now", bilingual("现等级", "To"), Kind.CODE),
            Column("exposure", bilingual("敞口", "Exposure"), Kind.MONEY),
            Column("reason", bilingual("依据", "Reason")),
        ],
        [
            (
                parties.name(row["customer_id"]),
                row["previous_tier"],
                row["credit_tier"],
                row["exposure"],
                sentence(row["reason"], language),
            )
            for row in sorted(moved, key=lambda row: (-row["exposure"], row["customer_id"]))
        ],
        empty=bilingual("无人变动", "nobody moved"),
        most=6,
        sheet="moves",
    )


def moves_sheet(tiers: Sequence[Row], parties: Parties, language: Language) -> Sheet:
    """Every customer whose tier is another than in the rating before."""
    columns = [
        Column("customer_id", bilingual("客户", "Customer"), Kind.CODE),
        Column("customer_name", bilingual("客户名称", "Name"), widest=30),
        Column("previous_tier", bilingual("原等级", "From")),
        Column("credit_tier", bilingual("现等级", "To"), tones=TIER_TONES),
        Column("score", bilingual("评分", "Score"), Kind.SCORE),
        Column("reason", bilingual("依据", "Reason"), widest=60),
        Column("manager", bilingual("负责人", "Manager")),
    ]
    rows = [
        (
            row["customer_id"],
            parties.name(row["customer_id"]),
            row["previous_tier"],
            row["credit_tier"],
            row["score"],
            sentence(row["reason"], language),
            parties.manager(row["customer_id"]),
        )
        for row in tiers
        if row["previous_tier"] is not None and row["previous_tier"] != row["credit_tier"]
    ]
    note = bilingual("与上一次评级不同的客户", "customers whose tier moved")
    return Sheet(bilingual("等级变动", "Changes"), columns, rows, note, 2, "moves")


def exceptions_by_reason(reasons: Sequence[Row], language: Language) -> Block:
    """What stood the day before, came, went and stands, by reason."""
    counts = {
        "count_before": bilingual("上日未结", "Before"),
        "new_count": bilingual("＋ 新增", "+ new"),
        "solved_count": bilingual("－ 解决", "− solved"),
        "open_count": bilingual("本日未结", "Open now"),
        "oldest_days": bilingual("最久（天）", "Oldest (days)"),
    }
    return Block(
        bilingual("按原因及较上一日的变动", "By reason, and what changed since the day before"),
        [
            Column("reason", bilingual("原因", "Reason")),
            *(Column(key, label, Kind.COUNT) for key, label in counts.items()),
            Column("amount", bilingual("未结金额", "Amount"), Kind.MONEY),
        ],
        [
            (row[f"reason_{language}"], *(row[key] for key in counts), row["amount"])
            for row in reasons
        ],
        most=32,
        sheet="exceptions",
    )


def solved_exceptions(solved: Sequence[Row], language: Language) -> Block:
    """The largest exceptions that went on the day, and why."""
    return Block(
        bilingual("当日解决的较大异常", "Largest exceptions solved today"),
        [
            Column("reason", bilingual("原因", "Reason")),
            Column("chain", bilingual("连锁", "Chain"), Kind.CODE),
            Column("document", bilingual("涉及单据", "Document")),
            Column("amount", bilingual("金额", "Amount"), Kind.MONEY),
            Column("why", bilingual("如何解决", "Closed because")),
        ],
        [
            (
                row[f"reason_{language}"],
                row["chain_id"],
                row["document_no"],
                row["amount"],
                decision_sentence(row["closed_because"], language),
            )
            for row in solved
        ],
        sheet="closed_exceptions",
    )


def exceptions_tie(reasons: Sequence[Row], before: int, now: int) -> TieOut:
    """What stood the day before, with what came and went, is what stands."""
    moved = sum(row["new_count"] - row["solved_count"] for row in reasons)
    return TieOut(
        bilingual("上日未结 + 新增 − 解决 = 本日未结", "before + new − solved = open now"),
        before + moved,
        now,
        Kind.COUNT,
    )


def trusted_rules(rules: Sequence[Row]) -> list[Block]:
    """How often people agreed with each rule of matching; no block where they decided nothing."""
    if not rules:
        return []
    return [
        Block(
            bilingual("匹配规则的把握（按人工决定）", "How far rules of matching can be trusted"),
            [
                Column("rule", bilingual("规则", "Rule"), codes=RULES),
                Column("confirmed", bilingual("确认", "Confirmed"), Kind.COUNT),
                Column("refused", bilingual("否决", "Refused"), Kind.COUNT),
                Column("share", bilingual("确认率", "Confirmed share"), Kind.PERCENT),
            ],
            [
                (row["rule"], row["confirmed"], row["refused"], Decimal(row["confirmed_share"]))
                for row in rules
            ],
            most=12,
            sheet="suspected_matches",
        )
    ]
