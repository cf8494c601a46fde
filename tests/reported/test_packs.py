import re
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from assets.reported.content.accounts import name_of
from assets.reported.content.checks import audits_of
from assets.reported.content.kinds import KINDS, PACKS
from assets.reported.content.reading import statements
from assets.reported.content.sentences import exception_evidence, sentence
from assets.reported.content.views import Bases
from assets.reported.packs import days_to_write, write_packs
from io_managers.documents import Documents
from io_managers.session import Window
from receivables.home import Home
from receivables.workbook.tables import FIRST_ROW
from tests.reported.closed_day import DAY, MANAGERS, POLICY, ClosedDay

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


@pytest.mark.parametrize(
    ("audit", "table", "column"),
    [
        ("packs_show_the_aging", "aged.aging", "amount"),
        ("packs_show_the_aging", "reported.packs", "items"),
        ("packs_list_the_exceptions", "matched.exceptions", "amount"),
        ("packs_rate_every_customer", "rated.credit_tiers", "exposure"),
        ("packs_list_the_holds", "rated.holds", "amount"),
        ("statements_confirm_the_open_items", "reported.packs", "amount"),
        ("statements_confirm_the_open_items", "reported.packs", "items"),
        ("applications_bill_what_is_open", "reported.packs", "amount"),
        ("packs_show_the_fees", "settled.deductions", "disputed_amount"),
        ("packs_show_the_fees", "reported.packs", "amount"),
        ("accounts_show_what_is_owed", "aged.aging", "amount"),
        ("accounts_show_what_is_owed", "reported.packs", "amount"),
    ],
)
def test_audits_find_packs_that_show_something_else(standard, audit, table, column):
    _, session, _ = standard
    [statement] = [each for each in audits_of("packs") if each.path.stem == audit]
    assert session.rows(statement.query) == []
    session.connection.execute(f"update {table} set {column} = {column} + 1")
    assert session.rows(statement.query) != []
    session.connection.execute(f"update {table} set {column} = {column} - 1")


def test_an_audit_finds_a_newest_day_without_its_packs(standard):
    _, session, frame = standard
    [audit] = [each for each in audits_of("packs") if each.path.stem == "newest_day_has_its_packs"]
    assert session.rows(audit.query) == []
    session.connection.execute("delete from reported.packs where kind = 'aging'")
    assert [row["kind"] for row in session.rows(audit.query)] == ["aging"]
    session.replace("reported.packs", frame)


def test_english_by_policy(home):
    write(home, ClosedDay(), policy=ENGLISH)
    book = openpyxl.load_workbook(home.root / f"reports/{DAY}/aging-{DAY}.xlsx")
    assert book.sheetnames[:3] == ["Cover", "By group", "By debtor"]


def test_a_score_shows_all_its_parts(standard):
    home, _, _ = standard
    for row in sheet(home, "信用等级", "credit_tier")[1:]:
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
    [audit] = [each for each in audits_of("packs") if each.path.stem == "packs_show_the_aging"]
    assert session.rows(audit.query) == []


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


def test_every_query_says_what_its_rows_are():
    for name, statement in statements().items():
        assert statement.header, name


