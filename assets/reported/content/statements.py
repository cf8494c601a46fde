"""Statements of account: a letter per debtor that they confirm by seal and send back."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

from assets.reported.content.labels import CAUSES, ITEM_KINDS
from assets.reported.content.parties import Parties
from assets.reported.content.reading import Day
from receivables.policy import Policy
from receivables.workbook import Column, Kind, Label, Letter, bilingual

OPENING = bilingual("期初余额", "balance at the start")
CLOSING = bilingual("期末余额", "balance at the end")

_ITEMS = [
    Column("item_kind", bilingual("类型", "Kind"), codes=ITEM_KINDS),
    Column("document_no", bilingual("单据号", "Document"), Kind.CODE),
    Column("order_no", bilingual("订单号", "Order"), Kind.CODE),
    Column("store_name", bilingual("门店", "Store"), widest=30),
    Column("document_on", bilingual("单据日期", "Date"), Kind.DAY),
    Column("due_on", bilingual("到期日", "Due"), Kind.DAY),
    Column("overdue_days", bilingual("逾期天数", "Days overdue"), Kind.COUNT, alarm=True),
    Column("balance", bilingual("未付金额", "Unpaid"), Kind.MONEY, total=True),
]


def statement_letters(day: Day, policy: Policy, parties: Parties) -> Iterator[Letter]:
    """A letter for every debtor with open items, in the order of chains and debtors."""
    moved: dict[str, list[tuple[Label, Decimal]]] = defaultdict(list)
    for row in day.rows("account_movements"):
        cause = CAUSES.get(row["cause"]) or bilingual(row["cause"], row["cause"])
        moved[row["debtor_id"]].append((cause, row["amount"]))
    keys = ["debtor_id", *(column.key for column in _ITEMS)]
    items = day.tuples("open_items", keys)
    for debtor, rows in groupby(items, key=lambda row: row[0]):
        yield _letter(day, policy, parties, debtor, [row[1:] for row in rows], moved[debtor])


def _letter(
    day: Day,
    policy: Policy,
    parties: Parties,
    debtor: str,
    rows: list[tuple[Any, ...]],
    moved: list[tuple[Label, Decimal]],
) -> Letter:
    overdue_days, balance = len(_ITEMS) - 2, len(_ITEMS) - 1
    closing = sum((row[balance] for row in rows), Decimal(0))
    overdue = sum((row[balance] for row in rows if row[overdue_days] > 0), Decimal(0))
    opening = closing - sum((amount for _, amount in moved), Decimal(0))
    summary = [(OPENING, opening), *moved, (CLOSING, closing)]
    return Letter(
        name=f"{debtor}-{parties.name(debtor)}",
        title=bilingual("应收账款对账函", "Statement of account"),
        addressee=parties.name(debtor),
        sender=policy.packs.company,
        reference=f"DZ{day.as_of:%Y%m%d}-{debtor}",
        as_of=day.as_of,
        policy_version=policy.version,
        opening=bilingual(
            f"截至 {day.as_of}，按我方账面记录，贵方应付我方款项 {closing:,.2f} 元，"
            f"其中已到期 {overdue:,.2f} 元。请核对下列明细，并在回执处签章后寄回。",
            f"As of {day.as_of} our books show {closing:,.2f} CNY payable by you to us, of which "
            f"{overdue:,.2f} is overdue. Please check, sign and return this letter.",
        ),
        summary_title=bilingual(
            f"本月变动（{day.as_of:%Y-%m}-01 至 {day.as_of}）",
            f"This month ({day.as_of:%Y-%m}-01 to {day.as_of})",
        ),
        summary=summary,
        columns=_ITEMS,
        rows=rows,
        amount=closing,
    )
