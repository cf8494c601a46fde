"""A closed day restated with later knowledge; aging worked out from the ledger in plain Python."""

import hashlib
import os
import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from pipelines.restating import CannotRestateError, DoesNotAddUpError, restate
from tests.aged.export import published
from tests.support import POLICY, World

SEED = int(os.environ.get("SIDAN_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
START = date(2026, 5, 1)
DAYS = [START + timedelta(days=number) for number in range(100)]
KINDS = [("uninvoiced", "R"), ("invoice", "R"), ("invoice", None), ("red_invoice", None)]


def random_entries(chance):
    """Ledger entries of some items: charged, paid in parts, redated; known late or early."""
    entries = []
    for number in range(40):
        kind, receipt = chance.choice(KINDS)
        on = START + timedelta(days=chance.randint(-400, 60))
        item = {
            "item_id": f"i{number}", "item_kind": kind, "chain_id": "YH",
            "debtor_id": chance.choice(["A", "B", "C"]), "store_id": chance.choice(["S1", "S2"]),
            "document_on": on, "receipt_no": f"R{number}" if receipt else None,
            "invoice_no": None if kind == "uninvoiced" else f"V{number}",
            "document_no": f"P{number}", "evidence": "given",
        }  # fmt: skip
        known = max(START, on + timedelta(days=chance.choice([0, 0, 1, 5, 20, -3])))
        sign = -1 if kind == "red_invoice" else 1
        entry_kind = "charge"
        for step in range(chance.randint(1, 5)):
            due_on = on + timedelta(days=chance.choice([0, 30, 60, 180]))
            amount = sign * Decimal(chance.randint(1, 100_000)) / 100
            is_cash = entry_kind == "cash"
            entries.append(
                item
                | {
                    "entry_id": f"{number}-{step}", "entry_kind": entry_kind, "effective_on": on,
                    "known_on": known, "due_on": None if is_cash else due_on,
                    "amount": -amount if is_cash else amount,
                    "transaction_no": f"T{number}-{step}" if is_cash else None,
                }
            )  # fmt: skip
            entry_kind = chance.choice(["cash", "cash", "correction"])
            known += timedelta(days=chance.randint(1, 25))
            if entry_kind == "cash":
                on = known - timedelta(days=chance.choice([0, 1, 10]))
    return entries


def bucket(days, is_overdue):
    """The bucket of an age, by the words of the rules."""
    if days <= 0 and is_overdue:
        return "not_due"
    lower = 1 if is_overdue else 0
    for edge in POLICY.aging.buckets:
        if days <= edge:
            return f"{lower}-{edge}"
        lower = edge + 1
    return f">{POLICY.aging.buckets[-1]}"


def aging_of(entries, as_of, known):
    """(debtor, store, basis, bucket, invoiced) to amount, entry by entry."""
    items = defaultdict(list)
    for entry in entries:
        if entry["effective_on"] <= as_of and entry["known_on"] <= known:
            items[entry["item_id"], entry["debtor_id"], entry["store_id"]].append(entry)
    cells = defaultdict(Decimal)
    for (_, debtor, store), found in items.items():
        dated = [entry for entry in found if entry["entry_kind"] != "cash"]
        latest = max(
            dated,
            key=lambda one: (max(one["known_on"], one["effective_on"]), one["known_on"]),
            default=None,  # only money for goods of later days
        )
        due_on = latest["due_on"] if latest else None
        balance = sum(entry["amount"] for entry in found)
        is_invoiced = found[0]["item_kind"] != "uninvoiced"
        age = max((as_of - found[0]["document_on"]).days, 0)
        late = (as_of - due_on).days if due_on else 0
        cells[debtor, store, "document", bucket(age, False), is_invoiced] += balance
        cells[debtor, store, "overdue", bucket(late, True), is_invoiced] += balance
    return {cell: amount for cell, amount in cells.items() if amount}


@pytest.fixture(scope="module")
def entries():
    print(f"SIDAN_SEED={SEED}")
    return random_entries(random.Random(SEED))


@pytest.fixture(scope="module")
def world(entries):
    world = World(apart=True).given("settled.ledger", entries)
    tables = ("settled.item_balances", "settled.open_items", "aged.aging", "aged.changes",
              "aged.bridge")  # fmt: skip
    return world.run(*tables, day_from=str(START), until=str(DAYS[-1]))


@pytest.fixture(scope="module")
def home(world, tmp_path_factory):
    return published(world, tmp_path_factory.mktemp("home"), [str(day) for day in DAYS])


@pytest.mark.parametrize("number", [0, 7, 31, 60, 99])
def test_aging_of_a_day_is_that_of_the_ledger_entry_by_entry(world, entries, number):
    as_of = DAYS[number]
    rows = world.rows(f"select * from aged.aging where as_of = '{as_of}' and amount <> 0")
    key = "debtor_id", "store_id", "basis", "bucket", "is_invoiced"
    assert {tuple(row[name] for name in key): row["amount"] for row in rows} == aging_of(
        entries, as_of, as_of
    )


def test_opening_and_causes_make_up_the_closing_and_papers_make_up_each_cause(world):
    days = str(START), str(DAYS[-1])
    for audit in ("bridge_adds_up", "bridge_ends_on_open_items", "bridge_starts_where_it_ended"):
        assert world.audit(f"aged/{audit}", *days) == []
    unlike = world.rows(
        "with papers as (select as_of, debtor_id, cause, sum(amount) as amount from aged.changes "
        "group by all) select * from papers full join aged.bridge as bridge "
        "using (as_of, debtor_id, cause) where coalesce(cause not in ('opening', 'closing'), true) "
        "and papers.amount is distinct from bridge.amount"
    )
    assert unlike == []


@pytest.mark.parametrize(("number", "later"), [(0, 99), (20, 21), (40, 80), (60, 60), (98, 99)])
def test_a_restated_day_is_the_ledger_with_later_knowledge(home, entries, number, later):
    day, known = DAYS[number], DAYS[later]
    before = hashlib.sha256(home.published.read_bytes()).hexdigest()
    told = restate(home, POLICY, day, known)
    was, now = aging_of(entries, day, day), aging_of(entries, day, known)
    by_basis = [cell for cell in {*was, *now} if cell[2] == "overdue"]
    assert told.as_closed == sum(was.get(cell, 0) for cell in by_basis)
    assert told.restated == sum(now.get(cell, 0) for cell in by_basis)
    for side, cells in (("as_closed", was), ("restated", now)):
        sums = defaultdict(Decimal)
        for (_, _, basis, name, _), amount in cells.items():
            sums[basis, name] += amount
        found = {(row["basis"], row["bucket"]): row[side] for row in told.buckets if row[side]}
        assert found == {cell: amount for cell, amount in sums.items() if amount}
    late = [one for one in entries if one["effective_on"] <= day < one["known_on"] <= known]
    by_debtor = defaultdict(Decimal)
    for entry in late:
        by_debtor[entry["debtor_id"]] += entry["amount"]
    papers = defaultdict(Decimal)
    for row in told.papers:
        papers[row["debtor_id"]] += row["difference"]
    assert papers == {debtor: amount for debtor, amount in by_debtor.items() if amount}
    assert sum(row["difference"] for row in told.causes) == told.difference
    assert hashlib.sha256(home.published.read_bytes()).hexdigest() == before


@pytest.mark.parametrize(
    ("day", "known", "sentence"),
    [
        (DAYS[5], DAYS[4], "lies before"),
        (START - timedelta(days=1), DAYS[4], "has not been closed. Closed are 2026-05-01 to"),
        (START, DAYS[-1] + timedelta(days=1), "the newest closed day is 2026-08-08"),
    ],
)
def test_a_day_that_cannot_be_restated_is_told(home, day, known, sentence):
    with pytest.raises(CannotRestateError, match=sentence):
        restate(home, POLICY, day, known)


def test_a_day_whose_open_items_are_not_its_ledger_is_not_explained_away(tmp_path):
    entry = random_entries(random.Random(1))[0] | {"known_on": START, "effective_on": START}
    world = World(apart=True).given("settled.ledger", [entry])
    world.run("settled.item_balances", "settled.open_items", "aged.aging", day_from=str(START))
    world.have("aged.changes")
    world.rows("update settled.open_items set balance = balance + 1")
    home = published(world, tmp_path / "home", [str(START)])
    with pytest.raises(DoesNotAddUpError, match="sidan backfill"):
        restate(home, POLICY, START, START)
