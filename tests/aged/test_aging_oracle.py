"""Random open items aged, summed upwards, provided for and ranked in plain Python, item by item."""

import os
import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.support import POLICY, World

SEED = int(os.environ.get("SIDAN_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
AGING = POLICY.aging
DAYS = [date(2026, 7, 29), date(2026, 7, 30), date(2026, 7, 31)]
CHAINS = {"HO": "YH", "S1": "YH", "S2": "YH", "S3": "YH", "W1": "WM", "W2": "WM"}
DEBTORS = [*CHAINS, "unknown:YH"]
CENT = Decimal("0.01")


def random_customers(chance):
    """Versions of the customers; one of them becomes known, or changes, within the days."""
    versions = []
    for customer, chain in CHAINS.items():
        first = chance.choice([date(2026, 5, 1), date(2026, 5, 1), DAYS[1]])
        for known_on in sorted({first, chance.choice(DAYS)}):
            head = "HO" if chain == "YH" else "W1"
            may_belong = customer != head and chance.random() < 0.7
            versions.append(
                {
                    "known_on": known_on, "customer_id": customer, "chain_id": chain,
                    "head_office_id": head if may_belong else None,
                    "region": chance.choice([None, "North", "South"]),
                    "manager": chance.choice([None, "Lin", "Wu"]),
                }
            )  # fmt: skip
    return versions


def random_items(chance):
    """Open items of each day, many of them on the edges of buckets and years."""
    edges = [*AGING.buckets, 0, 365, 730, 1095]
    items = []
    for as_of in DAYS:
        for number in range(60):
            debtor = chance.choice(DEBTORS)
            chain = CHAINS.get(debtor, "YH")
            stores = [one for one in CHAINS if CHAINS[one] == chain]
            age, late = (chance.choice(edges) + chance.randint(-1, 1) for _ in "ab")
            items.append(
                {
                    "as_of": as_of, "item_id": f"i{number}", "chain_id": chain,
                    "debtor_id": debtor, "store_id": chance.choice([*stores, debtor]),
                    "is_invoiced": chance.random() < 0.5,
                    "document_on": as_of - timedelta(days=age),
                    "due_on": chance.choice([None, *[as_of - timedelta(days=late)] * 5]),
                    "balance": Decimal(chance.randint(-30_000, 90_000)) / 100,
                }
            )  # fmt: skip
    return items


@pytest.fixture(scope="module")
def given():
    print(f"SIDAN_SEED={SEED}")
    chance = random.Random(SEED)
    return random_items(chance), random_customers(chance)


@pytest.fixture(scope="module")
def world(given):
    items, customers = given
    world = World().given("settled.open_items", items).given("staged.customers", customers)
    tables = ("aging", "parties", "totals", "provision", "concentrations")
    return world.run(
        *(f"aged.{name}" for name in tables), day_from=str(DAYS[0]), until=str(DAYS[-1])
    )


def bucket(days, is_overdue):
    """The bucket of an age, by the words of the rules."""
    if days <= 0 and is_overdue:
        return "not_due"
    lower = 1 if is_overdue else 0
    for edge in AGING.buckets:
        if days <= edge:
            return f"{lower}-{edge}"
        lower = edge + 1
    return f">{AGING.buckets[-1]}"


def party(customers, customer, as_of):
    """(group, region, manager) of a customer as known on a day; what it lacks is its group's."""
    known = {
        one["customer_id"]: one
        for one in sorted(customers, key=lambda one: one["known_on"])
        if one["known_on"] <= as_of
    }
    own = known.get(customer, {})
    group = own.get("head_office_id") or customer
    above = known.get(group, {}) if own else {}
    return group, *(own.get(key) or above.get(key) for key in ("region", "manager"))


def parties_of(customers, item):
    """(level, party, parent) of all to whom an item counts."""
    group, region, manager = party(customers, item["debtor_id"], item["as_of"])
    _, store_region, _ = party(customers, item["store_id"], item["as_of"])
    return [
        ("company", "company", None),
        ("chain", item["chain_id"], "company"),
        ("head_office", group, item["chain_id"]),
        ("debtor", item["debtor_id"], group),
        ("region", store_region or region or "unknown", "company"),
        ("manager", manager or "unknown", "company"),
    ]


def test_every_level_on_both_bases_is_the_sum_of_its_items(world, given):
    items, customers = given
    expected = defaultdict(Decimal)
    for item in items:
        as_of, due_on = item["as_of"], item["due_on"]
        age = max((as_of - item["document_on"]).days, 0)
        late = (as_of - due_on).days if due_on else 0
        for node in parties_of(customers, item):
            for basis, name in (("document", bucket(age, False)), ("overdue", bucket(late, True))):
                expected[as_of, *node, basis, name, item["is_invoiced"]] += item["balance"]
    keys = ("as_of", "level", "node_id", "parent_id", "basis", "bucket", "is_invoiced")
    rows = world.rows("select * from aged.totals")
    assert {tuple(row[key] for key in keys): row["amount"] for row in rows} == expected
    assert len(rows) == len(expected)


def band_of(item):
    """The number of the first band whose years ago lie before the document, or on its day."""
    today = item["as_of"]
    edges = [band.years and today.replace(year=today.year - band.years) for band in AGING.provision]
    return next(n for n, edge in enumerate(edges, 1) if not edge or item["document_on"] >= edge)


def test_provision_is_policys_percent_of_each_year(world, given):
    amounts = defaultdict(Decimal)
    for item in given[0]:
        key = item["as_of"], item["chain_id"], item["debtor_id"], band_of(item)
        amounts[key] += item["balance"]
    rows = world.rows("select * from aged.provision")
    keys = ("as_of", "chain_id", "debtor_id", "band_no")
    assert {tuple(row[key] for key in keys): row["amount"] for row in rows} == amounts
    for row in rows:
        percent = AGING.provision[row["band_no"] - 1].percent
        exact = max(row["amount"], Decimal(0)) * percent / 100
        assert row["provision"] == exact.quantize(CENT, ROUND_HALF_UP), row


def test_who_owes_most_is_ranked_by_what_is_owed(world, given):
    expected = []
    for as_of in DAYS:
        owed = defaultdict(Decimal)
        for item in given[0]:
            if item["as_of"] == as_of:
                owed[item["debtor_id"]] += item["balance"]
        ranked = sorted((-amount, debtor) for debtor, amount in owed.items() if amount > 0)
        total, until = -sum(amount for amount, _ in ranked), Decimal(0)
        for place, (amount, debtor) in enumerate(ranked[: AGING.concentration_top], 1):
            until -= amount
            shares = (
                (part * 100 / total).quantize(CENT, ROUND_HALF_UP) for part in (-amount, until)
            )
            expected.append((as_of, place, debtor, -amount, *shares))
    columns = ("as_of", "place", "debtor_id", "balance", "share_percent", "share_percent_until")
    rows = world.rows("select * from aged.concentrations order by as_of, place")
    assert [tuple(row[column] for column in columns) for row in rows] == expected
