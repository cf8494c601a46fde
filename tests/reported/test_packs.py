import re
import subprocess
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from assets.reported.content.accounts import name_of
from assets.reported.content.checks import audits_of
from assets.reported.content.kinds import KINDS, PACKS
from assets.reported.content.views import Bases
from assets.reported.packs import days_to_write, write_packs
from io_managers.documents import Documents
from io_managers.session import Window
from receivables.home import Home
from receivables.workbook.tables import FIRST_ROW
from tests.reported.closed_day import DAY, MANAGERS, POLICY, ClosedDay
from tests.reported.office import TEST_SECONDS

D = Decimal
ONE_DAY = Window(DAY, DAY)
ENGLISH = POLICY.model_copy(
    update={"packs": POLICY.packs.model_copy(update={"language": "en", "max_sheet_rows": 1000})}
)


@pytest.fixture
def home(tmp_path) -> Home:
    return Home(tmp_path)


def write(home: Home, closed: ClosedDay, window=ONE_DAY, policy=POLICY):
    session = closed.build()
    session.use(window)
    frame = write_packs(session, Documents(home), window, policy)
    session.replace("reported.packs", frame)
    return session, frame


@pytest.fixture(scope="module")
def standard(tmp_path_factory):
    """A day written once, for the tests that only look."""
    home = Home(tmp_path_factory.mktemp("home"))
    session, frame = write(home, ClosedDay())
    return home, session, frame


def sheet(home: Home, name: str, kind: str = "aging") -> list[dict]:
    book = openpyxl.load_workbook(home.root / f"reports/{DAY}/{kind}-{DAY}.xlsx")
    _, _, totals, heading, *rows = [[cell.value for cell in row] for row in book[name].iter_rows()]
    return [dict(zip(heading, row, strict=True)) for row in [totals, *rows]]


def cents(value: float) -> Decimal:
    return D(str(round(value, 2))).quantize(D("0.01"))


def test_the_packs_of_a_day(standard):
    _, _, frame = standard
    assert frame["path"].to_list() == [
        "reports/2026-08-31/aging-2026-08-31.xlsx",
        "reports/2026-08-31/credit_tier-2026-08-31.xlsx",
        "reports/2026-08-31/exceptions-2026-08-31.xlsx",
        "reports/2026-08-31/hold_list-2026-08-31.xlsx",
        "reports/2026-08-31/hold_list-2026-08-31-held_stores.csv",
        "reports/2026-08-31/invoice_application-2026-08-31.xlsx",
        "reports/2026-08-31/settlement-2026-08-31.xlsx",
        "reports/2026-08-31/statements-2026-08-31.zip",
        None,  # no review that day
        *(
            f"reports/2026-08-31/{name_of(address)}-2026-08-31.xlsx"
            for address in sorted(map(str.lower, MANAGERS.values()))
        ),
    ]
    assert frame["is_written"].to_list() == [True] * 8 + [False] + [True] * 3
    assert frame["items"].to_list() == [60, 4, 12, 1, None, 19, 1, 60, None, 15, 15, 15]


def test_every_view_of_the_aging_has_the_same_total(standard):
    home, closed = standard[0], ClosedDay()
    balance = sum(
        row["balance"] for row in closed.rows["settled.open_items"] if row["as_of"] == DAY
    )
    views = ["按连锁与集团", "按付款客户", "按门店", "按区域与连锁", "按负责人与连锁"]
    for name in [*views, *(f"{view}（单据账龄）" for view in views)]:
        total, *rows = sheet(home, name)
        assert cents(total["应收余额"]) == balance
        assert cents(total["其中：已开票"] + total["其中：应收暂估"]) == balance
        for parents in depths(home, name, rows):
            assert cents(sum(row["应收余额"] for row in parents)) == balance, name
    assert cents(sheet(home, "坏账准备")[0]["应收余额"]) == balance
    assert cents(sheet(home, "月度滚动表")[0]["本日余额"]) == balance
    assert cents(sheet(home, "未清明细")[0]["未清余额"]) == balance
    assert cents(sheet(home, "余额变动")[0]["本日余额"]) == balance


def depths(home: Home, name: str, rows: list[dict]) -> list[list[dict]]:
    """The rows of each depth of an outline; all rows where there is none."""
    page = openpyxl.load_workbook(home.root / f"reports/{DAY}/aging-{DAY}.xlsx")[name]
    found: dict[int, list[dict]] = {}
    for at, row in enumerate(rows, FIRST_ROW):
        found.setdefault(page.row_dimensions[at].outlineLevel, []).append(row)
    return list(found.values())


def test_buckets_follow_the_policy():
    bases = Bases.of(POLICY)
    assert list(bases.overdue)[:3] == ["not_due", "1-30", "31-60"]
    assert list(bases.document)[:2] == ["0-30", "31-60"]
    assert bases.overdue[-1] == bases.document[-1] == ">365"


