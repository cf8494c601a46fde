"""The credit score in parts with evidence."""

import pytest

from tests.rated.given import T, account
from tests.support import World, money

FULL = {"nature": "state", "store_count": 100, "area_sqm": 100000, "registered_capital": 100000000}

# part, what is given, points
CASES = [
    ("scale", FULL, "20.00"),
    ("scale", {"store_count": 99, "area_sqm": 99999, "registered_capital": 99999999}, "16.00"),
    ("scale", {"store_count": 30, "area_sqm": 20000, "registered_capital": 10000000}, "16.00"),
    ("scale", {"store_count": 10, "area_sqm": 5000, "registered_capital": 1000000}, "12.00"),
    ("scale", {"store_count": 1, "area_sqm": 80, "registered_capital": 0}, "6.00"),
    ("scale", {"store_count": 100}, "6.67"),  # what is not known earns nothing
    ("scale", {}, "0.00"),
    ("nature", {"nature": "state"}, "15.00"),
    ("nature", {"nature": "foreign"}, "13.50"),
    ("nature", {"nature": "listed"}, "13.50"),
    ("nature", {"nature": "private"}, "9.00"),
    ("nature", {"nature": "sole"}, "4.50"),
    ("nature", {}, "0.00"),
    ("sales", {"class": "AAA"}, "25.00"),
    ("sales", {"class": "AA"}, "22.50"),
    ("sales", {"class": "A"}, "20.00"),
    ("sales", {"class": "B+"}, "17.50"),
    ("sales", {"class": "B"}, "13.75"),
    ("sales", {"class": "C"}, "8.75"),
    # of 40: half for what is on time, a quarter for days late, 15 % disputes, 10 % promises
    ("record", {}, "20.00"),  # no history: half
    ("record", {"on_time_share": 1, "days_late": 0, "disputed_share": 0}, "40.00"),
    ("record", {"on_time_share": "0.5", "days_late": 0, "disputed_share": 0}, "30.00"),
    ("record", {"on_time_share": "0.5", "days_late": 30, "disputed_share": 0}, "25.00"),
    ("record", {"on_time_share": 0, "days_late": 60, "disputed_share": 0}, "10.00"),
    ("record", {"on_time_share": 0, "days_late": 90, "disputed_share": 0}, "10.00"),
    ("record", {"on_time_share": 1, "days_late": 0, "disputed_share": "0.025"}, "37.00"),
    ("record", {"on_time_share": 1, "days_late": 0, "disputed_share": "0.2"}, "34.00"),
    (
        "record",
        {"on_time_share": 1, "days_late": 0, "disputed_share": 0, "promises_broken": 3},
        "36.00",
    ),
    ("record", {"promises_due": 1, "promises_broken": 0}, "30.00"),
]


@pytest.fixture(scope="module")
def scores():
    """All the cases above in one world."""
    accounts, classes, records = [], [], []
    for number, (part, given, _) in enumerate(CASES):
        customer = f"case {number}"
        accounts.append(account(customer, **(given if part in ("scale", "nature") else {})))
        classes.append(
            {"as_of": T, "customer_id": customer, "average_monthly_sales": 1,
             "customer_class": given.get("class", "C")}
        )  # fmt: skip
        records.append(
            {"as_of": T, "customer_id": customer, "paid": 1, "overdue": 0, "disputed": 0,
             "promises_due": 0, "promises_broken": 0} | (given if part == "record" else {})
        )  # fmt: skip
    return (
        World()
        .given("rated.accounts", accounts)
        .given("rated.customer_classes", classes)
        .given("rated.payment_records", records)
        .run("rated.credit_scores", day_from=T)
    )


@pytest.mark.parametrize("number", range(len(CASES)))
def test_points_of_a_part(scores, number):
    part, given, points = CASES[number]
    (row,) = scores.rows(
        "select points from rated.credit_scores "
        f"where customer_id = 'case {number}' and part = '{part}'"
    )
    assert row["points"] == money(points), given


def test_every_part_has_a_weight_and_evidence(scores):
    rows = scores.rows("select * from rated.credit_scores where customer_id = 'case 0'")
    assert {row["part"]: int(row["weight"]) for row in rows} == {
        "scale": 20, "sales": 25, "nature": 15, "record": 40,
    }  # fmt: skip
    assert all(row["evidence"] for row in rows)
    said = {row["part"]: row["evidence"] for row in rows}
    assert said["scale"] == (
        "100 stores (100 %), 100,000 square metres (100 %), registered capital 100,000,000 (100 %)"
    )
