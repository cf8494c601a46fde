"""What changed in a rating and why, and what the review twice a month is about."""

import pytest

from tests.rated.given import account
from tests.support import World, day, money

DAYS = ["2026-08-01", "2026-08-15", "2026-08-16", "2026-08-31", "2026-09-01"]


def part(points, evidence):
    return {"part": "record", "points": money(points), "weight": money(40), "evidence": evidence}


def tier(as_of, customer="S1", **given):
    return {
        "as_of": as_of, "customer_id": customer, "chain_id": "YH", "group_id": "HO",
        "customer_class": "A", "credit_tier": "B", "score": 75, "credit_limit": 1000,
        "judged_exposure": 400, "exposure": 400, "open_receivables": 300,
        "accepted_uninvoiced": 100, "overdue": 0, "action": "normal", "reason": "told",
        "score_parts": [part(30, "on time")],
    } | given  # fmt: skip


TIERS = [
    *(tier(day) for day in DAYS[:2]),
    tier("2026-08-16", credit_tier="C", score=65, credit_limit=500, overdue=80, action="hold",
         score_parts=[part(20, "60 days late")], judged_exposure=700),
    tier("2026-08-31", credit_tier="C", score=65, credit_limit=500, action="hold",
         score_parts=[part(20, "60 days late")]),
    tier("2026-09-01", credit_tier="C", score=65, credit_limit=500, action="hold",
         score_parts=[part(20, "60 days late")]),
    *(tier(day, "at rest", exposure=0, judged_exposure=0) for day in DAYS),
    tier("2026-09-01", "new"),
]  # fmt: skip


def given():
    """A world with these tiers, and what they are reviewed by."""
    items = [("2026-08-20", 10), ("2026-08-24", 30), ("2026-08-25", 100), (None, 7)]
    world = World().given(
        "rated.accounts",
        [
            account(customer, as_of=as_of, manager="Lin")
            for customer in ("S1", "at rest", "new")
            for as_of in DAYS
        ],
    )
    world.given(
        "rated.credit_limits",
        [{"as_of": as_of, "customer_id": "S1", "approval_id": "CA1"} for as_of in DAYS],
    )
    world.given(
        "staged.credit_approvals",
        [
            {"known_on": "2026-01-01", "approval_id": "CA1", "valid_to": "2026-08-31"},
            {"known_on": "2026-08-20", "approval_id": "CA1", "valid_to": "2027-08-31"},
        ],
    )
    world.given(
        "settled.open_items",
        [
            {"as_of": "2026-08-16", "debtor_id": "S1", "due_on": due_on, "balance": balance}
            for due_on, balance in items
        ],
    )
    return world.given("rated.credit_tiers", TIERS)


@pytest.fixture(scope="module")
def world():
    world = given()
    world.have("staged.calendar")
    return world.run(
        "rated.tier_changes", "rated.reviews", day_from="2026-08-01", until="2026-09-30"
    )


def test_a_change_says_from_what_to_what_and_why(world):
    (row,) = world.rows("from rated.tier_changes")
    assert (row["as_of"], row["previous_tier"], row["credit_tier"]) == (day("2026-08-16"), "B", "C")
    assert (row["previous_limit"], row["credit_limit"]) == (money(1000), money(500))
    assert row["change_reason"] == (
        "record 30.00 to 20.00 points: 60 days late; tier B to C by a score of 75.00 to 65.00; "
        "limit 1,000.00 to 500.00; action normal to hold"
    )


def test_reviews_are_on_the_days_of_policy_and_leave_out_who_is_at_rest(world):
    rows = world.rows("select as_of, customer_id from rated.reviews order by all")
    assert [(str(row["as_of"]), row["customer_id"]) for row in rows] == [
        ("2026-08-01", "S1"), ("2026-08-16", "S1"), ("2026-09-01", "S1"), ("2026-09-01", "new"),
    ]  # fmt: skip


def test_a_review_names_who_collects_what_by_when(world):
    (row,) = world.rows("from rated.reviews where as_of = '2026-08-16'")
    assert (row["manager"], row["deadline"]) == ("Lin", day("2026-08-24"))  # 23 August is a Sunday
    assert (row["due_by_deadline"], row["oldest_due_on"]) == (money(40), day("2026-08-20"))
    assert (row["exposure"], row["over_limit"]) == (money(400), money(200))
    assert row["approval_ends_on"] == day("2026-08-31")  # the later end is not known yet


def test_a_tier_other_than_at_the_review_before_is_proposed(world):
    rows = world.rows("from rated.reviews where customer_id = 'S1' order by as_of")
    names = "previous_tier", "credit_tier", "is_tier_proposed"
    assert [tuple(row[name] for name in names) for row in rows] == [
        (None, "B", False), ("B", "C", True), ("C", "C", False),
    ]  # fmt: skip
    assert [row["reviewed_on"] for row in rows] == [None, day("2026-08-01"), day("2026-08-16")]


def test_day_by_day_gives_the_same_rows(world):
    single = given()
    single.have("staged.calendar")
    for as_of in DAYS:
        single.run("rated.tier_changes", "rated.reviews", day_from=as_of)
    for table in ("rated.tier_changes", "rated.reviews"):
        query = f"select * from {table} order by all"
        assert single.rows(query) == world.rows(query) != []
