"""Which of several amounts make up a sum, and whether that answer is the only one.

Amounts are whole cents, so nothing is ever nearly equal. Where all subsets can be tried they are
(`receivables.small_sums`); the rest is searched by OR-tools' CP-SAT with one worker, a fixed seed
and a limit in its own deterministic time, so the same question has the same answer on every machine
and every day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ortools.sat.python import cp_model

from receivables.small_sums import two_subsets

# About as many seconds on a small machine, but counted in steps of the search.
EFFORT = 2.0


class Verdict(StrEnum):
    """What is known about the subsets that make up a sum."""

    ONE = "one"  # exactly one subset, proven
    SEVERAL = "several"  # at least two; two are shown
    NONE = "none"  # proven
    UNDECIDED = "undecided"  # the effort was used up before a proof


@dataclass(frozen=True)
class Answer:
    """The verdict and the subsets found, each as ascending places in the amounts asked about."""

    verdict: Verdict
    subsets: tuple[tuple[int, ...], ...] = ()


def search(
    amounts: Sequence[Decimal],
    target: Decimal,
    effort: float = EFFORT,
    at_most: int | None = None,
) -> Answer:
    """Find the subset of amounts (CNY) that sums to the target, and prove that it is the only one.

    Amounts may be negative (credits, deductions); zeros and the empty subset are left out, since
    they explain nothing. Of equal amounts, any may be meant: a subset that takes some but not all
    of them is one of several. `effort` is deterministic time for each of at most two searches;
    with `at_most`, only subsets of so many amounts are asked about.

    Raises:
        ValueError: an amount or the target has parts of a cent.
    """
    cents = [_cents(amount) for amount in amounts]
    places: dict[int, list[int]] = {}
    for place, amount in enumerate(cents):
        if amount:
            places.setdefault(amount, []).append(place)
    counts = {amount: len(equal) for amount, equal in places.items()}
    total = _cents(target)
    if not _is_reachable(counts, total):
        return Answer(Verdict.NONE)
    known = [place for place, amount in enumerate(cents) if amount]
    tried = two_subsets([cents[place] for place in known], total, at_most)
    if tried is not None:
        subsets = tuple(tuple(known[place] for place in subset) for subset in tried)
        verdict = [Verdict.NONE, Verdict.ONE, Verdict.SEVERAL][len(subsets)]
        return Answer(verdict, subsets)
    model = _Question(counts, total, at_most)
    first = model.ask(effort)
    if first is None:
        return Answer(Verdict.NONE if model.is_exhausted else Verdict.UNDECIDED)
    found = _subset(first, places)
    swapped = _swapped(first, places)
    if swapped:
        return Answer(Verdict.SEVERAL, (found, swapped))
    model.exclude(first)
    second = model.ask(effort)
    if second is not None:
        return Answer(Verdict.SEVERAL, (found, _subset(second, places)))
    return Answer(Verdict.ONE if model.is_exhausted else Verdict.UNDECIDED, (found,))


class _Question:
    """How many of each amount make up the total; answered one solution at a time."""

    def __init__(self, counts: Mapping[int, int], total: int, at_most: int | None) -> None:
        self._model = cp_model.CpModel()
        self._taken = {
            amount: self._model.new_int_var(0, count, f"{amount}")
            for amount, count in counts.items()
        }
        self._model.add(sum(amount * taken for amount, taken in self._taken.items()) == total)
        self._model.add(sum(self._taken.values()) >= 1)
        if at_most is not None:
            self._model.add(sum(self._taken.values()) <= at_most)
        self.is_exhausted = False

    def ask(self, effort: float) -> dict[int, int] | None:
        """How often each amount is taken; None, with `is_exhausted`, if no solution is left."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.max_deterministic_time = effort
        status = solver.solve(self._model)
        self.is_exhausted = status == cp_model.INFEASIBLE
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        return {amount: solver.value(taken) for amount, taken in self._taken.items()}

    def exclude(self, solution: Mapping[int, int]) -> None:
        """Ask for another solution from now on."""
        differs = []
        for amount, taken in self._taken.items():
            other = self._model.new_bool_var(f"other {amount}")
            self._model.add(taken != solution[amount]).only_enforce_if(other)
            differs.append(other)
        self._model.add_bool_or(differs)


def _cents(amount: Decimal) -> int:
    cents = amount * 100
    if cents != cents.to_integral_value():
        raise ValueError(f"{amount} has parts of a cent")
    return int(cents)


def _is_reachable(counts: Mapping[int, int], total: int) -> bool:
    lowest = sum(amount * count for amount, count in counts.items() if amount < 0)
    highest = sum(amount * count for amount, count in counts.items() if amount > 0)
    return bool(counts) and lowest <= total <= highest


def _subset(solution: Mapping[int, int], places: Mapping[int, Sequence[int]]) -> tuple[int, ...]:
    """The solution with the first of equal amounts taken."""
    return tuple(sorted(p for amount, taken in solution.items() for p in places[amount][:taken]))


def _swapped(
    solution: Mapping[int, int], places: Mapping[int, Sequence[int]]
) -> tuple[int, ...] | None:
    """The same sum with another of equal amounts, if the solution takes only some of them."""
    for amount, taken in solution.items():
        if 0 < taken < len(places[amount]):
            others = {**places, amount: [*places[amount][1:], places[amount][0]]}
            return _subset(solution, others)
    return None
