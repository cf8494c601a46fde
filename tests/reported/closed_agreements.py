"""The tables of the hand-made day on how chains keep what was agreed: columns and rows."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from tests.reported.closed_tables import MONEY

D = Decimal

AGREEMENT_COLUMNS: dict[str, dict[str, Any]] = {
    "settled.pattern_behaviour": {
        "known_on": pl.Date,
        "chain_id": pl.String,
        "pattern": pl.String,
        "is_inferred": pl.Boolean,
        "paper": pl.String,
        "evidence_pattern": pl.String,
        "orders": pl.Int64,
        "amount": MONEY,
    },
    "staged.agreement_faults": {
        "as_of": pl.Date,
        "chain_id": pl.String,
        "agreement_id": pl.String,
        "fault": pl.String,
        "other_id": pl.String,
        "sentence": pl.String,
    },
    "settled.statement_totals": {
        "known_on": pl.Date,
        "chain_id": pl.String,
        "statement_no": pl.String,
        "goods_amount": MONEY,
        "adjustments": MONEY,
        "prepayments": MONEY,
        "invoice_deducted": MONEY,
        "cash_deducted": MONEY,
        "paid_separately": MONEY,
        "invoiceable": MONEY,
        "payable": MONEY,
        "printed_invoiceable": MONEY,
        "printed_payable": MONEY,
        "invoiceable_difference": MONEY,
        "payable_difference": MONEY,
        "cause": pl.String,
    },
    "settled.deductions": {
        "known_on": pl.Date,
        "came_on": pl.Date,
        "deduction_id": pl.String,
        "chain_id": pl.String,
        "statement_no": pl.String,
        "advice_no": pl.String,
        "debtor_id": pl.String,
        "store_id": pl.String,
        "counted_on": pl.Date,
        "fee_code": pl.String,
        "fee_name": pl.String,
        "amount": MONEY,
        "agreement_id": pl.String,
        "disputed_amount": MONEY,
        "month_to_date": MONEY,
        "year_to_date": MONEY,
        "cap": MONEY,
        "cap_period": pl.String,
    },
    "staged.statements": {
        "known_on": pl.Date,
        "chain_id": pl.String,
        "statement_no": pl.String,
    },
    "staged.remittance_advices": {
        "known_on": pl.Date,
        "chain_id": pl.String,
        "advice_no": pl.String,
    },
    "staged.deduction_agreements": {
        "known_on": pl.Date,
        "agreement_id": pl.String,
        "customer_id": pl.String,
    },
    "settled.write_off_totals": {
        "known_on": pl.Date,
        "debtor_id": pl.String,
        "chain_id": pl.String,
        "month": pl.String,
        "small_differences": MONEY,
        "deductions": MONEY,
        "amount": MONEY,
        "entries": pl.Int64,
    },
    "settled.consigned_stock": {
        "known_on": pl.Date,
        "chain_id": pl.String,
        "debtor_id": pl.String,
        "store_id": pl.String,
        "receipt_no": pl.String,
        "receipt_date": pl.Date,
        "accepted": MONEY,
        "reported": MONEY,
        "at_store": MONEY,
    },
    "matched.rule_precision": {
        "as_of": pl.Date,
        "rule": pl.String,
        "confirmed": pl.Int64,
        "refused": pl.Int64,
        "confirmed_share": pl.Decimal(9, 4),
    },
    "settled.promises_kept": {
        "as_of": pl.Date,
        "customer_id": pl.String,
        "promised_on": pl.Date,
        "pay_by": pl.Date,
        "amount": MONEY,
        "paid": MONEY,
        "promise_state": pl.String,
        "note": pl.String,
    },
}

STORE = "YH-00000"
HEAD = "YH-HO000"


def agreement_rows(day: date) -> Iterator[tuple[str, dict[str, Any]]]:
    """Facts about one chain; what was known otherwise the day before is replaced on the day."""
    yield from _behaviour(day)
    yield from _statements(day)
    yield from _fees(day)
    for rule, confirmed, refused, share in (
        ("suffix", 9, 1, "0.9000"),
        ("one_edit", 1, 2, "0.3333"),
    ):
        said = {"confirmed": confirmed, "refused": refused, "confirmed_share": D(share)}
        yield "matched.rule_precision", {"as_of": day, "rule": rule, **said}
    stock = {"chain_id": "YH", "debtor_id": HEAD, "store_id": STORE, "accepted": D(900)}
    received = {"receipt_no": "YS1", "receipt_date": day - timedelta(days=40)}
    for known_on, sold in ((day - timedelta(days=9), D(0)), (day, D(300))):
        yield (
            "settled.consigned_stock",
            {"known_on": known_on, **stock, **received, "reported": sold, "at_store": 900 - sold},
        )
    for state, paid in (("broken", D(100)), ("open", D(0)), ("kept", D("5000.00"))):
        yield (
            "settled.promises_kept",
            {
                "as_of": day,
                "customer_id": HEAD,
                "promised_on": day - timedelta(days=30),
                "pay_by": day - timedelta(days=1),
                "amount": D("5000.00"),
                "paid": paid,
                "promise_state": state,
                "note": "对账后付款",
            },
        )


def _behaviour(day: date) -> Iterator[tuple[str, dict[str, Any]]]:
    agreed = {"chain_id": "YH", "pattern": "branch_head", "is_inferred": False}
    for known_on, paper, shows, orders in (
        (day - timedelta(days=3), "invoice", "branch_head", 60),
        (day - timedelta(days=3), "invoice", "branch_branch", 5),
        (day, "invoice", "branch_branch", -2),
        (day, "invoice", "branch_head", 2),
        (day - timedelta(days=3), "bank_receipt", "mixed", 1),
        (day, "bank_receipt", "mixed", -1),
    ):
        yield (
            "settled.pattern_behaviour",
            {
                "known_on": known_on,
                **agreed,
                "paper": paper,
                "evidence_pattern": shows,
                "orders": orders,
                "amount": D(orders * 100),
            },
        )
    for fault, other, sentence in (
        (
            "overlap",
            "A-02",
            (
                "Agreements A-01 and A-02 of YH are equally specific and both hold from 2026-05-01 "
                "to 2026-12-31; what they say differently holds for nobody. End one of them before "
                "the other begins."
            ),
        ),
        (
            "unknown_debtor",
            "YH-X",
            (
                "Agreement A-01 names YH-X as the one who owes, but no customers file knows it. "
                "Correct the number, or send the customer."
            ),
        ),
    ):
        yield (
            "staged.agreement_faults",
            {
                "as_of": day,
                "chain_id": "YH",
                "agreement_id": "A-01",
                "fault": fault,
                "other_id": other,
                "sentence": sentence,
            },
        )


def _statements(day: date) -> Iterator[tuple[str, dict[str, Any]]]:
    parts = {"goods_amount": D(1000), "adjustments": D(-10), "prepayments": D(0)}
    parts |= {"invoice_deducted": D(50), "cash_deducted": D(40), "paid_separately": D(30)}
    for number, printed, cause in ((1, D(900), "none"), (2, D(940), "cash_deductions_left_out")):
        yield (
            "settled.statement_totals",
            {
                "known_on": day - timedelta(days=number),
                "chain_id": "YH",
                "statement_no": f"JS{number}",
                **parts,
                "invoiceable": D(940),
                "payable": D(900),
                "printed_payable": printed,
                "payable_difference": printed - 900,
                "cause": cause,
            },
        )


def _fees(day: date) -> Iterator[tuple[str, dict[str, Any]]]:
    """A cap of 1,000.00 a year for the head office, which two stores use.

    One line came again, one is dropped by the later version of its statement, and one is weighed
    anew.
    """
    capped = {"cap": D(1000), "cap_period": "year", "fee_name": "堆头费", "fee_code": "F1"}
    party = {"chain_id": "YH", "debtor_id": HEAD}
    yield (
        "staged.deduction_agreements",
        {"known_on": day - timedelta(days=90), "agreement_id": "K-01", "customer_id": HEAD},
    )
    for deduction, known_on, store, counted_on, amount, disputed, month, year in (
        ("d1", day - timedelta(60), STORE, day - timedelta(60), 700, 50, 650, 650),
        ("d1", day - timedelta(59), STORE, day - timedelta(60), 700, 0, 700, 700),
        ("d2", day - timedelta(5), "YH-00001", day - timedelta(5), 450, 100, 350, 1000),
        ("d3", day - timedelta(5), "YH-00001", day - timedelta(5), 70, 70, 350, 1000),
        ("d2", day, "YH-00001", day - timedelta(5), 400, 100, 300, 1000),
        ("d0", day - timedelta(300), STORE, date(day.year - 1, 12, 1), 90, 90, 0, 0),
    ):
        came_on = day - timedelta(60) if deduction == "d1" else known_on
        number = "ST-d2" if deduction == "d3" else f"ST-{deduction}"
        if came_on == known_on and deduction != "d3":
            yield (
                "staged.statements",
                {"known_on": came_on, "chain_id": "YH", "statement_no": number},
            )
        yield (
            "settled.deductions",
            {
                "known_on": known_on,
                "came_on": came_on,
                "deduction_id": deduction,
                "statement_no": number,
                **party,
                "store_id": store,
                "counted_on": counted_on,
                "amount": D(amount),
                "agreement_id": "K-01",
                "disputed_amount": D(disputed),
                "month_to_date": D(month),
                "year_to_date": D(year),
                **capped,
            },
        )
