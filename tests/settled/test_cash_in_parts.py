"""One paper paid in parts: each payment goes on where the earlier ones end."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from receivables.cash.said import REVERSED
from tests.papers import Chain, side_by_side
from tests.support import World

AUDITS = [
    "matched/no_payment_clears_more_than_it_brings",
    "settled/cash_received_is_applied_or_unapplied",
    "settled/nothing_is_applied_beyond_its_balance",
    "settled/open_items_equal_the_ledger",
]
FEE = ("FL", -50)
# every chain received R1 200 and R2 300; statement ST names them, with a deduction where the story
# has one, ST2 names R3 400 and ST3 names R4 100; advice FK pays ST and takes a fee; invoice 8000
# bills R1 and R2, and 100 that no goods explain. Payments are (number, amount, memo, day); what
# each clears in the end, what is left unapplied
STORIES: dict[str, dict[str, Any]] = {
    "two parts of a statement": {
        "payments": [("T1", 250, "ST", "06-10"), ("T2", 250, "ST", "06-12")],
        "clears": {"T1": {"R1": 200, "R2": 50}, "T2": {"R2": 250}},
    },
    "three parts of a statement, two on one day": {
        "payments": [
            ("T1", 150, "ST", "06-10"), ("T2", 120, "ST", "06-12"), ("T3", 200, "ST", "06-12"),
        ],
        "clears": {"T1": {"R1": 150}, "T2": {"R1": 50, "R2": 70}, "T3": {"R2": 200}},
    },
    "parts of an invoice": {
        "payments": [
            ("T1", 250, "8000", "06-10"), ("T2", 280, "8000", "06-12"), ("T3", 50, "8000", "06-13"),
        ],
        "clears": {
            "T1": {"R1": 200, "R2": 50}, "T2": {"R2": 250, "8000": 30}, "T3": {"8000": 50},
        },
    },
    "the later one received is known first": {
        "payments": [("T1", 250, "ST", "06-14"), ("T2", 210, "ST", "06-12")],
        "clears": {"T2": {"R1": 200, "R2": 10}, "T1": {"R2": 250}},
    },
    "both before their statement": {
        "payments": [("T1", 250, "ST", "05-27"), ("T2", 250, "ST", "05-28")],
        "clears": {"T1": {"R1": 200, "R2": 50}, "T2": {"R2": 250}},
    },
    "the first goes back and is paid again": {
        "payments": [
            ("T1", 250, "ST", "06-10"), ("T2", 200, "ST", "06-11"), ("T3", -250, "冲正", "06-13"),
            ("T4", 250, "ST", "06-14"),
        ],
        "clears": {"T2": {"R2": 200}, "T4": {"R1": 200, "R2": 50}},
    },
    "all goes back and is paid again in parts": {
        "payments": [
            ("T1", 500, "ST", "06-10"), ("T2", -500, "冲正", "06-11"), ("T3", 280, "ST", "06-12"),
            ("T4", 220, "ST", "06-13"),
        ],
        "clears": {"T3": {"R1": 200, "R2": 80}, "T4": {"R2": 220}},
    },
    "the first goes back after the second": {
        "payments": [
            ("T1", 250, "ST", "06-10"), ("T2", 300, "ST", "06-11"), ("T3", -250, "冲正", "06-13"),
        ],
        "clears": {"T2": {"R1": 50, "R2": 250}},
    },
    "the first takes the deduction": {
        "deductions": [FEE],
        "payments": [("T1", 200, "ST", "06-10"), ("T2", 250, "ST", "06-12")],
        "clears": {"T1": {"R1": 200, "R2": 50, "ST#3": -50}, "T2": {"R2": 250}},
    },
    "together more than the statement": {
        "payments": [("T1", 250, "ST", "06-10"), ("T2", 270, "ST", "06-12")],
        "clears": {"T1": {"R1": 200, "R2": 50}, "T2": {"R2": 250}},
        "left": 20,
    },
    "the second for two statements": {
        "payments": [("T1", 250, "ST", "06-10"), ("T2", 600, "ST ST2", "06-12")],
        "clears": {"T1": {"R1": 200, "R2": 50}, "T2": {"R2": 250, "R3": 350}},
    },
    "one for two statements, of which one comes later and takes more": {
        "deductions": [FEE], "second_on": "06-12", "second_deductions": [("FL", -30)],
        "payments": [("T1", 400, "ST ST2", "06-10")],
        "clears": {"T1": {"R1": 200, "R2": 250, "ST#3": -50, "R3": 30, "ST2#2": -30}},
    },
    "a fee is given back once": {
        "deductions": [("FL", 40)],
        "payments": [("T1", 540, "ST", "06-10"), ("T2", 540, "ST", "06-12")],
        "clears": {"T1": {"R1": 200, "R2": 300, "ST#3": 40}},
        "left": 540,
    },
    "a fee is given back again when the payment went back": {
        "deductions": [("FL", 40)],
        "payments": [
            ("T1", 540, "ST", "06-10"), ("T2", -540, "冲正", "06-11"), ("T3", 540, "ST", "06-12"),
        ],
        "clears": {"T3": {"R1": 200, "R2": 300, "ST#3": 40}},
    },
    "the deduction is taken once more when the payment went back": {
        "deductions": [FEE],
        "payments": [
            ("T1", 450, "ST", "06-10"), ("T2", -450, "退票", "06-11"), ("T3", 450, "ST", "06-12"),
        ],
        "clears": {"T3": {"R1": 200, "R2": 300, "ST#3": -50}},
    },
    "it goes back and comes again on one day: the newest went back": {
        "deductions": [FEE],
        "payments": [
            ("T1", 450, "ST", "06-10"), ("T2", -450, "冲正", "06-12"), ("T3", 450, "ST", "06-12"),
        ],
        "clears": {"T1": {"R1": 200, "R2": 300, "ST#3": -50}},
    },
    "it goes back twice, once by its number": {
        "deductions": [FEE],
        "payments": [
            ("T1", 450, "ST", "06-10"), ("T2", -450, "退款 T1", "06-11"),
            ("T3", 450, "ST", "06-12"), ("T4", -450, "冲正", "06-13"), ("T5", 450, "ST", "06-14"),
        ],
        "clears": {"T5": {"R1": 200, "R2": 300, "ST#3": -50}},
    },
    "the second takes nothing and stands, the first goes back": {
        "deductions": [FEE],
        "payments": [
            ("T1", 200, "ST", "06-10"), ("T2", 150, "ST", "06-11"), ("T3", -200, "冲正", "06-12"),
            ("T4", 300, "ST", "06-13"), ("T5", 10, "ST", "06-14"),
        ],
        "clears": {"T2": {"R2": 150}, "T4": {"R1": 200, "R2": 150, "ST#3": -50}},
        "left": 10,
    },
    "of two alike the newest went back, the first has taken": {
        "deductions": [FEE],
        "payments": [
            ("T1", 450, "ST", "06-10"), ("T2", 450, "ST", "06-11"), ("T3", -450, "冲正", "06-12"),
            ("T4", 10, "ST", "06-13"),
        ],
        "clears": {"T1": {"R1": 200, "R2": 300, "ST#3": -50}},
        "left": 10,
    },
    "money that goes back without a word is asked about": {
        "deductions": [FEE],
        "payments": [
            ("T1", 450, "ST", "06-10"), ("T2", -450, "退款", "06-11"), ("T3", 450, "ST", "06-12"),
        ],
        "clears": {"T1": {"R1": 200, "R2": 300, "ST#3": -50}},
        "left": 0,
    },
    "an advice in parts": {
        "payments": [("T1", 250, "FK", "06-10"), ("T2", 200, "FK", "06-12")],
        "clears": {"T1": {"R1": 200, "R2": 100, "FK#2": -50}, "T2": {"R2": 200}},
    },
    "an advice again": {
        "payments": [("T1", 450, "FK", "06-10"), ("T2", 450, "FK", "06-12")],
        "clears": {"T1": {"R1": 200, "R2": 300, "FK#2": -50}},
        "left": 450,
    },
    "an advice again after the payment went back": {
        "payments": [
            ("T1", 450, "FK", "06-10"), ("T2", -450, "冲正", "06-11"), ("T3", 450, "FK", "06-12"),
        ],
        "clears": {"T3": {"R1": 200, "R2": 300, "FK#2": -50}},
    },
    "an advice comes after both its payments": {
        "advised_on": "06-13",
        "payments": [
            ("T1", 450, "FK", "06-10"), ("T2", -450, "冲正", "06-11"), ("T3", 450, "FK", "06-12"),
        ],
        "clears": {"T3": {"R1": 200, "R2": 300, "FK#2": -50}},
    },
    "an advice comes on the day on which its payment goes back": {
        "advised_on": "06-13",
        "payments": [
            ("T5", 450, "FK", "06-10"), ("T2", -450, "冲正", "06-13"), ("T6", 450, "FK", "06-14"),
        ],
        "clears": {"T6": {"R1": 200, "R2": 300, "FK#2": -50}},
    },
    "the first for two statements": {
        "payments": [("T1", 650, "ST ST2", "06-10"), ("T2", 250, "ST2", "06-12")],
        "clears": {"T1": {"R1": 200, "R2": 300, "R3": 150}, "T2": {"R3": 250}},
    },
    "three for the same two statements": {
        "payments": [
            ("T1", 250, "ST ST2", "06-10"), ("T2", 300, "ST ST2", "06-11"),
            ("T3", 350, "ST ST2", "06-12"),
        ],
        "clears": {"T1": {"R1": 200, "R2": 50}, "T2": {"R2": 250, "R3": 50}, "T3": {"R3": 350}},
    },
    "each for the statement before and its own": {
        "payments": [
            ("T1", 250, "ST", "06-10"), ("T2", 450, "ST ST2", "06-11"),
            ("T3", 250, "ST2 ST3", "06-12"), ("T4", 50, "ST3", "06-13"),
        ],
        "clears": {
            "T1": {"R1": 200, "R2": 50}, "T2": {"R2": 250, "R3": 200},
            "T3": {"R3": 200, "R4": 50}, "T4": {"R4": 50},
        },
    },
    "the first of three for two statements goes back and is paid again": {
        "payments": [
            ("T1", 250, "ST ST2", "06-10"), ("T2", 300, "ST ST2", "06-11"),
            ("T3", -250, "冲正", "06-12"), ("T4", 350, "ST ST2", "06-13"),
            ("T5", 250, "ST ST2", "06-14"),
        ],
        "clears": {
            "T2": {"R2": 250, "R3": 50}, "T4": {"R3": 350}, "T5": {"R1": 200, "R2": 50},
        },
    },
    "a fourth for statements that are paid": {
        "payments": [
            ("T1", 500, "ST", "06-10"), ("T2", 300, "ST ST2", "06-11"),
            ("T3", 100, "ST ST2", "06-12"), ("T4", 70, "ST ST2", "06-13"),
        ],
        "clears": {"T1": {"R1": 200, "R2": 300}, "T2": {"R3": 300}, "T3": {"R3": 100}},
        "left": 70,
    },
}  # fmt: skip


def fees(taken: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """Lines of a statement, after those of its goods."""
    line = {"line_kind": "deduction", "deduction_kind": "cash_deducted"}
    return [{**line, "fee_code": code, "amount": amount} for code, amount in taken]


def advise(chain: Chain, on: str) -> None:
    own = chain.chain_id
    lines = [("500", f"{own}ST", None), ("-50", None, "FL")]
    chain.world.given(
        "staged.remittance_advices",
        [
            {
                "known_on": on, "chain_id": own, "advice_no": f"{own}FK", "line_no": number,
                "amount": amount, "statement_no": statement_no, "fee_code": fee_code,
            }
            for number, (amount, statement_no, fee_code) in enumerate(lines, start=1)
        ],
    )  # fmt: skip


def papers() -> list[Chain]:
    """One world with a chain for each story; the numbers of a chain's papers begin with it."""
    chains = side_by_side(len(STORIES), "branch_head")
    for chain, story in zip(chains, STORIES.values(), strict=True):
        own, store = chain.chain_id, chain.customer("S1")
        for number, amount, on in (
            ("R1", 200, "05-03"),
            ("R2", 300, "05-04"),
            ("R3", 400, "05-05"),
            ("R4", 100, "05-06"),
        ):
            chain.receipt(own + number, amount, on=on, store_id=store)
        lines: list[dict[str, Any]] = [
            {"receipt_no": f"{own}R1", "amount": 200}, {"receipt_no": f"{own}R2", "amount": 300},
        ]  # fmt: skip
        if any(memo == "8000" for _, _, memo, _ in story["payments"]):
            chain.application(f"{own}A1", f"{own}R1", 200, f"{own}8000")
            chain.application(f"{own}A2", f"{own}R2", 300, f"{own}8000")
            chain.invoice(f"{own}8000", 600, buyer_id=chain.customer("HO"))
        if any(memo == "FK" for _, _, memo, _ in story["payments"]):
            advise(chain, story.get("advised_on", "06-02"))
        lines += fees(story.get("deductions", []))
        chain.statement(f"{own}ST", lines, party=chain.customer("HO"))
        for statement_no, receipt_no, amount in (("ST2", "R3", 400), ("ST3", "R4", 100)):
            other: list[dict[str, Any]] = [{"receipt_no": own + receipt_no, "amount": amount}]
            is_second = statement_no == "ST2"
            other += fees(story.get("second_deductions", []) if is_second else [])
            on = story.get("second_on", "06-01") if is_second else "06-01"
            chain.statement(own + statement_no, other, on=on, party=chain.customer("HO"))
        for number, amount, memo, on in story["payments"]:
            words = [f"{own}{word}" if word.isascii() else word for word in memo.split()]
            chain.payment(own + number, amount, " ".join(words), on=on)
    return chains


