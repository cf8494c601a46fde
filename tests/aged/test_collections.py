"""How fast is paid: days sales outstanding, collection index, days late, concentration, trend."""

import os
import random
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.support import POLICY, World, day, money

T = "2026-07-31"
SEED = int(os.environ.get("SIDAN_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
AGING = POLICY.aging
TENTH = Decimal("0.1")
COLLECTED = ("cash", "deductions", "write_offs", "restated_statements")


def sold(debtor, on, amount, cause="new_goods", counts_on=None):
    return {"as_of": counts_on or on, "chain_id": "YH", "debtor_id": debtor, "cause": cause,
            "effective_on": on, "amount": amount}  # fmt: skip


def owed(debtor, amount, days_late=0, as_of=T):
    """An open item, in the aging and among the open items."""
    as_of = day(as_of)
    cell = {"as_of": as_of, "chain_id": "YH", "debtor_id": debtor, "store_id": debtor}
    return (
        cell | {"basis": "overdue", "bucket": "1-30" if days_late > 0 else "not_due",
                "bucket_no": 0, "is_invoiced": True, "amount": amount},
        cell | {"item_id": "i", "due_on": as_of - timedelta(days=days_late), "balance": amount},
    )  # fmt: skip


def measured(debts, movements):
    world = World().given("aged.aging", [cell for cell, _ in debts])
    world.given("settled.open_items", [item for _, item in debts])
    world.given("aged.movements", movements)
    return world.run("aged.collections", "aged.concentrations", day_from=T)


CASES = [
    # debtor, open parts (amount, days late), sales (on, amount, cause), measures
    ("steady: 90 of 300 in 90 days", [(90, 0)], [("07-01", 300, "new_goods")],
     {"dso_simple": "27.0", "best_possible_days": "27.0", "dso_countback": "9.3",
      "collection_index": None, "days_late": None}),
    ("nothing open", [], [("07-01", 300, "new_goods")],
     {"dso_simple": "0.0", "best_possible_days": "0.0", "dso_countback": "0.0"}),
    ("in credit", [(-5, 0)], [("07-01", 300, "new_goods")],
     {"dso_simple": "0.0", "dso_countback": "0.0", "days_late": None}),
    ("no sales", [(90, 10)], [],
     {"dso_simple": None, "best_possible_days": "0.0", "collection_index": "0.0",
      "days_late": "10.0", "is_countback_full": True, "dso_countback": "396.0"}),
    # July's 200 is taken up whole (31 days), then half of June's 30
    ("two months", [(250, 0)], [("07-05", 200, "new_goods"), ("06-05", 100, "new_goods")],
     {"dso_countback": "46.0", "dso_simple": "75.0"}),
    ("a month without sales passes", [(250, 0)],
     [("07-05", 200, "new_goods"), ("05-05", 100, "new_goods")], {"dso_countback": "76.5"}),
    ("exactly July", [(200, 0)], [("07-05", 200, "new_goods"), ("06-05", 100, "new_goods")],
     {"dso_countback": "31.0"}),
    ("returns are no sales", [(90, 0)],
     [("07-01", 400, "new_goods"), ("07-02", -100, "returns")], {"dso_simple": "27.0"}),
    ("cash is no sale", [(90, 0)], [("07-01", 300, "new_goods"), ("07-20", -210, "cash")],
     {"dso_simple": "27.0", "collected": "210.00", "collection_index": "100.0"}),
    # opening 150, charged 100: 250 could be collected; 50 are not due, 40 late remain
    ("late", [(50, 0), (30, 10), (10, 50)], [("07-10", 100, "new_goods"), ("07-20", -160, "cash")],
     {"collection_index": "80.0", "days_late": "20.0", "overdue": "40.00"}),
    ("91 days ago is beyond 90 days", [(90, 0)], [("05-02", 300, "new_goods")],
     {"dso_simple": None}),
    ("90 days ago is within", [(90, 0)], [("05-03", 300, "new_goods")], {"dso_simple": "27.0"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def cases():
    debts = [owed(name, *part) for name, parts, _, _ in CASES for part in parts]
    moves = [sold(name, *move) for name, _, moves, _ in CASES for move in moves]
    return measured(debts, moves)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_measures_of_a_debtor(cases, number):
    name, _, _, expected = CASES[number]
    (row,) = cases.rows(
        f"select * from aged.collections where level = 'debtor' and node_id = '{name}'"
    )
    wanted = {
        key: value if value is None or isinstance(value, bool) else Decimal(value)
        for key, value in expected.items()
    }
    assert {key: row[key] for key in wanted} == wanted


def test_concentration_ranks_who_owes_and_leaves_credits_out():
    world = measured([owed("a", 60), owed("b", 30), owed("c", 10), owed("d", -50)], [])
    rows = world.rows("select * from aged.concentrations order by place")
    columns = "debtor_id", "share_percent", "share_percent_until"
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("a", money(60), money(60)), ("b", money(30), money(90)), ("c", money(10), money(100)),
    ]  # fmt: skip


def test_no_more_debtors_are_ranked_than_policy_says():
    world = measured([owed(f"d{n:02}", 1) for n in range(AGING.concentration_top + 1)], [])
    rows = world.rows("select debtor_id from aged.concentrations order by place")
    assert [row["debtor_id"] for row in rows] == [
        f"d{n:02}" for n in range(AGING.concentration_top)
    ]


# beyond it a ratio says only that there were hardly any sales
MOST_DAYS = Decimal(9999)


def half_up(value):
    return value.quantize(TENTH, ROUND_HALF_UP)


def countback(balance, moves, today):
    """Days back until the sales make up the balance, month by month."""
    left, days, first = balance, Decimal(0), today.replace(day=1)
    for _ in range(AGING.countback_months + 1):
        last = min(today, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
        length = (last - first).days + 1
        sales = sum((m["amount"] for m in moves if first <= m["effective_on"] <= last), Decimal(0))
        if sales >= left > 0 and sales > 0:
            part = Decimal(length) if sales == left else half_up(left * length / sales)
            return days + part
        days += length
        left -= max(sales, Decimal(0))
        first = (first - timedelta(days=1)).replace(day=1)
    return days


def test_random_debtors_agree_with_plain_python_on_every_day_of_a_window():
    """The same measures worked out one by one from all movements: debtors, chains, company."""
    print(f"SIDAN_SEED={SEED}")
    chance = random.Random(SEED)
    start, days = date(2026, 7, 1), [date(2026, 7, n) for n in range(27, 32)]
    causes = ["new_goods"] * 4 + ["new_invoices", "returns", "reversals", "cash", "cash",
                                  "deductions", "transfers", "opening_items", "write_offs",
                                  "restated_statements"]  # fmt: skip
    moves = []
    for debtor in ("a", "b", "c", "d"):
        for _ in range(40):
            cause = chance.choice(causes)
            on = start + timedelta(days=chance.randint(-150, 30))
            counts_on = on + timedelta(days=chance.choice([0, 0, 0, 9]))
            amount = Decimal(chance.randint(1, 200_000)) / 100
            sign = -1 if cause in ("returns", "reversals", *COLLECTED) else 1
            moves.append(sold(debtor, on, sign * amount, cause, counts_on) | chain_of(debtor))
    debts = []
    for as_of in days:
        for debtor in ("a", "b", "c"):
            for _ in range(3):
                amount = Decimal(chance.randint(-20_000, 300_000)) / 100
                parts = owed(debtor, amount, chance.choice([0, 0, 5, 40]), str(as_of))
                debts.append(tuple(part | chain_of(debtor) for part in parts))
    world = World().given("aged.aging", [cell for cell, _ in debts])
    world.given("settled.open_items", [item for _, item in debts]).given("aged.movements", moves)
    world.run("aged.collections", day_from=str(days[0]), until=str(days[-1]))
    rows = world.rows("select * from aged.collections order by all")
    assert len(rows) == len(days) * 7
    for row in rows:
        found_moves, found_items = (
            [
                one
                for one in given
                if row["node_id"] in ("company", one["chain_id"], one["debtor_id"])
            ]
            for given in (moves, [item for _, item in debts if item["as_of"] == row["as_of"]])
        )
        expected = measures(row["as_of"], found_moves, found_items)
        assert expected == {key: row[key] for key in expected}, row


def chain_of(debtor):
    return {"chain_id": "YH" if debtor in "ab" else "WM"}


def measures(today, moves, items):
    """The definitions of the table's header, word by word."""
    moves = [move for move in moves if move["as_of"] <= today]
    sales_causes = {"new_goods", "new_invoices", "returns", "restatements", "reversals",
                    "late_paper"}  # fmt: skip
    sales_moves = [move for move in moves if move["cause"] in sales_causes]
    total = lambda found: sum((one["amount"] for one in found), Decimal(0))  # noqa: E731
    sales = total(
        m for m in sales_moves if m["effective_on"] > today - timedelta(days=AGING.dso_days)
    )
    recent = [m for m in moves if m["as_of"] > today - timedelta(days=AGING.collection_days)]
    balance = sum((item["balance"] for item in items), Decimal(0))
    late = [(item["balance"], (today - item["due_on"]).days) for item in items]
    overdue = sum((amount for amount, days in late if days > 0), Decimal(0))
    not_due = balance - overdue
    charged = total(m for m in recent if m["cause"] not in COLLECTED)
    collectable = balance - total(recent) + charged

    def days_of(amount):
        if amount <= 0:
            return Decimal(0)
        days = half_up(amount * AGING.dso_days / sales) if sales > 0 else None
        return None if days is None else min(days, MOST_DAYS)

    index = collectable - not_due
    weighted = sum((amount * days for amount, days in late if days > 0), Decimal(0))
    return {
        "balance": balance,
        "not_due": not_due,
        "overdue": overdue,
        "sales": sales,
        "collected": collectable - balance,
        "dso_simple": days_of(balance),
        "dso_countback": countback(balance, sales_moves, today) if balance > 0 else Decimal(0),
        "best_possible_days": days_of(not_due),
        "collection_index": half_up((collectable - balance) * 100 / index) if index > 0 else None,
        "days_late": max(half_up(weighted / overdue), Decimal(0)) if overdue > 0 else None,
    }


def test_the_trend_has_a_row_per_day_and_measure():
    world = measured([owed("a", 60), owed("a", 40, 10)], [sold("a", "07-01", 300)])
    world.run("aged.parties", "aged.totals", "aged.provision", "aged.trends", day_from=T)
    rows = world.rows("select measure, figure, unit from aged.trends")
    figures = {row["measure"]: row["figure"] for row in rows}
    assert figures.items() >= {
        "outstanding": money(100), "overdue": money(40), "not_due": money(60),
        "uninvoiced": money(0), "sales": money(300), "dso_simple": money(30),
        "days_late": money(10), "top_1_share": money(100),
    }.items()  # fmt: skip
    assert {row["unit"] for row in rows} == {"CNY", "days", "percent"}
