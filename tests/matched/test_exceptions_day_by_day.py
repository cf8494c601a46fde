"""Random papers: days closed in any portions give what one run over all of them gives, and orders
stand where plain Python finds them to stand."""

import os
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from hashlib import md5
from random import Random

import pytest

from tests.matched.followed import AMOUNTS, Papers, Standing
from tests.papers import PROGRESS, Chain

FIRST, LAST = date(2026, 5, 1), date(2026, 7, 10)
PORTIONS = [
    "05-01..05-06",
    "05-07",
    "05-08..05-20",
    "05-21",
    "05-22..06-18",
    "06-19",
    "06-20..07-10",
]
TABLES = [
    table
    for table in PROGRESS
    if table.split(".")[1]
    in {
        "receipt_orders", "order_moves", "order_states", "step_differences", "compared_articles",
        "variances", "open_orders", "order_exceptions", "invoice_exceptions",
        "statement_exceptions", "duplicate_documents", "exceptions", "suspected_matches",
        "doubtful_papers", "paper_exceptions", "exception_decisions", "closed_exceptions",
    }
]  # fmt: skip
AUDITS = [
    "order_states_equal_their_papers", "variances_sum_to_the_difference",
    "exceptions_name_owner_and_action", "exceptions_follow_the_order_states",
    "exceptions_are_listed_or_closed",
]  # fmt: skip


