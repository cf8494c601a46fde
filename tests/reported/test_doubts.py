"""What stands beside the exceptions: counted on the cover with money, listed on sheets."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from assets.reported.content.figures import DayFigures
from assets.reported.content.reading import Day
from assets.reported.content.sentences import doubt_evidence
from assets.reported.packs import write_packs
from io_managers.documents import Documents
from io_managers.session import Window
from receivables.home import Home
from receivables.sources import Sources, read_file
from tests.reported.closed_day import DAY, POLICY, ClosedDay

D = Decimal
BEFORE, LONG_AGO = date(2026, 8, 1), date(2026, 7, 31)


def doubtful() -> ClosedDay:
    closed = ClosedDay(debtors=1, stores=1, items=1)
    line = {"chain_id": "YH", "statement_no": "S1", "line_kind": "receipt", "occurrence": 1}
    for on, receipt, before, after in (
        (DAY, "R1", D(100), D(90)),
        (BEFORE, "R2", None, D(7)),
        (LONG_AGO, "R3", None, D(1)),
    ):
        closed._add(
            "staged.statement_changes",
            **line,
            known_on=on,
            change_kind="changed" if before else "added",
            receipt_no=receipt,
            amount_before=before,
            amount_after=after,
            difference=after - (before or 0),
            file_id="new",
            row_no=5,
        )
    closed._add("received.files", known_on=DAY, file_id="new", path="2026-08-31/对账单.xlsx")
    for on, printed in ((DAY, D(120)), (BEFORE, D(5)), (DAY, D(100))):
        closed._add(
            "received.file_totals",
            known_on=on, file_id="new", path="2026-08-31/对账单.xlsx", kind="statements",
            sheet="结算单明细", row=9, label="合计", field="amount", printed=printed, summed=D(100),
        )  # fmt: skip
    number = {"chain_id": "YH", "paper_kind": "invoice_application", "given_no": "42719331"}
    for on, paper, verdict in (
        (BEFORE, "A1", "unknown"),
        (BEFORE, "A2", "unknown"),
        (DAY, "A2", "resolved"),
    ):
        closed._add(
            "staged.number_resolutions",
            **number,
            known_on=on,
            paper_no=paper,
            verdict=verdict,
            evidence="no invoice has or ends with 42719331",
            amount=D(113),
            file_id="new",
        )
    name = {"as_of": DAY, "chain_id": "YH", "alias_kind": "store_code", "papers": 4}
    candidate = {"candidate_chain_id": "YH", "likeness": D(90), "amount": D(12300)}
    for place, customer in ((1, "YH-00000"), (2, "YH-HO000")):
        closed._add(
            "staged.identity_proposals",
            **name, **candidate, place=place, alias="城东路店", candidate_id=customer,
            candidate_name="永和超市", first_seen_on=BEFORE,
            evidence="one name is part of the other; 4 papers, 12,300.00 CNY",
        )  # fmt: skip
    closed._add(
        "staged.identity_proposals",
        **{**name, "alias_kind": "name", "chain_id": "unknown"}, alias="陌生人", place=1,
        amount=D(50), evidence="no known name is close to it; 1 paper, 50.00 CNY",
    )  # fmt: skip
    return closed


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, openpyxl.Workbook]:
    home, session = Home(tmp_path_factory.mktemp("home")), doubtful().build()
    write_packs(session, Documents(home), Window(DAY, DAY), POLICY)
    return {
        kind: openpyxl.load_workbook(home.root / f"reports/{DAY}/{kind}-{DAY}.xlsx")
        for kind in ("aging", "exceptions")
    }


def sheet(book: openpyxl.Workbook, name: str) -> list[dict[Any, Any]]:
    cells: list[list[Any]] = [[cell.value for cell in row] for row in book[name].iter_rows()]
    _, _, totals, heading, *rows = cells
    return [dict(zip(heading, row, strict=True)) for row in [totals, *rows]]


def cover(book: openpyxl.Workbook) -> list[list[Any]]:
    rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    return [[value for value in row if value is not None] for row in rows]


def test_the_cover_counts_each_sort_with_its_money(packs: dict[str, openpyxl.Workbook]) -> None:
    rows = cover(packs["exceptions"])
    assert ["对账单重报", 2, -3] in rows
    assert ["合计不符", 2, -75] in rows
    assert ["发票号待查", 1, 113] in rows
    assert ["名称待确认", 2, 12350] in rows


def test_the_aging_cover_counts_the_totals_of_the_day_that_differ(
    packs: dict[str, openpyxl.Workbook],
) -> None:
    rows = cover(packs["aging"])
    heading = next(row for row in rows if "合计不符" in row)
    assert rows[rows.index(heading) + 1][heading.index("合计不符")] == 1


def test_restated_lines_show_both_amounts_and_where_they_stand(
    packs: dict[str, openpyxl.Workbook],
) -> None:
    totals, first, second = sheet(packs["exceptions"], "对账单重报")
    assert totals["差额"] == -3
    assert (first["单号/费用代码"], first["原金额"], first["新金额"]) == ("R1", 100, 90)
    assert (first["变动"], first["新文件"], first["新行号"]) == (
        "金额变更", "2026-08-31/对账单.xlsx", 5
    )  # fmt: skip
    assert (second["变动"], second["原金额"], second["差额"]) == ("新增", None, 7)


def test_totals_that_differ_show_both_figures_and_their_cell(
    packs: dict[str, openpyxl.Workbook],
) -> None:
    _, today, earlier = sheet(packs["exceptions"], "合计不符")
    assert (today["工作表"], today["行号"], today["标注"]) == ("结算单明细", 9, "合计")
    assert (today["打印合计"], today["读出合计"], today["差额"]) == (120, 100, 20)
    assert earlier["差额"] == -95


def test_numbers_are_listed_until_they_are_resolved(packs: dict[str, openpyxl.Workbook]) -> None:
    _, only = sheet(packs["exceptions"], "发票号待查")
    assert (only["单据号"], only["结论"]) == ("A1", "无此发票")
    assert only["依据"] == "没有号码为或末尾为 42719331 的发票"


def test_money_at_stake_is_counted_once_per_name(packs: dict[str, openpyxl.Workbook]) -> None:
    totals, first, second, stranger = sheet(packs["exceptions"], "名称待确认")
    assert totals["涉及金额"] == 12350
    assert (first["涉及金额"], second["涉及金额"]) == (12300, None)
    assert first["依据"] == "一方名称包含另一方；4 份单据，12,300.00 元"
    assert (stranger["连锁编号"], stranger["客户编号"]) == (None, None)


def test_the_names_can_be_pasted_as_aliases(
    packs: dict[str, openpyxl.Workbook], tmp_path: Path
) -> None:
    _, first, *_ = sheet(packs["exceptions"], "名称待确认")
    pasted = dict(list(first.items())[:4])
    path = tmp_path / "customer_aliases.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, pasted)
        writer.writeheader()
        writer.writerow(pasted)
    (part,) = read_file(path, Sources()).parts
    assert part.rejected.is_empty()
    row = part.accepted.row(0, named=True)
    assert {name: row[name] for name in ("chain_id", "alias_kind", "alias", "customer_id")} == {
        "chain_id": "YH",
        "alias_kind": "store_code",
        "alias": "城东路店",
        "customer_id": "YH-00000",
    }


@pytest.mark.parametrize(
    ("layout", "message", "unreadable"),
    [("zip", None, 0), ("zip", "member a.exe was refused", 1), (None, "not a workbook", 1)],
)
def test_an_archive_counts_as_unreadable_only_if_something_in_it_was_refused(
    layout: str | None, message: str | None, unreadable: int
) -> None:
    closed = ClosedDay(debtors=0)
    closed.rows["received.files"] = []
    row = {"known_on": DAY, "path": "2026-08-31/papers.zip", "rows_in": 0, "rows_rejected": 0}
    closed._add("received.files", **row, layout=layout, message=message)
    session = closed.build()
    assert DayFigures.of(Day(session.connection, DAY)).unreadable_files == unreadable


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("only invoice 26327 ends so", "仅发票 26327 末尾相符"),
        ("2 invoices end so: 1, 2", "2 张发票末尾相符：1，2"),
        ("same name but for 公司; 1 paper, 5.00 CNY", "除“公司”外名称相同；1 份单据，5.00 元"),
        ("same name but for brackets; 2 papers, 5.00 CNY", "除括号外名称相同；2 份单据，5.00 元"),
        ("spelled alike, 88 of 100; 2 papers, 5.00 CNY", "写法相近，88 分；2 份单据，5.00 元"),
    ],
)  # fmt: skip
def test_evidence_is_said_in_chinese(english: str, chinese: str) -> None:
    assert doubt_evidence(english, "zh") == chinese
    assert doubt_evidence(english, "en") == english
