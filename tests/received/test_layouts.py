"""What a layout makes of the cells of a row."""

from __future__ import annotations

from decimal import Decimal

import pytest

from .small_layouts import BASE, CHECKED, DISAGREE, HEADER, changed, column


@pytest.mark.parametrize(
    ("spec", "cell", "expected"),
    [
        ("备注", "A1", "A1"),
        ("[没有, 备注]", "A1", "A1"),
        ("{ from: 备注, find: 'PO(\\d+)' }", "订单 PO0012 补", "0012"),
        ("{ from: 备注, find: 'PO\\d+' }", "订单 PO0012 补", "PO0012"),
        ("{ from: 备注, find: 'PO(\\d+)' }", "补货", None),
        ("{ from: 备注, part: code }", "5015(上海店)", "5015"),
        ("{ from: 备注, part: code }", "5015（上海店）", "5015"),
        ("{ from: 备注, part: code }", "5015", "5015"),
        ("{ from: 备注, part: name }", "5015（上海(北)店）", "上海(北)店"),
        ("{ from: 备注, none: ['000000000'] }", "000000000", None),
        ("{ from: 备注, map: { 甲: X } }", "甲", "X"),
        ("{ from: 备注, map: { '~甲|丁': X } }", "订丁", "X"),
        ("{ from: 备注, map: { 甲乙: Y, '~甲': X } }", "甲乙", "Y"),
        ("{ from: 备注, map: { 甲: X }, default: Z }", "乙", "Z"),
        ("{ from: 备注, default: Z }", None, "Z"),
        ("{ const: 7 }", None, "7"),
        ("{ file_name: '^(..)链' }", None, None),
        ("{ file_name: '^(.)链' }", None, "某"),
        ("{ sheet_name: 'S' }", None, "S"),
        ("{ cell: '供应商[:：](\\w+)' }", None, "G1"),
        ("{ beside: 机构 }", None, "8000"),
        ("{ beside: 期间 }", None, "五月"),
        ("{ below: 金额 }", None, "5"),
    ],
)
def test_where_a_value_comes_from(read, spec, cell, expected):
    rows = [
        ["结算单", "供应商：G1"],
        ["机构：", None, 8000, "期间：五月"],
        HEADER,
        ["1", "x", 5, cell],
    ]
    assert column(read(changed(receipt_no=spec), rows), "receipt_no") == [expected]


def test_values_the_map_does_not_know_are_rejected(read):
    layout = changed(line_kind="{ from: 备注, map: { 验收: receipt } }")
    part = read(layout, [HEADER, ["1", "x", 5, "验收"], ["1", "x", 6, "冲账"]]).parts[0]
    assert part.accepted["amount"].to_list() == [Decimal("5.00")]
    assert part.rejected.select("row", "field", "value", "reason").row(0) == (
        3,
        "line_kind",
        "冲账",
        "line_kind (备注): '冲账' is not in the value map of layout test; add it there.",
    )


@pytest.mark.parametrize(
    ("spec", "cell", "amount"),
    [
        ("{ from: 金额, times: -1 }", "5.50", "-5.50"),
        ("{ from: 金额, times: 10000 }", "1.2345", "12345.00"),
        ("{ from: 金额, round: true }", "1.005", "1.01"),
        ("{ from: 金额, negate_when: { line_kind: [receipt] } }", "5", "-5.00"),
        ("{ from: 金额, negate_when: { line_kind: [return] } }", "5", "5.00"),
    ],
)
def test_what_is_done_to_an_amount(read, spec, cell, amount):
    parsed = read(changed(amount=spec), [HEADER, ["1", "x", cell, None]])
    assert column(parsed, "amount") == [Decimal(amount)]


def test_order_of_day_and_month(read):
    layout = changed(document_date="{ from: 日期, date_order: dmy }")
    parsed = read(layout, [HEADER, ["1", "02/08/2026", 5, None]])
    assert str(column(parsed, "document_date")[0]) == "2026-08-02"


def test_lines_without_numbers_are_numbered_within_their_document(read):
    rows = [HEADER, ["A", "x", 1], ["A", "x", 2], ["B", "x", 3], ["A", "x", 4]]
    assert column(read(BASE, rows), "line_no") == [1, 2, 1, 3]


