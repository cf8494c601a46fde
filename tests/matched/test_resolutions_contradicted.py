"""A number that a paper bears, but not the one meant: of another store and amount, or outvoted."""

from tests.matched.test_match_decisions import decide
from tests.matched.test_resolutions import answers
from tests.papers import Chain
from tests.support import World, upstream

TABLES = upstream("matched.suspected_matches", "matched.links", stages=("matched",))


def closed(chain: Chain, day_from: str = "05-01", until: str = "05-31") -> World:
    return chain.world.run(*TABLES, day_from=day_from, until=until)


def linked(world: World) -> set[tuple[str, str]]:
    rows = world.rows(
        "select from_no, to_no, undone_on from matched.links "
        "qualify row_number() over ("
        "partition by from_no, to_no order by known_on desc, undone_on nulls last) = 1"
    )
    return {(row["from_no"], row["to_no"]) for row in rows if row["undone_on"] is None}


def proposed(world: World, as_of: str = "05-31") -> dict[tuple[str, str], str]:
    rows = world.rows(
        "select from_no, to_no, rule, evidence from matched.suspected_matches "
        f"where as_of = date '2026-{as_of}'"
    )
    return {(row["from_no"], row["to_no"]): f"{row['rule']}: {row['evidence']}" for row in rows}


def test_the_number_of_a_paper_of_another_store_and_amount_is_only_proposed() -> None:
    chain = Chain()
    for number in range(1, 8):
        chain.order(f"O{number}", 100)
    chain.order("O8", 100, store_id="HO")
    chain.delivery("D1", 55, order_no="O1", store_id="S2")
    chain.delivery("D2", 100.3, order_no="O2", store_id="S2")  # nearly the amount
    chain.delivery("D3", 55, order_no="O3")  # the same store
    chain.delivery("D4", 55, order_no="O4", store_id="HO")  # the head office takes in for others
    chain.delivery("D5", 55, order_no="O5", store_id="unknown:C/5")
    chain.delivery("D6", 55, order_no="O6", store_id=None)
    chain.delivery("D8", 55, order_no="O8", store_id="S2")
    chain.receipt("T1", -5, order_no="O7", store_id="S2")  # a return has its own amount
    world = closed(chain)
    assert linked(world) == {
        ("O2", "D2"), ("O3", "D3"), ("O4", "D4"), ("O5", "D5"), ("O6", "D6"), ("O8", "D8"),
        ("O7", "T1"),
    }  # fmt: skip
    assert answers(world) == [("D1", None, "contradicted", "05-02")]
    assert proposed(world) == {
        ("O1", "D1"): "contradicted: it names order O1, but that paper does not look like it, "
        "another store, 1 days apart, 55.00 against 100.00"
    }
    rows = world.rows("select order_no from matched.resolved_deliveries where delivery_no = 'D1'")
    assert rows == [{"order_no": None}]


def test_stores_say_nothing_in_a_chain_that_takes_in_by_its_head_office() -> None:
    chain = Chain("head_head").order("O1", 100).delivery("D1", 55, order_no="O1", store_id="S2")
    assert linked(closed(chain)) == {("O1", "D1")}


def test_another_number_that_leads_there_too_speaks_for_it() -> None:
    chain = Chain().order("O1", 100).delivery("D1", 55, order_no="O1", store_id="S2")
    chain.receipt("R1", 55, order_no="O1", delivery_no="D1", store_id="S2", on="05-06")
    chain.application("A1", "R1", 30, "V1", order_no="O1", store_id="S1")
    world = closed(chain)
    assert answers(world) == [
        ("D1", None, "contradicted", "05-02"), ("D1", None, "contradicted", "05-06"),
    ]  # fmt: skip
    assert linked(world) == {("O1", "D1"), ("O1", "R1"), ("D1", "R1")}


def test_a_contradicted_number_is_open_to_the_other_rules() -> None:
    chain = Chain().order("PO12345670", 100).order("PO12345671", 50, store_id="S2")
    chain.delivery("D1", 50, order_no="PO12345670", store_id="S2")
    assert answers(closed(chain)) == [("D1", "PO12345671", "one_edit", "05-02")]


def test_a_paper_that_comes_later_may_contradict_and_its_correction_agree() -> None:
    chain = Chain().delivery("D1", 55, order_no="O1", store_id="S2").order("O1", 100, on="05-09")
    chain.order("O1", 100, on="05-09", known_on="05-12", store_id="S2")
    world = closed(chain)
    assert answers(world) == [
        ("D1", None, "contradicted", "05-09"), ("D1", None, "contradicted", "05-12"),
    ]  # fmt: skip
    assert linked(world) == {("O1", "D1")}
    assert (len(proposed(world, "05-11")), proposed(world, "05-12")) == (1, {})


