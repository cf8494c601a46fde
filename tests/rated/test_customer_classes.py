"""Customer class by average monthly sales and margin (in units of 10,000 CNY a month)."""

from decimal import Decimal

import pytest

from tests.rated.given import T, account, each_day
from tests.support import World, money

# channel, monthly sales in 10,000 CNY, margin percent (None: unknown), class
CASES = [
    ("chain", "150", None, "AAA"),
    ("chain", "149.9999", None, "AA"),
    ("chain", "105", None, "AA"),
    ("chain", "104.9999", None, "A"),
    ("chain", "75", None, "A"),
    ("chain", "74.9999", None, "B+"),
    ("chain", "60", None, "B+"),
    ("chain", "59.9999", None, "B"),
    ("chain", "35", None, "B"),
    ("chain", "34.9999", None, "C"),
    ("chain", "17", None, "C"),
    ("chain", "0", None, "C"),
    ("wholesale", "150", None, "AAA"),
    ("chain", "149.9999", "8.01", "AAA"),
    ("chain", "105", "8", "AA"),  # only a margin above the quota moves up
    ("chain", "17", "8.01", "B"),
    ("chain", "16.9999", "50", "C"),  # below 17 never
    ("chain", "150", "90", "AAA"),  # nothing is above AAA
    ("retail", "20", None, "AAA"),
    ("retail", "19.9999", None, "AA"),
    ("retail", "10", None, "AA"),
    ("retail", "9.9999", None, "A"),
    ("retail", "5.5", None, "A"),
    ("retail", "5.4999", None, "B+"),
    ("retail", "3", None, "B+"),
    ("retail", "2.9999", None, "B"),
    ("retail", "1", None, "B"),
    ("retail", "0.9999", None, "C"),
    ("retail", "0.5", None, "C"),
    ("retail", "10", "2.01", "AAA"),
    ("retail", "10", "2", "AA"),
    ("retail", "5.5", "2.51", "AA"),
    ("retail", "5.5", "2.5", "A"),
    ("retail", "3", "3.01", "A"),
    ("retail", "1", "3.51", "B+"),
    ("retail", "1", "3.5", "B"),
    ("retail", "0.5", "4.01", "B"),
    ("retail", "0.5", "4", "C"),
    ("retail", "0.4999", "50", "C"),  # below 0.5 never
    ("retail", "1", "-20", "B"),
]


def sale(store, amount, sold_on="2026-06-10", **given):
    """Goods accepted in June and known the day after, without known cost."""
    return {
        "known_on": "2026-06-11", "chain_id": "YH", "store_id": store, "sold_on": sold_on,
        "amount": amount, "costed_amount": 0, "costed_amount_excl_tax": 0, "cost": 0,
    } | given  # fmt: skip


def costed(store, amount, margin, share="1"):
    """Goods with a margin percent, the cost of a share of them being known."""
    part = Decimal(amount) * Decimal(share)
    return sale(
        store,
        amount,
        costed_amount=part * Decimal("1.13"),
        costed_amount_excl_tax=part,
        cost=part - part * Decimal(margin) / 100,
    ) | {"amount": Decimal(amount) * Decimal("1.13")}


def classed(accounts, sales, day_from=T, until=None):
    world = World().given("rated.accounts", accounts).given("rated.sales", sales)
    return world.run("rated.customer_classes", day_from=day_from, until=until)


@pytest.fixture(scope="module")
def cases():
    """All the cases above in one world."""
    accounts, sales = [], []
    for number, (channel, monthly, margin, _) in enumerate(CASES):
        total = Decimal(monthly) * 10000 * 3
        accounts.append(account(f"case {number}", channel=channel))
        row = sale(f"case {number}", total)
        if margin is not None:
            row |= {
                "costed_amount": total, "costed_amount_excl_tax": total,
                "cost": total - total * Decimal(margin) / 100,
            }  # fmt: skip
        sales.append(row)
    return classed(accounts, sales)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_class_by_sales_and_margin(cases, number):
    channel, monthly, margin, expected = CASES[number]
    (row,) = cases.rows(f"select * from rated.customer_classes where customer_id = 'case {number}'")
    assert row["customer_class"] == expected, (channel, monthly, margin)
    assert row["average_monthly_sales"] == money(Decimal(monthly) * 10000)
    assert row["is_moved_up"] == (row["customer_class"] != row["base_class"])


@pytest.fixture(scope="module")
def rules():
    """Which sales count, and for whom."""
    accounts = [
        account("months"),
        account("late"),
        account("returns"),
        account("HO", level="head_office"),
        account("S1", group_id="HO"),
        account("DC", group_id="HO", level="dc", is_rated=False),
        account("rounded"),
        account("79", channel="retail"),
        account("80", channel="retail"),
        account("silent"),
    ]
    sales = [
        sale("months", 1, "2026-04-30"),
        sale("months", 10, "2026-05-01"),
        sale("months", 100, "2026-07-31"),
        sale("months", 1000, "2026-08-01"),
        sale("late", 10, known_on="2026-08-15"),
        sale("late", 100, known_on="2026-08-16"),
        sale("returns", 300),
        sale("returns", -90),
        sale("S1", 600),
        sale("DC", 900),
        sale("rounded", "0.01"),
        sale("rounded", "0.01", known_on="2026-07-01"),
        costed("79", "30000", "50", "0.79"),
        costed("80", "30000", "50", "0.80"),
    ]
    return classed(accounts, sales)


@pytest.mark.parametrize(
    ("customer", "average"),
    [
        ("months", "36.67"),  # only the last three full months
        ("late", "3.33"),  # what is known on the day
        ("returns", "70.00"),
        ("S1", "200.00"),
        ("HO", "500.00"),  # a head office has its group's sales
        ("rounded", "0.01"),  # 0.02 / 3
        ("silent", "0.00"),
    ],
)
def test_average_monthly_sales(rules, customer, average):
    (row,) = rules.rows(
        f"select average_monthly_sales from rated.customer_classes where customer_id = '{customer}'"
    )
    assert row["average_monthly_sales"] == money(average)


def test_a_margin_counts_where_the_cost_of_most_sales_is_known(rules):
    rows = rules.rows(
        "select customer_id, is_moved_up, margin_percent, costed_percent, evidence "
        "from rated.customer_classes where customer_id in ('79', '80', 'silent') order by all"
    )
    assert [row["is_moved_up"] for row in rows] == [False, True, False]
    assert "margin unknown (cost known for 79.00 % of the sales)" in rows[0]["evidence"]
    assert "margin 50.00 % exceeds the quota of 3.5 %: one class up" in rows[1]["evidence"]


def test_only_rated_customers_have_a_class(rules):
    assert rules.rows("select * from rated.customer_classes where customer_id = 'DC'") == []


def test_one_window_equals_day_by_day():
    days = ["2026-07-30", "2026-07-31", "2026-08-01", "2026-08-02"]
    accounts = each_day([account("A"), account("B")], *days)
    sales = [
        sale("A", 300000, "2026-04-20", known_on="2026-04-21"),
        sale("A", 90000, "2026-07-20", known_on="2026-07-31"),
        sale("A", -5000, "2026-07-21", known_on="2026-08-02"),
        sale("B", 700, "2026-05-02", known_on="2026-08-01"),
    ]
    window = classed(accounts, sales, "2026-07-30", "2026-08-02")
    single = World().given("rated.accounts", accounts).given("rated.sales", sales)
    for day in days:
        single.run("rated.customer_classes", day_from=day)
    query = "select * from rated.customer_classes order by all"
    assert window.rows(query) == single.rows(query)
