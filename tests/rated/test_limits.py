"""Credit tier and limit: tier factor x average monthly sales x term in months, and its caps."""

import pytest

from tests.rated.given import T, account, each_day
from tests.support import World, money

EDGES = [
    ("100", "A"), ("85", "A"), ("84.99", "B"), ("70", "B"), ("69.99", "C"), ("55", "C"),
    ("54.99", "D"), ("0", "D"),
]  # fmt: skip


def scored(customer, points, as_of=T):
    return {"as_of": as_of, "customer_id": customer, "part": "scale", "points": points,
            "weight": 100, "evidence": "given"}  # fmt: skip


def sold(customer, sales, as_of=T):
    return {"as_of": as_of, "customer_id": customer, "sales": sales,
            "average_monthly_sales": sales / 3}  # fmt: skip


def approval(customer, approved_limit, **given):
    return {
        "known_on": "2026-01-01", "approval_id": f"CA {customer}", "customer_id": customer,
        "approved_limit": approved_limit, "approved_on": "2025-12-01",
    } | given  # fmt: skip


def term(customer, days, as_of=T):
    return {"as_of": as_of, "customer_id": customer, "term_days": days, "grace_days": 7}


# customer, points, sales of three months, term, approvals, limit, what the reason says
CASES = [
    ("A", 85, 300000, 30, {"approved_limit": 900000}, "150000.00", "1.5 x 100,000.00 a month"),
    ("B", 70, 300000, 45, {"approved_limit": 900000}, "180000.00", "x 45/30 months"),
    ("C", 55, 300000, 30, {"approved_limit": 900000}, "80000.00", "allows 900,000.00"),
    ("D", 0, 300000, 30, {"approved_limit": 900000}, "0.00", "tier D has no limit"),
    ("capped", 85, 300000, 30, {"approved_limit": 120000}, "120000.00", "allows 120,000.00"),
    ("none", 85, 300000, 30, None, "0.00", "no approved credit application: cash only"),
    ("ended", 85, 300000, 30, {"approved_limit": 9, "valid_to": "2026-08-14"}, "0.00",
     "approval CA ended ended on 2026-08-14: cash only"),
    ("last day", 85, 300, 30, {"approved_limit": 900, "valid_to": T}, "150.00", "allows"),
    ("later", 85, 300000, 30, {"approved_limit": 9, "approved_on": "2026-08-16"}, "0.00",
     "cash only"),
    ("unknown yet", 85, 300000, 30, {"approved_limit": 9, "known_on": "2026-08-16"}, "0.00",
     "cash only"),
    ("shorter", 85, 300000, 60, {"approved_limit": 900000, "term_days": 30}, "150000.00",
     "x 30/30"),
    ("no agreement", 85, 300000, None, {"approved_limit": 900000, "term_days": 60}, "300000.00",
     "x 60/30"),
    ("no term", 85, 300000, None, {"approved_limit": 900000}, "150000.00", "x 30/30"),
    ("cents", 70, 1, 31, {"approved_limit": 900}, "0.41", ""),  # 1.2 x 1 / 3 x 31 / 30 = 0.41333
    ("half", 85, "0.05", 60, {"approved_limit": 900}, "0.05", ""),
    ("half up", 85, "0.03", 30, {"approved_limit": 900}, "0.02", ""),  # 0.015
    ("returns", 85, -300, 30, {"approved_limit": 900}, "0.00", ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def limits():
    """All the cases above in one world, the edges of the tiers, and groups."""
    customers = [(f"edge {points}", points, 0, 30, None) for points, _ in EDGES]
    customers += [case[:5] for case in CASES]
    accounts = [account(case[0]) for case in customers]
    approvals = [
        approval(name, 0) | given for name, _, _, _, given in customers if given is not None
    ]
    # group 1: only the head office is approved; group 2: branches have limits of their own
    for group in ("1", "2", "3"):
        head = f"HO{group}"
        accounts.append(account(head, level="head_office"))
        accounts += [account(f"{group}{name}", group_id=head) for name in ("a", "b")]
        customers.append((head, 85, 600000, 30, None))
        customers += [(f"{group}{name}", 85, 300000, None, None) for name in ("a", "b")]
    approvals += [approval("HO1", 250000), approval("HO2", 120000), approval("2a", 140000)]
    approvals += [approval("3a", 140000)]
    accounts.append(account("fresh", first_sale_known_on="2026-08-03"))
    accounts.append(account("paused", first_sale_known_on="2026-01-03"))
    customers += [("fresh", 70, 0, 30, None), ("paused", 70, 0, 30, None)]
    approvals += [approval("fresh", 50000), approval("paused", 50000)]
    return (
        World()
        .given("rated.accounts", accounts)
        .given("rated.credit_scores", [scored(case[0], case[1]) for case in customers])
        .given(
            "rated.customer_classes",
            [
                {"as_of": T, "customer_id": case[0], "sales": case[2],
                 "average_monthly_sales": money(float(case[2]) / 3)}
                for case in customers
            ],
        )
        .given("rated.debtor_terms", [term(case[0], case[3]) for case in customers if case[3]])
        .given("staged.credit_approvals", approvals)
        .run("rated.credit_limits", day_from=T)
    )  # fmt: skip


def limit(world, customer):
    (row,) = world.rows(f"select * from rated.credit_limits where customer_id = '{customer}'")
    return row


@pytest.mark.parametrize(("points", "tier"), EDGES)
def test_tier_by_score(limits, points, tier):
    assert limit(limits, f"edge {points}")["credit_tier"] == tier


@pytest.mark.parametrize("number", range(len(CASES)))
def test_limit_and_its_reason(limits, number):
    row = limit(limits, CASES[number][0])
    assert row["credit_limit"] == money(CASES[number][5])
    assert CASES[number][6] in row["limit_reason"]


@pytest.mark.parametrize(
    ("customer", "basis", "expected"),
    [
        ("HO1", "own", "250000.00"),  # 1.5 x 200,000, capped
        ("1a", "shared", "150000.00"),  # its own sales, under the head office's approval
        ("HO2", "own", "120000.00"),
        ("2a", "own", "120000.00"),  # never above its head office
        ("2b", "cash", "0.00"),  # branches of this group have limits of their own, this has none
        ("HO3", "cash", "0.00"),
        ("3a", "own", "140000.00"),  # the head office has no limit to share
        ("3b", "cash", "0.00"),
    ],
)
def test_limits_of_a_group(limits, customer, basis, expected):
    row = limit(limits, customer)
    assert (row["limit_basis"], row["credit_limit"]) == (basis, money(expected))


def test_the_term_of_the_head_office_serves_its_branches(limits):
    assert limit(limits, "1a")["term_days"] == 30


def test_before_a_full_month_of_sales_the_approval_is_the_limit(limits):
    assert limit(limits, "fresh")["credit_limit"] == 50000
    assert limit(limits, "paused")["credit_limit"] == 0


def tiers_of(days, day_from, until=None, world=None):
    """A customer whose score moves from day to day, with what it owes."""
    world = world or World()
    rows = [("c", points, day) for day, points in days.items()]
    world.given("rated.accounts", each_day([account("c")], *days))
    world.given("rated.credit_scores", [scored(*row) for row in rows])
    world.given("rated.customer_classes", [
        sold("c", 300, day) | {"customer_class": "C", "evidence": "small"} for day in days
    ])  # fmt: skip
    world.given("staged.credit_approvals", [approval("c", 1000)])
    world.given("rated.payment_records", each_day([{"customer_id": "c"}], *days))
    world.given("rated.exposures", each_day([
        {"customer_id": "c", "exposure": 0, "overdue": 0, "overdue_beyond_grace": 0,
         "overdue_beyond_stop": 0}
    ], *days))  # fmt: skip
    return world.run("rated.credit_limits", "rated.credit_tiers", day_from=day_from, until=until)


MOVES = {"2026-08-12": 90, "2026-08-13": 90, "2026-08-14": 72, "2026-08-15": 40}


def test_previous_tier_is_the_tier_of_the_day_before():
    window = tiers_of(MOVES, "2026-08-12", "2026-08-15")
    rows = window.rows("select * from rated.credit_tiers order by as_of")
    assert [(row["previous_tier"], row["credit_tier"]) for row in rows] == [
        (None, "A"), ("A", "A"), ("A", "B"), ("B", "D"),
    ]  # fmt: skip
    assert rows[1]["reason"].startswith("tier A: score 90.00; small; limit 1.5 x")
    assert rows[3]["reason"].startswith("tier B to D: score 72.00 to 40.00; small; tier D has")
    single = tiers_of(MOVES, "2026-08-12")
    for day in list(MOVES)[1:]:
        single.run("rated.credit_limits", "rated.credit_tiers", day_from=day)
    assert single.rows("select * from rated.credit_tiers order by as_of") == rows
