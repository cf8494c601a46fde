"""What the tables of this stage need before they are made, and which audits they answer for."""

from collections.abc import Iterable
from pathlib import Path

import dagster as dg

from assets.sql_model import Statement
from io_managers.session import Session, Window, missing_slices

FOLDER = Path(__file__).resolve().parent.parent / "audits"


def audits_of(table: str) -> list[Statement]:
    """The audits that a table's step answers for: those of mails read reported.mails."""
    audits = [Statement.read(path) for path in sorted(FOLDER.glob("*.sql"))]
    of_mails = [audit for audit in audits if "reported.mails" in audit.reads]
    if table == "mails":
        return of_mails
    return [audit for audit in audits if audit not in of_mails]


def need(session: Session, tables: Iterable[str], window: Window) -> None:
    """Stop a run of chosen tables whose inputs have not been computed for its days.

    Raises:
        dg.Failure: with the tables and days that are lacking.
    """
    lacking = list(missing_slices(session, tables, window))
    if lacking:
        raise dg.Failure(
            description="; ".join(lacking) + ". Run the whole daily_close for these days.",
            allow_retries=False,
        )
