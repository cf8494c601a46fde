"""Who owes: the three patterns, the most specific agreement, and what happens without one."""

from tests.papers import Chain
from tests.support import day


def settlement(world, order_no: str, as_of: str = "06-30") -> dict[str, object]:
    rows = world.rows(
        "select pattern, ship_to_id, order_account_id, debtor_id, agreement_id, is_inferred, "
        f"conflict from settled.settlements where order_no = '{order_no}' "
        f"and known_on <= date '2026-{as_of}' order by known_on desc limit 1"
    )
    return rows[0]


def parties(world, order_no: str = "O1", as_of: str = "06-30") -> tuple[object, ...]:
    found = settlement(world, order_no, as_of)
    return tuple(found[name] for name in ("ship_to_id", "order_account_id", "debtor_id"))


def test_branch_branch_the_branch_orders_and_owes() -> None:
    world = Chain("branch_branch").order("O1", 100).delivery("D1", 100, order_no="O1").close()
    assert parties(world) == ("S1", "S1", "S1")


def test_branch_head_the_branch_orders_and_the_head_office_owes() -> None:
    world = Chain("branch_head").order("O1", 100).delivery("D1", 100, order_no="O1").close()
    assert parties(world) == ("S1", "S1", "HO")


def test_head_head_the_head_office_orders_and_owes() -> None:
    world = Chain("head_head").order("O1", 100).delivery("D1", 100, order_no="O1").close()
    assert parties(world) == ("S1", "HO", "HO")


def test_a_named_debtor_owes_whatever_the_pattern() -> None:
    world = Chain("branch_branch", debtor_id="S2").order("O1", 100).close()
    assert parties(world)[2] == "S2"


def test_a_chain_that_switches_keeps_old_orders_on_the_old_pattern() -> None:
    chain = Chain("branch_branch", valid_to="2026-05-31")
    chain.agreement(agreement_id="A2", pattern="branch_head", valid_from="2026-06-01")
    chain.world.run("staged.store_terms", day_from="05-01")
    chain.order("O1", 100).delivery("D1", 100, on="05-31", order_no="O1")
    chain.order("O2", 100, on="05-30").delivery("D2", 100, on="06-01", order_no="O2")
    world = chain.close()
    assert parties(world, "O1") == ("S1", "S1", "S1")
    assert parties(world, "O2") == ("S1", "S1", "HO")


def test_before_the_delivery_the_order_date_stands_in() -> None:
    chain = Chain("branch_branch", valid_to="2026-05-31")
    chain.agreement(agreement_id="A2", pattern="branch_head", valid_from="2026-06-01")
    chain.world.run("staged.store_terms", day_from="05-01")
    chain.order("O1", 100, on="05-30").delivery("D1", 100, on="06-01", order_no="O1")
    world = chain.close()
    assert settlement(world, "O1", as_of="05-31")["pattern"] == "branch_branch"
    assert settlement(world, "O1", as_of="06-01")["pattern"] == "branch_head"


def test_the_store_s_own_agreement_comes_before_the_chain_s() -> None:
    chain = Chain("branch_head")
    chain.agreement(agreement_id="A2", pattern="branch_branch", customer_id="S1")
    chain.world.run("staged.store_terms", day_from="05-01")
    world = chain.order("O1", 100).order("O2", 100, store_id="S2").close()
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
    world = chain.close()
    assert [settlement(world, f"O{number}")["agreement_id"] for number in (1, 2, 3)] == [
        "A2",
        "A1",
        "A1",
    ]


def test_two_equally_specific_agreements_are_a_conflict_that_names_both() -> None:
    chain = Chain("branch_head")
    chain.agreement(agreement_id="A2", pattern="branch_branch")
    chain.world.run("staged.store_terms", day_from="05-01")
    found = settlement(chain.order("O1", 100).close(), "O1")
    assert found["agreement_id"] == "A1"
    assert found["conflict"] == "equally specific agreements: A1, A2"


def test_without_an_agreement_the_pattern_is_inferred_and_says_so() -> None:
    chain = Chain("branch_branch", valid_from="2026-06-01")
    found = settlement(chain.order("O1", 100).close(), "O1")
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
    world = Chain("branch_head").receipt("R1", 100, order_no="O9").close()
    assert parties(world, "O9") == ("S1", "S1", "HO")
