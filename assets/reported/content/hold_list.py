"""The hold list: which stores get no goods, whose debt stops them, and what releases them."""

from decimal import Decimal
from typing import Any

from assets.reported.content.figures import DayFigures
from assets.reported.content.labels import ACTION_TONES, CREDIT_ACTIONS
from assets.reported.content.parties import Parties
from assets.reported.content.reading import Day
from assets.reported.content.sentences import sentence
from receivables.policy import Policy
from receivables.workbook import (
    Block,
    Chart,
    Column,
    KeyFigure,
    Kind,
    Pack,
    Sheet,
    TieOut,
    bilingual,
)

TITLE = bilingual("停货通知单", "Shipment hold list")

Row = dict[str, Any]

_CHAIN = Column("chain_id", bilingual("连锁", "Chain"), Kind.CODE)
_CUSTOMER = Column("customer_id", bilingual("欠款客户", "Debtor"), Kind.CODE)
_NAME = Column("customer_name", bilingual("欠款客户名称", "Debtor's name"), widest=34)
_MANAGER = Column("manager", bilingual("负责人", "Manager"))
_ACTION = Column("action", bilingual("措施", "Action"), codes=CREDIT_ACTIONS, tones=ACTION_TONES)
_AMOUNT = Column("amount", bilingual("逾期金额", "Overdue"), Kind.MONEY, total=True)
_SINCE = Column("oldest_due_on", bilingual("最早到期日", "Oldest due"), Kind.DAY)
_RELEASE = Column("release_when", bilingual("放行条件", "Release when"), widest=40)


def hold_list_pack(day: Day, policy: Policy, figures: DayFigures, parties: Parties) -> Pack:
    """The hold list of a day."""
    holds, stores = day.rows("holds"), day.rows("held_stores")
    language = policy.packs.language
    for row in holds:
        row["chain_id"] = parties.chain(row["customer_id"])
        row["customer_name"] = parties.name(row["customer_id"])
        row["manager"] = parties.manager(row["customer_id"])
        row["reason"] = sentence(row["reason"], language)
        row["release_when"] = sentence(row["release_when"], language)
    by_customer = {row["customer_id"]: row for row in holds}
    changed = {row["what"]: row["many"] for row in figures.changes}
    listed = sum((row["amount"] for row in holds), Decimal(0))
    return Pack(
        kind="hold_list",
        title=TITLE,
        as_of=day.as_of,
        policy_version=policy.version,
        company=policy.packs.company,
        key_figures=[
            KeyFigure(
                bilingual("停货客户", "Customers on hold"),
                len(by_customer),
                Kind.COUNT,
                figures.change("customers_on_hold"),
            ),
            KeyFigure(
                bilingual("停货门店", "Stores on hold"),
                len({row["store_id"] for row in stores}),
                Kind.COUNT,
            ),
            KeyFigure(bilingual("逾期金额", "Overdue"), listed, change=figures.change("on_hold")),
            KeyFigure(bilingual("新增停货", "Newly held"), changed.get("new_holds", 0), Kind.COUNT),
            KeyFigure(
                bilingual("解除停货", "Released"), changed.get("released_holds", 0), Kind.COUNT
            ),
        ],
        tie_outs=[
            TieOut(
                bilingual("清单合计 = 停货客户欠款", "list = on hold"),
                listed,
                figures.now["on_hold"],
            ),
            TieOut(
                bilingual("清单客户数 = 停货客户数", "customers listed = customers on hold"),
                len(by_customer),
                figures.now["customers_on_hold"],
                Kind.COUNT,
            ),
        ],
        blocks=[_by_chain(holds)],
        charts=_charts(holds),
        sheets=[_stores(stores, by_customer, parties), _customers(holds)],
    )


def _by_chain(holds: list[Row]) -> Block:
    chains = sorted({row["chain_id"] or "" for row in holds})
    rows = []
    for chain in chains:
        of_chain = [row for row in holds if (row["chain_id"] or "") == chain]
        amount = sum((row["amount"] for row in of_chain), Decimal(0))
        oldest = min(row["oldest_due_on"] for row in of_chain)
        rows.append((chain, len(of_chain), oldest, amount))
    return Block(
        bilingual("按连锁", "By chain"),
        [
            Column("chain", bilingual("连锁", "Chain")),
            Column("customers", bilingual("停货客户", "Customers"), Kind.COUNT),
            Column("oldest", bilingual("最早到期日", "Oldest due"), Kind.DAY),
            Column("amount", bilingual("逾期金额", "Overdue"), Kind.MONEY),
        ],
        rows,
        empty=bilingual("当日无停货客户", "nobody is on hold"),
        most=20,
    )


def _charts(holds: list[Row]) -> list[Chart]:
    if not holds:
        return []
    return [
        Chart(
            bilingual("停货客户逾期金额", "Overdue of customers on hold"),
            [bilingual("逾期金额", "Overdue")],
            [(row["customer_name"], row["amount"]) for row in holds[:10]],
            horizontal=True,
            colours=("D1603D",),
        )
    ]


def _stores(stores: list[Row], by_customer: dict[str, Row], parties: Parties) -> Sheet:
    columns = [
        Column("store_id", bilingual("停发门店", "Store"), Kind.CODE),
        Column("store_name", bilingual("门店名称", "Name"), widest=34),
        _CHAIN,
        Column("region", bilingual("区域", "Region")),
        _CUSTOMER,
        _NAME,
        _ACTION,
        _SINCE,
        _RELEASE,
        _MANAGER,
    ]
    rows = []
    for row in stores:
        held = by_customer.get(row["customer_id"], {})
        cells = {
            **held,
            **row,
            "store_name": parties.name(row["store_id"]),
            "region": parties.region(row["store_id"]),
        }
        rows.append(tuple(cells.get(column.key) for column in columns))
    note = bilingual(
        "仓库：下列门店暂停发货，直至放行；同名 CSV 供仓库系统导入",
        "warehouse: no shipments to these stores until released; the CSV beside is for your system",
    )
    return Sheet(bilingual("停发门店", "Stores on hold"), columns, rows, note, 2, "held_stores")


def _customers(holds: list[Row]) -> Sheet:
    columns = [
        _CUSTOMER,
        _NAME,
        _CHAIN,
        _ACTION,
        _AMOUNT,
        _SINCE,
        Column("reason", bilingual("原因", "Reason"), widest=56),
        _RELEASE,
        _MANAGER,
    ]
    rows = [tuple(row[column.key] for column in columns) for row in holds]
    note = bilingual("收回后次日自动解除", "released the day after it is collected")
    return Sheet(
        bilingual("停货客户", "Customers on hold"), columns, rows, note, 2, "held_customers"
    )
