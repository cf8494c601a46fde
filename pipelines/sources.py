"""`sidan sources`: how a file is understood, and a layout for one that is not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from pipelines.console import DONE, TROUBLE, console, print_json, stop
from receivables.home import Home

if TYPE_CHECKING:
    from pipelines.trials import Trial
    from receivables.policy import Intake
    from receivables.sources import Sources
    from receivables.sources.grids import Book
    from receivables.sources.proposing import Proposal

app = typer.Typer(
    name="sources",
    help="How a file is understood, and a layout for a file that is not. A layout is a YAML file "
    "in config/sources/; docs/add-a-chain.md describes every key.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A file as it was downloaded.")]
Rows = Annotated[int, typer.Option("--rows", min=0, help="How many rows to show of each kind.")]


@app.command("try", short_help="Show how a file is understood, and what of it is not.")
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
    from pipelines.trials import show_trial, trials_of
    from receivables.sources import UnreadableError

    _existing(file)
    try:
        trials = list(trials_of(file, _sources(layout), _limits()))
    except UnreadableError as error:
        stop(str(error))
    if as_json:
        files = [trial.as_json(rows) for trial in trials]
        print_json({"is_understood": all(t.is_understood for t in trials), "files": files})
    else:
        screen = console()
        for trial in trials:
            show_trial(screen, trial, rows)
            if not trial.is_understood:
                screen.print(_next_step(file, trial), markup=False)
                screen.print()
    raise typer.Exit(DONE if all(trial.is_understood for trial in trials) else TROUBLE)


def _next_step(file: Path, trial: Trial) -> str:
    from receivables.sources import CANONICAL

    if trial.form == "parquet" and not trial.parsed.parts:
        return "Next: name the file after the kind of its rows."
    if trial.name != file.name and trial.book and not trial.parsed.parts:
        return f"Next: unpack {trial.name}, and: sidan sources new {Path(trial.name).name}"
    if trial.book and not trial.parsed.parts:
        return f"Next: sidan sources new {_quoted(file)}"
    if trial.book is None:
        return "Next: ask for the file again, or for the same data as a workbook or CSV file."
    if trial.parsed.layout == CANONICAL:
        return "Next: mend these rows where the file was made, and try again."
    return "Next: mend the layout (or ask for a better file), and try again."


@app.command(short_help="Propose a layout for a file that none describes.")
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
    book = _opened(file)
    _refuse_known(file, sources, force)
    try:
        proposal = propose(file, book, sources, kind, chain or _asked_chain(kind, as_json))
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
    from pipelines.trials import show_trial

    show_trial(screen, trial, rows)
    screen.print(f"[green]Written:[/green] {escape(str(place))}")
    for question in proposal.questions:
        screen.print(f"[yellow]To be answered[/yellow] {escape(question)}")
    if proposal.questions:
        screen.print("Until then its rows are rejected; here they are shown as if it were told.")
    again = f"sidan sources try {_quoted(file)}"
    if place.parent != _own_layouts():
        again += f" --layout {_quoted(place)}"
        screen.print(f"It is used for the inbox once it lies in {_own_layouts()}.", markup=False)
    screen.print(f"Next: read its comments, mend what is wrong, and: {again}", markup=False)


def _own_layouts() -> Path:
    return Home.current().root / "config" / "sources"


def _trial_of(file: Path, proposal: Proposal, place: Path, sources: Sources) -> Trial:
    """The file as read by the proposal, beside the layouts that are known already."""
    from pipelines.trials import trials_of
    from receivables.sources import Sources
    from receivables.sources.proposing.drafting import ASK

    answers = {
        line.field: "?" for made in proposal.drafts for line in made.columns if line.spec == ASK
    }
    layout = proposal.layout(**answers).model_copy(update={"name": place.stem})
    others = tuple(one for one in sources.layouts if one.name != place.stem)
    return next(trials_of(file, Sources((*others, layout)), _limits()))


def _asked_chain(kind: str | None, as_json: bool) -> str | None:
    """Ask for the chain where somebody sits before the screen."""
    if (
        as_json
        or not sys.stdin.isatty()
        or not sys.stdout.isatty()
        or kind in ("invoices", "bank_receipts")
    ):
        return None
    asked = typer.prompt("Which chain is it (chain_id; empty: say it later)", default="")
    return asked.strip() or None


def _place(out: Path | None, proposal: Proposal) -> Path:
    place = out or _own_layouts() / f"{proposal.name}.yaml"
    if place.suffix != ".yaml":
        stop(f"{place} does not end in .yaml, as the file of a layout must.")
    if place.is_dir():
        stop(f"{place} is a folder. Name a file in it.")
    return place


def _refuse_known(file: Path, sources: Sources, force: bool) -> None:
    from receivables.sources import CANONICAL, read_file

    known = read_file(file, sources, _limits()).layout
    if known == CANONICAL:
        stop("The file is named after its kind and has its headings; it needs no layout.")
    if known and not force:
        stop(
            f"The layout {known} describes this file already; see: sidan sources try "
            f"{_quoted(file)}. To propose another one: --force."
        )


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


def _limits() -> Intake:
    from receivables.policy import Policy, PolicyError

    try:
        return Policy.read(Home.current().config("policy.yaml")).intake
    except PolicyError as error:
        stop(f"{error}. Mend config/policy.yaml and try again.")


def _opened(file: Path) -> Book:
    """The file's sheets; archives and Parquet have none to describe."""
    from receivables.sources import UnreadableError, sniff
    from receivables.sources.books import read_book

    try:
        form = sniff(file, _limits())
        if form == "parquet":
            stop("A Parquet file has no layout: name it after its kind, such as orders_….parquet.")
        if form == "zip":
            stop("This is an archive: unpack it, and name one of the files in it.")
        return read_book(file, form, _limits())
    except UnreadableError as error:
        stop(str(error))
    except OSError as error:
        stop(f"The file could not be opened: {error.strerror or error}.")


def _quoted(file: Path | str) -> str:
    import shlex

    return shlex.quote(str(file))
