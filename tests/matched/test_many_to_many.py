"""Papers of one business split and merge: every link carries what it explains, once."""

from typing import Any

import pytest

from tests.papers import Chain
from tests.support import World, money, upstream

LINKS = upstream("matched.links", stages=("matched",))
WHOLE = "no_paper_is_explained_beyond_its_amount"


def linked(chain: Chain) -> World:
    world = chain.world.run(*LINKS, day_from="05-01", until="06-30")
    for audit in (WHOLE, "links_are_unique"):
        assert world.audit(f"matched/{audit}", "05-01", "06-30") == []
    return world


def amounts(world: World, from_kind: str, to_kind: str) -> dict[tuple[str, str], Any]:
    """What the links between two kinds of papers explain in the end."""
    rows = world.rows(
        "select from_no, to_no, max_by(amount, (known_on, undone_on is null)) as amount "
        f"from matched.links where from_kind = '{from_kind}' and to_kind = '{to_kind}' "
        "group by from_no, to_no having amount <> 0"
    )
    return {(row["from_no"], row["to_no"]): row["amount"] for row in rows}


def test_an_order_in_several_deliveries_and_receipts() -> None:
    chain = Chain().order("O1", 100)
    for no, amount in (("1", 60), ("2", 40)):
        chain.delivery(f"D{no}", amount, order_no="O1")
        chain.receipt(f"R{no}", amount, order_no="O1", delivery_no=f"D{no}")
    world = linked(chain)
    assert amounts(world, "order", "delivery") == {("O1", "D1"): 60, ("O1", "D2"): 40}
    assert amounts(world, "delivery", "goods_receipt") == {("D1", "R1"): 60, ("D2", "R2"): 40}


def test_a_receipt_of_several_deliveries_is_invoiced_once() -> None:
    chain = Chain().delivery("D1", 60).delivery("D2", 40).receipt("R1", 100).invoice("V1", 100)
    chain.application("A1", "R1", 60, "V1", delivery_no="D1")
    chain.application("A1", "R1", 40, "V1", delivery_no="D2", row_no=2)
    assert amounts(linked(chain), "goods_receipt", "invoice") == {("R1", "V1"): 100}


def test_an_invoice_for_a_month_and_a_receipt_on_several_invoices() -> None:
    chain = Chain().invoice("V1", 70).invoice("V2", 50)
    for no, amount in (("R1", 30), ("R2", 40), ("R3", 50)):
        chain.receipt(no, amount)
    for place, (receipt_no, amount, invoice_no) in enumerate(
        [("R1", 30, "V1"), ("R2", 40, "V1"), ("R3", 30, "V2"), ("R3", 20, "V3")]
    ):
        chain.application(f"A{place}", receipt_no, amount, invoice_no)
    # the last one bills more than is left of the receipt
    chain.invoice("V3", 25).application("A9", "R3", 5, "V3")
    assert amounts(linked(chain), "goods_receipt", "invoice") == {
        ("R1", "V1"): 30, ("R2", "V1"): 40, ("R3", "V2"): 30, ("R3", "V3"): 20,
    }  # fmt: skip


@pytest.mark.parametrize("way", ["application", "remark", "sum"])
def test_an_invoice_for_300_receipts_explains_300_amounts(way: str) -> None:
    chain = Chain().receipt("30000", money("7.00"))
    receipts = {str(30001 + place): money(f"{place + 1}.01") for place in range(300)}
    chain.world.given(
        "staged.goods_receipts",
        [
            {
                "known_on": "05-03", "lines_known_on": "05-03", "chain_id": "C", "store_id": "S1",
                "store_code": "S1", "receipt_no": no, "amount": amount, "receipt_date": "05-03",
                "is_return": False,
            }
            for no, amount in receipts.items()
        ],
    )  # fmt: skip
    if way == "application":
        for place, (no, amount) in enumerate(receipts.items()):
            chain.application("A1", no, amount, "V1", row_no=place)
    remark = "验收单 30001-30150，30151~30300" if way == "remark" else None
    if way == "sum":
        chain.application("A1", "30000", 7, None)
    chain.invoice("V1", sum(receipts.values()), remark=remark)
    found = amounts(linked(chain), "goods_receipt", "invoice")
    assert found == {(no, "V1"): amount for no, amount in receipts.items()}


def test_a_fault_of_one_cent_on_a_merged_invoice_is_found() -> None:
    chain = Chain(apart=True).receipt("30001", 60).receipt("30002", 40)
    world = linked(chain.invoice("V1", 100, remark="30001/02"))
    with world.rolled_back():
        world.connection.execute(
            "update matched.invoiced_goods set amount = amount + 0.01 where receipt_no = '30002'"
        )
        assert len(world.audit(f"matched/{WHOLE}", "05-01", "06-30")) == 2


def test_five_thousand_receipts_in_a_remark_are_explained_once_each() -> None:
    chain = Chain().receipt("10000", 1)
    chain.world.connection.execute(
        "insert into staged.goods_receipts select * exclude (i) from "
        "(select * replace (cast(10000 + i as varchar) as receipt_no) "
        "from staged.goods_receipts, range(1, 5000) as n(i))"
    )
    ranges = [f"{first}-{first + 199}" for first in range(10000, 15000, 200)]
    world = linked(chain.invoice("V1", 4000, remark="验收单" + "、".join(ranges)))
    (told,) = world.rows(
        "select count(*) as receipts, sum(amount) as amount from matched.invoiced_goods"
    )
    assert told == {"receipts": 4000, "amount": 4000}
