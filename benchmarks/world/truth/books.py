"""What is known on a day: the latest version of every paper, looked up by its numbers."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from benchmarks.world.model import ZERO
from benchmarks.world.truth.evidence import Key, Version

Doc = list[dict[str, Any]]
Number = tuple[str, str]


class Books:
    """Latest versions, growing day by day; the first day of each paper is remembered."""

    def __init__(self) -> None:
        self.latest: dict[str, dict[Key, Doc]] = defaultdict(dict)
        self.sums: dict[tuple[str, Key], Decimal] = {}
        self.first_day: dict[tuple[str, Key], date] = {}
        # The day an application first named this receipt and this invoice together.
        self.paired_on: dict[tuple[str, str, str], date] = {}
        self.applied_invoices: set[str] = set()

    def learn(self, version: Version) -> None:
        """Take in a version; the last one learnt of a key holds."""
        self.latest[version.kind][version.key] = version.rows
        self.sums.pop((version.kind, version.key), None)
        self.first_day.setdefault((version.kind, version.key), version.known_on)
        if version.kind == "invoice_applications":
            for row in version.rows:
                pair = (str(row["chain_id"]), str(row["receipt_no"]), str(row["invoice_no"]))
                self.paired_on.setdefault(pair, version.known_on)
                if row["invoice_no"] and row["receipt_no"]:
                    self.applied_invoices.add(str(row["invoice_no"]))

    def head(self, kind: str, *key: str) -> dict[str, Any] | None:
        """First row of a paper, or None when it is not known."""
        rows = self.latest[kind].get(key)
        return rows[0] if rows else None

    def amount(self, kind: str, *key: str) -> Decimal:
        """Sum of the amounts of a paper; nothing when it is not known."""
        if (kind, key) not in self.sums:
            rows = self.latest[kind].get(key, [])
            self.sums[kind, key] = sum((row["amount"] for row in rows), ZERO)
        return self.sums[kind, key]

    # -- who is who ----------------------------------------------------------------------------
    def alias(self, alias_kind: str, alias: str | None, chain_id: str | None = None) -> str | None:
        """The customer an alias means, within a chain where one is given."""
        for (chain, kind, name, customer_id), _ in self.latest["customer_aliases"].items():
            if kind == alias_kind and name == alias and chain_id in (None, chain):
                return customer_id
        return None

    def store(self, chain_id: str, code: str | None) -> str | None:
        """Customer id of a store code; an invented id when the code is unknown, never a gap."""
        if code is None:
            return None
        cache = self.__dict__.setdefault("_stores", {})
        if (chain_id, code) not in cache:
            found = self.alias("store_code", code, chain_id)
            cache[chain_id, code] = found or f"unknown:{chain_id}/{code}"
        return cache[chain_id, code]

    def customer(self, customer_id: str | None) -> dict[str, Any]:
        """Master data of a customer; empty when unknown."""
        return (self.head("customers", customer_id) if customer_id else None) or {}

    def buyer(self, invoice: dict[str, Any]) -> str | None:
        """Customer on an invoice: by tax id, then by name."""
        return self.alias("tax_id", invoice["buyer_tax_id"]) or self.alias(
            "name", invoice["buyer_name"]
        )

    def payer(self, receipt: dict[str, Any]) -> str | None:
        """Customer who paid: by account, then by name."""
        return self.alias("bank_account", receipt["payer_account"]) or self.alias(
            "name", receipt["payer_name"]
        )

    # -- which order -----------------------------------------------------------------------------
    def order_of_receipt(self, chain_id: str, receipt_no: str | None) -> str | None:
        """The order of a goods receipt: named by it, or by the delivery note that it names."""
        receipt = self.head("goods_receipts", chain_id, receipt_no) if receipt_no else None
        if receipt is None:
            return None
        if receipt["order_no"]:
            return receipt["order_no"]
        return self.order_of_delivery(receipt["delivery_no"])

    def receipts_of_order(self, chain_id: str, order_no: str) -> list[str]:
        """The goods receipts of an order, by number."""
        if (chain_id, order_no) not in self.latest["orders"]:
            return []
        return sorted(
            receipt_no
            for chain, receipt_no in self.latest["goods_receipts"]
            if chain == chain_id and self.order_of_receipt(chain, receipt_no) == order_no
        )

    def order_of_delivery(self, delivery_no: str | None) -> str | None:
        """The order that a delivery note names."""
        delivery = self.head("deliveries", delivery_no) if delivery_no else None
        return delivery["order_no"] if delivery else None
