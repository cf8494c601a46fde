"""Papers that name an invoice by the end of its number count once the invoice is known."""

from collections.abc import Sequence

import pytest

from tests.papers import FLOW, Chain, open_items, side_by_side
from tests.support import World

INVOICE, SHORT = "26327000000742719331", "42719331"
STAGED = (
    "staged.number_resolutions",
    "staged.invoice_handovers",
    "staged.invoice_applications",
    "staged.remittance_advices",
)


def papers(chain: Chain, invoice_no: str) -> None:
    """A receipt of 100, applied for under a short number before the invoice is known."""
    chain.receipt("R1", 100, on="05-03")
    chain.world.given(
        "received.invoice_applications",
        [{"known_on": "05-05", "application_no": "A1", "applied_on": "05-05",
          "chain_id": chain.chain_id, "receipt_no": "R1", "amount": 100,
          "invoice_no": invoice_no[-8:]}],
    )  # fmt: skip
    chain.invoice(invoice_no, 100, on="05-10", issued_on="05-04")


def paid(chain: Chain, invoice_no: str, on: str) -> None:
    """A payment of 100 and its advice, which names the invoice by the end of its number."""
    advice_no = f"ADV{invoice_no[-8:]}"
    chain.world.given(
        "received.remittance_advices",
        [{"known_on": on, "chain_id": chain.chain_id, "advice_no": advice_no, "line_no": 1,
          "amount": 100, "invoice_no": invoice_no[-8:]}],
    )  # fmt: skip
    chain.payment(f"T{invoice_no}", 100, advice_no, on=on)


# Windows that end just before and just after a paper comes.
PORTIONS = (1, 4), (5, 5), (6, 7), (8, 9), (10, 11), (12, 15)


def closed(chain: Chain, in_portions: bool, tables: Sequence[str] = STAGED) -> World:
    chain.world.have("staged.calendar")
    for first, last in PORTIONS if in_portions else [(1, 15)]:
        chain.world.run(*tables, *FLOW, day_from=f"05-{first:02}", until=f"05-{last:02}")
    return chain.world


@pytest.mark.parametrize("in_portions", [False, True])
def test_goods_are_invoiced_and_an_advice_pays_from_the_day_the_invoice_is_known(
    in_portions: bool, subtests: pytest.Subtests
) -> None:
    chains = dict(zip([None, "05-08", "05-12"], side_by_side(3), strict=True))
    numbers = {advised_on: f"2632700000074271933{no}" for no, advised_on in enumerate(chains)}
    for advised_on, chain in chains.items():
        papers(chain, numbers[advised_on])
        if advised_on:  # before and after the invoice came
            paid(chain, numbers[advised_on], advised_on)
    world = closed(chains[None], in_portions)
    for advised_on, chain in chains.items():
        with subtests.test(advised_on=advised_on):
            invoice = [("invoice", numbers[advised_on], 100)]
            before = open_items(world, "05-09", chain.chain_id)
            assert before == [("uninvoiced", "R1", 100)]
            on_the_day = open_items(world, "05-10", chain.chain_id)
            assert on_the_day == ([] if advised_on == "05-08" else invoice)
            if advised_on:
                assert open_items(world, "05-12", chain.chain_id) == []
                assert open_items(world, "05-11", chain.chain_id) == (
                    invoice if advised_on == "05-12" else []
                )


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
