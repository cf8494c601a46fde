"""Sheets on balances: how the month brought them about, and what to provide for bad debts."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from assets.reported.content.labels import BANDS
from assets.reported.content.parties import Parties
from assets.reported.content.reading import Day
from receivables.workbook import Column, Kind, Label, Link, Sheet, bilingual

Row = dict[str, Any]

_CHAIN = Column("chain_id", bilingual("连锁", "Chain"), Kind.CODE)
_DEBTOR = Column("debtor_id", bilingual("付款客户", "Debtor"), Kind.CODE)
_NAME = Column("debtor_name", bilingual("客户名称", "Name"), widest=32)
_TO_ITEMS = Link("debtor_id", "open_items", ("chain_id", "debtor_id"))

# what a month brings: how it is called, and whether it raises what is owed
_ENTRIES = {
    "opened": (bilingual("＋ 期初录入", "+ opening items"), 1),
    "charged": (bilingual("＋ 收货与开票", "+ charged"), 1),
    "credited": (bilingual("－ 退货与红冲", "− credited"), -1),
    "transferred": (bilingual("± 付款方变更", "± transferred"), 1),
    "cash": (bilingual("－ 回款", "− cash"), -1),
    "deductions": (bilingual("－ 认可扣款", "− deductions"), -1),
    "write_offs": (bilingual("－ 核销差额", "− write-offs"), -1),
}


def trial_sheet(day: Day, parties: Parties) -> Sheet:
    """What each debtor owed before the month, what the month brought, and what it owes now."""
    columns = [
        _DEBTOR,
        _NAME,
        _CHAIN,
        _money("opening", bilingual("月初余额", "Opening")),
        *(_money(key, label) for key, (label, _) in _ENTRIES.items()),
        _money("closing", bilingual("本日余额", "Closing")),
        Column("gap", bilingual("差额", "Gap"), Kind.MONEY, total=True, alarm=True),
    ]
    rows = [
        tuple(
            {**row, "debtor_name": parties.name(row["debtor_id"]), "gap": _gap(row)}[column.key]
            for column in columns
        )
        for row in day.rows("trial")
    ]
    return Sheet(
        bilingual("月度滚动表", "Month to date"),
        columns,
        rows,
        bilingual(
            "月初余额 + 本月收货开票 − 退货红冲 − 回款 − 扣款 − 核销 = 本日余额；差额须为零",
            "opening + charged − credited − cash − deductions − write-offs = closing; no gap",
        ),
        frozen_columns=2,
        name="trial",
        links=[_TO_ITEMS],
    )


def _gap(row: Row) -> Decimal:
    moved = sum((row[key] * sign for key, (_, sign) in _ENTRIES.items()), row["opening"])
    return moved - row["closing"]


def provision_sheet(day: Day, parties: Parties) -> Sheet:
    """What is owed by the age of the papers in years, and the bad-debt provision of policy."""
    rows = day.rows("provision")
    bands = {row["band_no"]: _band(row) for row in sorted(rows, key=lambda row: row["band_no"])}
    owed: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        owed[row["debtor_id"], row["chain_id"]].append(row)
    columns = [
        _DEBTOR,
        _NAME,
        _CHAIN,
        _money("outstanding", bilingual("应收余额", "Outstanding")),
        *(_money(f"band_{number}", label) for number, label in bands.items()),
        _money("provision", bilingual("应计提坏账准备", "Provision")),
    ]

    def cells(key: tuple[Any, ...], parts: list[Row]) -> tuple[Any, ...]:
        by_band = {row["band_no"]: row["amount"] for row in parts}
        return (
            key[0],
            parties.name(key[0]),
            key[1],
            _sum(parts, "amount"),
            *(by_band.get(number) for number in bands),
            _sum(parts, "provision"),
        )

    listed = sorted(
        (cells(key, parts) for key, parts in owed.items()),
        key=lambda row: (-row[-1], -row[3], row[0] or "", row[2] or ""),
    )
    return Sheet(
        bilingual("坏账准备", "Provision"),
        columns,
        listed,
        bilingual(
            "按单据年限与政策比例计提；贷方余额不计提",
            "by the age of the papers and the rates of policy; none for credits",
        ),
        frozen_columns=2,
        name="provision",
        links=[_TO_ITEMS],
    )


def concentration_sheet(day: Day, parties: Parties) -> Sheet:
    """Who owes most, and how much of all it is."""
    columns = [
        Column("place", bilingual("名次", "Place"), Kind.COUNT),
        _DEBTOR,
        _NAME,
        _money("balance", bilingual("应收余额", "Outstanding")),
        Column("share", bilingual("占全部", "Of all"), Kind.PERCENT),
        Column("share_until", bilingual("累计占比", "Together"), Kind.PERCENT),
    ]
    rows = [
        tuple(
            {**row, "debtor_name": parties.name(row["debtor_id"])}[column.key] for column in columns
        )
        for row in day.rows("concentrations")
    ]
    return Sheet(
        bilingual("集中度", "Concentration"),
        columns,
        rows,
        bilingual(
            "余额最大的客户占全部欠款的比例", "the largest debtors' share of all that is owed"
        ),
        frozen_columns=3,
        name="concentrations",
        links=[Link("debtor_id", "open_items", ("debtor_id",))],
    )


def _band(row: Row) -> Label:
    """`over 3 years` at 50 % is headed 3年以上 50%."""
    first, *_ = row["band"].split()
    years = row["band"].split()[-2]
    label = BANDS[first if first in BANDS else "between"]
    percent = f" {row['percent'].normalize():f}%"
    return Label(label.zh.format(years) + percent, row["band"] + percent)


def _sum(rows: list[Row], column: str) -> Decimal:
    return sum((row[column] for row in rows), Decimal(0))


def _money(key: str, label: Label) -> Column:
    return Column(key, label, Kind.MONEY, total=True)
