"""What moved: the bridge from yesterday by cause, debtor and paper, and how fast debtors pay."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from assets.reported.content.labels import CAUSES, CHANGING_PAPERS, LEVELS
from assets.reported.content.parties import Parties
from assets.reported.content.reading import Day
from receivables.workbook import Block, Column, Kind, Label, Link, Sheet, bilingual

Row = dict[str, Any]

TOP_MOVERS = 6

_CHAIN = Column("chain_id", bilingual("连锁", "Chain"), Kind.CODE)
_ENDS = ("opening", "closing")


def bridge_totals(bridge: Iterable[Row]) -> list[tuple[str, Decimal]]:
    """The sum of each cause over all debtors, in the order in which a bridge is read."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in bridge:
        sums[row["cause"]] += row["amount"]
    return [(cause, sums[cause]) for cause in _in_order(sums)]


def bridge_block(bridge: Sequence[Row], papers: Sequence[Row]) -> Block:
    """From yesterday's balance to today's by cause, with how many papers and debtors moved it."""
    counted = {row["cause"]: (row["papers"], row["debtors"]) for row in papers}
    return Block(
        bilingual("较上一日的变动", "What changed since the day before"),
        [
            Column("cause", bilingual("原因", "Cause"), codes=CAUSES),
            Column("papers", bilingual("单据数", "Papers"), Kind.COUNT),
            Column("debtors", bilingual("涉及客户", "Debtors"), Kind.COUNT),
            Column("amount", bilingual("金额", "Amount"), Kind.MONEY),
        ],
        [
            (cause, *counted.get(cause, (None, None)), amount)
            for cause, amount in bridge_totals(bridge)
        ],
        empty=bilingual("无变动", "no change"),
        most=len(CAUSES),
        sheet="paper_changes",
    )


def movers_block(bridge: Sequence[Row], parties: Parties) -> Block:
    """The debtors whose balance moved most, with what moved it most."""
    moves: dict[str | None, list[Row]] = defaultdict(list)
    for row in bridge:
        if row["cause"] not in _ENDS:
            moves[row["debtor_id"]].append(row)
    closing = {row["debtor_id"]: row["amount"] for row in bridge if row["cause"] == "closing"}
    changes = {
        debtor: sum((row["amount"] for row in rows), Decimal(0)) for debtor, rows in moves.items()
    }
    largest = sorted(
        (debtor for debtor in changes if changes[debtor]),
        key=lambda debtor: (-abs(changes[debtor]), debtor or ""),
    )
    return Block(
        bilingual("变动最大的付款客户", "Debtors that moved most"),
        [
            Column("debtor", bilingual("付款客户", "Debtor")),
            Column("cause", bilingual("主要原因", "Mostly by"), codes=CAUSES),
            Column("change", bilingual("变动", "Change"), Kind.MONEY),
            Column("closing", bilingual("本日余额", "Owes now"), Kind.MONEY),
        ],
        [
            (
                parties.name(debtor),
                max(moves[debtor], key=lambda row: (abs(row["amount"]), row["cause"]))["cause"],
                changes[debtor],
                closing.get(debtor, Decimal(0)),
            )
            for debtor in largest[:TOP_MOVERS]
        ],
        empty=bilingual("无变动", "no change"),
        sheet="bridge",
    )


def bridge_sheet(bridge: Sequence[Row], parties: Parties) -> Sheet:
    """From yesterday's balance to today's, debtor by debtor."""
    causes = _in_order({row["cause"] for row in bridge} | set(_ENDS))
    columns = [
        Column("debtor_id", bilingual("付款客户", "Debtor"), Kind.CODE),
        Column("debtor_name", bilingual("客户名称", "Name"), widest=32),
        *(Column(cause, _cause_label(cause), Kind.MONEY, total=True) for cause in causes),
    ]
    sums: dict[str | None, dict[str, Decimal]] = defaultdict(dict)
    for row in bridge:
        sums[row["debtor_id"]][row["cause"]] = row["amount"]
    rows = [
        (debtor, parties.name(debtor), *(amounts.get(cause, Decimal(0)) for cause in causes))
        for debtor, amounts in sorted(sums.items(), key=lambda entry: entry[0] or "")
    ]
    return Sheet(
        bilingual("余额变动", "Bridge"),
        columns,
        rows,
        bilingual("上日余额 + 各项变动 = 本日余额", "opening + causes = closing"),
        frozen_columns=2,
        name="bridge",
        links=[Link("debtor_id", "open_items", ("debtor_id",))],
    )


def _in_order(causes: Iterable[str]) -> list[str]:
    places = list(CAUSES)
    return sorted(causes, key=lambda cause: (_place(places, cause), cause))


def _place(places: list[str], cause: str) -> int:
    # a cause that has no label yet stands before the closing balance
    return places.index(cause) if cause in places else len(places) - 2


def _cause_label(cause: str) -> Label:
    return CAUSES.get(cause) or bilingual(cause, cause)


def changes_sheet(day: Day) -> Sheet:
    """The papers behind every change of the day."""
    columns = [
        Column("cause", bilingual("原因", "Cause"), codes=CAUSES),
        _CHAIN,
        Column("debtor_id", bilingual("付款客户", "Debtor"), Kind.CODE),
        Column("store_id", bilingual("门店", "Store"), Kind.CODE),
        Column("paper_kind", bilingual("单据类别", "Paper"), codes=CHANGING_PAPERS),
        Column("paper_no", bilingual("单据号", "Number"), Kind.CODE),
        Column("effective_on", bilingual("业务日期", "Happened on"), Kind.DAY),
        Column("known_on", bilingual("获知日期", "Known on"), Kind.DAY),
        Column("amount", bilingual("金额", "Amount"), Kind.MONEY, total=True),
    ]
    return Sheet(
        bilingual("变动单据", "Changes by paper"),
        columns,
        day.tuples("paper_changes", [column.key for column in columns]),
        bilingual("当日每一分变动由哪张单据引起", "which paper changed what, to the cent"),
        frozen_columns=1,
        name="paper_changes",
        links=[Link("debtor_id", "open_items", ("debtor_id",))],
    )


def collections_sheet(day: Day, parties: Parties) -> Sheet:
    """How fast the company, chains and debtors pay."""
    figures = {
        "balance": bilingual("应收余额", "Outstanding"),
        "overdue": bilingual("逾期", "Overdue"),
        "sales": bilingual("销售额", "Sales"),
    }
    measures = {
        "dso_simple": bilingual("应收周转天数", "DSO, simple"),
        "dso_countback": bilingual("倒推周转天数", "DSO, countback"),
        "best_possible_days": bilingual("最佳可能天数", "Best possible"),
        "collection_index": bilingual("回款效率%", "Collection index %"),
        "days_late": bilingual("加权逾期天数", "Days late"),
    }
    columns = [
        Column("level", bilingual("层级", "Level"), codes=LEVELS),
        Column("name", bilingual("名称", "Name"), widest=36),
        _CHAIN,
        *(Column(key, label, Kind.MONEY) for key, label in figures.items()),
        *(Column(key, label, Kind.SCORE) for key, label in measures.items()),
    ]
    rows = [
        tuple({**row, "name": parties.name(row["node_id"])}[column.key] for column in columns)
        for row in day.rows("collections")
    ]
    return Sheet(
        bilingual("回款指标", "Collection"),
        columns,
        rows,
        bilingual("公司、连锁、客户各付款多快", "how fast company, chains and debtors pay"),
        frozen_columns=2,
        name="collections",
    )
