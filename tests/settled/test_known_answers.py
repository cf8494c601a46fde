"""Small cases that established systems answer; where ours differs, the name of the test says why.

The other cases stand where their tables are tested: A2, A3, A5 and A12 in test_ledger, A4 in
test_write_offs, A6 in tests/aged/test_aging, A13 in tests/rated/test_exposures, A15 in
tests/matched/test_links, A16 in test_terms.
"""

from decimal import Decimal
from typing import Any

import pytest

from receivables.policy import Policy, WriteOffs
from tests.papers import Chain, leading_to, open_items, unapplied
from tests.support import POLICY, World, money

ENTRIES = leading_to("settled.ledger", "settled.open_items", "settled.unapplied_cash")
SUMS = leading_to("matched.links")
ANSWERS = leading_to("matched.resolutions")
VERDICTS = leading_to("settled.deductions")


def under(policy: Policy) -> Chain:
    """A chain in a world of its own, under another policy."""
    chain = Chain(world=World(policy, apart=True))
    chain.world.run(*Chain.START, day_from="05-01")
    return chain


def writing_off(limit: str) -> Policy:
    return POLICY.model_copy(update={"write_offs": WriteOffs(small_difference=Decimal(limit))})


def paid(chain: Chain, invoiced: Any, payment: Any) -> World:
    """The world after an invoice and a payment that names it."""
    chain.receipt("R1", invoiced).application("AP1", "R1", invoiced, "V1")
    chain.invoice("V1", invoiced).payment("T1", payment, "V1", on="06-10")
    chain.world.have("staged.calendar")
    return chain.world.run(*ENTRIES, day_from="05-01", until="06-30")


def test_a1_a_payment_closes_the_part_that_is_due_first() -> None:
    chain = Chain()
    parts = {"R1": (30, "05-01"), "R2": (50, "05-31"), "R3": (20, "06-30")}
    for no, (amount, on) in parts.items():
        chain.receipt(no, amount, on=on)
        chain.application(f"AP{no}", no, amount, "V1", on="06-30")
    chain.invoice("V1", 100, on="06-30").payment("T1", 40, "V1", on="07-05")
    chain.world.have("staged.calendar")
    world = chain.world.run(*ENTRIES, day_from="05-01", until="07-10")
    rows = world.rows(
        "select strftime(due_on, '%m-%d') as due, balance from settled.open_items "
        "where as_of = date '2026-07-10' order by due_on"
    )
    assert [(row["due"], row["balance"]) for row in rows] == [("06-30", 40), ("07-30", 20)]


@pytest.mark.parametrize("limit", ["0.05", "0.11"])
def test_a7_money_beyond_the_invoice_is_the_payer_s_and_never_ours_to_write_off(limit) -> None:
    world = paid(under(writing_off(limit)), 50, "50.10")
    assert open_items(world, "06-30") == []
    assert unapplied(world, "06-30") == money("0.10")


@pytest.mark.parametrize(
    ("payment", "left_open", "left_over"), [(1000, 0, 0), (990, 10, 0), (1010, 0, 10)]
)
def test_a8_the_tolerance_is_for_what_is_left_not_for_the_whole(
    payment, left_open, left_over
) -> None:
    world = paid(Chain(), 1000, payment)
    assert sum(balance for _, _, balance in open_items(world, "06-30")) == left_open
    assert unapplied(world, "06-30") == left_over


@pytest.mark.parametrize(("limit", "written_off"), [("3", [-3]), ("2.99", [])])
def test_a9_a_difference_within_the_tolerance_is_written_off_for_one_reason(
    limit, written_off
) -> None:
    world = paid(under(writing_off(limit)), 68, 65)
    rows = world.rows(
        "select amount, evidence from settled.ledger where entry_kind = 'write_off' order by all"
    )
    assert [row["amount"] for row in rows] == written_off
    assert {row["evidence"] for row in rows} <= {"small difference: 65.00 paid of 68.00"}
    assert bool(open_items(world, "06-30")) is not bool(written_off)


@pytest.mark.parametrize(("amount", "is_near"), [("101", True), ("101.01", False)])
def test_a10_a_tolerance_in_percent_ends_at_its_edge(amount, is_near) -> None:
    matching = POLICY.matching.model_copy(update={"near_amount_percent": Decimal(1)})
    chain = under(POLICY.model_copy(update={"matching": matching}))
    chain.order("PO123456", 100).delivery("D1", Decimal(amount), order_no="PO123465")
    world = chain.world.run(*ANSWERS, day_from="05-01", until="06-30")
    found = world.rows("select resolved_no from matched.resolutions")
    assert [row["resolved_no"] for row in found] == (["PO123456"] if is_near else [])


@pytest.mark.parametrize(("invoiced", "is_sum"), [("300", True), ("299.99", False)])
def test_a11_papers_match_as_a_sum_to_the_cent(invoiced, is_sum) -> None:
    chain = Chain().receipt("R1", Decimal("100.25")).receipt("R2", Decimal("199.75"))
    chain.invoice("V1", Decimal(invoiced))
    world = chain.world.run(*SUMS, day_from="05-01", until="06-30")
    rows = world.rows("select from_no, to_no, amount from matched.links order by from_no")
    expected = [("R1", "V1", money("100.25")), ("R2", "V1", money("199.75"))]
    assert [tuple(row.values()) for row in rows] == (expected if is_sum else [])


# turnover, vouchers taken off it, and the commission of 0.5 % x 95 % x 30 % on the rest
COMMISSIONS = [
    ("960506", "-52488", "1293.93"),
    ("256282", "-44712", "301.49"),
    ("48600", "-7128", "59.10"),
]


@pytest.mark.parametrize("too_much", [0, Decimal("0.01")])
def test_a14_each_commission_is_rounded_by_itself_and_a_cent_more_is_too_much(too_much) -> None:
    chain = Chain("branch_head")
    terms = {"known_on": "05-01", "agreement_id": "PCT", "chain_id": "C", "fee_code": "PCT",
             "basis": "percent_of_net_purchases", "rate_or_amount": Decimal("0.1425"),
             "kind": "cash_deducted", "valid_from": "2026-01-01"}  # fmt: skip
    chain.world.given("staged.deduction_agreements", [terms])
    for month, (turnover, vouchers, commission) in enumerate(COMMISSIONS, start=5):
        end = f"{month:02}-28"
        lines = [
            {"receipt_no": f"R{month}", "amount": Decimal(turnover)},
            {"receipt_no": f"T{month}", "amount": Decimal(vouchers), "line_kind": "return"},
            {"line_kind": "deduction", "fee_code": "PCT",
             "amount": -Decimal(commission) - too_much},
        ]  # fmt: skip
        chain.statement(f"ST{month}", [{"period_end": end, **line} for line in lines], on=end)
    chain.world.have("staged.calendar")
    world = chain.world.run(*VERDICTS, day_from="05-01", until="07-31")
    rows = world.rows(
        "select supported_amount, disputed_amount from settled.deductions order by statement_no"
    )
    assert [row["supported_amount"] for row in rows] == [money(row[2]) for row in COMMISSIONS]
    assert sum(row["supported_amount"] for row in rows) == money("1654.52")
    assert {row["disputed_amount"] for row in rows} == {money(too_much)}
