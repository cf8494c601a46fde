"""Which open items a payment without references is for.

The rules are tried from the strongest evidence to the weakest, and the first that finds anything
decides: what one rule finds in two ways is not settled by a weaker one. A set of items is taken
only where it is the only one of its rule and hardly any set would fit by luck.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import islice

from receivables.cash.chance import credible_size, lucky_among
from receivables.cash.groups import natural_groups
from receivables.cash.items import Item, names, yuan
from receivables.money_search import Verdict as Found
from receivables.money_search import search
from receivables.policy import Cash

_SHOWN = 4  # candidates told of
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

    `others` are statements of other debtors of its chain with exactly the payment's amount.
    """

    statements: tuple[Item, ...]
    items: tuple[Item, ...]
    others: tuple[Item, ...] = ()


def answer(cents: int, pool: Pool, policy: Cash) -> Answer:
    """What a payment of so many cents is for, by its amount alone."""
    return (
        _one("statement_net", "the net of", cents, pool.statements)
        or _one("item", "what is open of", cents, pool.items)
        or _statements(cents, pool.statements, policy)
        or _one("sister_statement", "the net of another debtor's", cents, pool.others)
        or _sets(cents, pool.items, policy)
    )


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


def _one(rule: str, what: str, cents: int, items: Sequence[Item]) -> Answer | None:
    fitting = [item for item in items if item.cents == cents]
    if len(fitting) == 1:
        (item,) = fitting
        kind = item.kind.replace("_", " ")
        evidence = f"the amount is {what} {kind} {item.no}, and of no other"
        return Answer(Verdict.APPLIED, rule, evidence, (item,))
    return _several(rule, [(item,) for item in fitting])


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


def _statements(cents: int, statements: Sequence[Item], policy: Cash) -> Answer | None:
    """Several whole statements paid at once."""
    if len(statements) < 2:
        return None
    found = _subset("statements", cents, statements, policy, float(policy.chance))
    return found if found.verdict in (Verdict.APPLIED, Verdict.SEVERAL) else None


def _sets(cents: int, items: Sequence[Item], policy: Cash) -> Answer:
    """A natural group of items, else any few of them."""
    if not items:
        return Answer(Verdict.NONE, evidence="nothing is open")
    if len(items) > policy.most_items:
        text = f"{len(items)} items are open, too many to look for a set (at most "
        return Answer(Verdict.UNDECIDED, "subset", text + f"{policy.most_items})")
    found, expected = _group(cents, items, policy)
    return found or _subset("subset", cents, items, policy, float(policy.chance) - expected)


def _group(cents: int, items: Sequence[Item], policy: Cash) -> tuple[Answer | None, float]:
    groups = natural_groups(items)
    sums = {places: sum(items[place].cents for place in places) for places in groups}
    fitting = [places for places, total in sums.items() if total == cents]
    expected = lucky_among(list(sums.values()), cents)
    if not fitting:
        return None, expected
    sets = [tuple(items[place] for place in sorted(places)) for places in fitting]
    if len(sets) > 1:
        return _several("group", sets), expected
    if expected > policy.chance:
        return _lucky("group", sets[0], expected), expected
    rivals = _few_others(cents, items, policy, sets[0])
    if rivals:
        return _several("group", [sets[0], *rivals]), expected
    evidence = f"the amount is the sum of {groups[fitting[0]]}: {names(sets[0])}"
    return Answer(Verdict.APPLIED, "group", f"{evidence}; {_told(expected)}", sets[0]), expected


def _few_others(
    cents: int, items: Sequence[Item], policy: Cash, group: tuple[Item, ...]
) -> list[tuple[Item, ...]]:
    """Few items that make up the amount as well as a group does, and as credibly."""
    size, _ = credible_size([item.cents for item in items], cents, float(policy.chance))
    size = max(size, len(group) if len(group) <= _FEW else 0)
    if size < 2:
        return []
    amounts = [yuan(item.cents) for item in items]
    found = search(amounts, yuan(cents), float(policy.effort), size)
    sets = [tuple(items[place] for place in subset) for subset in found.subsets]
    return [each for each in sets if set(each) != set(group)]


def _subset(rule: str, cents: int, items: Sequence[Item], policy: Cash, left: float) -> Answer:
    """The only few items that make up the amount, if so few would hardly do so by luck."""
    amounts = [yuan(item.cents) for item in items]
    effort = float(policy.effort)
    size, expected = credible_size([item.cents for item in items], cents, left)
    if size > 1:
        found = search(amounts, yuan(cents), effort, size)
        sets = [tuple(items[place] for place in subset) for subset in found.subsets]
        if found.verdict == Found.ONE:
            evidence = f"of all sets of at most {size}, only {names(sets[0])} make up the amount"
            return Answer(Verdict.APPLIED, rule, f"{evidence}; {_told(expected)}", sets[0])
        if found.verdict == Found.SEVERAL:
            return _several(rule, sets) or Answer(Verdict.NONE)
        if found.verdict == Found.UNDECIDED:
            return Answer(Verdict.UNDECIDED, rule, _GIVEN_UP)
    return _larger(rule, cents, items, size, effort)


def _larger(rule: str, cents: int, items: Sequence[Item], size: int, effort: float) -> Answer:
    """Sets of more items than can be told from luck: what fits is proposed."""
    found = search([yuan(item.cents) for item in items], yuan(cents), effort)
    sets = [tuple(items[place] for place in subset) for subset in found.subsets]
    if found.verdict == Found.NONE:
        return Answer(Verdict.NONE, rule, "no open items make up the amount")
    if found.verdict == Found.UNDECIDED:
        return Answer(Verdict.UNDECIDED, rule, _GIVEN_UP)
    if found.verdict == Found.ONE:
        return _lucky(rule, sets[0], None)
    return _several(rule, sets) or Answer(Verdict.NONE)


_GIVEN_UP = "the search for items that make up the amount was given up at its limit"


def _lucky(rule: str, items: tuple[Item, ...], expected: float | None) -> Answer:
    told = f"; {_told(expected)}" if expected is not None else ""
    evidence = f"one set of {len(items)} items fits, but it may be by luck{told}"
    shown = " + ".join(str(item) for item in islice(items, 2 * _SHOWN))
    return Answer(Verdict.LUCKY, rule, evidence, candidates=shown)


def _told(expected: float) -> str:
    return f"{Decimal(expected):.5f} sets would fit by luck"
