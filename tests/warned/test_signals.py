"""When a warning fires: over limit, customer lost, sales behind."""

import pytest

from tests.rated.given import T, account, each_day
from tests.support import World

# limit, exposure, severity (None: no warning)
LIMITS = [
    (1000, "899.99", None),
    (1000, "900.00", "medium"),  # at 90 %
    (1000, "1000.00", "medium"),
    (1000, "1000.01", "high"),
    (0, "0.00", None),
    (0, "0.01", "high"),
    (1000, "-5.00", None),
]


@pytest.fixture(scope="module")
def limits():
    rows = [
        {"as_of": T, "customer_id": f"case {number}", "credit_limit": limit,
         "judged_exposure": exposure, "limit_basis": "own" if limit else "cash"}
        for number, (limit, exposure, _) in enumerate(LIMITS)
    ]  # fmt: skip
    return World().given("rated.credit_tiers", rows).run("warned.over_limit_signals", day_from=T)


@pytest.mark.parametrize("number", range(len(LIMITS)))
def test_over_limit(limits, number):
    rows = limits.rows(
        f"select severity from warned.over_limit_signals where customer_id = 'case {number}'"
    )
    assert [row["severity"] for row in rows] == ([LIMITS[number][2]] if LIMITS[number][2] else [])


def test_over_limit_says_the_figures(limits):
    rows = limits.rows("select evidence from warned.over_limit_signals order by exposure")
    assert [row["evidence"] for row in rows] == [
        "exposure 0.01 without a limit: no valid approval, the customer pays cash",
        "exposure 900.00 is 90.0 % of the limit of 1,000.00",
        "exposure 1,000.00 is 100.0 % of the limit of 1,000.00",
        "exposure 1,000.01 is 100.0 % of the limit of 1,000.00",
    ]


# order days, closed day; is it lost on 15 August?
SILENCE = [
    (["2026-06-26", "2026-07-06", "2026-07-16"], True),  # every 10 days; silent for 30: 3 times
    (["2026-06-27", "2026-07-07", "2026-07-17"], False),
    (["2026-07-12", "2026-07-14", "2026-07-16"], True),  # every 2 days: at least 30 days
    (["2026-07-13", "2026-07-15", "2026-07-17"], False),  # silent for 29
    (["2026-04-27", "2026-05-17", "2026-06-16"], False),  # every 25 days; 60 of 75 silent
    (["2026-04-12", "2026-05-07", "2026-06-01"], True),  # every 25 days; silent for 75
    (["2026-04-13", "2026-05-08", "2026-06-02"], False),
    (["2026-03-01"], False),  # one order day has no interval
    (["2026-03-01", "2026-03-11"], True),
    # years ago it ordered once: only the year up to the last order tells the interval
    (["2020-01-01", "2026-07-12", "2026-07-14", "2026-07-16"], True),
]


@pytest.fixture(scope="module")
def silence():
    orders = [
        {"known_on": day, "chain_id": "YH", "store_id": f"case {number}", "ordered_on": day}
        for number, (days, _) in enumerate(SILENCE)
        for day in days
    ]
    late = {"chain_id": "YH", "store_id": "late paper"}
    orders += [
        late | {"known_on": "2026-07-01", "ordered_on": "2026-06-01"},
        late | {"known_on": "2026-07-01", "ordered_on": "2026-06-02"},
        late | {"known_on": "2026-08-16", "ordered_on": "2026-08-10"},
    ]
    closed = {"known_on": "2026-03-12", "chain_id": "YH", "store_id": "closed"}
    orders += [closed | {"ordered_on": "2026-03-01"}, closed | {"ordered_on": "2026-03-11"}]
    accounts = each_day([account("closed", closed_on="2026-08-14")], T, "2026-08-16")
    world = World().given("warned.order_days", orders).given("rated.accounts", accounts)
    return world.run("warned.customer_lost_signals", day_from=T, until="2026-08-16")


def lost(world, customer, day=T):
    return world.rows(
        "select evidence from warned.customer_lost_signals "
        f"where customer_id = '{customer}' and as_of = '{day}'"
    )


@pytest.mark.parametrize("number", range(len(SILENCE)))
def test_customer_lost(silence, number):
    assert bool(lost(silence, f"case {number}")) == SILENCE[number][1]


def test_customer_lost_says_the_figures(silence):
    assert lost(silence, "case 5")[0]["evidence"] == (
        "no order since 2026-06-01 (75 days); it used to order every 25.0 days "
        "(3 order days in the year before)"
    )


def test_an_order_counts_from_the_day_it_is_known(silence):
    assert lost(silence, "late paper")
    assert not lost(silence, "late paper", "2026-08-16")


def test_a_closed_store_is_not_lost(silence):
    assert not lost(silence, "closed")


def sale(store, amount, sold_on="2026-08-03", known_on="2026-08-04"):
    return {"known_on": known_on, "chain_id": "YH", "store_id": store, "sold_on": sold_on,
            "amount": amount}  # fmt: skip


def plan(customer, amount, **given):
    return {"known_on": "2026-01-01", "customer_id": customer, "month": "2026-08",
            "planned_amount": amount} | given  # fmt: skip


