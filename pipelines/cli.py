"""The `sidan` command."""

from __future__ import annotations

import os
import shutil
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from pipelines import sources
from pipelines.at_home import (
    home_of_command,
    newest_day,
    no_inbox,
    plan_of,
    policy_at,
    policy_of,
    published,
    refuse_future,
    window_of,
)
from pipelines.console import (
    DONE,
    TROUBLE,
    Xlsx,
    console,
    print_csv,
    print_json,
    progress_bar,
    read_day,
    show_closing,
    stop,
    table_of,
)
from receivables.home import REPOSITORY, Home

if TYPE_CHECKING:
    from io_managers.session import Window
    from pipelines.close import Closing

SAMPLES = REPOSITORY / "data" / "samples"

app = typer.Typer(
    name="sidan",
    epilog="SIDAN_HOME names the folder with inbox/, warehouse/, reports/ and outbox/ "
    "(default: data/local of the program's folder). Exit codes: 0 done; 1 failed audits, or files "
    "that were not read; 2 the command was not understood or there is nothing to do it with.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.add_typer(sources.app)


Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]
Day = Annotated[str, typer.Argument(metavar="DAY", help="A day as YYYY-MM-DD.")]


def program_version() -> str:
    """The version of the installed package; where it only runs from its folder, of that."""
    try:
        return version("sidan")
    except PackageNotFoundError:
        project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
        return project["project"]["version"]


def show_version(is_asked: bool) -> None:
    """Print the version and end."""
    if is_asked:
        print(f"sidan {program_version()}")
        raise typer.Exit(DONE)


Version = Annotated[
    bool,
    typer.Option("--version", help="Print the version.", callback=show_version, is_eager=True),
]


@app.callback()
def options(is_version_asked: Version = False) -> None:
    """Receivables of a supplier to supermarket chains, from the files of a day to Excel packs."""


@app.command()
def demo() -> None:
    """Close the four sample months and print a summary.

    Copies the sample inbox into SIDAN_HOME if its inbox is empty, closes every open day in one
    run, and says where the packs are. (One sample file is damaged on purpose; it is listed.)
    """
    home = home_of_command()
    if not home.inbox_days():
        shutil.copytree(SAMPLES / "inbox", home.inbox, dirs_exist_ok=True)
        console(sys.stderr).print(f"Sample inbox copied to {home.inbox}")
    found = plan_of(home)
    newest = found.newest
    if newest is None:
        stop(f"{home.inbox} has no folder of a day since {found.first_day}.")
    waiting = found.waiting(newest)
    if waiting:
        closing = _close(home, found.window(waiting[0], newest), "demo")
        show_closing(console(), closing)
        if not closing.is_closed:
            raise typer.Exit(TROUBLE)
    from pipelines.summary import show_summary

    show_summary(console(), home)


