"""Papers behind what changed: a late paper, a restated statement and a reversal are told apart."""

import pytest

from tests.papers import Chain
from tests.support import World

UNTIL = "06-30"


def papers(chain: Chain) -> list[tuple[str, str, str, str, int]]:
    """(day, cause, paper kind, paper, amount) of every change."""
    world = chain.close(until=UNTIL)
    world.run("staged.statement_changes", "aged.changes", day_from="05-01", until=UNTIL)
    rows = world.rows(
        "select strftime(as_of, '%m-%d') as day, cause, paper_kind, paper_no, amount "
        "from aged.changes order by as_of, cause, paper_kind, paper_no"
    )
    return [
        (row["day"], row["cause"], row["paper_kind"], row["paper_no"], int(row["amount"]))
        for row in rows
    ]


def test_goods_known_late_are_a_late_paper() -> None:
    chain = Chain().receipt("R1", 100).receipt("R2", 50, known_on="05-11")
    assert papers(chain) == [
        ("05-03", "new_goods", "goods_receipt", "R1", 100),
        ("05-11", "late_paper", "goods_receipt", "R2", 50),
    ]


def test_an_invoice_of_goods_changes_nothing_and_its_reversal_tells_both_sides() -> None:
    chain = Chain().receipt("R1", 100).application("AP1", "R1", 100, "V1").invoice("V1", 100)
    chain.invoice("V1", 100, status="void", known_on="05-20")
    assert papers(chain) == [
        ("05-03", "new_goods", "goods_receipt", "R1", 100),
        ("05-20", "reversals", "goods_receipt", "R1", 100),
        ("05-20", "reversals", "invoice", "V1", -100),
    ]


def test_a_later_version_of_a_receipt_is_a_restatement_however_late() -> None:
    chain = Chain().receipt("R1", 100).receipt("R1", 90, known_on="06-20")
    assert papers(chain)[-1] == ("06-20", "restatements", "goods_receipt", "R1", -10)


def test_a_payment_is_cash_of_its_bank_receipt() -> None:
    chain = Chain().receipt("R1", 100).statement("ST1", [{"receipt_no": "R1", "amount": 100}])
    assert papers(chain.payment("T1", 60, "ST1"))[-1] == (
        "06-10", "cash", "bank_receipt", "T1", -60,
    )  # fmt: skip


# entries of payment T1, what the statement sent again on 06-15 changed, the cause
RESTATED = [
    ({"receipt_no": "R2"}, {"receipt_no": "R2"}, "restated_statements"),
    ({"receipt_no": "R1"}, {"receipt_no": "R2"}, "cash"),  # placed late for another reason
    ({"receipt_no": "R2", "known_on": "06-10"}, {"receipt_no": "R2"}, "cash"),  # before it
    ({"receipt_no": "R2", "transaction_no": "T2"}, {"receipt_no": "R2"}, "cash"),  # a new payment
    (
        {"item_id": "fee", "item_kind": "deduction", "entry_kind": "supported"},
        {"fee_code": "F1"},
        "restated_statements",
    ),
    ({"item_id": "other fee", "entry_kind": "taken"}, {"fee_code": "F1"}, "cash"),
]


@pytest.mark.parametrize("number", range(len(RESTATED)))
def test_what_a_statement_sent_again_does_to_an_earlier_payment_is_its_own_cause(number) -> None:
    given, change, cause = RESTATED[number]
    entry = {
        "item_id": "i", "item_kind": "invoice", "entry_kind": "cash", "chain_id": "C",
        "debtor_id": "HO", "store_id": "S1", "effective_on": "06-10", "known_on": "06-15",
        "transaction_no": "T1", "amount": -5, "document_no": "P",
    }  # fmt: skip
    world = World().given("settled.ledger", [entry | given])
    world.given(
        "staged.bank_receipts",
        [
            {"known_on": "06-10", "transaction_no": "T1"},
            {"known_on": "06-15", "transaction_no": "T2"},
        ],
    )
    world.given(
        "staged.statement_changes",
        [{"known_on": "06-15", "chain_id": "C", "statement_no": "ST1", **change}],
    )
    world.given(
        "settled.deductions",
        [{"chain_id": "C", "statement_no": "ST1", "deduction_id": "fee"}],
    )
    world.run("aged.changes", day_from="06-01", until="06-30")
    assert [row["cause"] for row in world.rows("from aged.changes")] == [cause]
