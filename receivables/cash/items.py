"""What a payment may be for: open items and statements, and what paying them clears."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

UNLIMITED = ("deduction", "adjustment")  # kinds of units that arise from the payment itself


class Unit(NamedTuple):
    """What a payment clears, as matched.clearings names it (within a chain)."""

    kind: str
    no: str


class Part(NamedTuple):
    """An amount (cents, signed like the unit) claimed of a unit."""

    unit: Unit
    cents: int


@dataclass(frozen=True)
class Item:
    """Something that can be paid as a whole: an invoice, goods not invoiced, a credit, a statement.

    `cents` is what is open of it, signed; `parts` are what paying it claims and sum to `cents`,
    except for a statement line whose paper is not known yet.
    """

    kind: str
    no: str
    cents: int
    document_on: date
    store_id: str
    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return f"{self.kind.replace('_', ' ')} {self.no} ({told(self)})"


def told(item: Item) -> str:
    """What tells an item from others of its amount: store, date, amount."""
    return f"{item.store_id}, {item.document_on}, {yuan(item.cents):,.2f}"


def yuan(cents: int) -> Decimal:
    """Cents as CNY."""
    return Decimal(cents) / 100


def names(items: Iterable[Item], most: int = 6) -> str:
    """The items in a sentence, the first few by name."""
    items = sorted(items, key=lambda item: (item.document_on, item.kind, item.no))
    shown = ", ".join(f"{item.kind.replace('_', ' ')} {item.no}" for item in items[:most])
    more = len(items) - most
    return f"{shown} and {more} more" if more > 0 else shown
