"""A file's own totals beside the rows that were read of it."""

from __future__ import annotations

import textwrap
from decimal import Decimal
from pathlib import Path

import pytest

from receivables.sources import Parsed, Sources, read_file

BASE = """
label: test
recognise: { headings: [单号, 类型, 金额] }
tables:
  - kind: statements
    columns: &columns
      chain_id: { const: C }
      statement_no: { const: S1 }
      receipt_no: 单号
      line_kind: { from: 类型, map: { 验收: receipt, 退货: return, 扣款: deduction } }
      amount: 金额
"""
HEADER = ["单号", "类型", "金额"]


@pytest.fixture
def read(tmp_path: Path, workbook):
    """Read one sheet, or several, by a layout given as YAML."""

    def run(layout: str, rows) -> Parsed:
        folder = tmp_path / "sources"
        folder.mkdir(exist_ok=True)
        (folder / "test.yaml").write_text(textwrap.dedent(layout), encoding="utf-8")
        sheets = rows if isinstance(rows, dict) else {"S": rows}
        return read_file(workbook("x.xlsx", sheets), Sources.read(folder))

    return run


def compared(parsed: Parsed) -> list[tuple[int, str, str, str]]:
    """Row, label, printed figure and sum of each total."""
    assert parsed.parts, parsed.message
    rows = parsed.totals.select("row", "label", "printed", "summed").rows()
    return [(row, label, str(printed), str(summed)) for row, label, printed, summed in rows]


def receipt(number: str, amount: object, kind: str = "验收") -> list[object]:
    return [number, kind, amount]


def test_a_total_under_the_table_is_the_sum_of_its_rows(read):
    parsed = read(BASE, [HEADER, receipt("A", "1,000.10"), receipt("B", 2), ["合计", None, 1002.1]])
    assert compared(parsed) == [(4, "合计", "1002.10", "1002.10")]
    assert parsed.totals.select("kind", "sheet", "field").row(0) == ("statements", "S", "amount")


def test_a_difference_shows_both_figures_and_blocks_nothing(read):
    parsed = read(BASE, [HEADER, receipt("A", 10), ["合计", None, "12.00"]])
    assert compared(parsed) == [(3, "合计", "12.00", "10.00")]
    assert parsed.parts[0].accepted.height == 1


def test_subtotals_sum_their_group_and_the_last_total_the_table(read):
    rows = [
        HEADER,
        receipt("A", 1),
        receipt("B", 2),
        [None, "小计", 3],
        receipt("C", 4),
        [None, "小计", 5],
        ["合计：", None, 7],
    ]
    assert compared(read(BASE, rows)) == [
        (4, "小计", "3.00", "3.00"),
        (6, "小计", "5.00", "4.00"),
        (7, "合计：", "7.00", "7.00"),
    ]


def test_subtotals_of_stores_stand_in_subtotals_of_regions(read):
    rows = [
        HEADER,
        receipt("A", 1),
        ["门店小计", None, 1],
        receipt("B", 2),
        ["门店小计", None, 2],
        ["区域小计", None, 3],
        receipt("C", 4),
        ["门店小计", None, 4],
        ["区域小计", None, 4],
        ["总计", None, 7],
    ]
    parsed = read(BASE, rows)
    assert len(compared(parsed)) == 6
    assert all(printed == summed for _, _, printed, summed in compared(parsed))


def test_a_total_per_store_and_one_for_all_may_have_the_same_name(read):
    rows = [
        HEADER,
        receipt("A", 1),
        ["合计", None, 1],
        receipt("B", 2),
        receipt("C", 3),
        ["合计", None, 4],
        ["合计", None, 6],
    ]
    assert compared(read(BASE, rows)) == [
        (3, "合计", "1.00", "1.00"),
        (6, "合计", "4.00", "5.00"),
        (7, "合计", "6.00", "6.00"),
    ]


def test_a_row_that_is_left_out_shows_in_its_group_and_in_the_table(read):
    layout = BASE.replace("    columns:", "    skip: ^赠\n    columns:")
    rows = [HEADER, receipt("A", 1), receipt("赠B", 2), ["小计", None, 3], ["总计", None, 3]]
    assert compared(read(layout, rows)) == [
        (4, "小计", "3.00", "1.00"),
        (5, "总计", "3.00", "1.00"),
    ]


