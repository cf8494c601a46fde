"""Odd payments: nothing is applied twice, nothing is lost, and what is left is asked about."""

from functools import cache
from typing import Any

import pytest

from tests.papers import Chain, open_items, unapplied
from tests.support import World

AUDITS = [
    "matched/no_payment_clears_more_than_it_brings",
    "settled/cash_received_is_applied_or_unapplied",
    "settled/nothing_is_applied_beyond_its_balance",
    "settled/open_items_equal_the_ledger",
]
WHICH = "Which statement, advice or invoices does this payment settle?"
REST = "What is the rest of this payment for? Its papers are covered already."
FEE = {"line_kind": "deduction", "fee_code": "FL", "deduction_kind": "cash_deducted"}


def goods(receipt_no: str, amount: Any) -> dict[str, Any]:
    return {"receipt_no": receipt_no, "amount": amount}


# receipts {number: amount}, statements and advices {number: lines}, payments (number, amount, memo,
# day); what each payment clears in the end, and what is left of each with its question
STORIES: dict[str, dict[str, Any]] = {
    "deductions larger than the goods": {
        "receipts": {"R": 100},
        "statements": {"ST": [goods("R", 100), {**FEE, "amount": -150}]},
        "payments": [("T", 40, "ST", "06-10")],
        "clears": {"T": {"R": 100, "ST#2": -100}},
        "left": {"T": (40, WHICH)},
    },
    "goods that another payment has paid": {
        "receipts": {"R": 1000},
        "statements": {
            "ST0": [goods("R", 1000)],
            "ST1": [goods("R", 1000), {**FEE, "amount": -100}],
        },
        "payments": [("T0", 1000, "ST0", "06-05"), ("T1", 900, "ST1", "06-10")],
        "clears": {"T0": {"R": 1000}},
        "left": {"T1": (900, WHICH)},
    },
    "a return larger than the goods": {
        "receipts": {"R": 1000, "B": -1200},
        "statements": {"ST": [goods("R", 1000), {**goods("B", -1200), "line_kind": "return"}]},
        "payments": [("T", 50, "ST", "06-10")],
        "clears": {"T": {"R": 1000, "B": -1000}},
        "left": {"T": (50, WHICH)},
    },
    "a statement named again takes its deductions once": {
        "receipts": {"R": 1000},
        "statements": {"ST": [goods("R", 1000), {**FEE, "amount": -100}]},
        "payments": [
            ("T0", 500, "ST", "06-05"), ("T1", 400, "ST", "06-10"), ("T2", 900, "ST", "06-12"),
        ],
        "clears": {"T0": {"R": 600, "ST#2": -100}, "T1": {"R": 400}},
        "left": {"T2": (900, WHICH)},
    },
    "more than its statement": {
        "receipts": {"R": 1000},
        "statements": {"ST": [goods("R", 1000)]},
        "payments": [("T", 1200, "ST", "06-10")],
        "clears": {"T": {"R": 1000}},
        "left": {"T": (200, REST)},
    },
    "one payment for two statements": {
        "receipts": {"R": 1000, "Q": 500},
        "statements": {
            "STR": [goods("R", 1000), {**FEE, "amount": -70}],
            "STQ": [goods("Q", 500), {**FEE, "amount": -30}],
        },
        "payments": [("T", 1400, "STR STQ", "06-10")],
        "clears": {"T": {"R": 1000, "STR#2": -70, "Q": 500, "STQ#2": -30}},
        "left": {},
    },
    "the same bank line in two exports": {
        "receipts": {"R": 1000},
        "statements": {"ST": [goods("R", 1000)]},
        "payments": [("T", 600, "ST", "06-10"), ("T", 600, "ST 货款", "06-12")],
        "clears": {"T": {"R": 600}},
        "left": {},
    },
    "an advice over less than the payment": {
        "receipts": {"R": 1000, "Q": 500},
        "statements": {"STR": [goods("R", 1000)], "STQ": [goods("Q", 500)]},
        "advices": {"AD": [("STR", 300), ("STQ", 200)]},
        "payments": [("T", 600, "AD", "06-10")],
        "clears": {"T": {"R": 300, "Q": 200}},
        "left": {"T": (100, REST)},
    },
    "an advice over more than the payment": {
        "receipts": {"R": 1000, "Q": 500},
        "statements": {"STR": [goods("R", 1000)], "STQ": [goods("Q", 500)]},
        "advices": {"AD": [("STR", 1000), ("STQ", 500)]},
        "payments": [("T", 1200, "AD", "06-10")],
        "clears": {"T": {"R": 1000, "Q": 200}},
        "left": {},
    },
    "an advice that names what is paid": {
        "receipts": {"R": 1000, "Q": 500},
        "statements": {"STR": [goods("R", 1000)], "STQ": [goods("Q", 500)]},
        "advices": {"AD": [("STR", 1000), ("STQ", 500)]},
        "payments": [("T0", 1000, "STR", "06-05"), ("T1", 1500, "AD", "06-10")],
        "clears": {"T0": {"R": 1000}, "T1": {"Q": 500}},
        "left": {"T1": (1000, REST)},
    },
    "before any goods": {
        "receipts": {},
        "statements": {},
        "payments": [("T", 5000, "预付款", "06-10")],
        "clears": {},
        "left": {"T": (5000, WHICH)},
    },
}  # fmt: skip


