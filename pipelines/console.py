"""What the command line prints: progress, tables, and what a close came to."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from io_managers.progress import Listener, Written

if TYPE_CHECKING:
    from pipelines.close import Closing

# Exit codes of every command.
DONE, TROUBLE, USAGE = 0, 1, 2

# Piped output is not folded: a program or `grep` wants one row per line.
PIPED_WIDTH = 240


def console(stream: IO[str] | None = None) -> Console:
    """A console; colours only on a terminal."""
    stream = stream or sys.stdout
    is_terminal = bool(stream and stream.isatty())
    width = None if is_terminal else PIPED_WIDTH
    return Console(file=stream, width=width, highlight=False, soft_wrap=not is_terminal)


@contextmanager
def progress_bar(title: str, tables: int) -> Iterator[Listener]:
    """A bar that moves with each table written; one plain line where nobody watches.

    It writes to a copy of the standard error stream, for a run captures the stream itself.
    """
    with os.fdopen(os.dup(sys.__stderr__.fileno() if sys.__stderr__ else 2), "w") as stream:
        screen = console(stream)
        if not screen.is_terminal:
            screen.print(escape(title))
            yield Listener(said=lambda sentence: screen.print(escape(sentence)))
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[table]}"),
        )
        with Progress(*columns, console=screen, transient=True) as bar:
            task = bar.add_task(escape(title), total=tables, table="")

            def wrote(written: Written) -> None:
                bar.update(task, advance=1, table=written.table)

            yield Listener(wrote, lambda sentence: bar.console.print(escape(sentence)))


def table_of(title: str, names: Sequence[str], rows: Iterable[Iterable[Any]]) -> Table:
    """Rows as a table: figures to the right, money with thousands."""
    cells = [tuple(row) for row in rows]
    table = Table(title=title or None, title_justify="left", title_style="bold", box=None)
    for position, name in enumerate(names):
        figures = all(
            isinstance(row[position], int | Decimal | type(None)) and row[position] is not True
            for row in cells
        )
        table.add_column(
            escape(name.replace("_", " ")), justify="right" if figures and cells else "left",
            overflow="fold",
        )  # fmt: skip
    for row in cells:
        table.add_row(*(escape(shown(value)) for value in row))
    return table


def shown(value: Any) -> str:
    """A value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:,}"
    if isinstance(value, list):
        return "; ".join(shown(part) for part in value)
    return str(value)


def plain(value: Any) -> Any:
    """A value for JSON: decimals and dates as text, so that nothing is rounded."""
    if isinstance(value, Decimal | date | datetime):
        return str(value)
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def print_json(values: Any) -> None:
    """Print values for a program."""
    print(json.dumps(plain(values), ensure_ascii=False, indent=2))


def print_csv(names: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """Print rows below their names, as CSV."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)


def stop(sentence: str) -> NoReturn:
    """End with a sentence and the exit code for a command that cannot be carried out."""
    console(sys.stderr).print(sentence, markup=False)
    raise typer.Exit(USAGE)


def read_day(text: str) -> date:
    """The day that a user named; ends with a sentence where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        stop(f"{text!r} is not a day. Write it as YYYY-MM-DD, for example 2026-08-31.")


def workbook_path(path: Path | None) -> Path | None:
    """A path that a workbook can be written to; ends with a sentence where it is none."""
    if path is None:
        return None
    if path.suffix.lower() != ".xlsx" or path.is_dir():
        stop(f"{path} is no name of a workbook. Name a file that ends in .xlsx.")
    if not path.parent.is_dir():
        stop(f"There is no folder {path.parent} for {path.name}. Make it, or name another file.")
    return path.with_suffix(".xlsx")


Xlsx = Annotated[
    Path | None,
    typer.Option("--xlsx", metavar="FILE", help="Also a workbook.", callback=workbook_path),
]


def show_closing(screen: Console, closing: Closing) -> None:
    """Say what a close came to, and what to do next."""
    window = closing.window
    days = f"{window.day_from}" if window.day_from == window.day_until else (
        f"{window.day_from} to {window.day_until}"
    )  # fmt: skip
    if not closing.is_closed:
        screen.print(f"[red]{days} could not be closed.[/red] The warehouse is as it was before.")
        for audit in closing.audits:
            screen.print(f"  [red]{audit.table}[/red] {escape(audit.sentence)} ({audit.name})")
            if audit.sample:
                screen.print(escape(audit.sample), style="dim")
        for error in closing.errors:
            screen.print(f"  {escape(error)}")
        screen.print(f"The run is {closing.run_id}; `make ui` shows its steps.")
        return
    rows = sum(closing.rows.values())
    screen.print(
        f"[green]{days} closed[/green] in {closing.total_seconds:.0f} s, {rows:,} rows written."
    )
    if closing.purpose != "demo":  # its summary lists them
        show_unread(screen, closing)
    if closing.delivery and closing.delivery.sent:
        screen.print(f"{closing.delivery.sent} mail(s) sent.")
    for warning in closing.warnings:
        screen.print(f"[yellow]{escape(warning)}[/yellow]")


def show_unread(screen: Console, closing: Closing) -> None:
    """List the files that were not read, or not wholly."""
    if not closing.unread:
        return
    screen.print(
        table_of(
            "Files with rows that were not read (they stand in received.rejected_rows)",
            ["file", "rows", "reason"],
            [(file.path, file.rejected_rows, file.reason) for file in closing.unread],
        )
    )
    screen.print("Mend them, or describe their layout, and put them into the newest inbox folder.")
