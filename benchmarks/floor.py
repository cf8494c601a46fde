"""The floor: what bare DuckDB needs to lay the four documents side by side, and nothing else.

It reads the Parquet files of the first load as they are, with the settings of the warehouse, and
joins each order to its delivery notes, each of those to its goods receipts, and each of those to
its invoices through the application register, all as full joins, so that no paper without a
counterpart is lost. It then sums the four amounts per order into a temporary table and from there
per chain. No version, no duplicate, no rule, no evidence, nothing stored: a close cannot do less.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date

import duckdb

from io_managers.connection import configured
from receivables.home import Home
from receivables.policy import Policy

PER_ORDER = """
create or replace temp table floor_per_order as
with orders as (
    select chain_id, order_no, amount
    from read_parquet(getvariable('folder') || '/orders_*.parquet')
),

deliveries as (
    select chain_id, order_no, delivery_no, amount
    from read_parquet(getvariable('folder') || '/deliveries_*.parquet')
),

receipts as (
    select chain_id, delivery_no, receipt_no, amount
    from read_parquet(getvariable('folder') || '/goods_receipts_*.parquet')
),

invoices as (
    select applications.chain_id, applications.receipt_no, invoices.amount
    from read_parquet(getvariable('folder') || '/invoices_*.parquet') as invoices
    full join read_parquet(getvariable('folder') || '/invoice_applications_*.parquet')
        as applications using (invoice_no)
),

joined as (
    select
        coalesce(
            orders.chain_id, deliveries.chain_id, receipts.chain_id, invoices.chain_id
        ) as chain_id,
        coalesce(orders.order_no, deliveries.order_no) as order_no,
        orders.amount as ordered, deliveries.amount as delivered, receipts.amount as received,
        invoices.amount as invoiced
    from orders
    full join deliveries
        on orders.chain_id = deliveries.chain_id and orders.order_no = deliveries.order_no
    full join receipts
        on
            deliveries.chain_id = receipts.chain_id
            and deliveries.delivery_no = receipts.delivery_no
    full join invoices
        on receipts.chain_id = invoices.chain_id and receipts.receipt_no = invoices.receipt_no
)

select
    chain_id, order_no, count(*) as rows, sum(ordered) as ordered, sum(delivered) as delivered,
    sum(received) as received, sum(invoiced) as invoiced
from joined
group by chain_id, order_no
"""

PER_CHAIN = """
select
    chain_id, count(order_no) as orders, sum(ordered) as ordered, sum(delivered) as delivered,
    sum(received) as received, sum(invoiced) as invoiced
from floor_per_order
group by chain_id
order by chain_id
"""


@dataclass(frozen=True)
class Floor:
    """Orders found and the wall seconds of one run."""

    orders: int
    seconds: float


def measure(home: Home, day: date, repeats: int = 3) -> list[Floor]:
    """Run the join over the papers of one inbox day several times."""
    policy = Policy.read(home.config("policy.yaml"))
    with duckdb.connect() as connection:
        configured(connection, policy)
        connection.execute("set variable folder = ?", [str(home.inbox_folder(day))])
        return [_run(connection) for _ in range(repeats)]


def _run(connection: duckdb.DuckDBPyConnection) -> Floor:
    started = time.perf_counter()
    connection.execute(PER_ORDER)
    chains = connection.execute(PER_CHAIN).fetchall()
    return Floor(sum(row[1] for row in chains), time.perf_counter() - started)