class Story:
    """Papers that come early, late, twice, corrected, and under another number."""

    def __init__(self, chain: Chain, seed: int) -> None:
        self.chain, self.rng, self.seed = chain, Random(seed), seed

    def tell(self, orders: int) -> Chain:
        for number in range(1, orders + 1):
            self.order(f"{number:05}")
            self.decide(f"{number:05}")
        # a date in the future, corrected later
        self.chain.order("90001", 10, on="06-20", known_on="05-20")
        return self.chain.order("90001", 10, on="05-19", known_on="06-02")

    def decide(self, order_no: str) -> None:
        """Somebody may accept, dispute or assign what is wrong with the order."""
        rng = Random(f"{self.seed} {order_no}")
        reason = rng.choice(["uninvoiced", "short_received", "partly_delivered", "unreceived"])
        decided_on = FIRST + timedelta(days=rng.randint(10, 50))
        self.chain.decision(
            md5(f"{reason}|C|{order_no}".encode()).hexdigest()[:16],
            rng.choice(["accept", "accept", "dispute", "assign"]),
            self.text(decided_on),
            target_id=rng.choice([None, "Wang"]),
        )

    def order(self, order_no: str) -> None:
        rng, chain = self.rng, self.chain
        store = rng.choice(["S1", "S2"])
        start = FIRST + timedelta(days=rng.randint(0, 25))
        quantity, price = rng.randint(5, 20), Decimal(rng.randint(100, 900)) / 100
        if rng.random() < 0.9:
            self.lines("orders", order_no, start, store, quantity, price)
            if rng.random() < 0.15:
                known_on = self.later(start, 6)
                self.lines("orders", order_no, start, store, quantity - 1, price, known_on=known_on)
            if rng.random() < 0.1:
                chain.order(
                    order_no, quantity * price, on=self.text(start),
                    known_on=self.later(start, 12), is_cancelled=True, store_id=store,
                )  # fmt: skip
        for part in range(rng.choice([0, 1, 1, 1, 2])):
            self.delivery(order_no, part, start, store, quantity, price)

    def delivery(
        self, order_no: str, part: int, start: date, store: str, quantity: int, price: Decimal
    ) -> None:
        rng = self.rng
        delivery_no, receipt_no = f"D{order_no}{part}", f"R{order_no}{part}"
        sent_on = start + timedelta(days=rng.randint(1, 5))
        sent = quantity - rng.choice([0, 0, 0, 2])
        named = rng.choice([order_no] * 6 + [order_no.lstrip("0"), "00003"])
        if rng.random() < 0.92:
            self.lines(
                "deliveries", delivery_no, sent_on, store, sent, price, order_no=named,
                known_on=self.later(sent_on, 4),
            )  # fmt: skip
            if named != order_no and rng.random() < 0.5:
                self.lines(
                    "deliveries", delivery_no, sent_on, store, sent, price, order_no=order_no,
                    known_on=self.later(sent_on, 20, 5),
                )  # fmt: skip
        if rng.random() < 0.85:
            self.receipt(order_no, delivery_no, receipt_no, sent_on, store, sent, price)

    def receipt(
        self, order_no: str, delivery_no: str, receipt_no: str, sent_on: date, store: str,
        sent: int, price: Decimal,
    ) -> None:  # fmt: skip
        rng = self.rng
        got_on = sent_on + timedelta(days=rng.randint(0, 3))
        got, paid_price = sent - rng.choice([0, 0, 0, 1]), price - rng.choice([0, 0, 0, 1])
        names = rng.choice(
            [{"order_no": order_no}, {"order_no": order_no, "delivery_no": delivery_no},
             {"delivery_no": delivery_no}, {}]
        )  # fmt: skip
        known_on = self.later(got_on, 5)
        self.lines("goods_receipts", receipt_no, got_on, store, got, paid_price,
                   known_on=known_on, **names)  # fmt: skip
        if rng.random() < 0.2:
            names = {"order_no": rng.choice([order_no, "00001"])}
            self.lines("goods_receipts", receipt_no, got_on, store, got - 1, paid_price,
                       known_on=self.later(got_on, 25, 6), **names)  # fmt: skip
        if rng.random() < 0.2:
            self.chain.receipt(
                f"T{receipt_no}",
                -paid_price,
                on=self.text(got_on + timedelta(days=9)),
                order_no=order_no,
                store_id=store,
            )
        self.money(order_no, receipt_no, got_on, store, got * paid_price)

    def money(
        self, order_no: str, receipt_no: str, got_on: date, store: str, amount: Decimal
    ) -> None:
        rng, chain = self.rng, self.chain
        invoice_no, applied_on = f"V{receipt_no}", self.later(got_on, 20, 3)
        if rng.random() < 0.75:
            named = rng.choice([receipt_no, receipt_no, receipt_no, receipt_no.lower()])
            chain.application(
                f"A{receipt_no}", named, amount, invoice_no, on=applied_on,
                order_no=rng.choice([order_no, None]),
            )  # fmt: skip
            if rng.random() < 0.15:
                chain.application(
                    f"A{receipt_no}",
                    receipt_no,
                    amount - 1,
                    invoice_no,
                    on=self.later(got_on, 40, 24),
                    order_no=order_no,
                )
        if rng.random() < 0.7:
            issued_on = self.later(got_on, 22, 3)
            chain.invoice(
                invoice_no,
                amount + rng.choice([0, 0, 0, 5]),
                on=issued_on,
                buyer_id=rng.choice([store, store, "HO"]),
            )
            if rng.random() < 0.6:
                chain.handover(invoice_no, self.later(got_on, 45, 10))
            if rng.random() < 0.15:
                known_on = self.later(got_on, 50, 23)
                chain.invoice(invoice_no, amount, on=issued_on, known_on=known_on, status="void")
        if rng.random() < 0.6:
            self.statement(receipt_no, got_on, store, amount)

    def statement(self, receipt_no: str, got_on: date, store: str, amount: Decimal) -> None:
        rng, chain = self.rng, self.chain
        line = {"store_id": store, "amount": amount - rng.choice([0, 0, 0, 2])}
        line |= rng.choice([{"receipt_no": receipt_no}] * 4 + [{"receipt_no": "R9"}, {}])
        fee = {"line_kind": "deduction", "fee_code": "DM", "fee_name": "flyer", "amount": -3,
               "store_id": store}  # fmt: skip
        stated_on = self.later(got_on, 30, 6)
        chain.statement(f"ST{receipt_no}", [line, *rng.choice([[], [fee]])], on=stated_on)
        if rng.random() < 0.2:
            again = {**line, "amount": amount}
            chain.statement(f"ST{receipt_no}", [again], on=self.later(got_on, 45, 32))
        if rng.random() < 0.6:
            chain.payment(
                f"P{receipt_no}", amount, f"ST{receipt_no}", on=self.later(got_on, 55, 20)
            )

    # ------------------------------------------------------------------------------------------
    def later(self, day: date, most: int, least: int = 0) -> str:
        return self.text(day + timedelta(days=self.rng.randint(least, most)))

    def text(self, day: date) -> str:
        return f"{min(day, LAST):%m-%d}"

    def lines(
        self, kind: str, no: str, day: date, store: str, quantity: int, price: Decimal, **fields
    ) -> None:
        """A paper with one line, staged and as received; a copy of it may come again."""
        known_on = fields.pop("known_on", self.text(day))
        article = {
            "sku": "milk", "quantity": quantity, "unit_price": price, "tax_rate": "0.13",
            "amount": quantity * price,
        }  # fmt: skip
        paper = {"orders": self.chain.order, "deliveries": self.chain.delivery,
                 "goods_receipts": self.chain.receipt}[kind]  # fmt: skip
        paper(no, quantity * price, on=self.text(day), known_on=known_on, store_id=store, **fields)
        named = {key: value for key, value in fields.items() if key == "order_no"}
        self.chain.lines(kind, no, [{**article, **named}], on=known_on)
        if self.rng.random() < 0.05:
            copy = {**article, **named, "is_duplicate": True, "is_standing": False}
            again = min(LAST, date.fromisoformat(f"2026-{known_on}") + timedelta(days=3))
            self.chain.lines(kind, no, [copy], on=self.text(again))


