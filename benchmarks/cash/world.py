"""Debtors with open items, and payments of which it is known what they are for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from receivables.cash.answers import Pool
from receivables.cash.items import Item, Part, Unit

FIRST_DAY = date(2026, 3, 1)
SIZES = (4, 8, 15, 30, 60, 120, 200)
STEPS = (1, 1, 5, 10, 50, 100)  # cents that all amounts of a debtor are multiples of

# How a payment comes about, and how many of a hundred do.
KINDS = {
    "one statement": 20,
    "two statements": 8,
    "one item": 14,
    "a few items": 12,
    "items and credits": 8,
    "a store": 8,
    "a month": 6,
    "all up to a day": 6,
    "statement, a deduction more": 4,
    "partial": 6,
    "too much": 3,
    "decoy": 3,
    "for something unknown": 2,
}


@dataclass(frozen=True)
class Case:
    """A payment (cents), what was open, and what it was for; nothing, if no open item tells."""

    kind: str
    cents: int
    pool: Pool
    truth: frozenset[Part]


def cases(seed: int, count: int) -> Iterator[Case]:
    """Payments of all kinds, in their shares."""
    dice = Random(f"{seed}/cash")
    kinds, shares = list(KINDS), list(KINDS.values())
    made = 0
    while made < count:
        found = _case(dice, dice.choices(kinds, shares)[0])
        if found is not None and found.cents > 0:
            made += 1
            yield found


def large_case(seed: int) -> Case:
    """Two hundred open items, of which twelve are paid."""
    dice = Random(f"{seed}/large")
    items = _items(dice, 200, 1)
    return _paid("twelve of 200", dice.sample(items, 12), items, ())


def _case(dice: Random, kind: str) -> Case | None:
    items = _items(dice, dice.choice(SIZES), dice.choice(STEPS))
    statements = _statements(dice, items)
    bills = [item for item in items if item.cents > 0]
    match kind:
        case "one statement" if statements:
            return _paid(kind, [dice.choice(statements)], items, statements)
        case "two statements" if len(statements) > 1:
            return _paid(kind, dice.sample(statements, 2), items, statements)
        case "one item":
            return _paid(kind, [dice.choice(bills)], items, statements)
        case "a few items":
            few = dice.sample(bills, min(len(bills), dice.randint(2, 5)))
            return _paid(kind, few, items, statements)
        case "items and credits":
            return _with_credits(dice, kind, items, statements)
        case "a store" | "a month" | "all up to a day":
            return _paid(kind, _group(dice, kind, items), items, statements)
        case "statement, a deduction more" if statements:
            paid = dice.choice(statements)
            taken = dice.randint(1, 20) * 5_000
            return Case(kind, paid.cents - taken, Pool(statements, items), frozenset(paid.parts))
        case "partial":
            paid = dice.choice(bills)
            part = paid.cents * dice.randint(30, 90) // 100
            return Case(kind, part, Pool(statements, items), frozenset(paid.parts))
        case "too much":
            paid = dice.choice(bills)
            return Case(kind, paid.cents + 1_000, Pool(statements, items), frozenset(paid.parts))
        case "decoy":
            return _decoy(dice, kind, items)
        case "for something unknown":
            return Case(kind, _amount(dice, 5), Pool(statements, items), frozenset())
    return None


def _items(dice: Random, count: int, step: int) -> tuple[Item, ...]:
    """Open invoices of stores over three months, one in twelve a credit."""
    stores = max(1, count // 8)
    found: list[Item] = []
    for number in range(count):
        cents = _amount(dice, step)
        if number and dice.random() < 1 / 12:
            cents = -max(step, cents // (8 * step) * step)
        unit = Unit("goods_receipt", f"R{number:04}")
        day = FIRST_DAY + timedelta(days=dice.randrange(90))
        store = f"S{dice.randrange(stores):02}"
        found.append(Item("invoice", f"{number:08}", cents, day, store, (Part(unit, cents),)))
    return tuple(found)


def _amount(dice: Random, step: int) -> int:
    return max(1, int(dice.lognormvariate(13, 0.9)) // step) * step


def _statements(dice: Random, items: Sequence[Item]) -> tuple[Item, ...]:
    """The oldest items stand on statements by store, some with a deduction."""
    by_store: dict[str, list[Item]] = {}
    for item in items:
        if item.document_on < FIRST_DAY + timedelta(days=45):
            by_store.setdefault(item.store_id, []).append(item)
    found: list[Item] = []
    for store, listed in sorted(by_store.items()):
        no = f"ST{store}"
        parts = [part for item in listed for part in item.parts]
        total = sum(part.cents for part in parts)
        if dice.random() < 0.6:
            parts.append(Part(Unit("deduction", f"{no}#99"), -max(1, total // 50)))
        cents = sum(part.cents for part in parts)
        if cents > 0:
            last = max(item.document_on for item in listed)
            found.append(Item("statement", no, cents, last, store, tuple(parts)))
    return tuple(found)


def _group(dice: Random, kind: str, items: Sequence[Item]) -> list[Item]:
    one = dice.choice(items)
    if kind == "a store":
        return [item for item in items if item.store_id == one.store_id]
    if kind == "a month":
        month = one.document_on.month
        return [item for item in items if item.document_on.month == month]
    return [item for item in items if item.document_on <= one.document_on]


def _with_credits(
    dice: Random, kind: str, items: tuple[Item, ...], statements: tuple[Item, ...]
) -> Case | None:
    credits = [item for item in items if item.cents < 0]
    bills = [item for item in items if item.cents > 0]
    if not credits:
        return None
    few = dice.sample(bills, min(len(bills), dice.randint(1, 3)))
    return _paid(kind, [*few, dice.choice(credits)], items, statements)


def _decoy(dice: Random, kind: str, items: tuple[Item, ...]) -> Case | None:
    """The right items, and others that make up the same amount."""
    bills = [item for item in items if item.cents > 0]
    if len(bills) < 4:
        return None
    right = dice.sample(bills, 2)
    cents = sum(item.cents for item in right)
    other = next(item for item in bills if item not in right)
    if cents <= other.cents:
        return None
    unit = Unit("goods_receipt", "DECOY")
    part = Part(unit, cents - other.cents)
    decoy = Item("invoice", "99999999", part.cents, other.document_on, "S99", (part,))
    return _paid(kind, right, (*items, decoy), ())


def _paid(
    kind: str, paid: Sequence[Item], items: tuple[Item, ...], statements: tuple[Item, ...]
) -> Case:
    parts = frozenset(part for item in paid for part in item.parts)
    cents = sum(item.cents for item in paid)
    # deductions of statements are open credits, too
    listed = {part.unit for item in items for part in item.parts}
    credits = tuple(
        Item("deduction", part.unit.no, part.cents, each.document_on, each.store_id, (part,))
        for each in statements
        for part in each.parts
        if part.unit not in listed
    )
    return Case(kind, cents, Pool(statements, (*items, *credits)), parts)
