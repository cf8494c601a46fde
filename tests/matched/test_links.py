"""Exact numbers link papers; a link is known when the later paper is, and undone as a fact."""

from typing import Any

import pytest

from tests.papers import Chain
from tests.support import World

LINKS = ("matched.links",)

IN_PORTIONS = pytest.mark.parametrize(
    "portions", [[("05-01", "06-30")], [("05-01", "05-14"), ("05-15", "06-30")]]
)


def links(world) -> list[tuple[object, ...]]:
    rows = world.rows(
        "select from_kind, from_no, to_kind, to_no, amount, strftime(known_on, '%m-%d') as day, "
        "undone_on is not null as is_undone from matched.links "
        "order by known_on, rule, undone_on nulls last, to_no"
    )
    return [tuple(row.values()) for row in rows]


def test_the_application_row_links_all_four_papers_and_keeps_leading_zeros() -> None:
    """Case A15."""
    chain = Chain().order("00001", 80000).delivery("20001", 80000, order_no="00001")
    chain.receipt("30001", 80000, order_no="00001", delivery_no="20001")
    chain.application("AP1", "30001", 80000, "8001", order_no="00001", delivery_no="20001").invoice(
        "8001", 80000
    )
    assert links(chain.close(needed=LINKS)) == [
        ("order", "00001", "delivery", "20001", 80000, "05-02", False),
        ("delivery", "20001", "goods_receipt", "30001", 80000, "05-03", False),
        ("order", "00001", "goods_receipt", "30001", 80000, "05-03", False),
        ("goods_receipt", "30001", "invoice", "8001", 80000, "05-10", False),
    ]


def inferred(world) -> list[tuple[object, ...]]:
    rows = world.rows(
        "select from_no, to_kind, to_no, rule, strftime(known_on, '%m-%d') as day, "
        "undone_on is not null as is_undone from matched.links where is_inferred "
        "order by known_on, rule, undone_on nulls last, to_no"
    )
    return [tuple(row.values()) for row in rows]


def test_a_number_that_is_spelled_otherwise_links_with_the_rule_that_read_it() -> None:
    chain = Chain().order("00001", 10).delivery("D1", 10, order_no="1")
    chain.receipt("R-1", 10, order_no="00001", delivery_no="d1")
    chain.application("A1", "r1", 10, "V1").invoice("V1", 10)
    chain.statement("ST", [{"receipt_no": "R 1", "amount": 10}])
    world = chain.close(needed=LINKS)
    assert inferred(world) == [
        ("00001", "delivery", "D1", "normalised", "05-02", False),
        ("D1", "goods_receipt", "R-1", "normalised", "05-03", False),
        ("R-1", "invoice", "V1", "application", "05-10", False),
        ("R-1", "statement", "ST", "statement_names_receipt", "06-01", False),
    ]
    evidence = world.rows("select evidence from matched.links where to_kind = 'statement'")
    assert evidence[0]["evidence"].startswith("the statement lists the receipt; it names goods")


def test_an_inferred_link_is_undone_when_the_named_paper_comes() -> None:
    chain = Chain().order("00001", 10).receipt("R1", 10, order_no="1").order("1", 10, on="05-20")
    world = chain.close(needed=LINKS)
    assert inferred(world) == [
        ("00001", "goods_receipt", "R1", "normalised", "05-03", False),
        ("00001", "goods_receipt", "R1", "normalised", "05-20", True),
    ]
    assert ("order", "1", "goods_receipt", "R1", 10, "05-20", False) in links(world)


def test_a_correction_that_says_what_was_inferred_makes_the_link_exact() -> None:
    chain = Chain().order("00001", 10).delivery("D1", 10, order_no="1")
    world = chain.delivery("D1", 10, order_no="00001", known_on="05-09").close(needed=LINKS)
    rules = world.rows("select rule, undone_on from matched.links order by known_on, undone_on")
    assert [(row["rule"], row["undone_on"] is not None) for row in rules] == [
        ("normalised", False), ("normalised", True), ("delivery_names_order", False),
    ]  # fmt: skip


def test_a_link_is_known_when_the_later_paper_is() -> None:
    chain = Chain().delivery("D1", 10, order_no="O1", on="05-02").order("O1", 10, on="05-20")
    assert links(chain.close(needed=LINKS)) == [
        ("order", "O1", "delivery", "D1", 10, "05-20", False)
    ]


