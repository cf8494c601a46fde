"""What a statement gives to invoice and to pay, against what the chain prints."""

from typing import Any

import pytest

from tests.papers import Chain
from tests.support import World, money, upstream

TOTALS = upstream("settled.statement_totals", stages=("matched", "settled"))
GOODS = [
    {"line_kind": "receipt", "receipt_no": "R1", "amount": 1000},
    {"line_kind": "return", "receipt_no": "R2", "amount": -100},
]
FEES = [
    {"line_kind": "deduction", "fee_code": code, "deduction_kind": kind, "amount": -amount}
    for code, kind, amount in (
        ("F1", "invoice_deducted", 30), ("F2", "cash_deducted", 50), ("F3", "paid_separately", 7),
    )
]  # fmt: skip
MORE = [
    {"line_kind": "adjustment", "amount": -4},
    {"line_kind": "prepayment", "amount": -200},
]
# what the lines give: 896 of goods, less 30 on the invoice, less 50 and 200 on the payment
ALL = [*GOODS, *FEES, *MORE]

# lines, printed to invoice, printed payable, cause
CASES: dict[str, tuple[list[dict[str, Any]], Any, Any, str]] = {
    "nothing printed": (ALL, None, None, "not_printed"),
    "both as the lines say": (ALL, 866, 616, "none"),
    "only the payable is printed": (ALL, None, 616, "none"),
    "separate fees taken all the same": (ALL, 866, 609, "paid_separately_taken"),
    "deductions with the wrong sign": (ALL, 866, 716, "deductions_added"),
    "deductions forgotten": (ALL, 866, 666, "cash_deductions_left_out"),
    "账扣 on the invoice": (ALL, 816, 616, "cash_deductions_taken_from_invoice"),
    "票扣 forgotten": (ALL, 896, 646, "invoice_deductions_left_out"),
    "adjustment forgotten": (ALL, 870, 620, "adjustments_left_out"),
    "prepayment forgotten": (ALL, 866, 816, "prepayments_left_out"),
    "a line is missing": (ALL, 866, 615, "lines_do_not_sum"),
}


@pytest.fixture(scope="module")
def totals() -> dict[str, dict[str, Any]]:
    world = World()
    chain = Chain("branch_head", world=world)
    world.run(*Chain.START, day_from="05-01")
    for number, (lines, invoiceable, payable, _) in enumerate(CASES.values()):
        printed = {"printed_invoiceable": invoiceable, "printed_payable": payable}
        chain.statement(f"ST{number}", [{**line, **printed} for line in lines])
    world.run(*TOTALS, day_from="06-01")
    found = {row["statement_no"]: row for row in world.rows("from settled.statement_totals")}
    return {name: found[f"ST{number}"] for number, name in enumerate(CASES)}


@pytest.mark.parametrize("name", CASES)
def test_a_difference_has_a_cause(totals, name) -> None:
    row = totals[name]
    assert (row["invoiceable"], row["payable"]) == (866, 616)
    assert (row["cause"], row["evidence"] != "") == (CASES[name][3], True)
    _, _, printed, _ = CASES[name]
    assert row["payable_difference"] == (None if printed is None else money(printed) - 616)


def test_deductions_larger_than_the_goods_are_told() -> None:
    chain = Chain("branch_head")
    chain.statement("ST1", [{**GOODS[0], "amount": 20}, *FEES])
    (row,) = chain.world.run(*TOTALS, day_from="06-01").rows("from settled.statement_totals")
    assert (row["invoiceable"], row["payable"]) == (-10, -60)
    assert row["evidence"] == (
        "the statement prints no total; the deductions are larger than the goods, "
        "and 60.00 is asked of us"
    )