def test_a_bucket_that_the_policy_does_not_have_is_refused(home):
    closed = ClosedDay()
    next(row for row in closed.rows["aged.aging"] if row["as_of"] == DAY)["bucket"] = "1-45"
    with pytest.raises(ValueError, match="no bucket '1-45'"):
        write(home, closed)


def cover(home: Home, kind: str = "aging") -> list:
    page = openpyxl.load_workbook(home.root / f"reports/{DAY}/{kind}-{DAY}.xlsx").worksheets[0]
    return [cell.value for row in page.iter_rows() for cell in row if cell.value is not None]


def test_the_cover_ties_and_counts_what_was_rejected(standard):
    home, _, _ = standard
    said = cover(home)
    assert "全部相符" in said
    at = said.index("退回的文件与行")
    assert said[at + 4 : at + 7] == ["2026-08-31/坏文件.xlsx", 0, "不是有效的工作簿：压缩包已损坏"]
    assert "第 7 行 amount：“=十二” 不是金额" in said


@pytest.mark.parametrize(
    ("table", "column", "pair"),
    [
        ("settled.open_items", "balance", "账龄（按逾期）= 未清明细"),
        ("settled.ledger", "amount", "未清明细 = 应收台账"),
        ("staged.bank_receipts", "amount", "银行进账 = 已核销 + 未核销"),
        ("settled.trial", "charged", "月初余额 + 本月各项 = 未清明细"),
        ("aged.bridge", "amount", "上日余额 + 本期变动 = 本日余额"),
        ("received.files", "amount_in", "收到金额 = 入账 + 重复 + 退回"),
    ],
)
def test_a_cent_that_does_not_tie_is_red_on_the_cover(home, table, column, pair):
    closed = ClosedDay()
    row = next(row for row in closed.rows[table] if row.get("as_of", DAY) == DAY)
    row[column] += D("0.01")
    write(home, closed)
    said = cover(home)
    assert "全部相符" not in said
    assert abs(said[said.index(pair) + 3]) == pytest.approx(0.01)
    assert said[said.index(pair) + 4] == "✗ 不符"


def audit(name: str):
    [found] = [each for each in audits_of("packs") if each.path.stem == name]
    return found


@contextmanager
def changed(session, change: str, back: str):
    session.connection.execute(change)
    yield
    session.connection.execute(back)


def kinds_that_differ(session) -> list[str]:
    rows = session.rows(audit("packs_show_what_the_tables_hold").query)
    return sorted(row["kind"] for row in rows)


@pytest.mark.parametrize(
    ("table", "column", "kinds"),
    [
        ("aged.aging", "amount", ["aging"]),
        ("settled.open_items", "balance", ["statements"]),
        ("matched.exceptions", "amount", ["exceptions"]),
        ("rated.credit_tiers", "exposure", ["credit_tier"]),
        ("rated.holds", "amount", ["hold_list"]),
    ],
)
def test_an_audit_finds_a_table_that_holds_other_money(standard, table, column, kinds):
    _, session, _ = standard
    assert kinds_that_differ(session) == []
    update = f"update {table} set {column} = {column}"
    with changed(session, f"{update} + 1", f"{update} - 1"):
        assert kinds_that_differ(session) == kinds


@pytest.mark.parametrize("column", ["items", "amount"])
@pytest.mark.parametrize("kind", ["aging", "credit_tier", "exceptions", "hold_list", "statements"])
def test_an_audit_finds_a_pack_that_shows_something_else(standard, kind, column):
    _, session, _ = standard
    update = f"update reported.packs set {column} = {column}"
    where = f"where kind = '{kind}' and items is not null"
    with changed(session, f"{update} + 1 {where}", f"{update} - 1 {where}"):
        assert kinds_that_differ(session) == [kind]


@pytest.mark.parametrize(("column", "kinds"), [("items", []), ("amount", ["review"])])
def test_the_review_counts_people_and_shows_all_money(standard, column, kinds):
    _, session, _ = standard
    there = f"set kind = 'review', {column} = {column} + 1 where kind = 'statements'"
    back = f"set kind = 'statements', {column} = {column} - 1 where kind = 'review' and is_written"
    with changed(session, f"update reported.packs {there}", f"update reported.packs {back}"):
        assert kinds_that_differ(session) == kinds


@pytest.mark.parametrize(
    ("name", "table", "column"),
    [
        ("applications_bill_what_is_open", "reported.packs", "amount"),
        ("packs_show_the_fees", "settled.deductions", "disputed_amount"),
        ("packs_show_the_fees", "reported.packs", "amount"),
        ("accounts_show_what_is_owed", "aged.aging", "amount"),
        ("accounts_show_what_is_owed", "reported.packs", "amount"),
    ],
)
def test_an_audit_finds_an_application_or_fees_beyond_their_tables(standard, name, table, column):
    _, session, _ = standard
    query = audit(name).query
    assert session.rows(query) == []
    update = f"update {table} set {column} = {column}"
    with changed(session, f"{update} + 1", f"{update} - 1"):
        assert session.rows(query) != []


