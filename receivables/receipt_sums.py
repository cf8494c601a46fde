"""Which goods receipts an invoice bills that nobody names: those that sum to it, if only those do.

Returns may be netted: where no receipts sum to the invoice, receipts less returns are asked for,
but only sets of so few that hardly any would sum to it by luck.

The question is asked from the day on which papers on their way have been waited for, and again
whenever a receipt comes or goes, so the answers of a day follow from what is known by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from receivables.cash.chance import Luck, credible_size
from receivables.money_search import Answer, search
from receivables.money_search import Verdict as Proof

NEVER = date.max
DECIDED = "somebody decided so"


class Verdict(StrEnum):
    """What is known about the receipts of an invoice."""

    ONE = "one"  # these receipts and no others: they are the invoice's
    CONTESTED = "contested"  # these and no others, but another invoice sums to some of them too
    SEVERAL = "several"
    NONE = "none"
    UNDECIDED = "undecided"
    WITHDRAWN = "withdrawn"  # what was said before holds no longer, or need not be asked any more


@dataclass(frozen=True)
class Invoice:
    """An invoice (CNY); `closed_on` is the day from which another paper speaks for it."""

    no: str
    amount: Decimal
    asked_from: date
    asked_until: date
    closed_on: date = NEVER
    closed_by: str = ""


@dataclass(frozen=True)
class Receipt:
    """A goods receipt and its amounts (CNY) by the day each became known, oldest first.

    It may be the invoice's from `from_on`; `taken_on` is the day from which another paper says what
    bills it. `decided` has the days on which a person said that it is the invoice's, or is not.
    """

    no: str
    received_on: date
    amounts: tuple[tuple[date, Decimal], ...]
    from_on: date = date.min
    taken_on: date = NEVER
    decided: tuple[tuple[date, bool], ...] = ()

    def amount(self, day: date) -> Decimal:
        """What the receipt is worth on a day; nothing before it is known or once it is taken."""
        if not self.from_on <= day < self.taken_on or self.is_meant(day) is False:
            return Decimal(0)
        known = [amount for known_on, amount in self.amounts if known_on <= day]
        return known[-1] if known else Decimal(0)

    def is_meant(self, day: date) -> bool | None:
        """What a person said by a day; None: nothing."""
        said = [is_meant for decided_on, is_meant in self.decided if decided_on <= day]
        return said[-1] if said else None

    @property
    def days(self) -> Iterator[date]:
        """The days on which the receipt comes, changes or goes."""
        yield from (known_on for known_on, _ in self.amounts)
        yield from (self.from_on, self.taken_on)


Subset = tuple[tuple[str, Decimal], ...]  # receipts by number, with the amount of each


@dataclass(frozen=True)
class Finding:
    """An answer; `looked_at` counts the receipts that could be meant, `why` says the rest."""

    verdict: Verdict
    subsets: tuple[Subset, ...] = ()
    looked_at: int = field(default=0, compare=False)
    why: str = ""

    @property
    def receipts(self) -> frozenset[str]:
        """The receipts of an answer that is the only one."""
        is_only = self.verdict in (Verdict.ONE, Verdict.CONTESTED)
        return frozenset(no for no, _ in self.subsets[0]) if is_only else frozenset()


@dataclass
class Questions:
    """Invoices of one chain, and the receipts that each may bill, day after day.

    Args:
        invoices: The invoices by number.
        candidates: The receipts that may be an invoice's, by its number.
        standing: What was found before the first day, by invoice.
        most: More receipts than these are not searched.
        most_a_day: So many invoices are looked into on the day on which they are asked first.
        is_applied: Whether the only answer is taken, or proposed.
        chance: With returns, sets are asked for of which fewer than this would sum to it by luck.
    """

    invoices: Mapping[str, Invoice]
    candidates: Mapping[str, Sequence[Receipt]]
    standing: dict[str, Finding] = field(default_factory=dict)
    most: int = 60
    most_a_day: int = 500
    is_applied: bool = True
    chance: float = 0.001

    def __post_init__(self) -> None:
        self._of_receipt: dict[str, set[str]] = {}
        self._events: dict[date, set[str]] = {}
        self._decided: dict[date, set[str]] = {}  # invoices that a decision speaks of
        self._meant: dict[str, list[tuple[str, Receipt]]] = {}  # receipts decided on, for whom
        for no, receipts in self.candidates.items():
            for receipt in receipts:
                self._of_receipt.setdefault(receipt.no, set()).add(no)
                for day in receipt.days:
                    self._events.setdefault(day, set()).add(no)
                for day, _ in receipt.decided:
                    self._decided.setdefault(day, set()).add(no)
                if receipt.decided:
                    self._meant.setdefault(receipt.no, []).append((no, receipt))
        for day, invoices in self._decided.items():
            for no in invoices:
                decided = [receipt.no for receipt in self.candidates[no] if receipt.decided]
                self._events.setdefault(day, set()).update(self._rivals("", decided))
        for invoice in self.invoices.values():
            for day in (invoice.asked_from, invoice.closed_on):
                self._events.setdefault(day, set()).add(invoice.no)

    def answers(self, days: Iterable[date]) -> Iterator[tuple[date, str, Finding]]:
        """What changed on each of the days, which rise: day, invoice, and what holds from then."""
        for day in days:
            before = dict(self.standing)
            self._close(day)
            for no in sorted(self.standing):
                if self.standing[no] != before.get(no):
                    yield day, no, self.standing[no]

    def _close(self, day: date) -> None:
        late = self._too_many(day)
        asked = self._events.get(day, set()) | self._withdraw(day)
        while asked := {no for no in asked if self._is_open(no, day)}:
            for no in sorted(asked):
                self.standing[no] = late.get(no) or self._ask(self.invoices[no], day)
            asked = self._settle(asked, day)

    def _is_open(self, no: str, day: date) -> bool:
        invoice, found = self.invoices.get(no), self.standing.get(no)
        if invoice is None or not invoice.asked_from <= day < invoice.closed_on:
            return False
        if found is not None and found.verdict == Verdict.ONE:
            return False
        return day <= invoice.asked_until or no in self._decided.get(day, ())

    def _is_anothers(self, receipt_no: str, no: str, day: date) -> bool:
        """Whether a person said that a receipt is another invoice's."""
        return any(
            receipt.is_meant(day) and other != no and day < self.invoices[other].closed_on
            for other, receipt in self._meant.get(receipt_no, ())
        )

    def _withdraw(self, day: date) -> set[str]:
        """Take back what does not hold any more; the invoices to be asked anew."""
        anew: set[str] = set()
        for no, found in list(self.standing.items()):
            if no in self.invoices and found.verdict != Verdict.WITHDRAWN:
                invoice = self.invoices[no]
                is_closed = day >= invoice.closed_on
                why = invoice.closed_by if is_closed else self._broken(no, found, day)
                if not why and no in self._decided.get(day, ()):
                    why = "somebody decided on its receipts"
                if why:
                    self.standing[no] = Finding(Verdict.WITHDRAWN, why=why)
                    anew |= {no, *self._rivals(no, found.receipts)}
        return anew

    def _broken(self, no: str, found: Finding, day: date) -> str:
        """Why an applied sum holds no longer; nothing if it does."""
        own = {receipt.no: receipt for receipt in self.candidates.get(no, ())}
        for receipt_no, amount in found.subsets[0] if found.verdict == Verdict.ONE else ():
            receipt = own.get(receipt_no)
            if self._is_anothers(receipt_no, no, day):
                return f"somebody decided that receipt {receipt_no} is another invoice's"
            if receipt is not None and receipt.is_meant(day) is False:
                return f"somebody decided that receipt {receipt_no} is not meant"
            if receipt is not None and day >= receipt.taken_on:
                return f"another paper says what bills receipt {receipt_no}"
            if receipt is not None and receipt.amount(day) != amount:
                return f"receipt {receipt_no} has another amount"
        return ""

    def _rivals(self, no: str, receipts: Iterable[str]) -> set[str]:
        """Other invoices to which one of the receipts may belong."""
        return {rival for receipt in receipts for rival in self._of_receipt.get(receipt, ())} - {no}

    def _too_many(self, day: date) -> dict[str, Finding]:
        """Invoices first asked on a day on which there are more than can be looked into."""
        asked = self._events.get(day, set()) & self.invoices.keys()
        first = sorted(no for no in asked if self.invoices[no].asked_from == day)
        due = [no for no in first if self._is_open(no, day)]
        why = f"more than {self.most_a_day} invoices that nobody names came on one day"
        return {no: Finding(Verdict.UNDECIDED, why=why) for no in due[self.most_a_day :]}

    def _ask(self, invoice: Invoice, day: date) -> Finding:
        """What the receipts say that are nobody's; the only answer is contested until settled."""
        candidates = self.candidates.get(invoice.no, ())
        taken = {
            receipt
            for rival in self._rivals(invoice.no, (receipt.no for receipt in candidates))
            if rival in self.standing and self.standing[rival].verdict == Verdict.ONE
            for receipt in self.standing[rival].receipts
        }
        free = [
            (receipt.no, amount, receipt.received_on)
            for receipt in candidates
            if receipt.no not in taken
            and not self._is_anothers(receipt.no, invoice.no, day)
            and (amount := receipt.amount(day))
        ]
        meant = {receipt.no for receipt in candidates if receipt.is_meant(day)}
        asked = [receipt for receipt in free if receipt[1] > 0 or receipt[0] in meant]
        found = with_decided(invoice.amount, asked, meant, self.most)
        if found.verdict == Verdict.NONE and any(receipt[1] < 0 for receipt in free):
            found = less_returns(invoice.amount, free, self.most, self.chance)
        return replace(found, verdict=Verdict.CONTESTED) if found.receipts else found

    def _settle(self, asked: set[str], day: date) -> set[str]:
        """Take the only answers that share no receipt with another's; who is to be asked anew."""
        near = {
            rival
            for no in asked
            for rival in self._rivals("", (receipt.no for receipt in self.candidates.get(no, ())))
        }
        sole = {
            no: found
            for no in asked | near
            if (found := self.standing.get(no)) and found.verdict == Verdict.CONTESTED
        }
        again: set[str] = set()
        for no in sorted(sole):
            found = sole[no]
            is_decided = found.why.startswith(DECIDED)
            rivals = [
                rival
                for rival in sorted(self._rivals(no, found.receipts))
                if (other := self.standing.get(rival) if rival not in sole else sole[rival])
                and other.verdict == Verdict.CONTESTED
                and other.receipts & found.receipts
            ]
            if rivals:
                why = f"they also sum to invoice {rivals[0]}"
                self.standing[no] = replace(found, why=f"{DECIDED}; {why}" if is_decided else why)
            elif not self.is_applied and not is_decided:
                self.standing[no] = replace(found, why="the policy only proposes such a match")
            elif self._is_open(no, day):
                why = DECIDED if is_decided else ""
                self.standing[no] = replace(found, verdict=Verdict.ONE, why=why)
                again |= self._rivals(no, found.receipts)
        return again


