"""Payments for what another debtor owes, and money that goes to the oldest item by agreement."""

import pytest

from tests.papers import Chain, open_items, unapplied
from tests.settled.test_cash import answers, asked, cleared, receipt

STRANGER = {"payer_id": "S2", "payer_name": "Shop S2"}


def paid(world):
    """(debtor, rule, amount) of what was applied."""
    rows = world.rows("select debtor_id, rule, amount from settled.cash_applications order by all")
    return [(row["debtor_id"], row["rule"], float(row["amount"])) for row in rows]


@pytest.mark.parametrize(
    ("policy", "goes_to", "rest"),
    [("oldest_first", {"OLD": 100, "NEW": 50.55}, 0), ("evidence_only", {}, 150.55)],
)
def test_the_oldest_item_comes_first_only_where_the_agreement_says_so(policy, goes_to, rest):
    chain = Chain("branch_head", cash_policy=policy)
    chain.receipt("OLD", 100, on="05-03").receipt("NEW", 200, on="05-20")
    world = chain.payment("T", 150.55, "货款", on="06-01").close()
    assert cleared(world).get("T", {}) == goes_to
    assert float(unapplied(world, "06-30")) == rest


def test_a_payment_for_a_sister_is_told_by_the_net_of_her_statement():
    chain = Chain("branch_branch").receipt("R", 77.77, on="05-03").receipt("Q", 12, store_id="S2")
    chain.statement("DZ1", [receipt("R", 77.77)], party="S1", on="05-20")
    world = chain.payment("T", 77.77, "货款", on="06-01", **STRANGER).close()
    assert answers(world) == [("06-01", "T", "applied", "sister_statement")]
    assert paid(world) == [("S1", "sister_statement", 77.77)]
    assert open_items(world, "06-30") == [("uninvoiced", "Q", 12)]


def test_an_advice_may_name_what_another_debtor_owes_and_the_payer_s_own_items_stay_open():
    chain = Chain("branch_branch").receipt("R", 300, on="05-03")
    chain.receipt("Q", 300, store_id="S2", on="05-04")
    chain.application("A1", "R", 300, "V1").invoice("V1", 300)
    line = {"chain_id": "C", "advice_no": "AD2026", "line_no": 1, "invoice_no": "V1"}
    chain.world.given("staged.remittance_advices", [{"known_on": "06-01", "amount": 300, **line}])
    world = chain.payment("T", 300, "AD2026", on="06-01", **STRANGER).close()
    assert paid(world) == [("S1", "advice", 300)]
    assert open_items(world, "06-30") == [("uninvoiced", "Q", 300)]
    assert asked(world, "06-30") == []
