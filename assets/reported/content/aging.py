"""The aging pack: who owes what since when, on both bases, by debtor, store and manager."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assets.reported.content.figures import DayFigures, file_blocks, key_figures, tie_outs
from assets.reported.content.labels import (
    BUCKETS,
    CAUSES,
    ITEM_KINDS,
    YES_NO,
)
from assets.reported.content.movement import changes_sheet, collections_sheet
from assets.reported.content.parties import Parties
from assets.reported.content.reading import Day
from assets.reported.content.trend import trend_chart
from receivables.policy import Policy
from receivables.workbook import Block, Chart, Column, Kind, Label, Pack, Sheet, bilingual

TITLE = bilingual("账龄分析", "Aging")
TOP_DEBTORS = 8

OUTSTANDING = bilingual("应收余额", "Outstanding")
OVERDUE = bilingual("逾期合计", "Overdue")
INVOICED, UNINVOICED = bilingual("已开票", "Invoiced"), bilingual("应收暂估", "Uninvoiced")

Cell = dict[str, Any]


@dataclass(frozen=True)
class Bases:
    """The buckets of both bases in order, from the policy's edges."""

    overdue: Sequence[str]
    document: Sequence[str]

    @classmethod
    def of(cls, policy: Policy) -> "Bases":
        """`[30, 60]` gives not_due, 1-30, 31-60, >60 and, by document, 0-30, 31-60, >60."""
        edges = policy.aging.buckets
        later = [f"{low + 1}-{high}" for low, high in zip(edges, edges[1:], strict=False)]
        tail = [*later, f">{edges[-1]}"]
        return cls(["not_due", f"1-{edges[0]}", *tail], [f"0-{edges[0]}", *tail])


@dataclass
class Line:
    """Sums of one line of an aging sheet."""

    total: Decimal
    invoiced: Decimal
    overdue: Decimal
    buckets: dict[str, Decimal]


def aging_pack(day: Day, policy: Policy, figures: DayFigures, parties: Parties) -> Pack:
    """The aging pack of a day."""
    bases = Bases.of(policy)
    cells = day.rows("aging_cells")
    bridge = day.rows("bridge")
    due = [cell for cell in cells if cell["basis"] == "overdue"]
    by_document = [cell for cell in cells if cell["basis"] == "document"]
    return Pack(
        kind="aging",
        title=TITLE,
        as_of=day.as_of,
        policy_version=policy.version,
        company=policy.packs.company,
        key_figures=key_figures(figures),
        tie_outs=tie_outs(figures),
        blocks=[_bridge_block(bridge), *file_blocks(figures)],
        charts=[*_charts(due, bases, parties), *trend_chart(figures)],
        sheets=[
            _by_debtor(due, bases.overdue, parties, _DUE_DEBTORS, is_due=True),
            _by_store(due, bases.overdue, parties, _DUE_STORES, is_due=True),
            _by_manager(due, bases.overdue, parties, _DUE_MANAGERS, is_due=True),
            _by_debtor(by_document, bases.document, parties, _AGE_DEBTORS, is_due=False),
            _by_store(by_document, bases.document, parties, _AGE_STORES, is_due=False),
            _by_manager(by_document, bases.document, parties, _AGE_MANAGERS, is_due=False),
            _open_items(day),
            _bridge_sheet(bridge, parties),
            changes_sheet(day),
            collections_sheet(day, parties),
        ],
    )


def lines_by(
    cells: Iterable[Cell], key: Callable[[Cell], Hashable], buckets: Sequence[str]
) -> dict[Any, Line]:
    """Cells added up by a key, with the sums of each bucket.

    Raises:
        ValueError: a cell lies in a bucket that the policy does not have.
    """
    lines: dict[Any, Line] = defaultdict(
        lambda: Line(Decimal(0), Decimal(0), Decimal(0), dict.fromkeys(buckets, Decimal(0)))
    )
    for cell in cells:
        line, amount, bucket = lines[key(cell)], cell["amount"], cell["bucket"]
        if bucket not in line.buckets:
            raise ValueError(f"the policy has no bucket {bucket!r}; close the day again")
        line.total += amount
        line.buckets[bucket] += amount
        if cell["is_invoiced"]:
            line.invoiced += amount
        if bucket != "not_due":
            line.overdue += amount
    return lines


@dataclass(frozen=True)
class _Page:
    title: Label
    name: str
    note: Label


