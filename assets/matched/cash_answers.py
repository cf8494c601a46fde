"""What payments without references are for, told from their amounts and by people's decisions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from assets import cash_queries
from assets.python_model import PythonModel
from io_managers.session import Session, Window
from receivables.cash.items import Part, Unit, yuan
from receivables.cash.papers import (
    InvoicedPart,
    Net,
    Papers,
    Statement,
    StatementLine,
    Stretch,
    Terms,
)
from receivables.cash.said import Decision, NamedClaim, Receipt, Row, to_cents
from receivables.cash.units import Balance
from receivables.cash.walk import Walk
from receivables.policy import Cash

TABLE = "matched.cash_answers"
SCHEMA = {
    "known_on": pl.Date,
    "account_no": pl.String,
    "transaction_no": pl.String,
    "chain_id": pl.String,
    "debtor_id": pl.String,
    "verdict": pl.String,
    "rule": pl.String,
    "evidence": pl.String,
    "candidates": pl.String,
    "question": pl.String,
    "is_replacing": pl.Boolean,
    "is_decision": pl.Boolean,
    "claims": pl.List(
        pl.Struct({"unit_kind": pl.String, "unit_no": pl.String, "amount": pl.Decimal(18, 2)})
    ),
    "received_on": pl.Date,
    "file_id": pl.String,
    "sheet": pl.String,
    "row_no": pl.Int64,
}

_KINDS = {
    "match": ("match to", "match", "匹配", "核销", "核销到"),
    "unmatch": ("unmatch", "不匹配", "取消匹配", "取消核销"),
    "assign": ("assign", "assign to", "assigned", "指派", "归属"),
    "oldest_first": ("oldest_first", "oldest first", "先进先出", "先到期先核销"),
}
KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words}
_UNLIMITED = {"deduction": "deduction", "adjustment": "adjustment", "prepayment": "adjustment"}


@dataclass
class _Chain:
    """What is asked about one chain."""

    chain_id: str
    receipts: list[Receipt] = field(default_factory=list)
    meant_on: dict[tuple[str, str], date] = field(default_factory=dict)

    @property
    def payers(self) -> set[str]:
        named = {receipt.payer_id for receipt in self.receipts if receipt.payer_id}
        assigned = {
            target
            for receipt in self.receipts
            for decision in receipt.decisions
            if decision.kind == "assign"
            for target in decision.targets
        }
        return named | assigned

    def told_by(self, row: Row) -> str:
        """The chain, as far as known on the row's day: a stranger has none before a decision."""
        (receipt,) = (each for each in self.receipts if each.payment == row.payment)
        meant_on = self.meant_on.get(row.payment)
        is_told = receipt.payer_id is not None or (
            meant_on is not None and meant_on <= row.known_on
        )
        return self.chain_id if is_told else ""

    @property
    def targets(self) -> list[str]:
        return sorted(
            {
                target
                for receipt in self.receipts
                for decision in receipt.decisions
                if decision.kind == "match"
                for target in decision.targets
            }
        )


def answers(session: Session, window: Window) -> pl.DataFrame:
    """The answers that changed in a window.

    Returns:
        One row per payment and day on which what is said of it changed, as in `SCHEMA`.
    """
    policy = Cash.model_validate(session.rows(cash_queries.POLICY)[0]["cash"])
    horizon = timedelta(days=policy.wait_days + policy.try_days)
    since = window.day_from - horizon
    outranked = _outranked(session, window)
    found = session.rows(
        cash_queries.PAYMENTS, [since, window.day_from, window.day_until, outranked]
    )
    if not found:
        return pl.DataFrame(schema=SCHEMA)
    decisions = _decisions(session, window)
    papers_of = {(row["transaction_no"], row["account_no"]): row for row in found}
    rows: list[tuple[object, ...]] = []
    for chain in _chains(session, window, found, decisions):
        for row in _walked(session, window, policy, chain):
            rows.append(_told(row, papers_of[row.payment], chain.told_by(row)))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _told(row: Row, paper: Mapping[str, Any], chain_id: str) -> tuple[object, ...]:
    transaction_no, account_no = row.payment
    claims = [
        {"unit_kind": unit.kind, "unit_no": unit.no, "amount": yuan(cents)}
        for unit, cents in row.claims
    ]
    return (
        row.known_on, account_no, transaction_no, chain_id or None,
        row.debtor_id or paper["payer_id"], row.verdict, row.rule or None, row.evidence or None,
        row.candidates or None, row.question or None, row.replaces, row.is_decision, claims,
        paper["received_on"], paper["file_id"], paper["sheet"], paper["row_no"],
    )  # fmt: skip


def _outranked(session: Session, window: Window) -> list[str]:
    if not session.columns(TABLE):
        return []
    rows = session.rows(cash_queries.OUTRANKED, [window.day_from, window.day_until])
    return [row["payment"] for row in rows]


