"""A list beside the detail of a paper is no duplicate document; the same form again is one."""

import pytest

from tests.support import World

COPY = {"is_duplicate": True, "is_standing": False}


@pytest.mark.parametrize(
    ("table", "number"),
    [("orders", "order_no"), ("deliveries", "delivery_no"), ("goods_receipts", "receipt_no")],
)
@pytest.mark.parametrize(
    ("layouts", "days"),
    [
        (("receipt_detail", "receipt_detail"), [2]),
        ((None, None), [2]),
        (("receipt_detail", "receipt_list"), []),
        (("receipt_detail", "receipt_list", "receipt_detail"), [3]),
    ],
)
def test_only_the_same_form_again_is_a_copy(
    table: str, number: str, layouts: tuple[str | None, ...], days: list[int]
) -> None:
    world = World()
    for day, layout in enumerate(layouts, start=1):
        paper = {"known_on": f"05-0{day}", "file_id": str(day)}
        world.given("received.files", [{**paper, "layout": layout}])
        row = {"chain_id": "C", "store_code": "S1", number: "N1", "amount": 100}
        world.given(f"received.{table}", [{**paper, **row, **(COPY if day > 1 else {})}])
    world.run("matched.duplicate_documents", day_from="05-01", until="05-04")
    rows = world.rows("select day(known_on) as day, document_no from matched.duplicate_documents")
    assert rows == [{"day": day, "document_no": "N1"} for day in days]