_DUE = bilingual("按到期日分段；到期日未起算的列入未到期", "by due date; not running is not due")
_AGE = bilingual(
    "按单据日期分段：已开票按发票日期，未开票按验收日期",
    "by document age: the invoice date, or the receipt date while uninvoiced",
)
_DUE_DEBTORS = _Page(bilingual("按付款客户", "By debtor"), "debtors", _DUE)
_DUE_STORES = _Page(bilingual("按门店", "By store"), "stores", _DUE)
_DUE_MANAGERS = _Page(bilingual("按负责人与连锁", "By manager and chain"), "managers", _DUE)
_AGE_DEBTORS = _Page(bilingual("按付款客户（单据账龄）", "By debtor (age)"), "debtor_age", _AGE)
_AGE_STORES = _Page(bilingual("按门店（单据账龄）", "By store (age)"), "store_age", _AGE)
_AGE_MANAGERS = _Page(
    bilingual("按负责人与连锁（单据账龄）", "By manager (age)"), "manager_age", _AGE
)

_CHAIN = Column("chain_id", bilingual("连锁", "Chain"), Kind.CODE)
_MANAGER = Column("manager", bilingual("负责人", "Manager"))


def _by_debtor(
    cells: list[Cell], buckets: Sequence[str], parties: Parties, page: _Page, is_due: bool
) -> Sheet:
    columns = [
        Column("debtor_id", bilingual("付款客户", "Debtor"), Kind.CODE),
        Column("debtor_name", bilingual("客户名称", "Name")),
        _CHAIN,
        _MANAGER,
    ]
    lines = lines_by(cells, lambda cell: (cell["debtor_id"], cell["chain_id"]), buckets)
    rows = [
        (debtor, parties.name(debtor), chain, parties.manager(debtor), *_amounts(line, is_due))
        for (debtor, chain), line in _largest_first(lines)
    ]
    return _sheet(page, columns, rows, buckets, is_due, frozen=2)


def _by_store(
    cells: list[Cell], buckets: Sequence[str], parties: Parties, page: _Page, is_due: bool
) -> Sheet:
    columns = [
        Column("store_id", bilingual("门店", "Store"), Kind.CODE),
        Column("store_name", bilingual("门店名称", "Name")),
        _CHAIN,
        Column("region", bilingual("区域", "Region")),
        _MANAGER,
    ]
    lines = lines_by(cells, lambda cell: (cell["store_id"], cell["chain_id"]), buckets)
    rows = [
        (
            store,
            parties.name(store),
            chain,
            parties.region(store),
            parties.manager(store),
            *_amounts(line, is_due),
        )
        for (store, chain), line in _largest_first(lines)
    ]
    return _sheet(page, columns, rows, buckets, is_due, frozen=2)


def _by_manager(
    cells: list[Cell], buckets: Sequence[str], parties: Parties, page: _Page, is_due: bool
) -> Sheet:
    lines = lines_by(
        cells,
        lambda cell: (parties.manager(cell["debtor_id"], cell["store_id"]), cell["chain_id"]),
        buckets,
    )
    rows = [
        (manager, chain, *_amounts(line, is_due))
        for (manager, chain), line in sorted(lines.items())
    ]
    return _sheet(page, [_MANAGER, _CHAIN], rows, buckets, is_due, frozen=2)


def _sheet(
    page: _Page,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Any]],
    buckets: Sequence[str],
    is_due: bool,
    frozen: int,
) -> Sheet:
    sums = [
        Column("outstanding", OUTSTANDING, Kind.MONEY, total=True),
        Column("invoiced", bilingual("其中：已开票", "of it invoiced"), Kind.MONEY, total=True),
        Column(
            "uninvoiced", bilingual("其中：应收暂估", "of it uninvoiced"), Kind.MONEY, total=True
        ),
    ]
    if is_due:
        sums += [
            Column("overdue", OVERDUE, Kind.MONEY, total=True, alarm=True),
            Column("overdue_share", bilingual("逾期占比", "Share"), Kind.PERCENT),
        ]
    ages = [Column(bucket, _bucket_label(bucket), Kind.MONEY, total=True) for bucket in buckets]
    return Sheet(page.title, [*columns, *sums, *ages], rows, page.note, frozen, page.name)


def _amounts(line: Line, is_due: bool) -> list[Any]:
    sums: list[Any] = [line.total, line.invoiced, line.total - line.invoiced]
    if is_due:
        share = (line.overdue / line.total).quantize(Decimal("0.001")) if line.total > 0 else None
        sums += [line.overdue, share]
    return [*sums, *line.buckets.values()]


def _largest_first(lines: dict[Any, Line]) -> list[tuple[Any, Line]]:
    # equal totals: by id, so that the order is the same every time
    return sorted(lines.items(), key=lambda entry: (-entry[1].total, _sortable(entry[0])))


