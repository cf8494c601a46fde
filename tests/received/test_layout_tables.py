"""Where a layout finds its tables on a sheet, and which rows are its rows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from .small_layouts import BASE, CHECKED, HEADER, changed, column


def test_header_after_titles_and_rows_that_are_not_rows(read):
    rows = [
        ["某链对账单"],
        ["单号：见表"],
        HEADER,
        ["A", "x", 1],
        ["小计", None, 1],
        [None, "合 计", 1],
        HEADER,
        ["B", "x", 2],
        ["五月合计：", None, 3],
        [],
        ["制表人", "王五"],
    ]
    parsed = read(BASE.replace("    columns:", "    skip: ^制表人\n    columns:"), rows)
    assert column(parsed, "row_no") == [4, 8]
    assert parsed.parts[0].rows_in == 2


def test_pages_repeat_their_titles_and_end_in_notes(read):
    def page(number: int) -> list[list[object]]:
        return [
            ["某链供应商对账单"],
            ["供应商：甲", None, None, f"第 {number} 页"],
            ["单号：见表", "打印日期", "2026-08-01"],
            HEADER,
        ]

    rows = [
        *page(1),
        ["A", "x", 1],
        ["过次页", None, 1],
        *page(2),
        ["承前页", None, 1],
        ["B", "x", 2],
        ["注：如有疑问请在三日内联系。"],
        ["制表人：王五", None, None, "复核：李四"],
        ["第 2 页 共 2 页"],
    ]
    parsed = read(BASE, rows)
    assert column(parsed, "amount") == [Decimal(1), Decimal(2)]
    assert parsed.parts[0].rows_in == 2


def test_goods_without_an_amount_are_no_note(read):
    rows = [
        ["单号", "数量", "单价", "金额", "税"],
        ["单号：A", 2, 3, None],
        ["赠品：B", 1, None, None],
        ["注：赠品不计价"],
    ]
    part = read(CHECKED.replace("    checks: CHECKS\n", ""), rows).parts[0]
    assert part.rejected["row"].to_list() == [2, 3]


def test_a_row_without_an_amount_that_is_no_note_is_rejected(read):
    rows = [["A"], HEADER, ["A", "x", None], ["1", "x", 1]]
    part = read(BASE, rows).parts[0]
    assert part.rejected["reason"].to_list() == ["amount (金额) is missing."]


def test_a_header_of_two_rows(read):
    layout = """
    label: two rows
    recognise: { headings: [单号, 订货/数量, 验收/数量, 备注] }
    tables:
      - kind: goods_receipts
        header_rows: 2
        columns:
          chain_id: { const: C }
          store_code: { const: "1" }
          receipt_no: 单号
          receipt_kind: { const: receipt }
          receipt_date: 日期
          quantity: 验收/数量
          amount: 金额
          order_no: 备注
    """
    rows = [
        ["验收单"],
        ["单号", "日期", "订货", None, "验收", None, "备注"],
        [None, None, "数量", "箱数", "数量", "金额", None],
        ["A", "2026-08-01", 5, 1, 4, 40, "P1"],
        ["单号", "日期", "订货", None, "验收", None, "备注"],
        [None, None, "数量", "箱数", "数量", "金额", None],
        ["B", "2026-08-02", 6, 1, 6, 60, None],
    ]
    parsed = read(layout, rows)
    assert column(parsed, "row_no") == [4, 7]
    assert column(parsed, "quantity") == [Decimal(4), Decimal(6)]
    assert column(parsed, "amount") == [Decimal(40), Decimal(60)]
    assert column(parsed, "order_no") == ["P1", None]


def test_a_block_per_store_with_its_own_key_values(read):
    layout = changed(store_code="{ beside: 门店, part: code }").replace(
        "tables:", "blocks: ^门店\ntables:"
    )
    rows = [
        ["某链对账单"],
        ["门店：0001(青石路店)"],
        HEADER,
        ["A", "x", 1],
        ["小计", None, 1],
        [],
        ["门店：0002（望江店）"],
        HEADER,
        ["B", "x", 2],
        ["C", "x", 3],
    ]
    parsed = read(layout, rows)
    assert column(parsed, "store_code") == ["0001", "0002", "0002"]
    assert column(parsed, "row_no") == [4, 9, 10]


def test_a_block_without_headings_is_said(read):
    layout = BASE.replace("tables:", "blocks: ^门店\ntables:")
    rows = [["门店：0001"], HEADER, ["A", "x", 1], ["门店：0002"], ["B", "x", 2], ["C", "x", 3]]
    parsed = read(layout, rows)
    assert column(parsed, "statement_no") == ["A"]
    assert "What begins at row 4 of sheet S (门店：0002) was not read" in (parsed.message or "")


def test_a_value_above_all_blocks_is_taken_from_the_sheet(read):
    layout = changed(statement_no="{ beside: 结算单号, sheet: '*' }").replace(
        "tables:", "blocks: ^门店\ntables:"
    )
    rows = [
        ["结算单号", "S1"],
        ["门店：1"],
        HEADER,
        ["A", "x", 1],
        ["门店：2"],
        HEADER,
        ["B", "x", 2],
    ]
    assert column(read(layout, rows), "statement_no") == ["S1", "S1"]


def test_headings_with_line_ends_and_wide_brackets(read):
    layout = BASE.replace("金额]", "'金额(含税)']").replace("amount: 金额", "amount: 金额(含税)")
    assert column(read(layout, [["单号", "日期 ", "金额\n（含税）"], ["A", 1, 2]]), "amount") == [2]


def test_a_heading_that_stands_twice(read):
    rows = [[*HEADER, "备注"], ["A", "x", 1, "first", "second"]]
    parsed = read(changed(receipt_no="备注#2", order_no="备注"), rows)
    assert column(parsed, "receipt_no") == ["second"]
    assert column(parsed, "order_no") == ["first"]


def test_merged_cells_are_filled_within_their_group(read):
    layout = changed(receipt_no="备注").replace(
        "    columns:", "    fill_down: [单号, 备注]\n    columns:"
    )
    rows = [
        HEADER,
        ["A", "x", 1, "r"],
        [None, "x", 2],
        ["小计", None, 3],
        ["B", "x", 4],
        [None, "x", 5],
    ]
    parsed = read(layout, rows)
    assert column(parsed, "statement_no") == ["A", "A", "B", "B"]
    assert column(parsed, "receipt_no") == ["r", "r", None, None]


def test_only_rows_where(read):
    layout = BASE.replace("    columns:", "    where: { 备注: 贷 }\n    columns:")
    rows = [HEADER, ["A", "x", 1, "贷"], ["A", "x", 2, "借"], ["A", "x", 3]]
    assert column(read(layout, rows), "amount") == [Decimal("1.00")]


def test_rows_are_wanted_or_unwanted_by_a_cell(read):
    rows = [HEADER, ["A", "x", 1, "贷"], ["A", "x", 2, "借"], ["A", "x", 3]]
    empty = BASE.replace("    columns:", "    where: { 备注: ^$ }\n    columns:")
    assert column(read(empty, rows), "amount") == [Decimal(3)]
    unless = BASE.replace("    columns:", "    unless: { 备注: 借 }\n    columns:")
    assert column(read(unless, rows), "amount") == [Decimal(1), Decimal(3)]


def test_two_tables_in_one_sheet(read):
    layout = """
    label: two
    recognise: { title: [^附表一, ^附表二] }
    shared:
      chain_id: { const: C }
      statement_no: { beside: 结算单号 }
    tables:
      - kind: statements
        after: ^附表一
        until: ^合计
        columns: { line_kind: { const: receipt }, amount: 金额 }
      - kind: statements
        after: ^附表二
        until: ^合计
        columns: { line_kind: { const: deduction }, amount: { from: 金额, times: -1 } }
    """
    rows = [
        ["结算单号", "S1"],
        ["附表一（单据）"],
        ["门店", "金额"],
        ["a", 10],
        ["b", 20],
        ["合计", 30],
        ["附表二（费用）"],
        ["费用", "金额"],
        ["f", 3],
        ["合计", 3],
        ["注：对账"],
    ]
    parsed = read(layout, rows)
    assert column(parsed, "amount") == [Decimal(10), Decimal(20), Decimal(-3)]
    assert column(parsed, "line_no") == [1, 2, 3]
    assert column(parsed, "statement_no") == ["S1"] * 3


@pytest.mark.parametrize("more", [0, 200], ids=["short", "long"])
def test_a_table_ends_where_the_next_one_begins(read, more):
    layout = (
        BASE
        + """
  - kind: statements
    header: [费用名称（全称）, 费用]
    columns:
      chain_id: { const: C }
      statement_no: { const: F }
      line_kind: { const: deduction }
      fee_name: 费用名称(全称)
      amount: { from: 费用, times: -1 }
"""
    )
    rows = [
        HEADER,
        ["A", "x", 1],
        *[["B", "x", 0]] * more,
        ["合计", None, 1],
        [],
        ["费用明细"],
        ["费用名称(全称)", "费用"],
        ["陈列费", 3],
        ["合计", 3],
    ]
    parsed = read(layout, rows)
    assert parsed.parts[0].rows_in == more + 2
    assert column(parsed, "amount")[0] == Decimal(1)
    assert column(parsed, "fee_name")[-1] == "陈列费"
    assert parsed.totals["printed"].to_list() == [Decimal(1), Decimal(3)]
    assert (parsed.totals["printed"] == parsed.totals["summed"]).all()
