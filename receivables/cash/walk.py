"""Payments without references, day by day: each answered by what is known on its day.

An answer clears items, and so changes what the next payment finds; that is why the days are walked
in order. The walk is a pure function of papers and payments, so days walked one by one, with the
answers of the days before, give the same answers as one walk over all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from receivables.cash.answers import Answer, Pool, Verdict, answer, held_back, oldest_first
from receivables.cash.items import Part, Unit, yuan
from receivables.cash.papers import InvoicedPart, Papers, Statement
from receivables.cash.refunds import Paid, asks, rows_of_both, taken_back_by
from receivables.cash.said import (
    WHAT_ELSE,
    WHAT_FOR,
    Decision,
    NamedClaim,
    Receipt,
    Row,
    changed,
    claimable,
    decision_of,
    question_of,
)  # fmt: skip
from receivables.cash.units import Balance, Payment
from receivables.policy import Cash


@dataclass
class _Asked:
    """A payment on its way to an answer."""

    receipt: Receipt
    payer_id: str | None
    start: date
    last: Row | None = None
    is_placed: bool = False
    claims: tuple[Part, ...] = ()  # of the last row that replaces


@dataclass
class Walk:
    """The days of one chain, in order.

    Args:
        papers: Empty papers of the chain, with its terms.
        policy: The policy of cash.
        earlier: Rows of the days before the window, in the order of their days.
    """

    papers: Papers
    policy: Cash
    receipts: Sequence[Receipt]
    earlier: Sequence[Row] = ()
    rows: list[Row] = field(default_factory=list)

    def run(
        self,
        news: Iterable[Balance | InvoicedPart | Statement],
        named: Iterable[NamedClaim],
        days: Sequence[date],
    ) -> list[Row]:
        """The new rows of a window of days; everything known before it is given as well."""
        self._news = _by_day(news)
        self._named = _by_day(named)
        self._earlier = _by_day(self.earlier)
        self._asked = {
            receipt.payment: _Asked(receipt, receipt.payer_id, self._start(receipt))
            for receipt in self.receipts
        }
        self._decided_by_now: set[Payment] = set()
        window = frozenset(days)
        walked = {*self._news, *self._named, *self._earlier, *days}
        for day in sorted(walked):
            self._walk(day, day in window)
        return self.rows

    def _start(self, receipt: Receipt) -> date:
        wait = self.policy.wait_days if receipt.words else 0
        return receipt.known_on + timedelta(days=wait)

    def _walk(self, day: date, is_asked: bool) -> None:
        for paper in sorted(self._news.get(day, ()), key=_order):
            self.papers.learn(paper)
        before = self._earlier.get(day, ())
        rows = self._releases(day) if is_asked else [row for row in before if row.replaces]
        for row in rows:
            self.papers.units.release(row.payment)
            if row.is_decision:
                self._decided_by_now.add(row.payment)
        self.papers.units.arrive()
        for claim in sorted(self._named.get(day, ()), key=lambda c: (c.payment, c.budget_no)):
            if claim.payment not in self._decided_by_now:
                self.papers.units.claim(claim.payment, [claim.part])
        if not is_asked:
            for row in sorted(before, key=lambda row: row.payment):
                self._take(row)
            return
        decided = {row.payment: row for row in rows}
        # what gives up and what people decide come before money that goes back on the same day
        given_up = {payment: row for payment, row in decided.items() if not row.is_decision}
        for _, row in sorted(given_up.items()):
            self._keep(row)
            self._take(row)
        others = self._asked.keys() - given_up.keys()
        for payment in sorted(others, key=lambda each: self._turn_on(each, day)):
            for row in self._said(self._asked[payment], decided.get(payment), day):
                if row.replaces or not row.says_the_same(self._asked[row.payment].last):
                    self._keep(row)
                    self._take(row)

    def _turn_on(self, payment: Payment, day: date) -> tuple[bool, Payment]:
        receipt = self._asked[payment].receipt
        return receipt.cents < 0 or decision_of(receipt, day) is None, payment

    def _keep(self, row: Row) -> None:
        """One row per payment and day: the last of a day stands."""
        key = row.payment, row.known_on
        self.rows = [other for other in self.rows if (other.payment, other.known_on) != key]
        self.rows.append(row)

    def _take(self, row: Row) -> None:
        """A row counts from now on."""
        self.papers.units.claim(row.payment, row.claims)
        if row.is_decision and row.replaces:
            self._decided_by_now.add(row.payment)
        asked = self._asked.get(row.payment)
        if asked:
            asked.last = row
            asked.claims = row.claims if row.replaces else asked.claims
            asked.is_placed = row.verdict in ("applied", "reversed", "unmatched") or (
                asked.is_placed and not row.replaces
            )
            decision = decision_of(asked.receipt, row.known_on)
            if decision and decision.kind == "assign" and row.debtor_id:
                asked.payer_id, asked.start = row.debtor_id, row.known_on

    # -- what gives up earlier claims ------------------------------------------------------------
    def _releases(self, day: date) -> list[Row]:
        """Rows of a day, still without claims, before which a payment's earlier claims end."""
        found: list[Row] = []
        named = {claim.part.unit: claim.payment for claim in self._named.get(day, ())}
        for payment, asked in sorted(self._asked.items()):
            is_decided = payment in self._decided_by_now
            rival = None if is_decided else _named_by_another(asked, named)
            if rival:
                text = f"{rival[0]} names what this payment was taken to be for"
                row = Row(day, payment, "outranked", "reference", text, question=WHAT_FOR)
                found.append(changed(row, replaces=True))
            elif (
                asked.receipt.named_on == day and asked.last and payment not in self._decided_by_now
            ):
                text = "a paper that the payment names became known"
                found.append(Row(day, payment, "named", "reference", text, replaces=True))
            decision = decision_of(asked.receipt, day)
            if decision and decision.kind in ("match", "unmatch", "oldest_first"):
                row = self._decided(asked, decision, day)
                if row.replaces:
                    found.append(row)
        return found

    def _decided(self, asked: _Asked, decision: Decision, day: date) -> Row:
        """What a decision to place a payment says, without claims yet."""
        payment, receipt = asked.receipt.payment, asked.receipt
        row = Row(day, payment, "applied", "decision", decision.said, is_decision=True)
        if decision.kind == "unmatch":
            return changed(row, verdict="unmatched", replaces=True, question=WHAT_ELSE)
        if decision.kind == "oldest_first" and asked.payer_id is None:
            question = "Whose items? Decide assign with the customer's number first."
            return changed(row, verdict="refused", question=question)
        if decision.kind == "oldest_first":
            return changed(row, replaces=True)
        known = [target for target in decision.targets if self.papers.named(target)]
        reversed_by = self._reversed_by(receipt, decision.targets)
        if reversed_by or decision.targets and len(known) == len(decision.targets):
            return changed(row, replaces=True)
        unknown = [target for target in decision.targets if target not in known]
        text = f"{decision.said}; {', '.join(unknown) or 'no target'} is not known in this chain"
        question = "Which statement, invoice or item is meant? Decide again with its number."
        return changed(row, verdict="refused", evidence=text, question=question)

    def _reversed_by(self, receipt: Receipt, targets: Sequence[str]) -> bool:
        return receipt.cents < 0 and any(
            target == payment[0] for target in targets for payment in self._asked
        )

    # -- what is said of a payment ---------------------------------------------------------------
    def _said(self, asked: _Asked, decided: Row | None, day: date) -> Iterable[Row]:
        receipt = asked.receipt
        decision = decision_of(receipt, day)
        if decided and decided.verdict == "unmatched":
            yield decided
        elif decision and decision.kind in ("match", "oldest_first"):
            row = decided or self._decided(asked, decision, day)
            if row.replaces and receipt.cents < 0:
                yield from self._decided_refund(asked, decision, day)
            else:
                yield self._claimed(asked, row, decision, day) if row.replaces else row
        elif decision and decision.kind == "assign" and decision.targets:
            yield from self._assigned(asked, decision, day)
        elif decision:
            yield Row(
                day, receipt.payment, "refused", "decision",
                f"'{decision.said}' is not understood",
                question="Decide match to, unmatch, assign or oldest_first.", is_decision=True,
            )  # fmt: skip
        elif receipt.known_on <= day and not asked.is_placed:
            yield from self._asked_on(asked, day, is_first=False)

    def _assigned(self, asked: _Asked, decision: Decision, day: date) -> Iterable[Row]:
        """A payment is somebody's from now on, and asked about anew unless it has its place."""
        target, payment = decision.targets[0], asked.receipt.payment
        row = Row(day, payment, "assigned", "decision", decision.said, is_decision=True)
        if not self.papers.terms.is_known(target):
            text = f"{decision.said}, which is no customer of this chain"
            yield changed(row, verdict="refused", evidence=text, question="Whose payment is it?")
            return
        asked.payer_id, asked.start = target, day
        yield changed(row, question=WHAT_FOR, debtor_id=target)
        if not asked.is_placed:
            yield from self._asked_on(asked, day, is_first=True)

    def _asked_on(self, asked: _Asked, day: date, is_first: bool) -> Iterable[Row]:
        receipt = asked.receipt
        if receipt.named_on is not None and receipt.named_on <= day or not receipt.cents:
            return
        if receipt.cents < 0:
            if day == receipt.known_on:
                yield from self._refund(asked, day)
            return
        if asked.payer_id is None:
            if day == receipt.known_on:
                name = receipt.payer_name or "the payer"
                yield Row(
                    day, receipt.payment, "stranger", evidence=f"{name} is not known",
                    question=f"Who is {name}? Decide assign with the customer's number.",
                )  # fmt: skip
            return
        if day < asked.start:
            if day == receipt.known_on:
                words = " or ".join(receipt.words[:3])
                yield Row(
                    day, receipt.payment, "waiting",
                    evidence=f"the memo may name {words}, which is not known",
                    question=f"What is {words}? Its paper has not come.",
                )  # fmt: skip
            return
        is_last = day > asked.start + timedelta(days=self.policy.try_days)
        if is_first or day == asked.start or not is_last and self._is_news(asked, day):
            yield self._answered(asked, asked.payer_id, day)

    def _is_news(self, asked: _Asked, day: date) -> bool:
        """Whether a paper of the day may be one that the payment is for."""
        payer, paid_on = asked.payer_id, asked.receipt.received_on
        assert payer is not None
        for paper in self._news.get(day, ()):
            if isinstance(paper, Statement):
                if paper.net == asked.receipt.cents or self.papers.is_own(
                    paper, payer, paid_on, day
                ):
                    return True
                continue
            if isinstance(paper, InvoicedPart):
                paper = self.papers.balances.get(Unit("goods_receipt", paper.receipt_no))
            if (
                paper
                and paper.document_on <= paid_on
                and self.papers.terms.is_paid_by(
                    payer, paid_on, day, paper.store_id, paper.document_on
                )
            ):
                return True
        return False

    def _answered(self, asked: _Asked, payer: str, day: date) -> Row:
        receipt = asked.receipt
        paid_on = receipt.received_on
        items = self.papers.items(payer, paid_on, day)
        others = tuple(self.papers.statements_of(receipt.cents, payer, paid_on, day))
        pool = Pool(
            tuple(self.papers.statement_items(payer, paid_on, day)),
            tuple(items),
            others,
            tuple(self.papers.nets_around(day)) if others else (),
        )
        found = held_back(answer(receipt.cents, pool, self.policy), receipt.words, pool)
        if found.verdict != Verdict.APPLIED and self._is_oldest_first(payer, paid_on, day):
            oldest = oldest_first(receipt.cents, items)
            if oldest:
                text = "the payer's agreement says oldest first"
                found = Answer(Verdict.APPLIED, "oldest_first", text, oldest)
        return Row(
            day, receipt.payment, found.verdict.value, found.rule, found.evidence,
            found.candidates, question_of(found), asked.payer_id,
            claimable(found.items, receipt.cents), found.verdict == Verdict.APPLIED,
        )  # fmt: skip

    def _is_oldest_first(self, payer: str, paid_on: date, day: date) -> bool:
        found = self.papers.terms.stretch(payer, paid_on, day)
        return bool(found and found.is_oldest_first)

    def _claimed(self, asked: _Asked, row: Row, decision: Decision, day: date) -> Row:
        """A decision with what it claims, as far as it is open and the money lasts."""
        receipt = asked.receipt
        if decision.kind == "oldest_first":
            items = oldest_first(
                receipt.cents,
                self.papers.items(str(asked.payer_id), receipt.received_on, day),
            )
        else:
            items = [item for target in decision.targets for item in self.papers.named(target)]
        claims = claimable(items, receipt.cents)
        left = receipt.cents - sum(part.cents for part in claims)
        question = f"{yuan(left):,.2f} is left: what is it for?" if left else ""
        return changed(row, claims=claims, question=question)

    # -- money that goes back ----------------------------------------------------------------------
    def _refund(self, asked: _Asked, day: date) -> Iterable[Row]:
        earlier = self._paid_by(day)
        original = taken_back_by(asked.receipt, earlier)
        if original:
            yield from self._returned(asked.receipt, original, day)
        else:
            yield asks(asked.receipt, earlier, day)

    def _decided_refund(self, asked: _Asked, decision: Decision, day: date) -> Iterable[Row]:
        """A person says which payment went back, in full or in part."""
        receipt = asked.receipt
        meant = [paid for paid in self._paid_by(day) if paid.no in decision.targets]
        if not meant or meant[0].kept < -receipt.cents:
            yield Row(
                day, receipt.payment, "refused", "decision",
                "no payment that brought so much has that number",
                question="Which payment went back?", is_decision=True,
            )  # fmt: skip
        else:
            yield from self._returned(receipt, meant[0], day)

    def _paid_by(self, day: date) -> list[Paid]:
        """The payments known by a day that brought money, with what they claim."""
        return [
            Paid(asked.receipt, self._claims_of(asked, day))
            for _, asked in sorted(self._asked.items())
            if asked.receipt.cents > 0 and asked.receipt.known_on <= day
        ]

    def _claims_of(self, asked: _Asked, day: date) -> tuple[Part, ...]:
        named = (
            ()
            if asked.receipt.payment in self._decided_by_now
            else (
                claim.part
                for known_on, claims in self._named.items()
                if known_on <= day
                for claim in claims
                if claim.payment == asked.receipt.payment
            )
        )
        return (*named, *asked.claims)

    def _returned(self, refund: Receipt, paid: Paid, day: date) -> Iterable[Row]:
        """What a payment paid is open again as far as it went back."""
        self.papers.units.release(paid.receipt.payment)
        yield from rows_of_both(refund, paid, day, self._oldest_first)

    def _oldest_first(self, part: Part) -> tuple[date, Unit]:
        balance = self.papers.balances.get(part.unit)
        return balance.document_on if balance else date.max, part.unit


def _named_by_another(asked: _Asked, named: Mapping[Unit, Payment]) -> Payment | None:
    """The payment whose references name a unit that was cleared by amount alone."""
    if not (asked.is_placed and asked.last):
        return None
    rivals = (named.get(part.unit) for part in asked.last.claims)
    return next((rival for rival in rivals if rival and rival != asked.receipt.payment), None)


def _order(paper: Balance | InvoicedPart | Statement) -> tuple[str, str]:
    if isinstance(paper, Balance):
        return "balance", paper.unit.no
    if isinstance(paper, InvoicedPart):
        return "part", f"{paper.receipt_no} {paper.invoice_no}"
    return "statement", paper.no


def _by_day(rows: Iterable) -> dict[date, list]:
    grouped: dict[date, list] = defaultdict(list)
    for row in rows:
        grouped[row.known_on].append(row)
    return grouped
