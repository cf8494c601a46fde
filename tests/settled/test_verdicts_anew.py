"""Deductions are weighed anew when an earlier statement of their month or year is sent again."""

from decimal import Decimal
from typing import Any

import pytest

from tests.papers import FLOW, Chain
from tests.support import World, upstream

TABLES = upstream("settled.disputes", "settled.trial", stages=("settled",))
ALL = list(dict.fromkeys([*FLOW, *TABLES]))
AUDITS = [
    "settled/cash_received_is_applied_or_unapplied",
    "settled/deductions_are_supported_or_disputed",
    "settled/disputes_are_open_and_never_below_nothing",
    "settled/nothing_is_applied_beyond_its_balance",
    "settled/open_items_equal_the_ledger",
    "settled/trial_adds_up",
]
MONTH = {"basis": "fixed_per_month", "rate_or_amount": 100}
PERCENT = {"basis": "percent_of_net_purchases", "rate_or_amount": 10, "cap": 80}
YEAR = {"basis": "fixed_per_event", "rate_or_amount": 80, "cap": 100, "cap_period": "year"}
# the agreement; what the first statement of May takes and, sent again, what it takes then; what
# the second one takes; (known on, supported, used in the month, used in the year) of the second
WEIGHED: dict[str, tuple[dict[str, Any], list[int], list[int], list[tuple[Any, ...]]]] = {
    "less was used before, so more is supported": (
        MONTH, [70], [20], [("06-02", 30, 100, 100), ("06-05", 60, 80, 80)],
    ),
    "more was used before, so less is supported": (
        MONTH, [20], [90], [("06-02", 60, 80, 80), ("06-05", 10, 100, 100)],
    ),
    "the line is dropped": (
        MONTH, [70], [], [("06-02", 30, 100, 100), ("06-05", 60, 60, 60)],
    ),
    "the line comes only then": (
        MONTH, [], [70], [("06-02", 60, 60, 60), ("06-05", 30, 100, 100)],
    ),
    "a cap of the year": (
        YEAR, [80], [30], [("06-02", 20, 100, 100), ("06-05", 60, 90, 90)],
    ),
    "a cap of each statement is its own": (
        PERCENT, [30], [20], [("06-02", 60, 90, 90), ("06-05", 60, 80, 80)],
    ),
    "the same again is no news": (
        MONTH, [70], [70], [("06-02", 30, 100, 100)],
    ),
    "more than the agreement allows was disputed before and after": (
        MONTH, [150], [140], [("06-02", 0, 100, 100)],
    ),
}  # fmt: skip


def fee(code: str, amount: Any) -> dict[str, Any]:
    return {"line_kind": "deduction", "fee_code": code, "amount": -amount}


def agree(chain: Chain, terms: dict[str, Any]) -> None:
    row = {
        "known_on": "05-01", "agreement_id": f"D-{chain.chain_id}", "chain_id": chain.chain_id,
        "fee_code": "F", "kind": "cash_deducted", "valid_from": "2026-01-01", **terms,
    }  # fmt: skip
    chain.world.given("staged.deduction_agreements", [row])


def state(chain: Chain, number: str, fees: list[int], on: str) -> None:
    """A statement over goods for 1000 and fees."""
    name = f"DZ{chain.chain_id}{number}"
    receipt_no = f"R{name}"
    if not chain.world.rows(f"from staged.goods_receipts where receipt_no = '{receipt_no}'"):
        chain.receipt(receipt_no, 1000, store_id=chain.customer("S1"))
    lines = [{"receipt_no": receipt_no, "amount": 1000}, *[fee("F", amount) for amount in fees]]
    chain.statement(name, lines, on=on, party=chain.customer("HO"))


def told() -> tuple[World, list[Chain]]:
    """A chain for each case: two statements of May, both paid; the first is sent again."""
    world = World()
    chains = [Chain("branch_head", chain_id=f"K{n}", world=world) for n in range(len(WEIGHED))]
    world.run(*Chain.START, day_from="05-01")
    for chain, (terms, first, again, _) in zip(chains, WEIGHED.values(), strict=True):
        agree(chain, terms)
        state(chain, "1", first, "06-01")
        state(chain, "2", [60], "06-02")
        chain.payment(f"TA{chain.chain_id}", 1000 - sum(first), f"DZ{chain.chain_id}1", on="06-03")
        chain.payment(f"TB{chain.chain_id}", 940, f"DZ{chain.chain_id}2", on="06-03")
        state(chain, "1", again, "06-05")
    world.have("staged.calendar")
    return world, chains


@pytest.fixture(scope="module")
def weighed() -> tuple[World, list[Chain]]:
    world, chains = told()
    return world.run(*ALL, day_from="05-01", until="06-30"), chains


def second(world: World, chain: Chain) -> list[dict[str, Any]]:
    """The verdicts on the fee that the second statement takes."""
    return world.rows(
        "select *, strftime(known_on, '%m-%d') as day from settled.deductions "
        f"where statement_no = 'DZ{chain.chain_id}2' order by known_on"
    )


