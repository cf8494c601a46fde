"""An exception of an invoice is the same from its first day on, however the days are divided."""

from tests.papers import Chain


def billed_beyond() -> Chain:
    """An invoice that is not handed over bills goods that turn out to be less, and are paid."""
    chain = Chain().order("P1", 600).delivery("D1", 600, order_no="P1")
    chain.receipt("R1", 600, order_no="P1").application("A1", "R1", 600, "FP20260001")
    chain.invoice("FP20260001", 600).receipt("R1", 500, order_no="P1", known_on="05-26")
    chain.statement("ST", [{"receipt_no": "R1", "amount": 600}], on="05-22")
    return chain.payment("T1", 500, "ST", on="05-25")


def test_an_invoice_whose_goods_were_paid_stays_the_same_exception() -> None:
    whole, steps = billed_beyond().progress(), billed_beyond()
    for day_from, until in (("05-01", "05-22"), ("05-23", "06-01"), ("06-02", "06-30")):
        steps.progress(day_from, until)
    query = (
        "select as_of, amount, opened_on from matched.exceptions "
        "where reason = 'invoice_not_handed_over' order by as_of"
    )
    told = whole.rows(query)
    assert {row["amount"] for row in told} == {600, 100}
    assert len({row["opened_on"] for row in told}) == 1
    assert steps.world.rows(query) == told
