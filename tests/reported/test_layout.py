"""What every sheet of every pack has: a printable page, a way home, a file beside it when long."""

import csv
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from assets.reported.content.kinds import PACKS
from assets.reported.packs import write_packs
from io_managers.documents import Documents
from io_managers.session import Window
from receivables.home import Home
from receivables.workbook.tables import HEADING_ROW
from tests.reported.closed_day import DAY, POLICY, ClosedDay

D = Decimal
LONGEST = 3


def written(folder: Path, closed: ClosedDay, **packs) -> Home:
    """The packs of a day with other policies for packs, the review among them."""
    home = Home(folder)
    credit = POLICY.credit.model_copy(update={"review_days": [DAY.day]})
    made = POLICY.packs.model_copy(update=packs)
    policy = POLICY.model_copy(update={"packs": made, "credit": credit})
    write_packs(closed.build(), Documents(home), Window(DAY, DAY), policy)
    return home


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """The workbooks of a day by kind, and those with no more than three rows a sheet."""
    full = written(tmp_path_factory.mktemp("full"), ClosedDay(stores=2, items=4))
    short = written(
        tmp_path_factory.mktemp("short"), ClosedDay(stores=2, items=4), max_sheet_rows=LONGEST
    )
    return full, short


def opened(home: Home):
    for path in sorted((home.root / f"reports/{DAY}").glob("*.xlsx")):
        yield path, openpyxl.load_workbook(path)


def test_every_sheet_is_frozen_filtered_and_printable(books):
    kinds = set()
    for path, book in opened(books[0]):
        kinds.add(path.name.removesuffix(f"-{DAY}.xlsx"))
        properties = {prop.name: prop.value for prop in book.custom_doc_props.props}
        assert properties["as_of"] == str(DAY)
        assert f"as-of={DAY}; policy={properties['policy']}" == book.properties.keywords
        cover, *pages = [page for page in book if page.title != "图表数据"]
        assert cover.print_area
        for page in pages:
            assert page.freeze_panes.endswith(str(HEADING_ROW + 1)), page.title
            assert page.print_title_rows == f"${HEADING_ROW}:${HEADING_ROW}"
            assert re.search(r"!\$A\$1:\$[A-Z]+\$\d+$", page.print_area)
            assert page.sheet_properties.pageSetUpPr.fitToPage
            assert page["A2"].hyperlink.location == "'封面'!A1"
            headings = [cell.value for cell in page[HEADING_ROW]]
            assert None not in headings
            assert len(set(headings)) == len(headings), page.title
            if "编号" in headings:  # what a decision comes back by is not printed
                assert headings[-1] == "编号"
                last = page.print_area.rpartition(":")[2].split("$")[1]
                assert openpyxl.utils.column_index_from_string(last) < len(headings)
    assert kinds >= set(PACKS) - {"statements"}


def test_every_long_list_stands_beside_its_pack_and_the_cover_says_so(books):
    full, short = books
    said = {path.name: book for path, book in opened(short)}
    beside = 0
    for path, book in opened(full):
        links = {
            cell.value: book.worksheets[0].cell(cell.row, cell.column + 2).value
            for row in book.worksheets[0].iter_rows()
            for cell in row
            if cell.hyperlink and not str(cell.value).startswith("→")
        }
        cover = [str(c.value) for row in said[path.name].worksheets[0].iter_rows() for c in row]
        for title, count in links.items():
            page = said[path.name][title]
            if count <= LONGEST:
                assert "全部见" not in page["B2"].value
                continue
            name = re.search(r"全部见同一文件夹的 \*-(\w+)\.csv", page["B2"].value)[1]
            [file] = short.reports.rglob(f"{path.stem}-{name}.csv")
            with file.open(encoding="utf-8-sig", newline="") as rows:
                assert len(list(csv.reader(rows))) == count + 1, file.name
            assert any(f"*-{name}.csv" in text for text in cover)
            assert page.max_row == HEADING_ROW + LONGEST
            beside += 1
    assert beside > 20


PLANTS = {
    "账龄（按单据）= 未清明细": ("aged.aging", "basis", "document", "amount"),
    "收到行数 = 入账 + 重复 + 退回": ("received.files", "kind", "orders", "rows_in"),
}


@pytest.mark.parametrize("pair", PLANTS)
def test_a_figure_that_does_not_tie_is_red_on_the_cover(tmp_path, pair):
    table, column, value, figure = PLANTS[pair]
    closed = ClosedDay(debtors=2)
    row = next(
        row
        for row in closed.rows[table]
        if row[column] == value and row.get("as_of", row.get("known_on")) == DAY
    )
    row[figure] += 1
    assert red(written(tmp_path, closed)) == [pair]


@pytest.mark.parametrize(
    ("party", "pair"),
    [("debtor_id", "逐户相符的付款客户数"), ("store_id", "逐店相符的门店数")],
)
def test_money_at_another_party_is_red_although_the_sums_agree(tmp_path, party, pair):
    closed = ClosedDay(debtors=2)
    rows = [
        row
        for row in closed.rows["aged.aging"]
        if row["as_of"] == DAY and row["basis"] == "overdue"
    ]
    other = next(row for row in rows if row[party] != rows[0][party])
    rows[0]["amount"] += 5
    other["amount"] -= 5
    assert pair in red(written(tmp_path, closed))


def red(home: Home) -> list[str]:
    """What the aging pack's cover says does not tie; the box is green where it is nothing."""
    [page] = [book.worksheets[0] for path, book in opened(home) if path.name.startswith("aging")]
    cells = [cell for row in page.iter_rows() for cell in row if cell.value is not None]
    values = [cell.value for cell in cells]
    wrong = [values[at - 4] for at, value in enumerate(values) if value == "✗ 不符"]
    [box] = [cell for cell in cells if cell.value in ("全部相符", f"有 {len(wrong)} 项不符")]
    assert (box.value == "全部相符") == (not wrong)
    assert (box.fill.fgColor.rgb == "FFE3F4EA") == (not wrong)
    return wrong


def test_a_day_that_ties_has_a_green_box(books):
    assert red(books[0]) == []
    assert (DAY + timedelta(days=1)).day == 1  # a month's end: every pack is due
