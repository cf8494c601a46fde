import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from assets.reported.content.kinds import PACKS, DayOfPacks, falls_on
from assets.reported.content.reading import Day
from receivables.policy import Policy
from receivables.workbook.cover import sparkline
from tests.reported.closed_day import DAY, POLICY, ClosedDay

D = Decimal
HEADING_ROW = 4
NAMED = POLICY.model_copy(
    update={"packs": POLICY.packs.model_copy(update={"company": "四海食品有限公司"})}
)
ENGLISH = POLICY.model_copy(update={"packs": POLICY.packs.model_copy(update={"language": "en"})})


def written(kind: str, folder: Path, closed: ClosedDay, policy: Policy = NAMED) -> Path:
    of_day = DayOfPacks.of(Day(closed.build().connection, DAY), policy)
    return PACKS[kind].write(of_day, folder, kind).files[0]


def rows_of(file: Path, sheet: str) -> list[dict]:
    heading, *rows = openpyxl.load_workbook(file)[sheet].iter_rows(
        min_row=HEADING_ROW, values_only=True
    )
    return [dict(zip(heading, row, strict=True)) for row in rows]


def cents(value: float) -> Decimal:
    return D(str(round(value, 2))).quantize(D("0.01"))


@pytest.mark.parametrize(
    ("day", "days", "falls"),
    [
        ("2026-08-31", [31], True),
        ("2026-08-30", [31], False),
        ("2027-02-28", [31], True),
        ("2028-02-28", [31], False),
        ("2026-09-30", [31], True),
        ("2026-09-16", [1, 16], True),
        ("2026-09-30", [1, 16], False),
        ("2026-09-15", [], False),
    ],
)
def test_a_pack_falls_on_its_days_and_31_on_the_last_of_the_month(day, days, falls):
    assert falls_on(date.fromisoformat(day), days) == falls


def late(closed: ClosedDay) -> dict[str, Decimal]:
    """What is due and unpaid by debtor, added up from the items."""
    sums: dict[str, Decimal] = {}
    for row in closed.rows["settled.open_items"]:
        if row["as_of"] == DAY and row["due_on"] is not None and row["due_on"] < DAY:
            sums[row["debtor_id"]] = sums.get(row["debtor_id"], D(0)) + row["balance"]
    return sums


def test_the_review_says_who_collects_what_by_when(tmp_path):
    closed = ClosedDay()
    file = written("review", tmp_path, closed)
    due = rows_of(file, "到期未付")
    assert {row["付款客户"]: cents(row["到期未付"]) for row in due} == late(closed)
    assert {row["收款期限"].date() for row in due} == {date(2026, 9, 7)}
    wanted = {row["customer_id"]: row["due_by_deadline"] for row in closed.rows["rated.reviews"]}
    assert {row["付款客户"]: cents(row["期限内须收"]) for row in due} == wanted
    people = rows_of(file, "按负责人")
    assert cents(sum(row["期限内须收"] for row in people)) == sum(wanted.values())
    assert {row["负责人"] for row in people} == {"王建国", "李秀英", "张伟", "–"}
    assert cents(sum(row["到期未付"] for row in people)) == sum(late(closed).values())
    said = [cell.value for row in openpyxl.load_workbook(file).worksheets[0] for cell in row]
    assert "全部相符" in said


def test_the_review_proposes_the_tiers_of_its_table_and_tells_their_history(tmp_path):
    closed = ClosedDay()
    first, second, *_ = closed.rows["rated.reviews"]
    for row in closed.rows["rated.reviews"]:
        row["is_tier_proposed"] = row is first
        row["previous_tier"] = "A" if row is first else row["credit_tier"]
    earlier = {"customer_id": second["customer_id"], "change_reason": "class B to A"}
    before = closed.rows["rated.tier_changes"]
    before[:] = [
        {**change, **earlier, "as_of": DAY - timedelta(days=ago)}
        for change in before[:1]
        for ago in (0, 1, 2, 3)
    ]
    # the review before was two days ago: what changed by then was told
    closed.rows["rated.reviews"].append({**first, "as_of": DAY - timedelta(days=2)})
    file = written("review", tmp_path, closed)
    [move] = rows_of(file, "建议调级")
    assert (move["客户"], move["原等级"], move["建议等级"]) == (
        first["customer_id"], "A", first["credit_tier"],
    )  # fmt: skip
    told = rows_of(file, "评级历史")
    assert [row["日期"].date() for row in told] == [DAY, DAY - timedelta(days=1)]
    assert {row["理由"] for row in told} == {"客户分类由 B 变为 A"}


