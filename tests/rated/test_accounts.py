"""Who is rated."""

from tests.papers import Chain, leading_to
from tests.settled.test_cash import decided
from tests.support import upstream

TABLES = [
    *leading_to("settled.open_items", "settled.unapplied_cash", "settled.payers"),
    *upstream("rated.exposures", stages=("rated",)),
]


def test_who_owes_nothing_but_was_found_to_have_paid_is_rated_from_then_on() -> None:
    """A stranger's money that a person assigns is exposure of the customer, as it is unapplied."""
    chain = Chain("branch_branch").receipt("R1", 100)
    chain.payment("T1", 50, "", on="06-02", payer_id=None, chain_id=None, payer_name="X")
    decided(chain, "ACC/T1", "assign", "06-05", "HO")
    chain.world.have("staged.calendar")
    world = chain.world.run(*dict.fromkeys(TABLES), day_from="06-01", until="06-06")
    rows = world.rows(
        "select strftime(as_of, '%m-%d') as day, unapplied_cash, exposure "
        "from rated.exposures where customer_id = 'HO' order by as_of"
    )
    assert [tuple(row.values()) for row in rows] == [("06-05", 50, -50), ("06-06", 50, -50)]
    assert world.audit("rated/exposures_hold_everything", "06-01", "06-06") == []
