"""What a payment without references is for: plain Python tries every set, in the rules' order.

Amounts are whole cents. Only the luck of sets is not weighed here: it is for pools so telling that
none is to be expected.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

# Other sets than a single item or a group are looked for among so few items only.
RIVALS = 4


class Thing(NamedTuple):
    """Something open: its amount, store, day, and whether a statement deducts it."""

    cents: int
    store: str
    day: str
    is_fee: bool = False


Names = frozenset[str]


def chosen(cents: int, nets: Mapping[str, int], things: Mapping[str, Thing]) -> tuple[str, Names]:
    """The rule that places a payment and what it is for; ("", nothing) where a person is asked.

    Args:
        cents: The payment.
        nets: What is open of the payer's statements.
        things: The payer's open items.
    """
    amounts = {name: thing.cents for name, thing in things.items()}
    natural = _groups(things)
    for rule, candidates, of in (
        ("statement_net", _of_size(nets, 1, 1), nets),
        ("item", _of_size(things, 1, 1), amounts),
        ("statements", _of_size(nets, 2, len(nets)), nets),
        ("group", natural, amounts),
        ("stretch", _stretches(things) - natural, amounts),
        ("subset", _of_size(things, 2, len(things)), amounts),
    ):
        fitting = _fitting(cents, candidates, of)
        if len(fitting) == 1 and rule in ("item", "group", "stretch"):
            fitting |= _fitting(cents, _of_size(things, 1, RIVALS), amounts)
        if fitting:
            return (rule, next(iter(fitting))) if len(fitting) == 1 else ("", frozenset())
    return "", frozenset()


def _fitting(cents: int, sets: Iterable[Names], of: Mapping[str, int]) -> set[Names]:
    return {names for names in sets if sum(of[name] for name in names) == cents}


def _of_size(names: Iterable[str], least: int, most: int) -> set[Names]:
    names = sorted(names)
    return {
        frozenset(each) for size in range(least, most + 1) for each in combinations(names, size)
    }


def _groups(things: Mapping[str, Thing]) -> set[Names]:
    """All, a store, a month, a store's month, all up to a day; each with what may be left out."""
    shared = [
        {name for name, thing in things.items() if is_in(thing)}
        for other in things.values()
        for is_in in (
            lambda thing: True,
            lambda thing, other=other: thing.store == other.store,
            lambda thing, other=other: thing.day[:-3] == other.day[:-3],
            lambda thing, other=other: (
                (thing.store, thing.day[:-3]) == (other.store, other.day[:-3])
            ),
            lambda thing, other=other: thing.day <= other.day,
        )
    ]
    return _varied(shared, things)


def _stretches(things: Mapping[str, Thing]) -> set[Names]:
    shared = [
        {name for name, thing in things.items() if first.day <= thing.day <= last.day}
        for first in things.values()
        for last in things.values()
    ]
    return _varied(shared, things)


def _varied(sets: Iterable[set[str]], things: Mapping[str, Thing]) -> set[Names]:
    """Each set, without its deductions, without all that lowers it; of two members or more."""
    found = {
        frozenset(name for name in names if is_kept(things[name]))
        for names in sets
        for is_kept in (
            lambda thing: True,
            lambda thing: not thing.is_fee,
            lambda thing: thing.cents > 0,
        )
    }
    return {names for names in found if len(names) > 1}
