"""Sets of items that a payer may well pay together: a store, a month, all up to a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from receivables.cash.items import UNLIMITED, Item

_MOST_DAYS = 120  # dates of which every stretch is tried; of more, none

Places = frozenset[int]

# A payer may leave what was deducted to a later payment, or all credits.
_VARIANTS: tuple[tuple[str, Callable[[Item], bool]], ...] = (
    ("", lambda item: True),
    (", no deductions", lambda item: item.kind not in UNLIMITED),
    (", no credits", lambda item: item.cents > 0),
)


def natural_groups(items: Sequence[Item]) -> dict[Places, str]:
    """All items, those of a store, a month, a store's month, and all up to a day.

    Returns:
        Groups of at least two items, as places in `items`, each with what its items share. A group
        that can be described in several ways has the first description.
    """
    return _told(items, _groups(items))


def stretches(items: Sequence[Item]) -> dict[Places, str]:
    """The items of any stretch of dates; there are many more of them than of natural groups."""
    return _told(items, _stretches(items))


def _told(items: Sequence[Item], groups: Iterator[tuple[str, Sequence[int]]]) -> dict[Places, str]:
    found: dict[Places, str] = {}
    for name, places in groups:
        for told, of_kind in _VARIANTS:
            chosen = [place for place in places if of_kind(items[place])]
            if len(chosen) > 1:
                found.setdefault(frozenset(chosen), name + told)
    return found


def _groups(items: Sequence[Item]) -> Iterator[tuple[str, Sequence[int]]]:
    places = range(len(items))
    yield "all that is open", places
    keys = [
        (lambda item: f"store {item.store_id}"),
        (lambda item: f"month {item.document_on:%Y-%m}"),
        (lambda item: f"store {item.store_id} in {item.document_on:%Y-%m}"),
    ]
    for key in keys:
        by: dict[str, list[int]] = {}
        for place in places:
            by.setdefault(key(items[place]), []).append(place)
        yield from sorted(by.items())
    by_date = _by_date(items)
    for day, up_to in zip(by_date, accumulate(by_date.values(), _joined), strict=True):
        yield f"all up to {day}", up_to


def _stretches(items: Sequence[Item]) -> Iterator[tuple[str, Sequence[int]]]:
    by_date = _by_date(items)
    dates = list(by_date)
    starts = range(len(dates)) if len(dates) <= _MOST_DAYS else range(0)
    for start in starts:
        later = [by_date[day] for day in dates[start:]]
        for end, places in enumerate(accumulate(later, _joined), start=start):
            yield f"dated {dates[start]} to {dates[end]}", places


def _by_date(items: Sequence[Item]) -> dict[object, list[int]]:
    found: dict[object, list[int]] = {}
    for place, item in sorted(enumerate(items), key=lambda entry: entry[1].document_on):
        found.setdefault(item.document_on, []).append(place)
    return found


def _joined(one: list[int], other: list[int]) -> list[int]:
    return [*one, *other]
