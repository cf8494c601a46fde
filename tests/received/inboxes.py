"""An inbox of orders and invoices that is received, for the tests."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from assets.received.inbox import Intake
from assets.sql_model import ROOT, Statement
from io_managers.session import Session, Window
from receivables.home import Home
from receivables.sources import Sources

HEAD = "chain_id,store_code,order_no,order_date,amount"
AUDITS = ("rows_and_money_in", "tables_equal_files")


# The tests put orders and invoices into the inbox; the other tables stay as they are, empty.
TABLES = frozenset(
    {
        "received.orders",
        "received.invoices",
        "received.files",
        "received.rejected_rows",
        "received.file_totals",
    }
)


class Inbox:
    """A home with an inbox, and the warehouse that received it."""

    def __init__(self, root: Path, warehouse: Path) -> None:
        self.home = Home(root)
        self.sources = Sources()
        self.connection = duckdb.connect(shutil.copy(warehouse, root / "sidan.duckdb"))

    def put(self, day: int, name: str, *lines: str, head: str = HEAD) -> Inbox:
        path = self.home.inbox / f"2026-05-{day:02}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([head, *lines]), encoding="utf-8")
        os.utime(path, (0, 0))  # it has held still for long
        return self

    def receive(self, first: int, last: int | None = None) -> Inbox:
        window = Window(date(2026, 5, first), date(2026, 5, last or first))
        session = Session(self.connection)
        session.use(window)
        intake = Intake(session, self.home, self.sources, window.days)
        for table, content in intake.tables():
            if table in TABLES:
                session.replace(table, content)
        self.session = session
        for audit in AUDITS:
            assert self.audit(audit) == []
        session.commit()
        return self

    def audit(self, name: str) -> list[dict[str, Any]]:
        statement = Statement.read(ROOT / "received" / "audits" / f"{name}.sql")
        return self.session.rows(statement.query)

    def rows(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()

    def everything(self) -> dict[str, pl.DataFrame]:
        return {
            table: self.connection.execute(f"select * from {table} order by all").pl()
            for table in TABLES
        }


def order(number: str, amount: object, day: str = "2026-05-01") -> str:
    return f"C,1,{number},{day},{amount}"


FLAGS = (
    "select known_on, order_no, amount, is_duplicate, is_standing from received.orders order by all"
)