@cache
def told() -> World:
    """One world with a chain for each story; the numbers of a chain's papers begin with it."""
    world = World()
    chains = [Chain("branch_head", chain_id=f"K{n}", world=world) for n in range(len(STORIES))]
    world.run(*Chain.START, day_from="05-01")
    for chain, story in zip(chains, STORIES.values(), strict=True):
        own = chain.chain_id
        for number, amount in story["receipts"].items():
            chain.receipt(f"{own}{number}", amount, store_id=chain.customer("S1"))
        for number, lines in story["statements"].items():
            named = [
                {**line, "receipt_no": own + line["receipt_no"]} if "receipt_no" in line else line
                for line in lines
            ]
            chain.statement(f"{own}{number}", named, party=chain.customer("HO"))
        rows = [
            {
                "known_on": "06-01", "chain_id": own, "advice_no": f"{own}{number}",
                "line_no": line_no, "statement_no": f"{own}{statement_no}", "amount": amount,
            }
            for number, lines in story.get("advices", {}).items()
            for line_no, (statement_no, amount) in enumerate(lines, start=1)
        ]  # fmt: skip
        world.given("staged.remittance_advices", rows)
        for number, amount, memo, on in story["payments"]:
            words = [f"{own}{word}" if word.isascii() else word for word in memo.split()]
            chain.payment(f"{own}{number}", amount, " ".join(words), on=on)
    return chains[0].close()


@pytest.mark.parametrize("name", STORIES)
def test_an_odd_payment_clears_what_it_pays_for(name: str) -> None:
    story, own = STORIES[name], f"K{list(STORIES).index(name)}"
    cleared: dict[str, dict[str, Any]] = {}
    for row in told().rows(
        "select transaction_no, unit_no, sum(amount) as amount from matched.clearings "
        f"where chain_id = '{own}' group by all having sum(amount) <> 0"
    ):
        of_payment = cleared.setdefault(row["transaction_no"].removeprefix(own), {})
        of_payment[row["unit_no"].removeprefix(own)] = row["amount"]
    assert cleared == story["clears"]
    left = told().rows(
        "select transaction_no, amount, question from settled.unapplied_cash "
        f"where as_of = date '2026-06-30' and chain_id = '{own}'"
    )
    assert {
        row["transaction_no"].removeprefix(own): (row["amount"], row["question"]) for row in left
    } == story["left"]


@pytest.mark.parametrize("audit", AUDITS)
def test_no_odd_payment_blocks_the_day(audit: str) -> None:
    assert told().audit(audit, "05-01", "06-30") == []


def late() -> Chain:
    """The goods of a statement come after its payment, and turn out to be less later."""
    chain = Chain("branch_head").statement("ST", [goods("R", 1000), {**FEE, "amount": -100}])
    chain.payment("T", 900, "ST", on="06-05").receipt("R", 1000, known_on="06-10")
    return chain.receipt("R", 60, known_on="06-20")


def test_a_deduction_is_taken_when_the_goods_come_as_far_as_they_go() -> None:
    whole, daily = late().close(), late()
    days = ("06-05", "06-10", "06-20")
    assert [unapplied(whole, day) for day in days] == [900, 0, 900]
    taken = [("deduction", "ST#2", 100)], [("deduction", "ST#2", 60)]
    assert [open_items(whole, day) for day in days] == [[], *taken]
    windows = (("05-01", "06-09"), ("06-10", "06-10"), ("06-11", "06-19"), ("06-20", "06-30"))
    for day_from, until in (*windows, ("06-10", "06-30")):
        world = daily.close(day_from, until)
        for audit in AUDITS:
            assert world.audit(audit, day_from, until) == [], audit
    for table in ("matched.clearings", "settled.cash_applications", "settled.ledger"):
        query = f"select * from {table} order by all"
        assert world.rows(query) == whole.rows(query), table


def test_a_statement_of_which_no_goods_are_known_is_paid_when_they_come() -> None:
    """By its net the payment waits, its own deduction too; some goods are enough to begin with."""
    fee = {"line_kind": "deduction", "fee_code": "RB", "amount": -45}
    chain = Chain("branch_head").receipt("R1", 667, known_on="06-05")
    chain.statement("ST1", [{"receipt_no": "R1", "amount": 667}, fee], on="05-20")
    chain.payment("T1", 622, "", on="05-25")
    world = chain.close()
    assert unapplied(world, "05-25") == 622
    assert unapplied(world, "06-05") == 0
    for audit in ("matched/no_payment_clears_more_than_it_brings",
                  "settled/cash_received_is_applied_or_unapplied"):  # fmt: skip
        for until in ("05-25", "06-30"):
            assert world.audit(audit, "05-01", until) == [], audit


def test_a_statement_of_which_some_goods_are_known_takes_no_more_off_than_they_bring() -> None:
    fee = {"line_kind": "deduction", "fee_code": "RB", "amount": -45}
    chain = Chain("branch_head").receipt("R1", 10).receipt("R2", 667, known_on="06-05")
    lines = [{"receipt_no": "R1", "amount": 10}, {"receipt_no": "R2", "amount": 667}, fee]
    chain.statement("ST1", lines, on="05-20").payment("T1", 632, "", on="05-25")
    world = chain.close()
    assert unapplied(world, "06-05") == 0
    for until in ("05-25", "06-30"):
        audit = "matched/no_payment_clears_more_than_it_brings"
        assert world.audit(audit, "05-01", until) == []
