"""The benchmark of cash counts what is wrong, and luck is estimated as it happens."""

import random
from datetime import date, timedelta
from itertools import combinations

import pytest

from benchmarks.cash.__main__ import Report, Tally, run
from benchmarks.cash.stories import KINDS as STORIES
from benchmarks.cash.stories import stories
from benchmarks.cash.world import KINDS, cases
from receivables.cash.answers import Answer, Pool, Verdict, answer
from receivables.cash.chance import lucky_among, lucky_by_size
from receivables.cash.items import Item, Part, Unit
from receivables.policy import Cash


def test_a_run_places_money_and_none_wrongly():
    report = run([5], 20, Cash())
    assert report.by_kind["all"].receipts == 20
    assert report.by_kind["one statement"].applied == report.by_kind["one statement"].receipts > 0
    assert report.by_kind["all"].wrong == 0
    assert "| all | 20 |" in report.text()


def test_money_on_other_items_is_wrong():
    case = next(each for each in cases(1, 50) if each.kind == "one item")
    other = next(
        item for item in case.pool.items if item.cents > 0 and set(item.parts) - case.truth
    )
    tally, report = Tally(), Report()
    tally.add(case.cents, case.truth, frozenset(other.parts))
    assert (tally.applied, tally.wrong, tally.money_wrong) == (1, 1, other.cents)
    report.add(case, Answer(Verdict.NONE), 0.1)
    assert report.by_kind["all"].wrong == 0


@pytest.mark.parametrize("kind", STORIES)
def test_money_of_odd_payers_and_odd_payments_is_placed_or_asked_about(kind):
    told = [story for story in stories(3, 3 * len(STORIES)) if story.kind == kind]
    for story in told:
        right = {no: truth or None for no, truth in story.truth.items()}
        assert story.placed(Cash()) == right
    assert len(told) == 3


def test_every_kind_of_payment_comes_about():
    assert {case.kind for case in cases(2, 400)} == set(KINDS)


def test_as_many_sets_fit_by_luck_as_are_expected():
    """Small amounts, so that luck is common enough to be counted."""
    dice = random.Random(3)
    cents = [dice.randrange(1, 4_000) for _ in range(14)]
    counted, expected = [0, 0, 0], [0.0, 0.0, 0.0]
    for _ in range(400):
        target = dice.randrange(1_000, 9_000)
        for size, lucky in enumerate(lucky_by_size(cents, target)[1:4]):
            expected[size] += lucky
    sums = [[sum(few) for few in combinations(cents, size)] for size in (2, 3, 4)]
    for size, totals in enumerate(sums):
        counted[size] = sum(1_000 <= total < 9_000 for total in totals)
    for found, told in zip(counted, expected, strict=True):
        assert found / 8_000 * 400 / 2 < told < found / 8_000 * 400 * 2


@pytest.mark.parametrize("price", [1, 100, 43_800])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_luck_is_not_underestimated_where_amounts_are_multiples_of_one_price(price, size):
    """Payments for other goods at the same price: how many sets fit, and how many were expected."""
    dice = random.Random(11)
    counted = expected = 0.0
    for _ in range(60):
        cents = [dice.randrange(30_000, 900_000) // price * price or price for _ in range(15)]
        sums = [sum(few) for few in combinations(cents, size)]
        target = sum(dice.randrange(30_000, 900_000) // price * price for _ in range(size))
        counted += sums.count(target)
        expected += lucky_by_size(cents, target)[size - 1] if target else 0
    assert counted <= 1.3 * expected + 2
    assert (counted > 3) == (price == 43_800)


def test_luck_among_known_sums_is_what_happens():
    dice = random.Random(4)
    sums = [dice.randrange(100_000, 300_000) for _ in range(300)]
    targets = [dice.randrange(150_000, 250_000) for _ in range(500)]
    hits = sum(sums.count(target) for target in range(150_000, 250_000)) / 100_000
    told = sum(lucky_among(sums, target) for target in targets) / len(targets)
    assert hits <= told < 3 * hits
    rounded = [total // 100 * 100 for total in sums]
    assert lucky_among(rounded, 200_000) > 50 * lucky_among(sums, 200_001)


def _item(number: int, cents: int, day: int) -> Item:
    part = Part(Unit("goods_receipt", f"R{number}"), cents)
    on = date(2026, 3, 1) + timedelta(days=day)
    return Item("invoice", f"{number:08}", cents, on, f"S{number % 9}", (part,))


def test_a_decoy_among_many_items_is_a_rival_of_the_right_ones():
    """Two of 200 items are paid, and the two of one date make up the same amount."""
    dice = random.Random(9)
    items = [_item(number, dice.randrange(10**5, 10**7), number % 80) for number in range(199)]
    right = items[7].cents + items[120].cents
    alone = [_item(900, right // 3, 95), _item(901, right - right // 3, 95)]
    found = answer(right, Pool((), (*items, *alone)), Cash())
    assert found.verdict == Verdict.SEVERAL
    without = [item for item in items if item is not items[7]]
    found = answer(right, Pool((), (*without, *alone)), Cash())
    assert (found.verdict, found.items) == (Verdict.APPLIED, tuple(alone))


def test_one_of_many_items_of_round_amounts_proves_nothing():
    items = tuple(_item(number, 10_000 * (number + 5), number) for number in range(60))
    assert answer(200_000, Pool((), items), Cash()).verdict == Verdict.LUCKY
    assert answer(200_000, Pool((), items[:18]), Cash()).rule == "item"
