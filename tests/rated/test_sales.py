"""Accepted goods by store and receipt date, as they became known, and their cost."""

import pytest

from tests.support import World, money

DAYS = [f"2026-06-{number:02d}" for number in range(1, 6)]


def receipt(receipt_no, known_on, amount, **given):
    return {
        "known_on": known_on, "chain_id": "YH", "receipt_no": receipt_no, "store_id": "S1",
        "receipt_date": "2026-06-01", "amount": amount, "lines_known_on": known_on,
    } | given  # fmt: skip


def line(receipt_no, known_on, amount, quantity, sku="A", **given):
    return {
        "known_on": known_on, "chain_id": "YH", "receipt_no": receipt_no, "amount": amount,
        "quantity": quantity, "sku": sku,
    } | given  # fmt: skip


def told():
    """Receipts of five days: a plain one, one restated, a return, one of unknown cost."""
    return (
        World()
        .given(
            "staged.goods_receipts",
            [
                receipt("R1", "2026-06-01", "113.00"),
                receipt("R2", "2026-06-02", "226.00"),
                receipt("R2", "2026-06-04", "200.00", store_id="S2"),
                receipt("R3", "2026-06-03", "-11.30", receipt_date="2026-06-03"),
                receipt("R4", "2026-06-05", "50.00"),
            ],
        )
        .given(
            "received.goods_receipts",
            [
                line("R1", "2026-06-01", "113.00", 10),
                line("R2", "2026-06-02", "226.00", 20),
                line("R2", "2026-06-04", "200.00", 20),
                line("R2", "2026-06-04", "200.00", 20, is_standing=False),
                line("R3", "2026-06-03", "-11.30", -1, tax_rate="0.13"),
                line("R4", "2026-06-05", "50.00", 5, sku="unknown"),
            ],
        )
        .given(
            "staged.products",
            [
                {"known_on": "2026-06-01", "sku": "A", "tax_rate": "0.13", "unit_cost": 8},
                {"known_on": "2026-06-03", "sku": "A", "tax_rate": "0.13", "unit_cost": 9},
            ],
        )
    )


@pytest.fixture(scope="module")
def world():
    return told().run("rated.sales", day_from=DAYS[0], until=DAYS[-1])


@pytest.mark.parametrize(
    ("known_on", "store", "sold_on", "amount", "costed_excl_tax", "cost"),
    [
        ("2026-06-01", "S1", "2026-06-01", "113.00", "100.00", "80.00"),
        ("2026-06-02", "S1", "2026-06-01", "226.00", "200.00", "160.00"),
        ("2026-06-03", "S1", "2026-06-03", "-11.30", "-10.00", "-9.00"),
        ("2026-06-04", "S1", "2026-06-01", "-226.00", "-200.00", "-160.00"),  # taken back
        ("2026-06-04", "S2", "2026-06-01", "200.00", "176.99", "180.00"),  # at the cost known then
        ("2026-06-05", "S1", "2026-06-01", "50.00", "0.00", "0.00"),  # no cost is known
    ],
)
def test_sales_as_they_became_known(world, known_on, store, sold_on, amount, costed_excl_tax, cost):
    (row,) = world.rows(
        f"select * from rated.sales where known_on = '{known_on}' and store_id = '{store}' "
        f"and sold_on = '{sold_on}'"
    )
    assert row["amount"] == money(amount)
    assert row["costed_amount_excl_tax"] == money(costed_excl_tax)
    assert row["cost"] == money(cost)


def test_day_by_day_gives_the_same_rows(world):
    single = told()
    for day in DAYS:
        single.run("rated.sales", day_from=day)
    query = "select * from rated.sales order by all"
    assert single.rows(query) == world.rows(query)
    assert len(world.rows(query)) == 6
