"""The semi-monthly review: money outside, who collects what by when, and whose tier should move."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from assets.reported.content.figures import DayFigures, tie_outs
from assets.reported.content.labels import ACTION_TONES, CREDIT_ACTIONS, OWNERS
from assets.reported.content.parties import Parties
from assets.reported.content.reading import Day
from assets.reported.content.sentences import sentence
from assets.reported.content.trend import trend_chart
from receivables.policy import Policy
from receivables.workbook import (
    Block,
    Chart,
    Column,
    KeyFigure,
    Kind,
    Label,
    Language,
    Pack,
    Sheet,
    TieOut,
    bilingual,
)

TITLE = bilingual("应收半月评审", "Semi-monthly review")

Row = dict[str, Any]

_MANAGER = Column("manager", bilingual("负责人", "Manager"), codes=OWNERS)
_DEBTOR = Column("debtor_id", bilingual("付款客户", "Debtor"), Kind.CODE)
_NAME = Column("name", bilingual("客户名称", "Name"), widest=34)
_OUTSTANDING = Column("outstanding", bilingual("应收余额", "Outstanding"), Kind.MONEY, total=True)
_OVERDUE = Column(
    "overdue", bilingual("到期未付", "Due and unpaid"), Kind.MONEY, total=True, alarm=True
)
_OLDEST = Column("oldest_due_on", bilingual("最早到期日", "Oldest due"), Kind.DAY)
_SOON = Column("due_soon", bilingual("未来15天到期", "Due within 15 days"), Kind.MONEY, total=True)
_DEADLINE = Column("deadline", bilingual("收款期限", "Collect by"), Kind.DAY)


def review_before(day: date, review_days: Sequence[int]) -> date:
    """The review day before a day."""
    return _neighbour(day, review_days, -1)


def review_after(day: date, review_days: Sequence[int]) -> date:
    """The review day after a day."""
    return _neighbour(day, review_days, 1)


def _neighbour(day: date, review_days: Sequence[int], step: int) -> date:
    found = day + timedelta(days=step)
    while found.day not in review_days and (found - day).days * step < 62:
        found += timedelta(days=step)
    return found


def review_pack(day: Day, policy: Policy, figures: DayFigures, parties: Parties) -> Pack:
    """The review of a day, held against the review before it where that day is closed."""
    last = Day(day.connection, review_before(day.as_of, policy.credit.review_days))
    deadline = review_after(day.as_of, policy.credit.review_days)
    before = last.rows("key_figures")[0]
    known = before if before["is_closed"] else None
    dues, tiers = day.rows("dues"), day.rows("credit_tiers")
    cash = sum(
        (row["amount"] for row in day.rows("cash_received") if row["received_on"] > last.as_of),
        Decimal(0),
    )
    debts = [_debt(row, parties, deadline) for row in dues]
    moves = _moves(tiers, last.rows("credit_tiers"), parties, policy.packs.language)
    people = _by_person(debts, deadline)
    return Pack(
        kind="review",
        title=TITLE,
        as_of=day.as_of,
        policy_version=policy.version,
        company=policy.packs.company,
        subtitle=bilingual(
            f"上次评审 {last.as_of}，下次评审 {deadline}",
            f"last review {last.as_of}, next review {deadline}",
        ),
        since=bilingual(f"较 {last.as_of} {{}}", f"{{}} since {last.as_of}"),
        key_figures=[
            _key(bilingual("外欠款", "Money outside"), "outstanding", figures, known),
            _key(bilingual("到期未付", "Due and unpaid"), "overdue", figures, known),
            KeyFigure(bilingual("本期回款", "Received since then"), cash),
            _key(bilingual("停货客户欠款", "On hold"), "on_hold", figures, known),
            KeyFigure(bilingual("建议调级", "Tier changes"), len(moves), Kind.COUNT),
        ],
        tie_outs=[
            *tie_outs(figures),
            TieOut(
                bilingual("各负责人合计 = 应收余额", "sum by person = outstanding"),
                sum((row["outstanding"] for row in people), Decimal(0)),
                figures.now["outstanding"],
            ),
        ],
        blocks=[_people_block(people)],
        charts=[*trend_chart(figures), *_charts(people)],
        sheets=[_people(people), _due(debts, tiers), _moves_sheet(moves)],
    )


def _key(label: Label, name: str, figures: DayFigures, before: Row | None) -> KeyFigure:
    change = figures.now[name] - before[name] if before else None
    return KeyFigure(label, figures.now[name], change=change, trend=figures.course(name))


def _debt(row: Row, parties: Parties, deadline: date) -> Row:
    debtor = row["debtor_id"]
    return {
        **row,
        "name": parties.name(debtor),
        "chain_id": parties.chain(debtor),
        "manager": parties.manager(debtor),
        "deadline": deadline if row["overdue"] > 0 else None,
    }


def _by_person(debts: Sequence[Row], deadline: date) -> list[Row]:
    by_manager: dict[str, list[Row]] = defaultdict(list)
    for row in debts:
        by_manager[row["manager"]].append(row)
    people = []
    for manager, rows in by_manager.items():
        late = [row for row in rows if row["overdue"] > 0]
        oldest = [row["oldest_due_on"] for row in late if row["oldest_due_on"]]
        people.append(
            {
                "manager": manager,
                "debtors": len(rows),
                "late_debtors": len(late),
                **{
                    name: sum((row[name] for row in rows), Decimal(0))
                    for name in ("outstanding", "overdue", "due_soon")
                },
                "oldest_due_on": min(oldest, default=None),
                "deadline": deadline if late else None,
            }
        )
    return sorted(people, key=lambda row: (-row["overdue"], row["manager"]))


_PEOPLE = [
    _MANAGER,
    Column("debtors", bilingual("客户数", "Debtors"), Kind.COUNT, total=True),
    Column("late_debtors", bilingual("逾期客户数", "Late"), Kind.COUNT, total=True),
    _OUTSTANDING,
    _OVERDUE,
    _OLDEST,
    _SOON,
    _DEADLINE,
]


def _people_block(people: Sequence[Row]) -> Block:
    return Block(
        bilingual("到期未付：由谁收、何时收回", "Due and unpaid: who collects by when"),
        _PEOPLE,
        [tuple(row[column.key] for column in _PEOPLE) for row in people if row["overdue"] > 0],
        empty=bilingual("没有到期未付的款项", "nothing is due and unpaid"),
        most=15,
    )


def _people(people: Sequence[Row]) -> Sheet:
    rows = [tuple(row[column.key] for column in _PEOPLE) for row in people]
    note = bilingual("收款期限为下次评审日", "to be collected by the next review")
    return Sheet(bilingual("按负责人", "By person"), _PEOPLE, rows, note, 1, "people")


def _due(debts: Sequence[Row], tiers: Sequence[Row]) -> Sheet:
    rated = {row["customer_id"]: row for row in tiers}
    columns = [
        _MANAGER,
        _DEBTOR,
        _NAME,
        Column("chain_id", bilingual("连锁", "Chain"), Kind.CODE),
        _OUTSTANDING,
        _OVERDUE,
        Column("overdue_items", bilingual("逾期笔数", "Items"), Kind.COUNT, total=True),
        _OLDEST,
        _SOON,
        _DEADLINE,
        Column("credit_tier", bilingual("信用等级", "Tier")),
        Column("action", bilingual("措施", "Action"), codes=CREDIT_ACTIONS, tones=ACTION_TONES),
    ]
    late = [
        {**dict.fromkeys(("credit_tier", "action")), **rated.get(row["debtor_id"], {}), **row}
        for row in debts
        if row["overdue"] > 0
    ]
    late.sort(key=lambda row: (row["manager"], -row["overdue"], row["debtor_id"]))
    rows = [tuple(row[column.key] for column in columns) for row in late]
    note = bilingual("按负责人列出到期未付的客户", "debtors with money due, by person")
    return Sheet(bilingual("到期未付", "Due and unpaid"), columns, rows, note, 3, "due")


def _moves(
    tiers: Sequence[Row], before: Sequence[Row], parties: Parties, language: Language
) -> list[Row]:
    earlier = {row["customer_id"]: row for row in before}
    moves = []
    for row in tiers:
        was = earlier.get(row["customer_id"])
        if was is None or was["credit_tier"] == row["credit_tier"]:
            continue
        moves.append(
            {
                **row,
                "name": parties.name(row["customer_id"]),
                "manager": parties.manager(row["customer_id"]),
                "tier_before": was["credit_tier"],
                "score_before": was["score"],
                "limit_before": was["credit_limit"],
                "reason": sentence(row["reason"], language),
            }
        )
    return moves


def _moves_sheet(moves: Sequence[Row]) -> Sheet:
    columns = [
        Column("customer_id", bilingual("客户", "Customer"), Kind.CODE),
        _NAME,
        Column("tier_before", bilingual("原等级", "From")),
        Column("credit_tier", bilingual("建议等级", "To")),
        Column("score_before", bilingual("原评分", "Score then"), Kind.SCORE),
        Column("score", bilingual("现评分", "Score now"), Kind.SCORE),
        Column("limit_before", bilingual("原额度", "Limit then"), Kind.MONEY),
        Column("credit_limit", bilingual("建议额度", "Limit now"), Kind.MONEY),
        Column("action", bilingual("措施", "Action"), codes=CREDIT_ACTIONS, tones=ACTION_TONES),
        Column("reason", bilingual("理由", "Why"), widest=56),
        _MANAGER,
    ]
    rows = [tuple(row[column.key] for column in columns) for row in moves]
    note = bilingual(
        "与上次评审等级不同的客户", "customers whose tier differs from the last review"
    )
    return Sheet(bilingual("建议调级", "Tier changes"), columns, rows, note, 2, "moves")


def _charts(people: Sequence[Row]) -> list[Chart]:
    late = [row for row in people if row["overdue"] > 0]
    if not late:
        return []
    return [
        Chart(
            bilingual("到期未付按负责人", "Due and unpaid by person"),
            [bilingual("到期未付", "Due and unpaid")],
            [(row["manager"], row["overdue"]) for row in late[:10]],
            horizontal=True,
            codes=OWNERS,
            colours=("D1603D",),
        )
    ]
