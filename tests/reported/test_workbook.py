import csv
import re
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

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
    write_pack,
)
from receivables.workbook.bulk import fit
from receivables.workbook.tables import FIRST_ROW, HEADING_ROW
from receivables.workbook.text import clean, number, width_of

D = Decimal
DAY = date(2026, 8, 31)

COLUMNS = [
    Column("no", bilingual("单据号", "Document"), Kind.CODE),
    Column("name", bilingual("客户", "Customer")),
    Column("on", bilingual("日期", "Date"), Kind.DAY),
    Column("amount", bilingual("金额", "Amount"), Kind.MONEY, total=True, alarm=True),
    Column("days", bilingual("天数", "Days"), Kind.COUNT),
    Column(
        "state",
        bilingual("状态", "State"),
        codes={"open": bilingual("未清", "open")},
    ),
]
ROW = ("00012", "永和超市成山路店", DAY, D("1234.50"), 31, "open")


def pack(rows=(ROW,), **more) -> Pack:
    sheet = Sheet(bilingual("明细", "Items"), COLUMNS, rows, name="items")
    return Pack(
        kind="aging",
        title=bilingual("账龄分析", "Aging"),
        as_of=DAY,
        policy_version="abc123",
        company="四海食品",
        sheets=[sheet],
        **more,
    )


def written(tmp_path: Path, made: Pack, language="zh", limit=1000):
    return write_pack(made, tmp_path, "aging-2026-08-31", language=language, max_sheet_rows=limit)


def opened(tmp_path: Path, made: Pack, **how):
    return openpyxl.load_workbook(written(tmp_path, made, **how).workbook)


def test_cells_are_typed(tmp_path):
    page = opened(tmp_path, pack())["明细"]
    no, name, on, amount, days, state = page[FIRST_ROW]
    assert [cell.data_type for cell in page[FIRST_ROW]] == ["s", "s", "d", "n", "n", "s"]
    assert no.value == "00012"
    assert name.value == "永和超市成山路店"
    assert on.value == datetime(2026, 8, 31)
    assert (amount.value, days.value, state.value) == (1234.5, 31, "未清")
    assert on.number_format == "yyyy-mm-dd"
    assert "#,##0.00" in amount.number_format


def test_money_reaches_the_file_digit_by_digit(tmp_path):
    amounts = [D("0.10"), D("0.20"), D("1234567890123.45"), D("-0.01")]
    files = written(tmp_path, pack([("1", "x", DAY, amount, 1, "open") for amount in amounts]))
    xml = zipfile.ZipFile(files.workbook).read("xl/worksheets/sheet2.xml").decode()
    for amount in amounts:
        assert f"<v>{amount}</v>" in xml


def test_an_amount_with_more_digits_than_a_spreadsheet_holds_is_shown_whole(tmp_path):
    page = opened(tmp_path, pack([("1", "x", DAY, D("12345678901234567.89"), 1, "open")]))["明细"]
    assert page.cell(FIRST_ROW, 4).value == "12,345,678,901,234,567.89"


@pytest.mark.parametrize("value", [1.5, float("nan"), "12", D("NaN")])
def test_money_that_is_no_decimal_is_refused(tmp_path, value):
    with pytest.raises(TypeError):
        written(tmp_path, pack([("1", "x", DAY, value, 1, "open")]))


@pytest.mark.parametrize(
    ("value", "digits"), [(D("1E+3"), "1000"), (D("0.00"), "0.00"), (7, "7"), (10**15, None)]
)
def test_numbers_are_stored_in_plain_digits(value, digits):
    assert number(value) == digits


FORMULA_LIKE = ["=1+1", "+86 21", "-12", "@SUM(A1)", "\t=1", "\r=1", "＝1", "#N/A", "=", "-"]


