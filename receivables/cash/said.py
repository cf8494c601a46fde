"""What is asked about a payment, what people decide on it, and what is said of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from receivables.cash.answers import Answer, Verdict
from receivables.cash.items import Item, Part, Unit
from receivables.cash.units import Payment

_WORD = re.compile(r"[0-9A-Z][0-9A-Z_/\-]*[0-9A-Z]", re.IGNORECASE)
_DIGITS, _SIGNS = 4, 6  # a word with so many may be the number of a paper
REVERSED = re.compile("冲正|冲回|退汇|退票|撤销|reversal|returned", re.IGNORECASE)


@dataclass(frozen=True)
class Decision:
    """What a person decided on a payment."""

    known_on: date
    decided_on: date
    kind: str  # match, unmatch, assign, oldest_first; anything else is not understood
    said: str
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Receipt:
    """A bank receipt that names no paper, or that a person decided on."""

    payment: Payment
    known_on: date
    received_on: date
    cents: int
    payer_id: str | None
    payer_name: str
    memo: str
    named_on: date | None = None  # first day on which a reference places it
    decisions: tuple[Decision, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Words of the memo that may be numbers of papers."""
        return tuple(
            word
            for word in _WORD.findall(self.memo)
            if len(word) >= _SIGNS and sum(sign.isdigit() for sign in word) >= _DIGITS
        )

    @property
    def named_words(self) -> frozenset[str]:
        """All words of the memo, in capitals."""
        return frozenset(_WORD.findall(self.memo.upper()))


@dataclass(frozen=True)
class Row:
    """What is said of a payment from a day on; `claims` replace earlier ones if `replaces`."""

    known_on: date
    payment: Payment
    verdict: str
    rule: str = ""
    evidence: str = ""
    candidates: str = ""
    question: str = ""
    debtor_id: str | None = None
    claims: tuple[Part, ...] = ()
    replaces: bool = False
    is_decision: bool = False

    def says_the_same(self, other: Row | None) -> bool:
        """Whether nothing but the day differs."""
        return other is not None and self == Row(self.known_on, *_content(other))


def _content(row: Row) -> tuple:
    return (
        row.payment, row.verdict, row.rule, row.evidence, row.candidates, row.question,
        row.debtor_id, row.claims, row.replaces, row.is_decision,
    )  # fmt: skip


@dataclass(frozen=True)
class NamedClaim:
    """What a payment claims by a reference, from a day on."""

    known_on: date
    payment: Payment
    budget_no: str
    part: Part


WHAT_FOR = "Which statement, advice or invoices does this payment settle?"
WHAT_ELSE = "It was taken off what it had paid: which statement or invoices does it settle?"


def question_of(found: Answer) -> str:
    """What to ask about a payment after an answer."""
    match found.verdict:
        case Verdict.APPLIED:
            return ""
        case Verdict.SEVERAL:
            return "Which of these is it for?"
        case Verdict.LUCKY | Verdict.PROPOSED:
            return "Is it for these items?"
        case _:
            return WHAT_FOR


def decision_of(receipt: Receipt, day: date) -> Decision | None:
    """The decision that became known on a day; of several, the one decided last."""
    found = [each for each in receipt.decisions if each.known_on == day]
    return max(found, key=lambda each: (each.decided_on, each.said), default=None)


def claimable(items: Iterable[Item], cents: int) -> tuple[Part, ...]:
    """The parts of items that a payment can claim, in their order."""
    return within([part for item in items for part in item.parts], cents)


def within(parts: Sequence[Part], cents: int) -> tuple[Part, ...]:
    """What a payment can claim of some parts: credits in full, then what the money covers."""
    credits = [part for part in parts if part.cents < 0]
    left = cents - sum(part.cents for part in credits)
    claimed: dict[Unit, int] = defaultdict(int)
    for part in credits:
        claimed[part.unit] += part.cents
    if left < 0 or not any(part.cents > 0 for part in parts):
        return ()
    for part in parts:
        if part.cents > 0 and left > 0:
            claimed[part.unit] += min(part.cents, left)
            left -= min(part.cents, left)
    found = tuple(Part(unit, amount) for unit, amount in sorted(claimed.items()) if amount)
    return found if sum(part.cents for part in found) >= 0 else ()


def changed(row: Row, **changes: object) -> Row:
    """The row with other values."""
    return Row(**{**row.__dict__, **changes})  # type: ignore[arg-type]


def to_cents(amount: Decimal) -> int:
    """An amount in CNY as whole cents."""
    return int(amount * 100)
