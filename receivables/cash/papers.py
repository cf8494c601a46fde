"""The papers of one chain as they are known on a day, and what of them a payer can pay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import md5

from receivables.cash.items import UNLIMITED, Item, Part, Unit
from receivables.cash.units import Balance, Units


@dataclass(frozen=True)
class InvoicedPart:
    """What an invoice explains of a goods receipt from a day on (cents; 0: no longer)."""

    known_on: date
    receipt_no: str
    invoice_no: str
    cents: int
    issued_on: date


@dataclass(frozen=True)
class StatementLine:
    """A line of a statement: the unit it is about and what it adds to the payable (cents)."""

    unit: Unit
    cents: int
    document_on: date
    store_id: str | None


@dataclass(frozen=True)
class Statement:
    """A version of a statement; fees that are paid separately are not among its lines."""

    known_on: date
    no: str
    party_id: str | None
    period_end: date
    lines: tuple[StatementLine, ...]

    @property
    def net(self) -> int:
        """What it asks to be paid, in cents."""
        return sum(line.cents for line in self.lines)


@dataclass(frozen=True)
class Net:
    """What some statement of the chain asks for (cents), and from when on a payment names it."""

    known_on: date
    statement_no: str
    cents: int
    named_on: date | None = None


@dataclass(frozen=True)
class Stretch:
    """Who owes for a store's deliveries of some dates, as known from a day on."""

    known_on: date
    store_id: str
    valid_from: date
    valid_to: date
    debtor_id: str
    is_oldest_first: bool


class Terms:
    """Who owes, by store, date and day of knowledge."""

    def __init__(self, stretches: Iterable[Stretch], head_of: Mapping[str, str]) -> None:
        self._by_store: dict[str, list[Stretch]] = {}
        for stretch in stretches:
            self._by_store.setdefault(stretch.store_id, []).append(stretch)
        self._head_of = head_of

    def stretch(self, store_id: str, on: date, day: date) -> Stretch | None:
        """The stretch that holds for a date, of those known last."""
        known = [each for each in self._by_store.get(store_id, ()) if each.known_on <= day]
        last = max((each.known_on for each in known), default=None)
        for each in known:
            if each.known_on == last and each.valid_from <= on <= each.valid_to:
                return each
        return None

    def debtor(self, store_id: str, on: date, day: date) -> str:
        """Who owes for a store; without terms the store itself."""
        found = self.stretch(store_id, on, day)
        return found.debtor_id if found else store_id

    def is_known(self, store_id: str) -> bool:
        """Whether it is a customer of the chain."""
        return store_id in self._by_store

    def stores_of(self, payers: Iterable[str]) -> set[str]:
        """All stores that a payer may ever pay for: its own, those it owes for, its branches."""
        payers = set(payers)
        owed_by = {
            each.debtor_id for payer in payers for each in self._by_store.get(payer, ())
        } | payers
        owing = {
            store
            for store, stretches in self._by_store.items()
            if any(each.debtor_id in owed_by for each in stretches)
        }
        branches = {store for store, head in self._head_of.items() if head in payers}
        return owed_by | owing | branches

    def is_paid_by(self, payer: str, paid_on: date, day: date, store: str, on: date) -> bool:
        """Whether a payer is the one to pay for a store's paper of a date."""
        debtor = self.debtor(store, on, day)
        return (
            debtor in (payer, self.debtor(payer, paid_on, day)) or self._head_of.get(store) == payer
        )