def test_a_rejected_row_counts_with_its_figure_as_sent(read):
    rows = [HEADER, receipt("A", 10), receipt("B", 5, "冲账"), ["合计", None, 15]]
    parsed = read(BASE, rows)
    assert parsed.parts[0].rejected.height == 1
    assert compared(parsed) == [(4, "合计", "15.00", "15.00")]


def test_an_amount_that_cannot_be_read_is_missing_in_the_sum(read):
    rows = [HEADER, receipt("A", 10), receipt("B", "五元"), ["合计", None, 15]]
    assert compared(read(BASE, rows)) == [(4, "合计", "15.00", "10.00")]


def test_signs_are_as_printed(read):
    layout = BASE.replace("amount: 金额", "amount: { from: 金额, times: -1 }")
    parsed = read(layout, [HEADER, receipt("A", 10, "扣款"), ["合计", None, 10]])
    assert parsed.parts[0].accepted["amount"].to_list() == [Decimal("-10.00")]
    assert compared(parsed) == [(3, "合计", "10.00", "10.00")]


@pytest.mark.parametrize("printed", [6, 14], ids=["net", "gross"])
def test_where_signs_follow_the_row_the_total_may_be_net_or_gross(read, printed):
    layout = BASE.replace(
        "amount: 金额", "amount: { from: 金额, negate_when: { line_kind: [return] } }"
    )
    rows = [HEADER, receipt("A", 10), receipt("B", 4, "退货"), ["合计", None, printed]]
    assert compared(read(layout, rows)) == [(4, "合计", f"{printed}.00", f"{printed}.00")]


def test_units_count_on_both_sides(read):
    layout = BASE.replace("amount: 金额", "amount: { from: 金额, unit: stated }").replace(
        "类型, 金额]", "类型]"
    )
    rows = [["单号", "类型", "金额（万元）"], receipt("A", "1.5"), ["合计", None, "1.5"]]
    assert compared(read(layout, rows)) == [(3, "合计", "15000.00", "15000.00")]


def test_a_total_at_which_the_table_ends_is_compared_too(read):
    layout = BASE.replace("    columns:", "    until: ^合计\n    columns:")
    rows = [HEADER, receipt("A", 10), ["合计", None, 11], ["复核", "王五", 3], ["合计", None, 3]]
    parsed = read(layout, rows)
    assert parsed.parts[0].rows_in == 1
    assert compared(parsed) == [(3, "合计", "11.00", "10.00")]


@pytest.mark.parametrize(
    ("totals", "fields"),
    [("false", []), ("true", ["amount"]), ("[amount, tax]", ["amount", "tax"]), ("tax", ["tax"])],
)
def test_a_layout_says_which_totals_are_compared(read, totals, fields):
    layout = f"""
    label: invoices
    recognise: {{ headings: [号码, 金额, 税额, 合价] }}
    tables:
      - kind: invoices
        totals: {totals}
        columns:
          invoice_no: 号码
          buyer_name: {{ const: 甲 }}
          issued_on: {{ const: "2026-08-01" }}
          amount_excl_tax: 金额
          tax: 税额
          amount: 合价
    """
    rows = [["号码", "金额", "税额", "合价"], ["1", 100, 13, 113], ["合计", 100, 13, 113]]
    parsed = read(layout, rows)
    assert parsed.totals["field"].to_list() == fields
    assert (parsed.totals["printed"] == parsed.totals["summed"]).all()


def test_rows_that_a_table_leaves_out_are_still_under_the_total(read):
    layout = (
        BASE.replace("    columns:", "    where: { 类型: 验收 }\n    columns:")
        + "  - kind: statements\n    where: { 类型: 退货 }\n    columns: *columns\n"
    )
    rows = [HEADER, receipt("A", 10), receipt("B", -4, "退货"), ["合计", None, 6]]
    parsed = read(layout, rows)
    assert parsed.parts[0].rows_in == 2
    assert compared(parsed) == [(4, "合计", "6.00", "6.00")]


COVER = """
totals:
  - { beside: 本期进货, kind: statements, where: { line_kind: [receipt, return] } }
  - { beside: 费用金额, kind: statements, where: { line_kind: deduction }, times: -1 }
  - { beside: 实结余额, kind: statements }
"""


