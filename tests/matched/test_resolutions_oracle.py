"""Which paper a number means, worked out again in plain Python over random papers."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from tests.matched.clerk import Answer, Desk, Paper, Reference
from tests.papers import Chain, side_by_side
from tests.support import World, upstream

FIRST, DAYS = date(2026, 5, 1), 12
SEEDS = range(8)  # the papers of a seed are those of chain C00, C01 and so on
TABLES = upstream("matched.resolved_deliveries", "matched.resolved_receipts", stages=("matched",))


class Papers:
    """Random papers whose numbers lie close together and are written carelessly."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.numbers: list[str] = []

    def all(self) -> list[Paper]:
        rng, papers = self.rng, []
        for number in range(rng.randint(1, 40), rng.randint(41, 60), rng.randint(2, 6)):
            order_no = rng.choice(["PO2026{:05}", "2026-{:06}", "1{:05}", "X{:04}"]).format(number)
            amount = Decimal(rng.choice([100, 100, 200, 250]))
            order = Paper("order", order_no, self._day(4), self._store(), FIRST, amount)
            self.numbers.append(order_no)
            if rng.random() < 0.9:
                papers.append(order)
            if rng.random() < 0.1:
                papers.append(self._again(order))
            for part in range(rng.choice([0, 1, 1, 2])):
                papers += self._goods(order, part)
        return papers

    def _goods(self, order: Paper, part: int) -> list[Paper]:
        rng = self.rng
        delivery_no = f"D{order.no}{part}" if rng.random() < 0.5 else f"88{order.no[-4:]}{part}"
        store = order.store if rng.random() < 0.9 else self._store()
        dated_on = FIRST + timedelta(days=rng.choice([1, 1, 2, 30]))
        amount = order.amount - rng.choice([0, 0, 0, Decimal("0.50"), 40])
        delivery = Paper(
            "delivery", delivery_no, self._day(8), store, dated_on, amount,
            {"order": self._other(self._written(order.no))},
        )  # fmt: skip
        found = [delivery] if rng.random() < 0.9 else []
        if rng.random() < 0.2:
            found.append(self._again(delivery, {"order": self._written(order.no)}))
        names = rng.choice(
            [
                {"order": self._written(order.no)},
                {"delivery": self._written(delivery_no)},
                {"order": self._written(order.no), "delivery": self._written(delivery_no)},
                {"order": self._other(order.no), "delivery": delivery_no},
            ]
        )
        if rng.random() < 0.8:
            receipt_no = f"R{order.no}{part}"
            found.append(
                Paper("goods_receipt", receipt_no, self._day(10), store, dated_on, amount, names)
            )
        return found

    def _again(self, paper: Paper, names: dict[str, str] | None = None) -> Paper:
        known_on = paper.known_on + timedelta(days=self.rng.randint(1, 3))
        return Paper(
            paper.kind, paper.no, known_on, paper.store, paper.dated_on,
            paper.amount + self.rng.choice([0, 1]), paper.names if names is None else names,
        )  # fmt: skip

    def _written(self, number: str) -> str:
        rng = self.rng
        at = rng.randrange(len(number) - 1)
        slips: list[Callable[[], str]] = [
            lambda: number,
            lambda: number,
            lambda: number.lower(),
            lambda: number.replace("0", "O", 1),
            lambda: number.replace("1", "I"),
            lambda: number.lstrip("PO"),
            lambda: number[-5:],
            lambda: number[-6:],
            lambda: f"00{number}",
            lambda: f"77{number.lstrip('PO')}",
            lambda: number[:at] + rng.choice("0123456789") + number[at + 1 :],
            lambda: number[:at] + number[at + 1] + number[at] + number[at + 2 :],
            lambda: number[:at] + number[at + 1 :],
        ]
        return rng.choice(slips)()

    def _other(self, number: str) -> str:
        """Now and then the number of another order."""
        return self.rng.choice([number, self.rng.choice([*self.numbers, number])])

    def _store(self) -> str:
        return self.rng.choice(["S1", "S1", "S2"])

    def _day(self, span: int) -> date:
        return FIRST + timedelta(days=self.rng.randrange(span))


def given(chain: Chain, papers: list[Paper]) -> None:
    for paper in papers:
        names = {f"{kind}_no": number for kind, number in paper.names.items()}
        fields = {
            "known_on": str(paper.known_on),
            "store_id": chain.customer(paper.store),
            "on": str(paper.dated_on),
            **names,
        }
        write = {"order": chain.order, "delivery": chain.delivery, "goods_receipt": chain.receipt}
        write[paper.kind](paper.no, paper.amount, **fields)


def by_day(papers: list[Paper]) -> Iterator[tuple[date, list[Paper]]]:
    """One version of a paper a day, as staged has it."""
    kept = {(paper.kind, paper.no, paper.known_on): paper for paper in papers}
    for offset in range(DAYS):
        today = FIRST + timedelta(days=offset)
        yield today, [paper for paper in kept.values() if paper.known_on == today]


def history(world: World, chain_id: str) -> list[tuple[date, Reference, Answer]]:
    rows = world.rows(
        "select known_on, paper_kind, paper_no, names_kind, named_no, resolved_no, "
        f"is_contradicted from matched.resolutions where chain_id = '{chain_id}'"
    )
    return sorted(
        (
            (
                row["known_on"],
                (row["paper_kind"], row["paper_no"], row["names_kind"], row["named_no"]),
                (row["resolved_no"], row["is_contradicted"]),
            )
            for row in rows
        ),
        key=str,
    )


def world_of(desks: list[list[Paper]]) -> World:
    """The papers of each desk in a chain of its own."""
    chains = side_by_side(len(desks))
    for chain, papers in zip(chains, desks, strict=True):
        given(chain, papers)
    return chains[0].world


def test_answers_are_those_of_a_clerk_whether_day_by_day_or_at_once(
    subtests: pytest.Subtests,
) -> None:
    desks, kept = [Desk() for _ in SEEDS], []
    for seed, desk in zip(SEEDS, desks, strict=True):
        days = list(by_day(Papers(seed).all()))
        for today, papers in days:
            desk.day(today, papers)
        kept.append([paper for _, papers in days for paper in papers])
    until = FIRST + timedelta(days=DAYS - 1)
    at_once = world_of(kept).run(*TABLES, day_from=str(FIRST), until=str(until))
    daily = world_of(kept)
    for offset in range(DAYS):
        daily.run(*TABLES, day_from=str(FIRST + timedelta(days=offset)))
    for seed, desk in zip(SEEDS, desks, strict=True):
        with subtests.test(seed=seed):
            answered = history(at_once, f"C{seed:02}")
            assert answered == sorted(desk.history, key=str)
            assert history(daily, f"C{seed:02}") == answered != []
    for table in ("resolved_deliveries", "resolved_receipts"):
        query = f"select * from matched.{table} order by all"
        assert daily.rows(query) == at_once.rows(query) != []
