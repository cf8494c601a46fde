"""What payments that name their papers clear, day by day, in plain Python.

Left out, because no paper tells it: what a payment without a number is for (its amount is searched
for), what people decided on payments, and all units that such payments touch; goods on consignment,
of which more may be paid than is reported; and money that follows an invoice's goods.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from tests.soak.asked import LATE, Asking, Bills, Claim, Unit
from tests.soak.books import Books
from tests.soak.model import ZERO, Chain, Payment, on
from tests.support import World

Held = dict[tuple[str, Unit], Decimal]  # payment, unit


class Cash:
    """What each payment of one chain holds of each unit, day after day."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.books, bills = Books(chain), Bills()
        for day in range(chain.days):
            self.books.advance(day)
            for no, parts in self.books.parts.items():
                for invoice_no, amount in parts.items():
                    bills.parts[day, invoice_no][no] = amount
            for invoice_no, rest in self.books.rests.items():
                bills.rests[day, invoice_no] = rest[2]
        self.bills = bills
        self.returned = self._returned()
        self.claims: dict[Unit, list[Claim]] = defaultdict(list)
        for claim in Asking(chain, bills, self.returned).claims():
            ends = self.returned.get(claim.payment, LATE)
            if claim.day < ends:
                self.claims[claim.unit].append(replace(claim, ends=ends))
        for claims in self.claims.values():
            claims.sort(key=lambda claim: (claim.day, claim.payment, claim.base.budget_no))
        self.lines: dict[str, list[tuple[int, Decimal]]] = defaultdict(list)
        for statement in chain.statements.values():
            for known, lines in statement.versions:
                for number, line in enumerate(lines, start=1):
                    self.lines[f"{statement.no}#{number}"].append((known, line.amount))
        self.held: dict[Unit, list[tuple[Claim, Decimal]]] = defaultdict(list)

    def _returned(self) -> dict[str, int]:
        """The payments that a reversal takes back, the newest of payer and amount, and the day."""
        found: dict[str, int] = {}
        self.reversals: dict[str, str] = {}
        for back in sorted(self.chain.payments, key=lambda each: (each.known, each.no)):
            if back.amount > 0 or "冲正" not in back.memo:
                continue
            originals = [
                each
                for each in self.chain.payments
                if each.amount == -back.amount
                and _payer(each) == _payer(back)
                and each.known <= back.known
                and each.no not in found
            ]
            if originals:
                newest = max(originals, key=lambda each: (each.known, each.no))
                found[newest.no] = back.known
                self.reversals[back.no] = newest.no
        return found

    # -- what a unit is worth ------------------------------------------------------------------
    def worth(self, unit: Unit, day: int) -> Decimal:
        kind, no = unit
        if kind == "goods":
            return self.chain.receipts[no].worth(day) or ZERO
        if kind == "invoice":
            return self.bills.rests.get((day, no), ZERO)
        if kind == "deduction":  # a fee that is given back, as its paper says
            return max((amount for known, amount in self.lines[no] if known <= day), default=ZERO)
        versions = self.chain.openings[no]["versions"]
        return next((amount for known, amount in reversed(versions) if known <= day), ZERO)

    # -- a day ---------------------------------------------------------------------------------
    def advance(self, day: int) -> Held:
        """What payments hold by the end of a day; days come in their order."""
        found: Held = defaultdict(lambda: ZERO)
        for unit, claims in self.claims.items():
            for claim in claims:  # what is taken stands as it was taken
                if _is_taken(claim) and claim.day <= day < claim.ends:
                    found[claim.payment, unit] += claim.amount
            claims = [claim for claim in claims if not _is_taken(claim)]
            if not claims:
                continue
            is_anew = any(claim.ends <= day for claim in claims)
            held = self._anew(unit, claims, day) if is_anew else self._met(unit, claims, day)
            for claim, amount in held:
                found[claim.payment, unit] += amount
                if claim.amount < 0:  # the debtor has taken it all the same
                    found[claim.payment, ("adjustment", f"{_paper(claim)}#{unit[1]}")] += (
                        claim.amount - amount
                    )
        self._never_below_nothing(found)
        for back_no, no in self.reversals.items():
            if self.returned[no] <= day:
                amount = next(each.amount for each in self.chain.payments if each.no == no)
                for payment, part in ((no, amount), (back_no, -amount)):
                    found[payment, ("adjustment", f"returned:{no}")] = part
        return {key: amount for key, amount in found.items() if amount}

    def _met(self, unit: Unit, claims: list[Claim], day: int) -> list[tuple[Claim, Decimal]]:
        """First what papers change, the last payment giving back first; then the day's claims."""
        held, worth = self.held[unit], self.worth(unit, day)
        for side in (1, -1):
            limit = max(side * worth, ZERO)
            beyond = sum((side * each for claim, each in held if side * claim.amount > 0), -limit)
            for place in reversed(range(len(held))):
                claim, amount = held[place]
                if beyond > 0 and side * claim.amount > 0:
                    part = min(side * amount, beyond)
                    held[place] = claim, amount - side * part
                    beyond -= part
        for claim in claims:
            if claim.day == day:
                side = 1 if claim.amount > 0 else -1
                room = max(side * worth, ZERO) - sum(
                    side * each for other, each in held if side * other.amount > 0
                )
                held.append((claim, side * max(min(side * claim.amount, room), ZERO)))
        return held

    def _anew(self, unit: Unit, claims: list[Claim], day: int) -> list[tuple[Claim, Decimal]]:
        """Once a payment went back, those that stand are laid on the unit anew, in their order."""
        worth, begins, held = self.worth(unit, day), ZERO, []
        side = 1 if worth > 0 else -1
        for claim in claims:
            if claim.day <= day < claim.ends:
                wanted = max(side * claim.amount, ZERO)
                ends = min(begins + wanted, abs(worth))
                held.append((claim, side * max(ends - min(begins, abs(worth)), ZERO)))
                begins += wanted
        return held

    def _never_below_nothing(self, found: Held) -> None:
        """What would bring a payment below nothing is not taken: the last deductions first."""
        for no in {payment for payment, _ in found}:
            own = {unit: amount for (payment, unit), amount in found.items() if payment == no}
            below = -sum(own.values(), ZERO)
            taken = [unit for unit, amount in own.items() if amount < 0]
            for unit in sorted(taken, key=_last_first, reverse=True):
                part = max(min(-own[unit], below), ZERO)
                found[no, unit] += part
                below -= part


