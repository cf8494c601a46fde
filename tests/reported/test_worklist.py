import subprocess
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from assets.reported.content.kinds import PACKS, DayOfPacks
from assets.reported.content.reading import Day
from assets.reported.content.worklist import entries
from receivables.decisions import CHOICES, Subject
from receivables.sources.reading import read_file
from tests.reported.closed_day import DAY, POLICY, ClosedDay
from tests.reported.office import TEST_SECONDS
from tests.reported.worklists import (
    HEADING_ROW,
    NO_LAYOUTS,
    WHO,
    came_back,
    filled,
    written_pack,
)

D = Decimal
SAVED = Path(__file__).parent / "saved"


@pytest.fixture(scope="module")
def pack(tmp_path_factory) -> Path:
    """The exception pack of a day as it left."""
    return written_pack(tmp_path_factory.mktemp("home"))


# the largest amounts first: e0011, e0010, …
TAKEN = ("exception", "e0011", "accept", None, D("11012.34"), "林会计")
ASSIGNED = ("exception", "e0010", "assign", "李秀英", D("10012.34"), "林会计")
ACCEPT = {"决定": "接受", **WHO}
ASSIGN = {"决定": "指派", "指派给/匹配到/暂缓至": "李秀英", **WHO}


def test_each_row_offers_what_makes_sense_and_only_entries_are_open(pack):
    book = openpyxl.load_workbook(pack)
    page = book["异常清单"]
    assert page.protection.sheet
    assert not page.protection.password
    heading = {cell.value: cell.column for cell in page[HEADING_ROW]}
    row = {name: page.cell(HEADING_ROW + 1, column) for name, column in heading.items()}
    assert row["编号"].value == f"exception:e0011@{DAY}"
    open_cells = {name for name, cell in row.items() if not cell.protection.locked}
    assert open_cells == {"决定", "指派给/匹配到/暂缓至", "决定说明", "决定人"}
    rules = {str(rule.sqref): rule for rule in page.data_validations.dataValidation}
    decision = rules[f"{row['决定'].column_letter}5:{row['决定'].column_letter}16"]
    assert decision.formula1 == '"接受,争议,核销,指派,重开"'
    assert decision.showErrorMessage
    [match] = book["疑似匹配"].data_validations.dataValidation
    assert match.formula1 == '"匹配,不匹配"'


@pytest.mark.parametrize("kind", CHOICES)
def test_every_kind_of_subject_can_be_decided_on(kind):
    columns = {column.key: column for column in entries(kind)}
    assert {"decision", "note", "decided_by"} <= columns.keys()
    needs = any(choice.needs != "nothing" for choice in CHOICES[kind])
    assert ("target_id" in columns) == needs


def reverse_rows(book, page):
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=HEADING_ROW + 1)]
    for at, row in enumerate(reversed(rows), HEADING_ROW + 1):
        for column, value in enumerate(row, 1):
            page.cell(at, column).value = value


def reverse_columns(book, page):
    for row in page.iter_rows(min_row=HEADING_ROW):
        for cell, value in zip(row, [cell.value for cell in row][::-1], strict=True):
            cell.value = value


def hide_rows(book, page):
    page.row_dimensions[HEADING_ROW + 1].hidden = True
    page.row_dimensions[HEADING_ROW + 2].hidden = True


def delete_the_rest(book, page):
    page.delete_rows(HEADING_ROW + 3, page.max_row)
    page.delete_rows(1, 2)
    for name in book.sheetnames:
        if name != page.title:
            del book[name]
    page.title = "Sheet1"


def in_another_book(book, page):
    """Rows with their headings, pasted into a new workbook below some words."""
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=HEADING_ROW)]
    other = book.create_sheet("给财务")
    other.append(["请入账，谢谢"])
    for row in rows[:4]:
        other.append(row)
    for name in book.sheetnames:
        if name != other.title:
            del book[name]


@pytest.mark.parametrize(
    "then", [None, reverse_rows, reverse_columns, hide_rows, delete_the_rest, in_another_book]
)
def test_decisions_are_read_whatever_was_done_to_the_sheet(pack, tmp_path, then):
    file = filled(pack, tmp_path / "给会计(2).xlsx", [ACCEPT, ASSIGN], then=then)
    taken, rejected, _ = came_back(file)
    assert sorted(taken) == sorted([TAKEN, ASSIGNED])
    assert rejected == []


def test_a_pack_without_decisions_is_no_decisions_and_no_rejects(pack):
    taken, rejected, message = came_back(pack)
    assert (taken, rejected) == ([], [])
    assert message == "No row of this worklist has a decision."


