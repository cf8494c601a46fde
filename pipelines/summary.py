"""The summary of a home's newest closed day."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape

from io_managers.connection import read_only
from pipelines.console import table_of
from pipelines.queries import rows
from receivables.home import Home


def show_summary(screen: Console, home: Home) -> None:
    """Print orders by stage, money by chain and bucket, tiers, warnings, unread files, packs."""
    with read_only(home.published) as warehouse:
        (newest,) = rows(warehouse, "newest_day")
        found = {
            name: rows(warehouse, f"summary/{name}", newest)
            for name in (
                "figures", "stages", "outstanding", "tiers", "warnings", "unread", "packs"
            )
        }  # fmt: skip
    screen.print(f"\n[bold]Closed up to {newest['as_of']}[/bold]  {escape(str(home.root))}")
    (figures,) = found["figures"]
    screen.print(
        f"{figures['files']:,} files with {figures['rows_in']:,} rows read: "
        f"{figures['rows_sent_again']:,} sent again, {figures['rows_rejected']:,} rejected."
    )
    _show(screen, "Orders by stage", found["stages"])
    names, lines = by_chain(found["outstanding"])
    screen.print()
    screen.print(table_of("Money outstanding, by days overdue (CNY)", names, lines))
    _show(screen, "Customers by credit tier", found["tiers"])
    _show(screen, "Warnings", found["warnings"])
    _show(screen, "Files with rows that were not read", found["unread"])
    screen.print("\nPacks", style="bold")
    for pack in found["packs"]:
        screen.print(f"  {home.root / pack['path']}", markup=False, soft_wrap=True)
    screen.print(f"  mails in {home.outbox}", markup=False, soft_wrap=True)
    screen.print('\nNext: sidan explain ORDER_NO, sidan sql "from aged.aging limit 5", make ui')


def by_chain(cells: list[dict[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    """Amounts by chain and bucket as a table with a line per chain, a total line and column."""
    buckets = list(
        dict.fromkeys(cell["bucket"] for cell in sorted(cells, key=lambda cell: cell["bucket_no"]))
    )
    chains = sorted({cell["chain_id"] or "" for cell in cells})
    amounts = {(cell["chain_id"] or "", cell["bucket"]): cell["amount"] for cell in cells}
    nothing = Decimal("0.00")
    lines = [
        [chain, *(amounts.get((chain, bucket), nothing) for bucket in buckets)] for chain in chains
    ]
    lines.append(
        [
            "total",
            *(
                sum((line[place] for line in lines), nothing)
                for place in range(1, len(buckets) + 1)
            ),
        ]
    )
    return ["chain", *buckets, "total"], [[*line, sum(line[1:], nothing)] for line in lines]


def _show(screen: Console, title: str, found: list[dict[str, Any]]) -> None:
    screen.print()
    if not found:
        screen.print(f"[bold]{title}[/bold]: none")
        return
    screen.print(table_of(title, list(found[0]), (list(row.values()) for row in found)))
