"""What payments that name their papers ask for, worked out in plain Python from the papers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from tests.soak.model import ZERO, Chain, Payment, Statement
from tests.soak.taken import Deductions

Unit = tuple[str, str]  # kind and number: goods, invoice (its rest), opening_item, deduction, …
LATE = 10**6  # after all dated papers


@dataclass(frozen=True)
class Base:
    """A paper that a payment names: from which day, and what the payment grants it."""

    day: int
    kind: str
    no: str
    budget_no: str
    budget: Decimal


@dataclass(frozen=True)
class Claim:
    """What a payment asks of a unit, because of a paper."""

    payment: str
    base: Base
    unit: Unit
    dated: int
    amount: Decimal
    day: int = 0  # from which it can be met
    ends: int = LATE  # the day on which the payment went back

    def place(self) -> tuple[int, str, str]:
        """Lines of a paper by date, then number."""
        return self.dated, self.unit[1], self.unit[0]

    def when(self) -> tuple[str, int]:
        """The money that it shares with the claims of the same day."""
        return self.base.budget_no, self.base.day


class Bills:
    """What each invoice bills on each day: parts of goods, and a rest that no goods explain."""

    def __init__(self) -> None:
        self.parts: dict[tuple[int, str], dict[str, Decimal]] = defaultdict(dict)
        self.rests: dict[tuple[int, str], Decimal] = {}


class Asking:
    """The claims of all payments of a chain."""

    def __init__(self, chain: Chain, bills: Bills, returned: dict[str, int]) -> None:
        self.chain, self.bills = chain, bills
        self.deductions = Deductions(chain)
        self.bases = {
            payment.no: self._bases(payment) for payment in chain.payments if payment.amount > 0
        }
        self.takers = self._takers(returned)

    def _takers(self, returned: dict[str, int]) -> set[tuple[str, str, str]]:
        """Who takes what a paper deducts: the first, and the next once that money went back."""
        named = sorted(
            (base.day, no, base.kind, base.no) for no, bases in self.bases.items() for base in bases
        )
        taken_until: dict[tuple[str, str], int] = {}
        found = set()
        for day, no, kind, paper in named:
            if day >= taken_until.get((kind, paper), 0):
                found.add((no, kind, paper))
                taken_until[kind, paper] = returned.get(no, LATE)
        return found

    # -- which papers --------------------------------------------------------------------------
    def _bases(self, payment: Payment) -> list[Base]:
        chain, found = self.chain, []
        words = dict.fromkeys(payment.memo.replace("、", " ").split())
        openings = {item["document_no"]: item_id for item_id, item in chain.openings.items()}
        for word in words:
            if word in chain.statements:
                known, kind, no = chain.statements[word].versions[0][0], "statement", word
            elif word in chain.invoices:
                known, kind, no = chain.invoices[word].known, "invoice", word
            elif word in openings:
                no, kind = openings[word], "opening_item"
                known = chain.openings[no]["versions"][0][0]
            else:
                found += self._advised(payment, word)
                continue
            found.append(Base(max(payment.known, known), kind, no, "payment", payment.amount))
        return found

    def _advised(self, payment: Payment, advice_no: str) -> Iterable[Base]:
        known, lines = self.chain.advices.get(advice_no, (0, []))
        for number, line in enumerate(lines, start=1):
            day, no = max(payment.known, known), line.name
            if line.kind == "statement":
                day = max(day, self.chain.statements[no].versions[0][0])
            elif line.kind == "invoice":
                day = max(day, self.chain.invoices[no].known)
            else:
                no = f"{advice_no}#{number}"
            yield Base(day, line.kind, no, f"{advice_no}#{number:06}", line.amount)

    # -- what each paper asks ------------------------------------------------------------------
    def _lines(self, payment: str, base: Base) -> list[Claim]:
        asked: dict[Unit, tuple[int, Decimal]] = {}

        def ask(unit: Unit, dated: int | None, amount: Decimal) -> None:
            before = asked.get(unit, (LATE, ZERO))
            asked[unit] = min(before[0], LATE if dated is None else dated), before[1] + amount

        if base.kind == "statement":
            self._ask_statement(self.chain.statements[base.no], base, payment, ask)
        elif base.kind == "invoice":
            for no, amount in self.bills.parts[base.day, base.no].items():
                ask(("goods", no), self.chain.receipts[no].on, amount)
            rest = self.bills.rests.get((base.day, base.no), ZERO)
            ask(("invoice", base.no), self.chain.invoices[base.no].known, rest)
        elif base.kind == "opening_item":
            item = self.chain.openings[base.no]
            ask(("opening_item", base.no), item["on"], item["versions"][0][1])
        elif base.budget > 0 or (payment, base.kind, base.no) in self.takers:
            ask(("deduction", base.no), 0, base.budget)
        return [
            Claim(payment, base, unit, dated, amount)
            for unit, (dated, amount) in asked.items()
            if amount
        ]

    def _ask_statement(self, statement: Statement, base: Base, payment: str, ask) -> None:
        """One payment of a statement takes what it deducts; fees of their own way never."""
        takes = (payment, base.kind, base.no) in self.takers
        lines = statement.lines(base.day)
        known = max(known for known, _ in statement.versions if known <= base.day)
        for number, line in enumerate(lines, start=1):
            if line.amount < 0 and not takes:
                continue
            unit_no = f"{statement.no}#{number}"
            if line.kind in ("receipt", "return"):
                ask(("goods", line.name), self.chain.receipts[line.name].on, line.amount)
            elif line.kind != "deduction":
                ask(("adjustment", unit_no), line.on, line.amount)
            elif self.deductions.said_kind(line, statement, known) != "paid_separately":
                ask(("deduction", unit_no), line.on, line.amount)

    # -- within the money ----------------------------------------------------------------------
    def _within(self, payment: Payment, claims: list[Claim]) -> list[Claim]:
        """What is taken is taken in full; the rest of the money goes from line to line."""
        kept: list[Claim] = []
        for budget_no in {claim.base.budget_no for claim in claims}:
            own = [claim for claim in claims if claim.base.budget_no == budget_no]
            kept += _paid_out(
                own, own[0].base.budget, lambda claim: (claim.base.day, *claim.place())
            )
        return _paid_out(
            kept, payment.amount,
            lambda claim: (claim.base.day, claim.base.budget_no, *claim.place()),
        )  # fmt: skip

    def claims(self) -> list[Claim]:
        """All claims, with the day from which each can be met."""
        found: list[Claim] = []
        parts: list[tuple[int, str, str, list[Claim], Decimal]] = []
        payments = {payment.no: payment for payment in self.chain.payments}
        for no, bases in self.bases.items():
            lines = [claim for base in bases for claim in self._lines(no, base)]
            alone = self._within(payments[no], lines)
            found += [claim for claim in alone if claim.amount < 0]
            for budget_no, day in {(base.budget_no, base.day) for base in bases}:
                own = [claim for claim in lines if claim.when() == (budget_no, day)]
                money = sum(
                    (max(c.amount, ZERO) for c in alone if c.when() == (budget_no, day)), ZERO
                )
                parts.append((day, no, budget_no, [c for c in own if c.amount > 0], money))
        paid: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        for _, _, _, own, money in sorted(parts, key=lambda part: part[:3]):
            for claim in _goes_on(own, money, paid):
                paid[claim.base.kind, claim.base.no] += claim.amount
                found.append(claim)
        return [dated for claim in found if claim.amount for dated in self._dated(claim)]

    def _dated(self, claim: Claim) -> Iterable[Claim]:
        """Goods are waited for; what is taken for a return that is not known is an adjustment."""
        kind, no = claim.unit
        day = claim.base.day
        receipt = self.chain.receipts[no] if kind == "goods" else None
        if receipt and receipt.known > day and claim.amount < 0:
            paper = claim.base.budget_no.split("#")[0] if "#" in claim.base.budget_no else None
            unit = ("adjustment", f"{paper or claim.base.no}#{no}")
            yield replace(claim, unit=unit, day=day)
        else:
            yield replace(claim, day=max(day, receipt.known) if receipt else day)


def _paid_out(claims: list[Claim], money: Decimal, place) -> list[Claim]:
    """Claims within an amount: negative ones add to it from their day on."""
    found, spent = [], ZERO
    for claim in sorted(claims, key=place):
        if claim.amount < 0:
            found.append(claim)
            continue
        taken = sum(
            (c.amount for c in claims if c.amount < 0 and c.base.day <= claim.base.day), ZERO
        )
        part = max(min(claim.amount, money - taken - spent), ZERO)
        spent += part
        found.append(replace(claim, amount=part))
    return found


def _goes_on(
    claims: list[Claim], money: Decimal, paid: dict[tuple[str, str], Decimal]
) -> list[Claim]:
    """What nobody paid yet, then what was: it may be open again, and is paid in its order."""
    parts: list[tuple[int, Claim]] = []
    for base in {claim.base for claim in claims}:
        own = sorted((claim for claim in claims if claim.base == base), key=Claim.place)
        whole = sum((claim.amount for claim in own), ZERO)
        before, begins = paid[base.kind, base.no], ZERO
        for claim in own:
            fresh = min(claim.amount, max(begins + claim.amount - before % whole, ZERO))
            parts.append((1 if before >= whole else 0, replace(claim, amount=fresh)))
            parts.append((2, replace(claim, amount=claim.amount - fresh)))
            begins += claim.amount
    found: dict[tuple[Base, Unit], Claim] = {}
    for _, claim in sorted(
        parts, key=lambda part: (part[0], part[1].place(), part[1].base.kind, part[1].base.no)
    ):
        part = max(min(claim.amount, money), ZERO)
        money -= claim.amount
        key = claim.base, claim.unit
        before_it = found[key].amount if key in found else ZERO
        found[key] = replace(claim, amount=before_it + part)
    return list(found.values())
