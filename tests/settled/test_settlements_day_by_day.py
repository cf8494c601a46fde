"""Who owes and since when, worked out in one run, is what working it out window by window gives."""

import os
from datetime import date, timedelta
from random import Random, SystemRandom
from typing import Any

from tests.papers import Chain
from tests.support import World, upstream

SEED = int(os.environ.get("SIDAN_SEED") or SystemRandom().randrange(2**32))
FIRST, LAST = date(2026, 5, 1), date(2026, 6, 30)
TABLES = (
    "settled.agreed_settlements",
    "matched.pattern_evidence",
    "matched.inferred_debtors",
    "matched.order_exceptions",
    "matched.invoice_exceptions",
    "matched.exceptions",
    "settled.settlements",
    "settled.pattern_behaviour",
    "settled.receipt_debtors",
    "settled.receivables",
    "settled.consigned_stock",
    "settled.goods_moves",
    "settled.ledger",
)
FLOW = upstream(*TABLES, stages=("matched", "settled"))
TERMS = [
    {"term_kind": "batch", "term_days": None, "batch_lag": 2},
    {"term_kind": "consignment", "term_days": 15},
    {"term_kind": "monthly", "term_days": 30, "pay_days": "10"},
    {"term_kind": "invoice", "term_days": 30},
]


def world_of(seed: int) -> tuple[World, list[date]]:
    """A chain's papers of two months, contradicting each other and their agreements."""
    rng = Random(seed)
    chain = Chain(rng.choice(["branch_branch", "branch_head"]), valid_from="2026-05-20")
    days = {FIRST}

    def any_day(earliest: date, within: int) -> str:
        at = min(earliest + timedelta(days=rng.randrange(within)), LAST)
        days.add(at)
        return at.isoformat()

    for number, terms in enumerate(TERMS):
        chain.agreement(
            agreement_id=f"B{number}",
            customer_id=rng.choice(["S1", "S2"]),
            pattern=rng.choice(["branch_branch", "branch_head", "head_head"]),
            known_on=any_day(FIRST, 40),
            valid_from=rng.choice(["2020-01-01", "2026-05-10", "2026-06-01"]),
            valid_to=rng.choice([None, "2026-05-25"]),
            **terms,
        )
    for number in range(14):
        store = rng.choice(["S1", "S2", "HO"])
        no, ordered = f"{number:02}", FIRST + timedelta(days=rng.randrange(30))
        if rng.random() < 0.7:
            chain.order(f"O{no}", 100, on=any_day(ordered, 3), store_id=store)
        if rng.random() < 0.7:
            chain.delivery(f"D{no}", 100, on=any_day(ordered, 9), order_no=f"O{no}", store_id=store)
        received = any_day(ordered, 12)
        chain.receipt(
            f"R{no}",
            100,
            on=ordered.isoformat(),
            known_on=received,
            store_id=rng.choice([store, store, "S1"]),
            order_no=rng.choice([f"O{no}", f"O{no}", None]),
        )
        issued = any_day(ordered, 25)
        chain.application(f"AP{no}", f"R{no}", 100, f"V{no}", on=issued)
        chain.invoice(f"V{no}", 100, on=issued, buyer_id=rng.choice(["HO", "S1", "S2", None]))
        if rng.random() < 0.5:
            chain.handover(f"V{no}", any_day(date.fromisoformat(issued), 9))
        stated = any_day(ordered, 35)
        line = {"receipt_no": f"R{no}", "amount": rng.choice([40, 100])}
        chain.statement(f"ST{no}", [line], on=stated, party=rng.choice(["HO", "S1"]))
        if rng.random() < 0.6:
            chain.payment(
                f"T{no}",
                line["amount"],
                f"ST{no}",
                on=any_day(date.fromisoformat(stated), 20),
                payer_id=rng.choice(["HO", "S1", "S2"]),
            )
    return chain.world, sorted(days)


def computed(seed: int, windows: list[tuple[date, date]]) -> dict[str, list[Any]]:
    """Every row of the tables, computed window by window."""
    world, days = world_of(seed)
    world.connection.execute("update staged.statements set party_id = party_code")
    for at in days:
        world.run("staged.store_terms", day_from=at.isoformat())
    world.have("staged.calendar")
    for start, end in windows:
        world.run(*FLOW, day_from=start.isoformat(), until=end.isoformat())
    return {table: sorted(map(repr, world.rows(f"from {table}"))) for table in TABLES}


def test_one_run_equals_many() -> None:
    rng = Random(SEED)
    cuts = sorted(rng.sample(range(1, (LAST - FIRST).days), 2))
    starts = [FIRST, *(FIRST + timedelta(days=cut) for cut in cuts)]
    ends = [*(start - timedelta(days=1) for start in starts[1:]), LAST]
    at_once = computed(SEED, [(FIRST, LAST)])
    in_parts = computed(SEED, list(zip(starts, ends, strict=True)))
    for table in TABLES:
        assert in_parts[table] == at_once[table], f"SIDAN_SEED={SEED}, {table}"
        assert at_once[table] or table == "settled.consigned_stock", f"SIDAN_SEED={SEED}, {table}"
