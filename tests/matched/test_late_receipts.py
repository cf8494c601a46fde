"""A payment of a statement applies to a receipt whose number is understood only later."""

import pytest

from tests.papers import Chain, unapplied
from tests.support import World

IN_PORTIONS = pytest.mark.parametrize(
    "portions",
    [[("05-01", "06-30")], [("05-01", "06-12"), ("06-13", "06-15"), ("06-16", "06-30")]],
    ids=["at once", "in portions"],
)


def closed(chain: Chain, portions: list[tuple[str, str]]) -> World:
    for first, last in portions:
        chain.close(first, last)
    audit = "matched/no_payment_clears_more_than_it_brings"
    assert chain.world.audit(audit, "05-01", "06-30") == []
    return chain.world


def cleared(world: World) -> dict[str, tuple[object, str]]:
    rows = world.rows(
        "select unit_no, sum(amount) as amount, strftime(max(known_on), '%m-%d') as day "
        "from matched.clearings group by unit_no"
    )
    return {row["unit_no"]: (row["amount"], row["day"]) for row in rows}


@IN_PORTIONS
def test_a_number_of_a_statement_that_is_understood_later(portions: list[tuple[str, str]]) -> None:
    chain = Chain().receipt("R2", 50)
    lines = [
        {"receipt_no": no, "amount": amount} for no, amount in (("r-1", 100), ("R2", 50), ("R7", 9))
    ]
    chain.statement("ST1", lines).payment("T1", 159, "ST1")
    chain.receipt("R1", 100, on="05-20", known_on="06-15")
    world = closed(chain, portions)
    assert unapplied(world, "06-14") == 109
    assert cleared(world) == {"R2": (50, "06-10"), "R1": (100, "06-15")}
    assert unapplied(world, "06-15") == 9


@IN_PORTIONS
def test_a_return_that_is_understood_later_stays_what_was_taken_for_it(
    portions: list[tuple[str, str]],
) -> None:
    chain = Chain().receipt("R2", 50)
    lines = [
        {"receipt_no": "r-1", "amount": -10, "line_kind": "return"},
        {"receipt_no": "R2", "amount": 50},
    ]
    chain.statement("ST1", lines).payment("T1", 40, "ST1")
    chain.receipt("R1", -10, on="05-20", known_on="06-15")
    world = closed(chain, portions)
    assert cleared(world) == {"R2": (50, "06-10"), "ST1#r-1": (-10, "06-10")}
