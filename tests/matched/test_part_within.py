"""How much of an amount a paper has room for."""

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