def versions_apart(chain: Chain) -> None:
    """Two versions of a paper on one day are one paper to staging: the later one is kept."""
    keys = {
        "orders": "chain_id, order_no", "deliveries": "chain_id, delivery_no",
        "goods_receipts": "chain_id, receipt_no", "invoices": "invoice_no",
        "invoice_applications": "application_no", "statements": "chain_id, statement_no",
        "statement_lines": "chain_id, statement_no, line_no",
    }  # fmt: skip
    for table, key in keys.items():
        chain.world.connection.execute(
            f"delete from staged.{table} where rowid not in "
            f"(select max(rowid) from staged.{table} group by known_on, {key})"
        )
    for table in ("orders", "deliveries", "goods_receipts"):
        chain.world.connection.execute(
            f"delete from received.{table} where is_standing and rowid not in (select max(rowid) "
            f"from received.{table} where is_standing group by known_on, {keys[table]})"
        )


SEEDS = [int(os.environ.get("SIDAN_SEED", "20260501")), 4]


def story(seed: int) -> Chain:
    """The papers of 25 orders."""
    chain = Story(Chain(), seed).tell(orders=25)
    versions_apart(chain)
    return chain


@cache
def closed_at_once(seed: int) -> Chain:
    """The story with all its days closed in one run."""
    chain = story(seed)
    chain.progress(f"{FIRST:%m-%d}", f"{LAST:%m-%d}")
    return chain


@pytest.mark.timeout(280)
@pytest.mark.parametrize("seed", SEEDS)
def test_any_portions_of_days_equal_one_run(seed: int) -> None:
    whole, portions = closed_at_once(seed), story(seed)
    world = whole.world
    for portion in PORTIONS:
        day_from, _, until = portion.partition("..")
        found = portions.progress(day_from, until or day_from)
        for audit in AUDITS:
            assert found.audit(f"matched/{audit}", day_from, until or day_from) == [], seed
    for table in TABLES:
        columns = ", ".join(world.session.columns(table))
        once, in_portions = (
            sorted(map(repr, chain.world.rows(f"select {columns} from {table}")))
            for chain in (whole, portions)
        )
        assert once, f"the story of seed {seed} has nothing to say of {table}"
        assert in_portions == once, f"{table} of seed {seed}"


@pytest.mark.parametrize("seed", SEEDS)
def test_orders_stand_where_their_papers_say_on_every_day(seed: int) -> None:
    world = closed_at_once(seed).world
    papers, states = Papers(world), world.rows("from matched.order_states order by known_on")
    since: dict[str, tuple[str, date]] = {}
    stages = set()
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        stand = {row["order_no"]: row for row in states if row["known_on"] <= day}
        found = papers.on(day)
        for no in stand:
            found.setdefault(no, Standing())
        for no, order in found.items():
            stage = order.stage
            if since.get(no, ("",))[0] != stage:
                since[no] = stage, day
            if no not in stand:
                assert not any(getattr(order, name) for name in AMOUNTS), f"{no} of seed {seed}"
                continue
            row = stand[no]
            said = {name: getattr(order, name) for name in AMOUNTS}
            said |= {
                "stage": stage, "missing_document": order.missing_document,
                "next_actor": order.next_actor, "stage_since": since[no][1],
                "is_implied": order.is_implied, "is_cancelled": order.is_cancelled,
            }  # fmt: skip
            assert {name: row[name] for name in said} == said, f"{no} on {day} of seed {seed}"
            stages.add(stage)
    assert len(stages) >= 7, f"seed {seed} tells only {stages}"
