"""What is open against plain Python that tries every set: which answer is taken."""

import os
import random
from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import combinations

from receivables.cash.answers import Pool, Verdict, answer
from receivables.cash.items import Item, Part, Unit
from receivables.policy import Cash
from tests.settled.plain_cash import RIVALS, Thing, chosen

SEED = int(os.environ.get("SIDAN_SEED") or random.SystemRandom().randrange(2**32))
ANY_LUCK = Cash(chance=Decimal(1))
CASES = 500
FEW = 3  # a group of so few items is not taken beside others as few


def things_of(dice: random.Random, most: int) -> dict[str, Thing]:
    """Items, one of them as a rule as much as another, or as some others together."""
    found: dict[str, Thing] = {}
    many = dice.randint(3, most)
    for number in range(many):
        cents = dice.randint(50_000, 900_000) * dice.choice([1, 1, 1, 1, -1])
        others = dice.sample(sorted(found), min(dice.choice([0, 1, 2, 5]), number))
        if number == many - 1 and others:
            cents = sum(found[name].cents for name in others)
        day = f"2026-0{dice.randint(3, 5)}-{dice.randint(1, 28):02}"
        found[f"R{number}"] = Thing(cents, f"S{dice.randint(1, 3)}", day, dice.random() < 0.1)
    return found


def payment_of(dice: random.Random, things: dict[str, Thing], nets: dict[str, int]) -> int:
    """What somebody pays: any items, all of a store or up to a day, statements, or anything."""
    some = sorted(things)
    one = things[dice.choice(some)]
    kind = dice.choice(["few", "store", "up to", "statements", "odd"])
    if kind == "few":
        some = dice.sample(some, dice.choice([1, 1, 2, min(5, len(some))]))
    elif kind == "store":
        some = [name for name in some if things[name].store == one.store]
    elif kind == "up to":
        some = [name for name in some if things[name].day <= one.day]
    elif kind == "statements" and nets:
        return sum(nets[no] for no in dice.sample(sorted(nets), dice.randint(1, len(nets))))
    return sum(things[name].cents for name in some) + (kind == "odd")


def pool_of(things: dict[str, Thing], nets: dict[str, int]) -> Pool:
    items = (
        item("deduction" if thing.is_fee else "goods_receipt", name, thing.cents, thing.day,
             thing.store)
        for name, thing in things.items()
    )  # fmt: skip
    statements = (item("statement", no, cents, "2026-05-31", "HO") for no, cents in nets.items())
    return Pool(tuple(statements), tuple(sorted(items, key=lambda each: each.document_on)))


def item(kind: str, no: str, cents: int, day: str, store: str) -> Item:
    return Item(kind, no, cents, date.fromisoformat(day), store, (Part(Unit(kind, no), cents),))


def test_the_answer_is_what_trying_every_set_finds():
    """Where no luck is to be expected; another set counts as far as it is looked for."""
    dice, seen = random.Random(SEED), Counter()
    for case in range(CASES):
        things = things_of(dice, 8)
        nets = {
            f"DZ{number}": dice.randint(50_000, 900_000) for number in range(dice.randint(0, 3))
        }
        cents = payment_of(dice, things, nets)
        if cents <= 0:
            continue
        found = answer(cents, pool_of(things, nets), ANY_LUCK)
        rule, names = chosen(cents, nets, things)
        told = f"SIDAN_SEED={SEED}, case {case}: {cents} of {things}, {nets}"
        assert (found.verdict == Verdict.APPLIED) == bool(rule), told
        assert {each.no for each in found.items} == names, told
        assert not rule or found.rule == rule, told
        seen[rule] += 1
    assert min(seen[rule] for rule in ("", "statement_net", "item", "group", "subset")) > 0, seen


def test_what_is_beyond_the_cut_is_shown_and_not_taken():
    """With the policy as it is shipped: small sets are taken, larger ones are proposed."""
    dice, seen = random.Random(SEED), Counter()
    for case in range(CASES):
        things = things_of(dice, 12)
        cents = payment_of(dice, things, {})
        if cents <= 0:
            continue
        found = answer(cents, pool_of(things, {}), Cash())
        fitting = [
            frozenset(names)
            for size in range(1, len(things) + 1)
            for names in combinations(sorted(things), size)
            if sum(things[name].cents for name in names) == cents
        ]
        told = f"SIDAN_SEED={SEED}, case {case}: {cents} of {things}: {found}"
        taken = frozenset(each.no for each in found.items)
        others = [len(names) for names in fitting if names != taken]
        assert bool(fitting) == (found.verdict != Verdict.NONE), told
        if found.verdict == Verdict.APPLIED:
            assert taken in fitting, told
            # a group of many is natural enough to stand beside other sets of as many
            looked_for = len(taken) if found.rule == "subset" or len(taken) <= FEW else 1
            assert min(others, default=len(things) + 1) > looked_for, told
        elif found.verdict == Verdict.SEVERAL:
            assert len(fitting) > 1, told
            assert 0 < found.candidates.count(" | ") <= RIVALS, told
        elif fitting:
            assert found.verdict == Verdict.LUCKY, told
            assert found.candidates, told
        seen[found.verdict] += 1
    assert min(seen[verdict] for verdict in ("applied", "lucky", "several", "none")) > 0, seen