@app.command(short_help="Close a day and all open days before it.")
def close(
    day: Annotated[
        str | None,
        typer.Argument(metavar="[DAY]", help="YYYY-MM-DD; default: the newest day of the inbox."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Close a day: read its inbox folder, compute every table, audit, write packs and mails.

    Earlier days that are still open, or got new files, are closed with it. A day that is closed
    already is closed again together with all later ones. Nothing changes when nothing arrived.
    """
    home = home_of_command()
    found = plan_of(home)
    asked = read_day(day) if day else found.newest
    if asked is None:
        no_inbox(home)
    refuse_future(found, asked)
    if day is None and not found.waiting(asked):
        message = f"{asked} is closed, and every paper up to it has been read."
        _say(as_json, {"is_closed": True, "day_until": str(asked), "message": message}, message)
        return
    _finish(_close(home, window_of(found, asked), "close", quiet=as_json), as_json)


@app.command()
def backfill(
    day_from: Annotated[str, typer.Argument(metavar="FROM", help="First day, YYYY-MM-DD.")],
    day_until: Annotated[str, typer.Argument(metavar="TO", help="Last day, YYYY-MM-DD.")],
    as_json: Json = False,
) -> None:
    """Close a range of days in one run, without sending mail.

    It starts earlier where earlier days are open, and runs to the last closed day, because the
    papers of a day count for every later one.
    """
    home = home_of_command()
    first, last = read_day(day_from), read_day(day_until)
    if last < first:
        stop(f"TO ({last}) lies before FROM ({first}).")
    found = plan_of(home)
    if found.newest is None:
        no_inbox(home)
    refuse_future(found, last)
    _finish(_close(home, window_of(found, first, last), "backfill", quiet=as_json), as_json)


@app.command(short_help="Tell the story of a paper, an item or a customer.")
def explain(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="Number of an order, delivery, goods receipt, invoice, statement, payment advice "
            "or bank receipt; an invoice application; an open item, an exception, a warning or a "
            "customer. CHAIN/NUMBER picks one chain.",
        ),
    ],
    kind: Annotated[
        str | None, typer.Option(help="Only this kind, where a number stands for several.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a paper's story: its papers, why they belong together, its money, and its origin."""
    from pipelines.explain import explanations, likely, subjects
    from pipelines.story import KINDS, choices, nothing_known, show

    if not subject.strip():
        stop("Say which paper, for example: sidan explain 4500001234")
    if kind is not None and kind not in KINDS:
        stop(f"There is no kind {kind!r}. Kinds are: {', '.join(KINDS)}.")
    with published(home_of_command()) as warehouse:
        found = subjects(warehouse, subject, kind)
        others = [] if found or kind is None else subjects(warehouse, subject)
        if others:
            stop(choices(others, f"There is no {kind} {subject}, but:"))
        if not found:
            stop(nothing_known(subject, likely(warehouse, subject)))
        if as_json:
            print_json([one.as_json() for one in explanations(warehouse, subject, kind)])
            return
        if len(found) > 1:
            stop(choices(found))
        for one in explanations(warehouse, subject, kind):
            show(console(), one)


@app.command(short_help="Query the published tables, read only.")
def sql(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="A select statement.")],
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Query the published tables, read only: sidan sql "from aged.aging limit 5".

    `sidan sql "show all tables"` lists them.
    """
    import duckdb

    with published(home_of_command()) as warehouse:
        try:
            cursor = warehouse.execute(query)
            names = [column[0] for column in cursor.description or []] if cursor else []
            rows = cursor.fetchall() if names else []
        except duckdb.CatalogException as error:
            stop(f'{error}\n\n`sidan sql "show all tables"` lists the tables.')
        except duckdb.Error as error:
            stop(str(error))
    if not names:
        stop('Say what to select, for example: sidan sql "from aged.aging limit 5"')
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    elif as_csv:
        print_csv(names, rows)
    else:
        screen = console()
        screen.print(table_of("", names, rows))
        screen.print(f"{len(rows):,} row(s)", style="dim")


@app.command(short_help="Show a closed day with what became known since.")
def restate(
    day: Day,
    known: Annotated[
        str | None,
        typer.Option(
            "--known", metavar="TODAY", help="YYYY-MM-DD; default: the newest closed day."
        ),
    ] = None,
    xlsx: Xlsx = None,
    as_json: Json = False,
) -> None:
    """Show a closed day with what became known later, beside the day as it was closed.

    Lists the difference by cause, by debtor and by paper, and the aging of both. Nothing changes.
    """
    from pipelines.restating import CannotRestateError, DoesNotAddUpError, show
    from pipelines.restating import restate as work_out
    from pipelines.workbooks import restated_pack, save

    home = home_of_command()
    asked, by = read_day(day), read_day(known) if known else newest_day(home)
    try:
        told = work_out(home, policy := policy_at(home), asked, by)
    except CannotRestateError as error:
        stop(str(error))
    except DoesNotAddUpError as error:
        console(sys.stderr).print(str(error), markup=False)
        raise typer.Exit(TROUBLE) from None
    if xlsx:
        save(restated_pack(told, policy.version, policy.packs.company), xlsx, policy.packs)
    if as_json:
        print_json(told.as_json())
    else:
        show(console(), told)


@app.command(short_help="Rate a closed day by another policy.")
def rate(
    policy: Annotated[Path, typer.Option("--policy", metavar="FILE", help="The policy to try.")],
    day: Annotated[
        str | None,
        typer.Argument(metavar="[DAY]", help="YYYY-MM-DD; default: the newest closed day."),
    ] = None,
    compare: Annotated[bool, typer.Option("--compare", help="List only who would move.")] = False,
    xlsx: Xlsx = None,
    as_json: Json = False,
) -> None:
    """Rate a closed day by another policy, beside the ratings as closed; nothing changes.

    Shows classes, tiers, limits, holds and exposure over limit under both.
    """
    from pipelines.rating import CannotRateError, show
    from pipelines.rating import compare as work_out
    from pipelines.workbooks import compared_pack, save

    home = home_of_command()
    other = policy_of(policy)
    asked = read_day(day) if day else newest_day(home)
    try:
        found = work_out(home, policy_at(home), other, asked)
    except CannotRateError as error:
        stop(str(error))
    if xlsx:
        save(compared_pack(found, compare, other.packs.company), xlsx, other.packs)
    if as_json:
        print_json(found.as_json(movers_only=compare))
    else:
        show(console(), found, movers_only=compare)


@app.command(short_help="Look at configuration and inbox before running.")
def check(as_json: Json = False) -> None:
    """Look at the configuration and the inbox before running; nothing is changed.

    Reports what a close would refuse or not understand: policy, file layouts, mail, folder names,
    files of unknown layout, rows that would be rejected, agreements that contradict each other.
    """
    from pipelines.check import findings

    found = findings(home_of_command(), console(sys.stderr))
    if as_json:
        print_json([finding.as_json() for finding in found])
    else:
        screen = console()
        for finding in found:
            colour = "red" if finding.is_error else "yellow"
            screen.print(f"[{colour}]{finding.level}[/{colour}] ", end="")
            screen.print(f"{finding.where}: {finding.sentence}", markup=False)
        if not found:
            screen.print("[green]Nothing to complain about.[/green] Next: sidan close")
    raise typer.Exit(TROUBLE if any(finding.is_error for finding in found) else DONE)


def _close(home: Home, window: Window, purpose: str, quiet: bool = False) -> Closing:
    from pipelines.engines import share_engines

    share_engines()
    from pipelines.close import close as run
    from pipelines.close import tables_count

    days = len(window.days)
    until = f" to {window.day_until}, {days} days" if days > 1 else ""
    title = f"Closing {window.day_from}{until}"
    with progress_bar(title, tables_count()) as listener:
        return run(home, window, purpose, listener)


def _finish(closing: Closing, as_json: bool) -> NoReturn:
    if as_json:
        print_json(closing.as_json())
    else:
        show_closing(console(), closing)
    raise typer.Exit(closing.exit_code)


def _say(as_json: bool, values: dict[str, Any], sentence: str) -> None:
    if as_json:
        print_json(values)
    else:
        console().print(sentence, markup=False)


def main() -> None:
    """Run the command line."""
    try:
        app(prog_name="sidan")
    except BrokenPipeError:
        # Whoever read the output has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
