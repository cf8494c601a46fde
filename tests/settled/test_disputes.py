"""What happens to a deduction that no agreement supports: disputed, decided on, repaid."""

from decimal import Decimal
from typing import Any

import pytest

from tests.papers import FLOW, Chain, open_items
from tests.support import World, money, upstream

DISPUTING = [*FLOW, *upstream("settled.disputes", stages=("settled",))]
DISPUTING = list(dict.fromkeys(DISPUTING))


def fee(code: str, amount: Any, **fields: Any) -> dict[str, Any]:
    return {"line_kind": "deduction", "fee_code": code, "amount": -amount, **fields}


def taken(amount: Any = 100, chain: Chain | None = None) -> Chain:
    """Statement ST1 of goods for 1000 takes a fee DM without agreement, paid on 10 June."""
    chain = chain or Chain("branch_head")
    chain.receipt("R1", 1000)
    lines = [{"receipt_no": "R1", "amount": 1000}, fee("DM", amount, fee_name="海报费")]
    chain.statement("ST1", lines, on="06-01")
    return chain.payment("T1", 1000 - amount, "ST1", on="06-10")


def close(chain: Chain, day_from: str = "05-01", until: str = "07-31") -> World:
    chain.world.have("staged.calendar")
    return chain.world.run(*DISPUTING, day_from=day_from, until=until)


def subject(chain: Chain, unit_no: str = "ST1#2") -> str:
    """What the dispute list calls a deduction."""
    (row,) = chain.world.rows(
        f"select substr(md5('deduction|{chain.chain_id}|{unit_no}'), 1, 16) as deduction_id"
    )
    return row["deduction_id"]


def decide(chain: Chain, decision: str, on: str, unit_no: str = "ST1#2", **fields: Any) -> None:
    """A decision on a deduction, known on the day it was made unless told otherwise."""
    row = {
        "known_on": on, "subject_kind": "deduction", "subject_id": subject(chain, unit_no),
        "decision": decision, "decided_by": "Lin", "decided_on": on, **fields,
    }  # fmt: skip
    chain.world.given("staged.decisions", [row])


def dispute(world: World, as_of: str) -> Decimal:
    """What is open in dispute on a day; the open items say the same."""
    (row,) = world.rows(
        "select coalesce(sum(open_amount), 0) as amount from settled.disputes "
        f"where as_of = date '2026-{as_of}'"
    )
    items = [item for item in open_items(world, as_of) if item[0] == "deduction"]
    assert sum((item[2] for item in items), Decimal(0)) == row["amount"]
    return row["amount"]


def test_the_dispute_list_has_the_evidence_the_age_and_the_claim() -> None:
    world = close(taken())
    (row,) = world.rows("from settled.disputes where as_of = date '2026-07-10'")
    shown = {name: row[name] for name in ("days_open", "open_amount", "fee_category", "verdict")}
    assert shown == {
        "days_open": 30, "open_amount": 100, "fee_category": "flyer", "verdict": "unsupported",
    }  # fmt: skip
    assert row["claim"] == (
        "Statement ST1 of 2026-05-31 took 100.00 for fee DM 海报费; no agreement for fee DM on "
        "2026-05-31. Please repay 100.00 or send the agreement that it stands on."
    )
    assert row["claim_zh"] == (
        "结算单 ST1（2026-05-31）扣款 100.00 元（DM 海报费），双方没有相应的协议。"
        "请退还 100.00 元，或提供扣款依据。"
    )
    assert dispute(world, "06-09") == 0


# (decision, day, amount) in turn, and what is open after all of them
DECISIONS: dict[str, tuple[list[tuple[str, str, Any]], Any]] = {
    "accept clears all that is open": ([("accept", "06-20", None)], 0),
    "a word in Chinese": ([("核销", "06-20", None)], 0),
    "accept a part": ([("accept", "06-20", 30)], 70),
    "accept a part, write off the rest": (
        [("accept", "06-20", 30), ("write_off", "06-21", None)], 0,
    ),
    "never beyond what is open": ([("accept", "06-20", 80), ("write_off", "06-21", 80)], 0),
    "dispute keeps it open": ([("dispute", "06-20", None)], 100),
    "reopen undoes what came before": (
        [("accept", "06-20", 30), ("write_off", "06-21", 20), ("reopen", "06-22", None)], 100,
    ),
    "decided again after reopening": (
        [("accept", "06-20", None), ("reopen", "06-22", None), ("accept", "06-23", 10)], 90,
    ),
    "made before the payment, it counts when the payment takes": ([("accept", "06-05", None)], 0),
    "not understood does nothing": ([("perhaps", "06-20", None)], 100),
    "an amount of nothing does nothing": ([("accept", "06-20", 0)], 100),
}  # fmt: skip


