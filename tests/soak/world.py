"""Closing a random world step by step, and what must hold after each."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice, pairwise

from assets.sql_model import read_audits
from tests.soak import books, fees, goods, money, paid, taken
from tests.soak.model import Chain, on
from tests.soak.sending import send
from tests.support import World, made, models, upstream

STAGES = ("staged", "matched", "settled", "aged", "rated")


@cache
def flow() -> list[str]:
    """All tables of the stages, in the order of what they read."""
    tables = [name for name in [*models(), *made()] if name.split(".")[0] in STAGES]
    return ["staged.calendar", *upstream(*sorted(tables), stages=STAGES)]


@cache
def audits() -> list[str]:
    """All audits of the stages, as stage/name."""
    found = (audit.path for audit in read_audits())
    return [f"{path.parts[-3]}/{path.stem}" for path in found if path.parts[-3] in STAGES]


def tell(seed: str, number: int, days: int) -> Chain:
    """A random chain; the same seed and number tell the same."""
    chain = Chain(f"K{number:02}", random.Random(f"{seed}/{number}"), days)
    goods.agree(chain)
    goods.trade(chain)
    goods.bill(chain)
    fees.agree_on_fees(chain)
    money.open_before(chain)
    money.state(chain)
    money.pay(chain)
    money.promise(chain)
    money.decide(chain)
    return chain


@dataclass
class Run:
    """A world of some chains over some days.

    Attributes:
        seed: From it and the numbers of the chains everything follows.
        stretches: In so many runs all days are closed.
    """

    seed: str
    chains: int
    days: int
    stretches: int = 15
    faults: list[str] = field(default_factory=list)
    audited: int = 0
    plain: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.told = [tell(self.seed, number, self.days) for number in range(self.chains)]
        self.rng = random.Random(f"{self.seed}/steps")

    def world(self) -> World:
        """A world with all papers, nothing closed."""
        world = World(apart=True)
        send(self.told, world)
        for table in flow():
            world.have(table)
        return world

    def close(self, world: World, first: int, last: int) -> None:
        """Close some days, and note the audits that do not hold."""
        begin, end = str(on(first)), str(on(last))
        world.run(*flow(), day_from=begin, until=end)
        for audit in audits():
            rows = world.audit(audit, begin, end)
            self.audited += 1
            if rows:
                self.faults.append(f"{self} {begin} to {end}: {audit}: {rows[:2]}")

    def steps(self) -> Iterator[tuple[int, int]]:
        """Stretches of days, of random lengths, that cover all."""
        among = range(1, self.days)
        edges = [0, *sorted(self.rng.sample(among, min(self.stretches, self.days) - 1)), self.days]
        for first, after in pairwise(edges):
            yield first, after - 1

    def go(self) -> World:
        """Close in steps, close at once, compare."""
        start = time.monotonic()
        by_steps, at_once = self.world(), self.world()
        self.close(at_once, 0, self.days - 1)
        for first, last in self.steps():
            self.close(by_steps, first, last)
        self.faults += [f"{self}: {fault}" for fault in islice(_differences(by_steps, at_once), 3)]
        for chain in self.told:
            self.plain += chain.is_plain
            if chain.is_plain:
                for differences in (books.differences, taken.differences, paid.differences):
                    self.faults += [f"{self}: {fault}" for fault in differences(chain, at_once)]
        self.seconds = time.monotonic() - start
        return at_once

    def __str__(self) -> str:
        return f"SIDAN_SEED={self.seed} chains={self.chains} days={self.days}"


def _differences(one: World, other: World) -> Iterator[str]:
    """Tables that differ, in the order of the flow: the first is where to look."""
    for table in flow():
        if _print(one, table) == _print(other, table):
            continue
        found = [sorted(_rows(world, table)) for world in (one, other)]
        by_steps = [row for row in found[0] if row not in set(found[1])]
        at_once = [row for row in found[1] if row not in set(found[0])]
        yield f"{table} differs: {by_steps[:2]} by steps, {at_once[:2]} at once"


def _print(world: World, table: str) -> list[dict]:
    columns = _columns(world, table)
    return world.rows(f"select count(*), sum(hash({columns})) from {table}")


def _rows(world: World, table: str) -> list[str]:
    rows = world.rows(f"select {_columns(world, table)} from {table}")
    return [str({name: value for name, value in row.items() if value is not None}) for row in rows]


def _columns(world: World, table: str) -> str:
    return ", ".join(f'"{name}"' for name in sorted(world.session.columns(table)))
