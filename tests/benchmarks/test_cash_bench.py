"""The benchmark of cash counts what is wrong, and luck is estimated as it happens."""

import random
from itertools import combinations

from benchmarks.cash.__main__ import Report, Tally, run
from benchmarks.cash.world import KINDS, cases
from receivables.cash.answers import Answer, Verdict
from receivables.cash.chance import lucky_by_size
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
    tally.add(case, Answer(Verdict.APPLIED, "item", items=(other,)))
    assert (tally.applied, tally.wrong, tally.money_wrong) == (1, 1, other.cents)
    report.add(case, Answer(Verdict.NONE), 0.1)
    assert report.by_kind["all"].wrong == 0


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
