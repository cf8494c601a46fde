"""How many sets of items would make up a sum by luck: an estimate that errs upwards.

A set that sums to a payment to the cent proves little where thousands of sets could have done so.
The expected number of lucky ones is how many sums lie around the payment, for each amount that a
payment might as well have had. Prices are often round or multiples of one price, so few amounts are
possible; that is looked at in several ways, and the worst of them counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

_BINS = 4096
_AROUND = (40, 160, 640)  # bins on either side of the payment: 1 % of the range and more
_DIGITS = 10_000  # cents: the digits that round prices share
_STEPS = (1, 10, 100, 1_000, 10_000, 100_000)  # cents that round amounts are multiples of
_NEAREST = 8  # sums next to the payment, from which it is told how densely they lie
_REACH = 4  # sums that differ from the payment by more than a fourth of it are not next to it
_HALF = 0.5  # sets taken to lie around a payment where none was counted
FEW = 20  # items of which every number is considered
MOST_TAKEN = 6  # of more than so many items


@dataclass
class Luck:
    """How many lucky sets are to be expected among all that are looked at for a payment.

    Whatever is looked at adds to it, so that all rules together stay below `most`.
    """

    most: float
    expected: float = 0.0

    def allows(self, lucky: float) -> bool:
        """Whether sets of which so many fit by luck may still be looked at; if so, they are."""
        if self.expected + lucky > self.most:
            return False
        self.expected += lucky
        return True

    def most_telling(self, lucky: Mapping[str, float]) -> frozenset[str]:
        """The rules that may be looked at, those with the fewest lucky sets first."""
        ordered = sorted(lucky.items(), key=lambda rule: (rule[1], rule[0]))
        return frozenset(rule for rule, expected in ordered if self.allows(expected))


def lucky_by_size(cents: Sequence[int], target: int) -> list[float]:
    """The expected number of lucky subsets of one item, two items, and so on.

    Args:
        cents: Amounts in cents, signed, none of them 0.
        target: The payment in cents.

    Returns:
        One number for each size up to all items where they are few, else up to `MOST_TAKEN`. The
        subset that may be the true one is not counted.
    """
    most = len(cents) if len(cents) <= FEW else MOST_TAKEN
    if not most:
        return []
    lying = _densities(cents, target, most)
    endings = _endings(cents, target, most)
    lattices = _lattices(cents, target)
    found: list[float] = []
    for size in range(1, most + 1):
        sets = comb(len(cents), size)
        same_price = ((comb(many, size) - 1) * step / sets for step, many in lattices)
        same_digits = (endings[size] - 1) * _DIGITS / sets if endings[size] > 2 else 1.0
        found.append(lying[size] * max(1.0, same_digits, *same_price))
    return found


def lucky_among(sums: Sequence[int], target: int) -> float:
    """The expected number of lucky ones among sets whose sums (cents) are all known.

    It is told from the sums next to the target: from all of them, and from those that differ from
    it by a multiple of a round amount or of what divides them all.
    """
    others = np.array([total for total in sums if total != target], dtype=np.int64)
    if not len(others):
        return 0.0
    reach = max(1, abs(target) // _REACH)
    shared = int(np.gcd.reduce(np.append(others, target)))
    apart = np.sort(np.abs(others - target))
    apart = apart[apart <= reach]
    fewest = min(_NEAREST, (len(apart) + 1) // 2)
    found = _HALF / (2 * reach)
    for step in sorted({*_STEPS, shared}):
        same = apart[apart % step == 0]
        if len(same) >= max(fewest, 1):
            found = max(found, _density(same, step))
    return found


def credible_size(cents: Sequence[int], target: int, luck: Luck) -> int:
    """Of how many items (two or more) a subset may be, so that hardly any would fit by luck.

    Returns:
        The size, 1 if not even pairs are telling; the luck of all sizes up to it is used.
    """
    size = 1
    for lucky in lucky_by_size(cents, target)[1:]:
        if not luck.allows(lucky):
            break
        size += 1
    return size


def _density(apart: NDArray[np.int64], step: int) -> float:
    """How many sums fall on one multiple of a step, where they lie so far apart (sorted)."""
    many = np.arange(min(_NEAREST, len(apart)), len(apart) + 1)
    return float((many * step / (2 * apart[many - 1] + step)).max())


def _lattices(cents: Sequence[int], target: int) -> list[tuple[int, int]]:
    """Amounts that divide the target, each with the number of items that it divides."""
    amounts = np.array(cents, dtype=np.int64)
    first, second = np.triu_indices(len(amounts), 1)
    shared = np.unique(np.gcd(np.gcd(amounts[first], amounts[second]), target))
    return [(int(step), int((amounts % step == 0).sum())) for step in shared if step > 1]


def _densities(cents: Sequence[int], target: int, most: int) -> list[float]:
    """How many subsets of each size lie on a cent around the target."""
    ordered = sorted(cents)
    lowest = min(sum(amount for amount in ordered[:most] if amount < 0), target)
    highest = max(sum(amount for amount in ordered[-most:] if amount > 0), target)
    width = max(1.0, (highest - lowest) / (_BINS - 1))
    offset = round(-lowest / width)
    counts = np.zeros((most + 1, _BINS + 2 * _AROUND[0]))
    start = offset + _AROUND[0]
    counts[0, start] = 1
    for amount in cents:
        _shift_in(counts, round(amount / width))
    place = round(target / width) + start
    fewest = _HALF / max(1, 2 * (abs(target) // _REACH))
    found = np.full(most + 1, fewest)
    for around in _AROUND:
        window = counts[:, max(place - around, 0) : place + around + 1].sum(axis=1)
        found = np.maximum(found, (window - 1) / ((2 * around + 1) * width))
    return [float(each) for each in found]


def _shift_in(counts: NDArray[np.float64], by: int) -> None:
    """Count the subsets with one more item, whose amount is so many bins."""
    before = counts[:-1].copy()
    columns = counts.shape[1]
    if by >= columns or by <= -columns:
        return
    if by >= 0:
        counts[1:, by:] += before[:, : columns - by]
    else:
        counts[1:, :by] += before[:, -by:]


def _endings(cents: Sequence[int], target: int, most: int) -> list[float]:
    """How many subsets of each size end in the target's last digits."""
    counts = np.zeros((most + 1, _DIGITS))
    counts[0, 0] = 1
    for amount in cents:
        counts[1:] += np.roll(counts[:-1], amount % _DIGITS, axis=1)
    return [float(total) for total in counts[:, target % _DIGITS]]
