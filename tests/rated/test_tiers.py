"""What to do with whom: actions, holds, stores not to ship to, and the audits of ratings."""

import pytest

from tests.rated.given import T, account
from tests.support import World

# customer, limit, exposure, overdue beyond grace, beyond stop, days late, action
ACTIONS = [
    ("easy", 1000, 899, 0, 0, 0, "normal"),
    ("near", 1000, 900, 0, 0, 0, "watch"),
    ("over", 1000, 1001, 0, 0, 0, "watch"),
    ("cash customer at rest", 0, 0, 0, 0, 0, "normal"),
    ("cash customer that owes", 0, 1, 0, 0, 0, "watch"),
    ("in credit", 0, -5, 0, 0, 0, "normal"),
    ("habitual", 1000, 10, 0, 0, 30, "reduce"),
    ("not quite habitual", 1000, 10, 0, 0, "29.99", "normal"),
    ("late", 1000, 10, "1.01", 0, 40, "hold"),
    ("late by a trifle", 1000, 10, "1.00", 0, 0, "normal"),
    ("hopeless", 1000, 500, 400, 300, 200, "stop"),
    ("old debt outweighed by credits", 1000, 10, 0, 300, 0, "normal"),
    ("group", 1000, 10, 0, 0, 0, "watch"),  # the group owes more than the head office itself
]


@pytest.fixture(scope="module")
def world():
    limits, exposures, records, classes, scores, accounts = [], [], [], [], [], []
    for name, limit, exposure, beyond_grace, beyond_stop, days_late, _ in ACTIONS:
        key = {"as_of": T, "customer_id": name}
        accounts.append(account(name))
        limits.append(key | {"credit_tier": "B", "score": 75, "credit_limit": limit,
                             "limit_basis": "own", "limit_reason": "limit"})  # fmt: skip
        exposures.append(
            key
            | {"exposure": exposure, "overdue": beyond_grace, "overdue_beyond_grace": beyond_grace,
               "overdue_beyond_stop": beyond_stop, "oldest_due_on": "2026-07-01",
               "grace_days": 7, "unapplied_cash": 2 if name == "hopeless" else 0,
               "group_exposure": 950 if name == "group" else None, "chain_id": "YH"}
        )  # fmt: skip
        records.append(key | {"days_late": days_late})
        classes.append(key | {"customer_class": "C", "evidence": "class"})
        scores += [
            key | {"part": part, "points": points, "weight": weight, "evidence": "given"}
            for part, points, weight in (("scale", 15, 40), ("record", 60, 60))
        ]
    stretch = {"known_on": "2026-01-01", "valid_from": "0001-01-01", "valid_to": "9999-12-31"}
    return (
        World(apart=True)
        .given("rated.accounts", accounts)
        .given("rated.credit_limits", limits)
        .given("rated.exposures", exposures)
        .given("rated.payment_records", records)
        .given("rated.customer_classes", classes)
        .given("rated.credit_scores", scores)
        .given(
            "staged.store_terms",
            [
                stretch | {"store_id": "S1", "debtor_id": "late"},
                stretch | {"store_id": "S2", "debtor_id": "late", "valid_to": "2026-08-14"},
                stretch | {"store_id": "S2", "debtor_id": "easy", "valid_from": T},
                stretch | {"store_id": "S3", "debtor_id": "late"},
                stretch | {"store_id": "S3", "debtor_id": "easy", "known_on": "2026-08-01"},
            ],
        )
        .given(
            "settled.open_items",
            [
                {"as_of": T, "debtor_id": "late", "due_on": "2026-07-01", "balance": "1.01"},
                {"as_of": T, "debtor_id": "hopeless", "due_on": "2026-07-01", "balance": 400},
                {"as_of": T, "debtor_id": "hopeless", "due_on": "2026-08-10", "balance": 50},
            ],
        )
        .run("rated.credit_tiers", "rated.holds", "rated.held_stores", day_from=T)
    )


@pytest.mark.parametrize("number", range(len(ACTIONS)))
def test_action(world, number):
    (row,) = world.rows(
        f"select * from rated.credit_tiers where customer_id = '{ACTIONS[number][0]}'"
    )
    assert row["action"] == ACTIONS[number][6]
    if row["action"] != "normal":
        assert {"stop": "stop trading", "hold": "hold shipments", "reduce": "shorten the term",
                "watch": "watch"}[row["action"]] in row["reason"]  # fmt: skip


def test_parts_of_the_score_stand_with_the_tier(world):
    (row,) = world.rows("select score_parts from rated.credit_tiers where customer_id = 'easy'")
    assert [(part["part"], int(part["points"])) for part in row["score_parts"]] == [
        ("record", 60), ("scale", 15),
    ]  # fmt: skip


def test_holds_say_what_has_to_be_collected(world):
    rows = world.rows(
        "select customer_id, reason, amount, release_when from rated.holds order by amount"
    )
    assert [row["customer_id"] for row in rows] == ["late", "hopeless"]
    assert rows[1]["reason"] == (
        "400.00 overdue beyond 7 days of grace, the oldest since 2026-07-01 (45 days); "
        "2.00 received from them waits to be placed"
    )
    assert rows[1]["release_when"] == "400.00 is collected"


def test_stores_not_to_ship_to_by_todays_agreements(world):
    assert world.rows("select store_id, customer_id from rated.held_stores") == [
        {"store_id": "S1", "customer_id": "late"}
    ]


def test_clean_ratings_pass_their_audits(world):
    for audit in (
        "score_parts_sum_to_score", "one_tier_per_customer_and_day", "holds_are_overdue",
    ):  # fmt: skip
        assert world.audit(f"rated/{audit}", T) == []


@pytest.fixture
def faulty(world):
    """Plants faults, which are taken back after the test."""

    def planted(*statements):
        for statement in statements:
            world.rows(statement)
        return world

    with world.rolled_back():
        yield planted


def test_audit_finds_a_score_that_is_not_the_sum_of_its_parts(faulty):
    world = faulty("update rated.credit_tiers set score = 76 where customer_id = 'easy'")
    (found,) = world.audit("rated/score_parts_sum_to_score", T)
    assert (found["customer_id"], found["score"], found["points"]) == ("easy", 76, 75)


def test_audit_finds_weights_that_are_not_100(faulty):
    world = faulty(
        "update rated.credit_scores set weight = 41 where customer_id = 'easy' and part = 'scale'"
    )
    (found,) = world.audit("rated/score_parts_sum_to_score", T)
    assert found["weights"] == 101


def test_audit_finds_a_customer_with_two_tiers_and_one_with_none(faulty):
    world = faulty(
        "insert into rated.credit_tiers select * from rated.credit_tiers "
        "where customer_id = 'easy'",
        "delete from rated.credit_tiers where customer_id = 'near'",
    )
    found = world.audit("rated/one_tier_per_customer_and_day", T)
    assert {row["customer_id"]: row["tiers"] for row in found} == {"easy": 2, "near": 0}


@pytest.mark.parametrize(
    "fault",
    [
        "update rated.holds set amount = 0 where customer_id = 'late'",
        "update rated.holds set amount = 9 where customer_id = 'late'",
        "delete from rated.holds where customer_id = 'late'",
        "delete from settled.open_items where debtor_id = 'late'",
        "update rated.credit_tiers set action = 'normal' where customer_id = 'late'",
    ],
)
def test_audit_finds_a_hold_without_overdue_amount(faulty, fault):
    (found,) = faulty(fault).audit("rated/holds_are_overdue", T)
    assert found["customer_id"] == "late"
