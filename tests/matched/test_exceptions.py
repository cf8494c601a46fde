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


def test_goods_in_transit_are_no_exception_until_their_days_have_passed() -> None:
    world = Chain().order("O1", 100).delivery("D1", 100, order_no="O1", on="05-02").progress()
    assert reasons(world, "05-05") == {}
    assert reasons(world, "05-06") == {"unreceived": 100}


def test_an_order_that_nobody_delivers() -> None:
    world = Chain().order("O1", 100, on="05-01", deliver_by="05-04").progress()
    assert reasons(world, "05-07") == {}
    assert reasons(world, "05-08") == {"undelivered": 100}


def test_what_comes_in_the_end_clears_it() -> None:
    chain = Chain().order("O1", 100, on="05-01").delivery("D1", 100, order_no="O1", on="05-20")
    world = chain.progress()
    assert reasons(world, "05-19") == {"undelivered": 100}
    assert reasons(world, "05-20") == {}


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


@pytest.mark.parametrize(
    ("reason", "chain"),
    [
        (
            "short_received",
            lambda: (
                Chain()
                .order("O1", 100)
                .delivery("D1", 100, order_no="O1")
                .receipt("R1", 90, order_no="O1")
            ),
        ),
        ("over_delivered", lambda: Chain().order("O1", 100).delivery("D1", 110, order_no="O1")),
        (
            "returned",
            lambda: (
                Chain()
                .order("O1", 100)
                .receipt("R1", 100, order_no="O1")
                .receipt("R2", -10, order_no="O1", on="05-05")
            ),
        ),
        ("uninvoiced", lambda: Chain().order("O1", 100).receipt("R1", 100, order_no="O1")),
        ("not_on_statement", lambda: Chain().order("O1", 100).receipt("R1", 100, order_no="O1")),
        ("invoice_not_handed_over", lambda: Chain().invoice("V1", 100)),
        ("over_invoiced", lambda: Chain().invoice("V1", 100)),
        (
            "wrong_invoice_title",
            lambda: (
                Chain()
                .receipt("R1", 100)
                .application("AP1", "R1", 100, "V1")
                .invoice("V1", 100, buyer_id="HO")
            ),
        ),
        (
            "on_statement_without_documents",
            lambda: Chain().statement("ST1", [{"receipt_no": "R9", "amount": 10}]),
        ),
        (
            "statement_amount_differs",
            lambda: (
                Chain().receipt("R1", 100).statement("ST1", [{"receipt_no": "R1", "amount": 90}])
            ),
        ),
        (
            "unexplained_deduction",
            lambda: Chain().statement(
                "ST1", [{"line_kind": "deduction", "fee_code": "DM", "amount": -10}]
            ),
        ),
    ],
)
def test_the_reason_appears(reason: str, chain) -> None:
    assert reason in reasons(chain().progress(), "06-30")


def test_a_paid_order_has_no_exception() -> None:
    chain = Chain().order("O1", 100).delivery("D1", 100, order_no="O1")
    chain.receipt("R1", 100, order_no="O1").application("AP1", "R1", 100, "V1").invoice("V1", 100)
    chain.handover("V1", "05-12").payment("T1", 100, "V1", on="05-15")
    assert reasons(chain.progress(), "06-30") == {}


def test_a_number_that_reads_the_same_means_the_only_order_that_it_can() -> None:
    world = Chain().order("00001", 10).delivery("D1", 10, order_no="1").progress()
    rows = world.rows("select order_no, max(delivered) as delivered from matched.order_states "
                      "group by all")  # fmt: skip
    assert rows == [{"order_no": "00001", "delivered": 10}]
    assert world.rows("from matched.suspected_matches") == []


def test_of_two_numbers_that_read_the_same_both_are_proposed_and_none_is_taken() -> None:
    chain = Chain().order("00001", 10).order("0001", 10).delivery("D1", 10, order_no="1")
    world = chain.progress()
    rows = world.rows(
        "select from_no, to_no from matched.suspected_matches "
        "where as_of = date '2026-06-30' order by from_no"
    )
    assert rows == [{"from_no": "00001", "to_no": "D1"}, {"from_no": "0001", "to_no": "D1"}]
    (row,) = world.rows(
        "select sum(delivered) as delivered from matched.order_states where not is_implied"
    )
    assert row["delivered"] == 0


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
