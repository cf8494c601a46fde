"""What if: the ratings of a closed day under another policy, beside the ratings as closed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from rich.console import Console

from assets.sql_model import ROOT, Statement
from io_managers.beside import Beside
from io_managers.session import Window
from pipelines.console import table_of
from pipelines.queries import rows
from receivables.home import Home
from receivables.policy import Policy

Row = dict[str, Any]

# The rated tables that the policy decides about, in the order of what they read.
JUDGED = (
    "rated.customer_classes",
    "rated.exposures",
    "rated.payment_records",
    "rated.credit_scores",
    "rated.credit_limits",
    "rated.credit_tiers",
    "rated.holds",
)
# What two policies are compared by; the rest of a file plays no part in ratings.
SECTIONS = ("classes", "credit")


class CannotRateError(ValueError):
    """The day cannot be rated; the message says why and what to do."""


@dataclass(frozen=True)
class Comparison:
    """The ratings of a closed day under two policies.

    `customers` has one row per rated customer with its class, tier, score, limit, action and
    amount on hold under both (`…_before` as closed); `totals` one row per figure (`before`,
    `after`). Amounts are CNY. What a head office answers for is counted once, with the head
    office. `other_parts` names the parts of the other policy that differ but do not count here.
    """

    day: date
    policy_version: str
    customers: list[Row]
    totals: list[Row]
    other_parts: list[str]

    @property
    def movers(self) -> list[Row]:
        """The customers whose class, tier, limit, action or hold would change."""
        compared = ("class", "tier", "limit", "action", "on_hold")
        return [
            row
            for row in self.customers
            if any(row[f"{name}_before"] != row[f"{name}_after"] for name in compared)
        ]

    def as_json(self, movers_only: bool) -> dict[str, Any]:
        """Plain values for a program."""
        values = asdict(self)
        return {**values, "customers": self.movers} if movers_only else values


def compare(home: Home, current: Policy, other: Policy, day: date) -> Comparison:
    """Rate a closed day by another policy; the warehouse is only read.

    Raises:
        CannotRateError: the day is not closed.
    """
    with Beside(home.published, other) as beside:
        (closed,) = rows(beside.connection, "closed_days", {"day": day})
        if not closed["is_closed"]:
            raise CannotRateError(
                f"{day} has not been closed. "
                f"Closed are {closed['first_on']} to {closed['last_on']}."
            )
        for table in JUDGED:
            stage, name = table.split(".")
            query = Statement.read(ROOT / stage / f"{name}.sql").query
            beside.compute(table, query, Window(day, day))
        return Comparison(
            day,
            other.version,
            rows(beside.connection, "rate/customers", {"day": day}),
            rows(beside.connection, "rate/totals", {"day": day}),
            _other_parts(current, other),
        )


def _other_parts(current: Policy, other: Policy) -> list[str]:
    return [
        name
        for name in Policy.model_fields
        if name not in SECTIONS and getattr(current, name) != getattr(other, name)
    ]


def show(screen: Console, found: Comparison, movers_only: bool) -> None:
    """Print who would move, and what it does to limits, holds and exposure over limit."""
    screen.print(f"Ratings of {found.day} by policy {found.policy_version}, beside those as closed")
    names = list(found.totals[0]) if found.totals else []
    screen.print(table_of("", names, [row.values() for row in found.totals]))
    chosen = found.movers if movers_only else found.customers
    if chosen:
        title = "Customers that would move" if movers_only else "Customers"
        screen.print(table_of(title, list(chosen[0]), [row.values() for row in chosen]))
    else:
        screen.print("No customer would move.")
    if found.other_parts:
        parts = ", ".join(found.other_parts)
        screen.print(f"Not tried, because ratings do not depend on it: {parts}.", style="dim")
