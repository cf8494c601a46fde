"""Which open items a payment without references is for.

The rules are tried from the strongest evidence to the weakest, and the first that finds anything
decides: what one rule finds in two ways is not settled by a weaker one. A set of items is taken
only where it is the only one of its rule and hardly any set would fit by luck.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import islice

from receivables.cash.chance import FEW, Luck, credible_size, lucky_among
from receivables.cash.groups import Places, natural_groups, stretches
from receivables.cash.items import Item, Part, names, yuan
from receivables.money_search import Answer as Searched
from receivables.money_search import Verdict as Found
from receivables.money_search import search
from receivables.policy import Cash
from receivables.small_sums import MOST_HALVED, MOST_OF_FEW

_SHOWN = 4  # candidates told of
_SELDOM = 10  # times less often a stretch of dates is paid, or another debtor's statement
_FEW = 3  # items of a group beside which any other so few items are a rival


class Verdict(StrEnum):
    """What became of the question what a payment is for."""

    APPLIED = "applied"
    SEVERAL = "several"  # more than one answer fits
    LUCKY = "lucky"  # one fits, but it may be by luck
    PROPOSED = "proposed"  # one fits, but the payment names another paper, which is not known
    NONE = "none"  # nothing fits, proven
    UNDECIDED = "undecided"  # too much to search


@dataclass(frozen=True)
class Answer:
    """The verdict, the rule that gave it and why; `items` are those paid, if applied."""

    verdict: Verdict
    rule: str = ""
    evidence: str = ""
    items: tuple[Item, ...] = ()
    candidates: str = ""


@dataclass(frozen=True)
class Pool:
    """What is open when a payment comes: the payer's statements and items.

    `others` are statements of other debtors of its chain with exactly the payment's amount. If
    there are any, `nets` are those (cents) of all statements of the chain, among which they are.
    """

    statements: tuple[Item, ...]
    items: tuple[Item, ...]
    others: tuple[Item, ...] = ()
    nets: tuple[int, ...] = ()


def answer(cents: int, pool: Pool, policy: Cash) -> Answer:
    """What a payment of so many cents is for, by its amount alone."""
    return _Question(cents, pool, policy).answer()


def held_back(found: Answer, words: Sequence[str], pool: Pool) -> Answer:
    """The answer as a proposal, where a word of the memo reads like a number of the same kind.

    Such a word names a paper that is not known, so what the amount says is not all there is.
    """
    shapes = {shape(item.no) for item in (*pool.statements, *pool.items, *pool.others)}
    names_other = [word for word in words if shape(word) in shapes]
    if found.verdict != Verdict.APPLIED or not names_other:
        return found
    evidence = f"{found.evidence}; but the memo names {names_other[0]}, which is not known"
    shown = " + ".join(str(item) for item in found.items[: 2 * _SHOWN])
    return Answer(Verdict.PROPOSED, found.rule, evidence, candidates=shown)


def shape(no: str) -> str:
    """How a number is written: its digits all the same."""
    return re.sub(r"\d", "9", no.upper())


def oldest_first(cents: int, items: Sequence[Item]) -> tuple[Item, ...]:
    """Open items from the oldest on until the money is used up; the last may be paid in part.

    Only what is owed is paid so; credits wait for their own use.
    """
    taken: list[Item] = []
    for item in sorted(items, key=lambda item: (item.document_on, item.kind, item.no)):
        if cents <= 0:
            break
        if item.cents > 0:
            taken.append(item)
            cents -= item.cents
    return tuple(taken)


def _several(rule: str, sets: Sequence[tuple[Item, ...]]) -> Answer | None:
    if not sets:
        return None
    shared = frozenset.intersection(*(frozenset(each) for each in sets))
    ways = [" + ".join(str(item) for item in each if item not in shared) for each in sets[:_SHOWN]]
    more = f" | and {len(sets) - _SHOWN} more" if len(sets) > _SHOWN else ""
    both = f"{names(shared)} and either " if shared else ""
    return Answer(
        Verdict.SEVERAL,
        rule,
        f"the amount fits in {len(sets)} ways or more" if len(sets) > 1 else "the amount fits",
        candidates=both + " | ".join(ways) + more,
    )


class _Question:
    """What a payment of so many cents is for, of all that is open when it comes."""

    def __init__(self, cents: int, pool: Pool, policy: Cash) -> None:
        self.cents, self.pool, self.policy = cents, pool, policy
        self.is_too_much = len(pool.items) > policy.most_items
        items = () if self.is_too_much else pool.items
        self.groups = natural_groups(items)
        self.stretches = {
            places: told for places, told in stretches(items).items() if places not in self.groups
        }
        self.luck = Luck(float(policy.chance))
        of_one = {"statement_net": pool.statements, "item": pool.items}
        few = {rule for rule, papers in of_one.items() if len(papers) <= FEW}
        many = {rule: self._lucky_one(of_one[rule]) for rule in of_one if rule not in few}
        # seldom does anybody pay a stretch of dates: it has to be more telling than other sets, and
        # gets what luck they leave
        self.telling = (
            few
            | self.luck.most_telling({**many, "group": self._lucky_group(self.groups)})
            | self.luck.most_telling({"stretch": _SELDOM * self._lucky_group(self.stretches)})
        )

    def answer(self) -> Answer:
        """The answer of the first rule that finds anything."""
        return (
            self._one("statement_net", "the net of", self.pool.statements)
            or self._item()
            or self._statements()
            or self._sister()
            or self._sets()
        )

    def _lucky_one(self, items: Sequence[Item]) -> float:
        return lucky_among([item.cents for item in items], self.cents)

    def _lucky_group(self, groups: Mapping[Places, str]) -> float:
        return lucky_among([self._sum(places) for places in groups], self.cents)

    def _sum(self, places: Places) -> int:
        return sum(self.pool.items[place].cents for place in places)

    # -- one statement, one item -----------------------------------------------------------------
    def _one(self, rule: str, what: str, items: Sequence[Item]) -> Answer | None:
        """The only item with exactly this amount."""
        fitting = [item for item in items if item.cents == self.cents]
        if len(fitting) != 1:
            return _several(rule, [(item,) for item in fitting])
        (item,) = fitting
        if rule in ("statement_net", "item") and rule not in self.telling:
            return _lucky(rule, (item,))
        kind = item.kind.replace("_", " ")
        evidence = f"the amount is {what} {kind} {item.no}, and of no other"
        return Answer(Verdict.APPLIED, rule, evidence, (item,))

    def _item(self) -> Answer | None:
        """The only item with this amount, if no few others make it up as credibly."""
        found = self._one("item", "what is open of", self.pool.items)
        if found is None or found.verdict != Verdict.APPLIED:
            return found
        rivals = self._few_others(found.items)
        return _several("item", [found.items, *rivals]) if rivals else found

    # -- several of them -------------------------------------------------------------------------
    def _statements(self) -> Answer | None:
        """Several whole statements paid at once."""
        if len(self.pool.statements) < 2:
            return None
        found = self._few("statements", self.pool.statements)
        return found if found.verdict in (Verdict.APPLIED, Verdict.SEVERAL) else None

    def _sister(self) -> Answer | None:
        """The only statement of another debtor with this net, if none would have it by luck."""
        found = self._one("sister_statement", "the net of another debtor's", self.pool.others)
        if found is None or found.verdict != Verdict.APPLIED:
            return found
        by_luck = _SELDOM * lucky_among(self.pool.nets, self.cents)
        return found if self.luck.allows(by_luck) else _lucky(found.rule, found.items)

    def _sets(self) -> Answer:
        """A natural group of items, else those of a stretch of dates, else any few of them."""
        items = self.pool.items
        if not items:
            return Answer(Verdict.NONE, evidence="nothing is open")
        if self.is_too_much:
            text = f"{len(items)} items are open, too many to look for a set (at most "
            return Answer(Verdict.UNDECIDED, "subset", text + f"{self.policy.most_items})")
        return (
            self._group("group", self.groups)
            or self._group("stretch", self.stretches)
            or self._few("subset", items)
        )

    def _group(self, rule: str, groups: Mapping[Places, str]) -> Answer | None:
        fitting = [places for places in groups if self._sum(places) == self.cents]
        sets = [tuple(self.pool.items[place] for place in sorted(places)) for places in fitting]
        if len(sets) != 1:
            return _several(rule, sets)
        if rule not in self.telling:
            return _lucky(rule, sets[0])
        rivals = self._few_others(sets[0])
        if rivals:
            return _several(rule, [sets[0], *rivals])
        evidence = f"the amount is the sum of {groups[fitting[0]]}: {names(sets[0])}"
        return Answer(Verdict.APPLIED, rule, f"{evidence}; {self._told()}", sets[0])

    def _few_others(self, taken: tuple[Item, ...]) -> list[tuple[Item, ...]]:
        """Few items that make up the amount as well as an answer does, and as credibly."""
        items = self.pool.items
        if self.is_too_much:
            return []
        luck = Luck(float(self.policy.chance))
        size = credible_size([item.cents for item in items], self.cents, luck)
        size = min(max(size, len(taken) if len(taken) <= _FEW else 1), MOST_OF_FEW)
        if size < 2:
            return []
        found = self._searched(items, size)
        sets = [tuple(items[place] for place in subset) for subset in found.subsets]
        return [each for each in sets if _parts(each) != _parts(taken)]

    def _few(self, rule: str, items: Sequence[Item]) -> Answer:
        """The only few items that make up the amount, if so few would hardly do so by luck."""
        size = credible_size([item.cents for item in items], self.cents, self.luck)
        if size > 1:
            found = self._searched(items, size)
            sets = [tuple(items[place] for place in subset) for subset in found.subsets]
            if found.verdict == Found.ONE:
                evidence = (
                    f"of all sets of at most {size}, only {names(sets[0])} make up the amount"
                )
                return Answer(Verdict.APPLIED, rule, f"{evidence}; {self._told()}", sets[0])
            if found.verdict == Found.SEVERAL:
                return _several(rule, sets) or Answer(Verdict.NONE)
            if found.verdict == Found.UNDECIDED:
                return Answer(Verdict.UNDECIDED, rule, _GIVEN_UP)
        return self._larger(rule, items)

    def _larger(self, rule: str, items: Sequence[Item]) -> Answer:
        """Sets of more items than can be told from luck: what fits is proposed.

        Of many items some set or other makes up any amount, so there is nothing to look for.
        """
        if len(items) > MOST_HALVED:
            text = f"{len(items)} items are open: larger sets of them make up nearly any amount"
            return Answer(Verdict.UNDECIDED, rule, text)
        found = self._searched(items, None)
        sets = [tuple(items[place] for place in subset) for subset in found.subsets]
        if found.verdict == Found.NONE:
            return Answer(Verdict.NONE, rule, "no open items make up the amount")
        if found.verdict == Found.UNDECIDED:
            return Answer(Verdict.UNDECIDED, rule, _GIVEN_UP)
        if found.verdict == Found.ONE:
            return _lucky(rule, sets[0])
        return _several(rule, sets) or Answer(Verdict.NONE)

    def _searched(self, items: Sequence[Item], size: int | None) -> Searched:
        amounts = [yuan(item.cents) for item in items]
        return search(amounts, yuan(self.cents), float(self.policy.effort), size)

    def _told(self) -> str:
        return f"{Decimal(self.luck.expected):.5f} sets would fit by luck"


def _parts(items: Sequence[Item]) -> frozenset[Part]:
    return frozenset(part for item in items for part in item.parts)


_GIVEN_UP = "the search for items that make up the amount was given up at its limit"


def _lucky(rule: str, items: tuple[Item, ...]) -> Answer:
    evidence = f"one set of {len(items)} items fits, but it may be by luck"
    shown = " + ".join(str(item) for item in islice(items, 2 * _SHOWN))
    return Answer(Verdict.LUCKY, rule, evidence, candidates=shown)