@dataclass
class Papers:
    """Papers known so far; filled day by day."""

    chain_id: str
    terms: Terms
    units: Units = field(default_factory=Units)
    balances: dict[Unit, Balance] = field(default_factory=dict)
    parts: dict[str, dict[str, InvoicedPart]] = field(default_factory=dict)
    statements: dict[str, Statement] = field(default_factory=dict)
    nets: Sequence[Net] = ()

    def learn(self, paper: Balance | InvoicedPart | Statement) -> None:
        """Take in what became known."""
        if isinstance(paper, Balance):
            self.balances[paper.unit] = paper
            self.units.set_balance(paper.unit, paper.cents)
        elif isinstance(paper, InvoicedPart):
            of_receipt = self.parts.setdefault(paper.receipt_no, {})
            before = of_receipt.get(paper.invoice_no)
            first_on = before.known_on if before else paper.known_on
            of_receipt[paper.invoice_no] = InvoicedPart(
                first_on, paper.receipt_no, paper.invoice_no, paper.cents, paper.issued_on
            )
        else:
            self.statements[paper.no] = paper

    # -- what can be paid ------------------------------------------------------------------------
    def items(self, payer: str, paid_on: date, day: date) -> list[Item]:
        """Open items that a payer may pay, with papers dated up to the payment."""
        own = [
            balance
            for unit, balance in self.balances.items()
            if self.units.open(unit)
            and self.terms.is_paid_by(payer, paid_on, day, balance.store_id, balance.document_on)
        ]
        found = _merged(piece for balance in own for piece in self._pieces(balance))
        for statement in self._open_statements(payer, paid_on, day):
            found += self._credits(statement)
        found = [item for item in found if item.document_on <= paid_on and item.cents]
        return sorted(found, key=lambda item: (item.document_on, item.kind, item.no))

    def statement_items(self, payer: str, paid_on: date, day: date) -> list[Item]:
        """The payer's statements that are not paid yet, or the rest of those paid in part."""
        found = [self.to_pay(each) for each in self._open_statements(payer, paid_on, day)]
        return sorted((item for item in found if item.cents > 0), key=lambda item: item.no)

    def statements_of(self, cents: int, payer: str, paid_on: date, day: date) -> list[Item]:
        """Statements of the chain that nothing was paid of, with exactly this net.

        Args:
            cents: The net looked for.
            payer: Whose own statements are left out when they have open lines.
            paid_on: Day of the payment.
            day: Day of knowledge.
        """
        own = {each.no for each in self._open_statements(payer, paid_on, day)}
        return [
            self.to_pay(statement)
            for no, statement in sorted(self.statements.items())
            if no not in own
            and statement.net == cents
            and self.is_untouched(statement)
            and self.has_open_lines(statement)
        ]

    def nets_around(self, day: date) -> list[int]:
        """Nets of all statements of the chain that no payment names by a day, paid or not."""
        last = {net.statement_no: net for net in self.nets if net.known_on <= day}
        return [net.cents for net in last.values() if not (net.named_on and net.named_on <= day)]

    def is_own(self, statement: Statement, payer: str, paid_on: date, day: date) -> bool:
        """Whether a statement is the payer's to pay."""
        party = statement.party_id or _most_named(statement)
        return party is not None and self.terms.is_paid_by(
            payer, paid_on, day, party, statement.period_end
        )

    def to_pay(self, statement: Statement) -> Item:
        """A statement as an item: in full while untouched, else what is open of its lines."""
        if self.is_untouched(statement):
            parts = [self._claimed(statement, line) for line in statement.lines if line.cents]
            cents = statement.net
        else:
            parts = [
                Part(line.unit, cents)
                for line in statement.lines
                if (cents := self._open_of_line(line))
            ]
            cents = sum(part.cents for part in parts)
        store = statement.party_id or _most_named(statement) or "?"
        return Item("statement", statement.no, cents, statement.period_end, store, tuple(parts))

    def is_untouched(self, statement: Statement) -> bool:
        """Whether no payment has taken anything of it."""
        return not any(self.units.is_claimed(line.unit) for line in statement.lines)

    def has_open_lines(self, statement: Statement) -> bool:
        """Whether any of its goods is known and open; others are not there to be paid yet."""
        return any(
            self.units.is_known(line.unit) and self.units.open(line.unit)
            for line in statement.lines
        )

    def named(self, target: str) -> list[Item]:
        """What a person may mean by a number: a statement, invoice, receipt or open item."""
        if target in self.statements:
            return [self.to_pay(self.statements[target])]
        found = _merged(
            piece
            for balance in self.balances.values()
            for piece in self._pieces(balance)
            if target in (piece.no, balance.document_no)
            or target == item_id(piece, balance, self.chain_id)
        )
        if found:
            return found
        return [
            self._whole(balance)
            for balance in self.balances.values()
            if target in (balance.unit.no, balance.document_no)
        ]

    # -- pieces of items -------------------------------------------------------------------------
    def _open_statements(self, payer: str, paid_on: date, day: date) -> Iterator[Statement]:
        for statement in self.statements.values():
            if statement.period_end > paid_on and statement.known_on > paid_on:
                continue
            if self.is_own(statement, payer, paid_on, day) and self.has_open_lines(statement):
                yield statement

    def _credits(self, statement: Statement) -> Iterator[Item]:
        """Deductions and adjustments of a statement that no payment has taken."""
        for line in statement.lines:
            if line.unit.kind in UNLIMITED and not self.units.is_claimed(line.unit):
                store = line.store_id or statement.party_id or "?"
                part = Part(line.unit, line.cents)
                yield Item(
                    line.unit.kind, line.unit.no, line.cents, line.document_on, store, (part,)
                )

    def _open_of_line(self, line: StatementLine) -> int:
        if line.unit.kind in UNLIMITED:
            return 0 if self.units.is_claimed(line.unit) else line.cents
        if not self.units.is_known(line.unit):
            return 0
        left = self.units.open(line.unit)
        if (left > 0) != (line.cents > 0):
            return 0
        return min(left, line.cents) if left > 0 else max(left, line.cents)

    def _claimed(self, statement: Statement, line: StatementLine) -> Part:
        """A return that is not known is no reason to pay less: it stands as an adjustment."""
        unit = line.unit
        if unit.kind == "goods_receipt" and line.cents < 0 and not self.units.is_known(unit):
            unit = Unit("adjustment", f"{statement.no}#{unit.no}")
        return Part(unit, line.cents)

    def _pieces(self, balance: Balance) -> Iterator[Item]:
        """What is open of a unit, by the invoices that explain it, then what none explains.

        Payments lie on the invoiced parts first, in the order of their invoicing.
        """
        unit = balance.unit
        side = 1 if balance.cents > 0 else -1
        paid = self.units.cleared(unit)
        if unit.kind != "goods_receipt":
            if self.units.open(unit):
                yield self._whole(balance)
            return
        begins, end = 0, abs(balance.cents)
        parts = self.parts.get(unit.no, {}).values()
        for part in sorted(parts, key=lambda part: (part.known_on, part.invoice_no)):
            ends = min(begins + abs(part.cents), end)
            if open_cents := ends - max(begins, min(paid, ends)):
                yield _piece("invoice", part.invoice_no, part.issued_on, side * open_cents, balance)
            begins = ends
        if open_cents := end - max(begins, paid):
            yield _piece("goods_receipt", unit.no, balance.document_on, side * open_cents, balance)

    def _whole(self, balance: Balance) -> Item:
        return _piece(
            balance.unit.kind,
            balance.document_no,
            balance.document_on,
            self.units.open(balance.unit),
            balance,
        )


