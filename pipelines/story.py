"""How the story of a paper is shown on a screen, in words that finance uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from pipelines.console import shown, table_of
from pipelines.explain import Explanation, Row

# Chinese as on the papers, then English.
KINDS = {
    "order": "订单 order",
    "delivery": "送货单 delivery",
    "goods_receipt": "验收单 goods receipt",
    "application": "开票申请 invoice application",
    "invoice": "发票 invoice",
    "red_invoice": "红字发票 red invoice",
    "statement": "对账单 statement",
    "advice": "付款通知 payment advice",
    "bank_receipt": "进账 bank receipt",
    "item": "未清项 open item",
    "warning": "预警 warning",
    "exception": "异常 exception",
    "debtor": "客户 customer",
}
STAGES = {
    "ordered": "已订货 ordered",
    "delivered": "已送货 delivered",
    "received": "已验收 received",
    "applied": "已申请开票 applied for",
    "invoiced": "已开票 invoiced",
    "handed_over": "已交票 handed over",
    "on_statement": "已对账 on statement",
    "paid": "已回款 paid",
    "cancelled": "已取消 cancelled",
}
MISSING = {
    "delivery_note": "送货单 delivery note",
    "goods_receipt": "验收单 goods receipt",
    "invoice_application": "开票申请 invoice application",
    "invoice": "发票 invoice",
    "invoice_handover": "交票签收 invoice hand-over",
    "statement": "对账单 statement",
    "payment": "回款 payment",
}
CAUSES = {
    "quantity": "数量 quantity",
    "price": "价格 price",
    "tax": "税率 tax",
    "rounding": "尾差 rounding",
    "return": "退货 return",
    "red_invoice": "红冲 red invoice",
    "unexplained": "未明 unexplained",
}
# The steps, and what the later paper of each is held against.
STEPS = {
    "delivery": "送货对订货 delivered against ordered",
    "receipt": "验收减退货对送货 received less returned against delivered",
    "invoice": "开票对验收 invoiced against accepted",
    "statement": "对账对验收 on statements against accepted",
}
ITEMS = {
    "invoice": "发票 invoice",
    "red_invoice": "红字发票 red invoice",
    "uninvoiced": "应收暂估 uninvoiced goods",
    "deduction": "扣款 deduction",
    "adjustment": "结算调整 adjustment",
    "opening_item": "期初余额 opening item",
    "cash": "回款 cash",
    "write_off": "核销差额 write-off",
}
LABELS = {"kind": KINDS, "item_kind": ITEMS, "stage": STAGES, "missing_document": MISSING}
# Which amounts a stage waits to see equal: what has come, and what is still to come.
WAITING = {
    "ordered": ("ordered", "delivered"),
    "delivered": ("delivered", "received"),
    "received": ("net", "invoiced"),
    "applied": ("net", "invoiced"),
    "invoiced": ("invoiced", "handed_over"),
    "handed_over": ("net", "stated"),
    "on_statement": ("net", "paid"),
}


def name(story: Explanation) -> str:
    """What a story is about."""
    of = f" of {story.chain_id}" if story.chain_id else ""
    return f"{KINDS.get(story.kind, story.kind)} {story.no}{of}"


def headline(states: list[Row], as_of: date) -> str | None:
    """Where an order's money is stuck, for how long, how much, and whose move it is."""
    if not states:
        return None
    last = states[-1]
    stage, since = STAGES[last["stage"]], last["stage_since"]
    if last["stage"] not in WAITING:
        return f"{stage} since {since}."
    come, to_come = WAITING[last["stage"]]
    amounts = {**last, "net": last["received"] + last["returned"]}
    open_amount = shown(amounts[come] - amounts[to_come])
    return (
        f"{stage} since {since}, for {(as_of - since).days} days: {open_amount} wait for the "
        f"{MISSING[last['missing_document']]}; next: {last['next_actor']}."
    )


def link_sentences(story: Explanation) -> Iterator[str]:
    """Each link with its rule and evidence in a sentence."""
    for link in story.links:
        pair = (
            f"{_paper(link['from_kind'])} {link['from_no']} – "
            f"{_paper(link['to_kind'])} {link['to_no']}"
        )
        amount = f", {shown(link['amount'])}" if link["amount"] is not None else ""
        state = "undone" if link["undone_on"] else ("inferred" if link["is_inferred"] else "")
        known = f"known on {link['known_on']}" + (f", {state}" if state else "")
        if link["decided"]:
            right = f"{link['confirmed']} of {link['decided']}"
            known += f"; this rule was right in {right} decided cases"
        yield f"{pair}{amount}: {link['evidence']} ({link['rule']}; {known})."