def orders(store, first, count, step):
    """Order days at equal distance, each known on the day."""
    return [
        f"select '{store}' as store_id, 'YH' as chain_id, date '{first}' + {number * step} "
        "as ordered_on, date '" + first + f"' + {number * step} as known_on"
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def behind():
    """Fifteen of the 31 days of August are gone: the pace of a plan of 31,000 is 15,000."""
    customers = [
        "at pace", "behind", "no sales", "no plan", "by category", "both plans", "later plan",
        "last year", "last year ok", "half", "not half", "few", "young", "closed", "S1", "other",
    ]  # fmt: skip
    accounts = [account(name) for name in customers]
    accounts[13] = account("closed", closed_on="2026-08-01")
    accounts[14] = account("S1", group_id="HO")
    accounts.append(account("HO", level="head_office"))
    world = (
        World()
        .given("rated.accounts", each_day(accounts, "2026-08-09", T))
        .given(
            "rated.sales",
            [
                sale("at pace", 12000),
                sale("at pace", 99, known_on="2026-08-16"),
                sale("behind", "11999.99"),
                sale("by category", 12000),
                sale("both plans", 12000),
                sale("later plan", 12000),
                sale("last year", 79),
                sale("last year", 100, "2025-08-15", "2026-01-01"),
                sale("last year", 100, "2025-08-16", "2026-01-01"),
                sale("last year ok", 80),
                sale("last year ok", 100, "2025-08-01", "2026-01-01"),
                sale("S1", 100),
            ],
        )
        .given(
            "staged.sales_plans",
            [
                plan("at pace", 31000),
                plan("behind", 31000),
                plan("no sales", 31000),
                plan("by category", 16000, category="x"),
                plan("by category", 16000, category="y"),
                plan("both plans", 31000),
                plan("both plans", 16000, category="x"),
                plan("both plans", 16000, category="y"),
                plan("later plan", 31000),
                plan("later plan", 62000, known_on="2026-08-15"),
                plan("closed", 31000),
                plan("other", 31000, month="2026-09"),
                plan("HO", 31000),
            ],
        )
    )
    world.have("warned.order_days")
    # the last 30 days begin on 17 July, the 90 days before them on 18 April
    histories = [
        *orders("half", "2026-04-18", 18, 5), *orders("half", "2026-07-17", 3, 5),
        *orders("not half", "2026-04-18", 18, 5), *orders("not half", "2026-07-17", 4, 5),
        *orders("few", "2026-04-18", 5, 5),
        *orders("young", "2026-04-19", 18, 5),
    ]  # fmt: skip
    for history in histories:
        world.rows(f"insert into warned.order_days by name {history}")
    for day in ("2026-08-09", T):
        world.run("warned.sales_behind_signals", day_from=day)
    return world


@pytest.mark.parametrize(
    ("customer", "evidence"),
    [
        ("at pace", None),  # exactly 20 % below
        ("behind", ("11,999.99 this month is 80.0 % of the plan's pace (31,000.00 in the month, "
                   "15 of 31 days gone)")),
        ("no sales", ("0.00 this month is 0.0 % of the plan's pace (31,000.00 in the month, "
                     "15 of 31 days gone)")),
        ("no plan", None),
        ("by category", ("12,000.00 this month is 77.5 % of the plan's pace (32,000.00 in the "
                        "month, 15 of 31 days gone)")),
        ("both plans", None),  # a plan for all goods comes first
        ("later plan", ("12,000.00 this month is 40.0 % of the plan's pace (62,000.00 in the "
                       "month, 15 of 31 days gone)")),
        ("HO", ("100.00 this month is 0.7 % of the plan's pace (31,000.00 in the month, "
               "15 of 31 days gone)")),
        ("last year", "79.00 this month against 100.00 in the same days of the year before"),
        ("last year ok", None),
        ("half", "3 order days in 30 days against 18 in the 90 days before"),
        ("not half", None),
        ("few", None),  # five orders in 90 days say nothing
        ("young", None),  # the 90 days are not all known
        ("closed", None),
        ("other", None),
    ],
)  # fmt: skip
def test_sales_behind(behind, customer, evidence):
    rows = behind.rows(
        "select evidence from warned.sales_behind_signals "
        f"where customer_id = '{customer}' and as_of = '{T}'"
    )
    assert [row["evidence"] for row in rows] == ([evidence] if evidence else [])


def test_the_first_days_of_a_month_say_nothing(behind):
    rows = behind.rows("select * from warned.sales_behind_signals where as_of = '2026-08-09'")
    assert rows == []


def test_signals_of_one_window_equal_those_day_by_day(behind, silence):
    days = ["2026-08-15", "2026-08-16"]
    query = "select * from warned.customer_lost_signals order by all"
    window = silence.rows(query)
    for day in days:
        silence.run("warned.customer_lost_signals", day_from=day)
    assert silence.rows(query) == window


def test_order_days_are_told_once():
    world = World().given(
        "staged.orders",
        [
            {"known_on": "2026-08-01", "chain_id": "YH", "order_no": "1", "store_id": "S1",
             "order_date": "2026-07-31"},
            {"known_on": "2026-08-02", "chain_id": "YH", "order_no": "2", "store_id": "S1",
             "order_date": "2026-07-31"},
            {"known_on": "2026-08-02", "chain_id": "YH", "order_no": "3", "store_id": "S1",
             "order_date": "2026-08-02", "is_cancelled": True},
        ],
    )  # fmt: skip
    query = "select known_on, ordered_on from warned.order_days order by all"
    window = world.run("warned.order_days", day_from="2026-08-01", until="2026-08-02").rows(query)
    assert [[f"{day:%m-%d}" for day in row.values()] for row in window] == [
        ["08-01", "07-31"], ["08-02", "08-02"],
    ]  # fmt: skip
    for day in ("2026-08-01", "2026-08-02"):
        world.run("warned.order_days", day_from=day)
    assert world.rows(query) == window
