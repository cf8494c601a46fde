"""The subset search against brute force, and its promises: exact, the only one, the same again."""

import os
import random
from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations

import pytest

from receivables.money_search import Verdict, search

SEED = int(os.environ.get("SIDAN_SEED") or random.SystemRandom().randrange(2**32))


def yuan(*amounts: str) -> list[Decimal]:
    return [Decimal(amount) for amount in amounts]


def every_subset(
    amounts: Sequence[Decimal], target: Decimal, at_most: int | None = None
) -> list[tuple[int, ...]]:
    """All subsets of amounts other than zero, by trying each."""
    places = [place for place, amount in enumerate(amounts) if amount]
    return [
        subset
        for size in range(1, min(at_most or len(places), len(places)) + 1)
        for subset in combinations(places, size)
        if sum(amounts[place] for place in subset) == target
    ]


@pytest.mark.parametrize(
    ("items", "paid", "verdict", "subsets"),
    [
        (yuan("100.25", "199.75", "50.00"), "300.00", "one", [(0, 1)]),
        (yuan("100.25", "199.75", "50.00"), "299.99", "none", []),
        (yuan("1000.00", "-80.50", "200.00"), "919.50", "one", [(0, 1)]),
        (yuan("100.00", "100.00", "30.00"), "130.00", "several", [(0, 2), (1, 2)]),
        (yuan("100.00", "100.00", "30.00"), "200.00", "one", [(0, 1)]),
        (yuan("60.00", "40.00", "100.00"), "100.00", "several", None),
        (yuan("5.00", "0.00"), "5.00", "one", [(0,)]),
        (yuan("10.00", "-10.00"), "0.00", "one", [(0, 1)]),
        ([], "1.00", "none", []),
    ],
)
def test_which_items_make_up_a_payment(items, paid, verdict, subsets):
    answer = search(items, Decimal(paid))
    assert answer.verdict == verdict
    if subsets is not None:
        assert sorted(answer.subsets) == subsets


def test_parts_of_a_cent_are_refused():
    with pytest.raises(ValueError, match="parts of a cent"):
        search(yuan("1.005"), Decimal("1.00"))


def test_too_hard_a_question_is_undecided_and_not_guessed():
    dice = random.Random(5)
    items = [Decimal(dice.randrange(10**9, 10**10)) / 100 for _ in range(120)]
    paid = sum(dice.sample(items, 40), Decimal(0))
    assert search(items, paid, effort=0.01).verdict == Verdict.UNDECIDED


def test_it_agrees_with_trying_every_subset():
    dice = random.Random(SEED)
    seen = set()
    for case in range(300):
        most = dice.choice([20, 2000])  # among small amounts several subsets are common
        items = [
            Decimal(dice.randrange(-most // 7, most)) / dice.choice([1, 100])
            for _ in range(dice.randrange(1, 10))
        ]
        chosen = dice.sample(items, dice.randrange(1, len(items) + 1))
        paid = sum(chosen, Decimal(0)) + dice.choice([0, 0, Decimal("0.01")])
        at_most = dice.choice([None, 1, 2, 3, 4, 5])
        answer = search(items, paid, at_most=at_most)
        right = every_subset(items, paid, at_most)
        seen.add(answer.verdict)
        told = f"SIDAN_SEED={SEED}, case {case}: {at_most} of {items} make {paid}"
        assert set(answer.subsets) <= set(right), told
        expected = {0: Verdict.NONE, 1: Verdict.ONE}.get(len(right), Verdict.SEVERAL)
        assert answer.verdict == expected, told
        assert search(items, paid, at_most=at_most) == answer, told
    assert {Verdict.NONE, Verdict.ONE, Verdict.SEVERAL} <= seen


def test_the_only_pair_and_the_only_four_of_many_are_proven():
    dice = random.Random(7)
    items = [Decimal(dice.randrange(10**6, 10**9)) / 100 for _ in range(400)]
    pair = search(items, items[3] + items[250], at_most=2)
    assert (pair.verdict, pair.subsets) == (Verdict.ONE, ((3, 250),))
    rival = items[3] + items[250] - items[17]
    two = search([*items, rival], items[3] + items[250], at_most=2)
    assert (two.verdict, two.subsets) == (Verdict.SEVERAL, ((3, 250), (17, 400)))
    four = items[:2] + [items[100], items[399]]
    assert (0, 1, 100, 399) in search(items, sum(four, Decimal(0)), at_most=4).subsets


def test_halves_agree_with_trying_every_subset():
    dice = random.Random(SEED)
    items = [Decimal(dice.randrange(1, 60)) for _ in range(12)]
    for at_most in (6, None):
        right = every_subset(items, Decimal(200), at_most)
        found = search(items, Decimal(200), at_most=at_most).subsets
        told = f"SIDAN_SEED={SEED}: {at_most} of {items}"
        assert len(found) == min(2, len(right)), told
        assert set(found) <= set(right), told
