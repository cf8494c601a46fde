"""What is owed: goods, invoices, reversals and payments as the ledger sees them."""

from decimal import Decimal

import pytest

from tests.papers import Chain, open_items, unapplied

FULL = Decimal("100.00")


def invoiced() -> Chain:
    """Goods for 100, applied for and invoiced by V1."""
    return Chain().receipt("R1", 100).application("AP1", "R1", 100, "V1").invoice("V1", 100)


def test_accepted_goods_are_owed_before_an_invoice_and_by_the_invoice_after() -> None:
    world = invoiced().close()
    assert open_items(world, "05-03") == [("uninvoiced", "R1", FULL)]
    assert open_items(world, "05-10") == [("invoice", "V1", FULL)]


def test_an_invoice_for_part_of_the_goods_leaves_the_rest_uninvoiced() -> None:
    world = Chain().receipt("R1", 100).application("AP1", "R1", 60, "V1").invoice("V1", 60).close()
    assert open_items(world, "06-30") == [
        ("uninvoiced", "R1", Decimal("40.00")),
        ("invoice", "V1", Decimal("60.00")),
    ]


def test_one_invoice_for_many_receipts_keeps_each_receipt() -> None:
    chain = Chain()
    for number in range(1, 4):
        chain.receipt(f"R{number}", 100, order_no=f"O{number}")
        chain.application(f"AP{number}", f"R{number}", 100, "V1")
    world = chain.invoice("V1", 300).close()
    assert open_items(world, "06-30") == [("invoice", "V1", FULL)] * 3


def test_an_invoice_beyond_its_goods_owes_the_rest_by_itself() -> None:
    world = (
        Chain().receipt("R1", 100).application("AP1", "R1", 105, "V1").invoice("V1", 105).close()
    )
    assert open_items(world, "06-30") == [
        ("invoice", "V1", Decimal("5.00")),
        ("invoice", "V1", FULL),
    ]


def test_a_full_credit_note_naming_the_invoice_leaves_nothing_open() -> None:
    """Case A2."""
    chain = Chain().invoice("V1", 100, on="05-10")
    chain.invoice("V2", -100, on="05-20", is_red=True, red_of_invoice_no="V1")
    world = chain.close()
    assert open_items(world, "05-19") == [("invoice", "V1", FULL)]
    assert open_items(world, "05-20") == []


def test_goods_of_a_reversed_invoice_are_uninvoiced_again() -> None:
    chain = invoiced().invoice("V2", -100, on="05-20", is_red=True, red_of_invoice_no="V1")
    assert open_items(chain.close(), "05-20") == [("uninvoiced", "R1", FULL)]


def test_goods_of_a_void_invoice_are_uninvoiced_again() -> None:
    chain = invoiced().invoice("V1", 100, on="05-10", known_on="05-12", status="void")
    assert open_items(chain.close(), "05-12") == [("uninvoiced", "R1", FULL)]


def test_a_credit_that_names_nothing_is_not_netted() -> None:
    """Case A3."""
    chain = Chain().invoice("V1", 100, on="05-10").payment("T1", 40, "invoice V1", on="05-20")
    world = chain.invoice("V2", -100, on="05-25", is_red=True).close()
    assert open_items(world, "06-30") == [
        ("invoice", "V1", Decimal("60.00")),
        ("red_invoice", "V2", Decimal("-100.00")),
    ]


def test_a_partial_credit_naming_the_invoice_lowers_it() -> None:
    chain = Chain().invoice("V1", 100, on="05-10")
    chain.invoice("V2", -30, on="05-20", is_red=True, red_of_invoice_no="V1")
    assert open_items(chain.close(), "06-30") == [("invoice", "V1", Decimal("70.00"))]


def test_a_returned_part_is_invoiced_by_its_red_invoice() -> None:
    chain = invoiced().receipt("R2", -30, on="05-15")
    chain.invoice("V2", -30, on="05-20", is_red=True, red_of_invoice_no="V1")
    chain.application("AP2", "R2", -30, "V2", on="05-20")
    assert open_items(chain.close(), "06-30") == [
        ("invoice", "V1", FULL),
        ("red_invoice", "V2", Decimal("-30.00")),
    ]


@pytest.mark.parametrize(
    ("paid", "left", "rest"),
    [(100, [], 0), ("98.99", [("invoice", "V1", Decimal("1.01"))], 0), (110, [], 10)],
)
def test_paying_by_invoice_number(paid, left, rest) -> None:
    """What is missing is listed unless it is a small difference; too much stays unapplied."""
    world = invoiced().payment("T1", paid, "货款 V1", on="06-10").close()
    assert open_items(world, "06-10") == left
    assert unapplied(world, "06-10") == rest


