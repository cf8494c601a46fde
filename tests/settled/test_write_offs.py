"""Small differences: what a payment leaves open of an item, within what policy writes off."""

from decimal import Decimal
from typing import Any

import pytest

from receivables.policy import WriteOffs
from tests.papers import FLOW, Chain, open_items, unapplied
from tests.support import POLICY, World, money, upstream

FLOW_WITH_TOTALS = list(
    dict.fromkeys([*FLOW, *upstream("settled.write_off_totals", stages=("settled",))])
)
# chain id -> what is invoiced, what is paid, what is open and unapplied afterwards
PAID: dict[str, tuple[Any, Any, Any, Any]] = {
    "in-full": (100, 100, 0, 0),
    "a-cent-short": (100, "99.99", 0, 0),
    "at-the-limit": (100, "99.00", 0, 0),
    "beyond-the-limit": (100, "98.99", "1.01", 0),
    # the limit is for what is left, not for the whole: nothing was paid on this one
    "small-and-unpaid": ("0.80", 0, "0.80", 0),
    "small-and-partly-paid": ("0.80", "0.30", 0, 0),
    # case A7 otherwise: too much is the payer's money, and never written off
    "too-much": (50, "50.10", 0, "0.10"),
    # case A8: 10 of 1,000 are no small difference, whatever share they are
    "ten-short": (1000, 990, 10, 0),
}


def close(world: World, day_from: str = "05-01", until: str = "06-30") -> World:
    world.have("staged.calendar")
    return world.run(*FLOW_WITH_TOTALS, day_from=day_from, until=until)


def invoiced(chain: Chain, amount: Any, number: str = "1", on: str = "05-10") -> Chain:
    """Goods accepted and invoiced in full."""
    chain.receipt(f"R{number}", Decimal(str(amount)), store_id=chain.customer("S1"))
    chain.application(
        f"AP{number}", f"R{number}", amount, f"V{number}", on=on, store_id=chain.customer("S1")
    )
    return chain.invoice(f"V{number}", amount, on=on)


@pytest.fixture(scope="module")
def paid() -> World:
    world = World()
    chains = {name: Chain(chain_id=name, world=world) for name in PAID}
    world.run(*Chain.START, day_from="05-01")
    for name, (amount, payment, _, _) in PAID.items():
        invoiced(chains[name], amount, name.upper())
        if payment:
            chains[name].payment(f"T-{name}", payment, f"V{name.upper()}", on="06-10")
    return close(world)


@pytest.mark.parametrize("name", PAID)
def test_what_is_written_off(paid, name) -> None:
    _, _, is_open, is_unapplied = PAID[name]
    (row,) = paid.rows(
        "select (select coalesce(sum(balance), 0) from settled.open_items "
        f"where as_of = date '2026-06-30' and chain_id = '{name}') as open, "
        "(select coalesce(sum(amount), 0) from settled.unapplied_cash "
        f"where as_of = date '2026-06-30' and chain_id = '{name}') as unapplied"
    )
    assert (row["open"], row["unapplied"]) == (money(is_open), money(is_unapplied))


def test_a_write_off_is_an_entry_with_a_reason_and_a_monthly_total(paid) -> None:
    (row,) = paid.rows(
        "select item_kind, entry_kind, amount, evidence, effective_on from settled.ledger "
        "where entry_kind = 'write_off' and chain_id = 'at-the-limit'"
    )
    assert str(row.pop("effective_on")) == "2026-06-10"
    assert row == {
        "item_kind": "invoice",
        "entry_kind": "write_off",
        "amount": -1,
        "evidence": "small difference: 99.00 paid of 100.00",
    }
    (total,) = paid.rows(
        "select month, small_differences, amount, entries from settled.write_off_totals "
        "where chain_id = 'at-the-limit'"
    )
    assert total == {"month": "2026-06", "small_differences": 1, "amount": 1, "entries": 1}


def written_off(world: World) -> list[tuple[str, Decimal]]:
    rows = world.rows(
        "select known_on, amount from settled.write_offs order by known_on, item_id, amount"
    )
    return [(str(row["known_on"])[5:], row["amount"]) for row in rows]


