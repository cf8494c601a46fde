"""Layouts as data: what one YAML file can say, and what is refused in it."""

from __future__ import annotations

import textwrap
from decimal import Decimal
from pathlib import Path

import pytest

from receivables.home import Home
from receivables.sources import LayoutError, Sources, read_file

BASE = """
label: test
recognise: { headings: [单号, 日期, 金额] }
tables:
  - kind: statements
    columns:
      chain_id: { const: C }
      statement_no: 单号
      line_kind: { const: receipt }
      amount: 金额
"""
HEADER = ["单号", "日期", "金额", "备注"]
DISAGREE = "the figures of this row do not agree."


@pytest.fixture
def read(tmp_path: Path, workbook):
    """Read rows of one sheet by a layout given as YAML."""

    def run(layout: str, rows, name: str = "某链结算.xlsx", sheet: str = "S"):
        folder = tmp_path / "sources"
        folder.mkdir(exist_ok=True)
        (folder / "test.yaml").write_text(textwrap.dedent(layout), encoding="utf-8")
        return read_file(workbook(name, {sheet: rows}), Sources.read(folder))

    return run


def changed(**columns: str) -> str:
    """The base layout with other or further columns, as YAML."""
    lines = BASE.rstrip().splitlines()
    kept = [x for x in lines if not any(x.strip().startswith(f"{name}:") for name in columns)]
    return "\n".join([*kept, *(f"      {name}: {spec}" for name, spec in columns.items())])


def column(parsed, name: str):
    assert len(parsed.parts) == 1, parsed.message
    return parsed.parts[0].accepted[name].to_list()


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


CHECKED = """
label: checked
recognise: { headings: [单号, 数量, 单价, 金额] }
tables:
  - kind: orders
    columns:
      chain_id: { const: C }
      store_code: { const: "1" }
      order_no: 单号
      order_date: { const: "2026-08-01" }
      quantity: 数量
      unit_price: 单价
      amount: 金额
    checks: CHECKS
"""


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


def test_a_sheet_that_is_missing_is_said_and_the_others_are_read(tmp_path, workbook):
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "two.yaml").write_text(
        BASE + "  - kind: statements\n    sheets: 费用*\n    columns: { amount: 金额 }\n",
        encoding="utf-8",
    )
    parsed = read_file(workbook("x.xlsx", {"S": [HEADER, ["A", "x", 1]]}), Sources.read(folder))
    assert parsed.parts[0].rows_in == 1
    assert "The table of statements was not found in sheet 费用*" in (parsed.message or "")


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("a: [", "not valid YAML", ""),
        ("", "the file is empty", ""),
        (BASE.replace("label: test", ""), "label", "Field required"),
        (BASE.replace("label:", "lable:"), "lable", "Extra inputs"),
        (BASE.replace("statements", "statement"), "tables.0", "kind statement is none of"),
        (changed(amuont="金额"), "tables.0", "statements has no field amuont"),
        (changed(amount="{ from: 金额, const: 1 }"), "amount", "exactly one of from, beside"),
        (changed(amount="{ times: -1 }"), "amount", "exactly one of from, beside"),
        (changed(amount="{ from: 金额, find: '(' }"), "amount.find", "not a regular expression"),
        (changed(amount="{ from: 金额, map: kinds }"), "amount.map", "there is no map kinds"),
        (BASE.replace("{ headings: [单号, 日期, 金额] }", "{}"), "recognise", "at least one of"),
        (BASE + "shared: { sku: 货号 }", "shared.sku", "no table's kind has the field sku"),
    ],
)
def test_a_wrong_layout_says_where_and_why(tmp_path, text, place, reason):
    (tmp_path / "chain.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(LayoutError) as caught:
        Sources.read(tmp_path)
    assert "chain.yaml" in str(caught.value)
    assert place in str(caught.value)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [", 1),
        (BASE + "shared: { sku: 货号 }", 11),
        (BASE + "totals:\n  - beside: 应付\n    kind: orders", 13),
        (BASE.replace("statements", "statement"), 5),
        (changed(amount="{ from: 金额, find: '(' }"), 10),
        (changed(amuont="金额"), 11),
        (changed(amount="\n        from: 金额\n        times: x"), 12),
        (changed(amount="\n        from: 金额\n        from: 价"), 12),
        (BASE + "    checks:\n      - amount + tax = 3", 12),
        (BASE + "    checks: [amount plus 1]", 11),
        (BASE + "    totals: [line_kind]", 11),
        (BASE + "totals:\n  - beside: 应付\n    kind: statements\n    round: true", 14),
        (BASE + "totals:\n  - from: 应付\n    kind: statements", 12),
    ],
)
def test_a_wrong_layout_names_the_line(tmp_path, text, line):
    (tmp_path / "chain.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(LayoutError) as caught:
        Sources.read(tmp_path)
    assert f"chain.yaml, line {line}: " in str(caught.value)


def test_the_most_specific_layout_is_taken(tmp_path, workbook):
    (tmp_path / "plain.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "special.yaml").write_text(
        BASE.replace("金额] }", "金额], title: 某链 }"), encoding="utf-8"
    )
    sources = Sources.read(tmp_path)
    special = workbook("a.xlsx", {"S": [["某链对账单"], HEADER, ["A", "x", 1]]})
    assert read_file(special, sources).layout == "special"
    other = workbook("b.xlsx", {"S": [["他链对账单"], HEADER, ["A", "x", 1]]})
    assert read_file(other, sources).layout == "plain"


def test_two_layouts_that_fit_equally_well_are_both_named(tmp_path, workbook):
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(BASE, encoding="utf-8")
    path = workbook("a.xlsx", {"S": [HEADER, ["A", "x", 1]]})
    message = read_file(path, Sources.read(tmp_path)).message or ""
    assert "The layouts one, two fit this file equally well" in message


def test_an_unknown_file_shows_the_headings_it_has(tmp_path, workbook):
    path = workbook(
        "促销.xlsx", {"档期": [["五月档期"], ["门店", "品名", "档期"], ["a", "b", "c"]]}
    )
    message = read_file(path, Sources()).message or ""
    assert "No layout in config/sources describes this file." in message
    assert "sheet 档期" in message
    assert "门店, 品名, 档期" in message


def test_a_homes_own_layout_replaces_the_shipped_one_of_its_name(tmp_path):
    own = tmp_path / "config" / "sources"
    own.mkdir(parents=True)
    (own / "k3_deliveries.yaml").write_text(BASE, encoding="utf-8")
    (own / "our_chain.yaml").write_text(BASE, encoding="utf-8")
    layouts = {layout.name: layout for layout in Sources.of(Home(tmp_path)).layouts}
    assert layouts["k3_deliveries"].label == "test"
    assert {"our_chain", "etax_export"} <= layouts.keys()