def test_the_amount_decided_on_is_the_one_that_was_seen(pack, tmp_path):
    def without_amounts(book, page):
        page.delete_cols(next(cell.column for cell in page[HEADING_ROW] if cell.value == "金额"))

    file = filled(pack, tmp_path / "a.xlsx", [ACCEPT], then=without_amounts)
    [(*_, amount, _)] = came_back(file)[0]
    assert amount is None  # then the warehouse takes the list of that day


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (ACCEPT | {"决定": "同意"}, "'同意' is no decision on this row; choose one of 接受"),
        (ACCEPT | {"决定": "匹配"}, "'匹配' is no decision on this row"),
        ({"决定": "接受"}, "Nobody stands behind it: write who decided into 决定人."),
        (ACCEPT | {"决定": "指派"}, "'指派' needs a name or number"),
        (ACCEPT | {"编号": "e0011"}, "unknown: 'e0011' names no row of a worklist"),
        (ACCEPT | {"编号": None}, "unknown: '' names no row of a worklist"),
        (ACCEPT | {"编号": "order:1@2026-08-31"}, "unknown"),
        (ACCEPT | {"编号": "exception:1@2026-02-31"}, "unknown"),
    ],
)
def test_a_row_that_is_no_decision_says_why_and_the_others_are_taken(
    pack, tmp_path, cells, sentence
):
    taken, [reason], _ = came_back(filled(pack, tmp_path / "a.xlsx", [cells, ASSIGN]))
    assert taken == [ASSIGNED]
    assert sentence in reason


def duplicate_first_row(decision: str | None = None) -> Callable:
    def then(book, page):
        values = [cell.value for cell in page[HEADING_ROW + 1]]
        at = page.max_row + 1
        for column, value in enumerate(values, 1):
            is_decision = page.cell(HEADING_ROW, column).value == "决定"
            page.cell(at, column).value = decision if decision and is_decision else value

    return then


def test_a_row_that_stands_twice_counts_once(pack, tmp_path):
    file = filled(pack, tmp_path / "a.xlsx", [ACCEPT], then=duplicate_first_row())
    taken, rejected, message = came_back(file)
    assert (taken, rejected) == ([TAKEN], [])
    assert message == "Row 17 says the same as row 5 of 异常清单 and counts once."


def test_of_two_rows_that_contradict_each_other_none_is_taken(pack, tmp_path):
    file = filled(pack, tmp_path / "a.xlsx", [ACCEPT, ASSIGN], then=duplicate_first_row("争议"))
    taken, rejected, _ = came_back(file)
    assert taken == [ASSIGNED]
    assert len(rejected) == 2
    assert "contradicts row 17 of 异常清单, which says '争议' on the same" in rejected[0]
    assert "contradicts row 5 of 异常清单, which says '接受' on the same" in rejected[1]


def test_matches_and_reopenings_come_back_from_their_sheets(pack, tmp_path):
    first = filled(pack, tmp_path / "a.xlsx", [{"决定": "不匹配", **WHO}], "疑似匹配")
    both = filled(first, tmp_path / "b.xlsx", [{"决定": "重开", **WHO}], "近期关闭")
    taken, rejected, _ = came_back(both)
    assert [row[:3] for row in taken] == [
        ("suspected_match", "s0001", "unmatch"),
        ("exception", "e9000", "reopen"),
    ]
    assert rejected == []


@pytest.mark.parametrize(("decided", "amount"), [(None, "1200.00"), ("300.00", "300.00")])
def test_part_of_a_deduction_can_be_accepted(pack, tmp_path, decided, amount):
    cells = ACCEPT | ({"决定金额": float(decided)} if decided else {})
    taken, rejected, _ = came_back(filled(pack, tmp_path / "a.xlsx", [cells], "扣款争议"))
    assert taken == [("deduction", "d0001", "accept", None, D(amount), "林会计")]
    assert rejected == []


def test_english_words_are_understood(pack, tmp_path):
    file = filled(pack, tmp_path / "a.xlsx", [ACCEPT | {"决定": "Accept"}])
    assert came_back(file)[0] == [TAKEN]


@pytest.mark.parametrize(
    ("target", "taken"), [("2026-09-30", "2026-09-30"), ("2026年9月30日", "2026-09-30")]
)
def test_a_warning_sleeps_until_a_day(tmp_path, target, taken):
    file = warning_sheet(tmp_path, target)
    [row] = read_file(file, NO_LAYOUTS).parts[0].accepted.to_dicts()
    assert (row["decision"], row["target_id"]) == ("snooze", taken)


def test_a_warning_that_sleeps_without_a_day_is_told(tmp_path):
    part = read_file(warning_sheet(tmp_path, "下周"), NO_LAYOUTS).parts[0]
    assert "needs a day such as 2026-09-30" in part.rejected["reason"][0]


