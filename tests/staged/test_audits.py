"""Every staged audit passes on sound tables and fails on the fault planted for it."""

import pytest

from tests.papers import Chain
from tests.support import World

FAULTS = {
    "money_staged_equals_money_received": "update staged.orders set amount = amount + 0.01",
    "one_version_of_a_paper_per_day": "insert into staged.orders from staged.orders",
    "terms_cover_every_date_once": "update staged.store_terms set valid_to = date '2026-01-01'",
}


@pytest.fixture(scope="module")
def staged() -> World:
    chain = Chain(apart=True)
    chain.lines("orders", "O1", [{"amount": 60}, {"amount": 40}], on="05-01")
    return chain.world.run("staged.orders", day_from="05-01")


def test_the_lines_of_a_paper_are_one_paper(staged: World) -> None:
    rows = staged.rows("select order_no, store_id, amount, line_count from staged.orders")
    assert rows == [{"order_no": "O1", "store_id": "S1", "amount": 100, "line_count": 2}]


@pytest.mark.parametrize("audit", FAULTS)
def test_the_audit_tells_sound_tables_from_faulty_ones(staged: World, audit: str) -> None:
    name = f"staged/{audit}"
    assert staged.audit(name, "05-01") == []
    with staged.rolled_back():
        staged.connection.execute(FAULTS[audit])
        assert staged.audit(name, "05-01") != []
