"""What covers say of the change since the day before."""

import re
from datetime import timedelta

import openpyxl
import pytest

from assets.reported.content.kinds import PACKS, DayOfPacks
from assets.reported.content.labels import RULES
from assets.reported.content.reading import Day
from receivables.home import REPOSITORY
from tests.reported.closed_day import DAY, POLICY, ClosedDay


def book_of(closed: ClosedDay, folder, kind: str):
    of_day = DayOfPacks.of(Day(closed.build().connection, DAY), POLICY)
    return openpyxl.load_workbook(PACKS[kind].write(of_day, folder, kind).files[0])


def block(book, title: str) -> list[list]:
    """The rows of a block of the cover, from its heading to the empty row under it."""
    page = book.worksheets[0]
    [at] = [cell.row for row in page.iter_rows() for cell in row if cell.value == title]
    found = []
    for row in page.iter_rows(min_row=at + 1):
        values = [cell.value for cell in row if cell.value is not None]
        if not values:
            return found
        found.append(values)
    return found


@pytest.fixture(scope="module")
def exceptions(tmp_path_factory):
    """e0005 (short received) went and came to nothing; e0000 to e0002 are new."""
    closed = ClosedDay()
    rows = closed.rows["matched.exceptions"]
    gone = next(row for row in rows if row["exception_id"] == "e0005" and row["as_of"] == DAY)
    rows.remove(gone)
    closed._add(
        "matched.closed_exceptions",
        known_on=DAY,
        exception_id="e0005",
        closed_because="accepted by 林会计 on 2026-08-31",
    )
    return book_of(closed, tmp_path_factory.mktemp("pack"), "exceptions")


def test_exceptions_of_yesterday_and_what_came_and_went_are_those_of_today(exceptions):
    heading, *rows = block(exceptions, "按原因及较上一日的变动")
    assert heading[:5] == ["原因", "上日未结", "＋ 新增", "－ 解决", "本日未结"]
    assert {row[0]: row[1:5] for row in rows} == {
        "无验收单": [2, 1, 0, 3],
        "短收": [2, 1, 1, 2],
        "未开票": [2, 1, 0, 3],
        "价差": [3, 0, 0, 3],
    }
    cover = [cell.value for row in exceptions.worksheets[0].iter_rows() for cell in row]
    at = cover.index("上日未结 + 新增 − 解决 = 本日未结")
    assert [value for value in cover[at : at + 11] if value is not None][1:] == [
        11,
        11,
        0,
        "✓ 相符",
    ]


def test_what_was_solved_is_told_with_its_reason(exceptions):
    _, row = block(exceptions, "当日解决的较大异常")
    assert row == ["短收", "YH", "=00005", 5012.34, "林会计 于 2026-08-31 接受"]


def test_a_reason_whose_last_exception_went_is_told(tmp_path):
    closed = ClosedDay()
    closed.rows["matched.exceptions"] = [
        row
        for row in closed.rows["matched.exceptions"]
        if row["reason"] != "price_difference" or row["as_of"] < DAY
    ]
    heading, *rows = block(book_of(closed, tmp_path, "exceptions"), "按原因及较上一日的变动")
    assert rows[-1] == ["价差", 3, 0, 3, 0, 0, 0]


def test_people_see_how_far_rules_can_be_trusted(exceptions):
    _, *rows = block(exceptions, "匹配规则的把握（按人工决定）")
    assert rows == [["单号末尾相同", 9, 1, 0.9], ["单号差一位", 1, 2, 0.333]]


def test_every_rule_of_matching_has_its_name():
    folder = REPOSITORY / "assets/matched"
    names = ["exact_matches", "normalised_matches", "register_matches", "suffix_matches"]
    queries = [folder / f"{name}.sql" for name in [*names, "one_edit_matches", "pair_matches"]]
    rules = {
        rule
        for query in queries
        for rule in re.findall(r"'(\w+)'(?: end)? as rule", query.read_text())
    }
    assert len(rules) > 6
    assert rules <= set(RULES)


def test_whose_tier_moved_is_told_with_the_reason(tmp_path):
    closed = ClosedDay()
    book = book_of(closed, tmp_path, "credit_tier")
    _, *rows = block(book, "等级变动的客户")
    moved = {
        row["customer_id"]: (row["previous_tier"], row["credit_tier"])
        for row in closed.rows["rated.credit_tiers"]
        if row["as_of"] == DAY and row["previous_tier"] != row["credit_tier"]
    }
    assert moved
    assert sorted(tuple(row[1:3]) for row in rows) == sorted(moved.values())
    assert all("评分" in row[4] for row in rows)


def test_customers_held_and_warned_since_yesterday_are_counted(tmp_path):
    closed = ClosedDay()
    told = {
        row[0]: row[1] for row in block(book_of(closed, tmp_path, "credit_tier"), "较上一日的变动")
    }
    held = {row["customer_id"] for row in closed.rows["rated.holds"] if row["as_of"] == DAY}
    new = [row for row in closed.rows["warned.warnings"] if row["first_on"] == DAY]
    assert (told["新增停货客户"], told["新增预警"]) == (len(held), len(new))
    yesterday = DAY - timedelta(days=1)
    for row in [*closed.rows["rated.holds"]]:
        closed._add("rated.holds", **{**row, "as_of": yesterday})
    told = {
        row[0]: row[1] for row in block(book_of(closed, tmp_path, "credit_tier"), "较上一日的变动")
    }
    assert "新增停货客户" not in told
