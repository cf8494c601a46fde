"""A generated world as an inbox: one Parquet file per kind and day, in a home of its own."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from benchmarks.matching.model import Naming, Paper, World
from benchmarks.matching.world import FIELDS, FIRST_DAY
from receivables.contracts import KINDS
from receivables.home import Home

Rows = list[tuple[date, dict[str, Any]]]


def write(world: World, home: Home) -> None:
    """Write all papers on the days on which they come; parties and terms on the first."""
    kinds: dict[str, Rows] = {
        "customers": _customers(world),
        "customer_aliases": _aliases(world),
        "settlement_agreements": _agreements(),
        "orders": [row for paper in world.orders for row in _order(paper)],
        "deliveries": [row for naming in world.deliveries for row in _delivery(naming)],
        "goods_receipts": [row for naming in world.receipts for row in _receipt(naming)],
        "invoice_applications": _applications(world),
        "invoices": _invoices(world),
    }
    for kind, rows in kinds.items():
        by_day: dict[date, list[dict[str, Any]]] = {}
        for day, row in rows:
            by_day.setdefault(day, []).append(row)
        schema = KINDS[kind].polars_schema
        for day, papers in by_day.items():
            folder = home.inbox_folder(day)
            folder.mkdir(parents=True, exist_ok=True)
            columns = {name: schema[name] for name in papers[0]}
            pl.DataFrame(papers, schema=columns).write_parquet(folder / f"{kind}_{day}.parquet")


def _customers(world: World) -> Rows:
    offices = [(chain, "0000") for chain in FIELDS]
    return [
        (
            FIRST_DAY,
            {
                "customer_id": f"{chain}-{store}",
                "customer_name": _name(chain, store),
                "level": "head_office" if store == "0000" else "branch",
                "head_office_id": None if store == "0000" else f"{chain}-0000",
                "chain_id": chain,
                "channel": "chain",
            },
        )
        for chain, store in [*offices, *world.stores]
    ]


def _aliases(world: World) -> Rows:
    return [
        (
            FIRST_DAY,
            {
                "chain_id": chain,
                "alias_kind": "store_code",
                "alias": store,
                "customer_id": f"{chain}-{store}",
            },
        )
        for chain, store in world.stores
    ]


def _agreements() -> Rows:
    return [
        (
            FIRST_DAY,
            {
                "agreement_id": f"HT-{chain}",
                "chain_id": chain,
                "pattern": "branch_branch",
                "term_kind": "receipt",
                "term_days": 30,
                "valid_from": date(2025, 1, 1),
            },
        )
        for chain in FIELDS
    ]


def _order(paper: Paper) -> Rows:
    return _lines(paper, {"order_no": paper.no, "order_date": paper.on})


def _delivery(naming: Naming) -> Rows:
    paper = naming.paper
    assert naming.order
    return _lines(
        paper,
        {
            "delivery_no": paper.no,
            "order_no": naming.order.written,
            "delivery_date": paper.on,
        },
    )


def _receipt(naming: Naming) -> Rows:
    paper = naming.paper
    return _lines(
        paper,
        {
            "receipt_no": paper.no,
            "receipt_kind": "receipt",
            "order_no": naming.order.written if naming.order else None,
            "delivery_no": naming.delivery.written if naming.delivery else None,
            "receipt_date": paper.on,
        },
    )


def _lines(paper: Paper, head: dict[str, Any]) -> Rows:
    if paper.known_on is None:
        return []
    place = {"chain_id": paper.chain, "store_code": paper.store}
    return [
        (
            paper.known_on,
            {
                **place,
                **head,
                "line_no": number,
                "sku": sku,
                "quantity": quantity,
                "unit_price": price,
                "tax_rate": rate,
                "amount": quantity * price,
            },
        )
        for number, (sku, quantity, price, rate) in enumerate(paper.lines, start=1)
    ]


def _applications(world: World) -> Rows:
    return [
        (
            row.known_on,
            {
                "application_no": row.application_no,
                "applied_on": row.on,
                "chain_id": row.invoice.chain,
                "store_code": row.invoice.store,
                "order_no": row.order.written,
                "delivery_no": row.delivery.written,
                "delivery_date": row.delivery.meant.on,
                "receipt_no": row.receipt.written,
                "amount": row.amount,
                "invoice_no": row.invoice.no,
            },
        )
        for row in world.rows
    ]


def _invoices(world: World) -> Rows:
    remarks = {unasked.invoice: unasked.remark for unasked in world.unasked}
    rows: Rows = []
    for invoice in world.invoices:
        assert invoice.known_on
        net = (invoice.amount / 113 * 100).quantize(invoice.amount)
        rows.append(
            (
                invoice.known_on,
                {
                    "invoice_no": invoice.no,
                    "buyer_name": _name(invoice.chain, invoice.store),
                    "issued_on": invoice.on,
                    "amount_excl_tax": net,
                    "tax": invoice.amount - net,
                    "amount": invoice.amount,
                    "remark": remarks.get(invoice),
                },
            )
        )
    return rows


def _name(chain: str, store: str) -> str:
    return f"{chain}超市有限公司" + (f"第{store}分店" if store != "0000" else "")
