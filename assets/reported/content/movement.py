"""Sheets of the aging pack on what moved: the papers of the day, and how fast debtors pay."""

from assets.reported.content.labels import CAUSES, CHANGING_PAPERS, LEVELS
from assets.reported.content.parties import Parties
from assets.reported.content.reading import Day
from receivables.workbook import Column, Kind, Sheet, bilingual

_CHAIN = Column("chain_id", bilingual("连锁", "Chain"), Kind.CODE)


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
