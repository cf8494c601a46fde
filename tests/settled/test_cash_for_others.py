"""Payments for what another debtor owes, and money that goes to the oldest item by agreement."""

from datetime import date

import pytest

from receivables.cash.answers import Pool, answer
from receivables.cash.items import Item, Part, Unit
from tests.papers import Chain, open_items, unapplied
from tests.settled.test_cash import answers, asked, cleared, receipt
from tests.support import POLICY

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


# nets of what is open of the chain in yuan, beside the one that is paid; what becomes of the answer
AMONG = [
    ([], "applied"),
    ([4_812.37, 5_977.15, 5_043.08, 4_555.6], "applied"),
    ([number * 1_000 for number in range(3, 9)], "lucky"),
    ([5_000 + number * 0.5 for number in range(1, 20)], "lucky"),
]


@pytest.mark.parametrize(("others", "verdict"), AMONG)
def test_a_sister_s_statement_is_only_proposed_where_one_would_have_the_amount_by_luck(
    others, verdict
):
    unit = Unit("goods_receipt", "R")
    fits = Item("statement", "DZ1", 500_000, date(2026, 5, 20), "S1", (Part(unit, 500_000),))
    pool = Pool((), (), (fits,), tuple(round(100 * net) for net in (*others, 5_000)))
    assert answer(500_000, pool, POLICY.cash).verdict == verdict


def test_all_nets_of_the_chain_tell_whether_a_sister_s_statement_fits_by_luck():
    """Every statement is round, but those that other payments name are out of the question."""
    chain = Chain("branch_branch").receipt("OWN", 12.34, store_id="S2")
    for number in range(3, 9):
        chain.receipt(f"R{number}", number * 1000, on="05-03")
        line = receipt(f"R{number}", number * 1000)
        chain.statement(f"DZ{number}", [line], party="S1", on="05-20")
    chain.payment("T1", 5000, "货款", on="06-01", **STRANGER)
    for number in (3, 4, 6, 7, 8):
        chain.payment(f"P{number}", number * 1000, f"DZ{number}", on="06-02", payer_id="S1")
    chain.receipt("NEW", 0.5, on="05-30", known_on="06-05", store_id="S2")
    world = chain.close()
    assert [each for each in answers(world) if each[1] == "T1"] == [
        ("06-01", "T1", "lucky", "sister_statement"),
        ("06-05", "T1", "applied", "sister_statement"),
    ]
    assert asked(world, "06-04")[0][2:] == (
        "statement DZ5 (S1, 2026-05-31, 5,000.00)", "Is it for these items?",
    )  # fmt: skip
    assert asked(world, "06-30") == []


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
