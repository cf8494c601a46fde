"""`sidan sources`: how a file is understood, and a layout for one that is not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from pipelines.console import (
    DONE,
    TROUBLE,
    console,
    print_json,
    shown,
    stop,
    table_of,
)
from receivables.home import Home

if TYPE_CHECKING:
    import polars as pl

    from receivables.sources import Parsed, Part, Sources
    from receivables.sources.grids import Book
    from receivables.sources.proposing import Proposal
    from receivables.sources.proposing.near import Nearness

app = typer.Typer(
    name="sources",
    help="How a file is understood, and a layout for a file that is not. A layout is a YAML file "
    "in config/sources/; docs/add-a-chain.md describes every key.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

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

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A file as it was downloaded.")]
Rows = Annotated[int, typer.Option("--rows", min=0, help="How many rows to show of each kind.")]


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
    from receivables.sources import total

    money = part.contract.money
    return {
        "in": (part.rows_in, part.amount_in),
        "accepted": (part.accepted.height, total(part.accepted, money)),
        "rejected": (part.rejected.height, total(part.rejected, "amount")),
    }


@app.command("try")
def try_(
    file: File,
    layout: Annotated[
        Path | None,
        typer.Option("--layout", metavar="YAML", help="Read it by this layout and no other."),
    ] = None,
    rows: Rows = 5,
    as_json: Json = False,
) -> None:
    """Show how a file is understood: layout, first rows, rejected rows, and its own totals.

    A zip is opened, and each file in it is shown. Nothing is stored. Exit codes: 0 every row is
    understood; 1 rows are rejected, or no layout describes the file; 2 the command was not
    understood.
    """
    _existing(file)
    trials = list(trials_of(file, _sources(layout)))
    if as_json:
        files = [trial.as_json(rows) for trial in trials]
        print_json({"is_understood": all(t.is_understood for t in trials), "files": files})
    else:
        screen = console()
        for trial in trials:
            show_trial(screen, trial, rows)
            if not trial.is_understood:
                screen.print(_next_step(file, trial), markup=False)
    raise typer.Exit(DONE if all(trial.is_understood for trial in trials) else TROUBLE)


def _next_step(file: Path, trial: Trial) -> str:
    if trial.parsed.layout is None and trial.form == "parquet":
        return "Next: name the file after the kind of its rows."
    if not trial.parsed.parts:
        return f"Next: sidan sources new {_quoted(file)}"
    return "Next: mend the layout (or ask for a better file), and try again."


@app.command()
def new(
    file: File,
    kind: Annotated[
        str | None,
        typer.Option("--kind", help="What the rows are, such as statements; default: guessed."),
    ] = None,
    chain: Annotated[
        str | None,
        typer.Option("--chain", metavar="ID", help="The chain, as your list of customers has it."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="YAML", help="Default: config/sources/ of SIDAN_HOME."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace an existing layout; ignore known ones.")
    ] = False,
    rows: Rows = 5,
    as_json: Json = False,
) -> None:
    """Propose a layout for a file that none describes, write it, and try it on the file.

    Headings, titles and values are held against the words of papers; each line of the YAML says
    what speaks for it. Read the comments, mend what is wrong, and try again: sidan sources try.
    What only a person can tell is asked for, and no row is taken before it is written. Exit
    codes: 0 every row is understood; 1 rows are rejected, or something must still be told; 2 the
    command was not understood, or the file has no table.
    """
    from receivables.sources.proposing import NothingFoundError, propose

    _existing(file)
    _known_kind(kind)
    sources = _sources(None)
    form, book = _opened(file)
    _refuse_known(file, form, sources, force)
    try:
        proposal = propose(file, book, sources, kind, chain or _asked_chain(kind))
    except NothingFoundError as error:
        stop(str(error))
    place = _place(out, proposal)
    if place.exists() and not force:
        stop(f"{place} exists already. Give --force to replace it, or --out for another file.")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(proposal.text, encoding="utf-8")
    trial = _trial_of(file, proposal, place, sources)
    if as_json:
        told = {"layout": str(place), "kinds": proposal.kinds, "questions": proposal.questions}
        print_json({**told, "trial": trial.as_json(rows)})
    else:
        _show_proposal(console(), file, proposal, place, trial, rows)
    is_done = trial.is_understood and not proposal.questions
    raise typer.Exit(DONE if is_done else TROUBLE)


def _show_proposal(
    screen: Console, file: Path, proposal: Proposal, place: Path, trial: Trial, rows: int
) -> None:
    show_trial(screen, trial, rows)
    screen.print(f"[green]Written:[/green] {escape(str(place))}")
    for question in proposal.questions:
        screen.print(f"[yellow]To be answered[/yellow] {escape(question)}")
    if proposal.questions:
        screen.print("Until then its rows are rejected; here they are shown as if it were told.")
    screen.print(f"Next: read its comments, mend it, and: sidan sources try {_quoted(file)}")


def _trial_of(file: Path, proposal: Proposal, place: Path, sources: Sources) -> Trial:
    """The file as read by the proposal, beside the layouts that are known already."""
    from receivables.sources import Sources
    from receivables.sources.proposing.drafting import ASK

    answers = {
        line.field: "?" for made in proposal.drafts for line in made.columns if line.spec == ASK
    }
    layout = proposal.layout(**answers).model_copy(update={"name": place.stem})
    others = tuple(one for one in sources.layouts if one.name != place.stem)
    (trial,) = trials_of(file, Sources((*others, layout)))
    return trial


def _asked_chain(kind: str | None) -> str | None:
    """Ask for the chain where somebody sits before the screen."""
    if not sys.stdin.isatty() or not sys.stdout.isatty() or kind in ("invoices", "bank_receipts"):
        return None
    asked = typer.prompt("Which chain is it (chain_id; empty: say it later)", default="")
    return asked.strip() or None


def _place(out: Path | None, proposal: Proposal) -> Path:
    place = out or Home.current().root / "config" / "sources" / f"{proposal.name}.yaml"
    if place.suffix not in (".yaml", ".yml"):
        stop(f"{place} does not end in .yaml; a layout is a YAML file.")
    if place.is_dir():
        stop(f"{place} is a folder. Name a file in it.")
    return place


def _refuse_known(file: Path, form: str, sources: Sources, force: bool) -> None:
    from receivables.sources import read_file

    known = read_file(file, sources).layout
    if known == "canonical":
        stop("The file is named after its kind and has its headings; it needs no layout.")
    if known and not force:
        stop(
            f"The layout {known} describes this file already; see: sidan sources try "
            f"{_quoted(file)}. To propose another one: --force."
        )
    if form == "parquet":
        stop("A Parquet file has no layout: name it after the kind of its rows, orders_….parquet.")


def _known_kind(kind: str | None) -> None:
    from receivables.contracts import KINDS

    if kind is not None and kind not in KINDS:
        stop(f"{kind!r} is no kind of paper. Kinds are {', '.join(KINDS)}.")


def _existing(file: Path) -> None:
    if file.is_dir():
        stop(f"{file} is a folder. Name one file in it.")
    if not file.exists():
        stop(f"There is no file {file}. Write its path, in quotes where it has spaces.")


def _sources(layout: Path | None) -> Sources:
    from receivables.sources import LayoutError, Sources, read_layout

    try:
        if layout is None:
            return Sources.of(Home.current())
        if not layout.is_file():
            stop(f"There is no layout {layout}. Name a YAML file, or leave --layout out.")
        return Sources((read_layout(layout),))
    except LayoutError as error:
        stop(f"{error}. Mend that line and try again.")


def trials_of(file: Path, sources: Sources) -> Iterator[Trial]:
    """How a file is understood; of an archive, how each file in it is."""
    yield _trial(file.name, file, sources)


def _trial(name: str, file: Path, sources: Sources) -> Trial:
    from receivables.sources import UnreadableError, read_file, sniff
    from receivables.sources.books import read_book
    from receivables.sources.proposing.near import nearest

    form, book, near = None, None, ()
    try:
        form = sniff(file)
        book = read_book(file, form) if form != "parquet" else None
        near = tuple(nearest(book, sources.layouts)) if book else ()
    except (UnreadableError, OSError):
        pass  # read_file says what is wrong with it
    return Trial(name, form, book, read_file(file, sources), near)


def _opened(file: Path) -> tuple[str, Book]:
    from receivables.sources import UnreadableError, sniff
    from receivables.sources.books import read_book

    try:
        form = sniff(file)
        if form == "parquet":
            stop("A Parquet file has no layout: name it after the kind of its rows.")
        return form, read_book(file, form)
    except UnreadableError as error:
        stop(str(error))
    except OSError as error:
        stop(f"The file could not be opened: {error.strerror or error}.")


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
    if name == "canonical":
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
    names = [name for name in part.contract.fields if found[name].null_count() < found.height]
    if found.height:
        labels = ["表", "行"] if found["sheet"].null_count() < found.height else ["行"]
        columns = ["sheet", "row_no"] if len(labels) == 2 else ["row_no"]
        headings = [*labels, *(part.contract.fields[name].label for name in names)]
        screen.print(table_of("", headings, found.select(*columns, *names).iter_rows()))
    if part.rejected.height:
        screen.print(f"[red]{part.rejected.height:,} rejected row(s)[/red]")
        told = part.rejected.head(MOST_REJECTED).select("sheet", "row", "field", "value", "reason")
        screen.print(table_of("", told.columns, told.iter_rows()))
        if part.rejected.height > MOST_REJECTED:
            screen.print(f"and {part.rejected.height - MOST_REJECTED:,} more; --json lists all")


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


def _quoted(file: Path | str) -> str:
    import shlex

    return shlex.quote(str(file))