def test_packs_open_in_another_office(standard, tmp_path):
    """Rendered by LibreOffice where there is one: nothing is clipped to ####."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    home, _, frame = standard
    packs = [home.root / path for path in frame["path"].drop_nulls() if path.endswith(".xlsx")]
    shown = rendered(tmp_path, office, packs)
    assert len(shown) == len(packs)
    for name, text in shown.items():
        assert "####" not in text, name
        assert "永和超市" in text, name
    assert "账龄分析" in shown[f"aging-{DAY}"]


def rendered(folder: Path, office: str, packs: list[Path]) -> dict[str, str]:
    profile = f"-env:UserInstallation=file://{folder}/profile"
    convert = [office, "--headless", profile, "--convert-to", "pdf", "--outdir", folder, *packs]
    subprocess.run(convert, check=True, capture_output=True)
    return {
        path.stem: subprocess.run(
            ["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True
        ).stdout
        for path in sorted(folder.glob("*.pdf"))
    }


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        (
            (
                "1,000.00 overdue beyond 7 days of grace, the oldest since 2026-06-10 (82 days); "
                "50.00 received from them waits to be placed"
            ),
            (
                "超过宽限期 7 天的逾期 1,000.00，最早于 2026-06-10 到期（已 82 天）；"
                "已收款 50.00 待核销"
            ),
        ),
        ("1,000.00 is collected", "收回 1,000.00"),
        ("tier B to C: score 71.00 to 60.50; ", "等级由 B 变为 C，评分由 71.00 变为 60.50；"),
        ("something nobody has put into Chinese", "something nobody has put into Chinese"),
        (
            (
                "no order since 2026-07-01 (61 days); it used to order every 7.5 days "
                "(40 order days in the year before)"
            ),
            "自 2026-07-01 起无订单（61 天）；此前平均每 7.5 天一单（此前一年下单 40 天）",
        ),
    ],
)
def test_sentences_are_said_in_chinese(english, chinese):
    assert sentence(english, "zh") == chinese
    assert sentence(english, "en") == english


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("ordered 10.00, delivered 7.00", "订货 10.00，送货 7.00"),
        ("delivered 5.00 on 2026-08-20, no goods receipt", "2026-08-20 送货 5.00，无验收单"),
        ("returned 5.00 of 10.00 received", "验收 10.00 中退货 5.00"),
        (
            "accepted 9.00, applied for 9.00, invoiced 0.00",
            "验收净额 9.00，已申请开票 9.00，已开票 0.00",
        ),
        (
            "statement S1 takes 5.00 for 堆头费 without an agreement",
            "对账单 S1 扣 堆头费 5.00，无合同依据",
        ),
        ("receipt R1 came again with the same content", "单据 R1 重复收到，内容相同"),
        (
            "receipt R1 is dated 2026-05-20, but came on 2026-05-03",
            "单据 R1 日期为 2026-05-20，却于 2026-05-03 收到",
        ),
        ("order O1 is over 0.00", "单据 O1 金额为 0.00"),
        (
            (
                "receipt R1 of 2026-05-20 has the number of one of 2025-05-03 over 70.00 "
                "and replaced it"
            ),
            "2026-05-20 的单据 R1 与 2025-05-03、金额 70.00 的单据同号，已取代前者",
        ),
        (
            "receipt R1 names order O1, its delivery D1 names order O2",
            "验收单 R1 所写订单为 O1，其送货单 D1 所写订单为 O2",
        ),
        (
            "receipt R1 of C names order O1, which only D has placed",
            "C 的单据 R1 所写订单 O1 仅 D 有",
        ),
        (
            "invoice V1 reverses V2, which is red itself",
            "发票 V1 冲销 V2，而后者本身为红字",
        ),
        ("more goods were taken back than delivered: -20.00", "退回多于送出：-20.00"),
        (
            "the order is cancelled, delivered 100.00 all the same",
            "订单已取消，仍送货 100.00",
        ),
        (
            "statement S1 lists order O9 for 100.00, which we do not have",
            "对账单 S1 列有订单 O9，金额 100.00，我方无此单据",
        ),
        (
            (
                "receipt R1 names no delivery; likely D1 (0.8800), D2 (0.8000); "
                "names order 15, which we do not have; likely 015 (0.8900)"
            ),
            (
                "单据 R1 未写送货单号；可能为 D1 (0.8800)，D2 (0.8000)；"
                "所写订单 15 我方没有；可能为 015 (0.8900)"
            ),
        ),
    ],
)
def test_the_evidence_of_exceptions_is_said_in_chinese(english, chinese):
    assert exception_evidence(english, "zh") == chinese
    assert exception_evidence(english, "en") == english


def test_the_sentences_of_a_pack_are_chinese(standard):
    home, _, _ = standard
    for row in sheet(home, "评分依据", "credit_tier")[1:]:
        assert not re.search("[a-z]{4}", row["依据"]), row["依据"]