@pytest.mark.parametrize("text", FORMULA_LIKE)
def test_text_like_a_formula_stays_text_everywhere(tmp_path, text):
    block = Block(bilingual("块", "block"), COLUMNS[:2], [(text, text)])
    chart = Chart(bilingual("图", "chart"), [bilingual(text, text)], [(text, D(1))])
    made = pack([(text, text, DAY, D(1), 1, text)], blocks=[block], charts=[chart])
    book = opened(tmp_path, made)
    cells = [cell for page in book for row in page.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert book["明细"].cell(FIRST_ROW, 1).value == clean(text)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x"])
def test_text_like_a_formula_stays_text_when_it_is_edited(tmp_path, text):
    cell = opened(tmp_path, pack([(text, "x", DAY, D(1), 1, "open")]))["明细"].cell(FIRST_ROW, 1)
    assert cell.quotePrefix


@settings(max_examples=20, deadline=None)
@given(texts=st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=20))
def test_any_text_comes_back_as_text(tmp_path_factory, texts):
    rows = [(text, text, DAY, D(1), 1, text) for text in texts]
    page = opened(tmp_path_factory.mktemp("pack"), pack(rows))["明细"]
    for offset, text in enumerate(texts):
        cell = page.cell(FIRST_ROW + offset, 2)
        assert cell.data_type == "s"
        assert unescape(cell.value) == clean(text)


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [("a\x00b", "a\ufffdb"), ("\x0b", "\ufffd"), ("a\r\nb\rc", "a\nb\nc"), ("\ud800", "\ufffd")],
)
def test_characters_that_no_workbook_can_hold_are_removed_visibly(given_text, shown):
    assert clean(given_text) == shown


def test_a_text_longer_than_a_cell_ends_in_an_ellipsis():
    assert len(clean("长" * 40_000)) == 32_767
    assert clean("长" * 40_000).endswith("…")
    assert len(clean("😀" * 20_000).encode("utf-16-le")) <= 32_767 * 2


def test_the_same_figures_give_the_same_bytes(tmp_path):
    made = {
        "key_figures": [KeyFigure(bilingual("应收", "Outstanding"), D("1.00"))],
        "charts": [Chart(bilingual("图", "chart"), [bilingual("额", "amount")], [("a", D(1))])],
    }
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = written(tmp_path / "one", pack(**made)).workbook.read_bytes()
    assert written(tmp_path / "two", pack(**made)).workbook.read_bytes() == first


def test_one_cent_more_gives_other_bytes(tmp_path):
    first = written(tmp_path, pack()).workbook.read_bytes()
    row = (*ROW[:3], ROW[3] + D("0.01"), *ROW[4:])
    assert written(tmp_path, pack([row])).workbook.read_bytes() != first


def test_a_sheet_is_frozen_filtered_and_set_up_for_printing(tmp_path):
    page = opened(tmp_path, pack([ROW] * 3))["明细"]
    assert page.freeze_panes == f"B{FIRST_ROW}"
    assert page.auto_filter.ref == f"A{HEADING_ROW}:F{FIRST_ROW + 2}"
    assert page.page_setup.orientation == "landscape"
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
    assert page.print_title_rows == f"${HEADING_ROW}:${HEADING_ROW}"
    assert "2026-08-31" in page.oddHeader.right.text
    assert page.calculate_dimension() == f"A1:F{FIRST_ROW + 2}"


def test_every_row_stands_once_and_in_order(tmp_path):
    files = written(tmp_path, pack([ROW] * 5, key_figures=[KeyFigure(bilingual("a", "a"), 1)]))
    archive = zipfile.ZipFile(files.workbook)
    sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert sheets
    for name in sheets:
        rows = [int(row) for row in re.findall(rb'<row r="(\d+)"', archive.read(name))]
        assert rows == sorted(set(rows)) != []


def test_totals_stand_above_the_heading(tmp_path):
    page = opened(tmp_path, pack([ROW, (*ROW[:3], D("0.50"), *ROW[4:])]))["明细"]
    totals = [cell.value for cell in page[HEADING_ROW - 1]]
    assert totals == ["合计", None, None, 1235, None, None]


def test_an_empty_sheet_is_a_sheet_with_a_heading(tmp_path):
    page = opened(tmp_path, pack([]))["明细"]
    assert page.cell(HEADING_ROW, 1).value == "单据号"
    assert "共 0 行" in page["B2"].value


def test_english_by_policy(tmp_path):
    book = opened(tmp_path, pack(), language="en")
    assert book.sheetnames == ["Cover", "Items"]
    assert [cell.value for cell in book["Items"][HEADING_ROW]][:2] == ["Document", "Customer"]
    assert book["Items"].cell(FIRST_ROW, 6).value == "open"


def test_properties_name_the_day_and_the_policy(tmp_path):
    book = opened(tmp_path, pack())
    assert book.properties.title == "账龄分析 2026-08-31"
    assert book.properties.modified == datetime(2026, 8, 31)
    assert {prop.name: prop.value for prop in book.custom_doc_props.props} == {
        "as_of": "2026-08-31",
        "policy": "abc123",
    }


