"""The exception list: which order is stuck, why, for how much, and who acts next."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assets.reported.content.doubts import Doubts
from assets.reported.content.figures import DayFigures, file_blocks
from assets.reported.content.labels import OWNERS, next_action
from assets.reported.content.reading import Day
from assets.reported.content.sentences import exception_evidence
from receivables.policy import Policy
from receivables.workbook import (
    Block,
    Chart,
    Column,
    KeyFigure,
    Kind,
    Language,
    Pack,
    Sheet,
    TieOut,
    bilingual,
)

TITLE = bilingual("异常清单", "Exception list")

_COLUMNS = [
    Column("exception_id", bilingual("异常编号", "Exception"), Kind.CODE),
    Column("chain_id", bilingual("连锁", "Chain"), Kind.CODE),
    Column("store_name", bilingual("门店", "Store"), widest=36),
    Column("order_no", bilingual("订单号", "Order"), Kind.CODE),
    Column("document_no", bilingual("涉及单据", "Document"), Kind.CODE),
    Column("reason", bilingual("原因", "Reason")),
    Column("amount", bilingual("金额", "Amount"), Kind.MONEY, total=True),
    Column("opened_on", bilingual("发现日期", "Opened"), Kind.DAY),
    Column("days_open", bilingual("未结天数", "Days open"), Kind.COUNT),
    Column("owner", bilingual("责任人", "Owner"), codes=OWNERS),
    Column("next_action", bilingual("下一步", "Next action"), widest=40),
    Column("evidence", bilingual("依据", "Evidence"), widest=56),
    Column("debtor_name", bilingual("付款客户", "Debtor"), widest=36),
]


@dataclass(frozen=True)
class Worklist:
    """The rows of the list in the language of the pack, read when they are written."""

    day: Day
    language: Language

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        keys = [column.key for column in _COLUMNS]
        reason, action, evidence = (
            keys.index(key) for key in ("reason", "next_action", "evidence")
        )
        labelled = [*keys, f"reason_{self.language}"]
        for row in self.day.tuples("exceptions", labelled):
            said = list(row[:-1])
            said[action] = next_action(row[reason], row[action], self.language)
            said[evidence] = exception_evidence(row[evidence], self.language)
            said[reason] = row[-1]
            yield tuple(said)


def exceptions_pack(day: Day, policy: Policy, figures: DayFigures) -> Pack:
    """The exception list of a day."""
    reasons, language = day.rows("exception_totals"), policy.packs.language
    doubts = Doubts.of(day)
    now, before = figures.now, figures.before
    by_change = {row["what"]: row["many"] for row in figures.changes}
    listed = sum((row["amount"] for row in reasons), Decimal(0))
    return Pack(
        kind="exceptions",
        title=TITLE,
        as_of=day.as_of,
        policy_version=policy.version,
        key_figures=[
            KeyFigure(
                bilingual("未结异常", "Open exceptions"),
                now["exceptions"],
                Kind.COUNT,
                figures.change("exceptions"),
            ),
            KeyFigure(
                bilingual("涉及金额", "Amount concerned"),
                now["exceptions_amount"],
                change=figures.change("exceptions_amount"),
            ),
            KeyFigure(
                bilingual("当日新增", "New today"), by_change.get("new_exceptions", 0), Kind.COUNT
            ),
            KeyFigure(
                bilingual("当日解决", "Solved today"),
                by_change.get("solved_exceptions", 0) if before else 0,
                Kind.COUNT,
            ),
            KeyFigure(
                bilingual("最久未结（天）", "Oldest (days)"),
                max((row["oldest_days"] for row in reasons), default=0),
                Kind.COUNT,
            ),
        ],
        tie_outs=[
            TieOut(
                bilingual("按原因合计 = 清单合计（绝对值）", "sum by reason = sum of the list"),
                listed,
                now["exceptions_amount"],
            ),
            TieOut(
                bilingual("按原因条数 = 清单条数", "count by reason = rows of the list"),
                sum(row["open_count"] for row in reasons),
                now["exceptions"],
                Kind.COUNT,
            ),
        ],
        blocks=[_reasons(reasons, language), doubts.block(), *file_blocks(figures)],
        charts=_charts(reasons, day.rows("exception_owners"), language),
        sheets=[
            Sheet(
                bilingual("异常清单", "Exceptions"),
                _COLUMNS,
                Worklist(day, language),
                bilingual("金额大者在前；每行写明由谁做什么", "largest first; each says who acts"),
                frozen_columns=1,
                name="exceptions",
            ),
            *doubts.sheets(language),
        ],
    )


def _reasons(reasons: list[dict[str, Any]], language: Language) -> Block:
    return Block(
        bilingual("按原因", "By reason"),
        [
            Column("reason", bilingual("原因", "Reason")),
            Column("open_count", bilingual("未结条数", "Open"), Kind.COUNT),
            Column("new_count", bilingual("当日新增", "New"), Kind.COUNT),
            Column("oldest_days", bilingual("最久（天）", "Oldest (days)"), Kind.COUNT),
            Column("amount", bilingual("金额", "Amount"), Kind.MONEY),
        ],
        [
            (
                row[f"reason_{language}"],
                row["open_count"],
                row["new_count"],
                row["oldest_days"],
                row["amount"],
            )
            for row in reasons
        ],
        most=24,
    )


def _charts(
    reasons: list[dict[str, Any]], owners: list[dict[str, Any]], language: Language
) -> list[Chart]:
    by_owner: dict[str, Decimal] = defaultdict(Decimal)
    for row in owners:
        by_owner[row["owner"] or "–"] += row["amount"]
    charts = [
        Chart(
            bilingual("金额按原因", "Amount by reason"),
            [bilingual("金额", "Amount")],
            [(row[f"reason_{language}"], row["amount"]) for row in reasons[:10]],
            horizontal=True,
        ),
        Chart(
            bilingual("金额按责任人", "Amount by owner"),
            [bilingual("金额", "Amount")],
            list(by_owner.items())[:10],
            horizontal=True,
            codes=OWNERS,
        ),
    ]
    return charts if reasons else []