# -- who is asked about ----------------------------------------------------------------------------
def _decisions(session: Session, window: Window) -> dict[str, list[Decision]]:
    """Decisions on payments by the number they name: the transaction, or account/transaction."""
    found: dict[str, list[Decision]] = defaultdict(list)
    for row in session.rows(cash_queries.DECISIONS, [window.day_until]):
        said = str(row["decision"]).strip()
        kind = KIND_OF.get(said.lower(), "")
        targets = tuple(
            part.strip() for part in str(row["target_id"] or "").replace("；", ";").split(";")
            if part.strip()
        )  # fmt: skip
        told = f"{row['decided_by']} decided: {said} {'; '.join(targets)}".strip()
        found[row["subject_id"]].append(
            Decision(row["known_on"], row["decided_on"], kind, told, targets)
        )
    return found


def _chains(
    session: Session,
    window: Window,
    rows: Iterable[Mapping[str, Any]],
    decisions: Mapping[str, list[Decision]],
) -> Iterator[_Chain]:
    """The payments by the chain whose papers they may be for."""
    chains: dict[str, _Chain] = {}
    for row in rows:
        payment = row["transaction_no"], row["account_no"]
        decided = tuple(
            replace(decision, known_on=max(decision.known_on, row["known_on"]))
            for subject in (payment[0], f"{payment[1]}/{payment[0]}")
            for decision in decisions.get(subject, ())
        )
        receipt = Receipt(
            payment, row["known_on"], row["received_on"], to_cents(row["amount"]),
            row["payer_id"], row["payer_name"] or "", row["memo"] or "", row["named_on"],
            decided,
        )  # fmt: skip
        chain_id, meant_on = row["chain_id"], None
        if not chain_id:
            chain_id, meant_on = _chain_meant(session, window, decided)
        chain = chains.setdefault(chain_id, _Chain(chain_id))
        chain.receipts.append(receipt)
        if meant_on is not None:
            chain.meant_on[payment] = meant_on
    for chain_id in sorted(chains):
        yield chains[chain_id]


def _chain_meant(
    session: Session, window: Window, decisions: Sequence[Decision]
) -> tuple[str, date | None]:
    """The chain of what people say a stranger's payment is for, and since when; empty if nobody."""
    targets = [target for decision in decisions for target in decision.targets]
    if not targets:
        return "", None
    found = session.rows(cash_queries.CHAIN_OF_TARGETS, [targets, window.day_until])
    if len({row["chain_id"] for row in found}) != 1:
        return "", None
    known = {row["target"]: row["known_on"] for row in found}
    days = [
        max(decision.known_on, known[target])
        for decision in decisions
        for target in decision.targets
        if target in known
    ]
    return found[0]["chain_id"], min(days)


# -- what is known of a chain ----------------------------------------------------------------------
def _walked(session: Session, window: Window, policy: Cash, chain: _Chain) -> list[Row]:
    terms = _terms(session, window, chain.chain_id)
    earlier = _earlier_rows(session, window, chain)
    papers = Papers(chain.chain_id, terms)
    walk = Walk(papers, policy, chain.receipts, earlier)
    if not chain.chain_id:
        return walk.run((), (), window.days)
    loaded = _Loaded(session, window, chain, terms, earlier)
    papers.nets = loaded.nets
    return walk.run(loaded.news(), loaded.named(), window.days)


def _terms(session: Session, window: Window, chain_id: str) -> Terms:
    stretches = [
        Stretch(
            row["known_on"], row["store_id"], row["valid_from"], row["valid_to"],
            row["debtor_id"], row["cash_policy"] == "oldest_first",
        )
        for row in session.rows(cash_queries.TERMS, [chain_id, window.day_until])
    ]  # fmt: skip
    heads = session.rows(cash_queries.HEAD_OFFICES, [chain_id, window.day_until])
    return Terms(stretches, {row["customer_id"]: row["head_office_id"] for row in heads})


def _earlier_rows(session: Session, window: Window, chain: _Chain) -> list[Row]:
    if not session.columns(TABLE):
        return []
    keys = [f"{account}/{transaction}" for (transaction, account), _ in _by_payment(chain)]
    found = session.rows(cash_queries.EARLIER_ANSWERS, [window.day_from, chain.chain_id, keys])
    return [
        Row(
            row["known_on"], (row["transaction_no"], row["account_no"]), row["verdict"],
            row["rule"] or "", row["evidence"] or "", row["candidates"] or "",
            row["question"] or "", row["debtor_id"], _parts(row["claims"]),
            row["is_replacing"], row["is_decision"],
        )
        for row in found
    ]  # fmt: skip


def _by_payment(chain: _Chain) -> list[tuple[tuple[str, str], Receipt]]:
    return [(receipt.payment, receipt) for receipt in chain.receipts]


def _parts(claims: Iterable[Mapping[str, Any]] | None) -> tuple[Part, ...]:
    return tuple(
        Part(Unit(claim["unit_kind"], claim["unit_no"]), to_cents(claim["amount"]))
        for claim in claims or ()
    )