@pytest.mark.parametrize(
    ("heading", "above", "amount"),
    [
        ("金额", None, "1.50"),
        ("金额(元)", None, "1.50"),
        ("金额（万元）", None, "15000.00"),
        ("金额\n（单位：千元）", None, "1500.00"),
        ("金额万元", None, "15000.00"),
        ("金额", "单位：万元", "15000.00"),
        ("金额", "单位： 人民币元", "1.50"),
        ("金额（元）", "单位：万元", "1.50"),
    ],
)
def test_a_unit_is_taken_where_it_is_stated(read, heading, above, amount):
    layout = changed(amount="{ from: 金额, unit: stated }")
    parsed = read(layout, [["对账单", None, above], ["单号", "日期", heading], ["A", "x", "1.5"]])
    assert column(parsed, "amount") == [Decimal(amount)]


@pytest.mark.parametrize(
    ("checks", "row", "reason"),
    [
        ("[quantity * unit_price = amount]", [2, "1.5", 3], None),
        ("[quantity * unit_price = amount]", [6, "90.2499", "541.50"], None),
        (
            "[quantity * unit_price = amount]",
            [2, "1.5", 4],
            f"quantity * unit_price is 3.00, but amount is 4.00: {DISAGREE}",
        ),
        ("[{ that: quantity * unit_price = amount, within: 1 }]", [2, "1.5", 4], None),
        ("[{ that: quantity * unit_price = amount, share: 0.01 }]", [2, 50, 101], None),
        (
            "[{ that: quantity * unit_price = amount, share: 0.01 }]",
            [2, 50, 102],
            f"quantity * unit_price is 100.00, but amount is 102.00: {DISAGREE}",
        ),
        ("[quantity * unit_price = amount]", [None, "1.5", 4], None),
        ("[单价 + 税 = 金额]", [9, "1.5", "1.7", "0.2"], None),
        (
            "[单价 + 税 = 金额]",
            [9, "1.5", 2, "0.2"],
            f"单价 + 税 is 1.70, but 金额 is 2.00: {DISAGREE}",
        ),
        ("[amount - 数量 * 单价 * 1.13 = 税]", [2, "10", 23, "0.4"], None),
        ("[单价 + 运费 = 金额]", [9, "1.5", 99], None),
    ],
)
def test_rows_must_keep_the_arithmetic_of_their_layout(read, checks, row, reason):
    rows = [["单号", "数量", "单价", "金额", "税"], ["A", *row]]
    part = read(CHECKED.replace("CHECKS", checks), rows).parts[0]
    assert part.rejected["reason"].to_list() == ([reason] if reason else [])
    assert part.accepted.height == (0 if reason else 1)


def test_a_row_that_breaks_a_check_keeps_its_amount(read):
    rows = [["单号", "数量", "单价", "金额"], ["A", 1, 5, 5], ["B", 1, 5, 6]]
    part = read(CHECKED.replace("CHECKS", "quantity * unit_price = amount").replace(
        "checks: q", "checks:\n      - q"), rows).parts[0]  # fmt: skip
    rejected = part.rejected.select("row", "field", "value", "amount").rows()
    assert rejected == [(3, "amount", "6", Decimal("6.00"))]
    assert part.amount_in == Decimal("11.00")


def test_rows_are_not_given_the_first_of_several_documents_numbers(read):
    layout = changed(statement_no="{ sheet: 'S', below: 结算单号 }").replace(
        "recognise: { headings: [单号, 日期, 金额] }", "recognise: { headings: [日期, 金额] }"
    )
    head = ["结算单号", "状态"]
    several = [head, ["S1", "x"], ["S2", "x"], ["合计", None], [], HEADER, ["A", "x", 1]]
    message = read(layout, several).message or ""
    assert "Several values stand below 结算单号 (S1, S2)" in message
    one = [head, ["S1", "x"], ["合计", None], [], HEADER, ["A", "x", 1]]
    assert column(read(layout, one), "statement_no") == ["S1"]
