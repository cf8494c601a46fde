import re
from decimal import Decimal

import openpyxl
import pytest

from assets.reported.content.kinds import PACKS, DayOfPacks
from assets.reported.content.reading import Day
from assets.reported.content.sentences import agreement_sentence
from assets.reported.content.settlement_sheets import SHEETS
from receivables.home import REPOSITORY
from receivables.workbook.tables import HEADING_ROW
from tests.reported.closed_day import DAY, POLICY, ClosedDay

D = Decimal


def book_of(closed: ClosedDay, folder):
    of_day = DayOfPacks.of(Day(closed.build().connection, DAY), POLICY)
    [file] = PACKS["settlement"].write(of_day, folder, "settlement").files
    return openpyxl.load_workbook(file)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return book_of(ClosedDay(), tmp_path_factory.mktemp("pack"))


def rows(book, title: str) -> list[dict]:
    heading, *found = [
        [cell.value for cell in row] for row in book[title].iter_rows(min_row=HEADING_ROW)
    ]
    return [dict(zip(heading, row, strict=True)) for row in found]


def cover(book) -> list:
    return [cell.value for row in book.worksheets[0].iter_rows() for cell in row if cell.value]


def test_behaviour_is_what_stands_on_the_day(book):
    assert [
        (row["单据"], row["单据所示"], row["结论"], row["订单数"], row["金额"])
        for row in rows(book, "结算模式执行")
    ] == [
        ("发票", "分店送货、分店结算", "不一致", 3, 300),
        ("发票", "分店送货、总店结算", "一致", 62, 6200),
    ]
    said = cover(book)
    assert said[said.index("按约定结算的情况") + 9 :][:7] == [
        "YH", "分店送货、总店结算", 65, 3, 0.954, "发票", "分店送货、分店结算"
    ]  # fmt: skip


def test_faults_of_agreements_are_said_in_chinese(book):
    said = [row["说明与处理"] for row in rows(book, "协议问题")]
    assert said == [
        (
            "连锁 YH 的协议 A-01 与 A-02 范围相同，2026-05-01 至 2026-12-31 同时有效；"
            "两者不同之处均不生效，请在一份开始前终止另一份。"
        ),
        "协议 A-01 的付款方 YH-X不在任何客户档案中。请更正编号，或补发该客户档案。",
    ]


@pytest.mark.parametrize("piece", ["on;", "to 2026-12-31;"])
def test_no_word_of_a_fault_stays_english(piece):
    query = (REPOSITORY / "assets/staged/agreement_faults.sql").read_text()
    assert "are equally specific and both hold from" in query
    said = agreement_sentence(
        f"Agreements A and B of C are equally specific and both hold from 2026-01-01 {piece} what "
        "they say differently holds for nobody. End one of them before the other begins.",
        "zh",
    )
    assert not re.search("[a-z]", said)


@pytest.mark.parametrize("piece", ["on;", "to 2026-12-31;"])
def test_no_word_of_a_fault_about_a_fee_stays_english(piece):
    said = agreement_sentence(
        f"Agreements A and B of C about fee F1 are equally specific and both hold from 2026-01-01 "
        f"{piece} A counts. End one of them before the other begins.",
        "zh",
    )
    assert not re.search("[a-z]", said)
    assert "关于费用 F1" in said


def test_statements_that_differ_come_first_with_the_cause(book):
    first, second = rows(book, "应开票与应付")
    assert (first["对账单"], first["核对结果"], first["应付差额"]) == ("JS2", "合计未减账扣", 40)
    assert (second["对账单"], second["核对结果"], second["应付"]) == ("JS1", "相符", 900)


def test_a_cap_is_used_up_by_the_customer_that_its_agreement_names(book):
    [row] = rows(book, "费用额度")
    assert (row["门店或客户"], row["上限"], row["上限期间"]) == ("YH-HO000", 1000, "每年")
    assert (row["本月扣款"], row["本月合同内"]) == (400, 300)
    assert (row["本年扣款"], row["本年合同内"]) == (1100, 1000)
    assert (row["已用"], row["超合同金额"]) == (1, 100)


def test_what_was_let_go_and_what_was_promised(book):
    assert [row["合计"] for row in rows(book, "核销汇总")] == [0.5] * 4
    assert [row["状态"] for row in rows(book, "付款承诺")] == ["未兑现", "未到期", "已兑现"]
    assert [row["未到账"] for row in rows(book, "付款承诺")] == [4900, 5000, 0]
    [stock] = rows(book, "代销在店")
    assert (stock["天数"], stock["在店金额"]) == (40, 600)
    assert "全部相符" in cover(book)


@pytest.mark.parametrize(
    ("table", "column", "pair"),
    [
        (
            "settled.statement_totals",
            "cash_deducted",
            "对账单应付 = 货款 + 调整 + 预付 − 票扣 − 账扣",
        ),
        ("settled.trial", "write_offs", "各月核销合计 = 应收台账核销"),
        ("settled.consigned_stock", "at_store", "代销：验收 = 已报销售 + 在店"),
    ],
)
def test_a_cent_that_does_not_tie_is_red_on_the_cover(tmp_path, table, column, pair):
    closed = ClosedDay()
    closed.rows[table][-1][column] += D("0.01")
    said = cover(book_of(closed, tmp_path))
    assert "全部相符" not in said
    assert said[said.index(pair) + 4] == "✗ 不符"


def test_every_code_of_the_tables_has_its_name():
    causes = (REPOSITORY / "assets/settled/statement_totals.sql").read_text()
    of_causes = causes[causes.index("explained as") : causes.index("end as cause")]
    named = SHEETS["statement_totals"].columns
    [codes] = [column.codes for column in named if column.key == "cause"]
    assert set(re.findall(r"(?:then|else) '(\w+)'", of_causes)) <= set(codes)
    behaviour = (REPOSITORY / "assets/settled/pattern_behaviour.sql").read_text()
    spoken = behaviour[behaviour.index("spoken as") : behaviour.index("as evidence_pattern")]
    [patterns] = [
        column.codes
        for column in SHEETS["settlement_behaviour"].columns
        if column.key == "evidence_pattern"
    ]
    assert set(re.findall(r"(?:then|else) '(\w+)'", spoken)) <= set(patterns)
