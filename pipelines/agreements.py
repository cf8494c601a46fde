"""Agreements that cannot all be followed: what `sidan check` and a close say of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Any

from io_managers.connection import read_only
from pipelines.queries import rows
from receivables.home import Home

Row = dict[str, Any]


@dataclass
class MasterData:
    """Agreements about settlement and about fees by id, and pairs of chain and customer."""

    agreements: dict[str, Row] = field(default_factory=dict)
    fees: dict[str, Row] = field(default_factory=dict)
    customers: set[tuple[str, str]] = field(default_factory=set)

    kinds = ("settlement_agreements", "deduction_agreements", "customers")

    def learn(self, kind: str, papers: Iterable[Row]) -> None:
        """What rows of one of the kinds say."""
        if kind == "settlement_agreements":
            self.agreements |= {row["agreement_id"]: row for row in papers}
        elif kind == "deduction_agreements":
            self.fees |= {row["agreement_id"]: row for row in papers}
        elif kind == "customers":
            self.customers |= {(row["chain_id"], row["customer_id"]) for row in papers}


def known_master_data(home: Home) -> MasterData:
    """What the newest closed day knows."""
    known = MasterData()
    if home.published.exists():
        with read_only(home.published) as warehouse:
            known.learn("settlement_agreements", rows(warehouse, "check/agreements"))
            known.learn("deduction_agreements", rows(warehouse, "check/fees"))
            known.learn("customers", rows(warehouse, "check/customers"))
    return known


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
    for one, other, days in _meeting(agreements, aim):
        sentence = (
            f"They are equally specific and both hold from {days}; what they "
            "say differently holds for nobody. End one of them before the other begins."
        )
        yield f"{one['agreement_id']} and {other['agreement_id']}", sentence


def overlapping_fees(fees: Iterable[Row]) -> Iterator[tuple[str, str]]:
    """Pairs of equally specific agreements about a fee that differ: both ids, and a sentence."""

    def fee_aim(fee: Row) -> tuple[Any, ...]:
        return fee["chain_id"], fee["fee_code"], fee["customer_id"]

    def terms(fee: Row) -> tuple[Any, ...]:
        own = fee["basis"], fee["rate_or_amount"], fee["kind"], fee["cap"]
        return *own, fee["cap_period"] or "statement"

    for one, other, days in _meeting(fees, fee_aim):
        if terms(one) != terms(other):
            counts = other if other["valid_from"] > one["valid_from"] else one
            sentence = (
                f"They are equally specific and both hold from {days}; {counts['agreement_id']} "
                "counts. End one of them before the other begins."
            )
            yield f"{one['agreement_id']} and {other['agreement_id']}", sentence


def _meeting(
    agreements: Iterable[Row], aim_of: Callable[[Row], tuple[Any, ...]]
) -> Iterator[tuple[Row, Row, str]]:
    """Pairs with one aim that hold on the same days, the smaller id first, and these days."""
    aimed: dict[tuple[Any, ...], list[Row]] = {}
    for agreement in agreements:
        aimed.setdefault(aim_of(agreement), []).append(agreement)
    for rivals in aimed.values():
        for one, other in combinations(sorted(rivals, key=lambda row: row["agreement_id"]), 2):
            start = max(one["valid_from"], other["valid_from"])
            end = min(one["valid_to"] or date.max, other["valid_to"] or date.max)
            if start <= end:
                yield one, other, f"{start} to {end}" if end < date.max else f"{start} on"


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
            named = agreement.get(role)
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
