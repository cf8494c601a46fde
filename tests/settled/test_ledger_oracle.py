"""Random chains, day by day, against a ledger in plain Python that knows only the rules."""

import os
import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from hashlib import md5
from typing import Any

import pytest

from assets.sql_model import read_audits
from tests.papers import FLOW, Chain
from tests.support import World, upstream

SEED = int(os.environ.get("SIDAN_SEED") or random.SystemRandom().randrange(2**32))
CHAINS, DAYS = 36, 60
FIRST = date(2026, 5, 1)
ZERO, CENT = Decimal(0), Decimal("0.01")
TABLES = ("settled.disputes", "settled.trial", "settled.write_off_totals")
MODELS = list(dict.fromkeys([*FLOW, *upstream(*TABLES, stages=("settled",))]))
AUDITS = [f"settled/{audit.path.stem}" for audit in read_audits() if "settled" in audit.path.parts]
# percent of net purchases, CNY a month, nothing agreed
FEES = ("PCT", "MONTH", "NONE")


def on(number: int) -> date:
    return FIRST + timedelta(days=number)


@dataclass
class Story:
    """The papers of one chain; days count from the first."""

    chain_id: str
    pattern: str
    # receipt: store, day of the goods, versions (day known, amount), day invoiced, day voided
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    # statement: day, lines (kind, receipt or fee, amount as it moves the payable)
    statements: dict[str, tuple[int, list[tuple[str, str, Decimal]]]] = field(default_factory=dict)
    # transaction: day, amount, statement or invoice named
    payments: list[tuple[int, str, Decimal, str]] = field(default_factory=list)
    # deduction: (day, decision, amount)
    decisions: dict[str, list[tuple[int, str, Decimal | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )


def cents(rng: random.Random, least: int, most: int) -> Decimal:
    return Decimal(rng.randint(least * 100, most * 100)) / 100


def tell(rng: random.Random, number: int) -> Story:
    """A chain with a dozen receipts, three statements, their payments, and what follows."""
    story = Story(f"K{number:02}", rng.choice(["branch_head", "branch_branch", "head_head"]))
    for count in range(rng.randint(6, 14)):
        goods_on = rng.randint(0, 45)
        known = goods_on + rng.randint(0, 5)
        is_return = rng.random() < 0.2
        amount = -cents(rng, 1, 40) if is_return else cents(rng, 10, 500)
        versions = [(known, amount)]
        invoiced = known + rng.randint(0, 9) if rng.random() < 0.6 else None
        if rng.random() < 0.25:  # more or less than at first, before or after it is invoiced
            changed = (amount * rng.choice([30, 80, 99, 101, 140]) / 100).quantize(CENT)
            versions.append((known + rng.randint(1, 20), changed))
        voided = invoiced + rng.randint(1, 9) if invoiced and rng.random() < 0.2 else None
        story.receipts[f"R{number:02}{count:02}"] = {
            "store": rng.choice(["S1", "S2"]), "on": goods_on, "versions": versions,
            "invoiced": invoiced, "voided": voided,
        }  # fmt: skip
    stated: set[str] = set()
    for count, day in enumerate(sorted(rng.sample(range(15, 52), 3))):
        lines = []
        for no, receipt in story.receipts.items():
            amount = known_amount(receipt, day)
            # goods that shrink later could leave a payment with more taken than paid
            shrinks = amount is not None and abs(receipt["versions"][-1][1]) < abs(amount)
            if amount is not None and not shrinks and no not in stated and rng.random() < 0.9:
                stated.add(no)
                lines.append(("return" if amount < 0 else "receipt", no, amount))
        for _ in range(rng.randint(0, 4)):
            given_back = rng.random() < 0.25
            amount = cents(rng, 1, 60) if given_back else -cents(rng, 1, 60)
            lines.append(("deduction", rng.choice(FEES), amount))
        statement_no = f"ST{number:02}{count}"
        story.statements[statement_no] = (day, lines)
        net = sum((line[2] for line in lines), ZERO)
        short = rng.choice(["0", "0", "0.30", "1.00", "1.01", "25.00", "-10.00"])
        paid, pays_on = net - Decimal(short), day + rng.randint(0, 8)
        if net > 0 and paid > 0 and rng.random() < 0.9:
            first = paid if rng.random() < 0.7 else (paid / 3).quantize(CENT)
            story.payments.append((pays_on, f"T{number:02}{count}", first, statement_no))
            if first < paid:
                rest = pays_on + rng.randint(0, 6), f"T{number:02}{count}B", paid - first
                story.payments.append((*rest, statement_no))
        for place, line in enumerate(lines, start=1):
            while line[0] == "deduction" and rng.random() < 0.5:
                amount = rng.choice([None, cents(rng, 1, 40)])
                decision = rng.choice(["accept", "write_off", "reopen", "dispute"])
                days = {made for made, _, _ in story.decisions[f"{statement_no}#{place}"]}
                made = rng.randint(day, 59)
                if made not in days:
                    story.decisions[f"{statement_no}#{place}"].append((made, decision, amount))
    for count, (no, receipt) in enumerate(story.receipts.items()):
        # some become void before or after they are paid
        if receipt["invoiced"] and no not in stated and rng.random() < 0.7:
            amount, day = receipt["versions"][0][1], receipt["invoiced"] + rng.randint(1, 10)
            if amount > 0:
                paid = max(amount - cents(rng, 0, 2), CENT)
                story.payments.append((day, f"TV{number:02}{count}", paid, f"V{no}"))
    return story


def known_amount(receipt: dict[str, Any], day: int) -> Decimal | None:
    versions = [amount for known, amount in receipt["versions"] if known <= day]
    return versions[-1] if versions else None


class Ledger:
    """What one chain owes after a day, worked out from its papers alone."""

    def __init__(self, story: Story, day: int) -> None:
        self.story, self.day = story, day
        self.cleared: dict[str, Decimal] = defaultdict(lambda: ZERO)
        self.spent: dict[str, Decimal] = defaultdict(lambda: ZERO)
        self.taken: dict[str, tuple[int, str]] = {}
        self.disputed: dict[str, Decimal] = {}
        self.given: list[tuple[int, str, str, Decimal]] = []
        self.repaid: dict[str, Decimal] = defaultdict(lambda: ZERO)
        self.supported = self._judge()
        self._pay()
        for given_on, _, fee, amount in sorted(self.given):
            self._repay(given_on, fee, amount)

    def _judge(self) -> dict[str, Decimal]:
        """Deductions in the order of their statements, against what the month still allows."""
        allowed: dict[tuple[str, int], Decimal] = defaultdict(lambda: ZERO)
        supported: dict[str, Decimal] = {}
        for no, (day, lines) in self.story.statements.items():
            month = on(day).month
            goods = sum((amount for kind, _, amount in lines if kind != "deduction"), ZERO)
            if any(line[:2] == ("deduction", "PCT") for line in lines):
                share = (goods * 3 / 100).quantize(CENT, ROUND_HALF_UP)
                allowed["PCT", month] += max(share, ZERO)
            allowed.setdefault(("MONTH", month), Decimal(30))
            for place, (kind, fee, amount) in enumerate(lines, start=1):
                if kind == "deduction" and amount < 0:
                    supported[f"{no}#{place}"] = min(-amount, allowed[fee, month])
                    allowed[fee, month] -= supported[f"{no}#{place}"]
        return supported

    def _pay(self) -> None:
        """Money and new versions of receipts, in the order in which they became known."""
        events: list[tuple[int, int, str, Any]] = []
        for no, receipt in self.story.receipts.items():
            events += [(known, 0, no, amount) for known, amount in receipt["versions"]]
            if receipt["voided"] is not None:
                events.append((receipt["voided"], 0, f"V{no}", ZERO))
        events += [(day, 1, no, (paid, named)) for day, no, paid, named in self.story.payments]
        for day, turn, no, said in sorted(events, key=lambda event: event[:3]):
            if day > self.day:
                break
            if turn == 0:
                self.cleared[no] = within(self.cleared[no], said)
            elif said[1].startswith("V"):
                self._pay_invoice(said[1][1:], said[0], day)
            else:
                self._pay_statement(*said, day)

    def _worth(self, no: str, day: int) -> Decimal:
        """What goods are worth, or what an invoice bills beyond them."""
        if no.startswith("V"):
            return self._billed(no[1:], day) - self._explained(no[1:], day)
        return known_amount(self.story.receipts[no], day) or ZERO

    def _billed(self, no: str, day: int) -> Decimal:
        """What the invoice of goods bills, as long as it is in force."""
        receipt = self.story.receipts[no]
        is_void = receipt["voided"] is not None and receipt["voided"] <= day
        if receipt["invoiced"] is None or receipt["invoiced"] > day or is_void:
            return ZERO
        return receipt["versions"][0][1]

    def _explained(self, no: str, day: int) -> Decimal:
        return within(self._billed(no, day), self._worth(no, day))

    def _pay_invoice(self, no: str, paid: Decimal, day: int) -> None:
        """First the goods that an invoice bills, then what it bills beyond them."""
        part = min(paid, self._explained(no, day))
        rest = min(paid - part, self._worth(f"V{no}", day))
        self._pay_receipts([(no, part), (f"V{no}", rest)], day)

    def _pay_receipts(self, claims: list[tuple[str, Decimal]], day: int) -> None:
        for no, claim in claims:
            self.cleared[no] = within(self.cleared[no] + claim, self._worth(no, day))

    def _pay_statement(self, paid: Decimal, statement_no: str, day: int) -> None:
        """What is taken is taken in full; the rest goes to goods by date, then to what returns.

        A second payment takes nothing, and goes on where the first one ends.
        """
        _, lines = self.story.statements[statement_no]
        is_first = statement_no not in self.spent
        if not is_first:
            lines = [line if line[2] > 0 else (*line[:2], ZERO) for line in lines]
        left = paid - sum((amount for _, _, amount in lines if amount < 0), ZERO)
        before = self.spent[statement_no]
        self.spent[statement_no] += left
        receipts = self.story.receipts
        numbered = [(f"{statement_no}#{n}", *line) for n, line in enumerate(lines, start=1)]
        self._pay_receipts([(no, a) for _, kind, no, a in numbered if kind == "return"], day)
        goods = [(no, amount) for _, kind, no, amount in numbered if kind == "receipt"]
        for no, amount in sorted(goods, key=lambda each: (receipts[each[0]]["on"], each[0])):
            skipped = min(amount, before)
            part = min(amount - skipped, left)
            self._pay_receipts([(no, part)], day)
            before -= skipped
            left -= part
        fees = [(unit, fee, amount) for unit, kind, fee, amount in numbered if kind == "deduction"]
        for unit, fee, amount in sorted(fees, key=lambda each: (each[2] > 0, each[0])):
            if amount < 0:
                self.taken[unit] = (day, fee)
                self.disputed[unit] = -amount - self.supported[unit]
        for unit, fee, amount in sorted(fees):
            if amount > 0:
                skipped = min(amount, before)
                part = min(amount - skipped, left)
                self.given.append((day, unit, fee, part))
                before -= skipped
                left -= part

    def _repay(self, day: int, fee: str, given: Decimal) -> None:
        """The oldest dispute of the fee first, those of the day included."""
        for unit, (taken_on, of) in sorted(
            self.taken.items(), key=lambda each: (each[1][0], each[0])
        ):
            if of == fee and taken_on <= day:
                part = min(given, self.disputed[unit] - self.repaid[unit])
                self.repaid[unit] += part
                given -= part

    def _decided(self, unit: str) -> Decimal:
        """What the decisions known clear of a dispute."""
        left = self.disputed[unit] - self.repaid[unit]
        cleared = ZERO
        for made, decision, amount in sorted(self.story.decisions[unit], key=lambda each: each[0]):
            if made <= self.day and decision == "reopen":
                cleared = ZERO
            elif made <= self.day and decision != "dispute":
                cleared += min(left if amount is None else amount, left - cleared)
        return cleared

    def balances(self) -> dict[tuple[str, str], Decimal]:
        """Balance by debtor and store, without those that owe nothing."""
        totals: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        for no, receipt in self.story.receipts.items():
            store = receipt["store"]
            debtor = store if self.story.pattern == "branch_branch" else "HO"
            part = self._explained(no, self.day)
            paid = within(self.cleared[no], part)
            totals[debtor, store] += left_of(part, paid)
            totals[debtor, store] += left_of(
                self._worth(no, self.day) - part, self.cleared[no] - paid
            )
            totals[debtor, store] += left_of(
                self._worth(f"V{no}", self.day), self.cleared[f"V{no}"]
            )
        for unit in self.taken:
            left = self.disputed[unit] - self.repaid[unit] - self._decided(unit)
            totals["HO", "HO"] += left
        return {
            (f"{self.story.chain_id}-{debtor}", f"{self.story.chain_id}-{store}"): amount
            for (debtor, store), amount in totals.items()
            if amount
        }


def left_of(charged: Decimal, paid: Decimal) -> Decimal:
    """What is open of an item: a small difference of one that was paid is written off."""
    left = charged - paid
    return ZERO if paid and abs(left) <= 1 and left * charged >= 0 else left


def within(amount: Decimal, worth: Decimal) -> Decimal:
    """Never beyond what it is worth, never of the other sign."""
    return max(min(amount, ZERO), worth) if worth < 0 else min(max(amount, ZERO), worth)


def send(story: Story, world: World) -> None:
    """The story as papers."""
    chain = Chain(story.pattern, chain_id=story.chain_id, world=world)
    terms = {"PCT": ("percent_of_net_purchases", 3), "MONTH": ("fixed_per_month", 30)}
    world.given(
        "staged.deduction_agreements",
        [
            {
                "known_on": FIRST, "agreement_id": f"{code}-{story.chain_id}",
                "chain_id": story.chain_id, "fee_code": code, "basis": basis,
                "rate_or_amount": rate, "kind": "cash_deducted", "valid_from": "2026-01-01",
            }
            for code, (basis, rate) in terms.items()
        ],
    )  # fmt: skip
    for no, receipt in story.receipts.items():
        store_id = chain.customer(receipt["store"])
        for known, amount in receipt["versions"]:
            goods_on = on(receipt["on"])
            chain.receipt(no, amount, on=goods_on, known_on=on(known), store_id=store_id)
        if receipt["invoiced"] is not None:
            amount, day = receipt["versions"][0][1], on(receipt["invoiced"])
            chain.application(f"A{no}", no, amount, f"V{no}", on=day, store_id=store_id)
            chain.invoice(f"V{no}", amount, on=day, is_red=amount < 0)
            if receipt["voided"] is not None:
                voided = on(receipt["voided"])
                chain.invoice(f"V{no}", amount, on=day, known_on=voided, status="void")
    for no, (day, lines) in story.statements.items():
        world.given(
            "staged.statement_lines",
            [
                {
                    "known_on": on(day), "chain_id": story.chain_id, "statement_no": no,
                    "line_no": place, "line_kind": kind, "period_end": on(day), "party_code": "HO",
                    "fee_code" if kind == "deduction" else "receipt_no": name, "amount": amount,
                    "document_date": None if kind == "deduction"
                    else on(story.receipts[name]["on"]),
                }
                for place, (kind, name, amount) in enumerate(lines, start=1)
            ],
        )  # fmt: skip
    for day, no, paid, named in story.payments:
        chain.payment(no, paid, named, on=on(day))
    for unit, decisions in story.decisions.items():
        subject = md5(f"deduction|{story.chain_id}|{unit}".encode()).hexdigest()[:16]
        for made, decision, amount in decisions:
            row = {
                "known_on": on(made), "subject_kind": "deduction", "subject_id": subject,
                "decision": decision, "amount": amount, "decided_by": "Lin", "decided_on": on(made),
            }  # fmt: skip
            world.given("staged.decisions", [row])


@pytest.fixture(scope="module")
def stories() -> list[Story]:
    rng = random.Random(SEED)
    return [tell(rng, number) for number in range(CHAINS)]


@pytest.fixture(scope="module")
def closed(stories) -> World:
    world = World(apart=True)
    for story in stories:
        send(story, world)
    world.have("staged.calendar")
    last = str(on(DAYS - 1))
    world.run(*Chain.START, day_from=str(FIRST))
    return world.run("staged.statements", *MODELS, day_from=str(FIRST), until=last)


@pytest.fixture(scope="module")
def balances(closed) -> dict[tuple[str, date], dict[tuple[str, str], Decimal]]:
    found: dict[tuple[str, date], dict[tuple[str, str], Decimal]] = defaultdict(dict)
    for row in closed.rows(
        "select chain_id, as_of, debtor_id, store_id, sum(balance) as balance "
        "from settled.open_items group by all having sum(balance) <> 0"
    ):
        found[row["chain_id"], row["as_of"]][row["debtor_id"], row["store_id"]] = row["balance"]
    return found


def test_balances_agree_to_the_cent_on_every_day(balances, stories) -> None:
    for story in stories:
        for day in range(DAYS):
            told = f"SIDAN_SEED={SEED} {story.chain_id} on {on(day)}"
            assert balances[story.chain_id, on(day)] == Ledger(story, day).balances(), told


def test_a_cent_that_is_told_otherwise_shows(balances, stories) -> None:
    for story in stories:
        receipt = next(iter(story.receipts.values()))
        told = replace(
            story, receipts={**story.receipts, "R": {**receipt, "versions": [(0, CENT)]}}
        )
        assert balances[story.chain_id, on(9)] != Ledger(told, 9).balances()


@pytest.mark.parametrize("audit", AUDITS)
def test_audits_hold_on_every_day(closed, audit) -> None:
    assert closed.audit(audit, str(FIRST), str(on(DAYS - 1))) == [], f"SIDAN_SEED={SEED}"


def test_the_stories_have_what_they_are_about(closed) -> None:
    """A world without disputes, repayments or write-offs would prove nothing about them."""
    kinds = closed.rows("select entry_kind, count(*) as entries from settled.ledger group by all")
    counted = {row["entry_kind"]: row["entries"] for row in kinds}
    rare = {kind: counted.get(kind, 0) for kind in ("repaid", "accepted", "write_off", "supported")}
    assert min(rare.values()) > 3, f"SIDAN_SEED={SEED}: {rare}"
