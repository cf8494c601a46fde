"""Where an order stands: the amounts at each step, the stage, the missing paper."""

import pytest

from tests.papers import Chain, side_by_side
from tests.support import World

STATES = ("matched.order_states",)
STAGED = ("staged.shared_papers", "staged.goods_receipts")

STEPS = [
    # what has come so far, and the stage and missing paper that follow
    (1, "ordered", "delivery_note"),
    (2, "delivered", "goods_receipt"),
    (3, "received", "invoice_application"),
    (4, "applied", "invoice"),
    (5, "invoiced", "invoice_handover"),
    (6, "handed_over", "statement"),
    (7, "on_statement", "payment"),
    (8, "paid", None),
]


def with_steps(count: int, chain: Chain | None = None) -> Chain:
    """The papers of an order up to a step; what is told apart without the chain bears its id."""
    chain = (chain or Chain()).order("O1", 100)
    invoice, statement = f"V1{chain.chain_id}", f"ST1{chain.chain_id}"
    papers = [
        lambda: chain.delivery("D1", 100, order_no="O1"),
        lambda: chain.receipt("R1", 100, order_no="O1", delivery_no="D1"),
        lambda: chain.application("AP1", "R1", 100, invoice, order_no="O1"),
        lambda: chain.invoice(invoice, 100),
        lambda: chain.handover(invoice, "05-12"),
        lambda: chain.statement(statement, [{"receipt_no": "R1", "amount": 100}]),
        lambda: chain.payment(f"T1{chain.chain_id}", 100, statement),
    ]
    for paper in papers[: count - 1]:
        paper()
    return chain


def state(
    world: World, order_no: str = "O1", as_of: str = "06-30", chain_id: str = "C"
) -> dict[str, object]:
    return world.rows(
        f"select * from matched.order_states where order_no = '{order_no}' "
        f"and chain_id = '{chain_id}' "
        f"and known_on <= date '2026-{as_of}' order by known_on desc limit 1"
    )[0]


def test_the_stage_is_where_money_is_stuck(subtests: pytest.Subtests) -> None:
    chains = side_by_side(len(STEPS))
    for chain, (count, *_) in zip(chains, STEPS, strict=True):
        with_steps(count, chain)
    world = chains[0].progress(needed=STATES)
    for chain, (_, stage, missing) in zip(chains, STEPS, strict=True):
        with subtests.test(stage):
            found = state(world, chain_id=chain.chain_id)
            assert (found["stage"], found["missing_document"]) == (stage, missing)


def test_every_amount_of_a_paid_order() -> None:
    found = state(with_steps(8).progress(needed=STATES))
    names = (
        "ordered",
        "delivered",
        "received",
        "returned",
        "applied",
        "invoiced",
        "handed_over",
        "stated",
        "paid",
    )
    assert [found[name] for name in names] == [100, 100, 100, 0, 100, 100, 100, 100, 100]


def test_one_order_in_two_deliveries_adds_up() -> None:
    chain = Chain().order("O1", 100).delivery("D1", 60, order_no="O1")
    found = state(chain.delivery("D2", 40, order_no="O1").progress(needed=STATES))
    assert found["delivered"] == 100


def test_a_receipt_that_names_only_its_delivery_note_belongs_to_that_order() -> None:
    chain = Chain().order("O1", 100).delivery("D1", 100, order_no="O1")
    assert (
        state(chain.receipt("R1", 100, delivery_no="D1").progress(needed=STATES))["received"] == 100
    )


def test_the_delivery_note_that_comes_late_brings_its_receipt_along() -> None:
    chain = Chain().order("O1", 100).receipt("R1", 100, delivery_no="D1", on="05-03")
    world = chain.delivery("D1", 100, order_no="O1", on="05-02", known_on="05-20").progress(
        needed=STATES
    )
    assert state(world, as_of="05-19")["received"] == 0
    assert state(world, as_of="05-20")["received"] == 100


def test_a_receipt_corrected_to_another_order_leaves_the_first() -> None:
    chain = Chain().order("O1", 100).order("O2", 100).receipt("R1", 100, order_no="O1")
    chain.application("AP1", "R1", 100, "V1").invoice("V1", 100)
    world = chain.receipt("R1", 100, order_no="O2", known_on="05-20").progress(needed=STATES)
    assert [state(world, "O1")[name] for name in ("received", "applied", "invoiced")] == [0, 0, 0]
    assert [state(world, "O2")[name] for name in ("received", "applied", "invoiced")] == [100] * 3


def test_an_order_without_paper_is_implied_until_its_paper_comes() -> None:
    chain = Chain().delivery("D1", 100, order_no="O1").order("O1", 100, on="05-20")
    world = chain.progress(needed=STATES)
    assert state(world, as_of="05-19")["is_implied"] is True
    assert state(world, as_of="05-20")["is_implied"] is False
    assert state(world, as_of="05-19")["store_id"] == "S1"


