"""Every audit of links and clearings passes on a sound world and fails on a planted fault."""

import pytest

from tests.papers import Chain
from tests.support import World

FAULTS = {
    "no_paper_is_explained_beyond_its_amount": (
        "update matched.invoiced_goods set amount = amount + 0.01"
    ),
    "no_payment_clears_more_than_it_brings": "update matched.clearings set amount = amount + 100",
    "links_are_unique": "insert into matched.links from matched.links",
}


@pytest.fixture(scope="module")
def closed() -> World:
    chain = Chain(apart=True).order("O1", 100).delivery("D1", 100, order_no="O1")
    chain.receipt("R1", 100, order_no="O1", delivery_no="D1")
    chain.application("AP1", "R1", 100, "V1").invoice("V1", 100)
    return chain.payment("T1", 50, "V1", on="06-10").close()


@pytest.mark.parametrize("audit", FAULTS)
def test_the_audit_tells_a_sound_world_from_a_faulty_one(closed: World, audit: str) -> None:
    name = f"matched/{audit}"
    assert closed.audit(name, "05-01", "06-30") == []
    with closed.rolled_back():
        closed.connection.execute(FAULTS[audit])
        assert closed.audit(name, "05-01", "06-30") != []


def test_a_link_undone_that_was_never_made_is_found(closed: World) -> None:
    with closed.rolled_back():
        closed.connection.execute(
            "insert into matched.links by name select * replace ('X' as to_no, "
            "date '2026-06-01' as known_on, date '2026-06-01' as undone_on) "
            "from matched.links limit 1"
        )
        assert closed.audit("matched/links_are_unique", "05-01", "06-30") != []