def _is_taken(claim: Claim) -> bool:
    return claim.unit[0] in ("deduction", "adjustment") and claim.amount < 0


def _payer(payment: Payment) -> str:
    return payment.payer or f"Nobody {payment.no}"


def _paper(claim: Claim) -> str:
    """The paper that the payment names: its advice, else the statement or invoice itself."""
    return claim.base.budget_no.split("#")[0] if "#" in claim.base.budget_no else claim.base.no


def _last_first(unit: Unit) -> tuple:
    """Deductions go before adjustments, those before returns; each from the last line on."""
    kind, no = unit
    paper, _, line = no.partition("#")
    order = {"deduction": 2, "adjustment": 1}.get(kind, 0)
    return order, paper, line.isdigit(), int(line) if line.isdigit() else 0, line


def differences(chain: Chain, world: World) -> Iterator[str]:
    """The first day on which payments clear something else than their papers say."""
    cash = Cash(chain)
    left_out, unknown = _unknown(chain, world, cash)
    applied = _applied(chain, world)
    query = "select as_of, transaction_no, amount from settled.unapplied_cash"
    rests = {(row["as_of"], row["transaction_no"]): row["amount"] for row in world.rows(query)}
    asked: dict[str, set[Unit]] = defaultdict(set)  # of each payment
    for unit, claims in cash.claims.items():
        for claim in claims:
            asked[claim.payment].add(unit)
    for day in range(chain.days):
        by_hand = cash.advance(day)
        expected = {
            key: amount
            for key, amount in by_hand.items()
            if key[0] not in left_out and key[1] not in unknown
        }
        found = {
            key: amount
            for key, amount in applied[day].items()
            if key[0] not in left_out and key[1] not in unknown
        }
        if found != expected:
            beside = sorted(str(item) for item in found.items() ^ expected.items())
            yield f"{chain.chain_id} on {on(day)}: {beside[:6]}"
            return
        for payment in chain.payments:
            if payment.known > day or payment.no in left_out or asked[payment.no] & unknown:
                continue
            placed = sum((part for (no, _), part in by_hand.items() if no == payment.no), ZERO)
            rest = rests.get((on(day), payment.no), ZERO)
            if payment.amount != placed + rest:
                yield f"{chain.chain_id} on {on(day)}: {payment.no} has {rest} left of {placed}"
                return


def _applied(chain: Chain, world: World) -> list[Held]:
    """What the tables apply by the end of each day."""
    rows = world.rows(
        "select greatest(known_on, effective_on) as day, transaction_no, part, receipt_no, "
        "invoice_no, unit_no, sum(amount) as amount from settled.cash_applications "
        f"where chain_id = '{chain.chain_id}' group by all"
    )
    so_far: Held = defaultdict(lambda: ZERO)
    found = []
    for day in range(chain.days):
        for row in (row for row in rows if row["day"] == on(day)):
            unit = {
                "rest": ("invoice", row["invoice_no"]),
                "uninvoiced": ("goods", row["receipt_no"]),
                "invoice": ("goods", row["receipt_no"]),
                "given_back": ("deduction", row["unit_no"]),
            }.get(row["part"], (row["part"], row["unit_no"]))
            so_far[row["transaction_no"], unit] += row["amount"]
        found.append({key: amount for key, amount in so_far.items() if amount})
    return found


def _unknown(chain: Chain, world: World, cash: Cash) -> tuple[set[str], set[Unit]]:
    """Payments that are not told by their papers, and all units that they touch."""
    named = {"goods_receipt": "goods"}
    of_chain = f"chain_id = '{chain.chain_id}' and unit_no not like 'returned:%'"
    left_out = {payment.no for payment in chain.payments if payment.purpose}
    left_out |= {no for _, no, decision, _ in chain.cash_decisions if decision != "nonsense"}
    unknown: set[Unit] = {("goods", no) for no in cash.books.consigned}
    for table in ("inferred_claims", "followed_claims"):
        for row in world.rows(f"select * from matched.{table} where {of_chain}"):
            left_out.add(row["transaction_no"])
            unknown.add((named.get(row["unit_kind"], row["unit_kind"]), row["unit_no"]))
    before = -1
    while before != len(left_out) + len(unknown):  # what they touch is touched by others, too
        before = len(left_out) + len(unknown)
        for unit, claims in cash.claims.items():
            payments = {claim.payment for claim in claims}
            if payments & left_out:
                unknown.add(unit)
            netting = {claim.payment for claim in claims if _nets(cash, claim.payment)}
            if unit in unknown:
                left_out |= netting
    return left_out, unknown


def _nets(cash: Cash, payment: str) -> bool:
    """Whether a payment takes something: then what it clears of one unit may move the others."""
    return any(
        claim.amount < 0
        for claims in cash.claims.values()
        for claim in claims
        if claim.payment == payment
    )