class _Loaded:
    """The papers of a chain that its open questions concern."""

    def __init__(
        self, session: Session, window: Window, chain: _Chain, terms: Terms, earlier: Sequence[Row]
    ) -> None:
        self.session, self.window, self.chain = session, window, chain
        self.stores = sorted(terms.stores_of(chain.payers))
        amounts = sorted({yuan(receipt.cents) for receipt in chain.receipts if receipt.cents > 0})
        self.claimed = {part.unit.no for row in earlier for part in row.claims}
        asked = [payment for payment, _ in _by_payment(chain)]
        decided = [row.payment for row in earlier if row.is_decision]
        self.payments = sorted({f"{account}/{no}" for no, account in (*asked, *decided)})
        self.units = session.rows(
            cash_queries.UNITS,
            [
                chain.chain_id, window.day_until, window.day_from, self.stores,
                [*chain.targets, *sorted(self.claimed)], amounts or [Decimal(0)],
                self.payments,
            ],
        )  # fmt: skip
        self.receipt_nos = self._nos("goods_receipt")
        self.statements = self._statements(amounts)
        self.nets = self._nets(amounts)

    def _nos(self, kind: str) -> list[str]:
        return sorted({row["unit_no"] for row in self.units if row["unit_kind"] == kind})

    def _statements(self, amounts: Sequence[Decimal]) -> list[Statement]:
        rows = self.session.rows(
            cash_queries.STATEMENTS,
            [
                self.chain.chain_id, self.window.day_until, self.receipt_nos, amounts,
                self.chain.targets,
            ],
        )  # fmt: skip
        versions: dict[tuple[Any, str], list[Mapping[str, Any]]] = defaultdict(list)
        for row in rows:
            versions[row["known_on"], row["statement_no"]].append(row)
        return [_statement(lines) for lines in versions.values()]

    def _nets(self, amounts: Sequence[Decimal]) -> list[Net]:
        found = self.session.rows(
            cash_queries.NETS, [self.chain.chain_id, self.window.day_until, amounts or [Decimal(0)]]
        )
        return [
            Net(row["known_on"], row["statement_no"], to_cents(row["amount"]), row["named_on"])
            for row in found
        ]

    def news(self) -> Iterator[Balance | InvoicedPart | Statement]:
        """All papers up to the window's end, in no order."""
        for row in self.units:
            unit = Unit(row["unit_kind"], row["unit_no"])
            yield Balance(
                row["known_on"], unit, to_cents(row["amount"]), row["document_on"],
                row["store_id"], row["document_no"],
            )  # fmt: skip
        for row in self.session.rows(
            cash_queries.PARTS,
            [self.chain.chain_id, self.window.day_until, self.receipt_nos],
        ):
            yield InvoicedPart(
                row["known_on"], row["receipt_no"], row["invoice_no"], to_cents(row["amount"]),
                row["issued_on"],
            )  # fmt: skip
        yield from self.statements

    def named(self) -> list[NamedClaim]:
        """What payments claim of these units by their references."""
        lines = {
            line.unit.no for each in self.statements for line in each.lines
            if line.unit.kind in _UNLIMITED
        }  # fmt: skip
        numbers = {row["unit_no"] for row in self.units} | lines | self.claimed
        return [
            NamedClaim(
                row["known_on"], (row["transaction_no"], row["account_no"]), row["budget_no"],
                Part(Unit(row["unit_kind"], row["unit_no"]), to_cents(row["amount"])),
            )
            for row in self.session.rows(
                cash_queries.NAMED_CLAIMS,
                [self.chain.chain_id, self.window.day_until, sorted(numbers), self.payments],
            )
        ]  # fmt: skip


def _statement(lines: Sequence[Mapping[str, Any]]) -> Statement:
    first = lines[0]
    return Statement(
        first["known_on"],
        first["statement_no"],
        first["party_id"],
        first["period_end"] or first["known_on"],
        tuple(
            StatementLine(
                _unit(line), to_cents(line["amount"]),
                line["document_date"] or first["period_end"] or first["known_on"],
                line["store_id"],
            )
            for line in sorted(lines, key=lambda line: line["line_no"])
        ),
    )  # fmt: skip


def _unit(line: Mapping[str, Any]) -> Unit:
    """The unit that a statement line is about, as matched.payment_claims tells it."""
    if line["line_kind"] in ("receipt", "return") and line["receipt_no"] is not None:
        return Unit("goods_receipt", line["receipt_no"])
    no = f"{line['statement_no']}#{line['line_no']}"
    return Unit("deduction" if line["line_kind"] == "deduction" else "adjustment", no)


MODEL = PythonModel(
    TABLE,
    "One row per bank receipt that names no paper, or that a person decided on (transaction_no), "
    "and day on which what is said of it changed: what it is for and why, or what fits, what tells "
    "that apart and what to ask.",
    cash_queries.ALL,
    SCHEMA,
    answers,
)
cash_answers = MODEL.asset()
