"""A fee counts on the goods of its store, or of all stores without a line of their own: once."""

from typing import Any

from tests.papers import Chain
from tests.settled.test_deductions import agree, fee, goods, judged, supported

CLEARED = ("matched.clearings",)
PERCENT: dict[str, Any] = {"basis": "percent_of_net_purchases", "rate_or_amount": 10}
EACH: dict[str, Any] = {"basis": "per_unit", "rate_or_amount": 1}


def stated(*fees: dict[str, Any], **terms: Any) -> Chain:
    """A statement over 300.00 and 30 units of S1, 700.00 and 70 units of S2, with fees F."""
    chain = Chain("branch_head")
    agree(chain, "F", **terms)
    for receipt_no, store_id, units in (("R1", "S1", 30), ("R2", "S2", 70)):
        chain.receipt(receipt_no, 10 * units, store_id=store_id)
        line = {"receipt_kind": "receipt", "quantity": units, "amount": 10 * units}
        chain.lines("goods_receipts", receipt_no, [line], on="05-03")
    lines = [goods(300), goods(700, "R2", "S2"), *fees]
    return chain.statement("ST1", lines, on="06-01")


def advised(chain: Chain, *fees: tuple[Any, str | None]) -> Chain:
    """An advice that takes fees F of a store, or of none, for the statement."""
    row = {"known_on": "06-05", "chain_id": "C", "advice_no": "AD1", "fee_code": "F"}
    rows = [
        {**row, "statement_no": "ST1", "line_no": number, "store_id": store_id, "amount": -amount}
        for number, (amount, store_id) in enumerate(fees, start=1)
    ]
    chain.world.given("staged.remittance_advices", rows)
    return chain


def test_a_piece_counts_once_where_a_store_has_a_line_of_its_own() -> None:
    verdicts = judged(stated(fee("F", 60, store_id="S1"), fee("F", 90), **EACH).world)
    assert supported(verdicts) == [30, 70]


def test_a_fee_on_an_advice_counts_on_the_goods_of_its_store() -> None:
    for terms in (PERCENT, EACH):
        chain = advised(stated(**terms), (60, "S1"), (90, None))
        assert supported(judged(chain.world)) == [30, 70], terms


def test_a_fee_on_an_advice_leaves_out_stores_with_a_line_on_the_statement() -> None:
    for terms in (PERCENT, EACH):
        chain = advised(stated(fee("F", 25, store_id="S1"), **terms), (10, "S1"), (90, None))
        assert supported(judged(chain.world)) == [25, 5, 70], terms


def test_the_goods_are_those_of_the_statement_as_it_was_known_with_the_advice() -> None:
    for terms in (PERCENT, EACH):
        chain = advised(stated(**terms), (90, "S2"), (90, None))
        chain.statement("ST1", [goods(300)], on="06-04")
        chain.statement("ST1", [goods(300), goods(700, "R2", "S2")], on="06-06")
        assert supported(judged(chain.world)) == [0, 30], terms


def test_a_fee_of_a_statement_that_comes_after_its_advice_is_taken_once() -> None:
    chain = Chain("branch_head").receipt("R1", 300)
    line = {"known_on": "06-05", "chain_id": "C", "advice_no": "AD1"}
    chain.world.given(
        "staged.remittance_advices",
        [
            {**line, "line_no": 1, "statement_no": "ST0", "amount": 300},
            {**line, "line_no": 2, "statement_no": "ST1", "fee_code": "F", "amount": -40},
        ],
    )
    chain.statement("ST0", [goods(300)], on="06-01")
    chain.payment("T1", 260, "AD1", on="06-05").close(until="06-05", needed=CLEARED)
    chain.statement("ST1", [goods(300)], on="06-08").close("06-06", "06-10", needed=CLEARED)
    rows = chain.world.rows("select unit_no, amount from matched.clearings order by unit_no")
    assert [(row["unit_no"], row["amount"]) for row in rows] == [("AD1#2", -40), ("R1", 300)]
