"""Settlement agreements that cannot all be followed."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import Any

from benchmarks.world.truth.books import Books

Fault = tuple[str, str, str, str]  # chain, agreement, what is wrong, what it concerns


def faults(books: Books) -> list[Fault]:
    """Every pair of rivals that hold on one day, and every name that no customers file knows."""
    agreements = [rows[0] for rows in books.latest["settlement_agreements"].values()]
    agreements.sort(key=lambda row: row["agreement_id"])
    found: list[Fault] = [
        (one["chain_id"], one["agreement_id"], "overlap", other["agreement_id"])
        for one, other in combinations(agreements, 2)
        if _aim(one) == _aim(other) and _meet(one, other)
    ]
    for row in agreements:
        for role in ("customer", "debtor"):
            named = row[f"{role}_id"]
            if named is None:
                continue
            chain_id = books.customer(named).get("chain_id")
            if chain_id != row["chain_id"]:
                kind = "unknown" if chain_id is None else "foreign"
                found.append((row["chain_id"], row["agreement_id"], f"{kind}_{role}", named))
    return sorted(found)


def _aim(row: dict[str, Any]) -> tuple[str, ...]:
    """What an agreement is about; of a store its region adds nothing."""
    place = row["customer_id"] or f"region {row['region'] or ''}"
    return row["chain_id"], place, row["category"] or ""


def _meet(one: dict[str, Any], other: dict[str, Any]) -> bool:
    ends = [row["valid_to"] or date.max for row in (one, other)]
    return max(one["valid_from"], other["valid_from"]) <= min(ends)