def item_id(piece: Item, balance: Balance, chain_id: str) -> str:
    """The id under which the ledger keeps an item."""
    kind, no = balance.unit
    if kind == "opening_item":
        return no
    if kind == "invoice":
        text = f"invoice|{no}"
    elif piece.kind == "invoice":
        text = f"invoice|{piece.no}|{chain_id}|{no}"
    else:
        text = f"uninvoiced|{chain_id}|{no}"
    return md5(text.encode(), usedforsecurity=False).hexdigest()[:16]


def _piece(kind: str, no: str, document_on: date, cents: int, balance: Balance) -> Item:
    part = Part(balance.unit, cents)
    return Item(kind, no, cents, document_on, balance.store_id, (part,))


def _merged(pieces: Iterable[Item]) -> list[Item]:
    """The pieces of one paper as one item."""
    by: dict[tuple[str, str], list[Item]] = {}
    for piece in pieces:
        by.setdefault((piece.kind, piece.no), []).append(piece)
    return [
        Item(
            kind,
            no,
            sum(piece.cents for piece in same),
            min(piece.document_on for piece in same),
            min(piece.store_id for piece in same),
            tuple(part for piece in same for part in piece.parts),
        )
        for (kind, no), same in by.items()
    ]


def _most_named(statement: Statement) -> str | None:
    stores = [line.store_id for line in statement.lines if line.store_id]
    return min(stores, key=lambda store: (-stores.count(store), store), default=None)
