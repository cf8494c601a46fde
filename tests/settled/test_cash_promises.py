"""Whose money a payment is, and whether customers paid what they promised."""

from tests.papers import Chain
from tests.settled.test_cash import decided
from tests.support import POLICY, World, upstream

FLOW = upstream("settled.promises_kept", stages=("matched", "settled"))


def closed(chain):
    chain.world.have("staged.calendar")
    return chain.world.run(*FLOW, day_from="05-01", until="06-30")


def test_promises_are_kept_broken_or_open():
    chain = Chain("branch_head")
    for amount, pay_by in ((100, "06-10"), (500, "06-15"), (40, "06-30")):
        row = {"known_on": "06-01", "customer_id": "HO", "promised_on": "06-01"}
        chain.world.given("staged.promises", [{**row, "pay_by": pay_by, "amount": amount}])
    chain.payment("T0", 900, "", on="05-31")  # before the promise
    chain.payment("T1", 60, "", on="06-05", payer_id="S1")  # a store pays for its head office
    chain.payment("T2", 50, "", on="06-09", known_on="06-12")  # in time, known later
    world = closed(chain)
    rows = world.rows(
        "select strftime(as_of, '%m-%d') as day, strftime(pay_by, '%m-%d') as pay_by, "
        "promise_state, paid from settled.promises_kept "
        "where as_of in ('2026-06-09', '2026-06-11', '2026-06-16') order by all"
    )
    assert [(row["day"], row["pay_by"], row["promise_state"], row["paid"]) for row in rows] == [
        ("06-09", "06-10", "open", 60),
        ("06-09", "06-15", "open", 60),
        ("06-09", "06-30", "kept", 60),
        ("06-11", "06-10", "broken", 60),
        ("06-11", "06-15", "open", 60),
        ("06-11", "06-30", "kept", 60),
        ("06-16", "06-10", "kept", 110),
        ("06-16", "06-15", "broken", 110),
        ("06-16", "06-30", "kept", 110),
    ]


def test_whose_money_it_is():
    chain = Chain("branch_head")
    chain.payment("T1", 10, "", on="06-01", payer_id="S1", payer_rule="name")
    chain.payment("T2", 20, "", on="06-01", payer_id=None, chain_id=None, payer_name="X")
    decided(chain, "T2", "assign", "06-04", "S2")
    world = closed(chain)
    rows = world.rows(
        "select strftime(known_on, '%m-%d') as day, transaction_no, payer_id, debtor_id, rule "
        "from settled.payers order by all"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("06-01", "T1", "S1", "HO", "name"),
        ("06-01", "T2", None, None, None),
        ("06-04", "T2", "S2", "HO", "decision"),
    ]


def test_a_promise_is_listed_as_long_as_the_credit_record_looks_back():
    record = POLICY.credit.record.model_copy(update={"months": 1})
    credit = POLICY.credit.model_copy(update={"record": record})
    chain = Chain("branch_head", world=World(POLICY.model_copy(update={"credit": credit})))
    row = {"known_on": "05-02", "customer_id": "HO", "promised_on": "05-02", "amount": 100}
    chain.world.given("staged.promises", [{**row, "pay_by": "05-10"}])
    [listed] = closed(chain).rows(
        "select strftime(max(as_of), '%m-%d') as last from settled.promises_kept"
    )
    assert listed["last"] == "06-09"
