"""The aging summed upwards: debtor, head office, chain, region, manager and company."""

import pytest

from tests.support import World, money

T = "2026-07-31"
AUDIT = "aged/parents_sum_their_children"
CUSTOMERS = [
    {"customer_id": "HO", "chain_id": "YH", "region": "North", "manager": "Lin"},
    {"customer_id": "S1", "chain_id": "YH", "head_office_id": "HO", "region": "South"},
    {"customer_id": "S2", "chain_id": "YH", "head_office_id": "HO", "manager": "Wu"},
    {"customer_id": "W1", "chain_id": "WM"},
]
# debtor, store, amount, whether invoiced
CELLS = [
    ("HO", "S1", 100, True),
    ("HO", "S2", 20, False),
    ("S2", "S2", 5, True),
    ("W1", "W1", 700, True),
    ("unknown:YH/9", "unknown:YH/9", 3, True),
]


@pytest.fixture(scope="module")
def world():
    customers = [{"known_on": "2026-05-01", **customer} for customer in CUSTOMERS]
    moved = {"known_on": "2026-07-31", "customer_id": "S2", "chain_id": "YH",
             "head_office_id": "HO", "manager": "Zhou"}  # fmt: skip
    cells = [
        {
            "as_of": as_of, "chain_id": "WM" if debtor == "W1" else "YH", "debtor_id": debtor,
            "store_id": store, "basis": basis, "bucket": "0-30", "bucket_no": 1,
            "is_invoiced": is_invoiced, "amount": amount,
        }
        for as_of in ("2026-07-30", T)
        for basis in ("document", "overdue")
        for debtor, store, amount, is_invoiced in CELLS
    ]  # fmt: skip
    world = World(apart=True).given("staged.customers", [*customers, moved])
    world.given("aged.aging", cells)
    return world.run("aged.parties", "aged.totals", day_from="2026-07-30", until=T)


def sums(world, level, as_of=T):
    """(party, parent) to (invoiced, uninvoiced) of a level."""
    rows = world.rows(
        "select node_id, parent_id, "
        "coalesce(sum(amount) filter (is_invoiced), 0) as invoiced, "
        "coalesce(sum(amount) filter (not is_invoiced), 0) as uninvoiced from aged.totals "
        f"where as_of = '{as_of}' and basis = 'overdue' and level = '{level}' group by all"
    )
    return {
        (row["node_id"], row["parent_id"]): (int(row["invoiced"]), int(row["uninvoiced"]))
        for row in rows
    }


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("company", {("company", None): (808, 20)}),
        ("chain", {("YH", "company"): (108, 20), ("WM", "company"): (700, 0)}),
        (
            "head_office",
            {("HO", "YH"): (105, 20), ("W1", "WM"): (700, 0), ("unknown:YH/9", "YH"): (3, 0)},
        ),
        (
            "debtor",
            {
                ("HO", "HO"): (100, 20), ("S2", "HO"): (5, 0), ("W1", "W1"): (700, 0),
                ("unknown:YH/9", "unknown:YH/9"): (3, 0),
            },
        ),  # fmt: skip
        # of the store where the money arose; S2 has its head office's
        (
            "region",
            {("South", "company"): (100, 0), ("North", "company"): (5, 20),
             ("unknown", "company"): (703, 0)},
        ),
        # of the debtor
        (
            "manager",
            {("Lin", "company"): (100, 20), ("Zhou", "company"): (5, 0),
             ("unknown", "company"): (703, 0)},
        ),
    ],
)  # fmt: skip
def test_sums_of_a_level(world, level, expected):
    assert sums(world, level) == expected


def test_a_manager_of_later_days_does_not_change_earlier_ones(world):
    assert ("Wu", "company") in sums(world, "manager", "2026-07-30")


def test_parents_that_are_their_children_pass(world):
    assert world.audit(AUDIT, "2026-07-30", T) == []


@pytest.mark.parametrize(
    ("fault", "levels"),
    [
        ("update aged.totals set amount = amount + 0.01 where level = 'debtor' and node_id = 'S2'",
         {("head_office", "debtor")}),
        ("delete from aged.totals where level = 'manager' and node_id = 'Zhou'",
         {("company", "manager")}),
        ("delete from aged.totals where level = 'chain' and node_id = 'WM'",
         {("company", "chain"), ("chain", "head_office")}),
        ("update aged.aging set is_invoiced = not is_invoiced where debtor_id = 'S2'",
         {("aging", "company")}),
    ],
)  # fmt: skip
def test_audit_finds_a_parent_that_is_not_the_sum_of_its_children(world, fault, levels):
    with world.rolled_back():
        world.rows(fault)
        found = world.audit(AUDIT, T)
    assert {(row["parent_level"], row["child_level"]) for row in found} == levels
    assert all(abs(row["parents"] - row["children"]) >= money("0.01") for row in found)
