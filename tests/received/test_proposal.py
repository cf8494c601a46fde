"""A layout proposed for a file that none describes: what it finds, and what it leaves to people."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from receivables.sources import Parsed, Sources, read_file, sniff
from receivables.sources.books import read_book
from receivables.sources.proposing import NothingFoundError, Proposal
from receivables.sources.proposing.near import nearest

from .proposals import HEAD, proposed

UNSEEN = sorted((Path(__file__).parent / "unseen").glob("*.golden.json"))
TITLE = [["供应商结算单"], ["结算单号：JS0601"]]
LINES = [
    ["5015(城东店)", "YS001", "验收单", "2026-05-02", "1,000.50"],
    ["5015(城东店)", "YS002", "验收单", "2026-05-03", "500.00"],
    ["5022(城西店)", "TH001", "退货单", "2026-05-09", "-20.50"],
]

Rows = Sequence[Sequence[object]]


@pytest.fixture
def proposal_for(workbook) -> Callable[..., tuple[Proposal, Parsed]]:
    """The proposal for sheets of plain rows, and the file as read by it."""

    def run(rows: Rows | dict[str, Rows], **options: str) -> tuple[Proposal, Parsed]:
        sheets = rows if isinstance(rows, dict) else {"S": rows}
        path = workbook("某链六月.xlsx", sheets)
        made = proposed(path, **{"chain": "C", **options})
        return made, read_file(path, Sources((made.layout(),)))

    return run


def column(parsed: Parsed, name: str) -> list:
    assert len(parsed.parts) == 1, parsed.message
    return parsed.parts[0].accepted[name].to_list()


@pytest.mark.parametrize("known", [True, False], ids=["beside_shipped", "alone"])
@pytest.mark.parametrize("golden", UNSEEN, ids=lambda path: path.name.removesuffix(".golden.json"))
def test_a_file_of_a_chain_never_seen_is_understood(golden: Path, known: bool, shipped: Sources):
    """At most the chain is told; every row and every cent is read as a person would."""
    truth = json.loads(golden.read_text(encoding="utf-8"))
    path = golden.with_name(golden.name.removesuffix(".golden.json"))
    sources = shipped if known else Sources()

    made = proposed(path, sources, chain=truth["chain"])
    parsed = read_file(path, Sources((*sources.layouts, made.layout())))

    assert parsed.layout == made.name, parsed.message
    assert made.questions == []
    (part,) = parsed.parts
    assert part.kind == truth["kind"]
    assert part.rejected.is_empty(), part.rejected.rows()
    names = sorted({name for row in truth["rows"] for name in row})
    read = [
        {name: None if value is None else str(value) for name, value in row.items()}
        for row in part.accepted.select(names).to_dicts()
    ]
    assert read == [{name: row.get(name) for name in names} for row in truth["rows"]]
    assert part.amount_in == sum(Decimal(row["amount"]) for row in truth["rows"])
    assert parsed.totals.filter(pl.col("printed") != pl.col("summed")).is_empty()


def test_every_column_says_why(proposal_for):
    made, _ = proposal_for([*TITLE, HEAD, *LINES])
    lines = made.text.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("      ") and not line.strip().startswith("#") and ": " in line:
            assert lines[number - 1].strip().startswith("#"), line
    assert "3 of 3 read as an amount" in made.text
    assert "3 of 3 are code(name)" in made.text


def test_without_a_chain_it_is_asked_for_and_no_row_is_taken(workbook):
    path = workbook("某链六月.xlsx", {"S": [*TITLE, HEAD, *LINES]})
    made = proposed(path)
    (question,) = made.questions
    assert question.startswith("chain_id (连锁编号): write the chain's number")
    (part,) = read_file(path, Sources((made.layout(),))).parts
    assert part.accepted.is_empty()
    assert (part.rows_in, part.rejected.height) == (3, 3)
    assert part.amount_in == part.rejected["amount"].sum() == Decimal("1480.00")
    assert set(part.rejected["reason"]) == {"chain_id (连锁编号) is missing."}


def test_a_document_type_nobody_knows_is_asked_for_and_rejected(proposal_for):
    strange = ["5022(城西店)", "XX001", "卯酉单", "2026-05-10", "7.00"]
    made, parsed = proposal_for([*TITLE, HEAD, *LINES, strange])
    (question,) = made.questions
    assert "what is '卯酉单' (1 row(s))?" in question
    (part,) = parsed.parts
    assert part.accepted["line_kind"].to_list() == ["receipt", "receipt", "return"]
    assert part.rejected.select("field", "value", "amount").rows() == [
        ("line_kind", "卯酉单", Decimal("7.00"))
    ]


def test_returns_printed_without_a_sign_take_away(proposal_for):
    lines = [[*row[:4], str(row[4]).lstrip("-")] for row in LINES]
    made, parsed = proposal_for([*TITLE, HEAD, *lines])
    assert "1 of 1 rows of return are positive" in made.text
    assert column(parsed, "amount")[-1] == Decimal("-20.50")


def test_without_a_column_of_types_the_sign_tells(proposal_for):
    head, lines = [*HEAD[:2], *HEAD[3:]], [[*row[:2], *row[3:]] for row in LINES]
    _, parsed = proposal_for([*TITLE, head, *lines])
    assert column(parsed, "line_kind") == ["receipt", "receipt", "return"]


@pytest.mark.parametrize(("shown", "times"), [("30.00", "-1"), ("-30.00", None)])
def test_fees_take_away_however_they_are_shown(proposal_for, shown, times):
    fees = [
        ["扣款门店", "费用名称", "发生日期", "金额"],
        ["5015(城东店)", "陈列费", "2026-05-05", shown],
    ]
    made, parsed = proposal_for(
        [["五月费用"], *fees, ["5022(城西店)", "海报费", "2026-05-06", shown]]
    )
    assert ("times: -1" in made.text) == (times is not None)
    assert column(parsed, "amount") == [Decimal("-30.00")] * 2
    assert column(parsed, "line_kind") == ["deduction"] * 2


def test_merged_stores_are_filled_down_and_gaps_are_not(proposal_for):
    head = [*HEAD, "订货单号"]
    lines = [
        ["5015(城东店)", "YS001", "验收单", "2026-05-02", "1.00", "PO-10001"],
        [None, "YS002", "验收单", "2026-05-03", "2.00", None],
        [None, "YS003", "验收单", "2026-05-04", "3.00", "PO-10003"],
        ["5022(城西店)", "YS004", "验收单", "2026-05-05", "4.00", "PO-10004"],
    ]
    _, parsed = proposal_for([*TITLE, head, *lines])
    assert column(parsed, "store_code") == ["5015", "5015", "5015", "5022"]
    assert column(parsed, "order_no") == ["PO-10001", None, "PO-10003", "PO-10004"]


def test_two_header_rows_and_the_column_with_tax(proposal_for):
    rows = [
        ["供应商结算单"],
        ["结算单号：JS0601"],
        ["门店", "单据号", "单据类型", "发生日期", "结算金额", None],
        [None, None, None, None, "不含税", "含税"],
        ["5015", "YS001", "验收单", "2026-05-02", "100.00", "113.00"],
        ["5015", "YS002", "验收单", "2026-05-03", "200.00", "226.00"],
        ["合计", None, None, None, "300.00", "339.00"],
    ]
    _, parsed = proposal_for(rows)
    assert column(parsed, "amount") == [Decimal("113.00"), Decimal("226.00")]
    assert parsed.totals.select("printed", "summed").rows() == [(Decimal("339.00"),) * 2]


def test_an_amount_that_no_column_gives_is_reckoned(proposal_for):
    rows = [
        ["供应商订货明细"],
        ["门店编码", "订货单号", "订货日期", "商品编码", "订货数量", "进价"],
        ["5015", "PO-10001", "2026-05-02", "10021", "24(2)", "8.5000"],
        ["5015", "PO-10001", "2026-05-02", "10035", "10(1)", "12.30"],
    ]
    made, parsed = proposal_for(rows)
    assert made.kinds == ["orders"]
    assert column(parsed, "quantity") == [Decimal("24.0000"), Decimal("10.0000")]
    assert column(parsed, "amount") == [Decimal("204.00"), Decimal("123.00")]


BANK = [
    ["账号：", "755900001"],
    ["交易日", "流水号", "借方金额", "贷方金额", "余额", "摘要", "对方户名"],
    ["2026-05-02", "K0001", None, "100.00", "600100", "货款", "甲超市有限公司"],
    ["2026-05-03", "K0002", "30.00", None, "600070", "手续费", None],
    ["2026-05-04", "K0003", None, "-100.00", "599970", "冲正", "甲超市有限公司"],
    ["2026-05-21", "K0004", None, "1.25", "599971", "结息", None],
]


def test_of_a_bank_only_money_in_is_taken_and_reversals_with_it(proposal_for):
    _, parsed = proposal_for(BANK)
    assert column(parsed, "transaction_no") == ["K0001", "K0003", "K0004"]
    assert column(parsed, "amount") == [Decimal("100.00"), Decimal("-100.00"), Decimal("1.25")]
    assert column(parsed, "account_no") == ["755900001"] * 3
    assert column(parsed, "payer_name") == ["甲超市有限公司", "甲超市有限公司", "结息"]


def test_a_bank_without_transaction_numbers_asks_instead_of_guessing(proposal_for):
    account, *table = BANK
    made, parsed = proposal_for([account, *([row[0], *row[2:]] for row in table)])
    assert [question.split(" ")[0] for question in made.questions] == ["transaction_no"]
    (part,) = parsed.parts
    assert part.accepted.is_empty()


def test_deductions_announced_beside_statements(proposal_for):
    rows = [
        ["未结扣项查询"],
        ["单据号", "扣项代码", "扣项名称", "扣项金额", "门店名", "制单日期"],
        ["KX0000001", "1003", "陈列费", "1,500.00", "5015(城东店)", "2026-05-02"],
        ["KX0000002", "1008", "返利", "320.50", "5022(城西店)", "2026-05-05"],
    ]
    made, parsed = proposal_for(rows)
    assert made.kinds == ["deduction_notices"]
    assert column(parsed, "notice_kind") == ["fee", "fee"]
    assert column(parsed, "amount") == [Decimal("-1500.00"), Decimal("-320.50")]


def test_dates_above_a_table_keep_their_order(proposal_for):
    rows = [
        ["采购订单"],
        ["订单号：PO880011", "订单日期：08/02/2026", "最晚送货日期：08/13/2026", "门店：5015"],
        ["商品编码", "订货数量", "含税单价", "含税金额"],
        ["10021", "24", "8.50", "204.00"],
        ["10035", "10", "12.30", "123.00"],
    ]
    _, parsed = proposal_for(rows)
    assert {str(day) for day in column(parsed, "order_date")} == {"2026-08-02"}
    assert {str(day) for day in column(parsed, "deliver_by")} == {"2026-08-13"}


def test_a_file_that_counts_in_ten_thousands(proposal_for):
    lines = [
        [*row[:4], amount] for row, amount in zip(LINES, ["1.25", "0.5", "-0.01"], strict=True)
    ]
    made, parsed = proposal_for([*TITLE, [*HEAD[:4], "含税金额(万元)"], *lines])
    assert "unit: stated" in made.text
    assert column(parsed, "amount") == [Decimal("12500.00"), Decimal("5000.00"), Decimal("-100.00")]


@pytest.mark.parametrize(
    ("order", "dates"),
    [("dmy", ["02/05/2026", "13/05/2026"]), ("mdy", ["05/02/2026", "05/13/2026"])],
)
def test_the_order_of_day_and_month_is_told_by_days_above_twelve(proposal_for, order, dates):
    lines = [[*row[:3], day, row[4]] for row, day in zip(LINES, dates, strict=False)]
    made, parsed = proposal_for([*TITLE, HEAD, *lines])
    assert f"date_order: {order}" in made.text
    assert [str(day) for day in column(parsed, "document_date")] == ["2026-05-02", "2026-05-13"]


def test_a_sheet_that_sums_up_another_is_left_out(proposal_for):
    summary = [
        ["门店", "含税金额", "发生日期"],
        ["5015", "1500.50", "2026-05-31"],
        ["5022", "-20.50", "2026-05-31"],
    ]
    made, parsed = proposal_for({"明细": [*TITLE, HEAD, *LINES], "结算汇总": summary})
    assert "its 1,480.00 is the sum of sheet 明细" in " ".join(made.left_out)
    assert column(parsed, "amount") == [Decimal("1000.50"), Decimal("500.00"), Decimal("-20.50")]


def test_the_same_table_on_several_sheets_is_one(proposal_for):
    made, parsed = proposal_for(
        {"5月上": [*TITLE, HEAD, *LINES[:2]], "5月下": [*TITLE, HEAD, *LINES[2:]]}
    )
    assert len(made.layout().tables) == 1
    assert column(parsed, "receipt_no") == ["YS001", "YS002", "TH001"]


def test_a_kind_that_is_asked_for_is_the_only_one(proposal_for):
    made, parsed = proposal_for([HEAD, *LINES], kind="goods_receipts")
    assert made.kinds == ["goods_receipts"]
    assert column(parsed, "receipt_kind") == ["receipt", "receipt", "return"]


@pytest.mark.parametrize(
    "rows",
    [[["备忘"], ["下周开会"]], [["a", "b", "c"]], [["1", "2", "3"], ["4", "5", "6"]]],
    ids=["notes", "headings_only", "figures_only"],
)
def test_a_file_without_a_table_is_said_to_have_none(workbook, rows):
    with pytest.raises(NothingFoundError, match="No row looks like headings"):
        proposed(workbook("x.xlsx", {"S": rows}))


def test_columns_of_no_paper_are_named(workbook):
    rows = [["星座", "身高", "体重"], ["白羊", "170", "60"], ["金牛", "165", "55"]]
    with pytest.raises(
        NothingFoundError, match="No kind of paper has the columns.*星座, 身高, 体重"
    ):
        proposed(workbook("x.xlsx", {"S": rows}))


def test_rows_of_other_totals_and_notes_do_not_come_along(proposal_for):
    tail = [
        ["本页累计", None, None, None, "1,480.00"],
        ["制表人：王", None, "复核：李", None, None],
    ]
    _, parsed = proposal_for([*TITLE, HEAD, *LINES, *tail])
    (part,) = parsed.parts
    assert (part.rows_in, part.rejected.height) == (3, 0)


def test_the_nearest_layouts_say_what_lacks(workbook, shipped):
    path = workbook("x.xlsx", {"结算单明细": [["区域", "单据类型"], ["华东", "2301"]]})
    near = nearest(read_book(path, sniff(path)), shipped.layouts)
    portal = next(one for one in near if one.layout.name == "portal_statement")
    assert "sheet 结算单明细" in portal.shown
    assert any(lacking.startswith("sheet 扣项") for lacking in portal.lacking)
    assert [one.share for one in near] == sorted((one.share for one in near), reverse=True)
