"""What queries can call beside the functions of the database."""

import pytest

from tests.support import World, money

CASES = [
    # the paper, what came before, the amount, the part within
    (100, 0, 60, 60),
    (100, 60, 60, 40),
    (100, 100, 60, 0),
    (100, 130, 60, 0),
    (100, 0, -20, 0),
    (100, 60, -20, -20),
    (100, 130, -50, -20),
    (-100, 0, -60, -60),
    (-100, -60, -60, -40),
    (-100, 0, 60, 0),
    (0, 0, 60, 0),
]


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.mark.parametrize(("paper", "before", "amount", "part"), CASES)
def test_the_part_of_an_amount_within_a_paper(world, paper, before, amount, part) -> None:
    said = ", ".join(f"cast({value} as decimal(18, 2))" for value in (paper, before, amount))
    [row] = world.rows(f"select part_within({said}) as part")
    assert money(row["part"]) == money(part)


@pytest.mark.parametrize(
    ("dividend", "divisor", "quotient"),
    [
        (0, 3, 0),
        (1, 3, 0),
        (1, 2, 1),
        (5, 3, 2),
        (9_007_199_254_740_993, 2, 4_503_599_627_370_497),  # one more than a float can tell
        (10**30, 7, 142_857_142_857_142_857_142_857_142_857),
    ],
)
def test_a_quotient_is_rounded_half_up(world, dividend, divisor, quotient) -> None:
    [row] = world.rows(f"select half_up({dividend}::hugeint, {divisor}) as quotient")
    assert row["quotient"] == quotient
