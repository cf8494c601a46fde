"""An order, a delivery note and a receipt are one document each, as list and as detail."""

from typing import Any

import pytest

from tests.support import World

KINDS = {  # the document's number, its date
    "orders": ("order_no", "order_date"),
    "deliveries": ("delivery_no", "delivery_date"),
    "goods_receipts": ("receipt_no", "receipt_date"),
}
LINES = [
    {"line_no": 1, "sku": "milk", "quantity": 6, "amount": 60},
    {"line_no": 2, "sku": "rice", "quantity": 4, "amount": 40},
]


def paper(kind: str, on: str, file: str = "a", **stated: Any) -> list[dict[str, Any]]:
    """A list's row about document N1; what is not named is not stated."""
    number, dated = KINDS[kind]
    row = {"known_on": on, "file_id": file, "chain_id": "C", "store_code": "S1", number: "N1"}
    return [{**row, dated: "05-01", "amount": 100, **stated}]


def detail(kind: str, on: str, file: str = "a", **stated: Any) -> list[dict[str, Any]]:
    [row] = paper(kind, on, file)
    return [{**row, **line, **stated} for line in LINES]


def versions(kind: str, *papers: list[dict[str, Any]]) -> World:
    world = World()
    for file_id, path in (("a", "2.csv"), ("z", "1.csv")):  # of a day, z comes before a
        world.given("received.files", [{"known_on": "05-02", "file_id": file_id, "path": path}])
    for rows in papers:
        world.given(f"received.{kind}", rows)
    return world.run("staged.shared_papers", f"staged.{kind}", day_from="05-01", until="05-04")


def said(world: World, kind: str, *columns: str) -> list[tuple[Any, ...]]:
    rows = world.rows(f"select {', '.join(columns)} from staged.{kind} order by known_on")
    return [tuple(str(value) if value else value for value in row.values()) for row in rows]


def test_a_receipt_keeps_its_order_and_lines_when_a_list_adds_its_delivery_note() -> None:
    kind = "goods_receipts"
    world = versions(
        kind, detail(kind, "05-02", order_no="O1"), paper(kind, "05-03", delivery_no="D1")
    )
    columns = ("order_no", "delivery_no", "amount", "line_count", "lines_known_on")
    assert said(world, kind, *columns) == [
        ("O1", None, "100.00", "2", "2026-05-02"),
        ("O1", "D1", "100.00", "2", "2026-05-02"),
    ]


def test_another_amount_lets_the_lines_fall_and_keeps_the_numbers() -> None:
    kind = "goods_receipts"
    world = versions(kind, detail(kind, "05-02", order_no="O1"), paper(kind, "05-03", amount=90))
    assert said(world, kind, "order_no", "amount", "line_count", "lines_known_on") == [
        ("O1", "100.00", "2", "2026-05-02"),
        ("O1", "90.00", "1", "2026-05-03"),
    ]


def test_the_detail_brings_its_lines_after_the_list() -> None:
    kind = "deliveries"
    world = versions(kind, paper(kind, "05-02", order_no="O1"), detail(kind, "05-03"))
    assert said(world, kind, "order_no", "line_count", "lines_known_on") == [
        ("O1", "1", "2026-05-02"),
        ("O1", "2", "2026-05-03"),
    ]


def test_a_list_of_the_same_day_adds_to_the_detail_that_stands() -> None:
    kind = "goods_receipts"
    world = versions(
        kind,
        detail(kind, "05-02", "z", order_no="O1", delivery_no="D0"),
        paper(kind, "05-02", "a", delivery_no="D1", is_standing=False),
    )
    columns = ("order_no", "delivery_no", "line_count", "lines_known_on", "file_id")
    assert said(world, kind, *columns) == [("O1", "D1", "2", "2026-05-02", "z")]


def test_a_list_without_a_state_leaves_an_order_cancelled() -> None:
    kind = "orders"
    world = versions(
        kind,
        detail(kind, "05-02", status="cancelled", deliver_by="05-20"),
        paper(kind, "05-03", order_date="05-02"),
        paper(kind, "05-04", status="open"),
    )
    assert said(world, kind, "is_cancelled", "deliver_by", "order_date") == [
        ("True", "2026-05-20", "2026-05-01"),
        ("True", "2026-05-20", "2026-05-02"),
        (False, "2026-05-20", "2026-05-01"),
    ]


def test_a_copy_adds_nothing() -> None:
    kind = "goods_receipts"
    copy = paper(kind, "05-03", is_duplicate=True, is_standing=False)
    world = versions(kind, detail(kind, "05-02", order_no="O1"), copy)
    assert said(world, kind, "order_no", "line_count") == [("O1", "2")]


@pytest.mark.parametrize("kind", KINDS)
def test_day_by_day_is_one_run(kind: str) -> None:
    tables = ("staged.shared_papers", f"staged.{kind}")
    papers = [
        paper(kind, "05-02", is_shared=False),
        detail(kind, "05-03", "z"),
        paper(kind, "05-04", **{KINDS[kind][1]: "05-03"}),
    ]
    whole = versions(kind, *papers)
    daily = versions(kind, *papers)
    for table in tables:
        daily.connection.execute(f"delete from {table}")
    for day in ("05-02", "05-03", "05-04"):
        daily.run(*tables, day_from=day)
    for table, rows in zip(tables, (2, 3), strict=True):
        everything = f"select * from {table} order by all"
        assert daily.rows(everything) == whole.rows(everything)
        assert len(whole.rows(everything)) == rows