def test_a_later_version_that_names_another_order_undoes_the_link() -> None:
    chain = Chain().order("O1", 10).order("O2", 10)
    chain.delivery("D1", 10, order_no="O1", on="05-02")
    chain.delivery("D1", 10, order_no="O2", on="05-02", known_on="05-09")
    assert links(chain.close(needed=LINKS)) == [
        ("order", "O1", "delivery", "D1", 10, "05-02", False),
        ("order", "O1", "delivery", "D1", 10, "05-09", True),
        ("order", "O2", "delivery", "D1", 10, "05-09", False),
    ]


def test_a_later_version_with_another_amount_changes_the_link() -> None:
    chain = Chain().order("O1", 10).delivery("D1", 10, order_no="O1", on="05-02")
    chain.delivery("D1", 8, order_no="O1", on="05-02", known_on="05-09")
    assert links(chain.close(needed=LINKS)) == [
        ("order", "O1", "delivery", "D1", 10, "05-02", False),
        ("order", "O1", "delivery", "D1", 8, "05-09", False),
    ]


def test_a_reversed_invoice_undoes_its_links() -> None:
    chain = Chain().receipt("R1", 100).application("AP1", "R1", 100, "V1").invoice("V1", 100)
    chain.invoice("V2", -100, on="05-20", is_red=True, red_of_invoice_no="V1")
    found = links(chain.close(needed=LINKS))
    assert ("goods_receipt", "R1", "invoice", "V1", 0, "05-20", True) in found
    assert ("invoice", "V1", "red_invoice", "V2", -100, "05-20", False) in found


def test_two_invoices_never_explain_more_than_the_receipt() -> None:
    chain = Chain().receipt("R1", 100)
    chain.application("AP1", "R1", 60, "V1").invoice("V1", 60)
    chain.application("AP2", "R1", 60, "V2", on="05-12").invoice("V2", 60, on="05-12")
    assert links(chain.close(needed=LINKS))[-2:] == [
        ("goods_receipt", "R1", "invoice", "V1", 60, "05-10", False),
        ("goods_receipt", "R1", "invoice", "V2", 40, "05-12", False),
    ]


def test_the_same_number_in_another_chain_is_another_paper() -> None:
    chain = Chain().order("O1", 10, chain_id="X").delivery("D1", 10, order_no="O1")
    assert links(chain.close(needed=LINKS)) == []


def replaced_application() -> Chain:
    """An invoice of 100 for two receipts whose application comes again with its rows unchanged."""
    chain = Chain().receipt("R1", 60).receipt("R2", 40).invoice("V1", 100)
    for on, order_no in (("05-10", None), ("05-15", "O1")):
        chain.application("AP1", "R1", 60, "V1", on=on, order_no=order_no)
        chain.application("AP1", "R2", 40, "V1", on=on, order_no=order_no, row_no=2)
    return chain


def explained(world: World, on: str) -> dict[str, Any]:
    rows = world.rows(
        "select receipt_no, max_by(amount, known_on) as amount from matched.invoiced_goods "
        f"where known_on <= date '2026-{on}' group by receipt_no having amount <> 0"
    )
    return {row["receipt_no"]: row["amount"] for row in rows}


@IN_PORTIONS
def test_an_application_sent_again_explains_no_less(portions: list[tuple[str, str]]) -> None:
    chain = replaced_application()
    for first, last in portions:
        chain.close(first, last)
    assert explained(chain.world, "05-14") == {"R1": 60, "R2": 40}
    assert explained(chain.world, "05-15") == {"R1": 60, "R2": 40}


@IN_PORTIONS
def test_what_an_application_gives_back_goes_to_the_next_receipt(
    portions: list[tuple[str, str]],
) -> None:
    chain = Chain().receipt("R1", 80).receipt("R2", 40).invoice("V1", 100)
    chain.application("AP1", "R1", 80, "V1", on="05-10")
    chain.application("AP2", "R2", 40, "V1", on="05-10")
    chain.application("AP1", "R1", 50, "V1", on="05-15")
    for first, last in portions:
        chain.close(first, last)
    assert explained(chain.world, "05-14") == {"R1": 80, "R2": 20}
    assert sum(explained(chain.world, "05-15").values()) == 90
    assert explained(chain.world, "05-15") == {"R1": 50, "R2": 40}
