"""Accepted goods, their invoices, what reverses them: what is owed, on which item, to the cent."""

from decimal import Decimal

import pytest

from tests.papers import Chain, open_items, unapplied

# what happens to goods of R1 (100.00) and R2 (33.33), billed by V1, and what is open then
CASES = {
    "nothing": ([("invoice", "V1", "33.33"), ("invoice", "V1", "100.00")], []),
    "a full red invoice gives all goods back": (
        [("uninvoiced", "R1", "100.00"), ("uninvoiced", "R2", "33.33")],
        [("invoice", "V2", "-133.33", {"is_red": True, "red_of_invoice_no": "V1"})],
    ),
    "a void gives all goods back": (
        [("uninvoiced", "R1", "100.00"), ("uninvoiced", "R2", "33.33")],
        [("invoice", "V1", "133.33", {"status": "void", "known_on": "05-20"})],
    ),
    "a partial red invoice stands on the invoice that it names": (
        [("invoice", "V1", "-30.01"), ("invoice", "V1", "33.33"), ("invoice", "V1", "100.00")],
        [("invoice", "V2", "-30.01", {"is_red": True, "red_of_invoice_no": "V1"})],
    ),
    "a return is owed back before its red invoice": (
        [("uninvoiced", "R3", "-10.01"), ("invoice", "V1", "33.33"), ("invoice", "V1", "100.00")],
        [("receipt", "R3", "-10.01", {})],
    ),
    "a red invoice for a return takes its place": (
        [("invoice", "V1", "33.33"), ("invoice", "V1", "100.00"), ("red_invoice", "V2", "-10.01")],
        [
            ("receipt", "R3", "-10.01", {}),
            ("invoice", "V2", "-10.01", {"is_red": True, "red_of_invoice_no": "V1"}),
            ("application", "R3", "-10.01", {}),
        ],
    ),
    "a receipt that becomes smaller leaves the invoice's rest to itself": (
        [("invoice", "V1", "0.01"), ("invoice", "V1", "33.33"), ("invoice", "V1", "99.99")],
        [("receipt", "R1", "99.99", {"known_on": "05-20"})],
    ),
    "a receipt that becomes larger has a rest without invoice": (
        [("uninvoiced", "R1", "0.01"), ("invoice", "V1", "33.33"), ("invoice", "V1", "100.00")],
        [("receipt", "R1", "100.01", {"known_on": "05-20"})],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_open_after(case: str) -> None:
    expected, papers = CASES[case]
    chain = Chain("branch_head").receipt("R1", "100.00").receipt("R2", "33.33")
    chain.application("AP1", "R1", "100.00", "V1").application("AP2", "R2", "33.33", "V1")
    chain.invoice("V1", "133.33")
    for kind, no, amount, fields in papers:
        if kind == "application":
            chain.application("AP3", no, amount, "V2", on="05-20")
        else:
            getattr(chain, kind)(no, Decimal(amount), on="05-20", **fields)
    world = chain.close()
    found = [(kind, no, str(balance)) for kind, no, balance in open_items(world, "06-30")]
    assert found == expected
    for audit in ("ledger_of_goods_equals_their_receipt", "every_entry_names_debtor_and_store"):
        assert world.audit(f"settled/{audit}", "05-01", "06-30") == []


def test_a_void_vanishes_and_leaves_its_trace() -> None:
    chain = Chain().receipt("R1", 100).application("AP1", "R1", 100, "V1").invoice("V1", 100)
    chain.invoice("V1", 100, known_on="05-20", status="void")
    entries = chain.close().rows(
        "select item_kind, entry_kind, document_no, amount from settled.ledger "
        "order by known_on, item_kind desc, entry_kind"
    )
    assert [tuple(row.values()) for row in entries] == [
        ("uninvoiced", "charge", "R1", 100),
        ("uninvoiced", "invoiced", "R1", -100),
        ("invoice", "charge", "V1", 100),
        ("uninvoiced", "reopened", "R1", 100),
        ("invoice", "reversal", "V1", -100),
    ]


def test_a_credit_note_beyond_what_is_open_of_a_paid_invoice_gives_its_money_back() -> None:
    """The rest of an invoice changes its side: what was paid of it is the debtor's again."""
    chain = Chain("branch_head").invoice("V1", 100).payment("T1", 100, "V1", on="05-20")
    chain.invoice("V2", "-30", on="05-25", is_red=True, red_of_invoice_no="V1")
    chain.receipt("R1", 90, known_on="06-01").application("AP1", "R1", 90, "V1", on="06-01")
    world = chain.close()
    assert (open_items(world, "05-20"), unapplied(world, "05-20")) == ([], 0)
    assert (open_items(world, "05-25"), unapplied(world, "05-25")) == ([], 30)
    # its goods come, and the money follows to them; what remains of the invoice is owed back
    assert (open_items(world, "06-01"), unapplied(world, "06-01")) == ([("invoice", "V1", -20)], 10)
    audit = "settled/nothing_is_applied_beyond_its_balance"
    assert world.audit(audit, "05-01", "06-30") == []


def test_sales_reported_of_goods_that_nobody_consigned_owe_nothing_and_are_listed() -> None:
    chain = Chain("branch_head", term_kind="consignment", term_days=15).receipt("R1", 100)
    lines = [
        {"receipt_no": "R1", "amount": 40},
        {"receipt_no": "5550012345", "amount": 25},
        {"store_id": "S2", "amount": 15},
    ]
    world = chain.statement("ST1", lines).close()
    chain.progress()
    assert open_items(world, "06-30") == [("uninvoiced", "R1", 40)]
    listed = world.rows(
        "select amount, evidence from matched.exceptions where as_of = date '2026-06-30' "
        "and reason = 'on_statement_without_documents' order by amount desc"
    )
    assert [tuple(row.values()) for row in listed] == [
        (25, "statement ST1 lists receipt 5550012345 for 25.00, which we do not have"),
        (15, "statement ST1 lists goods without a number for 15.00, which we do not have"),
    ]
