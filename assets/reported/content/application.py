"""The invoice application: accepted goods that nobody has invoiced, ready to be submitted.

The form comes back with the invoices' numbers and is read as invoice_applications
(config/sources/invoice_application_form.yaml).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from assets.reported.content.parties import Parties
from assets.reported.content.reading import Day
from receivables.contracts import KINDS
from receivables.policy import Policy
from receivables.workbook import (
    Block,
    Chart,
    Column,
    KeyFigure,
    Kind,
    Label,
    Pack,
    Sheet,
    TieOut,
    bilingual,
)

TITLE = bilingual("开票申请", "Invoice application")

Row = dict[str, Any]
_FIELDS = KINDS["invoice_applications"].fields


@dataclass(frozen=True)
class Part:
    """A goods receipt, or the part of it that stands on one invoice."""

    row: Row
    amount: Decimal


def invoices_of(rows: Iterable[Row], limit: Decimal) -> Iterator[list[Part]]:
    """Receipts of one buyer as invoices of at most `limit` each, in the order of the receipts.

    A receipt stands whole on one invoice unless it is larger than the limit itself.
    """
    invoice: list[Part] = []
    room = limit
    for row in rows:
        left = row["amount"]
        if left > room and invoice:
            yield invoice
            invoice, room = [], limit
        while left > room:
            yield [Part(row, room)]
            left -= room
        invoice.append(Part(row, left))
        room -= left
    if invoice:
        yield invoice


def application_pack(day: Day, policy: Policy, parties: Parties) -> Pack:
    """The application of a day."""
    rows = day.rows("to_be_invoiced")
    # what rounding left on a receipt is no reason for an invoice
    goods = [row for row in rows if row["amount"] > policy.write_offs.small_difference]
    returns = [row for row in rows if row["amount"] < 0]
    limit = policy.invoicing.max_amount
    buyers = [list(of_buyer) for _, of_buyer in groupby(goods, _buyer)]
    numbered = [
        (application_no(day.as_of, of_buyer[0]["debtor_id"], number), parts)
        for of_buyer in buyers
        for number, parts in enumerate(invoices_of(of_buyer, limit), 1)
    ]
    applied = sum((part.amount for _, parts in numbered for part in parts), Decimal(0))
    waiting = sum((max(row["balance"], Decimal(0)) for row in rows), Decimal(0))
    return Pack(
        kind="invoice_application",
        title=TITLE,
        as_of=day.as_of,
        policy_version=policy.version,
        company=policy.packs.company,
        key_figures=[
            KeyFigure(bilingual("待开票金额", "To be invoiced"), applied),
            KeyFigure(bilingual("拟开发票张数", "Invoices"), len(numbered), Kind.COUNT),
            KeyFigure(bilingual("购货单位", "Buyers"), len(buyers), Kind.COUNT),
            KeyFigure(
                bilingual("验收单张数", "Goods receipts"),
                len({(row["chain_id"], row["receipt_no"]) for row in goods}),
                Kind.COUNT,
            ),
            KeyFigure(bilingual("单张限额", "Most per invoice"), limit),
        ],
        tie_outs=[
            TieOut(
                bilingual(
                    "申请金额 + 已申请未开票与零头 = 应收暂估",
                    "applied for + pending and remainders = uninvoiced",
                ),
                applied + (waiting - sum((row["amount"] for row in goods), Decimal(0))),
                waiting,
            ),
        ],
        blocks=[_by_buyer(buyers, parties)],
        charts=_charts(buyers, parties),
        sheets=[
            _form(numbered, day.as_of, parties),
            _invoices(numbered),
            _returns(returns, parties),
        ],
    )


def application_no(day: date, debtor_id: str, number: int) -> str:
    """The number of an application; one application is one invoice."""
    return f"KP{day:%Y%m%d}-{debtor_id}-{number:02}"


def _buyer(row: Row) -> tuple[str, str]:
    return row["chain_id"], row["debtor_id"]


def _heading(name: str) -> Label:
    """A heading of the form, as the reader of invoice_applications knows it."""
    return bilingual(_FIELDS[name].label, name)


_COLUMNS = [
    Column("application_no", _heading("application_no"), Kind.CODE),
    Column("buyer_name", _heading("buyer_name"), widest=36),
    Column("applied_on", _heading("applied_on"), Kind.DAY),
    Column("order_no", _heading("order_no"), Kind.CODE),
    Column("delivery_no", _heading("delivery_no"), Kind.CODE),
    Column("delivery_date", _heading("delivery_date"), Kind.DAY),
    Column("receipt_no", _heading("receipt_no"), Kind.CODE),
    Column("amount", _heading("amount"), Kind.MONEY, total=True),
    Column("invoice_no", _heading("invoice_no"), Kind.CODE, widest=24, is_entry=True),
    Column("chain_id", _heading("chain_id"), Kind.CODE),
    Column("store_code", _heading("store_code"), Kind.CODE),
    Column("store_name", bilingual("门店名称", "Store"), widest=36),
    Column("receipt_date", bilingual("验收日期", "Receipt date"), Kind.DAY),
]


def _form(numbered: Sequence[tuple[str, list[Part]]], as_of: date, parties: Parties) -> Sheet:
    rows = [
        tuple(
            {
                **part.row,
                "application_no": number,
                "applied_on": as_of,
                "amount": part.amount,
                "invoice_no": None,
                "store_name": parties.name(part.row["store_id"]),
            }[column.key]
            for column in _COLUMNS
        )
        for number, parts in numbered
        for part in parts
    ]
    note = bilingual(
        "一个申请单号开一张发票；提交时把本文件放入收件夹，开票后填入增值税票号再放一次",
        "one invoice per application; put this file into the inbox when you submit it, and again "
        "with the invoices' numbers",
    )
    return Sheet(TITLE, _COLUMNS, rows, note, 2, "applications")


def _invoices(numbered: Sequence[tuple[str, list[Part]]]) -> Sheet:
    columns = [
        Column("application", bilingual("申请编号", "Application"), Kind.CODE),
        Column("buyer", bilingual("抬头", "Title"), widest=36),
        Column("receipts", bilingual("验收单张数", "Receipts"), Kind.COUNT, total=True),
        Column("total", bilingual("价税合计", "Total"), Kind.MONEY, total=True),
    ]
    rows = [
        (
            number,
            parts[0].row["buyer_name"],
            len(parts),
            sum((part.amount for part in parts), Decimal(0)),
        )
        for number, parts in numbered
    ]
    note = bilingual("每张发票一行，均不超过单张限额", "a row per invoice, none above the limit")
    return Sheet(bilingual("拟开发票", "Invoices"), columns, rows, note, 1, "invoices")


def _returns(returns: Sequence[Row], parties: Parties) -> Sheet:
    columns = [
        Column("buyer_name", bilingual("付款客户", "Debtor"), widest=36),
        Column("order", bilingual("订单", "Order"), Kind.CODE),
        Column("receipt", bilingual("退货单", "Return"), Kind.CODE),
        Column("receipt_date", bilingual("退货日期", "Returned on"), Kind.DAY),
        Column("returned", bilingual("退货金额", "Amount"), Kind.MONEY, total=True),
        Column("store", bilingual("门店", "Store"), widest=36),
    ]
    rows = [
        (
            row["buyer_name"],
            row["order_no"],
            row["receipt_no"],
            row["receipt_date"],
            row["amount"],
            parties.name(row["store_id"]),
        )
        for row in returns
    ]
    note = bilingual(
        "未开票的退货：冲减同一抬头的下一张发票，或开红字",
        "goods that came back uninvoiced: take them off the buyer's next invoice, or bill in red",
    )
    return Sheet(bilingual("待冲减退货", "Returns"), columns, rows, note, 1, "returns")


def _totals(buyers: Sequence[list[Row]], parties: Parties) -> list[tuple[str, int, date, Decimal]]:
    sums = [
        (
            rows[0]["buyer_name"] or parties.name(rows[0]["debtor_id"]),
            len(rows),
            min(row["receipt_date"] for row in rows),
            sum((row["amount"] for row in rows), Decimal(0)),
        )
        for rows in buyers
    ]
    return sorted(sums, key=lambda row: (-row[3], row[0]))


def _by_buyer(buyers: Sequence[list[Row]], parties: Parties) -> Block:
    return Block(
        bilingual("按购货单位", "By buyer"),
        [
            Column("buyer", bilingual("购货单位", "Buyer")),
            Column("receipts", bilingual("验收单", "Receipts"), Kind.COUNT),
            Column("oldest", bilingual("最早验收", "Oldest"), Kind.DAY),
            Column("amount", bilingual("待开票金额", "To be invoiced"), Kind.MONEY),
        ],
        _totals(buyers, parties),
        empty=bilingual("没有待开票的验收单", "nothing waits for an invoice"),
        most=12,
    )


def _charts(buyers: Sequence[list[Row]], parties: Parties) -> list[Chart]:
    if not buyers:
        return []
    return [
        Chart(
            bilingual("待开票金额最大的购货单位", "Most to be invoiced"),
            [bilingual("待开票金额", "To be invoiced")],
            [(name, amount) for name, _, _, amount in _totals(buyers, parties)[:10]],
            horizontal=True,
        )
    ]
