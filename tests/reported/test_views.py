import math
import re
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter, range_boundaries

from assets.reported.content.balances import _band
from assets.reported.content.labels import CAUSES, CHANGING_PAPERS
from assets.reported.content.views import Line, outlined
from assets.reported.packs import write_packs
from io_managers.documents import Documents
from io_managers.session import Window
from receivables.home import REPOSITORY, Home
from receivables.workbook.tables import FIRST_ROW, HEADING_ROW
from receivables.workbook.text import width_of
from tests.reported.closed_day import DAY, POLICY, ClosedDay

D = Decimal
LANGUAGES = ["zh", "en"]


def written(folder: Path, language: str) -> Home:
    home = Home(folder)
    packs = POLICY.packs.model_copy(update={"language": language})
    review_days = POLICY.credit.model_copy(update={"review_days": [DAY.day]})
    policy = POLICY.model_copy(update={"packs": packs, "credit": review_days})
    session = ClosedDay(debtors=7, stores=4, items=6).build()
    write_packs(session, Documents(home), Window(DAY, DAY), policy)
    return home


@pytest.fixture(scope="module")
def homes(tmp_path_factory) -> dict[str, Home]:
    """The packs of a day in both languages."""
    return {each: written(tmp_path_factory.mktemp(each), each) for each in LANGUAGES}


def aging(homes, language="zh"):
    return openpyxl.load_workbook(homes[language].root / f"reports/{DAY}/aging-{DAY}.xlsx")


def column(page, heading: str) -> int:
    return [cell.value for cell in page[HEADING_ROW]].index(heading) + 1


def links(page, at: int) -> dict[str, tuple[str, int]]:
    """Where the cells of a column lead: sheet and row, by the cell's value."""
    found = {}
    for row in page.iter_rows(min_row=FIRST_ROW, min_col=at, max_col=at):
        if row[0].hyperlink:
            title, target = re.fullmatch(r"'(.+)'!A(\d+)", row[0].hyperlink.location).groups()
            found[row[0].value] = (title, int(target))
    return found


@pytest.mark.parametrize(("view", "heading"), [("按付款客户", "付款客户"), ("按门店", "门店")])
def test_a_row_leads_to_its_open_items_and_they_lead_back(homes, view, heading):
    book = aging(homes)
    page, items = book[view], book["未清明细"]
    at, there = column(page, heading), column(items, heading)
    leading = links(page, at)
    everybody = [row[at - 1].value for row in page.iter_rows(min_row=FIRST_ROW)]
    assert sorted(leading) == sorted(everybody)
    back = links(items, there)
    for party, (title, row) in leading.items():
        assert title == "未清明细"
        assert items.cell(row, there).value == party
        assert items.cell(row - 1, there).value != party  # the first of them
        assert page.cell(back[party][1], at).value == party


def test_items_of_a_debtor_stand_together(homes):
    items = aging(homes)["未清明细"]
    at = column(items, "付款客户")
    debtors = [row[at - 1].value for row in items.iter_rows(min_row=FIRST_ROW)]
    turns = [one for one, before in zip(debtors, [None, *debtors], strict=False) if one != before]
    assert len(turns) == len(set(turns))


@pytest.mark.parametrize("view", ["按连锁与集团", "按区域与连锁", "按负责人与连锁（单据账龄）"])
def test_parents_sum_their_children(homes, view):
    page = aging(homes)[view]
    money = [index for index, cell in enumerate(page[HEADING_ROW]) if cell.value == "应收余额"][0]
    rows = list(page.iter_rows(min_row=FIRST_ROW))
    depth = [page.row_dimensions[row[0].row].outlineLevel for row in rows]
    parents = 0
    for place, level in enumerate(depth):
        below = next((i for i in range(place + 1, len(rows)) if depth[i] <= level), len(rows))
        children = [i for i in range(place + 1, below) if depth[i] == level + 1]
        if children:
            parents += 1
            amounts = [D(str(rows[i][money].value)) for i in children]
            assert sum(amounts).quantize(D("0.01")) == D(str(rows[place][money].value))
            assert amounts == sorted(amounts, reverse=True)
    assert parents > 3
    assert not page.sheet_properties.outlinePr.summaryBelow


def test_stores_are_folded_under_their_debtors(homes):
    page = aging(homes)["按连锁与集团"]
    at = column(page, "门店")
    rows = [
        (row[at - 1].value is not None, page.row_dimensions[row[0].row].hidden)
        for row in page.iter_rows(min_row=FIRST_ROW)
    ]
    assert set(rows) == {(True, True), (False, False)}, "stores are hidden, debtors are shown"


