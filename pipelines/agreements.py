"""Settlement agreements that cannot all be followed: what `sidan check` and a close say of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from itertools import combinations
from typing import Any

from io_managers.connection import read_only
from pipelines.queries import rows
from receivables.home import Home

Row = dict[str, Any]


def known_master_data(home: Home) -> tuple[dict[str, Row], set[tuple[str, str]]]:
    """Agreements by id, and pairs of chain and customer, as the newest closed day knows them."""
    if not home.published.exists():
        return {}, set()
    with read_only(home.published) as warehouse:
        agreements = rows(warehouse, "check/agreements")
        customers = rows(warehouse, "check/customers")
    return (
        {row["agreement_id"]: row for row in agreements},
        {(row["chain_id"], row["customer_id"]) for row in customers},
    )


def agreement_faults(home: Home, day: date) -> list[str]:
    """The sentences of the faults that stood in the agreements when a day was closed."""
    with read_only(home.published) as warehouse:
        return [row["sentence"] for row in rows(warehouse, "agreement_faults", {"as_of": day})]


def aim(agreement: Row) -> tuple[Any, ...]:
    """What an agreement is for: two with the same aim are equally specific."""
    store = agreement["customer_id"]
    return (
        agreement["chain_id"],
        store,
        None if store else agreement["region"],
        agreement["category"],
    )


def overlapping(agreements: Iterable[Row]) -> Iterator[tuple[str, str]]:
    """Pairs of equally specific agreements that hold on the same days: both ids, and a sentence."""
    aimed: dict[tuple[Any, ...], list[Row]] = {}
    for agreement in agreements:
        aimed.setdefault(aim(agreement), []).append(agreement)
    for rivals in aimed.values():
        for one, other in combinations(sorted(rivals, key=lambda row: row["agreement_id"]), 2):
            start = max(one["valid_from"], other["valid_from"])
            end = min(one["valid_to"] or date.max, other["valid_to"] or date.max)
            if start <= end:
                until = f"to {end}" if end < date.max else "on"
                sentence = (
                    f"They are equally specific and both hold from {start} {until}; what they "
                    "say differently holds for nobody. End one of them before the other begins."
                )
                yield f"{one['agreement_id']} and {other['agreement_id']}", sentence


def strangers(
    agreements: Iterable[Row], customers: Collection[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """Agreements that name a customer or debtor nobody knows, or one of another chain.

    Args:
        agreements: The agreements.
        customers: Pairs of chain and customer that are known, those of the past included.
    """
    chains = {customer_id: chain_id for chain_id, customer_id in customers}
    for agreement in sorted(agreements, key=lambda row: row["agreement_id"]):
        for role, name in (("customer_id", "store"), ("debtor_id", "debtor")):
            named = agreement[role]
            if named is None or (agreement["chain_id"], named) in customers:
                continue
            what = (
                f"a customer of {chains[named]}, not of {agreement['chain_id']}"
                if named in chains
                else "in no customers file"
            )
            yield (
                agreement["agreement_id"],
                f"Its {name} {named} ({role}) is {what}. Correct the number, or send the customer.",
            )