def test_an_order_that_no_paper_names_any_more_is_closed() -> None:
    chain = Chain().delivery("D1", 100, order_no="O1").order("O2", 100)
    world = chain.delivery("D1", 100, order_no="O2", known_on="05-20").progress(needed=STATES)
    before, after = state(world, as_of="05-19"), state(world)
    assert (before["stage"], before["is_implied"]) == ("delivered", True)
    assert (after["stage"], after["missing_document"], after["next_actor"]) == (
        "cancelled", None, None,
    )  # fmt: skip


def test_a_statement_alone_makes_an_implied_order() -> None:
    chain = Chain()
    chain.statement("ST1", [{"order_no": "O7", "amount": 50, "store_id": "S2"}])
    found = state(chain.progress(needed=STATES), "O7")
    assert (found["is_implied"], found["stated"], found["store_id"]) == (True, 50, "S2")


def test_a_cancelled_order_is_closed_unless_goods_went_out() -> None:
    chain = Chain().order("O1", 100).order("O2", 100).delivery("D2", 100, order_no="O2")
    for number in ("O1", "O2"):
        chain.order(number, 100, known_on="05-10", is_cancelled=True)
    world = chain.progress(needed=STATES)
    assert state(world, "O1")["stage"] == "cancelled"
    assert state(world, "O2")["stage"] == "delivered"


def test_a_restated_statement_replaces_what_it_said() -> None:
    chain = Chain().order("O1", 100).receipt("R1", 100, order_no="O1")
    chain.statement("ST1", [{"receipt_no": "R1", "amount": 100}], on="06-01")
    chain.statement("ST1", [{"receipt_no": "R1", "amount": 90}], on="06-05")
    assert state(chain.progress(needed=STATES))["stated"] == 90


def test_a_stage_is_told_since_the_day_it_was_reached_and_with_whose_move_it_is() -> None:
    chain = Chain().order("O1", 100).delivery("D1", 100, order_no="O1", on="05-02")
    world = chain.order("O1", 90, known_on="05-10").receipt("R1", 90, order_no="O1", on="05-20")
    rows = world.progress(needed=STATES).rows(
        "select known_on, stage, stage_since, next_actor from matched.order_states "
        "order by known_on"
    )
    assert [
        (f"{row['known_on']:%m-%d}", row["stage"], f"{row['stage_since']:%m-%d}", row["next_actor"])
        for row in rows
    ] == [
        ("05-01", "ordered", "05-01", "仓库"),
        ("05-02", "delivered", "05-02", "客户经理"),
        ("05-10", "delivered", "05-02", "客户经理"),
        ("05-20", "received", "05-20", "开票"),
    ]


def test_a_cancelled_order_is_closed_unless_goods_were_delivered_anyway() -> None:
    chain = Chain().order("O1", 100).order("O1", 100, known_on="05-10", is_cancelled=True)
    world = chain.delivery("D1", 100, order_no="O1", on="05-20").progress(needed=STATES)
    before, after = state(world, as_of="05-19"), state(world)
    assert (before["stage"], before["missing_document"], before["next_actor"]) == (
        "cancelled", None, None,
    )  # fmt: skip
    assert (after["stage"], after["is_cancelled"], after["delivered"]) == ("delivered", True, 100)


def test_an_order_keeps_the_receipt_and_its_articles_when_a_list_follows_the_detail() -> None:
    chain = Chain().order("O1", 100, lines_known_on="05-01")
    chain.delivery("D1", 90, order_no="O1")
    world = chain.world
    article = {"sku": "milk", "quantity": 9, "unit_price": 10, "amount": 90}
    chain.lines("orders", "O1", [{**article, "quantity": 10, "amount": 100}], "05-01")
    chain.lines("deliveries", "D1", [article], "05-02")
    receipt = {"receipt_kind": "receipt", "file_id": "detail", "order_no": "O1"}
    chain.lines(
        "goods_receipts", "R1", [{**article, **receipt, "quantity": 8, "amount": 80}], "05-03"
    )
    listed = {"receipt_kind": "receipt", "file_id": "list", "amount": 80}
    chain.lines("goods_receipts", "R1", [listed], "05-04")
    world.run(*STAGED, day_from="05-01", until="06-30")
    chain.progress()
    found = state(world)
    assert (found["received"], found["stage"]) == (80, "received")
    articles = world.rows(
        "select sku, earlier_quantity, later_quantity from matched.compared_articles "
        "where step = 'receipt' order by known_on desc limit 1"
    )
    assert [tuple(row.values()) for row in articles] == [("milk", 9, 8)]
