"""The exception list: which order is stuck, why, for how much, and who acts next."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from assets.reported.content.cash_worklist import cash_sheet
from assets.reported.content.doubts import Doubts
from assets.reported.content.figures import DayFigures, file_blocks
from assets.reported.content.labels import OWNERS
from assets.reported.content.reading import Day
from assets.reported.content.since import (
    exceptions_by_reason,
    exceptions_tie,
    solved_exceptions,
    trusted_rules,
)
from assets.reported.content.worklist import (
    closed_sheet,
    disputes_sheet,
    exceptions_sheet,
    results_sheet,
    suspected_matches_sheet,
)
from receivables.policy import Policy
from receivables.workbook import (
    Chart,
    KeyFigure,
    Kind,
    Language,
    Pack,
    TieOut,
    bilingual,
)

TITLE = bilingual("异常清单", "Exception list")


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
        company=policy.packs.company,
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
            exceptions_tie(reasons, before["exceptions"] if before else 0, now["exceptions"]),
        ],
        blocks=[
            exceptions_by_reason(reasons, language),
            solved_exceptions(day.rows("solved_exceptions"), language),
            doubts.block(),
            *trusted_rules(day.rows("rule_precision")),
            *file_blocks(figures),
        ],
        charts=_charts(reasons, day.rows("exception_owners"), language),
        sheets=[
            exceptions_sheet(day, language),
            suspected_matches_sheet(day, language),
            disputes_sheet(day, language),
            cash_sheet(day, language),
            closed_sheet(day, language),
            results_sheet(day, language),
            *doubts.sheets(language),
        ],
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
            [
                (row[f"reason_{language}"], row["amount"])
                for row in reasons[:10]
                if row["open_count"]
            ],
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
