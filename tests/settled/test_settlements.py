"""Who owes: the three patterns, the most specific agreement, and what happens without one."""

from tests.papers import Chain
from tests.settled.settled_orders import SETTLEMENTS, parties, settlement
from tests.support import day


def test_branch_branch_the_branch_orders_and_owes() -> None:
    world = (
        Chain("branch_branch")
        .order("O1", 100)
        .delivery("D1", 100, order_no="O1")
        .close(needed=SETTLEMENTS)
    )
    assert parties(world) == ("S1", "S1", "S1")


def test_branch_head_the_branch_orders_and_the_head_office_owes() -> None:
    world = (
        Chain("branch_head")
        .order("O1", 100)
        .delivery("D1", 100, order_no="O1")
        .close(needed=SETTLEMENTS)
    )
    assert parties(world) == ("S1", "S1", "HO")


def test_head_head_the_head_office_orders_and_owes() -> None:
    world = (
        Chain("head_head")
        .order("O1", 100)
        .delivery("D1", 100, order_no="O1")
        .close(needed=SETTLEMENTS)
    )
    assert parties(world) == ("S1", "HO", "HO")


def test_a_named_debtor_owes_whatever_the_pattern() -> None:
    world = Chain("branch_branch", debtor_id="S2").order("O1", 100).close(needed=SETTLEMENTS)
    assert parties(world)[2] == "S2"


def test_a_chain_that_switches_keeps_old_orders_on_the_old_pattern() -> None:
    chain = Chain("branch_branch", valid_to="2026-05-31")
    chain.agreement(agreement_id="A2", pattern="branch_head", valid_from="2026-06-01")
    chain.world.run("staged.store_terms", day_from="05-01")
    chain.order("O1", 100).delivery("D1", 100, on="05-31", order_no="O1")
    chain.order("O2", 100, on="05-30").delivery("D2", 100, on="06-01", order_no="O2")
    world = chain.close(needed=SETTLEMENTS)
    assert parties(world, "O1") == ("S1", "S1", "S1")
    assert parties(world, "O2") == ("S1", "S1", "HO")


def test_before_the_delivery_the_order_date_stands_in() -> None:
    chain = Chain("branch_branch", valid_to="2026-05-31")
    chain.agreement(agreement_id="A2", pattern="branch_head", valid_from="2026-06-01")
    chain.world.run("staged.store_terms", day_from="05-01")
    chain.order("O1", 100, on="05-30").delivery("D1", 100, on="06-01", order_no="O1")
    world = chain.close(needed=SETTLEMENTS)
    assert settlement(world, "O1", as_of="05-31")["pattern"] == "branch_branch"
    assert settlement(world, "O1", as_of="06-01")["pattern"] == "branch_head"


def test_the_store_s_own_agreement_comes_before_the_chain_s() -> None:
    chain = Chain("branch_head")
    chain.agreement(agreement_id="A2", pattern="branch_branch", customer_id="S1")
    chain.world.run("staged.store_terms", day_from="05-01")
    world = chain.order("O1", 100).order("O2", 100, store_id="S2").close(needed=SETTLEMENTS)
    assert settlement(world, "O1")["agreement_id"] == "A2"
    assert settlement(world, "O2")["agreement_id"] == "A1"


def test_a_category_s_agreement_holds_for_orders_of_that_category_alone() -> None:
    chain = Chain("branch_head")
    chain.agreement(agreement_id="A2", pattern="branch_branch", customer_id="S1", category="fresh")
    chain.world.run("staged.store_terms", day_from="05-01")
    chain.world.given(
        "staged.products",
        [
            {"known_on": "05-01", "sku": "milk", "category": "fresh"},
            {"known_on": "05-01", "sku": "soap", "category": "home"},
        ],
    )
    for order_no, skus in (("O1", ["milk"]), ("O2", ["soap"]), ("O3", ["milk", "soap"])):
        chain.order(order_no, 100)
        chain.world.given(
            "received.orders",
            [
                {
                    "known_on": "05-01",
                    "chain_id": "C",
                    "store_code": "S1",
                    "order_no": order_no,
                    "order_date": "05-01",
                    "sku": sku,
                    "amount": 50,
                }
                for sku in skus
            ],
        )
    world = chain.close(needed=SETTLEMENTS)
    assert [settlement(world, f"O{number}")["agreement_id"] for number in (1, 2, 3)] == [
        "A2",
        "A1",
        "A1",
    ]


def rivals(first: dict[str, object], second: dict[str, object], **paper: object) -> dict:
    """The settlement of an order under two agreements that are equally specific."""
    chain = Chain(**first)
    chain.agreement(**{"agreement_id": "A2", **second})
    chain.world.run("staged.store_terms", day_from="05-01")
    chain.receipt("R1", 100, order_no="O1")
    world = chain.order("O1", 100, **paper).close()
    (owed,) = world.rows("select due_on from settled.receivables")
    return {**settlement(world, "O1"), **owed}


def test_between_two_equally_specific_agreements_nothing_is_guessed() -> None:
    found = rivals({"pattern": "branch_head"}, {"pattern": "branch_branch", "term_days": 60})
    assert found["conflict"] == "equally specific agreements: A1, A2"
    assert (found["agreement_id"], found["is_inferred"], found["due_on"]) == (None, True, None)


def test_of_two_equally_specific_agreements_what_both_say_holds() -> None:
    found = rivals({"pattern": "branch_head"}, {"pattern": "branch_head", "term_days": 60})
    assert (found["pattern"], found["is_inferred"]) == ("branch_head", False)
    assert (found["agreement_id"], found["due_on"]) == (None, None)
    assert found["conflict"] == "equally specific agreements: A1, A2"