def test_limits_say_what_became_of_their_approvals(tmp_path):
    rows = rows_of(written("review", tmp_path, ClosedDay()), "额度与审批")
    assert {row["客户"]: row["审批"] for row in rows} == {
        "YH-HO000": "有效",
        "HR-HO001": "期限内到期",
        "JD-HO002": "已到期",
        "BL-HO003": "缺授信申请",
    }
    ended = next(row for row in rows if row["审批"] == "已到期")
    assert (ended["审批编号"], ended["失效日期"].date()) == ("AP-002", DAY - timedelta(days=5))


def letters(file: Path) -> dict[str, list[list]]:
    with zipfile.ZipFile(file) as archive:
        books = {
            name: openpyxl.load_workbook(io.BytesIO(archive.read(name)))
            for name in archive.namelist()
        }
    return {
        name: [[cell.value for cell in row] for row in book.worksheets[0]]
        for name, book in books.items()
    }


def said_in(cells: list[list]) -> list:
    return [value for row in cells for value in row if value is not None]


def test_each_debtor_gets_a_letter_with_its_items_and_no_others(tmp_path):
    closed = ClosedDay()
    made = letters(written("statements", tmp_path, closed))
    items = [row for row in closed.rows["settled.open_items"] if row["as_of"] == DAY]
    debtors = {row["debtor_id"] for row in items}
    assert {name.partition("-")[0] + "-" + name.split("-")[1] for name in made} == debtors
    for name, cells in made.items():
        debtor = "-".join(name.split("-")[:2])
        own = [row for row in items if row["debtor_id"] == debtor]
        said = said_in(cells)
        numbers = {row["document_no"] for row in items}
        assert numbers & set(said) == {row["document_no"] for row in own}
        total = next(row for row in cells if row[0] == "合计")[-1]
        assert cents(total) == sum(row["balance"] for row in own)
        assert f"{sum(row['balance'] for row in own):,.2f} 元" in str(said)
        assert "发函单位：四海食品有限公司" in said
        assert "回　执" in said


def test_what_moved_this_month_leads_from_the_opening_to_the_closing_balance(tmp_path):
    closed = ClosedDay()
    closed.rows["aged.bridge"] += [
        {
            "as_of": DAY - timedelta(days=days),
            "debtor_id": "YH-HO000",
            "cause": "cash",
            "amount": D(-100),
        }
        for days in (3, 31)  # the second lies in the month before
    ]
    made = letters(written("statements", tmp_path, closed))
    [cells] = [cells for name, cells in made.items() if name.startswith("YH-HO000")]
    amounts = {row[0]: cents(row[-1]) for row in cells if isinstance(row[-1], int | float)}
    assert amounts["回款"] == D("-100.00")
    assert amounts["期初余额"] + amounts["新收货"] + amounts["回款"] == amounts["期末余额"]


def test_a_letter_is_set_up_for_printing_and_names_day_and_policy(tmp_path):
    file = written("statements", tmp_path, ClosedDay(debtors=1))
    with zipfile.ZipFile(file) as archive:
        book = openpyxl.load_workbook(io.BytesIO(archive.read(archive.namelist()[0])))
    page = book.worksheets[0]
    assert (page.page_setup.orientation, page.page_setup.fitToWidth) == ("portrait", 1)
    assert page.print_title_rows
    assert page.print_area
    properties = {prop.name: prop.value for prop in book.custom_doc_props.props}
    assert properties == {"as_of": str(DAY), "policy": NAMED.version}


def test_letters_are_written_in_english_by_policy(tmp_path):
    [cells] = letters(written("statements", tmp_path, ClosedDay(debtors=1), ENGLISH)).values()
    assert "Statement of account" in said_in(cells)


def test_the_same_letters_are_the_same_bytes(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = written("statements", tmp_path / "one", ClosedDay()).read_bytes()
    assert written("statements", tmp_path / "two", ClosedDay()).read_bytes() == first


def test_names_that_no_disk_takes_do_not_stop_the_letters(tmp_path):
    closed = ClosedDay(debtors=1)
    closed.rows["staged.customers"][0]["customer_name"] = '永和/超市:"上海"\n'
    [name] = letters(written("statements", tmp_path, closed))
    assert not set('/\\:"\n') & set(name)


@pytest.mark.parametrize(
    ("values", "bars"),
    [
        ([], ""),
        ([D(5)], ""),
        ([D(5), D(5)], "▁▁"),
        ([D(0), D(7)], "▁█"),
        ([D(-7), D(0), D(7)], "▁▄█"),
        ([D(value) for value in range(31)], "▁▁▂▂▃▃▄▄▅▅▆▆▇▇██"),
    ],
)
def test_a_course_is_drawn_in_bars(values, bars):
    shown = sparkline(values)
    assert shown[:1] == bars[:1]
    assert shown[-1:] == bars[-1:]
    assert len(shown) == len(bars)
    assert list(shown) == sorted(shown)
