"""Which audits of this stage belong to which of its tables."""

from pathlib import Path

from assets.sql_model import Statement

FOLDER = Path(__file__).resolve().parent.parent / "audits"


def audits_of(table: str) -> list[Statement]:
    """The audits that a table's step answers for: those of mails read reported.mails."""
    audits = [Statement.read(path) for path in sorted(FOLDER.glob("*.sql"))]
    of_mails = [audit for audit in audits if "reported.mails" in audit.reads]
    if table == "mails":
        return of_mails
    return [audit for audit in audits if audit not in of_mails]