def cover_text(tmp_path, made: Pack, **how) -> list:
    page = opened(tmp_path, made, **how).worksheets[0]
    return [cell.value for row in page.iter_rows() for cell in row if cell.value is not None]


@pytest.mark.parametrize(
    ("right", "verdict"), [(D("5.00"), "全部相符"), (D("4.99"), "有 1 项不符")]
)
def test_the_tie_out_shows_both_figures_and_the_difference(tmp_path, right, verdict):
    tie = TieOut(bilingual("账龄 = 未清", "aging = open items"), D("5.00"), right)
    shown = cover_text(tmp_path, pack(tie_outs=[tie]))
    assert verdict in shown
    at = shown.index("账龄 = 未清")
    assert shown[at + 1 : at + 4] == [5, float(right), float(5 - right)]


def test_the_cover_links_to_every_sheet(tmp_path):
    page = opened(tmp_path, pack()).worksheets[0]
    links = [cell.hyperlink.location for row in page.iter_rows() for cell in row if cell.hyperlink]
    assert links == ["'明细'!A1"]


def test_charts_are_native_and_drawn_from_the_figures_sheet(tmp_path):
    chart = Chart(
        bilingual("逾期", "Overdue"),
        [bilingual("已开票", "Invoiced"), bilingual("未开票", "Uninvoiced")],
        [("1-30", D("2.00"), D("1.00")), ("31-60", D("3.00"), D("0.00"))],
        kind="stacked",
    )
    files = written(tmp_path, pack(charts=[chart]))
    archive = zipfile.ZipFile(files.workbook)
    drawn = archive.read("xl/charts/chart1.xml").decode()
    assert "'图表数据'!$B$2:$B$3" in drawn
    assert 'val="stacked"' in drawn
    figures = openpyxl.load_workbook(files.workbook)["图表数据"]
    assert [cell.value for cell in figures[2]] == ["1-30", 2, 1]


def test_a_long_sheet_goes_to_a_csv_and_the_cover_says_so(tmp_path):
    rows = [(f"={index}", "永和", DAY, D("1.10"), index, "open") for index in range(30)]
    files = written(tmp_path, pack(iter(rows)), limit=20)
    with files.overflow["items"].open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["no", "name", "on", "amount", "days", "state"]
    assert len(lines) == 31
    assert lines[1] == ["'=0", "永和", "2026-08-31", "1.10", "0", "open"]
    assert files.rows == {"items": 30}
    book = openpyxl.load_workbook(files.workbook)
    assert book["明细"].cell(HEADING_ROW - 1, 4).value == 33
    assert book["明细"].max_row == FIRST_ROW + 19
    said = [cell.value for row in book["封面"].iter_rows() for cell in row if cell.value]
    assert any("全部见同一文件夹的 *-items.csv" in str(text) for text in said)


@pytest.mark.parametrize(
    ("text", "width"),
    [("abc", 3), ("中文", 4), ("中a", 3), ("a\n中文中", 6), ("", 0), ("（店）", 6), ("e\u0301", 1)],
)
def test_chinese_characters_count_double(text, width):
    assert width_of(text) == width


@pytest.mark.parametrize(
    ("column", "values", "at_least"),
    [
        (COLUMNS[3], [D("-1234567890.12"), D(1)], 17),
        (COLUMNS[2], [DAY], 12),
        (COLUMNS[0], ["26327000000742719331"], 20),
        (COLUMNS[1], ["永和超市成山路店"], 16),
        (COLUMNS[1], [None], 5),
    ],
)
def test_a_column_is_wide_enough_for_what_it_shows(column, values, at_least):
    fitted = fit(column, values, None, "zh")
    assert fitted.width >= at_least
    assert not fitted.lines


def test_long_text_wraps_and_its_row_grows(tmp_path):
    long = "供应商送货后门店验收数量少于订单数量需要补单" * 3
    page = opened(tmp_path, pack([(*ROW[:1], long, *ROW[2:]), ROW]))["明细"]
    assert page.row_dimensions[FIRST_ROW].height >= 45
    assert page.row_dimensions[FIRST_ROW + 1].height is None
    assert page.cell(FIRST_ROW, 2).alignment.wrap_text


def test_days_before_the_calendar_of_workbooks_are_text(tmp_path):
    row = (*ROW[:2], date(1, 1, 1), *ROW[3:])
    assert opened(tmp_path, pack([row]))["明细"].cell(FIRST_ROW, 3).value == "0001-01-01"