def test_cover_figures_are_held_against_the_rows_that_they_count(read):
    rows = [
        ["本期进货：", "6.00", "费用金额", "2.50"],
        [],
        HEADER,
        receipt("A", 10),
        receipt("B", -4, "退货"),
        receipt("F", -2, "扣款"),
        ["合计", None, 4],
        *[["注：请核对", None, None]] * 70,
        ["实结余额：4"],
    ]
    parsed = read(BASE + COVER, rows)
    assert parsed.parts[0].rejected.is_empty()
    assert compared(parsed) == [
        (1, "本期进货", "6.00", "6.00"),
        (1, "费用金额", "2.50", "2.00"),
        (7, "合计", "4.00", "4.00"),
        (78, "实结余额", "4.00", "4.00"),
    ]


def test_a_cover_figure_may_count_rows_without_a_value(read):
    layout = BASE.replace("amount: 金额", "amount: 金额\n      fee_code: 费用") + (
        'totals: [{ beside: 货款, kind: statements, where: { fee_code: ["", "9"] } }]'
    )
    rows = [
        ["货款", 11],
        [*HEADER, "费用"],
        receipt("A", 10),
        [*receipt("B", 1), "9"],
        [*receipt("F", -2, "扣款"), "7"],
    ]
    assert compared(read(layout, rows)) == [(1, "货款", "11.00", "11.00")]


def test_a_cover_figure_may_count_other_figures_besides_the_rows(read):
    layout = BASE + (
        "totals: [{ beside: 实结余额, kind: statements, plus: [上次余额, 调整], minus: 预付款 }]"
    )
    rows = [["上次余额", 5, "预付款：2"], ["实结余额", 13.5], HEADER, receipt("A", 10)]
    assert compared(read(layout, rows)) == [(2, "实结余额", "13.50", "13.00")]


def test_a_label_beside_no_figure_is_passed_over(read):
    layout = BASE + "totals: [{ beside: 应付金额, kind: statements }]"
    rows = [
        ["应付金额", "计划付款日"],
        ["应付金额：见下"],
        [*HEADER],
        receipt("A", 1),
        ["应付金额", 1],
    ]
    parsed = read(layout, rows)
    assert compared(parsed) == [(5, "应付金额", "1.00", "1.00")]
    assert parsed.parts[0].rows_in == 1


def test_a_figure_among_words_is_found_by_a_pattern(read):
    layout = BASE + ("totals: [{ cell: '共.*笔.*', find: '金额\\s*([\\d.,]+)', kind: statements }]")
    rows = [["共 2 笔，金额 1,001.00 元"], HEADER, receipt("A", 1), receipt("B", 1000)]
    assert compared(read(layout, rows)) == [(1, "共 2 笔，金额 1,001.00 元", "1001.00", "1001.00")]


def test_a_cover_of_its_own_sheet_counts_the_rows_of_all_sheets(read):
    layout = BASE + "totals: [{ sheet: 封面, below: 应付金额, kind: statements }]"
    sheets = {
        "封面": [["供应商", "应付金额"], ["甲", "30.00"]],
        "一": [HEADER, receipt("A", 10)],
        "二": [HEADER, receipt("B", 20)],
    }
    parsed = read(layout, sheets)
    assert compared(parsed) == [(2, "应付金额", "30.00", "30.00")]
    assert parsed.totals["sheet"].to_list() == ["封面"]


def test_each_block_is_held_to_its_own_figure(read):
    layout = BASE.replace("tables:", "blocks: ^门店[:：]\ntables:")
    layout += "totals: [{ beside: 应付, kind: statements }]"
    rows = [
        ["对账单"],
        ["门店：1", None, "应付：10"],
        HEADER,
        receipt("A", 10),
        ["门店：2", None, "应付：21"],
        HEADER,
        receipt("B", 20),
        ["合计", None, 20],
    ]
    assert compared(read(layout, rows)) == [
        (2, "应付", "10.00", "10.00"),
        (5, "应付", "21.00", "20.00"),
        (8, "合计", "20.00", "20.00"),
    ]


def test_a_file_without_totals_has_none(read):
    assert read(BASE, [HEADER, receipt("A", 10)]).totals.is_empty()


def test_figures_beyond_all_measure_are_rejected_and_stop_nothing(read):
    most = "9" * 28
    layout = BASE.replace("amount: 金额", "amount: { from: 金额, times: 10000 }") + (
        "totals: [{ beside: 应付金额, kind: statements, times: 10000 }]"
    )
    rows = [["应付金额", most], HEADER, *[receipt("A", most)] * 3, receipt("B", 1)]
    parsed = read(layout, [*rows, ["小计", None, most], ["合计", None, 5]])
    part = parsed.parts[0]
    assert (part.accepted.height, part.rejected.height) == (1, 3)
    assert parsed.message is None
