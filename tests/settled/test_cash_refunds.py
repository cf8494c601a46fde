"""Money that goes back otherwise than as an exact reversal: nothing is lost, nothing guessed."""

import re
from functools import cache
from typing import Any

import pytest

from tests.papers import Chain, side_by_side
from tests.support import World

AUDITS = [
    "matched/no_payment_clears_more_than_it_brings",
    "settled/cash_received_is_applied_or_unapplied",
    "settled/nothing_is_applied_beyond_its_balance",
    "settled/open_items_equal_the_ledger",
]
WHICH = "Which payment went back? Decide match to with its transaction number."
WHAT = (
    "What of T1 is open again? Decide match to with its number: what it paid last is open again "
    "first."
)
REST = "What is the rest of this payment for? Its papers are covered already."
FOR = "Which statement, advice or invoices does this payment settle?"
# every chain received R1 100 and R2 200, which statement ST names (06-01, or when it is `stated`).
# Payments are (number, amount, memo, day), decisions (payment, target, day); what each payment
# clears in the end, and what is left of each with its question and candidates
STORIES: dict[str, dict[str, Any]] = {
    "part of what was too much": {
        "payments": [("T1", 350, "ST", "06-10"), ("T2", -50, "退款 T1", "06-15")],
        "clears": {"T1": {"R1": 100, "R2": 200, "returned:T1": 50}, "T2": {"returned:T1": -50}},
    },
    "two parts of what was too much": {
        "payments": [
            ("T1", 350, "ST", "06-10"), ("T2", -20, "退款 T1", "06-15"),
            ("T3", -30, "T1退款", "06-20"),
        ],
        "clears": {
            "T1": {"R1": 100, "R2": 200, "returned:T1": 50},
            "T2": {"returned:T1": -20},
            "T3": {"returned:T1": -30},
        },
    },
    "part of what has its place": {
        "payments": [("T1", 300, "ST", "06-10"), ("T2", -50, "退款 T1", "06-15")],
        "clears": {"T1": {"R1": 100, "R2": 200}},
        "left": {"T2": (-50, WHAT, "T1 (2026-06-10, 300.00)")},
    },
    "part of what has its place, decided": {
        "payments": [("T1", 300, "ST", "06-10"), ("T2", -50, "退款 T1", "06-15")],
        "decisions": [("T2", "T1", "06-18")],
        "clears": {"T1": {"R1": 100, "R2": 150, "returned:T1": 50}, "T2": {"returned:T1": -50}},
    },
    "part of what the amount gave its place, decided": {
        "payments": [("T1", 300, "", "06-10"), ("T2", -120, "退款", "06-15")],
        "decisions": [("T2", "T1", "06-18")],
        "clears": {"T1": {"R1": 100, "R2": 80, "returned:T1": 120}, "T2": {"returned:T1": -120}},
    },
    "all of it by its number": {
        "payments": [("T1", 300, "ST", "06-10"), ("T2", -300, "退款 T1", "06-15")],
        "clears": {"T1": {"returned:T1": 300}, "T2": {"returned:T1": -300}},
    },
    "all of it, decided": {
        "payments": [("T1", 300, "ST", "06-10"), ("T2", -300, "", "06-15")],
        "decisions": [("T2", "T1", "06-18")],
        "clears": {"T1": {"returned:T1": 300}, "T2": {"returned:T1": -300}},
    },
    "first a part, then all the rest": {
        "payments": [
            ("T1", 350, "ST", "06-10"), ("T2", -50, "退款 T1", "06-15"),
            ("T3", -300, "退汇 T1", "06-20"),
        ],
        "clears": {
            "T1": {"returned:T1": 350}, "T2": {"returned:T1": -50}, "T3": {"returned:T1": -300},
        },
    },
    "part of money without a place": {
        "payments": [("T1", 5000, "预付款", "06-10"), ("T2", -2000, "退预付款 T1", "06-15")],
        "clears": {"T1": {"returned:T1": 2000}, "T2": {"returned:T1": -2000}},
        "left": {"T1": (3000, "3,000.00 is left: what is it for?", None)},
    },
    "money without a place, by its amount": {
        "payments": [("T1", 5000, "预付款", "06-10"), ("T2", -5000, "退预付款", "06-15")],
        "clears": {},
        "left": {"T1": (5000, FOR, None), "T2": (-5000, WHICH, "T1 (2026-06-10, 5,000.00)")},
    },
    "naming a statement": {
        "payments": [("T1", 350, "ST", "06-10"), ("T2", -50, "ST 退款", "06-15")],
        "clears": {"T1": {"R1": 100, "R2": 200}},
        "left": {"T1": (50, REST, None), "T2": (-50, WHICH, None)},
    },
    "on the day on which the paper it named came": {
        "payments": [("T2", 300, "ST", "06-10"), ("T1", -300, "冲正", "06-15")],
        "stated": "06-15",
        "clears": {"T2": {"returned:T2": 300}, "T1": {"returned:T2": -300}},
    },
    "on the day on which somebody decided on it": {
        "payments": [("T2", 300, "预付款", "06-10"), ("T1", -300, "冲正", "06-15")],
        "decisions": [("T2", "ST", "06-15")],
        "clears": {"T2": {"returned:T2": 300}, "T1": {"returned:T2": -300}},
    },
    "what was too much, on the day on which the paper came": {
        "payments": [("T2", 350, "ST", "06-10"), ("T1", -50, "退款 T2", "06-15")],
        "stated": "06-15",
        "clears": {"T2": {"R1": 100, "R2": 200, "returned:T2": 50}, "T1": {"returned:T2": -50}},
    },
    "more than it brought": {
        "payments": [("T1", 300, "ST", "06-10"), ("T2", -400, "退款 T1", "06-15")],
        "clears": {"T1": {"R1": 100, "R2": 200}},
        "left": {"T2": (-400, WHICH, None)},
    },
    "more than it brought, decided": {
        "payments": [("T1", 300, "ST", "06-10"), ("T2", -400, "退款 T1", "06-15")],
        "decisions": [("T2", "T1", "06-18")],
        "clears": {"T1": {"R1": 100, "R2": 200}},
        "left": {"T2": (-400, "Which payment went back?", None)},
    },
}  # fmt: skip