@cache
def told() -> World:
    return papers()[0].close()


@pytest.mark.parametrize("name", STORIES)
def test_each_part_goes_on_where_the_earlier_ones_end(name: str) -> None:
    story, own = STORIES[name], f"C{list(STORIES).index(name):02}"
    cleared: dict[str, dict[str, Any]] = {}
    for row in told().rows(
        "select transaction_no, unit_no, sum(amount) as amount from matched.clearings "
        f"where chain_id = '{own}' and unit_no not like 'returned:%' "
        "group by all having sum(amount) <> 0"
    ):
        of_payment = cleared.setdefault(row["transaction_no"].removeprefix(own), {})
        of_payment[row["unit_no"].removeprefix(own)] = row["amount"]
    assert cleared == story["clears"]
    left = told().rows(
        "select coalesce(sum(amount), 0) as amount from settled.unapplied_cash "
        f"where as_of = date '2026-06-30' and chain_id = '{own}'"
    )
    assert left[0]["amount"] == story.get("left", 0)


@pytest.mark.parametrize("audit", AUDITS)
def test_parts_pass_the_audits(audit: str) -> None:
    assert told().audit(audit, "05-01", "06-30") == []


def test_the_bank_says_alike_in_both_places_that_money_came_back() -> None:
    step = Path("assets/matched/steps/payments_sent_back.sql").read_text(encoding="utf-8")
    assert f"regexp_matches(memo, '{REVERSED.pattern}', 'i')" in step


def test_parts_day_by_day_are_parts_in_one_run() -> None:
    chain = papers()[0]
    for first, last in (
        ("05-01", "05-31"), ("06-01", "06-09"), ("06-10", "06-10"), ("06-11", "06-11"),
        ("06-12", "06-12"), ("06-13", "06-13"), ("06-14", "06-30"),
    ):  # fmt: skip
        by_day = chain.close(first, last)
    for table in ("matched.payment_claims", "matched.clearings", "settled.unapplied_cash"):
        rows = [sorted(map(str, each.rows(f"from {table}"))) for each in (told(), by_day)]
        assert rows[0] == rows[1], table
