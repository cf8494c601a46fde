"""A payment gives up a deduction that an agreement supports, wholly or in part."""

from decimal import Decimal

from tests.papers import FLOW, Chain
from tests.support import World, upstream

TABLES = upstream("settled.disputes", "settled.trial", stages=("settled",))
ALL = list(dict.fromkeys([*FLOW, *TABLES]))
AUDITS = [
    "settled/cash_received_is_applied_or_unapplied",
    "settled/disputes_are_open_and_never_below_nothing",
    "settled/nothing_is_applied_beyond_its_balance",
    "settled/open_items_equal_the_ledger",
    "settled/trial_adds_up",
]
# payments of each story: (number, amount, memo, day); "ST" and "T" stand for the story's own
STORIES = {
    "unmatched": [("T", 950, "ST", "06-05")],
    "unmatched, then matched again": [("T", 950, "ST", "06-05")],
    "reversed": [("T", 950, "货款", "06-05"), ("TX", -950, "冲正", "06-10")],
    "another payment names it": [("T", 950, "货款", "06-05"), ("TX", 950, "ST", "06-10")],
    "reversed, then paid anew": [
        ("T", 950, "货款", "06-05"), ("TX", -950, "退汇", "06-10"), ("TY", 950, "货款", "06-20"),
    ],
}  # fmt: skip
DECISIONS = {
    "unmatched": [("unmatch", None, "06-10")],
    "unmatched, then matched again": [("unmatch", None, "06-10"), ("match to", "ST", "06-20")],
}


def told() -> World:
    """A chain for each story: goods for 1000 less a fee of 50, of which 30 are agreed."""
    world = World()
    chains = [(Chain("branch_head", chain_id=f"K{n}", world=world), n) for n in range(len(STORIES))]
    world.run(*Chain.START, day_from="05-01")
    for (chain, number), (story, payments) in zip(chains, STORIES.items(), strict=True):
        agreement = {
            "known_on": "05-01", "agreement_id": f"D{number}", "chain_id": chain.chain_id,
            "fee_code": "RB", "basis": "percent_of_net_purchases", "rate_or_amount": 3,
            "kind": "cash_deducted", "valid_from": "2026-01-01",
        }  # fmt: skip
        world.given("staged.deduction_agreements", [agreement])
        chain.receipt(f"R{number}", 1000, store_id=chain.customer("S1"))
        names = {"ST": f"DZ20260{number}", "货款": "货款", "冲正": "冲正", "退汇": "退汇"}
        goods = {"receipt_no": f"R{number}", "amount": 1000}
        taken = {"line_kind": "deduction", "fee_code": "RB", "amount": -50}
        chain.statement(names["ST"], [goods, taken], party=chain.customer("HO"))
        for payment, amount, memo, on in payments:
            chain.payment(payment.replace("T", f"T{number}"), amount, names[memo], on=on)
        for said, target, on in DECISIONS.get(story, []):
            row = {
                "known_on": on, "subject_kind": "cash", "subject_id": f"T{number}",
                "decision": said, "target_id": target and names[target], "decided_by": "Lin",
                "decided_on": on,
            }  # fmt: skip
            world.given("staged.decisions", [row])
    world.have("staged.calendar")
    return world


def open_deduction(world: World, story: str, as_of: str) -> Decimal:
    """What is open of the story's deduction on a day."""
    (row,) = world.rows(
        "select coalesce(sum(balance), 0) as balance from settled.open_items "
        f"where as_of = date '2026-{as_of}' and item_kind = 'deduction' "
        f"and chain_id = 'K{list(STORIES).index(story)}'"
    )
    return row["balance"]


