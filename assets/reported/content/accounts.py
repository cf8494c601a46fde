"""A small workbook per manager: their own accounts, open items, exceptions and warnings."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from assets.reported.content.labels import ITEM_KINDS
from assets.reported.content.manager_letter import ACCOUNT_FIGURES, audience_of
from assets.reported.content.parties import Parties
from assets.reported.content.reading import Day
from assets.reported.content.sentences import sentence
from assets.reported.content.views import Bases, bucket_label
from assets.reported.content.warnings import warnings_sheet
from assets.reported.content.worklist import HOW, Listed, exception_columns
from receivables.mail import MANAGER
from receivables.policy import Policy
from receivables.workbook import Column, KeyFigure, Kind, Pack, Sheet, TieOut, bilingual

Row = dict[str, Any]

_DEBTOR = Column("debtor_id", bilingual("付款客户", "Debtor"), Kind.CODE)
_NAME = Column("name", bilingual("客户名称", "Name"), widest=34)
_ITEMS = [
    _DEBTOR,
    _NAME,
    Column("store_name", bilingual("门店", "Store"), widest=34),
    Column("item_kind", bilingual("类型", "Kind"), codes=ITEM_KINDS),
    Column("document_no", bilingual("单据号", "Document"), Kind.CODE),
    Column("order_no", bilingual("订单号", "Order"), Kind.CODE),
    Column("document_on", bilingual("单据日期", "Date"), Kind.DAY),
    Column("due_on", bilingual("到期日", "Due"), Kind.DAY),
    Column("overdue_days", bilingual("逾期天数", "Days overdue"), Kind.COUNT, alarm=True),
    Column("balance", bilingual("未付金额", "Unpaid"), Kind.MONEY, total=True),
]


def name_of(address: str) -> str:
    """What the workbook of the manager with this address is called, without its day."""
    return f"accounts_{audience_of(address).removeprefix(MANAGER)}"


@dataclass(frozen=True)
class _Books:
    """What the workbooks of a day are made from: rows of all managers by their address."""

    day: Day
    policy: Policy
    parties: Parties
    aging: Mapping[str, Mapping[str, Decimal]]
    items: Mapping[str, Sequence[Sequence[Any]]]
    exception_columns: Sequence[Column]
    exceptions: Mapping[str, Sequence[Sequence[Any]]]
    warnings: Mapping[str, Sequence[Row]]


def account_packs(day: Day, policy: Policy, parties: Parties) -> Iterator[tuple[str, Pack]]:
    """The name and the workbook of each manager who has anything to look at on a day."""
    accounts = day.rows("manager_accounts")
    manager_of = {row["customer_id"]: row["manager_email"] for row in accounts}
    columns = exception_columns(day)
    aging: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for cell in day.rows("aging_cells"):
        if cell["basis"] == "overdue":
            aging[cell["debtor_id"]][cell["bucket"]] += cell["amount"]
    warnings: dict[str, list[Row]] = defaultdict(list)
    for row in day.rows("warnings"):
        if row["customer_id"] in manager_of:
            warnings[manager_of[row["customer_id"]]].append(row)
    listed = Listed(day, "exceptions", [_DEBTOR, *columns], policy.packs.language)
    books = _Books(
        day,
        policy,
        parties,
        aging,
        _by_manager(day.tuples("open_items", _ITEM_KEYS), manager_of),
        columns,
        _by_manager(listed, manager_of),
        warnings,
    )
    for address, group in groupby(accounts, lambda row: row["manager_email"]):
        yield name_of(address), _pack(books, address, list(group))


def _pack(books: _Books, address: str, own: Sequence[Row]) -> Pack:
    items = [_item(row, books.parties) for row in books.items[address]]
    return Pack(
        kind="accounts",
        title=bilingual("我的客户", "My accounts"),
        as_of=books.day.as_of,
        policy_version=books.policy.version,
        company=books.policy.packs.company,
        subtitle=bilingual(*[own[0]["manager"] or address] * 2),
        key_figures=[
            KeyFigure(label, sum(row[name] for row in own), kind)
            for name, label, kind, _ in ACCOUNT_FIGURES
        ],
        tie_outs=[
            TieOut(
                bilingual("未付明细合计 = 应收余额", "unpaid items = outstanding"),
                sum((row[-1] for row in items), Decimal(0)),
                sum((row["outstanding"] for row in own), Decimal(0)),
            )
        ],
        sheets=[_accounts(own, books), _items(items), *_to_answer(books, address)],
    )


def _items(rows: Sequence[Sequence[Any]]) -> Sheet:
    note = bilingual("按客户，先到期的在前", "by debtor, what is due first at the top")
    return Sheet(bilingual("未付明细", "Unpaid items"), _ITEMS, rows, note, 2, "items")


def _to_answer(books: _Books, address: str) -> list[Sheet]:
    """The exceptions and the warnings, with the cells to answer in."""
    rows = [row[1:] for row in books.exceptions[address]]
    warnings, language = books.warnings[address], books.policy.packs.language
    title = bilingual("异常清单", "Exceptions")
    return [
        Sheet(title, books.exception_columns, rows, HOW, 1, "exceptions"),
        warnings_sheet(warnings, books.parties, books.day.as_of, language),
    ]


_ITEM_KEYS = ["debtor_id", *(column.key for column in _ITEMS[2:])]


def _item(row: Sequence[Any], parties: Parties) -> tuple[Any, ...]:
    return (row[0], parties.name(row[0]), *row[1:])


def _by_manager(
    rows: Iterable[Sequence[Any]], manager_of: Mapping[str, str]
) -> dict[str, list[Sequence[Any]]]:
    """Rows that begin with a debtor, by its manager; what nobody is responsible for is left out."""
    found: dict[str, list[Sequence[Any]]] = defaultdict(list)
    for row in rows:
        if row[0] in manager_of:
            found[manager_of[row[0]]].append(row)
    return found


def _accounts(own: Sequence[Row], books: _Books) -> Sheet:
    buckets = Bases.of(books.policy).overdue
    columns = [
        Column("customer_id", bilingual("客户", "Customer"), Kind.CODE),
        Column("customer_name", bilingual("客户名称", "Name"), widest=34),
        Column("outstanding", bilingual("应收余额", "Outstanding"), Kind.MONEY, total=True),
        *(
            Column(bucket, bucket_label(bucket), Kind.MONEY, True, alarm=bucket != "not_due")
            for bucket in buckets
        ),
        Column("oldest_due_on", bilingual("最早到期日", "Oldest due"), Kind.DAY),
        Column("exceptions", bilingual("未结异常", "Exceptions"), Kind.COUNT, total=True),
        Column("warnings", bilingual("未解除预警", "Warnings"), Kind.COUNT, total=True),
        Column("reason", bilingual("停货原因", "On hold because"), widest=48),
    ]
    rows = []
    for row in own:
        late = books.aging[row["customer_id"]]
        said = {
            **row,
            **{bucket: late[bucket] for bucket in buckets},
            "reason": sentence(row["hold_reason"], books.policy.packs.language),
        }
        rows.append(tuple(said[column.key] for column in columns))
    note = bilingual("逾期金额最大的在前", "the largest overdue at the top")
    return Sheet(bilingual("客户账龄", "Aging"), columns, rows, note, 2, "accounts")