def test_the_largest_debtors_and_their_share_lead_to_their_items(tmp_path):
    closed = ClosedDay(debtors=3)
    for place, share in ((1, "61.25"), (2, "20.00")):
        closed._add(
            "aged.concentrations",
            as_of=DAY,
            place=place,
            debtor_id=["YH-HO000", "HR-HO001"][place - 1],
            balance=D(900),
            share_percent=D(share),
            share_percent_until=D("61.25") if place == 1 else D("81.25"),
        )
    home = Home(tmp_path)
    write_packs(closed.build(), Documents(home), Window(DAY, DAY), POLICY)
    page = openpyxl.load_workbook(home.root / f"reports/{DAY}/aging-{DAY}.xlsx")["集中度"]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=FIRST_ROW)]
    assert [(row[0], row[1], row[4], row[5]) for row in rows] == [
        (1, "YH-HO000", 0.6125, 0.6125), (2, "HR-HO001", 0.2, 0.8125)
    ]  # fmt: skip
    assert links(page, 2).keys() == {"YH-HO000", "HR-HO001"}


def test_lines_of_nobody_have_a_place_in_an_outline():
    def line(amount) -> Line:
        return Line(D(amount), D(0), D(0), {"not_due": D(amount)})

    leaves = {("A", None): line(3), ("A", "x"): line(3), ("B", "y"): line(9)}
    rows = [(key, each.total) for key, each in outlined(leaves, ["not_due"])]
    assert rows == [
        (("B",), 9), (("B", "y"), 9), (("A",), 6), (("A", None), 3), (("A", "x"), 3)
    ]  # fmt: skip


def test_every_cause_and_paper_of_a_change_has_its_name():
    query = (REPOSITORY / "assets/aged/changes.sql").read_text()
    named, papers = re.search(r"as cause\b", query).start(), query.index("as paper_kind")
    causes = set(re.findall(r"(?:then|else) '(\w+)'", query[:named]))
    assert causes
    assert causes <= set(CAUSES)
    kinds = set(re.findall(r"(?:then|else) '(\w+)'", query[named:papers]))
    assert kinds
    assert kinds <= set(CHANGING_PAPERS)


@pytest.mark.parametrize(
    ("band", "chinese"),
    [
        ("within 1 year", "1年以内 5%"),
        ("within 2 years", "2年以内 5%"),
        ("1-2 years", "1-2年 5%"),
        ("over 3 years", "3年以上 5%"),
        ("over 1 year", "1年以上 5%"),
    ],
)
def test_bands_of_provisions_are_said_in_chinese(band, chinese):
    label = _band({"band": band, "percent": D("5.0000")})
    assert (label.zh, label.en) == (chinese, f"{band} 5%")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cell_of_every_pack_shows_all_it_holds(homes, language):
    clipped = [
        f"{path.stem} {page.title} {cell.coordinate}: {cell.value!r}"
        for path in sorted((homes[language].root / f"reports/{DAY}").glob("*.xlsx"))
        for page in openpyxl.load_workbook(path)
        for cell in clipped_cells(page)
    ]
    assert not clipped


def clipped_cells(page):
    """Cells whose text does not find room: too wide a number, or more lines than the row takes."""
    merged = {}
    for area in page.merged_cells.ranges:
        left, top, right, _ = range_boundaries(str(area))
        merged[top, left] = right
    for row in page.iter_rows():
        height = page.row_dimensions[row[0].row].height or 15
        for cell in row:
            if cell.value is None:
                continue
            last = merged.get((cell.row, cell.column), cell.column)
            room = sum(width(page, at) for at in range(cell.column, last + 1))
            said = as_shown(cell)
            scale = (cell.font.sz or 11) / 10.5
            if cell.alignment.wrap_text:
                lines = sum(
                    max(1, math.ceil(width_of(line) * scale / room)) for line in said.split("\n")
                )
                fits = lines * cell.font.sz * 1.2 <= height
            elif cell.data_type == "s" and is_free(page, cell.row, last):
                fits = True  # it runs on over the empty cells beside it
            else:
                fits = width_of(said) * scale <= room
            if not fits:
                yield cell


def width(page, at: int) -> float:
    return page.column_dimensions[get_column_letter(at)].width


def is_free(page, row: int, last: int) -> bool:
    beside = [page.cell(row, at).value for at in range(last + 1, last + 4)]
    return not any(value is not None for value in beside)


def as_shown(cell) -> str:
    if cell.is_date:
        return cell.value.strftime("%Y-%m-%d")
    if cell.data_type != "n":
        return str(cell.value)
    places = 2 if "0.00" in cell.number_format else 0
    return f"{cell.value:,.{places}f} "
