"""Money that goes back: which payment it takes back, in full or in part, and what is asked else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from receivables.cash.items import Part, Unit, yuan
from receivables.cash.said import REVERSED, Receipt, Row, within

_SHOWN = 4  # candidates told of


@dataclass(frozen=True)
class Paid:
    """An earlier payment with what it claims by now (cents, signed)."""

    receipt: Receipt
    claims: tuple[Part, ...] = ()

    @property
    def no(self) -> str:
        """Its transaction number."""
        return self.receipt.payment[0]

    @property
    def unit(self) -> Unit:
        """What it and the money that takes it back stand against each other on."""
        return Unit("adjustment", f"returned:{self.no}")

    @property
    def gone_back(self) -> int:
        """What of it went back already."""
        return sum(part.cents for part in self.claims if part.unit == self.unit)

    @property
    def kept(self) -> int:
        """What of it has not gone back."""
        return self.receipt.cents - self.gone_back

    @property
    def free(self) -> int:
        """What of it has no place."""
        return self.receipt.cents - sum(part.cents for part in self.claims)

    def __str__(self) -> str:
        return f"{self.no} ({self.receipt.received_on}, {yuan(self.receipt.cents):,.2f})"


def taken_back_by(refund: Receipt, earlier: Sequence[Paid]) -> Paid | None:
    """The payment that a refund takes back, where nobody has to be asked.

    It is the one that the memo names, as far as all of it goes back or what goes back has no place;
    or, where the memo says that money was returned, the newest of this payer and amount.
    """
    cents = -refund.cents
    named = _named(refund, earlier)
    if named:
        is_clear = len(named) == 1 and (named[0].kept == cents or named[0].free >= cents)
        return named[0] if is_clear else None
    whole = [
        paid
        for paid in _of_amount(refund, earlier)
        if paid.receipt.payment[1] == refund.payment[1] and not paid.gone_back
    ]
    if not REVERSED.search(refund.memo) or not whole:
        return None
    return max(whole, key=lambda paid: (paid.receipt.received_on, paid.receipt.payment))


def asks(refund: Receipt, earlier: Sequence[Paid], day: date) -> Row:
    """What to ask about money that went back."""
    named = _named(refund, earlier)
    evidence, found = "money that went back", named or _of_amount(refund, earlier)
    question = "Which payment went back? Decide match to with its transaction number."
    if len(named) == 1:
        evidence = f"it takes back {yuan(-refund.cents):,.2f} of {named[0].no}, which has its place"
        question = (
            f"What of {named[0].no} is open again? Decide match to with its number: what it paid "
            "last is open again first."
        )
    shown = " | ".join(str(paid) for paid in sorted(found, key=_newest_first)[:_SHOWN])
    return Row(
        day, refund.payment, "refund", evidence=evidence, candidates=shown, question=question
    )


def rows_of_both(
    refund: Receipt, paid: Paid, day: date, order: Callable[[Part], tuple[date, Unit]]
) -> tuple[Row, Row]:
    """What is said of a refund and of the payment it takes back: they stand against each other.

    Args:
        refund: The money that went back, at most what is left of the payment.
        paid: The payment. What it claims beyond the rest of its money is open again.
        day: The day of both rows.
        order: In this order the payment keeps what it claims.
    """
    cents = -refund.cents
    rest = paid.kept - cents
    claims = sorted((part for part in paid.claims if part.unit != paid.unit), key=order)
    claims = list(within(claims, rest)) if rest else []
    left = rest - sum(part.cents for part in claims)
    amount = "it" if cents == paid.receipt.cents else f"{yuan(cents):,.2f} of it"
    taken = paid.no if cents == paid.receipt.cents else f"{yuan(cents):,.2f} of {paid.no}"
    return (
        Row(
            day, refund.payment, "reversed", "reversal", f"it takes back {taken}",
            claims=(Part(paid.unit, -cents),), replaces=True, is_decision=True,
        ),
        Row(
            day, paid.receipt.payment, "applied" if rest else "reversed", "reversal",
            f"{refund.payment[0]} takes {amount} back",
            question=f"{yuan(left):,.2f} is left: what is it for?" if left else "",
            claims=(*claims, Part(paid.unit, paid.gone_back + cents)),
            replaces=True, is_decision=True,
        ),
    )  # fmt: skip


def _able(refund: Receipt, earlier: Sequence[Paid]) -> list[Paid]:
    """Payments of the same payer of which so much can have gone back."""
    return [
        paid
        for paid in earlier
        if paid.receipt.payer_name == refund.payer_name
        and paid.receipt.received_on <= refund.received_on
        and paid.kept >= -refund.cents
    ]


def _named(refund: Receipt, earlier: Sequence[Paid]) -> list[Paid]:
    return [paid for paid in _able(refund, earlier) if paid.no.upper() in refund.named_words]


def _of_amount(refund: Receipt, earlier: Sequence[Paid]) -> list[Paid]:
    return [paid for paid in _able(refund, earlier) if paid.receipt.cents == -refund.cents]


def _newest_first(paid: Paid) -> tuple[int, str]:
    return -paid.receipt.received_on.toordinal(), paid.no
