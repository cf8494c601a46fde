"""A paper that comes in a later run means what it would have meant in one run over all days."""

from hashlib import md5
from typing import Any

import pytest

from tests.papers import Chain, open_items, unapplied
from tests.support import World

TABLES = (
    "matched.cash_answers", "matched.clearings", "settled.ledger", "settled.item_balances",
    "settled.deduction_decisions", "settled.open_items",
)  # fmt: skip
RUNS = {"one run": [("05-01", "06-30")], "two runs": [("05-01", "06-05"), ("06-06", "06-30")]}


def told() -> Chain:
    """A reversal without word of the invoice, a statement named early, a stranger who is known."""
    chain = Chain("branch_head")
    for no, amount in (("A", 100), ("B", 60), ("C", 40), ("D", 500)):
        chain.receipt(f"R{no}", amount)
    chain.application("AP1", "RA", 100, "V1").application("AP2", "RB", 60, "V1")
    chain.invoice("V1", 160)
    chain.invoice("V2", -160, on="06-10", is_red=True, red_of_invoice_no="V1")
    fees = [{"line_kind": "deduction", "fee_code": "RB", "amount": amount} for amount in (-26, 59)]
    chain.statement("DZ2026050001", fees, on="05-20")
    chain.statement("DZ2026060001", [{"receipt_no": "RC", "amount": 40}], on="06-10")
    chain.payment("T1", 40, "DZ2026050001 DZ2026060001", on="06-01")
    chain.payment("T2", 500, "", on="06-01", payer_id=None, chain_id=None, payer_name="X")
    row = {
        "known_on": "06-10", "subject_kind": "cash", "subject_id": "T2", "decision": "assign",
        "target_id": "HO", "decided_by": "Lin", "decided_on": "06-10",
    }  # fmt: skip
    chain.world.given("staged.decisions", [row])
    _more(chain)
    return chain


def _more(chain: Chain) -> None:
    """A deduction decided on before it is taken, goods in balance on their first day, a list."""
    chain.receipt("RE", 70).receipt("RF", 80, on="05-10")
    fee = {"line_kind": "deduction", "fee_code": "RB", "amount": -20}
    chain.statement("DZ2026050003", [{"receipt_no": "RE", "amount": 70}, fee], on="05-20")
    row = {
        "known_on": "06-02", "subject_kind": "deduction", "decision": "accept",
        "subject_id": md5(b"deduction|C|DZ2026050003#2").hexdigest()[:16], "decided_by": "Lin",
        "decided_on": "06-02",
    }  # fmt: skip
    chain.world.given("staged.decisions", [row])
    chain.payment("T3", 50, "DZ2026050003", on="06-10")
    chain.application("AP3", "RF", 80, "V3").invoice("V3", 80)
    chain.invoice("V3", 80, known_on="06-12", status="void")
    item = {
        "item_id": "OP", "customer_id": "HO", "store_id": "S1", "chain_id": "C",
        "document_no": "QC20260001", "document_on": "2026-01-31", "is_invoiced": True,
    }  # fmt: skip
    for known_on, balance in (("05-01", 90), ("06-12", 30)):
        chain.world.given(
            "staged.opening_items", [{**item, "known_on": known_on, "balance": balance}]
        )
    chain.payment("T4", 90, "QC20260001", on="06-01")
    _stated_twice(chain)


def _stated_twice(chain: Chain) -> None:
    """Goods that a statement paid stand on a later one, whose net somebody pays without a word."""
    chain.receipt("RG", "33.11").receipt("RH", "27.05")
    chain.statement("DZ2026050004", [{"receipt_no": "RG", "amount": "33.11"}], on="05-20")
    chain.payment("T5", "33.11", "DZ2026050004", on="05-25")
    lines = [{"receipt_no": "RG", "amount": "33.11"}, {"receipt_no": "RH", "amount": "27.05"}]
    chain.statement("DZ2026060005", lines, on="06-08")
    chain.payment("T6", "60.16", "", on="06-15")


@pytest.fixture(scope="module")
def worlds() -> dict[str, World]:
    found = {}
    for name, windows in RUNS.items():
        chain = told()
        for window in windows:
            found[name] = chain.close(*window)
    return found


@pytest.mark.parametrize("name", RUNS)
def test_a_full_reversal_gives_the_goods_back_and_ends_the_invoice(worlds, name) -> None:
    items = [item for item in open_items(worlds[name], "06-30") if item[1] in ("RA", "RB", "V1")]
    assert items == [("uninvoiced", "RA", 100), ("uninvoiced", "RB", 60)]


@pytest.mark.parametrize("name", RUNS)
def test_the_statement_that_is_known_first_is_paid_first(worlds, name) -> None:
    rows = worlds[name].rows(
        "select strftime(known_on, '%m-%d') as day, unit_no, amount from matched.clearings "
        "where transaction_no = 'T1' order by all"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("06-01", "DZ2026050001#1", -26),
        ("06-01", "DZ2026050001#2", 59),
        ("06-10", "RC", 7),
    ]


@pytest.mark.parametrize("name", RUNS)
def test_a_corrected_list_gives_back_what_was_paid_beyond_it(worlds, name) -> None:
    assert unapplied(worlds[name], "06-11") == 0
    assert unapplied(worlds[name], "06-12") == 60


@pytest.mark.parametrize("name", RUNS)
def test_a_stranger_is_of_no_chain_before_somebody_says_so(worlds, name) -> None:
    rows = worlds[name].rows(
        "select verdict, chain_id from matched.cash_answers where transaction_no = 'T2' "
        "order by known_on"
    )
    assert [tuple(row.values()) for row in rows] == [("stranger", None), ("applied", "C")]


@pytest.mark.parametrize("name", RUNS)
def test_a_statement_of_which_some_goods_are_paid_is_not_paid_by_its_net(worlds, name) -> None:
    rows = worlds[name].rows(
        "select verdict from matched.cash_answers where transaction_no = 'T6' order by known_on"
    )
    assert [row["verdict"] for row in rows] == ["none"]


@pytest.mark.parametrize("table", TABLES)
def test_two_runs_say_what_one_run_says(worlds, table) -> None:
    def said(name: str) -> list[dict[str, Any]]:
        return worlds[name].rows(f"select * from {table} order by all")

    assert said("two runs") == said("one run")
