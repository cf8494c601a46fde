"""Papers that name an invoice by the end of its number count once the invoice is known."""

from collections.abc import Sequence

import pytest

from tests.papers import FLOW, Chain, open_items
from tests.support import World

INVOICE, SHORT = "26327000000742719331", "42719331"
STAGED = (
    "staged.number_resolutions",
    "staged.invoice_handovers",
    "staged.invoice_applications",
    "staged.remittance_advices",
)


def papers() -> Chain:
    """A receipt of 100, applied for under a short number before the invoice is known."""
    chain = Chain()
    chain.receipt("R1", 100, on="05-03")
    chain.world.given(
        "received.invoice_applications",
        [{"known_on": "05-05", "application_no": "A1", "applied_on": "05-05", "chain_id": "C",
          "receipt_no": "R1", "amount": 100, "invoice_no": SHORT}],
    )  # fmt: skip
    chain.invoice(INVOICE, 100, on="05-10", issued_on="05-04")
    return chain


def advice(chain: Chain, on: str) -> None:
    row = {"known_on": on, "chain_id": "C", "advice_no": "ADV260508", "line_no": 1, "amount": 100}
    chain.world.given("received.remittance_advices", [{**row, "invoice_no": SHORT}])


# Windows that end just before and just after a paper comes.
PORTIONS = (1, 4), (5, 5), (6, 7), (8, 9), (10, 11), (12, 15)


def closed(chain: Chain, in_portions: bool, tables: Sequence[str] = STAGED) -> World:
    chain.world.have("staged.calendar")
    for first, last in PORTIONS if in_portions else [(1, 15)]:
        chain.world.run(*tables, *FLOW, day_from=f"05-{first:02}", until=f"05-{last:02}")
    return chain.world


@pytest.mark.parametrize("in_portions", [False, True])
def test_goods_are_invoiced_from_the_day_the_invoice_is_known(in_portions: bool) -> None:
    world = closed(papers(), in_portions)
    assert open_items(world, "05-09") == [("uninvoiced", "R1", 100)]
    assert open_items(world, "05-10") == [("invoice", INVOICE, 100)]


@pytest.mark.parametrize("in_portions", [False, True])
@pytest.mark.parametrize("advised_on", ["05-08", "05-12"])  # before and after the invoice came
def test_a_payment_pays_the_invoice_that_its_advice_names_by_the_end_of_its_number(
    advised_on: str, in_portions: bool
) -> None:
    chain = papers()
    advice(chain, advised_on)
    chain.payment("T1", 100, "ADV260508", on=advised_on)
    world = closed(chain, in_portions)
    paid_on = max("05-10", advised_on)
    assert open_items(world, f"05-{int(paid_on[3:]) - 1:02}") != []
    assert open_items(world, paid_on) == []


@pytest.mark.parametrize("in_portions", [False, True])
def test_a_hand_over_under_a_short_number_starts_the_term(in_portions: bool) -> None:
    chain = Chain(term_kind="invoice", term_days=30)
    chain.receipt("R1", 100, on="05-03")
    chain.application("A1", "R1", 100, INVOICE, on="05-05")
    chain.invoice(INVOICE, 100, on="05-10", issued_on="05-04")
    row = {"known_on": "05-08", "invoice_no": SHORT, "handed_over_on": "05-07"}
    chain.world.given("received.invoice_handovers", [row])
    tables = [table for table in STAGED if table != "staged.invoice_applications"]
    due = closed(chain, in_portions, tables).rows(
        "select distinct due_on from settled.open_items where as_of = date '2026-05-15'"
    )
    assert [str(row["due_on"]) for row in due] == ["2026-06-06"]
