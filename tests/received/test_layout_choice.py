"""Which layout a file is read by, and layouts that are wrong."""

from __future__ import annotations

import pytest

from receivables.home import Home
from receivables.sources import LayoutError, Sources, read_file

from .small_layouts import BASE, HEADER, changed


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
