"""The story of a paper: its papers, why they belong together, its money, and its origin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import duckdb

from pipelines.queries import rows

Row = dict[str, Any]

# The way of the papers from the order to the money. A story follows it in both directions from
# its subject and never turns round: else every order of a month would hang on every other.
WAY = {
    "order": 0,
    "delivery": 1,
    "goods_receipt": 2,
    "invoice": 3,
    "red_invoice": 4,
    "statement": 5,
    "advice": 6,
    "bank_receipt": 7,
}
# What is told of a subject's money, in this order: title and query.
MONEY = {
    "order": [
        ("Where it stands", "order_states"),
        ("Who owes", "settlements"),
        ("Open", "open_items"),
        ("Due", "due_dates"),
        ("Ledger", "ledger"),
    ],
    "goods_receipt": [("Open", "open_items"), ("Due", "due_dates"), ("Ledger", "ledger")],
    "invoice": [("Open", "open_items"), ("Due", "due_dates"), ("Ledger", "ledger")],
    "red_invoice": [("Open", "open_items"), ("Due", "due_dates"), ("Ledger", "ledger")],
    "statement": [("Deductions", "deductions")],
    "advice": [("What it announces", "advice_lines")],
    "bank_receipt": [("Applied to", "cash"), ("Not applied", "unapplied"), ("Ledger", "ledger")],
    "item": [("Open", "open_items"), ("Due", "due_dates"), ("Ledger", "ledger")],
    "warning": [("What it says", "warnings")],
    "exception": [("What it says", "exception")],
    "debtor": [
        ("Who it is", "debtor"),
        ("What it owes", "debts"),
        ("Due longest", "debtor_items"),
        ("Cash not applied", "debtor_cash"),
        ("What is stuck", "debtor_exceptions"),
        ("Warnings", "debtor_warnings"),
    ],
}
# Kinds of papers as the evidence of a doubt names them.
DOUBTED = {"receipt": "goods_receipt", "payment": "bank_receipt"}
# A story of more papers than this lists the nearest ones and says how many are left out.
MOST_PAPERS = 400


@dataclass
class Explanation:
    """The story of one paper, item or warning of a chain."""

    kind: str
    chain_id: str | None
    no: str
    papers: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)
    applications: list[Row] = field(default_factory=list)
    statement_lines: list[Row] = field(default_factory=list)
    money: dict[str, list[Row]] = field(default_factory=dict)
    differences: list[Row] = field(default_factory=list)
    exceptions: list[Row] = field(default_factory=list)
    left_out: int = 0
    as_of: date = date.min

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return asdict(self)


def explanations(
    warehouse: duckdb.DuckDBPyConnection, subject: str, kind: str | None = None
) -> list[Explanation]:
    """The stories of everything that `subjects` finds."""
    found = subjects(warehouse, subject, kind)
    return [_explain(warehouse, row["kind"], row["chain_id"], row["no"]) for row in found]


def likely(warehouse: duckdb.DuckDBPyConnection, subject: str) -> list[str]:
    """Numbers that look like one that nothing is known of."""
    return [row["no"] for row in rows(warehouse, "explain/likely", {"no": subject})]


def subjects(
    warehouse: duckdb.DuckDBPyConnection, subject: str, kind: str | None = None
) -> list[Row]:
    """Everything that has this number: kind, chain_id and no; CHAIN/NUMBER picks one chain."""
    asked = {"no": subject, "chain_id": None, "kind": kind}
    found = rows(warehouse, "explain/subjects", asked)
    if found or "/" not in subject:
        return found
    chain_id, _, no = subject.partition("/")
    return rows(warehouse, "explain/subjects", {**asked, "no": no, "chain_id": chain_id})


def _explain(
    warehouse: duckdb.DuckDBPyConnection, kind: str, chain_id: str | None, no: str
) -> Explanation:
    (newest,) = rows(warehouse, "newest_day")
    story = Explanation(kind, chain_id, no, as_of=newest["as_of"])
    parameters = {"kind": kind, "chain_id": chain_id, "no": no, **newest}
    for title, query in MONEY.get(kind, []):
        found = rows(warehouse, f"explain/{query}", parameters)
        if found:
            story.money[title] = found
    start = {(kind, no)} if kind in WAY else set(_papers_of_money(story.money))
    if kind == "application":
        start = {("goods_receipt", row["receipt_no"]) for row in _applied_for(warehouse, story)}
    nodes, story.links = _walk(warehouse, chain_id, start)
    story.left_out = max(0, len(nodes) - MOST_PAPERS)
    asked = {
        "chain_id": chain_id,
        "kinds": [kind for kind, _ in nodes[:MOST_PAPERS]],
        "numbers": [number for _, number in nodes[:MOST_PAPERS]],
        **parameters,
    }
    if nodes:
        story.differences = rows(warehouse, "explain/differences", asked)
        story.exceptions = rows(warehouse, "explain/exceptions", asked)
        story.papers = rows(warehouse, "explain/papers", asked)
        story.applications = rows(warehouse, "explain/applications", asked)
        story.statement_lines = rows(warehouse, "explain/statement_lines", asked)
    return story


def _applied_for(warehouse: duckdb.DuckDBPyConnection, story: Explanation) -> list[Row]:
    """The rows of an invoice application."""
    asked = {"kinds": [], "numbers": [], "chain_id": story.chain_id}
    asked |= {"kind": story.kind, "no": story.no}
    story.applications = rows(warehouse, "explain/applications", asked)
    return [row for row in story.applications if row["receipt_no"]]


def _walk(
    warehouse: duckdb.DuckDBPyConnection, chain_id: str | None, start: Iterable[tuple[str, str]]
) -> tuple[list[tuple[str, str]], list[Row]]:
    """The papers reached from some, nearest first, and the links on the way."""
    nodes = list(start)
    links: dict[tuple, Row] = {}
    for towards in (1, -1):
        reached, frontier = set(nodes[:]), list(start)
        while frontier and len(reached) <= MOST_PAPERS:
            found = rows(
                warehouse,
                "explain/links",
                {
                    "chain_id": chain_id,
                    "kinds": [kind for kind, _ in frontier],
                    "numbers": [number for _, number in frontier],
                },
            )
            before, frontier = set(frontier), []
            for link in found:
                here, there = _ends(link, towards)
                if here not in before or towards * (_place(there) - _place(here)) <= 0:
                    continue
                links[tuple(link.values())] = link
                if there not in reached and not link["undone_on"]:
                    reached.add(there)
                    frontier.append(there)
                    nodes.append(there)
    return list(dict.fromkeys(nodes)), list(links.values())


def _ends(link: Row, towards: int) -> tuple[tuple[str, str], tuple[str, str]]:
    ends = ((link["from_kind"], link["from_no"]), (link["to_kind"], link["to_no"]))
    return sorted(ends, key=lambda end: towards * _place(end))[0], sorted(
        ends, key=lambda end: towards * _place(end)
    )[1]


def _place(paper: tuple[str, str]) -> int:
    return WAY.get(paper[0], len(WAY))


def _papers_of_money(money: dict[str, list[Row]]) -> Iterator[tuple[str, str]]:
    """The papers that an item's ledger entries stand on, or that an exception is about."""
    yield from _papers_of(money.get("Ledger", []))
    for said in money.get("What it says", []):
        if said.get("order_no"):
            yield "order", said["order_no"]
        elif said.get("document_no"):
            yield _paper_of_exception(said["document_no"])


def _paper_of_exception(document_no: str) -> tuple[str, str]:
    """The paper behind the document of an exception that is about no order.

    A statement's line is STATEMENT#LINE or STATEMENT/RECEIPT, a doubt names the kind of the paper;
    anything else is an invoice.
    """
    kind, _, no = document_no.partition(" ")
    if no:
        return DOUBTED.get(kind, kind), no.rpartition("/")[2] if kind == "payment" else no
    statement = re.match(r"[^#/]+(?=[#/])", document_no)
    return ("statement", statement[0]) if statement else ("invoice", document_no)


def _papers_of(entries: Iterable[Row]) -> Iterator[tuple[str, str]]:
    """The papers that an item's ledger entries stand on."""
    kinds = {"invoice": "invoice", "red_invoice": "red_invoice", "uninvoiced": "goods_receipt"}
    for entry in entries:
        if entry["document_no"] and entry["item_kind"] in kinds:
            yield kinds[entry["item_kind"]], entry["document_no"]
