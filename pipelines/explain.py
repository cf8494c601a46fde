"""The story of a paper: its papers, why they belong together, its money, and its origin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from pipelines.console import shown, table_of
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
NAMES = {
    "goods_receipt": "goods receipt",
    "red_invoice": "red invoice",
    "advice": "payment advice",
    "bank_receipt": "bank receipt",
    "item": "open item",
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
    "bank_receipt": [("Applied to", "cash"), ("Not applied", "unapplied"), ("Ledger", "ledger")],
    "item": [("Open", "open_items"), ("Due", "due_dates"), ("Ledger", "ledger")],
    "warning": [("What it says", "warnings")],
    "exception": [("What it says", "exception")],
}
# The order of the steps, and what the later paper of each is held against.
STEPS = {
    "delivery": "delivered against ordered",
    "receipt": "received less returned against delivered",
    "invoice": "invoiced against accepted",
    "statement": "on statements against accepted",
}
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
    money: dict[str, list[Row]] = field(default_factory=dict)
    differences: list[Row] = field(default_factory=list)
    exceptions: list[Row] = field(default_factory=list)
    left_out: int = 0

    @property
    def name(self) -> str:
        """What it is, for people."""
        of = f" of {self.chain_id}" if self.chain_id else ""
        return f"{NAMES.get(self.kind, self.kind)} {self.no}{of}"

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return asdict(self)

    def sentences(self) -> Iterator[str]:
        """Each link with its rule and evidence in a sentence."""
        for link in self.links:
            pair = (
                f"{_paper(link['from_kind'])} {link['from_no']} – "
                f"{_paper(link['to_kind'])} {link['to_no']}"
            )
            amount = f", {shown(link['amount'])}" if link["amount"] is not None else ""
            state = "undone" if link["undone_on"] else ("inferred" if link["is_inferred"] else "")
            known = f"known on {link['known_on']}" + (f", {state}" if state else "")
            yield f"{pair}{amount}: {link['evidence']} ({link['rule']}; {known})."


def explanations(warehouse: duckdb.DuckDBPyConnection, subject: str) -> list[Explanation]:
    """The stories of everything that has this number; CHAIN/NUMBER picks one chain."""
    found = _subjects(warehouse, subject)
    return [_explain(warehouse, row["kind"], row["chain_id"], row["no"]) for row in found]


def likely(warehouse: duckdb.DuckDBPyConnection, subject: str) -> list[str]:
    """Numbers that look like one that nothing is known of."""
    return [row["no"] for row in rows(warehouse, "explain/likely", {"no": subject})]


def _subjects(warehouse: duckdb.DuckDBPyConnection, subject: str) -> list[Row]:
    found = rows(warehouse, "explain/subjects", {"no": subject, "chain_id": None})
    if found or "/" not in subject:
        return found
    chain_id, _, no = subject.partition("/")
    return rows(warehouse, "explain/subjects", {"no": no, "chain_id": chain_id})


def _explain(
    warehouse: duckdb.DuckDBPyConnection, kind: str, chain_id: str | None, no: str
) -> Explanation:
    story = Explanation(kind, chain_id, no)
    (newest,) = rows(warehouse, "newest_day")
    parameters = {"kind": kind, "chain_id": chain_id, "no": no, **newest}
    for title, query in MONEY.get(kind, []):
        found = rows(warehouse, f"explain/{query}", parameters)
        if found:
            story.money[title] = found
    start = {(kind, no)} if kind in WAY else set(_papers_of_money(story.money))
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
    return story


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
    """The papers that an item's ledger entries stand on, or the order of an exception."""
    yield from _papers_of(money.get("Ledger", []))
    for said in money.get("What it says", []):
        if said.get("order_no"):
            yield "order", said["order_no"]


def _papers_of(entries: Iterable[Row]) -> Iterator[tuple[str, str]]:
    """The papers that an item's ledger entries stand on."""
    kinds = {"invoice": "invoice", "red_invoice": "red_invoice", "uninvoiced": "goods_receipt"}
    for entry in entries:
        if entry["document_no"] and entry["item_kind"] in kinds:
            yield kinds[entry["item_kind"]], entry["document_no"]


