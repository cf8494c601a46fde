"""The aging from every side: by debtor, store, group, region and manager, parents with children."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assets.reported.content.labels import BUCKETS
from assets.reported.content.parties import NOBODY, Parties
from receivables.policy import Policy
from receivables.workbook import Column, Kind, Label, Link, Sheet, bilingual

OUTSTANDING = bilingual("应收余额", "Outstanding")
OVERDUE = bilingual("逾期合计", "Overdue")

Cell = dict[str, Any]
Key = tuple[Any, ...]

# the later a bucket, the darker
_SHADES = ("FFF9E8", "FFF1D0", "FFE6B8", "FFD9A8", "FBC9A0", "F6B59A", "F09F94")


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

    @classmethod
    def empty(cls, buckets: Iterable[str]) -> "Line":
        """A line of nothing in these buckets."""
        return cls(Decimal(0), Decimal(0), Decimal(0), dict.fromkeys(buckets, Decimal(0)))

    def add(self, other: "Line") -> None:
        """Take in the line of a child."""
        self.total += other.total
        self.invoiced += other.invoiced
        self.overdue += other.overdue
        for bucket, amount in other.buckets.items():
            self.buckets[bucket] += amount


def lines_by(
    cells: Iterable[Cell], key: Callable[[Cell], Hashable], buckets: Sequence[str]
) -> dict[Any, Line]:
    """Cells added up by a key, with the sums of each bucket.

    Raises:
        ValueError: a cell lies in a bucket that the policy does not have.
    """
    lines: dict[Any, Line] = defaultdict(lambda: Line.empty(buckets))
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


def outlined(leaves: dict[Key, Line], buckets: Sequence[str]) -> list[tuple[Key, Line]]:
    """Lines with the sums of all their parents, each parent before its children.

    The key of a parent is the beginning of its children's. Of one parent the largest child comes
    first; equal ones by key.
    """
    lines: dict[Key, Line] = defaultdict(lambda: Line.empty(buckets))
    for key, line in leaves.items():
        for depth in range(1, len(key) + 1):
            lines[key[:depth]].add(line)

    def place(key: Key) -> list[Any]:
        above = [key[:depth] for depth in range(1, len(key) + 1)]
        return [(-lines[each].total, each[-1] or "") for each in above]

    return [(key, lines[key]) for key in sorted(lines, key=place)]


def largest_first(lines: dict[Key, Line]) -> list[tuple[Key, Line]]:
    """Lines by their total; equal ones by key, so that the order is the same every time."""
    return sorted(
        lines.items(), key=lambda entry: (-entry[1].total, [part or "" for part in entry[0]])
    )


def bucket_label(bucket: str) -> Label:
    """How a bucket is headed."""
    return BUCKETS.get(bucket) or bilingual(f"{bucket}天", f"{bucket} days")


@dataclass(frozen=True)
class Views:
    """The sheets of one basis over the cells of a day."""

    cells: Sequence[Cell]
    buckets: Sequence[str]
    parties: Parties
    is_due: bool

    def sheets(self) -> list[Sheet]:
        """Every view, the widest first."""
        return [self._by_group(), self._by_debtor(), self._by_store(), *self._by_others()]

    def _by_group(self) -> Sheet:
        """Chain, head office, debtor, store."""
        parties = self.parties
        lines = self._outline(
            lambda cell: (
                cell["chain_id"],
                parties.group(cell["debtor_id"]),
                cell["debtor_id"],
                cell["store_id"],
            )
        )
        columns = [
            _CHAIN,
            Column("group_id", bilingual("集团（总部）", "Group"), Kind.CODE),
            Column("debtor_id", bilingual("付款客户", "Debtor"), Kind.CODE),
            Column("store_id", bilingual("门店", "Store"), Kind.CODE),
            Column("name", bilingual("名称", "Name"), widest=32),
        ]
        rows = [
            (*_filled(key, 4), parties.name(key[-1]), *self._amounts(line)) for key, line in lines
        ]
        return self._sheet(
            ("groups", bilingual("按连锁与集团", "By group")),
            columns,
            rows,
            frozen=5,
            folded=3,
            levels=[len(key) - 1 for key, _ in lines],
            links=[
                Link("debtor_id", "open_items", ("chain_id", "debtor_id")),
                Link("store_id", "open_items", ("chain_id", "debtor_id", "store_id")),
            ],
        )

    def _by_debtor(self) -> Sheet:
        lines = lines_by(
            self.cells, lambda cell: (cell["debtor_id"], cell["chain_id"]), self.buckets
        )
        columns = [
            Column("debtor_id", bilingual("付款客户", "Debtor"), Kind.CODE),
            Column("debtor_name", bilingual("客户名称", "Name"), widest=32),
            _CHAIN,
            _MANAGER,
        ]
        rows = [
            (
                debtor,
                self.parties.name(debtor),
                chain,
                self.parties.manager(debtor),
                *self._amounts(line),
            )
            for (debtor, chain), line in largest_first(lines)
        ]
        links = [Link("debtor_id", "open_items", ("chain_id", "debtor_id"))]
        titled = ("debtors", bilingual("按付款客户", "By debtor"))
        return self._sheet(titled, columns, rows, frozen=2, links=links)

    def _by_store(self) -> Sheet:
        lines = lines_by(
            self.cells, lambda cell: (cell["store_id"], cell["chain_id"]), self.buckets
        )
        columns = [
            Column("store_id", bilingual("门店", "Store"), Kind.CODE),
            Column("store_name", bilingual("门店名称", "Name"), widest=32),
            _CHAIN,
            _REGION,
            _MANAGER,
        ]
        rows = [
            (
                store,
                self.parties.name(store),
                chain,
                self.parties.region(store),
                self.parties.manager(store),
                *self._amounts(line),
            )
            for (store, chain), line in largest_first(lines)
        ]
        links = [Link("store_id", "open_items", ("chain_id", "store_id"))]
        titled = ("stores", bilingual("按门店", "By store"))
        return self._sheet(titled, columns, rows, frozen=2, links=links)

    def _by_others(self) -> list[Sheet]:
        """Region and manager, each with its chains."""
        parties = self.parties
        regions = self._outline(
            lambda cell: (
                parties.region(cell["store_id"], cell["debtor_id"]) or NOBODY,
                cell["chain_id"],
            )
        )
        managers = self._outline(
            lambda cell: (parties.manager(cell["debtor_id"], cell["store_id"]), cell["chain_id"])
        )
        titles = [
            (_REGION, regions, ("regions", bilingual("按区域与连锁", "By region and chain"))),
            (_MANAGER, managers, ("managers", bilingual("按负责人与连锁", "By manager and chain"))),
        ]
        return [
            self._sheet(
                titled,
                [column, _CHAIN],
                [(*_filled(key, 2), *self._amounts(line)) for key, line in lines],
                frozen=2,
                levels=[len(key) - 1 for key, _ in lines],
            )
            for column, lines, titled in titles
        ]

    def _outline(self, key: Callable[[Cell], Key]) -> list[tuple[Key, Line]]:
        return outlined(lines_by(self.cells, key, self.buckets), self.buckets)

    def _sheet(
        self,
        titled: tuple[str, Label],
        columns: Sequence[Column],
        rows: Sequence[Sequence[Any]],
        *,
        frozen: int,
        folded: int = 9,
        levels: Sequence[int] = (),
        links: Sequence[Link] = (),
    ) -> Sheet:
        name, title = titled
        note = _DUE if self.is_due else _AGE
        if levels:
            note = Label(note.zh + _UNFOLD.zh, note.en + _UNFOLD.en)
        if not self.is_due:
            title = Label(f"{title.zh}（单据账龄）", f"{title.en} (age)")
        return Sheet(
            title,
            [*columns, *self._columns()],
            rows,
            note,
            frozen,
            name if self.is_due else f"{name}_age",
            links,
            levels,
            folded,
        )

    def _columns(self) -> list[Column]:
        sums = [
            _sum("outstanding", OUTSTANDING),
            _sum("invoiced", bilingual("其中：已开票", "of it invoiced")),
            _sum("uninvoiced", bilingual("其中：应收暂估", "of it uninvoiced")),
        ]
        if self.is_due:
            sums += [
                _sum("overdue", OVERDUE, alarm=True),
                Column("overdue_share", bilingual("逾期占比", "Share"), Kind.PERCENT),
            ]
        return [
            *sums,
            *(
                _sum(bucket, bucket_label(bucket), shade=self._shade(place))
                for place, bucket in enumerate(self.buckets)
            ),
        ]

    def _shade(self, place: int) -> str | None:
        """The colour of overdue money in a bucket; the first is not due."""
        return _SHADES[min(place, len(_SHADES)) - 1] if place and self.is_due else None

    def _amounts(self, line: Line) -> list[Any]:
        sums: list[Any] = [line.total, line.invoiced, line.total - line.invoiced]
        if self.is_due:
            share = line.overdue / line.total if line.total > 0 else None
            sums += [line.overdue, share if share is None else share.quantize(Decimal("0.001"))]
        return [*sums, *line.buckets.values()]


def _sum(key: str, label: Label, *, alarm: bool = False, shade: str | None = None) -> Column:
    return Column(key, label, Kind.MONEY, total=True, alarm=alarm, shade=shade)


def _filled(key: Key, width: int) -> Key:
    return (*key, *(None,) * (width - len(key)))


_CHAIN = Column("chain_id", bilingual("连锁", "Chain"), Kind.CODE)
_MANAGER = Column("manager", bilingual("负责人", "Manager"))
_REGION = Column("region", bilingual("区域", "Region"))

_DUE = bilingual("按到期日分段；到期日未起算的列入未到期", "by due date; not running is not due")
_AGE = bilingual(
    "按单据日期分段：已开票按发票日期，未开票按验收日期",
    "by document age: the invoice date, or the receipt date while uninvoiced",
)
_UNFOLD = bilingual(
    "；上级行等于下级行之和，点左侧 + 号展开", "; parents sum their children, + opens"
)