def papers() -> list[Chain]:
    """One world with a chain for each story; the numbers of a chain's papers begin with it."""
    chains = side_by_side(len(STORIES), "branch_head")
    for chain, story in zip(chains, STORIES.values(), strict=True):
        own, store = chain.chain_id, chain.customer("S1")
        chain.receipt(f"{own}R1", 100, on="05-03", store_id=store)
        chain.receipt(f"{own}R2", 200, on="05-04", store_id=store)
        lines = [{"receipt_no": f"{own}R{no}", "amount": 100 * no} for no in (1, 2)]
        stated = story.get("stated", "06-01")
        chain.statement(f"{own}ST", lines, on=stated, party=chain.customer("HO"))
        for number, amount, memo, on in story["payments"]:
            told = re.sub(r"T\d|ST", own + r"\g<0>", memo)
            chain.payment(own + number, amount, told, on=on)
        rows = [
            {
                "known_on": on, "subject_kind": "cash", "subject_id": own + payment,
                "decision": "match to", "target_id": own + target, "decided_by": "Lin",
                "decided_on": on,
            }
            for payment, target, on in story.get("decisions", ())
        ]  # fmt: skip
        chain.world.given("staged.decisions", rows)
    return chains


@cache
def told() -> World:
    return papers()[0].close()


@pytest.mark.parametrize("name", STORIES)
def test_money_that_went_back_is_placed_or_asked_about(name: str) -> None:
    story, own = STORIES[name], f"C{list(STORIES).index(name):02}"
    cleared: dict[str, dict[str, Any]] = {}
    for row in told().rows(
        "select transaction_no, unit_no, sum(amount) as amount from matched.clearings "
        f"where chain_id = '{own}' group by all having sum(amount) <> 0"
    ):
        of_payment = cleared.setdefault(row["transaction_no"].removeprefix(own), {})
        of_payment[row["unit_no"].replace(own, "")] = row["amount"]
    assert cleared == story["clears"]
    left = {
        row["transaction_no"].removeprefix(own): (
            row["amount"],
            row["question"].replace(own, ""),
            row["candidates"] and row["candidates"].replace(own, ""),
        )
        for row in told().rows(
            "select transaction_no, amount, question, candidates from settled.unapplied_cash "
            f"where as_of = date '2026-06-30' and chain_id = '{own}'"
        )
    }
    assert left == story.get("left", {})


@pytest.mark.parametrize("audit", AUDITS)
def test_no_refund_blocks_a_day(audit: str) -> None:
    assert told().audit(audit, "05-01", "06-30") == []


def test_refunds_day_by_day_are_refunds_in_one_run() -> None:
    chain = papers()[0]
    for first, last in (
        ("05-01", "06-09"), ("06-10", "06-14"), ("06-15", "06-15"), ("06-16", "06-17"),
        ("06-18", "06-18"), ("06-19", "06-20"), ("06-21", "06-30"),
    ):  # fmt: skip
        by_day = chain.close(first, last)
    for table in ("matched.cash_answers", "matched.clearings", "settled.unapplied_cash"):
        rows = [sorted(map(str, each.rows(f"from {table}"))) for each in (told(), by_day)]
        assert rows[0] == rows[1], table
