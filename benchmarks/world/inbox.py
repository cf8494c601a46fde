"""From papers to the files of the inbox, in the look each sender uses, faults included."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, partial

from benchmarks.world.catalogue import Product
from benchmarks.world.looks import (
    bank,
    etax,
    kingdee,
    labelled,
    notice_statement,
    portal_statement,
    receipt_detail,
)
from benchmarks.world.looks.canonical import Row, csv_bytes
from benchmarks.world.model import Paper, Story, after
from benchmarks.world.parties import Parties
from benchmarks.world.xlsx import Sheet, workbook_bytes

_BY_CHAIN = {"statements", "remittance_advices"}
_OPENING_BALANCE = Decimal("812450.37")


@dataclass(frozen=True)
class BadRow:
    """A row that breaks its contract, and the field that says so.

    `amount` is what the row adds to the file's money: nothing where it cannot be read.
    """

    kind: str
    row: Row
    field: str
    amount: Decimal = Decimal("0.00")


@dataclass(frozen=True)
class SentFile:
    """A file of the inbox: its path below `inbox/`, its bytes and the papers it carries.

    `kinds` are those of the file's layout, also where no row of them is left.
    """

    path: str
    known_on: date
    draw: Callable[[], bytes]
    papers: tuple[Paper, ...] = ()
    bad_rows: tuple[BadRow, ...] = ()
    layout: str | None = "canonical"
    is_readable: bool = True
    kinds: tuple[str, ...] = ()

    @cached_property
    def content(self) -> bytes:
        """The bytes of the file, drawn when first asked for."""
        return self.draw()

    def moved(self, known_on: date, name: str) -> SentFile:
        """The same file sent on another day under another name."""
        return replace(self, path=f"{known_on.isoformat()}/{name}", known_on=known_on)

    @property
    def name(self) -> str:
        """File name without its folder."""
        return self.path.split("/", 1)[1]


@dataclass
class Inbox:
    """Sorts the papers of a story into files."""

    story: Story
    parties: Parties
    products: Sequence[Product]
    files: list[SentFile] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.by_sku = {product.sku: product for product in self.products}
        self.balance = _OPENING_BALANCE

    def build(self) -> list[SentFile]:
        """Return every file, faults included, in order of path."""
        groups: dict[tuple[date, str], list[Paper]] = defaultdict(list)
        for paper in self.story.papers:
            groups[paper.known_on, self._name(paper)].append(paper)
        for known_on, name in sorted(groups):
            papers = sorted(groups[known_on, name], key=lambda p: (p.kind, p.key))
            keys = [(paper.kind, paper.key) for paper in papers]
            assert len(keys) == len(set(keys)), f"two versions of a paper in {known_on} {name}"
            self.files.append(self._file(known_on, name, papers))
        self._add_faults()
        self.files.sort(key=lambda file: file.path)
        return self.files

    def _name(self, paper: Paper) -> str:
        row, day = paper.rows[0], paper.known_on.isoformat()
        chain_id = str(row.get("chain_id"))
        match paper.kind, chain_id:
            case "deliveries", _:
                return f"K3_销售出库单_{day}.xlsx"
            case (("invoices" | "invoice_lines"), _):
                return f"全量发票查询导出结果（{day}）.xlsx"
            case "goods_receipts", "LZ":
                return f"澜舟_验收单明细_{day}.xlsx"
            case "statements", "LZ":
                return f"澜舟_结算单_{row['statement_no']}.xlsx"
            case "statements", "XQ":
                return f"星渠_供应商结算通知单_{row['statement_no']}.xlsx"
            case "bank_receipts", _:
                return f"银行明细_{day}.csv"
            case "orders", "QL":
                return f"orders_QL_{day}.xlsx"
        middle = f"_{chain_id}" if paper.kind in _BY_CHAIN else ""
        return f"{paper.kind}{middle}_{day}.csv"

    def _file(
        self, known_on: date, name: str, papers: list[Paper], bad_rows: tuple[BadRow, ...] = ()
    ) -> SentFile:
        kinds = tuple(sorted({paper.kind for paper in papers}))
        draw = partial(self._content, known_on, name, papers, bad_rows, self.balance)
        if kinds == ("bank_receipts",):
            self.balance += sum((_amount(paper.rows[0]) for paper in papers), Decimal(0))
        told = tuple(paper for paper in papers if paper.note != "paid_out")
        if name.startswith("澜舟_结算单"):
            told += self._listed(papers[0])
            kinds = tuple(sorted({paper.kind for paper in told}))
        layout = "canonical" if name.startswith(kinds) else None
        path = f"{known_on.isoformat()}/{name}"
        return SentFile(path, known_on, draw, told, bad_rows, layout, kinds=kinds)

    def _content(
        self,
        known_on: date,
        name: str,
        papers: list[Paper],
        bad_rows: tuple[BadRow, ...],
        balance: Decimal,
    ) -> bytes:
        """The bytes of a file in the look of its sender."""
        kind = papers[0].kind
        rows = [row for paper in papers for row in paper.rows]
        match name.split("_")[0].split("（")[0], kind:
            case "K3", _:
                return kingdee.deliveries_xlsx(rows, known_on, known_on, self.parties, self.by_sku)
            case "全量发票查询导出结果", _:
                return self._invoices(papers)
            case "澜舟", "goods_receipts":
                return receipt_detail.receipts_xlsx(rows, known_on, self.parties, self.by_sku)
            case "澜舟", _:
                billed = self._billed(papers[0])
                return portal_statement.statement_xlsx(rows, self.parties, billed)
            case "星渠", _:
                return notice_statement.notice_xlsx(rows, self.parties)
            case "银行明细", _:
                return bank.bank_csv(rows, min(_days(rows)), max(_days(rows)), balance)
            case _ if name.endswith(".xlsx"):
                return labelled.orders_xlsx(rows)
        return csv_bytes(kind, [*rows, *(bad.row for bad in bad_rows)])

    def _invoices(self, papers: list[Paper]) -> bytes:
        by_kind: dict[str, list[Row]] = {"invoices": [], "invoice_lines": []}
        for paper in papers:
            by_kind[paper.kind] += paper.rows
        return etax.invoices_xlsx(
            by_kind["invoices"], by_kind["invoice_lines"], self.parties, self.by_sku
        )

    def _listed(self, statement: Paper) -> tuple[Paper, ...]:
        """The invoices beside a statement as a paper of their own; none if none are listed."""
        fields = ("invoice_no", "issued_on", "amount_excl_tax", "tax", "amount")
        rows = [{name: row[name] for name in fields} for row in self._billed(statement)]
        listed = Paper("statement_invoices", statement.key, statement.known_on, rows)
        return (listed,) if rows else ()

    def _billed(self, statement: Paper) -> list[Row]:
        """Invoices the portal lists beside a statement, for information."""
        first = statement.rows[0]
        start, end = first["period_start"], first["period_end"]
        buyer = self.parties.head_office(str(first["chain_id"])).name
        found = [
            paper.rows[0]
            for paper in self.story.papers
            if paper.kind == "invoices" and paper.known_on <= statement.known_on
        ]
        listed = {
            str(row["invoice_no"]): row
            for row in found
            if row["buyer_name"] == buyer
            and isinstance(row["issued_on"], date)
            and isinstance(start, date)
            and isinstance(end, date)
            and start <= row["issued_on"] <= end
        }
        return list(listed.values())[:12]

    def _add_faults(self) -> None:
        self._damage_one()
        self._send_unknown_layout()
        self._send_whole_files_again()
        self._break_rows()

    def _pick(self, prefix: str, share: float) -> int | None:
        """Index of a file with this name prefix, at a share of the way; None without one."""
        found = [i for i, file in enumerate(self.files) if file.name.startswith(prefix)]
        return found[int(len(found) * share)] if found else None

    def _damage_one(self) -> None:
        """One delivery list arrives cut off; the whole file follows the next day."""
        index = self._pick("K3_", 0.38)
        if index is None:
            return
        whole = self.files[index]

        def cut_off() -> bytes:
            return whole.content[: len(whole.content) * 3 // 5]

        self.files[index] = SentFile(
            whole.path, whole.known_on, cut_off, layout=None, is_readable=False
        )
        again = after(whole.known_on, 1)
        self.files.append(whole.moved(again, whole.name.replace(".xlsx", "_重发.xlsx")))
        self.story.plant("damaged_file", whole.path)

    def _send_unknown_layout(self) -> None:
        day = self.story.papers[len(self.story.papers) * 3 // 5].known_on
        rows: list[list[object]] = [
            ["2026年暑期促销档期"],
            ["档期", "起", "止", "陈列方式", "负责人"],
            ["清凉一夏", date(2026, 7, 10), date(2026, 7, 24), "端架", "陈立"],
            ["开学季", date(2026, 8, 20), date(2026, 9, 3), "堆头", "周敏"],
        ]
        draw = partial(workbook_bytes, [Sheet("档期", rows, merges=["A1:E1"])])
        path = f"{day.isoformat()}/门店促销档期.xlsx"
        self.files.append(SentFile(path, day, draw, layout=None, is_readable=False))
        self.story.plant("unknown_layout", path)

    def _send_whole_files_again(self) -> None:
        for prefix, share, days, ending in (
            ("goods_receipts_2", 0.35, 2, "_补发"),
            ("orders_2", 0.55, 3, "_补发"),
            ("orders_2", 0.7, 0, "_副本"),
            ("星渠_", 0.5, 4, "_副本"),
            ("K3_", 0.8, 1, "_副本"),
        ):
            index = self._pick(prefix, share)
            if index is None:
                continue
            file = self.files[index]
            stem, dot, suffix = file.name.rpartition(".")
            day = after(file.known_on, days)
            if day > self.story.last_day:
                continue
            self.files.append(file.moved(day, f"{stem}{ending}{dot}{suffix}"))
            self.story.plant("file_sent_twice", f"{day.isoformat()}/{stem}{ending}{dot}{suffix}")

    def _break_rows(self) -> None:
        faults: tuple[tuple[str, float, str, dict[str, object], str, str], ...] = (
            ("orders_2", 0.3, "amount",
             {"order_no": "YH26ERR0001", "line_no": 1, "amount": "待定"}, "0.00", "orders"),
            ("orders_2", 0.5, "order_date",
             {"order_no": "4599000001", "order_date": "2026-13-07", "amount": Decimal("640.00")},
             "640.00", "orders"),
            ("goods_receipts_2", 0.45, "amount",
             {"receipt_no": "YHTH26ERR01", "receipt_kind": "return", "quantity": Decimal(4),
              "amount": Decimal("236.00")}, "236.00", "goods_receipts"),
            ("goods_receipts_2", 0.65, "receipt_no",
             {"receipt_no": None, "amount": Decimal("512.50")}, "512.50", "goods_receipts"),
        )  # fmt: skip
        for prefix, share, name, changes, amount, kind in faults:
            index = self._pick(prefix, share)
            if index is None:
                continue
            file = self.files[index]
            bad = BadRow(kind, dict(file.papers[0].rows[0]) | changes, name, Decimal(amount))
            self.files[index] = self._file(
                file.known_on, file.name, list(file.papers), (*file.bad_rows, bad)
            )
            self.story.plant("rejected_row", f"{file.path} {name}")


def _days(rows: Sequence[Row]) -> list[date]:
    return [row["received_on"] for row in rows if isinstance(row["received_on"], date)]


def _amount(row: Row) -> Decimal:
    value = row["amount"]
    assert isinstance(value, Decimal)
    return value