def with_decided(
    amount: Decimal, receipts: Sequence[tuple[str, Decimal, date]], meant: Set[str], most: int
) -> Finding:
    """As `sums_to`, where a person said of some receipts that they are meant.

    They are, whether or not the others sum to what they leave of the invoice.
    """
    decided = [receipt for receipt in receipts if receipt[0] in meant]
    rest = amount - _sum(decided)
    if not decided:
        return sums_to(amount, receipts, most)
    if rest < 0:
        why = "the receipts that somebody decided on are worth more than the invoice"
        return Finding(Verdict.UNDECIDED, looked_at=len(receipts), why=why)
    others = [receipt for receipt in receipts if receipt[0] not in meant]
    found = sums_to(rest, others, most)
    more = found.subsets[0] if found.verdict == Verdict.ONE else ()
    subset = tuple(sorted([*_subset(decided), *more]))
    return Finding(Verdict.ONE, (subset,), len(receipts), DECIDED)


def sums_to(
    amount: Decimal,
    receipts: Sequence[tuple[str, Decimal, date]],
    most: int,
    search: Callable[[Sequence[Decimal], Decimal], Answer] = search,
) -> Finding:
    """Which of the receipts (number, amount above zero, day) sum to an amount.

    Two exact answers need no search: all that fit into the amount are less than it, or just it.
    """
    looked_at = len(receipts)
    fitting = sorted(receipt for receipt in receipts if receipt[1] <= amount)
    total = sum((receipt[1] for receipt in fitting), Decimal(0))
    if total < amount or not amount:
        return Finding(Verdict.NONE, looked_at=looked_at)
    if total == amount:
        return Finding(Verdict.ONE, (_subset(fitting),), looked_at)
    natural = [_subset(group) for group in _groups(fitting) if _sum(group) == amount]
    if len(fitting) > most:
        return Finding(
            Verdict.SEVERAL if len(natural) > 1 else Verdict.UNDECIDED,
            tuple(natural), looked_at, f"more than {most} receipts may be meant",
        )  # fmt: skip
    answer = search([receipt[1] for receipt in fitting], amount)
    found = [_subset([fitting[place] for place in places]) for places in answer.subsets]
    verdicts = {
        Proof.ONE: Verdict.ONE, Proof.SEVERAL: Verdict.SEVERAL, Proof.NONE: Verdict.NONE,
        Proof.UNDECIDED: Verdict.UNDECIDED,
    }  # fmt: skip
    subsets = tuple(dict.fromkeys([*natural, *found]))
    why = "the search came to no end" if answer.verdict == Proof.UNDECIDED else ""
    return Finding(verdicts[answer.verdict], subsets, looked_at, why)