def warning_sheet(folder: Path, target: str) -> Path:
    book = openpyxl.Workbook()
    page: Any = book.active
    page.append(["Subject", "Decision", "Target", "Decided by"])
    page.append([str(Subject("warning", "w1", date(2026, 8, 31))), "snooze", target, "Lin"])
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx"


def test_a_subject_may_have_any_sign_in_its_number():
    subject = Subject("cash", "6222:T@1", DAY)
    assert Subject.read(str(subject)) == subject


@pytest.mark.parametrize(
    "name", ["libreoffice.xlsx", "libreoffice.ods", "libreoffice.xls", "wps.xlsx"]
)
def test_files_saved_by_other_programs_are_read(name):
    """Packs of DAY, filled in and saved there; wps.xlsx is written in that program's manner."""
    taken, rejected, _ = came_back(SAVED / name)
    assert sorted(taken) == sorted([TAKEN, ASSIGNED])
    assert rejected == []


def save_by_libreoffice(file: Path, form: str, folder: Path) -> Path:
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile"]
    to = ["--convert-to", form, "--outdir", str(folder / form), str(file)]
    subprocess.run([*command, *to], check=True, capture_output=True)
    return folder / form / f"{file.stem}.{form}"


def test_a_pack_of_today_is_read_as_it_is(pack, tmp_path):
    file = filled(pack, tmp_path / "a.xlsx", [ACCEPT, ASSIGN], then=reverse_rows)
    taken, rejected, _ = came_back(file)
    assert sorted(taken) == sorted([TAKEN, ASSIGNED])
    assert rejected == []


@pytest.mark.timeout(TEST_SECONDS)
@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_a_pack_of_today_is_read_when_libreoffice_has_saved_it(pack, tmp_path, form):
    file = filled(pack, tmp_path / "a.xlsx", [ACCEPT, ASSIGN], then=reverse_rows)
    taken, rejected, _ = came_back(save_by_libreoffice(file, form, tmp_path))
    assert sorted(taken) == sorted([TAKEN, ASSIGNED])
    assert rejected == []


def test_the_saved_files_are_what_their_names_say():
    assert b"LibreOffice" in member("libreoffice.xlsx", "docProps/app.xml")
    assert b"KSOProductBuildVer" in member("wps.xlsx", "docProps/custom.xml")


def member(name: str, path: str) -> bytes:
    with zipfile.ZipFile(SAVED / name) as archive:
        return archive.read(path)


def test_what_became_of_decisions_is_told_in_the_next_pack(tmp_path):
    closed = ClosedDay()
    decided = {
        "known_on": DAY,
        "subject_kind": "exception",
        "decided_on": DAY,
        "decided_by": "林会计",
        "file_id": "f1",
        "sheet": "异常清单",
        "row_no": 5,
    }
    closed.rows["matched.decision_results"] += [
        decided
        | {
            "subject_id": "e0011",
            "decision": "accept",
            "result": "taken",
            "sentence": "listed no more while it is worth 11012.34",
        },
        decided
        | {
            "known_on": DAY - timedelta(days=40),
            "subject_id": "e0002",
            "decision": "accept",
            "result": "taken",
            "sentence": "long ago",
        },
    ]
    closed.rows["received.rejected_rows"].append(
        {
            "known_on": DAY,
            "file_id": "f1",
            "path": "2026-08-31/a.xlsx",
            "kind": "decisions",
            "sheet": "异常清单",
            "row": 7,
            "field": "subject_id",
            "value": "e9",
            "reason": "unknown: 'e9' names no row of a worklist; copy the 编号 of the row from the "
            "pack as it stands.",
        }
    )
    of_day = DayOfPacks.of(Day(closed.build().connection, DAY), POLICY)
    file = PACKS["exceptions"].write(of_day, tmp_path, "exceptions").files[0]
    heading, *rows = openpyxl.load_workbook(file)["处理结果"].iter_rows(
        min_row=HEADING_ROW, values_only=True
    )
    told = [dict(zip(heading, row, strict=True)) for row in rows]
    assert [(row["结果"], row["对象"], row["说明"], row["行号"]) for row in told] == [
        ("未采用", "e9", "编号“e9”不是清单中的编号，请从清单原样复制", 7),
        ("已采用", "e0011", "金额为 11012.34 期间不再列出", 5),
    ]
    assert read_file(file, NO_LAYOUTS).message == "No row of this worklist has a decision."


def test_warnings_are_answered_in_the_credit_pack(pack, tmp_path):
    tiers = pack.with_name(f"credit_tier-{DAY}.xlsx")
    cells = {"决定": "暂缓", "指派给/匹配到/暂缓至": date(2026, 9, 30), **WHO}
    [row], rejected, _ = came_back(filled(tiers, tmp_path / "a.xlsx", [cells], "预警"))
    assert row == ("warning", "w3", "snooze", "2026-09-30", None, "林会计")
    assert rejected == []