def test_further_money_takes_the_write_off_back() -> None:
    chain = invoiced(Chain(), 100).payment("T1", "99.40", "V1", on="06-10")
    world = close(chain.payment("T2", "0.60", "V1", on="06-15").world)
    assert written_off(world) == [("06-10", money("0.60")), ("06-15", money("-0.60"))]
    assert open_items(world, "06-15") == []
    assert unapplied(world, "06-15") == 0


def test_a_changed_receipt_moves_the_residual_and_with_it_the_write_off() -> None:
    chain = Chain().receipt("R1", 100).statement("ST1", [{"receipt_no": "R1", "amount": 100}])
    chain.payment("T1", "99.40", "ST1", on="06-05")
    chain.receipt("R1", 120, on="05-03", known_on="06-20")
    world = close(chain.world)
    assert written_off(world) == [("06-05", money("0.60")), ("06-20", money("-0.60"))]
    assert open_items(world, "06-20") == [("uninvoiced", "R1", money("20.60"))]


def test_the_write_off_follows_the_goods_to_their_invoice() -> None:
    chain = Chain().receipt("R1", 100).statement("ST1", [{"receipt_no": "R1", "amount": 100}])
    chain.payment("T1", "99.40", "ST1", on="06-05")
    chain.application("AP1", "R1", 100, "V1", on="06-20").invoice("V1", 100, on="06-20")
    world = close(chain.world)
    entries = world.rows(
        "select item_kind, amount from settled.ledger where entry_kind = 'write_off' "
        "order by known_on, item_kind"
    )
    assert [(row["item_kind"], row["amount"]) for row in entries] == [
        ("uninvoiced", money("-0.60")), ("invoice", money("-0.60")), ("uninvoiced", money("0.60")),
    ]  # fmt: skip
    assert open_items(world, "06-30") == []


def test_what_a_return_leaves_is_written_off_with_its_sign() -> None:
    chain = Chain().receipt("R1", 100).receipt("R2", -20, on="05-20")
    lines = [
        {"receipt_no": "R1", "amount": 100},
        {"receipt_no": "R2", "amount": "-19.50", "line_kind": "return"},
    ]
    world = close(chain.statement("ST1", lines).payment("T1", "80.50", "ST1").world)
    assert written_off(world) == [("06-10", money("-0.50"))]
    assert open_items(world, "06-30") == []


def test_a_payment_known_before_it_happens_writes_off_when_it_happens() -> None:
    chain = invoiced(Chain(), 100).payment("T1", "99.40", "V1", on="06-11", known_on="06-10")
    world = close(chain.world)
    assert open_items(world, "06-10") == [("invoice", "V1", money(100))]
    assert open_items(world, "06-11") == []


def test_a_policy_of_nothing_writes_nothing_off() -> None:
    """Case A4: the cent that is missing is listed."""
    policy = POLICY.model_copy(update={"write_offs": WriteOffs(small_difference=Decimal(0))})
    chain = Chain(world=World(policy, apart=True))
    chain.world.run(*Chain.START, day_from="05-01")
    invoiced(chain, 100).payment("T1", "99.99", "V1", on="06-10")
    world = close(chain.world)
    assert open_items(world, "06-30") == [("invoice", "V1", money("0.01"))]


def test_day_by_day_writes_off_as_one_run_does() -> None:
    def build() -> World:
        chain = invoiced(Chain(), 100).payment("T1", "99.40", "V1", on="06-10", file_id="bank 2")
        chain.payment("T2", "0.20", "V1", on="06-12", file_id="bank 1").invoice(
            "V1", 100, on="05-10", known_on="06-14", status="void"
        )
        return chain.world

    whole, daily = close(build(), "05-01", "06-15"), build()
    close(daily, "05-01", "06-09")
    for on in range(10, 16):
        close(daily, f"06-{on}", f"06-{on}")
    for table in ("write_offs", "write_off_totals", "ledger", "open_items"):
        query = f"select * from settled.{table} order by all"
        assert daily.rows(query) == whole.rows(query), table
    assert [day for day, _ in written_off(whole)] == ["06-10", "06-12", "06-14", "06-14"]
