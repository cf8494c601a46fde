"""Payments of goods on consignment: what is not reported as sold is not owed."""

from typing import Any

from tests.papers import Chain, unapplied
from tests.support import World

AUDITS = (
    "settled/cash_received_is_applied_or_unapplied",
    "settled/nothing_is_applied_beyond_its_balance",
    "settled/deductions_are_supported_or_disputed",
)
WINDOWS = (("05-01", "06-16"), ("06-17", "06-19"), ("06-20", "06-30"))
FEE = {"line_kind": "deduction", "fee_code": "RB"}


def goods(receipt_no: str, amount: Any) -> dict[str, Any]:
    return {"receipt_no": receipt_no, "amount": amount}


def told() -> Chain:
    """R was paid by its invoice as far as it was reported, and the rest of it is still stock; of
    the return B less is reported in the end than the payment took."""
    chain = Chain("branch_head", term_kind="consignment", term_days=0).receipt("R", 780)
    chain.statement("STR", [goods("R", 780), {**FEE, "amount": -50}], on="06-04")
    chain.application("A1", "R", 780, "FP20260001", on="06-05")
    chain.invoice("FP20260001", 780, on="06-05").payment("T1", 780, "FP20260001", on="06-05")
    chain.receipt("R", 800, known_on="06-09").payment("T2", 730, "STR", on="06-16")
    chain.statement("STQ", [goods("R", 20)], on="06-20")
    chain.receipt("Q", 500).receipt("B", -24)
    back = {**goods("B", -20), "line_kind": "return"}
    chain.statement("STB", [goods("Q", 500), back], on="06-04")
    chain.payment("T3", 480, "STB", on="06-10")
    return chain.statement("STB", [goods("Q", 500), {**back, "amount": -11}], on="06-18")


def applied(world: World, payment: str, day: str) -> dict[str, Any]:
    rows = world.rows(
        "select document_no, sum(amount) as amount from settled.cash_applications where "
        f"transaction_no = '{payment}' and known_on <= date '2026-{day}' group by all "
        "having sum(amount) <> 0"
    )
    return {row["document_no"]: row["amount"] for row in rows}


def test_a_payment_takes_its_deductions_as_far_as_goods_are_reported_as_sold() -> None:
    whole = told().close()
    assert applied(whole, "T2", "06-16") == {}
    assert applied(whole, "T2", "06-20") == {"R": 20, "STR#2": -20}


def test_what_was_taken_for_a_return_beyond_what_is_reported_of_it_is_owed() -> None:
    whole = told().close()
    assert applied(whole, "T3", "06-10") == {"Q": 500, "B": -20}
    assert applied(whole, "T3", "06-18") == {"Q": 500, "B": -11, "T3#B": -9}
    assert unapplied(whole, "06-18") == 730


def test_it_is_told_alike_by_one_run_and_by_several() -> None:
    whole, steps = told().close(), told()
    for day_from, until in WINDOWS:
        world = steps.close(day_from, until)
        for audit in AUDITS:
            assert world.audit(audit, day_from, until) == [], audit
    for table in ("settled.cash_applications", "settled.ledger", "settled.unapplied_cash"):
        query = f"select * from {table} order by all"
        assert steps.world.rows(query) == whole.rows(query), table
