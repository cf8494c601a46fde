"""Random payments against plain Python: what each is for, and day by day as in one run."""

import os
import random
from decimal import Decimal

import pytest

from tests.papers import Chain
from tests.settled.plain_cash import Thing, chosen
from tests.support import POLICY, World, day

SEED = int(os.environ.get("SIDAN_SEED") or random.SystemRandom().randrange(2**32))
AUDITS = [
    "matched/no_payment_clears_more_than_it_brings",
    "settled/cash_received_is_applied_or_unapplied",
    "settled/nothing_is_applied_beyond_its_balance",
    "settled/open_items_equal_the_ledger",
]
# among so few items the only set of any size is taken, as plain Python does
_ANY_SET = POLICY.model_copy(
    update={"cash": POLICY.cash.model_copy(update={"chance": Decimal("0.02")})}
)
PAYER_DAYS = [f"06-{number:02}" for number in range(1, 13)]


class Story:
    """A chain's papers, its payments, and plain Python's view of what is open (cents)."""

    def __init__(self, dice):
        self.dice = dice
        self.receipts = {}
        for number in range(dice.randint(5, 8)):
            cents = dice.randint(50_000, 900_000)
            if number == 4:
                cents = -cents // 9
            elif number and dice.random() < 0.2:
                cents = self.receipts["R0"][0]  # equal amounts tell nothing apart
            self.receipts[f"R{number}"] = (cents, f"05-{number + 3:02}")
        self.statements = {}
        bills = [no for no in self.receipts if no != "R4"]
        dice.shuffle(bills)
        for number in range(2):
            lines = {no: self.receipts[no][0] for no in bills[2 * number : 2 * number + 2]}
            fee = -dice.randint(100, 4_000) if dice.random() < 0.6 else 0
            self.statements[f"DZ{number}"] = (lines, fee)
        self.open = {no: cents for no, (cents, _) in self.receipts.items()}
        self.fees = {
            f"{no}#{len(lines) + 1}": fee for no, (lines, fee) in self.statements.items() if fee
        }
        self.payments = [self._payment(number) for number in range(5)]

    def _payment(self, number):
        dice = self.dice
        statement, (lines, fee) = dice.choice(list(self.statements.items()))
        kind = dice.choice(["statement", "named", "part", "few", "odd"])
        if kind == "few":
            chosen = dice.sample(sorted(self.receipts), dice.randint(1, 3))
            cents = sum(self.receipts[no][0] for no in chosen)
        elif kind == "odd":
            cents = dice.randint(1_000, 2_000_000)
        else:
            cents = sum(lines.values()) + fee
        if kind == "part":
            cents = cents * dice.randint(10, 90) // 100
        is_named = kind in ("named", "part")
        memo = f"货款 {statement}" if is_named else "货款"
        on = PAYER_DAYS[2 * number + dice.randint(0, 1)]
        return f"T{number}", cents, memo, on, statement if is_named else None

    def chain(self):
        chain = Chain("branch_head", world=World(_ANY_SET))
        for no, (cents, on) in self.receipts.items():
            chain.receipt(no, cents / 100, on=on, store_id=f"S{1 + cents % 2}")
        for no, (lines, fee) in self.statements.items():
            rows = [{"receipt_no": name, "amount": cents / 100} for name, cents in lines.items()]
            if fee:
                kind = {"line_kind": "deduction", "deduction_kind": "cash_deducted"}
                rows.append({**kind, "fee_code": "FL", "amount": fee / 100})
            chain.statement(no, rows, on="05-25")
        for no, cents, memo, on, _ in self.payments:
            chain.payment(no, cents / 100, memo, on=on)
        return chain

    # -- plain Python ---------------------------------------------------------------------------
    def expected(self):
        """{payment: {unit: cents}}"""
        found, inferred, asked = {}, set(), {}
        for no, cents, _, _, named in sorted(self.payments, key=lambda each: (each[3], each[0])):
            if cents <= 0:
                continue
            if named:
                lines = self.part(named, cents, asked)
                for other in [each for each in inferred if lines.keys() & found[each].keys()]:
                    self.give_up(found.pop(other))  # what is named outranks what was inferred
                    inferred.discard(other)
                claims = {unit: amount for unit, amount in lines.items() if self.left(unit, amount)}
                claims = {unit: self.left(unit, amount) for unit, amount in claims.items()}
            else:
                claims = self.inferred(cents)
                inferred |= {no} if claims else set()
            for unit, amount in claims.items():
                if "#" in unit:
                    self.fees.pop(unit)
                else:
                    self.open[unit] -= amount
            if claims:
                found[no] = claims
        return found

    def part(self, statement, cents, asked):
        """The next lines of a statement; the first payment takes its deduction, too."""
        lines, fee = self.statements[statement]
        wanted = {}
        if statement not in asked and fee:
            wanted[f"{statement}#{len(lines) + 1}"] = fee
            cents -= fee
        before = asked.setdefault(statement, dict.fromkeys(lines, 0))
        rests = [(no, lines[no] - before[no]) for no in sorted(lines)]
        for no, rest in [*rests, *sorted(before.items())]:
            if part := min(rest, cents):
                wanted[no] = wanted.get(no, 0) + part
                cents -= part
        after = {no: before[no] + wanted.get(no, 0) for no in lines}
        if all(after[no] >= lines[no] for no in lines):  # the next begins anew
            after = {no: after[no] - lines[no] for no in lines}
        asked[statement] = after
        return wanted

    def left(self, unit, amount):
        """What is asked of a line, as far as it is open."""
        return amount if "#" in unit else min(amount, self.open[unit])

    def give_up(self, claims):
        for unit, amount in claims.items():
            if "#" in unit:
                self.fees[unit] = amount
            else:
                self.open[unit] += amount

    def rests(self):
        """What paying each statement clears, while some of its goods are open."""
        found = {}
        for no, (lines, fee) in self.statements.items():
            claims = {name: self.open[name] for name in lines if self.open[name]}
            unit = f"{no}#{len(lines) + 1}"
            if claims:
                found[no] = {**claims, **({unit: fee} if fee and unit in self.fees else {})}
        return found

    def inferred(self, cents):
        statements = self.rests()
        items = {name: {name: amount} for name, amount in self.open.items() if amount}
        for claims in statements.values():
            items |= {unit: {unit: fee} for unit, fee in claims.items() if "#" in unit}
        nets = {no: net for no, claims in statements.items() if (net := sum(claims.values())) > 0}
        _, names = chosen(cents, nets, {name: self.thing(name, items) for name in items})
        claims = {}
        for name in names:
            claims |= statements.get(name) or items[name]
        return claims

    def thing(self, name, items):
        """An open item as plain Python sees it; what a statement deducts is its party's."""
        if "#" in name:
            return Thing(items[name][name], "HO", "05-31", is_fee=True)
        cents, on = self.receipts[name]
        return Thing(items[name][name], f"S{1 + cents % 2}", on)


