"""An order of the head office is split by the stores that its lines are for."""

from tests.papers import Chain


def split_order(lines: list[dict[str, object]], pattern: str = "head_head") -> Chain:
    """An order over 100 delivered to the head office, its lines for stores; received as ordered."""
    chain = Chain(pattern).order("O1", 100, store_id="HO")
    chain.lines("orders", "O1", [{"store_code": "HO", **line} for line in lines], on="05-01")
    return chain.receipt("R1", 100, order_no="O1", store_id="HO")


def arose(chain: Chain, *days: str) -> list[tuple[object, ...]]:
    """What arose at stores on some days: debtor, store and amount."""
    world = chain.close()
    world.run("settled.store_shares", "settled.store_balances", day_from="05-01", until="06-30")
    assert world.audit("settled/stores_share_an_item_to_the_cent", "05-01", "06-30") == []
    rows = world.rows(
        "select debtor_id, store_id, amount from settled.store_balances where as_of in ("
        + ", ".join(f"date '2026-{at}'" for at in days)
        + ") order by as_of, store_id"
    )
    return [tuple(row.values()) for row in rows]


THIRDS = [{"for_store_code": store, "amount": 10} for store in ("S1", "S2", "S9")]


def test_the_head_office_s_order_goes_to_the_stores_that_its_lines_are_for() -> None:
    lines = [{"for_store_code": "S1", "amount": 60}, {"for_store_code": "S2", "amount": 40}]
    assert arose(split_order(lines), "05-31") == [("HO", "S1", 60), ("HO", "S2", 40)]


def test_cents_that_do_not_divide_go_to_one_store_and_to_none_when_it_is_paid() -> None:
    chain = split_order(THIRDS).statement("ST1", [{"receipt_no": "R1", "amount": 100}])
    chain.payment("T1", 60, "ST1", on="06-05").payment("T2", 40, "ST1", on="06-20")
    parts = [str(row[2]) for row in arose(chain, "05-31", "06-05", "06-20")]
    assert parts == ["33.33", "33.33", "33.34", "13.33", "13.33", "13.34"]


def test_lines_for_no_store_stay_on_the_one_delivered_to() -> None:
    lines = [{"for_store_code": "S1", "amount": 25}, {"amount": 75}]
    assert arose(split_order(lines), "05-31") == [("HO", "HO", 75), ("HO", "S1", 25)]


def test_only_the_head_office_s_orders_are_split() -> None:
    assert arose(split_order(THIRDS, "branch_head"), "05-31") == []
