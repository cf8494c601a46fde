"""Whom the papers name: evidence of the pattern beside, against and without an agreement."""

import pytest

from tests.papers import Chain
from tests.settled.settled_orders import SETTLEMENTS, settlement
from tests.support import day


def evidenced(chain: Chain, buyer: str, party: str, payer: str) -> Chain:
    """Order O1 of 100 for S1 with all its papers, naming whom they name."""
    chain.order("O1", 100).delivery("D1", 100, order_no="O1").receipt("R1", 100, order_no="O1")
    chain.application("AP1", "R1", 100, "V1").invoice("V1", 100, buyer_id=buyer)
    chain.statement("ST1", [{"receipt_no": "R1", "amount": 100}], party=party)
    chain.world.connection.execute(f"update staged.statements set party_id = '{party}'")
    return chain.payment("T1", 100, "ST1", payer_id=payer)


def test_papers_that_agree_with_the_agreement_are_no_conflict() -> None:
    world = evidenced(Chain("branch_head"), "HO", "HO", "HO").close()
    assert settlement(world, "O1")["conflict"] is None
    assert world.rows("select count(*) as rows from settled.settlements") == [{"rows": 2}]
    spoken = world.rows(
        "select known_on, ship_to_id, issuer_id, buyer_id, party_id, payer_id, "
        "ship_to_place, issuer_place, buyer_place, party_place, payer_place, invoiced, paid "
        "from matched.pattern_evidence order by known_on"
    )
    assert [
        (row["known_on"], {name: value for name, value in row.items() if value}) for row in spoken
    ] == [
        (row["known_on"], row)
        for row in (
            {"known_on": day("05-02"), "ship_to_id": "S1", "ship_to_place": "branch"},
            {"known_on": day("05-03"), "issuer_id": "S1", "issuer_place": "branch"},
            {
                "known_on": day("05-10"),
                "buyer_id": "HO",
                "buyer_place": "head",
                "invoiced": 100,
            },
            {"known_on": day("06-01"), "party_id": "HO", "party_place": "head"},
            {"known_on": day("06-10"), "payer_id": "HO", "payer_place": "head", "paid": 100},
        )
    ]


def test_papers_that_contradict_the_agreement_are_told_with_both_sides_and_the_money() -> None:
    world = evidenced(Chain("branch_head"), "S1", "S2", "S1").close(needed=SETTLEMENTS)
    told = [
        (row["known_on"], row["debtor_id"], row["conflict"])
        for row in world.rows(
            "select known_on, debtor_id, conflict from settled.settlements order by known_on"
        )
    ]
    says = "agreement A1 says branch_head, HO owes; but "
    invoice = "invoice V1 over 100.00 is made out to S1"
    statement = "statement ST1 over 100.00 is that of S2"
    assert told[2:] == [
        (day("05-10"), "HO", says + invoice),
        (day("06-01"), "HO", says + invoice + ", " + statement),
        (
            day("06-10"),
            "HO",
            says + invoice + ", " + statement + ", payment T1 over 100.00 comes from S1",
        ),
    ]


def test_a_branch_that_pays_for_its_sister_is_no_conflict() -> None:
    world = evidenced(Chain("branch_branch"), "S1", "S1", "S2").close(needed=SETTLEMENTS)
    assert settlement(world, "O1")["conflict"] is None


def test_goods_to_the_head_office_contradict_a_pattern_of_branches() -> None:
    chain = Chain("branch_head").order("O1", 100, store_id="HO")
    world = chain.delivery("D1", 100, order_no="O1", store_id="HO").close(needed=SETTLEMENTS)
    assert settlement(world, "O1")["conflict"] == (
        "agreement A1 says branch_head, HO owes; but delivery note D1 goes to HO"
    )


UNAGREED = [
    # buyer, party, payer, then pattern, debtor and what contradicts
    ("HO", "HO", "HO", "branch_head", "HO", None),
    ("S1", "S1", "S1", "branch_branch", "S1", None),
    ("S1", "S1", "HO", "branch_branch", "S1", "payment T1 over 100.00 comes from HO"),
    ("S1", "HO", "HO", "branch_head", "HO", "invoice V1 over 100.00 is made out to S1"),
]


@pytest.mark.parametrize(("buyer", "party", "payer", "pattern", "debtor", "doubt"), UNAGREED)
def test_without_agreement_most_papers_decide(buyer, party, payer, pattern, debtor, doubt) -> None:
    chain = Chain("branch_branch", valid_from="2026-12-01")
    world = evidenced(chain, buyer, party, payer).close(needed=SETTLEMENTS)
    found = settlement(world, "O1")
    assert (found["pattern"], found["debtor_id"], found["is_inferred"]) == (pattern, debtor, True)
    assert found["conflict"] == (
        f"inferred {pattern}, {debtor} owes; but {doubt}" if doubt else None
    )


@pytest.mark.parametrize("party", ["HO", "S1"])
def test_what_is_inferred_names_the_papers_that_agree_whatever_comes_later(party) -> None:
    chain = Chain("branch_branch", valid_from="2026-12-01").order("O1", 100)
    chain.receipt("R1", 100, order_no="O1").application("AP1", "R1", 100, "V1")
    chain.invoice("V1", 100, buyer_id="HO", on="05-10")
    chain.delivery("D1", 100, order_no="O1", on="05-20")
    chain.statement("ST1", [{"receipt_no": "R1", "amount": 100}], party=party)
    chain.world.connection.execute(f"update staged.statements set party_id = '{party}'")
    [told] = chain.close(needed=SETTLEMENTS).rows(
        "select evidence from settled.settlements where known_on = date '2026-05-20'"
    )
    assert told["evidence"].endswith(", and from invoice V1")


def test_what_papers_say_moves_the_receivable_of_an_order_without_agreement() -> None:
    chain = Chain("branch_branch", valid_from="2026-12-01")
    world = evidenced(chain, "S1", "S1", "S1").close()
    owed = world.rows(
        "select as_of, debtor_id, balance from settled.open_items "
        "where as_of in (date '2026-05-09', date '2026-05-10') order by as_of"
    )
    assert [(row["debtor_id"], row["balance"]) for row in owed] == [("HO", 100), ("S1", 100)]


def test_the_report_by_chain_holds_behaviour_against_agreement() -> None:
    chain = evidenced(Chain("branch_head"), "S1", "HO", "HO")
    chain.order("O2", 50, store_id="S2").receipt("R2", 50, order_no="O2", store_id="S2")
    chain.application("AP2", "R2", 50, "V2").invoice("V2", 50, buyer_id="HO")
    world = chain.close()
    # the report of May stands when June is closed
    for day_from, until in (("05-01", "05-31"), ("06-01", "06-30")):
        world.run("settled.pattern_behaviour", day_from=day_from, until=until)
    found = world.rows(
        "select paper, evidence_pattern, cast(sum(orders) as integer) as orders, "
        "sum(amount) as amount from settled.pattern_behaviour where pattern = 'branch_head' "
        "group by all having sum(orders) <> 0 order by all"
    )
    assert [tuple(row.values()) for row in found] == [
        ("bank_receipt", "branch_head", 1, 100),
        ("delivery", "branch_head", 1, 100),
        ("goods_receipt", "branch_head", 2, 150),
        ("invoice", "branch_branch", 1, 100),
        ("invoice", "branch_head", 1, 50),
        ("statement", "branch_head", 1, 100),
    ]