@pytest.mark.parametrize("case", DECISIONS)
def test_decisions_on_a_deduction(decided, case) -> None:
    world, chains = decided
    (row,) = world.rows(
        "select coalesce(sum(balance), 0) as balance from settled.open_items "
        f"where as_of = date '2026-07-31' and item_kind = 'deduction' "
        f"and chain_id = '{chains[case]}'"
    )
    assert row["balance"] == DECISIONS[case][1]


@pytest.fixture(scope="module")
def decided() -> tuple[World, dict[str, str]]:
    """One world with a chain for each case."""
    world = World()
    chains = {case: f"K{number}" for number, case in enumerate(DECISIONS)}
    made = [
        (Chain("branch_head", chain_id=chains[case], world=world), steps)
        for case, (steps, _) in DECISIONS.items()
    ]
    world.run(*Chain.START, day_from="05-01")
    for chain, steps in made:
        chain.receipt(f"R-{chain.chain_id}", 1000, store_id=chain.customer("S1"))
        number = f"ST-{chain.chain_id}"
        goods = {"receipt_no": f"R-{chain.chain_id}", "amount": 1000}
        chain.statement(number, [goods, fee("DM", 100)], on="06-01", party=chain.customer("HO"))
        chain.payment(f"T-{chain.chain_id}", 900, number, on="06-10")
        for decision, on, amount in steps:
            decide(chain, decision, on, f"{number}#2", amount=amount)
    world.have("staged.calendar")
    world.run(*DISPUTING, day_from="05-01", until="07-31")
    return world, chains


def test_each_decision_is_answered_in_a_sentence(decided) -> None:
    world, chains = decided

    def said(case: str) -> list[str]:
        rows = world.rows(
            "select sentence from settled.deduction_decisions "
            f"where chain_id = '{chains[case]}' or deduction_id in (select deduction_id from "
            f"settled.deductions where chain_id = '{chains[case]}') order by known_on, decided_on"
        )
        return [row["sentence"] for row in rows]

    assert said("accept a part, write off the rest") == [
        "accepts 30.00 of 100.00 disputed",
        "accepts 30.00 of 100.00 disputed",
        "writes off 70.00 of 100.00 disputed",
    ]
    assert said("never beyond what is open")[-1] == (
        "writes off 20.00 of 100.00 disputed; 80.00 was asked, but no more is open"
    )
    assert said("dispute keeps it open") == ["stays open as disputed: 100.00"]
    assert said("reopen undoes what came before")[-3:] == [
        "a later decision reopens the deduction",
        "a later decision reopens the deduction",
        "what was decided before counts no more",
    ]
    assert said("made before the payment, it counts when the payment takes") == [
        "no payment has taken it yet; it counts when one does",
        "accepts 100.00 of 100.00 disputed",
    ]
    assert said("not understood does nothing") == [
        '"perhaps" is not understood: say accept, write_off, dispute or reopen'
    ]
    assert said("an amount of nothing does nothing") == ["the amount must be above nothing"]


def test_a_decision_on_an_unknown_number_says_so() -> None:
    chain = taken()
    decide(chain, "accept", "06-20", "ST9#9")
    (row,) = close(chain).rows("from settled.deduction_decisions")
    assert (row["result"], row["sentence"]) == (
        "unknown_subject", "no deduction has this number; copy it from the dispute list",
    )  # fmt: skip


def test_a_decision_sent_again_with_another_amount_replaces_the_first() -> None:
    chain = taken()
    decide(chain, "accept", "06-20", amount=30)
    decide(chain, "accept", "06-20", amount=50, known_on="06-25")
    world = close(chain)
    assert [dispute(world, day) for day in ("06-20", "06-24", "06-25")] == [70, 70, 50]