def test_two_agreements_that_say_the_same_settle_and_are_named_all_the_same() -> None:
    found = rivals({"pattern": "branch_head"}, {"pattern": "branch_head"})
    assert (found["agreement_id"], found["due_on"]) == ("A1", day("06-02"))
    assert found["conflict"] == "equally specific agreements: A1, A2"


def test_goods_of_several_categories_follow_the_general_terms_and_say_so() -> None:
    chain = Chain("branch_head")
    chain.agreement(agreement_id="A2", pattern="branch_branch", category="fresh")
    chain.world.run("staged.store_terms", day_from="05-01")
    chain.world.given(
        "staged.products",
        [
            {"known_on": "05-01", "sku": "milk", "category": "fresh"},
            {"known_on": "05-09", "sku": "soap", "category": "home"},
        ],
    )
    chain.order("O1", 100)
    chain.lines("orders", "O1", [{"sku": "milk", "amount": 60}, {"sku": "soap", "amount": 40}],
                on="05-01")  # fmt: skip
    world = chain.close(needed=SETTLEMENTS)
    # before the second article is known, the order is one of fresh goods
    before, after = settlement(world, "O1", "05-08"), settlement(world, "O1", "05-09")
    assert (before["agreement_id"], before["conflict"]) == ("A2", None)
    assert after["agreement_id"] == "A1"
    assert after["conflict"] == (
        "goods of several categories (fresh 60.00, home 40.00) follow the terms without category"
    )


def test_without_an_agreement_the_pattern_is_inferred_and_says_so() -> None:
    chain = Chain("branch_branch", valid_from="2026-06-01")
    found = settlement(chain.order("O1", 100).close(needed=SETTLEMENTS), "O1")
    assert (found["pattern"], found["is_inferred"], found["debtor_id"]) == (
        "branch_head",
        True,
        "HO",
    )


def test_an_agreement_that_comes_late_settles_the_order_anew() -> None:
    chain = Chain("branch_branch").receipt("R1", 100, order_no="O1").order("O1", 100)
    chain.agreement(agreement_id="A2", pattern="branch_head", customer_id="S1", known_on="06-01")
    chain.world.run("staged.store_terms", day_from="06-01")
    world = chain.close()
    owed = world.rows(
        "select as_of, debtor_id, store_id, balance from settled.open_items "
        "where as_of in (date '2026-05-31', date '2026-06-01') order by as_of, debtor_id"
    )
    assert [(row["debtor_id"], row["store_id"], row["balance"]) for row in owed] == [
        ("S1", "S1", 100),
        ("HO", "S1", 100),
    ]


def test_a_paper_after_a_change_of_terms_settles_nothing_anew() -> None:
    chain = Chain("branch_branch").receipt("R1", 100, order_no="O1")
    chain.agreement(agreement_id="A2", pattern="branch_head", customer_id="S1", known_on="06-01")
    chain.world.run("staged.store_terms", day_from="06-01")
    chain.order("O1", 100, on="06-10").close(until="06-05")
    world = chain.close(day_from="06-06")
    assert world.rows("select known_on from settled.settlements order by known_on") == [
        {"known_on": day("05-03")},
        {"known_on": day("06-01")},
    ]


def test_an_order_that_only_a_receipt_names_is_settled_too() -> None:
    world = Chain("branch_head").receipt("R1", 100, order_no="O9").close(needed=SETTLEMENTS)
    assert parties(world, "O9") == ("S1", "S1", "HO")


def test_a_store_that_changes_its_chain_keeps_its_history() -> None:
    chain = Chain("branch_head").receipt("R1", 100, order_no="O1")
    move = {
        "known_on": "05-20",
        "customer_id": "S1",
        "chain_id": "N",
        "customer_name": "Shop S1",
        "level": "branch",
        "head_office_id": "NHO",
        "channel": "chain",
    }
    chain.world.given("staged.customers", [move])
    # the old chain's terms are written again later, and its late papers come after the move
    chain.agreement(agreement_id="A9", customer_id="S2", pattern="branch_branch", known_on="05-25")
    for known_on in ("05-20", "05-25"):
        chain.world.run("staged.store_terms", day_from=known_on)
    chain.receipt("R2", 50, on="05-18", known_on="05-22", order_no="O2")
    chain.receipt("R3", 50, on="05-28", chain_id="N", order_no="N1")
    chain.payment("P1", 1, "", on="05-15", payer_id="S1")
    chain.payment("P2", 1, "", on="06-10", payer_id="S1", chain_id="N")
    world = chain.close()
    assert parties(world, "O1") == parties(world, "O2") == ("S1", "S1", "HO")
    assert parties(world, "N1") == ("S1", "S1", "NHO")
    owed = world.rows(
        "select distinct chain_id, debtor_id from settled.open_items "
        "where as_of = date '2026-06-30' order by chain_id"
    )
    assert [tuple(row.values()) for row in owed] == [("C", "HO"), ("N", "NHO")]
    world.run("settled.payers", day_from="05-01", until="06-30")
    paid = world.rows("select debtor_id from settled.payers order by transaction_no")
    assert [row["debtor_id"] for row in paid] == ["HO", "NHO"]


def test_a_store_that_closes_keeps_its_history() -> None:
    chain = Chain("branch_head").receipt("R1", 100, order_no="O1")
    (shop,) = chain.world.rows("from staged.customers where customer_id = 'S1'")
    chain.world.given(
        "staged.customers", [{**shop, "known_on": "05-20", "closed_on": day("05-19")}]
    )
    chain.world.run("staged.store_terms", day_from="05-20")
    world = chain.close(needed=SETTLEMENTS)
    assert parties(world, "O1") == ("S1", "S1", "HO")
    assert len(world.rows("from settled.settlements")) == 1
