"""Agreements that cannot all be followed are told, by `sidan check` and by the close."""

import json
from datetime import date

from typer.testing import CliRunner

from pipelines.agreements import overlapping, overlapping_fees, strangers
from pipelines.cli import app
from tests.papers import Chain
from tests.support import day


def agreement(agreement_id: str, **fields: object) -> dict[str, object]:
    """An agreement of chain C from 2026 on, for the whole chain."""
    return {
        "agreement_id": agreement_id,
        "chain_id": "C",
        "region": None,
        "customer_id": None,
        "category": None,
        "debtor_id": None,
        "valid_from": date(2026, 1, 1),
        "valid_to": None,
        **fields,
    }


PAIRS = [
    # what the second of two agreements for store S1 says, and whether both hold somewhere
    ({"customer_id": "S1"}, True),
    ({"customer_id": "S1", "region": "north"}, True),  # a store is a store in any region
    ({"customer_id": "S1", "valid_to": date(2026, 1, 1)}, True),
    ({"customer_id": "S1", "valid_from": date(2025, 1, 1), "valid_to": date(2025, 12, 31)}, False),
    ({"customer_id": "S1", "category": "fresh"}, False),
    ({"customer_id": "S2"}, False),
    ({"region": "north"}, False),
    ({"customer_id": "S1", "chain_id": "D"}, False),
]


def test_equally_specific_agreements_that_meet_are_told() -> None:
    for fields, is_told in PAIRS:
        rows = [agreement("A2", **fields), agreement("A1", customer_id="S1")]
        assert [ids for ids, _ in overlapping(rows)] == ["A1 and A2"] * is_told, fields


FEE_PAIRS: list[tuple[dict[str, object], str | None]] = [
    # what the second of two agreements about fee F of store S1 says, and which of both counts
    ({"rate_or_amount": 4}, "D1"),
    ({"cap": 100}, "D1"),
    ({"kind": "cash_deducted", "valid_from": date(2026, 3, 1)}, "D2"),
    ({"cap_period": "statement"}, None),  # the same in other words
    ({"rate_or_amount": 4, "customer_id": None}, None),
    ({"rate_or_amount": 4, "fee_code": "G"}, None),
    ({"rate_or_amount": 4, "valid_from": date(2027, 1, 1)}, None),
]


def test_equally_specific_agreements_about_a_fee_with_other_terms_are_told() -> None:
    fee = {
        "chain_id": "C", "customer_id": "S1", "fee_code": "F", "rate_or_amount": 3, "cap": None,
        "basis": "percent_of_net_purchases", "kind": "invoice_deducted", "cap_period": None,
        "valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31),
    }  # fmt: skip
    for fields, counts in FEE_PAIRS:
        told = list(
            overlapping_fees([fee | {"agreement_id": "D1"}, fee | {"agreement_id": "D2", **fields}])
        )
        assert [ids for ids, _ in told] == ["D1 and D2"] * (counts is not None), fields
        assert all(f"; {counts} counts. End one" in sentence for _, sentence in told)


def test_faults_of_agreements_about_fees_stand_like_those_about_settlement() -> None:
    chain = Chain("branch_head")
    fee = {
        "known_on": "05-01", "agreement_id": "D1", "chain_id": "C", "fee_code": "F",
        "basis": "fixed_per_month", "rate_or_amount": 100, "kind": "cash_deducted",
        "valid_from": "2026-01-01",
    }  # fmt: skip
    rival = {**fee, "known_on": "05-02", "agreement_id": "D2", "rate_or_amount": 200}
    stranger = {**fee, "known_on": "05-02", "agreement_id": "D3", "customer_id": "S9"}
    ended = {**fee, "known_on": "05-03", "valid_to": "2026-04-30"}
    follows = {**rival, "known_on": "05-03", "valid_from": "2026-05-01"}
    chain.world.given("staged.deduction_agreements", [fee, rival, stranger, ended, follows])
    world = chain.world.run("staged.agreement_faults", day_from="05-01", until="05-03")
    found = world.rows(
        "select strftime(as_of, '%m-%d') as day, fault, sentence from staged.agreement_faults "
        "order by all"
    )
    nobody = (
        "Agreement D3 names S9 as the one who may deduct, but no customers file knows it. "
        "Correct the number, or send the customer."
    )
    assert [tuple(row.values()) for row in found] == [
        (
            "05-02", "overlap",
            (
                "Agreements D1 and D2 of C about fee F are equally specific and both hold from "
                "2026-01-01 on; D1 counts. End one of them before the other begins."
            ),
        ),
        ("05-02", "unknown_customer", nobody),
        ("05-03", "unknown_customer", nobody),
    ]  # fmt: skip


def test_customers_that_nobody_knows_or_of_another_chain_are_told() -> None:
    rows = [
        agreement("A1", customer_id="S9"),
        agreement("A2", debtor_id="X1"),
        agreement("A3", customer_id="S1", debtor_id="S1"),
    ]
    told = list(strangers(rows, {("C", "S1"), ("X", "X1")}))
    ends = " Correct the number, or send the customer."
    assert told == [
        ("A1", "Its store S9 (customer_id) is in no customers file." + ends),
        ("A2", "Its debtor X1 (debtor_id) is a customer of X, not of C." + ends),
    ]


def test_faults_stand_from_the_day_that_brings_them_to_the_day_that_mends_them() -> None:
    chain = Chain("branch_head")
    chain.agreement(agreement_id="A2", pattern="branch_branch", known_on="05-03")
    chain.agreement(agreement_id="A3", customer_id="S9", debtor_id="S1", known_on="05-03")
    chain.agreement(valid_to="2026-04-30", known_on="05-05")
    chain.agreement(agreement_id="A2", valid_from="2026-05-01", known_on="05-05")
    world = chain.world.run("staged.agreement_faults", day_from="05-01", until="05-05")
    found = world.rows(
        "select as_of, fault, agreement_id, other_id from staged.agreement_faults "
        "order by as_of, fault"
    )
    assert [tuple(row.values()) for row in found] == [
        (day("05-03"), "overlap", "A1", "A2"),
        (day("05-03"), "unknown_customer", "A3", "S9"),
        (day("05-04"), "overlap", "A1", "A2"),
        (day("05-04"), "unknown_customer", "A3", "S9"),
        (day("05-05"), "unknown_customer", "A3", "S9"),
    ]


# What is told about them when days are closed is in test_close.
OVERLAPPING = (
    "agreement_id,chain_id,pattern,term_kind,term_days,valid_from\n"
    "JS-QL-09,QL,head_head,monthly,30,2026-01-01\n"
)
OVERLAP = (
    "Agreements JS-QL-01 and JS-QL-09 of QL are equally specific and both hold from "
    "2026-01-01 on; what they say differently holds for nobody. "
    "End one of them before the other begins."
)


def test_check_names_both_agreements(home) -> None:
    folder = home.inbox_folder(date(2026, 5, 3))
    folder.mkdir()
    (folder / "settlement_agreements.csv").write_text(OVERLAPPING, encoding="utf-8")
    checked = CliRunner().invoke(app, ["check", "--json"])
    (finding,) = json.loads(checked.stdout)
    assert (checked.exit_code, finding["level"]) == (1, "error")
    assert finding["where"] == "settlement_agreements JS-QL-01 and JS-QL-09"