def _sortable(key: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple(part or "" for part in key)


def _bucket_label(bucket: str) -> Label:
    return BUCKETS.get(bucket) or bilingual(f"{bucket}天", f"{bucket} days")


_ITEM_COLUMNS = [
    _CHAIN,
    Column("debtor_name", bilingual("付款客户", "Debtor"), widest=36),
    Column("store_name", bilingual("门店", "Store"), widest=36),
    Column("item_kind", bilingual("类型", "Kind"), codes=ITEM_KINDS),
    Column("document_no", bilingual("单据号", "Document"), Kind.CODE),
    Column("order_no", bilingual("订单号", "Order"), Kind.CODE),
    Column("document_on", bilingual("单据日期", "Document date"), Kind.DAY),
    Column("due_on", bilingual("到期日", "Due"), Kind.DAY),
    Column("age_days", bilingual("账龄天数", "Age (days)"), Kind.COUNT),
    Column("overdue_days", bilingual("逾期天数", "Overdue (days)"), Kind.COUNT, alarm=True),
    Column("original_amount", bilingual("原始金额", "Original"), Kind.MONEY, total=True),
    Column("balance", bilingual("未清余额", "Balance"), Kind.MONEY, total=True),
    Column("is_invoiced", bilingual("已开票", "Invoiced"), codes=YES_NO),
    _MANAGER,
]


def _open_items(day: Day) -> Sheet:
    return Sheet(
        bilingual("未清明细", "Open items"),
        _ITEM_COLUMNS,
        day.tuples("open_items", [column.key for column in _ITEM_COLUMNS]),
        bilingual("逐笔未清项目；负数为退货、红字或多付", "every open item; negative: credits"),
        frozen_columns=2,
        name="open_items",
    )


def _bridge_sheet(bridge: list[Cell], parties: Parties) -> Sheet:
    causes = _in_order({row["cause"] for row in bridge} | {"opening", "closing"})
    columns = [
        Column("debtor_id", bilingual("付款客户", "Debtor"), Kind.CODE),
        Column("debtor_name", bilingual("客户名称", "Name")),
        *(Column(cause, _cause_label(cause), Kind.MONEY, total=True) for cause in causes),
    ]
    sums: dict[str | None, dict[str, Decimal]] = defaultdict(dict)
    for row in bridge:
        sums[row["debtor_id"]][row["cause"]] = row["amount"]
    rows = [
        (debtor, parties.name(debtor), *(amounts.get(cause, Decimal(0)) for cause in causes))
        for debtor, amounts in sorted(sums.items(), key=lambda entry: entry[0] or "")
    ]
    note = bilingual("上日余额 + 各项变动 = 本日余额", "opening + causes = closing")
    return Sheet(bilingual("余额变动", "Bridge"), columns, rows, note, 2, "bridge")


def bridge_totals(bridge: Iterable[Cell]) -> list[tuple[str, Decimal]]:
    """The sum of each cause over all debtors, in the order in which a bridge is read."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in bridge:
        sums[row["cause"]] += row["amount"]
    return [(cause, sums[cause]) for cause in _in_order(sums)]


def _bridge_block(bridge: list[Cell]) -> Block:
    return Block(
        bilingual("较上一日的变动", "What changed since the day before"),
        [
            Column("cause", bilingual("原因", "Cause"), codes=CAUSES),
            Column("amount", bilingual("金额", "Amount"), Kind.MONEY),
        ],
        bridge_totals(bridge),
        empty=bilingual("无变动", "no change"),
        most=len(CAUSES),
    )


def _in_order(causes: Iterable[str]) -> list[str]:
    places = list(CAUSES)
    return sorted(causes, key=lambda cause: (_place(places, cause), cause))


def _place(places: list[str], cause: str) -> int:
    # a cause that has no label yet stands before the closing balance
    return places.index(cause) if cause in places else len(places) - 2


def _cause_label(cause: str) -> Label:
    return CAUSES.get(cause) or bilingual(cause, cause)


def _charts(due: list[Cell], bases: Bases, parties: Parties) -> list[Chart]:
    whole = lines_by(due, lambda cell: cell["is_invoiced"], bases.overdue)
    nothing = dict.fromkeys(bases.overdue, Decimal(0))
    invoiced = whole[True].buckets if True in whole else nothing
    uninvoiced = whole[False].buckets if False in whole else nothing
    debtors = _largest_first(lines_by(due, lambda cell: (cell["debtor_id"],), bases.overdue))
    return [
        Chart(
            bilingual("应收余额按逾期分段", "Outstanding by days overdue"),
            [INVOICED, UNINVOICED],
            [(bucket, invoiced[bucket], uninvoiced[bucket]) for bucket in bases.overdue],
            kind="stacked",
            codes={bucket: _bucket_label(bucket) for bucket in bases.overdue},
        ),
        Chart(
            bilingual("余额最大的付款客户", "Largest debtors"),
            [bilingual("未到期", "Not due"), OVERDUE],
            [
                (parties.name(debtor), line.total - line.overdue, line.overdue)
                for (debtor,), line in debtors[:TOP_DEBTORS]
            ],
            kind="stacked",
            horizontal=True,
            colours=("4A90C2", "D1603D"),
        ),
    ]
