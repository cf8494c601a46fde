"""Subsets that make up a sum, found by trying all of them where they are few enough.

Sums of pairs, or of two halves of the amounts, are sorted once and looked up; so nothing is missed
and nothing is given up. What is too large for that is `receivables.money_search`'s to search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

MOST_OF_FEW = 4  # amounts of a subset that pairs of pairs cover
MOST_PAIRED = 1_000  # amounts, of which all pairs are held
MOST_HALVED = 34  # amounts, of which every subset is tried
_MOST_HITS = 200_000  # places where sums meet that are looked at

Subset = tuple[int, ...]
Cents = NDArray[np.int64]


def two_subsets(cents: Sequence[int], total: int, at_most: int | None) -> list[Subset] | None:
    """The first subset that makes up the total, and a second one if there is any.

    Args:
        cents: Amounts in cents, signed, none of them 0.
        total: What a subset has to sum to.
        at_most: How many amounts it may have; None for any number.

    Returns:
        Ascending places of at most two subsets, or None where there is too much to try.
    """
    largest = len(cents) if at_most is None else min(at_most, len(cents))
    amounts = np.array(cents, dtype=np.int64)
    if largest <= MOST_OF_FEW and len(cents) <= MOST_PAIRED:
        return _first_two(_of_few(amounts, total, largest))
    if len(cents) <= MOST_HALVED:
        return _of_halves(amounts, total, largest)
    return None


def _first_two(subsets: Iterator[Subset]) -> list[Subset]:
    found: list[Subset] = []
    for subset in subsets:
        found.append(subset)
        if len(found) == 2:
            break
    return found


# -- subsets of one to four amounts ----------------------------------------------------------------
def _of_few(cents: Cents, total: int, largest: int) -> Iterator[Subset]:
    if largest >= 1:
        yield from ((int(place),) for place in np.flatnonzero(cents == total))
    if largest < 2:
        return
    first, second = np.triu_indices(len(cents), 1)
    sums = cents[first] + cents[second]
    order = np.argsort(sums, kind="stable")
    pairs = _Pairs(first[order], second[order], sums[order])
    yield from pairs.summing_to(total)
    if largest >= 3:
        for place in range(len(cents)):
            for pair in pairs.summing_to(total - int(cents[place])):
                if pair[1] < place:
                    yield (*pair, place)
    if largest >= 4:
        yield from _pairs_of_pairs(pairs, total)


class _Pairs:
    """All pairs of amounts, by their sums."""

    def __init__(self, first: Cents, second: Cents, sums: Cents) -> None:
        self.first, self.second, self.sums = first, second, sums

    def summing_to(self, total: int) -> Iterator[tuple[int, int]]:
        low, high = np.searchsorted(self.sums, [total, total + 1])
        yield from ((int(self.first[at]), int(self.second[at])) for at in range(low, high))


def _pairs_of_pairs(pairs: _Pairs, total: int) -> Iterator[Subset]:
    needed = total - pairs.sums
    lows = np.searchsorted(pairs.sums, needed)
    highs = np.searchsorted(pairs.sums, needed, side="right")
    for at in np.flatnonzero(highs > lows):
        last = pairs.second[at]
        for other in lows[at] + np.flatnonzero(pairs.first[lows[at] : highs[at]] > last):
            yield (
                int(pairs.first[at]), int(last),
                int(pairs.first[other]), int(pairs.second[other]),
            )  # fmt: skip


# -- subsets of any size ---------------------------------------------------------------------------
def _of_halves(cents: Cents, total: int, largest: int) -> list[Subset] | None:
    middle = len(cents) // 2
    sums, sizes = _all_sums(cents[:middle])
    other_sums, other_sizes = _all_sums(cents[middle:])
    order = np.argsort(other_sums, kind="stable")
    ordered = other_sums[order]
    lows = np.searchsorted(ordered, total - sums)
    highs = np.searchsorted(ordered, total - sums, side="right")
    met = np.flatnonzero(highs > lows)
    looked_at, found = 0, []
    for mask in met:
        others = order[lows[mask] : highs[mask]]
        looked_at += len(others)
        taken = sizes[mask] + other_sizes[others]
        for other in others[(taken > 0) & (taken <= largest)]:
            found.append(_places(int(mask), 0) + _places(int(other), middle))
            if len(found) == 2:
                return found
        if looked_at > _MOST_HITS:
            return None
    return found


def _all_sums(cents: Cents) -> tuple[Cents, Cents]:
    """The sum and the size of every subset; the bits of its place tell which."""
    sums, sizes = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    for amount in cents:
        sums = np.concatenate([sums, sums + amount])
        sizes = np.concatenate([sizes, sizes + 1])
    return sums, sizes


def _places(mask: int, offset: int) -> Subset:
    return tuple(offset + bit for bit in range(mask.bit_length()) if mask >> bit & 1)