def test_an_audit_finds_a_newest_day_without_its_packs(standard):
    _, session, frame = standard
    query = audit("newest_day_has_its_packs").query
    assert session.rows(query) == []
    session.connection.execute("delete from reported.packs where kind = 'aging'")
    assert [row["kind"] for row in session.rows(query)] == ["aging"]
    session.replace("reported.packs", frame)


def test_english_by_policy(home):
    write(home, ClosedDay(), policy=ENGLISH)
    book = openpyxl.load_workbook(home.root / f"reports/{DAY}/aging-{DAY}.xlsx")
    assert book.sheetnames[:3] == ["Cover", "By group", "By debtor"]


def test_a_score_shows_all_its_parts(standard):
    home, _, _ = standard
    rows = sheet(home, "信用等级", "credit_tier")[1:]
    assert rows
    for row in rows:
        parts = [row["经营规模"], row["销售规模"], row["企业性质"], row["信用记录"]]
        assert sum(parts) == row["评分"]


def test_order_numbers_like_formulas_stay_text(standard):
    home, _, _ = standard
    assert sheet(home, "异常清单", "exceptions")[1]["订单号"].startswith("=0000")


def test_written_twice_nothing_changes(home):
    _, first = write(home, ClosedDay())
    stamps = {path: path.stat().st_mtime_ns for path in home.reports.rglob("*.xlsx")}
    _, second = write(home, ClosedDay())
    assert second.equals(first)
    assert {path: path.stat().st_mtime_ns for path in home.reports.rglob("*.xlsx")} == stamps


def test_a_day_without_any_rows_still_has_its_packs(home):
    closed = ClosedDay(debtors=0)
    for rows in closed.rows.values():
        rows.clear()
    _, frame = write(home, closed)
    assert frame["items"].drop_nulls().to_list() == [0] * (len(PACKS) - 1)  # none to a manager
    assert "当日没有收到文件" in cover(home)


def test_a_long_sheet_stands_beside_the_pack(home):
    packs = POLICY.packs.model_copy(update={"max_sheet_rows": 20})
    session, frame = write(home, ClosedDay(), policy=POLICY.model_copy(update={"packs": packs}))
    assert "reports/2026-08-31/aging-2026-08-31-open_items.csv" in frame["path"].to_list()
    assert kinds_that_differ(session) == []


@pytest.mark.parametrize(
    ("backfill", "existing", "days"),
    [
        ("newest", [], ["2026-08-31"]),
        ("month_ends", [], ["2026-06-30", "2026-07-31", "2026-08-31"]),
        ("newest", ["2026-07-02"], ["2026-07-02", "2026-08-31"]),
    ],
)
def test_which_days_of_a_backfill_get_packs(backfill, existing, days):
    window = Window(date(2026, 6, 2), DAY)
    has_pack = {date.fromisoformat(day) for day in existing}.__contains__
    assert days_to_write(window, backfill, has_pack) == [date.fromisoformat(day) for day in days]


def test_all_days_of_a_backfill_by_policy():
    window = Window(date(2026, 8, 1), DAY)
    assert days_to_write(window, "all", lambda _: False) == window.days


def test_the_table_says_which_days_got_no_pack(home):
    window = Window(date(2026, 8, 30), DAY)
    _, frame = write(home, ClosedDay(), window)
    left_out = frame.filter(pl.col("as_of") == date(2026, 8, 30))
    assert left_out["kind"].to_list() == list(KINDS)
    assert not left_out["is_written"].any()
    assert left_out["path"].null_count() == len(KINDS)


@pytest.mark.timeout(TEST_SECONDS)
@pytest.mark.usefixtures("office")
def test_packs_open_in_another_office(standard, tmp_path):
    """Rendered by LibreOffice: nothing is clipped to ####, and Chinese is Chinese."""
    home, _, frame = standard
    packs = [home.root / path for path in frame["path"].drop_nulls() if path.endswith(".xlsx")]
    shown = rendered(tmp_path, packs)
    assert len(shown) == len(packs)
    for name, text in shown.items():
        assert "####" not in text, name
        assert "永和超市" in text, name
    assert "账龄分析" in shown[f"aging-{DAY}"]


def rendered(folder: Path, packs: list[Path]) -> dict[str, str]:
    profile = f"-env:UserInstallation=file://{folder}/profile"
    convert = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", folder, *packs]
    subprocess.run(convert, check=True, capture_output=True)
    return {
        path.stem: subprocess.run(
            ["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True
        ).stdout
        for path in sorted(folder.glob("*.pdf"))
    }


def test_the_sentences_of_a_pack_are_chinese(standard):
    home, _, _ = standard
    rows = sheet(home, "评分依据", "credit_tier")[1:]
    assert rows
    for row in rows:
        assert not re.search("[a-z]{4}", row["依据"]), row["依据"]