@pytest.mark.parametrize("case", WEIGHED)
def test_a_verdict_follows_what_was_taken_before_it(weighed, case) -> None:
    world, chains = weighed
    chain = chains[list(WEIGHED).index(case)]
    found = [
        (row["day"], row["supported_amount"], row["month_to_date"], row["year_to_date"])
        for row in second(world, chain)
    ]
    assert found == WEIGHED[case][3]
    # the books follow by entries of their own: 60 taken, and what is supported of it is cleared
    for day, supported, *_ in found:
        as_of = max(day, "06-03")
        (row,) = world.rows(
            "select coalesce(sum(balance), 0) as balance from settled.open_items "
            f"where as_of = date '2026-{as_of}' and document_no = 'DZ{chain.chain_id}2#2'"
        )
        assert row["balance"] == 60 - supported


def test_the_verdict_and_the_entry_say_why(weighed) -> None:
    world, chains = weighed
    verdicts = [row["evidence"] for row in second(world, chains[0])]
    assert verdicts == [
        "agreement D-K0 allows 100.00 a month, 70.00 of it used before in 2026-05; 30.00 too much",
        "agreement D-K0 allows 100.00 a month, 20.00 of it used before in 2026-05",
    ]
    entries = world.rows(
        "select strftime(known_on, '%m-%d') as day, amount, evidence from settled.ledger "
        "where document_no in ('DZK01#2', 'DZK02#2') and entry_kind = 'supported' "
        "order by document_no, known_on"
    )
    assert [tuple(entry.values()) for entry in entries] == [
        ("06-03", -70, "agreement D-K0 supports it"),
        ("06-03", -30, "agreement D-K0 supports it"),
        ("06-05", -30, "weighed anew, agreement D-K0 supports 60.00 of it"),
    ]


def test_the_audits_hold(weighed) -> None:
    world, _ = weighed
    for audit in AUDITS:
        assert world.audit(audit, "05-01", "06-30") == [], audit


def test_day_by_day_as_in_one_run(weighed) -> None:
    whole, _ = weighed
    daily, _ = told()
    windows = (("05-01", "06-02"), ("06-03", "06-04"), ("06-05", "06-05"), ("06-06", "06-30"))
    for day_from, until in (*windows, ("06-05", "06-30")):
        daily.run(*ALL, day_from=day_from, until=until)
    for table in (
        "deductions", "supported_deductions", "ledger", "disputes", "repayments", "open_items",
    ):  # fmt: skip
        query = f"select * from settled.{table} order by all"
        assert daily.rows(query) == whole.rows(query), table


def decided_and_repaid(again: int) -> World:
    """The second fee of 60, of which 30 are supported; 10 were accepted and 15 repaid."""
    chain = Chain("branch_head")
    agree(chain, MONTH)
    state(chain, "1", [70], "06-01")
    state(chain, "2", [60], "06-02")
    chain.payment("TA", 930, "DZC1", on="06-03").payment("TB", 940, "DZC2", on="06-03")
    (row,) = chain.world.rows("select substr(md5('deduction|C|DZC2#2'), 1, 16) as deduction_id")
    decision = {
        "known_on": "06-03", "subject_kind": "deduction", "subject_id": row["deduction_id"],
        "decision": "accept", "amount": 10, "decided_by": "Lin", "decided_on": "06-03",
    }  # fmt: skip
    chain.world.given("staged.decisions", [decision])
    chain.statement("DZC3", [fee("F", -15)], on="06-04").payment("TC", 15, "DZC3", on="06-04")
    state(chain, "1", [again], "06-05")
    chain.world.have("staged.calendar")
    world = chain.world.run(*ALL, day_from="05-01", until="06-30")
    for audit in AUDITS:
        assert world.audit(audit, "05-01", "06-30") == [], audit
    return world


@pytest.mark.parametrize(
    ("again", "parts"),
    [
        # entries of the fee by kind: taken, supported, repaid, accepted
        (70, {"taken": 60, "supported": -30, "repaid": -15, "accepted": -10}),
        (90, {"taken": 60, "supported": -10, "repaid": -15, "accepted": -10}),
        # what is repaid comes before what was accepted
        (50, {"taken": 60, "supported": -50, "repaid": -10, "accepted": 0}),
        (20, {"taken": 60, "supported": -60, "repaid": 0, "accepted": 0}),
    ],
)
def test_what_people_decided_and_chains_repaid_gives_way(again, parts) -> None:
    world = decided_and_repaid(again)
    rows = world.rows(
        "select entry_kind, sum(amount) as amount from settled.ledger "
        "where document_no = 'DZC2#2' group by entry_kind"
    )
    assert {row["entry_kind"]: row["amount"] for row in rows} == {
        kind: Decimal(amount) for kind, amount in parts.items()
    }