def _paper(kind: str) -> str:
    return NAMES.get(kind, kind)


def show(screen: Console, story: Explanation) -> None:
    """Print a story."""
    screen.print(f"[bold]{escape(story.name)}[/bold]")
    for title, found in story.money.items():
        if title == "Ledger":
            continue
        if len(found) == 1:
            screen.print(f"\n{escape(title)}", style="bold")
            for name, value in found[0].items():
                if value not in (None, ""):
                    screen.print(f"  {name.replace('_', ' ')}: {shown(value)}", markup=False)
        else:
            _table(screen, title, found)
    _table(screen, "Papers", story.papers)
    if story.left_out:
        screen.print(f"and {story.left_out:,} more papers", style="dim")
    _table(screen, "Invoice applications", story.applications)
    if story.differences:
        screen.print()
        screen.print(differences_of(story.differences))
    _sentences(screen, "What is or was wrong", map(exception_sentence, story.exceptions))
    _sentences(screen, "Why they belong together", story.sentences())
    entries = story.money.get("Ledger", [])
    if entries:
        _table(screen, "Ledger", entries)
        balance = sum((entry["amount"] for entry in entries), Decimal("0.00"))
        screen.print(f"Balance {shown(balance)}")
    screen.print()


def _sentences(screen: Console, title: str, sentences: Iterable[str]) -> None:
    for number, sentence in enumerate(sentences):
        if number == 0:
            screen.print(f"\n{title}", style="bold", markup=False)
        screen.print(f"  {sentence}", markup=False)


def exception_sentence(row: Row) -> str:
    """An exception in a sentence: what, how much, since when, on what evidence, and what next."""
    parts = [
        f"{row['reason']}, {shown(row['amount'])}, {row['document_no']}: {row['evidence']}",
        f"open since {row['opened_on']}",
    ]
    if row["closed_on"]:
        parts[1] = f"opened on {row['opened_on']}, closed on {row['closed_on']}"
        parts.append(row["closed_because"])
    else:
        parts.append(f"next: {row['owner']}, {row['next_action']}")
    if row["decision"]:
        parts.append(f"{row['decision']} by {row['decided_by']}")
    if row["reopened_because"]:
        parts.append(f"listed again: {row['reopened_because']}")
    if row["file"]:
        parts.append(f"from {_cell(row)}")
    return "; ".join(parts) + "."


def differences_of(found: Iterable[Row]) -> Tree:
    """The differences of orders as a tree: order, step with its difference, its causes."""
    tree = Tree("Why the papers differ", style="bold")
    orders: dict[str, Tree] = {}
    steps: dict[tuple[str, str], Tree] = {}
    for row in found:
        order_no, step = row["order_no"], row["step"]
        if order_no not in orders:
            orders[order_no] = tree.add(escape(f"order {order_no}"), style="none")
        if (order_no, step) not in steps:
            said = f"{STEPS[step]}: {shown(row['difference'])}"
            steps[order_no, step] = orders[order_no].add(escape(said))
        steps[order_no, step].add(
            escape(f"{row['cause'].replace('_', ' ')} {shown(row['amount'])}")
        )
    return tree


def _table(screen: Console, title: str, found: list[Row]) -> None:
    """Rows as a table without the columns that are empty throughout."""
    if not found:
        return
    names = [name for name in found[0] if any(row[name] not in (None, "") for row in found)]
    names = [name for name in names if name not in ("sheet", "row")]
    with_cells = [{**row, "file": _cell(row)} if "file" in row else row for row in found]
    screen.print()
    screen.print(table_of(title, names, ([row[name] for name in names] for row in with_cells)))


def _cell(row: Row) -> str | None:
    """File, sheet and row as one place."""
    if row["file"] is None:
        return None
    sheet = f" [{row['sheet']}]" if row.get("sheet") else ""
    return f"{row['file']}{sheet} row {row['row']}"
