"""What is wrong with an order: variances by cause, exceptions by reason, and when they go away."""

import pytest

from tests.papers import Chain
from tests.support import World, money


def causes(world: World, step: str) -> dict[str, object]:
    rows = world.rows(
        f"select cause, amount from matched.variances where step = '{step}' "
        f"qualify known_on = max(known_on) over ()"
    )
    return {row["cause"]: row["amount"] for row in rows}


def reasons(world: World, as_of: str) -> dict[str, object]:
    rows = world.rows(
        f"select reason, amount from matched.exceptions where as_of = date '2026-{as_of}'"
    )
    return {row["reason"]: row["amount"] for row in rows}


def delivered(
    ordered: tuple[int, str, str], sent: tuple[int, str, str], amounts: tuple[object, object]
) -> World:
    """One article ordered and delivered: (quantity, unit price, tax rate) and the two amounts."""
    chain = Chain()
    for kind, no, on, line, amount in (
        ("orders", "O1", "05-01", ordered, amounts[0]),
        ("deliveries", "D1", "05-02", sent, amounts[1]),
    ):
        quantity, price, rate = line
        row = {
            "sku": "milk",
            "quantity": quantity,
            "unit_price": price,
            "tax_rate": rate,
            "amount": amount,
        }
        if kind == "deliveries":
            row["order_no"] = "O1"
        chain.lines(kind, no, [row], on=on)
    chain.order("O1", amounts[0]).delivery("D1", amounts[1], order_no="O1")
    return chain.progress()


def test_fewer_pieces_are_a_difference_in_quantity() -> None:
    world = delivered((10, "2", "0.13"), (8, "2", "0.13"), (20, 16))
    assert causes(world, "delivery") == {"quantity": -4}


def test_another_price_is_a_difference_in_price() -> None:
    world = delivered((10, "2", "0.13"), (10, "2.5", "0.13"), (20, 25))
    assert causes(world, "delivery") == {"price": 5}


def test_fewer_pieces_at_another_price_are_both_and_sum_to_the_difference() -> None:
    world = delivered((10, "2", "0.13"), (8, "2.5", "0.13"), (20, 20.50))
    assert causes(world, "delivery") == {"quantity": -4, "price": 4.50}


def test_another_tax_rate_is_a_difference_in_tax() -> None:
    world = delivered((10, "1.13", "0.13"), (10, "1.09", "0.09"), ("11.30", "10.90"))
    assert causes(world, "delivery") == {"tax": money("-0.40")}


def test_a_few_cents_are_rounding() -> None:
    world = delivered((3, "3.3333", "0.13"), (3, "3.3333", "0.13"), ("10.00", "9.99"))
    assert causes(world, "delivery") == {"rounding": money("-0.01")}


def test_papers_without_lines_differ_without_a_cause() -> None:
    world = Chain().order("O1", 100).delivery("D1", 90, order_no="O1").progress()
    assert causes(world, "delivery") == {"unexplained": -10}


def test_a_difference_that_went_away_leaves_nothing() -> None:
    chain = Chain().order("O1", 100).delivery("D1", 90, order_no="O1")
    world = chain.delivery("D2", 10, order_no="O1", on="05-10").progress()
    assert causes(world, "delivery") == {"unexplained": 0}


def test_an_exception_keeps_its_identity_and_first_day() -> None:
    chain = Chain().order("O1", 100, on="05-01").delivery("D1", 60, order_no="O1", on="05-02")
    world = chain.delivery("D2", 10, order_no="O1", on="05-12").progress()
    rows = world.rows(
        "select distinct exception_id, opened_on, amount from matched.exceptions "
        "where reason = 'partly_delivered' order by amount"
    )
    assert len({row["exception_id"] for row in rows}) == 1
    assert len({row["opened_on"] for row in rows}) == 1
    assert [row["amount"] for row in rows] == [30, 40]


def test_a_paid_order_has_no_exception() -> None:
    chain = Chain().order("O1", 100).delivery("D1", 100, order_no="O1")
    chain.receipt("R1", 100, order_no="O1").application("AP1", "R1", 100, "V1").invoice("V1", 100)
    chain.handover("V1", "05-12").payment("T1", 100, "V1", on="05-15")
    assert reasons(chain.progress(), "06-30") == {}


FAULTS = {
    "variances_sum_to_the_difference": "update matched.variances set amount = amount + 0.01",
    "exceptions_name_owner_and_action": "update matched.exceptions set owner = null",
    "order_states_equal_their_papers": (
        "update matched.order_states set delivered = delivered + 0.01"
    ),
}


@pytest.mark.parametrize("audit", FAULTS)
def test_the_audit_tells_a_sound_world_from_a_faulty_one(audit: str) -> None:
    chain = Chain(apart=True).order("O1", 100).delivery("D1", 90, order_no="O1")
    world = chain.receipt("R1", 80, order_no="O1", delivery_no="D1").progress()
    assert world.audit(f"matched/{audit}", "05-01", "06-30") == []
    with world.rolled_back():
        world.connection.execute(FAULTS[audit])
        assert world.audit(f"matched/{audit}", "05-01", "06-30") != []
