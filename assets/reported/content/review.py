"""The semi-monthly review: money outside, who collects what by when, and whose tier should move."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from assets.reported.content.figures import DayFigures, tie_outs
from assets.reported.content.labels import ACTION_TONES, CREDIT_ACTIONS, OWNERS, TIER_TONES
from assets.reported.content.limits import approvals_block, history_sheet, limits_sheet
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
_WANTED = Column("due_by_deadline", bilingual("期限内须收", "Due by then"), Kind.MONEY, total=True)
_DEADLINE = Column("deadline", bilingual("收款期限", "Collect by"), Kind.DAY)


def review_pack(day: Day, policy: Policy, figures: DayFigures, parties: Parties) -> Pack:
    """The review of a day, held against the review before it where that day is closed."""
    language = policy.packs.language
    reviews = {row["customer_id"]: row for row in day.rows("reviews")}
    deadline = max((row["deadline"] for row in reviews.values()), default=None)
    reviewed_on = max(
        (row["reviewed_on"] for row in reviews.values() if row["reviewed_on"]), default=None
    )
    before = Day(day.connection, reviewed_on).rows("key_figures")[0] if reviewed_on else None
    debts = [_debt(row, reviews.get(row["debtor_id"]), parties) for row in day.rows("dues")]
    moves = [row for row in reviews.values() if row["is_tier_proposed"]]
    limits = day.rows("credit_limits")
    people = _by_person(debts, deadline)
    subtitle = bilingual(
        f"上次评审 {reviewed_on or '无'}，收款期限 {deadline or '无'}",
        f"last review {reviewed_on or 'none'}, collect by {deadline or 'none'}",
    )
    return Pack(
        kind="review",
        title=TITLE,
        as_of=day.as_of,
        policy_version=policy.version,
        company=policy.packs.company,
        subtitle=subtitle,
        since=bilingual(f"较 {reviewed_on} {{}}", f"{{}} since {reviewed_on}"),
        key_figures=[
            _key(bilingual("外欠款", "Money outside"), "outstanding", figures, before),
            _key(bilingual("到期未付", "Due and unpaid"), "overdue", figures, before),
            KeyFigure(bilingual("本期回款", "Received since then"), _received(day, reviewed_on)),
            _key(bilingual("停货客户欠款", "On hold"), "on_hold", figures, before),
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
        blocks=[_people_block(people), approvals_block(limits)],
        charts=[*trend_chart(figures), *_charts(people)],
        sheets=[
            _people(people),
            _due(debts),
            _moves_sheet(moves, parties, language),
            history_sheet(day, parties, language),
            limits_sheet(limits, parties, language),
        ],
    )


def _received(day: Day, since: date | None) -> Decimal:
    """What came in since the last review, CNY; without one, in the 31 days up to the day."""
    received = day.rows("cash_received")
    return sum(
        (row["amount"] for row in received if since is None or row["received_on"] > since),
        Decimal(0),
    )


def _key(label: Label, name: str, figures: DayFigures, before: Row | None) -> KeyFigure:
    change = figures.now[name] - before[name] if before else None
    return KeyFigure(label, figures.now[name], change=change, trend=figures.course(name))


def _debt(row: Row, review: Row | None, parties: Parties) -> Row:
    """A debtor's money with what the review says of it; one that nobody rates owes what is due."""
    debtor = row["debtor_id"]
    said = review or {}
    wanted = said.get("due_by_deadline", row["overdue"])
    return {
        **row,
        "name": parties.name(debtor),
        "chain_id": parties.chain(debtor),
        "manager": said.get("manager") or parties.manager(debtor),
        "due_by_deadline": wanted,
        "deadline": said.get("deadline") if wanted > 0 else None,
        "credit_tier": said.get("credit_tier"),
        "action": said.get("action"),
    }


def _by_person(debts: Sequence[Row], deadline: date | None) -> list[Row]:
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
                    for name in ("outstanding", "overdue", "due_by_deadline")
                },
                "oldest_due_on": min(oldest, default=None),
                "deadline": deadline if any(row["due_by_deadline"] > 0 for row in rows) else None,
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
    _WANTED,
    _DEADLINE,
]


def _people_block(people: Sequence[Row]) -> Block:
    return Block(
        bilingual("期限内须收：由谁收、何时收回", "Who collects what by when"),
        _PEOPLE,
        [
            tuple(row[column.key] for column in _PEOPLE)
            for row in people
            if row["due_by_deadline"] > 0
        ],
        empty=bilingual("期限内没有到期的款项", "nothing falls due by the deadline"),
        most=15,
    )


def _people(people: Sequence[Row]) -> Sheet:
    rows = [tuple(row[column.key] for column in _PEOPLE) for row in people]
    note = bilingual(
        "期限内到期而未付的，由负责人收回", "what is due by the deadline is theirs to collect"
    )
    return Sheet(bilingual("按负责人", "By person"), _PEOPLE, rows, note, 1, "people")


def _due(debts: Sequence[Row]) -> Sheet:
    columns = [
        _MANAGER,
        _DEBTOR,
        _NAME,
        Column("chain_id", bilingual("连锁", "Chain"), Kind.CODE),
        _OUTSTANDING,
        _OVERDUE,
        Column("overdue_items", bilingual("逾期笔数", "Items"), Kind.COUNT, total=True),
        _OLDEST,
        _WANTED,
        _DEADLINE,
        Column("credit_tier", bilingual("信用等级", "Tier")),
        Column("action", bilingual("措施", "Action"), codes=CREDIT_ACTIONS, tones=ACTION_TONES),
    ]
    late = [row for row in debts if row["overdue"] > 0 or row["due_by_deadline"] > 0]
    late.sort(key=lambda row: (row["manager"], -row["overdue"], row["debtor_id"]))
    rows = [tuple(row[column.key] for column in columns) for row in late]
    note = bilingual(
        "按负责人列出期限内须付款的客户", "debtors with money due by the deadline, by person"
    )
    return Sheet(bilingual("到期未付", "Due and unpaid"), columns, rows, note, 3, "due")


def _moves_sheet(moves: Sequence[Row], parties: Parties, language: Language) -> Sheet:
    columns = [
        Column("customer_id", bilingual("客户", "Customer"), Kind.CODE),
        _NAME,
        Column("previous_tier", bilingual("原等级", "From")),
        Column("credit_tier", bilingual("建议等级", "To"), tones=TIER_TONES),
        Column("credit_limit", bilingual("额度", "Limit"), Kind.MONEY),
        Column("judged_exposure", bilingual("敞口", "Exposure"), Kind.MONEY),
        Column("over_limit", bilingual("超额度", "Over limit"), Kind.MONEY, alarm=True),
        Column("action", bilingual("措施", "Action"), codes=CREDIT_ACTIONS, tones=ACTION_TONES),
        Column("reason", bilingual("理由", "Why"), widest=56),
        _MANAGER,
    ]
    said = [
        {
            **row,
            "name": parties.name(row["customer_id"]),
            "manager": row["manager"] or parties.manager(row["customer_id"]),
            "reason": sentence(row["reason"], language),
        }
        for row in moves
    ]
    rows = [tuple(row[column.key] for column in columns) for row in said]
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