def test_a_decision_has_two_clocks() -> None:
    """Made on the 20th, sent on the 25th: the day of the list still had it open."""
    chain = taken()
    decide(chain, "accept", "06-20", known_on="06-25")
    world = close(chain)
    assert [dispute(world, day) for day in ("06-24", "06-25")] == [100, 0]
    (entry,) = world.rows(
        "select effective_on, known_on, amount, evidence from settled.ledger "
        "where entry_kind = 'accepted'"
    )
    assert (str(entry["effective_on"]), str(entry["known_on"])) == ("2026-06-20", "2026-06-25")
    assert (entry["amount"], entry["evidence"]) == (-100, "accepted by Lin on 2026-06-20")


def repaid(*repayments: tuple[str, Any, str], code: str = "DM") -> Chain:
    """The fee of 100, then statements that give some of it back: number, amount, day."""
    chain = taken()
    for number, amount, on in repayments:
        chain.statement(number, [fee(code, -amount)], on=on)
        chain.payment(f"T-{number}", amount, number, on=on)
    return chain


def test_a_repayment_closes_the_dispute_of_its_fee() -> None:
    world = close(repaid(("ST2", 40, "07-01"), ("ST3", 60, "07-05")))
    assert [dispute(world, day) for day in ("06-30", "07-01", "07-05")] == [100, 60, 0]
    assert open_items(world, "07-31") == []


def test_a_repayment_beyond_the_disputes_leaves_nothing_below_nothing() -> None:
    world = close(repaid(("ST2", 130, "07-01")))
    assert open_items(world, "07-01") == []


def test_a_repayment_of_another_fee_closes_nothing() -> None:
    world = close(repaid(("ST2", 100, "07-01"), code="XX"))
    assert dispute(world, "07-31") == 100


def test_a_repayment_goes_to_the_oldest_dispute_first() -> None:
    chain = taken()
    chain.receipt("R2", 500, on="06-03")
    chain.statement("ST2", [{"receipt_no": "R2", "amount": 500}, fee("DM", 50)], on="06-15")
    chain.payment("T2", 450, "ST2", on="06-15")
    chain.statement("ST3", [fee("DM", -120)], on="07-01").payment("T3", 120, "ST3", on="07-01")
    assert open_items(close(chain), "07-01") == [("deduction", "ST2#2", Decimal("30.00"))]


def test_what_was_accepted_and_is_repaid_after_all_is_accepted_no_more() -> None:
    chain = repaid(("ST2", 70, "07-01"))
    decide(chain, "accept", "06-20", amount=60)
    world = close(chain)
    assert [dispute(world, day) for day in ("06-20", "07-01")] == [40, 0]
    entries = world.rows(
        "select entry_kind, amount from settled.ledger where document_no = 'ST1#2' "
        "order by known_on, entry_kind, amount"
    )
    assert [(row["entry_kind"], row["amount"]) for row in entries] == [
        ("taken", 100), ("accepted", -60), ("accepted", 30), ("repaid", -70),
    ]  # fmt: skip


def test_decisions_outrank_and_survive_reruns_day_by_day() -> None:
    def build() -> Chain:
        chain = repaid(("ST2", 70, "07-01"))
        decide(chain, "accept", "06-05", amount=60)
        decide(chain, "reopen", "06-20")
        decide(chain, "write_off", "06-25", amount=50)
        return chain

    whole, daily = build(), build()
    close(whole, "05-01", "07-03")
    close(daily, "05-01", "06-04")
    for on in ("06-05", "06-20", "06-25", "07-01"):
        until = {"06-05": "06-19", "06-20": "06-24", "06-25": "06-30", "07-01": "07-03"}[on]
        close(daily, on, until)
    close(daily, "06-25", "07-03")
    for table in ("ledger", "deduction_decisions", "repayments", "disputes", "open_items"):
        query = f"select * from settled.{table} order by all"
        assert daily.world.rows(query) == whole.world.rows(query), table
    assert dispute(whole.world, "07-02") == money(0)


def listed(world: World, as_of: str) -> list[tuple[str, Any, str | None, str | None]]:
    """(evidence, amount, decision, why again) of the exceptions about deductions of a day."""
    rows = world.rows(
        "select evidence, amount, decision, reopened_because from matched.exceptions "
        f"where as_of = date '2026-{as_of}' and reason = 'unexplained_deduction' order by evidence"
    )
    return [tuple(row.values()) for row in rows]


FEE = "statement ST1 takes 100.00 for 海报费 without an agreement"
ONE_FACT = list(
    dict.fromkeys([*DISPUTING, *upstream("matched.closed_exceptions", stages=("matched",))])
)


