"""Rows that the tests of ratings share."""

from typing import Any

T = "2026-08-15"  # the last full months are May, June and July


def account(customer_id: str, **given: Any) -> dict[str, Any]:
    """A rated branch of chain YH that belongs to no group, unless said otherwise."""
    return {
        "as_of": T, "customer_id": customer_id, "level": "branch", "channel": "chain",
        "chain_id": "YH", "group_id": customer_id, "is_rated": True, "is_debtor": True,
        "first_sale_known_on": "2025-01-01",
    } | given  # fmt: skip


def each_day(rows: list[dict[str, Any]], *days: str) -> list[dict[str, Any]]:
    """The same rows on several days."""
    return [row | {"as_of": day} for day in days for row in rows]
