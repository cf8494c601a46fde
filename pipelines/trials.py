"""How one file is understood: what it is, its layout, its rows, its totals; as text and JSON."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.markup import escape

from pipelines.console import shown, table_of
from receivables.policy import LIMITS, Intake
from receivables.sources import (
    CANONICAL,
    Parsed,
    Part,
    Sources,
    UnreadableError,
    read_file,
    sniff,
    total,
)
from receivables.sources.books import read_book
from receivables.sources.containers import is_archive, unpacked
from receivables.sources.grids import Book
from receivables.sources.inbox import is_ignored
from receivables.sources.proposing.near import Nearness, nearest

FORMATS = {
    "xlsx": "Excel workbook (.xlsx)",
    "xlsb": "Excel binary workbook (.xlsb)",
    "xls": "old Excel workbook (.xls, BIFF)",
    "ods": "OpenDocument spreadsheet (.ods)",
    "spreadsheetml": "Excel 2003 XML workbook",
    "html": "web page with tables",
    "text": "separated text (CSV)",
    "parquet": "Parquet",
    "einvoice": "electronic invoice (XML)",
    "ofd": "electronic invoice (OFD)",
    "zip": "zip archive",
}
MOST_REJECTED = 200


@dataclass(frozen=True)
class Trial:
    """A file (or one out of an archive) and how it is understood."""

    name: str
    form: str | None
    book: Book | None
    parsed: Parsed
    near: tuple[Nearness, ...]

    @property
    def is_understood(self) -> bool:
        """Whether there are rows, and none is rejected."""
        parts = self.parsed.parts
        return bool(parts) and all(part.rejected.is_empty() for part in parts)

    def as_json(self, rows: int) -> dict[str, Any]:
        """Plain values for a program."""
        return {
            "file": self.name,
            "format": self.form,
            "sheets": [
                {"sheet": grid.name, "rows": grid.cells.height, "columns": grid.cells.width}
                for grid in (self.book.grids if self.book else ())
            ],
            "layout": self.parsed.layout,
            "is_understood": self.is_understood,
            "message": self.parsed.message,
            "layouts": [
                {"layout": one.layout.name, "shown": one.shown, "lacking": one.lacking}
                for one in self.near
            ],
            "parts": [_part_json(part, rows) for part in self.parsed.parts],
            "totals": [
                {**row, "difference": row["summed"] - row["printed"]}
                for row in self.parsed.totals.to_dicts()
            ],
        }


def _part_json(part: Part, rows: int) -> dict[str, Any]:
    figures = {
        f"{what}_{side}": value
        for side, (count, amount) in _figures(part).items()
        for what, value in (("rows", count), ("amount", amount))
    }
    return {
        "kind": part.kind,
        **figures,
        "rows": part.accepted.head(rows).to_dicts(),
        "rejected": part.rejected.to_dicts(),
    }


def _figures(part: Part) -> dict[str, tuple[int, Decimal]]:
    money = part.contract.money
    return {
        "in": (part.rows_in, part.amount_in),
        "accepted": (part.accepted.height, total(part.accepted, money)),
        "rejected": (part.rejected.height, total(part.rejected, "amount")),
    }


def trials_of(file: Path, sources: Sources, limits: Intake = LIMITS) -> Iterator[Trial]:
    """How a file is understood; of an archive, how each file in it is."""
    if not is_archive(file, limits):
        yield _trial(file.name, file, sources, limits)
        return
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    with tempfile.TemporaryDirectory() as folder:
        try:
            inside = unpacked(file, sha256, Path(folder), limits)
        except UnreadableError as error:
            yield Trial(file.name, "zip", None, Parsed(None, (), str(error)), ())
            return
        if inside.refused or not inside.members:
            told = inside.refused or "The archive is empty."
            yield Trial(file.name, "zip", None, Parsed(None, (), told), ())
        for member in inside.members:
            name = f"{file.name}/{member.path}"
            if member.is_archive:
                if member.refused:
                    yield Trial(name, "zip", None, Parsed(None, (), member.refused), ())
            elif not is_ignored(Path(member.path)):
                yield _trial(name, Path(member.place), sources, limits)


def _trial(name: str, file: Path, sources: Sources, limits: Intake) -> Trial:
    form, book, near = None, None, ()
    try:
        form = sniff(file, limits)
        book = read_book(file, form, limits) if form != "parquet" else None
        near = tuple(nearest(book, sources.layouts)) if book else ()
    except (UnreadableError, OSError):
        pass  # read_file says what is wrong with it
    return Trial(name, form, book, read_file(file, sources, limits), near)


def show_trial(screen: Console, trial: Trial, rows: int) -> None:
    """Print how a file is understood."""
    screen.print(f"[bold]{escape(trial.name)}[/bold]")
    screen.print(f"  is: {escape(_bytes(trial))}")
    screen.print(f"  layout: {escape(_why(trial))}")
    for one in _near_misses(trial):
        screen.print(f"  {escape(one)}", style="dim")
    if trial.parsed.message:
        colour = "yellow" if trial.parsed.parts else "red"
        screen.print(f"  [{colour}]{escape(trial.parsed.message)}[/{colour}]")
    for part in trial.parsed.parts:
        _show_part(screen, part, rows)
    _show_totals(screen, trial.parsed.totals)
    screen.print()


def _bytes(trial: Trial) -> str:
    form = FORMATS.get(trial.form or "", trial.form or "not known")
    if trial.book is None:
        return form
    sheets = [
        f"{grid.name or 'one table'} ({grid.cells.height:,} rows × {grid.cells.width} columns)"
        for grid in trial.book.grids
    ]
    return f"{form}: {', '.join(sheets)}"


def _why(trial: Trial) -> str:
    name = trial.parsed.layout
    if name is None:
        return "none"
    if name == CANONICAL:
        return "none needed: the file is named after its kind and has its headings"
    for one in trial.near:
        if one.layout.name == name:
            return f"{name} ({one.layout.label}), by {', '.join(one.shown)}"
    return name


def _near_misses(trial: Trial) -> Iterator[str]:
    if trial.parsed.layout is not None:
        return
    for one in trial.near:
        if one.lacking:
            yield (
                f"near: {one.layout.name} ({one.layout.label}); shown: {', '.join(one.shown)}; "
                f"lacking: {', '.join(one.lacking)}"
            )


def _show_part(screen: Console, part: Part, rows: int) -> None:
    figures = ", ".join(
        f"{count:,} {side} ({shown(amount)})" if part.contract.money else f"{count:,} {side}"
        for side, (count, amount) in _figures(part).items()
    )
    screen.print(f"\n[bold]{escape(part.contract.label)}[/bold] {part.kind}: rows {figures}")
    found = part.accepted.head(rows)
    given = [name for name in part.contract.fields if part.accepted[name].count()]
    labels = {name: part.contract.fields[name].label for name in given}
    same = [name for name in given if part.accepted.height > 1 and _is_same(part.accepted[name])]
    if same and found.height:
        told = "; ".join(f"{labels[name]} {shown(found[name][0])}" for name in same)
        screen.print(f"  in all rows: {told}", markup=False)
    if found.height:
        places = ["sheet", "row_no"] if found["sheet"].count() else ["row_no"]
        names = [name for name in given if name not in same]
        headings = [*["表", "行"][-len(places) :], *(labels[name] for name in names)]
        screen.print(table_of("", headings, found.select(*places, *names).iter_rows()))
    if part.rejected.height:
        screen.print(f"[red]{part.rejected.height:,} rejected row(s)[/red]")
        places = ["sheet", "row"] if part.rejected["sheet"].count() else ["row"]
        told = part.rejected.head(MOST_REJECTED).select(*places, "field", "value", "reason")
        screen.print(table_of("", told.columns, told.iter_rows()))
        if part.rejected.height > MOST_REJECTED:
            screen.print(f"and {part.rejected.height - MOST_REJECTED:,} more; --json lists all")


def _is_same(values: pl.Series) -> bool:
    return values.null_count() == 0 and values.n_unique() == 1


def _show_totals(screen: Console, totals: pl.DataFrame) -> None:
    """The file's own totals against what was read; those that differ first and in full."""
    if totals.is_empty():
        return
    off = [row for row in totals.to_dicts() if row["printed"] != row["summed"]]
    equal = totals.height - len(off)
    if equal:
        screen.print(f"\n[green]{equal} total(s) of the file equal what was read.[/green]")
    if off:
        screen.print(f"\n[red]{len(off)} total(s) of the file differ from what was read:[/red]")
        names = ["kind", "sheet", "row", "label", "field", "printed", "summed", "difference"]
        rows = [{**row, "difference": row["summed"] - row["printed"]} for row in off]
        screen.print(table_of("", names, ([row[name] for name in names] for row in rows)))