def less_returns(
    amount: Decimal, receipts: Sequence[tuple[str, Decimal, date]], most: int, chance: float
) -> Finding:
    """Which receipts less which returns (number, amount, day) make up an amount.

    With returns many more sets sum to anything. Sets of so many papers are asked for that fewer
    than `chance` of them would make up the amount by luck.
    """
    nothing = Finding(Verdict.NONE, looked_at=len(receipts))
    ordered = sorted(receipts)
    if len(ordered) > most:
        return nothing
    cents = [int(receipt[1] * 100) for receipt in ordered]
    size = credible_size(cents, int(amount * 100), Luck(chance))
    if size < 2:  # a receipt and a return
        return nothing
    answer = search([receipt[1] for receipt in ordered], amount, at_most=size)
    verdict = {Proof.ONE: Verdict.ONE, Proof.SEVERAL: Verdict.SEVERAL}.get(answer.verdict)
    if verdict is None:
        return nothing
    subsets = tuple(_subset([ordered[place] for place in places]) for places in answer.subsets)
    return Finding(verdict, subsets, len(receipts))


def _groups(
    receipts: Sequence[tuple[str, Decimal, date]],
) -> Iterator[Sequence[tuple[str, Decimal, date]]]:
    """What people bill together: a receipt alone, all of a day, all of a month."""
    yield from ([receipt] for receipt in receipts)
    for key in ("%Y-%m-%d", "%Y-%m"):
        groups: dict[str, list[tuple[str, Decimal, date]]] = {}
        for receipt in receipts:
            groups.setdefault(receipt[2].strftime(key), []).append(receipt)
        yield from (group for group in groups.values() if len(group) > 1)


def _sum(receipts: Sequence[tuple[str, Decimal, date]]) -> Decimal:
    return sum((amount for _, amount, _ in receipts), Decimal(0))


def _subset(receipts: Iterable[tuple[str, Decimal, date]]) -> Subset:
    return tuple(sorted((no, amount) for no, amount, _ in receipts))
