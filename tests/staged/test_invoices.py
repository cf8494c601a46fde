"""An invoice is one document, whatever files it comes in; a red one finds its blue one."""

from typing import Any

import pytest

from tests.support import World

RED = {"is_red": True, "amount": -113}


def paper(on: str = "05-02", file: str = "a", **fields: Any) -> dict[str, Any]:
    """A file's row about invoice V1; what is not named is not stated."""
    return {
        "known_on": on,
        "file_id": file,
        "invoice_no": "V1",
        "issued_on": "05-01",
        "amount": 113,
        **fields,
    }


def versions(*papers: dict[str, Any], until: str = "05-04") -> World:
    world = World().given("received.invoices", papers)
    return world.run("staged.invoices", day_from="05-01", until=until)


def said(world: World, *columns: str) -> list[tuple[Any, ...]]:
    rows = world.rows(f"select {', '.join(columns)} from staged.invoices order by known_on")
    return [tuple(row.values()) for row in rows]


def test_an_xml_erases_neither_status_nor_remark_of_the_export() -> None:
    world = versions(
        paper("05-02", status="red_full", remark="PO 1", invoice_code="3100"),
        paper("05-03", buyer_name="Grocer", amount=114),
    )
    assert said(world, "amount", "status", "remark", "invoice_code", "buyer_name") == [
        (113, "red_full", "PO 1", "3100", None),
        (114, "red_full", "PO 1", "3100", "Grocer"),
    ]


def test_files_of_one_day_add_up_and_the_last_one_counts() -> None:
    world = versions(
        paper(file="z", status="normal", remark="PO 1", is_standing=False),
        paper(file="a", remark="PO 2"),
    )
    assert said(world, "status", "remark") == [("normal", "PO 2")]


def test_a_status_that_nobody_stated_is_normal_and_a_change_is_a_version() -> None:
    world = versions(
        paper("05-02"),
        paper("05-03", status="red_partial"),
        paper("05-04", status="void"),
    )
    assert said(world, "status") == [("normal",), ("red_partial",), ("void",)]


def test_a_duplicate_makes_no_version() -> None:
    world = versions(
        paper("05-02", status="normal"),
        paper("05-03", is_duplicate=True, is_standing=False),
    )
    assert said(world, "status") == [("normal",)]


def test_day_by_day_is_one_run() -> None:
    papers = [
        paper("05-02", remark="PO 1"),
        paper("05-03", status="normal"),
        paper("05-04", buyer_name="Grocer"),
    ]
    daily = World().given("received.invoices", papers)
    for day in ("05-01", "05-02", "05-03", "05-04"):
        daily.run("staged.invoices", day_from=day)
    columns = ("known_on", "status", "remark", "buyer_name")
    assert said(daily, *columns) == said(versions(*papers), *columns)


BLUE = "26327000000742719331"


@pytest.mark.parametrize(
    ("remark", "blue"),
    [
        (f"被红冲蓝字数电发票号码：{BLUE} 红字发票信息确认单编号：3207012607000001", BLUE),
        (f"被红冲蓝字数电票号码:{BLUE}", BLUE),
        (f"被红冲蓝字全电发票号码：{BLUE}", BLUE),
        ("对应正数发票号码：12345678", "12345678"),
        ("对应蓝字发票号 12345678", "12345678"),
        ("对应正数发票代码:3100234130号码:12345678", "12345678"),
        ("对应正数发票代码：3100234130，发票号码：12345678", "12345678"),
        ("对应蓝字发票代码:3100234130 号码:１２３４５６７８", "12345678"),
        (f"被红冲蓝字数电发票号码：{BLUE}，对应蓝字发票号：{BLUE}", BLUE),
        # two different numbers, a number of something else, no number
        (f"被红冲蓝字数电发票号码：{BLUE}，对应蓝字发票号：12345678", None),
        ("红字发票信息确认单编号：32070126070000011234", None),
        ("订单号 12345678", None),
        (None, None),
    ],
)
def test_a_red_invoice_names_its_blue_one_in_its_remark(
    remark: str | None, blue: str | None
) -> None:
    assert said(versions(paper(remark=remark, **RED)), "red_of_invoice_no") == [(blue,)]


def test_what_a_field_of_its_own_says_comes_before_the_remark() -> None:
    world = versions(paper(remark="对应蓝字发票号 12345678", red_of_invoice_no="V0", **RED))
    assert said(world, "red_of_invoice_no") == [("V0",)]


def test_a_negative_invoice_is_red_where_no_file_says_so() -> None:
    world = versions(paper(amount=-113, remark="对应蓝字发票号 12345678"))
    assert said(world, "is_red", "red_of_invoice_no") == [(True, "12345678")]


def test_a_blue_invoice_takes_nothing_from_its_remark() -> None:
    world = versions(paper(remark="对应蓝字发票号 12345678"))
    assert said(world, "is_red", "red_of_invoice_no") == [(False, None)]
