"""How many sets of items would make up a sum by luck.

A subset that sums to a payment to the cent proves little where thousands of subsets could have
done so. The expected number of lucky ones is counted: how many sets there are, how densely their
sums lie around the payment, and how often they end in its last digits (prices are often round).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np
from numpy.typing import NDArray

_BINS = 4096
_AROUND = 40  # bins on either side of the payment, about 1 % of the range
_DIGITS = 10_000  # cents: the digits that round prices share
_HALF = 0.5  # sets taken to lie around a payment where none was counted
FEW = 20  # items of which every number is considered
MOST_TAKEN = 6  # of more than so many items


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
    near, width = _near(cents, target, most)
    endings = _endings(cents, target, most)
    around = (2 * _AROUND + 1) * width
    found: list[float] = []
    for size in range(1, most + 1):
        sets = comb(len(cents), size)
        density = max(near[size] - 1, _HALF) / around
        found.append(density * max(1.0, (endings[size] - 1) * _DIGITS / sets))
    return found


def lucky_among(sums: Sequence[int], target: int) -> float:
    """The expected number of lucky ones among sets whose sums (cents) are all known."""
    others = np.array([total for total in sums if total != target], dtype=np.int64)
    if not len(others):
        return 0.0
    width = max(1.0, float(max(others.max(), target) - min(others.min(), target)) / _BINS)
    near = int((np.abs(others - target) <= _AROUND * width).sum())
    endings = int(((others - target) % _DIGITS == 0).sum())
    density = max(near, _HALF) / ((2 * _AROUND + 1) * width)
    return density * max(1.0, endings * _DIGITS / len(others))


def credible_size(cents: Sequence[int], target: int, most: float) -> tuple[int, float]:
    """Of how many items a subset may be for less than `most` lucky ones to be expected.

    Returns:
        The size, 0 if not even one item is telling, and the number expected up to it.
    """
    expected, size = 0.0, 0
    for size_now, lucky in enumerate(lucky_by_size(cents, target), start=1):
        if expected + lucky > most:
            break
        expected, size = expected + lucky, size_now
    return size, expected


def _near(cents: Sequence[int], target: int, most: int) -> tuple[list[float], float]:
    """How many subsets of each size have sums around the target, and the width of a bin."""
    ordered = sorted(cents)
    lowest = min(sum(amount for amount in ordered[:most] if amount < 0), target)
    highest = max(sum(amount for amount in ordered[-most:] if amount > 0), target)
    width = max(1.0, (highest - lowest) / (_BINS - 1))
    offset = round(-lowest / width)
    counts = np.zeros((most + 1, _BINS + 2 * _AROUND))
    start = offset + _AROUND
    counts[0, start] = 1
    for amount in cents:
        _shift_in(counts, round(amount / width))
    place = round(target / width) + start
    window = counts[:, max(place - _AROUND, 0) : place + _AROUND + 1]
    return [float(total) for total in window.sum(axis=1)], width


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