def both_lists(*decisions: tuple[str, str, str, Any], day_from: str = "05-01") -> World:
    """What both lists say after decisions on the exception or the deduction."""
    chain = taken()
    (row,) = chain.world.rows(
        "select substr(md5('unexplained_deduction|C|ST1#2'), 1, 16) as exception_id"
    )
    for kind, decision, on, amount in decisions:
        if kind == "exception":
            chain.decision(row["exception_id"], decision, on, amount=amount)
        else:
            decide(chain, decision, on, amount=amount)
    chain.world.have("staged.calendar")
    return chain.world.run(*ONE_FACT, day_from=day_from, until="06-30")


@pytest.mark.parametrize("kind", ["deduction", "exception"])
@pytest.mark.parametrize("decision", ["accept", "write_off"])
def test_a_decision_closes_the_dispute_and_the_exception_alike(kind, decision) -> None:
    world = both_lists((kind, decision, "06-20", None))
    assert (listed(world, "06-19"), dispute(world, "06-19")) == ([(FEE, 100, None, None)], 100)
    assert (listed(world, "06-20"), dispute(world, "06-20")) == ([], 0)
    (closed,) = world.rows(
        "select closed_because from matched.closed_exceptions "
        "where reason = 'unexplained_deduction'"
    )
    assert "by Lin on 2026-06-20" in closed["closed_because"]


def test_parts_that_were_accepted_and_written_off_close_it_together() -> None:
    first, second = ("deduction", "accept", "06-20", 30), ("deduction", "write_off", "06-22", 70)
    world = both_lists(first, second)
    partly = [(FEE, 100, "accept", "decided on at 30.00, it is 100.00 now")]
    assert (listed(world, "06-20"), dispute(world, "06-20")) == (partly, 70)
    assert (listed(world, "06-22"), dispute(world, "06-22")) == ([], 0)


def test_a_disputed_deduction_stays_on_both_lists_and_a_reopened_one_comes_back() -> None:
    world = both_lists(("deduction", "dispute", "06-12", None))
    assert (listed(world, "06-12"), dispute(world, "06-12")) == (
        [(FEE, 100, "dispute", None)], 100,
    )  # fmt: skip
    world = both_lists(
        ("exception", "accept", "06-12", None), ("deduction", "reopen", "06-15", None)
    )
    assert (listed(world, "06-12"), dispute(world, "06-12")) == ([], 0)
    assert (listed(world, "06-15"), dispute(world, "06-15")) == (
        [(FEE, 100, None, "opened again by Lin")], 100,
    )  # fmt: skip


def test_a_fee_on_an_advice_without_an_agreement_is_an_exception_too() -> None:
    chain = Chain("branch_head")
    line = {
        "known_on": "06-05", "chain_id": "C", "advice_no": "AD1", "line_no": 1, "fee_code": "DM",
        "store_id": "S2", "amount": -50,
    }  # fmt: skip
    chain.world.given("staged.remittance_advices", [line])
    chain.world.have("staged.calendar")
    world = chain.world.run(*ONE_FACT, day_from="05-01", until="06-30")
    assert listed(world, "06-05") == [
        ("advice AD1 takes 50.00 for DM without an agreement", 50, None, None)
    ]


def test_a_fee_that_comes_again_is_an_exception_since_its_first_day_however_days_are_closed() -> (
    None
):
    def opened(*windows: tuple[str, str]) -> list[Any]:
        chain = Chain("branch_head")
        for on, goods in (("06-01", 1000), ("06-05", 900)):
            lines = [{"receipt_no": "R1", "amount": goods}, fee("DM", 100)]
            chain.statement("ST1", lines, on=on)
        chain.world.have("staged.calendar")
        for day_from, until in windows:
            chain.world.run(*ONE_FACT, day_from=day_from, until=until)
        rows = chain.world.rows(
            "select strftime(opened_on, '%m-%d') as opened_on from matched.exceptions "
            "where as_of = date '2026-06-12' and reason = 'unexplained_deduction'"
        )
        return [row["opened_on"] for row in rows]

    assert opened(("05-01", "06-30")) == ["06-01"]
    assert opened(("05-01", "06-04"), ("06-05", "06-09"), ("06-10", "06-12")) == ["06-01"]