def test_the_support_goes_when_the_deduction_is_given_up_and_comes_again_with_it() -> None:
    world = told().run(*ALL, day_from="05-01", until="06-30")
    days = ("06-04", "06-05", "06-10", "06-20")
    found = {story: [open_deduction(world, story, day) for day in days] for story in STORIES}
    assert found == {
        "unmatched": [0, 20, 0, 0],
        "unmatched, then matched again": [0, 20, 0, 20],
        "reversed": [0, 20, 0, 0],
        "another payment names it": [0, 20, 20, 20],
        "reversed, then paid anew": [0, 20, 0, 20],
    }
    entries = world.rows(
        "select strftime(known_on, '%m-%d') as day, transaction_no, amount, evidence "
        "from settled.ledger where chain_id = 'K4' and entry_kind = 'supported' order by known_on"
    )
    assert [tuple(entry.values()) for entry in entries] == [
        ("06-05", "T4", -30, "agreement D4 supports it"),
        ("06-10", "T4", 30, "no longer taken; agreement D4 supported it"),
        ("06-20", "T4Y", -30, "agreement D4 supports it"),
    ]
    for audit in AUDITS:
        assert world.audit(audit, "05-01", "06-30") == [], audit


def test_day_by_day_as_in_one_run() -> None:
    whole, daily = told(), told()
    whole.run(*ALL, day_from="05-01", until="06-30")
    windows = (("05-01", "06-04"), ("06-05", "06-09"), ("06-10", "06-10"), ("06-11", "06-30"))
    for day_from, until in (*windows, ("06-10", "06-30")):
        daily.run(*ALL, day_from=day_from, until=until)
    for table in ("ledger", "deduction_entries", "disputes", "trial", "open_items"):
        query = f"select * from settled.{table} order by all"
        assert daily.rows(query) == whole.rows(query) != [], table


# lines of two statements (what is taken is negative) and the payments; then, by day, what is
# open of the first statement's deduction
REPAYMENTS = {
    "what was given back is taken off its payment": (
        [("T", 950, "ST1", "06-05"), ("TY", 1020, "ST2", "06-10")],
        [("unmatch", "TY", "06-15")],
        {"06-05": 50, "06-10": 30, "06-15": 50},
    ),
    "a deduction that is given up is no repayment of another": (
        [("T", 950, "ST1", "06-05"), ("TX", 930, "ST3", "06-08")],
        [("unmatch", "TX", "06-15")],
        {"06-05": 50, "06-08": 50, "06-15": 50},
    ),
}


def test_only_what_a_payment_gives_back_repays_a_dispute() -> None:
    world = World()
    chains = [(Chain("branch_head", chain_id=f"K{n}", world=world), n) for n in range(2)]
    world.run(*Chain.START, day_from="05-01")
    for (chain, number), (payments, decisions, _) in zip(chains, REPAYMENTS.values(), strict=True):
        for place, fee in ((1, -50), (2, 20), (3, -70)):
            chain.receipt(f"R{number}{place}", 1000, store_id=chain.customer("S1"))
            lines = [
                {"receipt_no": f"R{number}{place}", "amount": 1000},
                {"line_kind": "deduction", "fee_code": "RB", "amount": fee},
            ]
            chain.statement(f"DZ20{number}0{place}", lines, party=chain.customer("HO"))
        for no, amount, statement, on in payments:
            chain.payment(f"{no}{number}", amount, f"DZ20{number}0{statement[-1]}", on=on)
        for said, no, on in decisions:
            row = {
                "known_on": on, "subject_kind": "cash", "subject_id": f"{no}{number}",
                "decision": said, "decided_by": "Lin", "decided_on": on,
            }  # fmt: skip
            world.given("staged.decisions", [row])
    world.have("staged.calendar")
    world.run(*ALL, day_from="05-01", until="06-30")
    for number, (story, (_, _, expected)) in enumerate(REPAYMENTS.items()):
        found = {
            day: world.rows(
                "select coalesce(sum(balance), 0) as balance from settled.open_items "
                f"where as_of = date '2026-{day}' and document_no = 'DZ20{number}01#2'"
            )[0]["balance"]
            for day in expected
        }
        assert found == expected, story
    for audit in AUDITS:
        assert world.audit(audit, "05-01", "06-30") == [], audit