def fourfold(order: str = "O1", note_order: str = "O1", note: str = "D1") -> Chain:
    """Two orders of one store with their delivery notes, and a receipt of 100 for the first."""
    chain = Chain().order("O1", 100).order("O2", 70)
    chain.delivery("D1", 100, order_no=note_order).delivery("D2", 70, order_no="O2")
    return chain.receipt("R1", 100, order_no=order, delivery_no=note)


def test_of_three_numbers_the_one_that_fits_no_amount_is_outvoted() -> None:
    wrong_order = closed(fourfold(order="O2"))
    assert answers(wrong_order) == [("R1", None, "outvoted", "05-03")]
    assert ("O2", "R1") not in linked(wrong_order)
    (evidence,) = proposed(wrong_order).values()
    assert evidence.startswith("outvoted: it names order O2, but other papers that lead to one")
    # the note named is outvoted, and the order that is right has one note only
    assert answers(closed(fourfold(note="D2"))) == [("R1", "D1", "application_register", "05-03")]
    # the order that the note names is outvoted, and the receipt's order is the one meant
    wrong_note = answers(closed(fourfold(note_order="O2")))
    assert wrong_note == [("D1", "O1", "application_register", "05-03")]


def test_a_note_or_an_application_that_comes_later_outvotes_too() -> None:
    chain = Chain().order("O1", 100).order("O2", 70)
    chain.receipt("R1", 100, order_no="O2").receipt("R2", 100, order_no="O2", delivery_no="D1")
    chain.application("A1", "R1", 100, "V1", order_no="O1", on="05-07")
    chain.delivery("D1", 100, order_no="O1", on="05-09")
    world = closed(chain)
    undone = world.rows(
        "select to_no, strftime(undone_on, '%m-%d') as day from matched.links "
        "where undone_on is not null order by all"
    )
    assert [tuple(row.values()) for row in undone] == [("R1", "05-07"), ("R2", "05-09")]
    assert ("O2", "R1") not in linked(world)


def test_a_number_is_outvoted_no_more_when_a_corrected_paper_agrees() -> None:
    by_order = fourfold(order="O2").order("O2", 100, on="05-09")
    world = closed(by_order)
    assert answers(world) == [
        ("R1", None, "outvoted", "05-03"), ("R1", None, "outvoted", "05-09"),
    ]  # fmt: skip
    assert ("O2", "R1") in linked(world)
    assert (len(proposed(world, "05-08")), proposed(world, "05-09")) == (1, {})
    (told,) = world.rows(
        "select evidence from matched.resolutions where known_on = date '2026-05-09'"
    )
    assert told == {"evidence": "O2 is meant: other papers speak against it no more"}
    by_note = fourfold(order="O2").delivery("D1", 100, order_no="O2", on="05-09")
    assert ("O2", "R1") in linked(closed(by_note))
    # what was meant instead is given up
    chain = fourfold(note="D2")
    chain.delivery("D2", 100, order_no="O1", on="05-09", known_on="05-09")
    assert answers(closed(chain)) == [
        ("R1", "D1", "application_register", "05-03"),
        ("R1", None, "application_register", "05-09"),
    ]  # fmt: skip


def test_only_versions_that_were_known_together_vote() -> None:
    chain = Chain().order("O1", 100).delivery("D1", 100, order_no="O1")
    chain.receipt("R1", 100, order_no="O2", delivery_no="D1")
    chain.receipt("R1", 70, order_no="O2", delivery_no="D1", known_on="05-06")
    world = closed(chain.order("O2", 70, on="05-09"))
    assert [row for row in answers(world) if row[0] == "R1" and row[2] == "outvoted"] == [
        ("R1", None, "outvoted", "05-09")
    ]
    assert ("O2", "R1") in linked(world)


def test_parts_of_an_order_are_not_outvoted() -> None:
    chain = Chain().order("O1", 100).order("O2", 70).delivery("D1", 40, order_no="O2")
    chain.receipt("R1", 40, order_no="O1", delivery_no="D1")
    assert linked(closed(chain)) == {("O2", "D1"), ("D1", "R1"), ("O1", "R1")}


def test_a_person_may_say_that_the_number_is_right() -> None:
    chain = Chain().order("O1", 100).delivery("D1", 55, order_no="O1", store_id="S2")
    rows = closed(chain).rows("select distinct suspect_id from matched.suspected_matches")
    decide(chain, rows[0]["suspect_id"], "match", "05-20")
    world = closed(chain)
    assert answers(world)[-1] == ("D1", "O1", "decision", "05-20")
    assert linked(world) == {("O1", "D1")}
    assert (len(proposed(world, "05-19")), proposed(world, "05-20")) == (1, {})
