"""Every settled audit passes on a sound world and fails on the fault planted for it."""

import pytest

from tests.papers import Chain
from tests.support import World, upstream

STAGES = ("matched", "settled")
LATER = ("settled.disputes", "settled.trial", "settled.store_balances")

FAULTS = {
    "cash_received_is_applied_or_unapplied": (
        "update settled.cash_applications set amount = amount - 0.01"
    ),
    "nothing_is_applied_beyond_its_balance": (
        "update settled.ledger set amount = amount - 60 where entry_kind = 'cash'"
    ),
    "open_items_equal_the_ledger": (
        "update settled.open_items set balance = balance + 0.01 where as_of = date '2026-06-30'"
    ),
    "debtor_view_equals_store_view": (
        "update settled.open_items set chain_id = 'other' "
        "where as_of = date '2026-05-20' and store_id = 'S2'"
    ),
    "stores_share_an_item_to_the_cent": (
        "update settled.store_balances set amount = amount + 0.01 where store_id = 'S1'"
    ),
    "ledger_of_goods_equals_their_receipt": (
        "update settled.ledger set amount = amount + 0.01 where entry_kind = 'charge'"
    ),
    "every_entry_names_debtor_and_store": (
        "update settled.ledger set store_id = null where entry_kind = 'charge'"
    ),
    "deductions_are_supported_or_disputed": (
        "update settled.deductions set supported_amount = supported_amount + 0.01"
    ),
    "trial_adds_up": (
        "update settled.trial set charged = charged + 0.01, closing = closing + 0.01"
    ),
    "write_offs_are_small_and_of_paid_items": (
        "update settled.ledger set amount = -2 where entry_kind = 'write_off'"
    ),
    "disputes_are_open_and_never_below_nothing": (
        "update settled.disputes set open_amount = open_amount - 0.01"
    ),
}


@pytest.fixture(scope="module")
def closed() -> World:
    chain = Chain("branch_head", apart=True).receipt("R1", 100).receipt("R2", 70, store_id="S2")
    chain.application("AP1", "R1", 100, "V1").invoice("V1", 100)
    chain.statement(
        "ST1",
        [
            {"receipt_no": "R1", "amount": 100},
            {"line_kind": "deduction", "fee_code": "DM", "amount": -10},
        ],
    )
    chain.agreement(agreement_id="A2", customer_id="HO", pattern="head_head")
    chain.world.run("staged.store_terms", day_from="05-01")
    chain.order("O9", 90, store_id="HO").receipt("R9", 90, store_id="HO", order_no="O9")
    chain.lines(
        "orders",
        "O9",
        [{"for_store_code": "S1", "amount": 50}, {"for_store_code": "S2", "amount": 40}],
        on="05-01",
    )
    chain.payment("T1", 50, "ST1", on="06-10")
    chain.receipt("R3", 30).statement("ST2", [{"receipt_no": "R3", "amount": 30}])
    chain.payment("T2", "29.50", "ST2", on="06-11")
    chain.world.have("staged.calendar")
    settled = upstream("settled.open_items", "settled.unapplied_cash", *LATER, stages=STAGES)
    return chain.world.run(*settled, day_from="05-01", until="06-30")


@pytest.mark.parametrize("audit", FAULTS)
def test_the_audit_tells_a_sound_world_from_a_faulty_one(closed: World, audit: str) -> None:
    name = f"settled/{audit}"
    assert closed.audit(name, "05-01", "06-30") == []
    with closed.rolled_back():
        closed.connection.execute(FAULTS[audit])
        assert closed.audit(name, "05-01", "06-30") != []


def test_a_stored_slice_that_its_facts_no_longer_give_is_found(closed: World) -> None:
    name = "settled/slices_recompute_to_what_is_stored"
    assert closed.audit(name, "06-30") == []
    with closed.rolled_back():
        closed.connection.execute(
            "update settled.open_items set balance = 1 where as_of = date '2026-06-29'"
        )
        assert closed.audit(name, "06-30") != []