def cleared(world):
    found = {}
    for row in world.rows(
        "select transaction_no, unit_no, cast(100 * sum(amount) as bigint) as cents "
        "from matched.clearings group by all having sum(amount) <> 0"
    ):
        found.setdefault(row["transaction_no"], {})[row["unit_no"]] = row["cents"]
    return found


def contents(world, table):
    return sorted(tuple(map(str, row.values())) for row in world.rows(f"from {table}"))


@pytest.mark.parametrize("case", range(4))
def test_random_payments_are_placed_as_plain_python_places_them(case):
    story = Story(random.Random(f"{SEED}/{case}"))
    told = f"SIDAN_SEED={SEED}, case {case}"
    tables = ("matched.cash_answers", "matched.clearings", "settled.unapplied_cash")
    world = story.chain().close(until="06-14")
    assert cleared(world) == story.expected(), told
    for audit in AUDITS:
        assert world.audit(audit, "05-01", "06-14") == [], (told, audit)
    chain = story.chain()
    chain.close(until="05-31")
    edges = sorted(random.Random(f"{SEED}/{case}/days").sample(PAYER_DAYS, 3))
    before = "06-01"
    for edge in [*edges, "06-15"]:
        if edge > before:
            last = day(edge).replace(day=day(edge).day - 1)
            chain.close(before, last.isoformat())
            before = edge
    for table in tables:
        assert contents(chain.world, table) == contents(world, table), (told, table)
