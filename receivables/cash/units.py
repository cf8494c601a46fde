"""What is open of the units that payments clear, kept day by day as matched.clearings does.

On a day papers come first, then payments that name their papers, then all others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from receivables.cash.items import UNLIMITED, Part, Unit

Payment = tuple[str, str]  # transaction_no, account_no: the order in which payments are met


class Claim(NamedTuple):
    """What a payment claims of a unit (cents, signed)."""

    payment: Payment
    cents: int


@dataclass
class _State:
    balance: int = 0
    cleared: int = 0  # never negative, at most the size of the balance
    claims: list[Claim] = field(default_factory=list)
    is_released: bool = False  # some claim was given up: what is left is met anew

    def meet(self, claim: Claim) -> None:
        self.claims.append(claim)
        if self.is_released:
            self._meet_anew()
        else:
            self.cleared = min(self.cleared + self._wanted(claim), abs(self.balance))

    def set_balance(self, cents: int) -> None:
        if (cents > 0) != (self.balance > 0):
            self.cleared = 0  # goods that turn out to be a return, or the other way round
        self.balance = cents
        if self.is_released:
            self._meet_anew()
        else:
            self.cleared = min(self.cleared, abs(cents))

    def release(self, payment: Payment) -> None:
        kept = [claim for claim in self.claims if claim.payment != payment]
        if len(kept) < len(self.claims):
            self.claims, self.is_released = kept, True
            self._meet_anew()

    def _meet_anew(self) -> None:
        wanted = sum(self._wanted(claim) for claim in self.claims)
        self.cleared = min(wanted, abs(self.balance))

    def _wanted(self, claim: Claim) -> int:
        return abs(claim.cents) if (claim.cents > 0) == (self.balance > 0) else 0


class Units:
    """The units of one chain; a unit is unknown until it has a balance."""

    def __init__(self) -> None:
        self._states: dict[Unit, _State] = {}
        self._known: set[Unit] = set()
        self._pending: dict[Unit, list[Claim]] = {}
        self._units_of: dict[Payment, set[Unit]] = {}

    def set_balance(self, unit: Unit, cents: int) -> None:
        """A paper says what the unit is worth from now on."""
        self._state(unit).set_balance(cents)
        self._known.add(unit)

    def arrive(self) -> None:
        """Meet the claims that waited for a unit which is known by now."""
        for unit in [unit for unit in self._pending if unit in self._known]:
            for claim in sorted(self._pending.pop(unit)):
                self._state(unit).meet(claim)

    def claim(self, payment: Payment, parts: Iterable[Part]) -> None:
        """A payment claims units; what is not known yet is waited for."""
        for unit, cents in parts:
            self._units_of.setdefault(payment, set()).add(unit)
            if unit.kind in UNLIMITED or unit in self._known:
                self._state(unit).meet(Claim(payment, cents))
            else:
                self._pending.setdefault(unit, []).append(Claim(payment, cents))

    def release(self, payment: Payment) -> None:
        """A payment gives up all that it claimed."""
        for unit in self._units_of.pop(payment, ()):
            waiting = self._pending.get(unit, [])
            self._pending[unit] = [claim for claim in waiting if claim.payment != payment]
            self._state(unit).release(payment)

    def is_known(self, unit: Unit) -> bool:
        """Whether a paper told what the unit is worth."""
        return unit in self._known

    def is_claimed(self, unit: Unit) -> bool:
        """Whether a payment has taken any of it."""
        state = self._states.get(unit)
        if state is None:
            return False
        return bool(state.claims) if unit.kind in UNLIMITED else state.cleared > 0

    def balance(self, unit: Unit) -> int:
        """What it is worth, in cents."""
        return self._state(unit).balance

    def cleared(self, unit: Unit) -> int:
        """How much of its size payments have cleared, in cents."""
        return self._state(unit).cleared

    def open(self, unit: Unit) -> int:
        """What is left to clear, signed, in cents."""
        state = self._state(unit)
        return state.balance - (state.cleared if state.balance > 0 else -state.cleared)

    def known(self) -> Iterable[Unit]:
        """The units with a balance."""
        return self._known

    def _state(self, unit: Unit) -> _State:
        return self._states.setdefault(unit, _State())


@dataclass(frozen=True)
class Balance:
    """A unit's worth from a day on, with the date and store of its paper."""

    known_on: date
    unit: Unit
    cents: int
    document_on: date
    store_id: str
    document_no: str
