"""Payments of an invoice whose goods become known later: the money follows to the goods."""

from collections.abc import Callable

import pytest

from tests.papers import Chain, open_items, unapplied
from tests.settled.test_cash import cleared
from tests.support import World

AUDITS = [
    "matched/no_payment_clears_more_than_it_brings",
    "settled/cash_received_is_applied_or_unapplied",
    "settled/nothing_is_applied_beyond_its_balance",
    "settled/open_items_equal_the_ledger",
]
BILL = "80000001"


def billed(world: World | None = None) -> Chain:
    """An invoice of 500 and its applications, which name goods that nobody has seen yet."""
    chain = Chain("branch_head", world=world)
    chain.invoice(BILL, 500, on="05-10", buyer_id="HO")
    return chain.application("A1", "R1", 300, BILL).application("A2", "R2", 200, BILL)


def in_full(chain: Chain) -> None:
    chain.payment("T1", 500, f"货款 {BILL}", on="05-20")
    chain.receipt("R1", 300, on="05-25").receipt("R2", 200, on="05-28")


def in_parts(chain: Chain) -> None:
    chain.payment("T1", 350, f"货款 {BILL}", on="05-20")
    chain.payment("T2", 100, f"货款 {BILL}", on="05-21")
    chain.receipt("R1", 300, on="05-25").receipt("R2", 200, on="05-28")


def credited(chain: Chain) -> None:
    chain.payment("T1", 500, f"货款 {BILL}", on="05-20")
    chain.invoice("80000002", -120, on="05-22", is_red=True, red_of_invoice_no=BILL, buyer_id="HO")
    chain.receipt("R1", 300, on="05-25")


def paid_by_another(chain: Chain) -> None:
    chain.payment("T1", 500, f"货款 {BILL}", on="05-20")
    chain.receipt("R1", 300, on="05-25")
    chain.statement("ST", [{"receipt_no": "R1", "amount": 300}], on="05-24")
    chain.payment("T2", 300, "ST", on="05-23")
    chain.receipt("R2", 200, on="05-28")


# what each payment clears in the end, what is unapplied, and what is open
STORIES: dict[Callable[[Chain], None], tuple[dict, float, float]] = {
    in_full: ({"T1": {"R1": 300, "R2": 200}}, 0, 0),
    in_parts: (
        {"T1": {"R1": 200, "R2": 150}, "T2": {"R1": 100}}, 0, 50,
    ),
    credited: ({"T1": {"80000001": 80, "R1": 300}}, 120, 0),
    paid_by_another: ({"T1": {"R1": 300, "R2": 200}}, 300, 0),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_money_of_an_invoice_follows_to_its_goods(story):
    clears, left, still_open = STORIES[story]
    chain = billed()
    story(chain)
    world = chain.close()
    assert cleared(world) == clears
    assert unapplied(world, "06-30") == left
    assert sum(item[2] for item in open_items(world, "06-30")) == still_open
    for audit in AUDITS:
        assert world.audit(audit, "05-01", "06-30") == [], audit
    again = billed()
    story(again)
    for first, last in (("05-01", "05-20"), ("05-21", "05-25"), ("05-26", "05-28")):
        again.close(first, last)
    by_day = again.close("05-29", "06-30")
    for table in ("matched.followed_claims", "matched.clearings", "settled.unapplied_cash"):
        rows = [sorted(map(str, each.rows(f"from {table}"))) for each in (world, by_day)]
        assert rows[0] == rows[1], table