def test_a_payment_of_tomorrow_does_not_count_today() -> None:
    """Case A5: paid 110 tomorrow on an invoice of 100."""
    chain = invoiced().payment("T1", 110, "V1", on="06-11", known_on="06-10")
    world = chain.close()
    assert open_items(world, "06-10") == [("invoice", "V1", FULL)]
    assert unapplied(world, "06-10") == 0
    assert open_items(world, "06-11") == []
    assert unapplied(world, "06-11") == 10


def test_a_number_that_is_only_similar_pays_nothing() -> None:
    """Case A12."""
    chain = Chain().invoice("payment-12345", 100, on="05-10").payment("T1", 100, "payment-12399")
    world = chain.close()
    assert open_items(world, "06-30") == [("invoice", "payment-12345", FULL)]
    assert unapplied(world, "06-30") == 100


def test_cash_on_goods_follows_the_invoice_that_comes_later() -> None:
    chain = Chain().receipt("R1", 100).statement("ST1", [{"receipt_no": "R1", "amount": 100}])
    chain.payment("T1", 40, "ST1", on="06-05")
    chain.application("AP1", "R1", 100, "V1", on="06-20").invoice("V1", 100, on="06-20")
    world = chain.close()
    assert open_items(world, "06-05") == [("uninvoiced", "R1", Decimal("60.00"))]
    assert open_items(world, "06-20") == [("invoice", "V1", Decimal("60.00"))]


def test_goods_that_become_less_after_payment_give_the_money_back() -> None:
    chain = Chain().receipt("R1", 100).statement("ST1", [{"receipt_no": "R1", "amount": 100}])
    chain.payment("T1", 100, "ST1", on="06-05").receipt("R1", 80, on="05-03", known_on="06-20")
    world = chain.close()
    assert open_items(world, "06-20") == []
    assert unapplied(world, "06-20") == 20


def test_the_head_office_pays_for_its_branches_in_one_sum() -> None:
    chain = Chain(pattern="branch_head").receipt("R1", 100).receipt("R2", 50, store_id="S2")
    chain.receipt("R3", -20, on="05-20")
    chain.statement(
        "ST1",
        [
            {"receipt_no": "R1", "amount": 100},
            {"receipt_no": "R2", "amount": 50},
            {"receipt_no": "R3", "amount": -20, "line_kind": "return"},
            {"line_kind": "deduction", "fee_code": "DM", "amount": -10},
        ],
    )
    world = chain.payment("T1", 120, "结算单ST1", on="06-10").close()
    assert open_items(world, "06-10") == [("deduction", "ST1#4", Decimal("10.00"))]
    assert unapplied(world, "06-10") == 0
    applied = world.rows("select sum(amount) as amount from settled.cash_applications")
    assert applied == [{"amount": 120}]


def test_an_agreement_supports_a_deduction_up_to_what_it_allows() -> None:
    chain = Chain(pattern="branch_head").receipt("R1", 1000)
    chain.world.given(
        "staged.deduction_agreements",
        [
            {
                "known_on": "05-01",
                "agreement_id": "D1",
                "chain_id": "C",
                "fee_code": "RB",
                "basis": "percent_of_net_purchases",
                "rate_or_amount": 3,
                "kind": "cash_deducted",
                "valid_from": "2026-01-01",
            }
        ],
    )
    chain.statement(
        "ST1",
        [
            {"receipt_no": "R1", "amount": 1000},
            {"line_kind": "deduction", "fee_code": "RB", "amount": -50},
        ],
    )
    world = chain.payment("T1", 950, "ST1", on="06-10").close()
    verdicts = world.rows(
        "select amount, supported_amount, disputed_amount, verdict from settled.deductions"
    )
    assert verdicts == [
        {
            "amount": 50,
            "supported_amount": 30,
            "disputed_amount": 20,
            "verdict": "above_agreement",
        }
    ]
    assert open_items(world, "06-10") == [("deduction", "ST1#2", Decimal("20.00"))]


def test_a_return_taken_for_more_than_it_is_stands_as_an_adjustment() -> None:
    chain = Chain().receipt("R1", 100).receipt("R2", -10, on="05-20")
    chain.statement(
        "ST1",
        [
            {"receipt_no": "R1", "amount": 100},
            {"receipt_no": "R2", "amount": -15, "line_kind": "return"},
        ],
    )
    world = chain.payment("T1", 85, "ST1", on="06-10").close()
    assert open_items(world, "06-10") == [("adjustment", "ST1#R2", Decimal("5.00"))]