def _paper(kind: str) -> str:
    return KINDS.get(kind, kind)


def nothing_known(subject: str, near: Sequence[str]) -> str:
    """A number that nobody knows, and the nearest ones."""
    hint = (
        f"Did you mean {', '.join(near)}?"
        if near
        else 'No number is like it; `sidan sql "show all tables"` says where papers stand.'
    )
    return f"Nothing is known of {subject!r}. {hint}"


def choices(found: Iterable[Row], title: str = "Several things have this number:") -> str:
    """What has one number, and how to ask for each."""
    lines = [
        f"  {_paper(row['kind'])} {row['no']} of {row['chain_id']}: "
        f"sidan explain {row['chain_id']}/{row['no']} --kind {row['kind']}"
        for row in found
    ]
    return "\n".join([title, *lines])


def show(screen: Console, story: Explanation) -> None:
    """Print a story."""
    screen.print(f"[bold]{escape(name(story))}[/bold]")
    said = headline(story.money.get("Where it stands", []), story.as_of)
    if said:
        screen.print(said, markup=False)
    for title, found in story.money.items():
        if title == "Where it stands":
            _table(screen, title, [{**row, "file": None} for row in found])
        elif len(found) == 1 and title != "Ledger":
            _fields(screen, title, found[0])
        elif title != "Ledger":
            _table(screen, title, found)
    _table(screen, "Papers", story.papers)
    if story.left_out:
        screen.print(f"and {story.left_out:,} more papers", style="dim")
    _table(screen, "Invoice applications", story.applications)
    _table(screen, "Lines of statements", story.statement_lines)
    if story.differences:
        screen.print()
        screen.print(differences_of(story.differences))
    _sentences(screen, "What is or was wrong", map(exception_sentence, story.exceptions))
    _sentences(screen, "Why they belong together", link_sentences(story))
    entries = story.money.get("Ledger", [])
    if entries:
        _table(screen, "Ledger", entries)
        balance = sum((entry["amount"] for entry in entries), Decimal("0.00"))
        screen.print(f"Balance {shown(balance)}")
    if story.kind == "warning":
        customer_id = story.money["What it says"][-1]["customer_id"]
        screen.print(f"\nWhat stands behind it: sidan explain {customer_id}", markup=False)
    screen.print()


def _fields(screen: Console, title: str, row: Row) -> None:
    """A single row, a field a line, its cell last."""
    screen.print(f"\n{escape(title)}", style="bold")
    told = {**row, "file": _cell(row)} if "file" in row else dict(row)
    for field, value in told.items():
        if value not in (None, "") and field not in ("sheet", "row"):
            label = LABELS.get(field, {}).get(str(value), shown(value))
            screen.print(f"  {field.replace('_', ' ')}: {label}", markup=False)


def _sentences(screen: Console, title: str, sentences: Iterable[str]) -> None:
    for number, sentence in enumerate(sentences):
        if number == 0:
            screen.print(f"\n{title}", style="bold", markup=False)
        screen.print(f"  {sentence}", markup=False)


def exception_sentence(row: Row) -> str:
    """An exception in a sentence: what, how much, since when, on what evidence, and what next."""
    what = f"{row['reason_zh']} {row['reason']}, {shown(row['amount'])}, {row['document_no']}"
    parts = [f"{what}: {row['evidence']}", f"open since {row['opened_on']}"]
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
            orders[order_no] = tree.add(escape(f"订单 order {order_no}"), style="none")
        if (order_no, step) not in steps:
            said = f"{STEPS[step]}: {shown(row['difference'])}"
            steps[order_no, step] = orders[order_no].add(escape(said))
        steps[order_no, step].add(escape(f"{CAUSES[row['cause']]} {shown(row['amount'])}"))
    return tree


def _table(screen: Console, title: str, found: list[Row]) -> None:
    """Rows as a table without the columns that are empty throughout."""
    if not found:
        return
    with_cells = [{**row, "file": _cell(row)} if "file" in row else row for row in found]
    names = [name for name in found[0] if any(row[name] not in (None, "") for row in with_cells)]
    names = [name for name in names if name not in ("sheet", "row")]
    screen.print()
    screen.print(
        table_of(title, names, ([_value(name, row[name]) for name in names] for row in with_cells))
    )


def _value(field: str, value: Any) -> Any:
    return LABELS.get(field, {}).get(value, value) if isinstance(value, str) else value


def _cell(row: Row) -> str | None:
    """File, sheet and row as one place."""
    if row["file"] is None:
        return None
    sheet = f" [{row['sheet']}]" if row.get("sheet") else ""
    return f"{row['file']}{sheet} row {row['row']}"
