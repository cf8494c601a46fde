"""Terms that change while goods are open: what is owed, and until when."""

from tests.papers import Chain, open_items
from tests.support import World, day


def goods(**terms: object) -> Chain:
    """A chain on terms of its own, R1 over 100.00 received on 3 May."""
    return Chain("branch_head", **terms).receipt("R1", 100)


def changed(chain: Chain, known_on: str = "05-20", **terms: object) -> World:
    """The chain closed, with an agreement for the store that becomes known on a day."""
    chain.agreement(agreement_id="A2", customer_id="S1", pattern="branch_head", known_on=known_on,
                    **terms)  # fmt: skip
    chain.world.run("staged.store_terms", day_from=known_on)
    world = chain.close()
    for audit in ("open_items_equal_the_ledger", "every_entry_names_debtor_and_store"):
        assert world.audit(f"settled/{audit}", "05-01", "06-30") == []
    return world


def test_goods_that_come_to_stand_on_consignment_owe_nothing_until_they_are_sold() -> None:
    chain = goods().statement("ST1", [{"receipt_no": "R1", "amount": 40}])
    world = changed(chain, term_kind="consignment", term_days=15)
    assert open_items(world, "05-19") == [("uninvoiced", "R1", 100)]
    assert open_items(world, "05-20") == []
    assert open_items(world, "06-01") == [("uninvoiced", "R1", 40)]
    entries = world.rows(
        "select entry_kind, effective_on, amount, evidence from settled.ledger order by known_on"
    )
    assert [tuple(entry.values()) for entry in entries] == [
        ("charge", day("05-03"), 100, "goods accepted"),
        ("correction", day("05-20"), -100, "the goods stand on consignment from this day"),
        ("charge", day("05-31"), 40, "goods reported as sold"),
    ]


def test_a_hand_over_and_other_terms_on_one_day_are_one_new_due_date() -> None:
    chain = goods(term_kind="receipt", term_days=10)
    chain.application("AP1", "R1", 100, "V1").invoice("V1", 100).handover("V1", "05-20")
    world = changed(chain, term_kind="receipt", term_days=60)
    (item,) = world.rows("select due_on from settled.open_items where as_of = date '2026-05-20'")
    assert item == {"due_on": day("07-02")}
    (entry,) = world.rows(
        "select due_on from settled.ledger where entry_kind = 'due' and item_kind = 'invoice'"
    )
    assert entry == {"due_on": day("07-02")}


def dues(world: World, *days: str) -> list[object]:
    """The due dates of the open invoice on some days."""
    return [
        world.rows(
            "select due_on from settled.open_items "
            f"where item_kind = 'invoice' and as_of = date '2026-{at}'"
        )[0]["due_on"]
        for at in days
    ]


def test_the_clock_of_an_invoice_not_handed_over_stops_when_terms_come_to_run_from_there() -> None:
    chain = goods(term_kind="receipt", term_days=10)
    chain.application("AP1", "R1", 100, "V1").invoice("V1", 100).handover("V1", "06-15")
    world = changed(chain, term_kind="invoice", term_days=30)
    assert dues(world, "05-19", "05-20", "06-14", "06-15") == [
        day("05-13"), None, None, day("07-15"),
    ]  # fmt: skip


def test_longer_terms_from_the_hand_over_date_an_invoice_anew() -> None:
    chain = goods(term_kind="invoice", term_days=10)
    chain.application("AP1", "R1", 100, "V1").invoice("V1", 100).handover("V1", "05-15")
    world = changed(chain, term_kind="invoice", term_days=30)
    assert dues(world, "05-19", "05-20") == [day("05-25"), day("06-14")]
