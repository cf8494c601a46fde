"""A supplier's inbox at any scale, as canonical Parquet: set-based, nothing random.

Five chains with some 2,000 stores order evenly over a year. All papers of that year arrive on one
day, the first load; after it every day brings its own. Each order has one delivery note, one goods
receipt and one invoice of one line each, so `orders` orders are four times as many documents;
about one in twenty is imperfect, and the last weeks are not paid yet.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import yaml

from receivables.home import REPOSITORY, Home

SQL = Path(__file__).resolve().parent / "scale"
# A new version of the generator makes new files.
VERSION = 2

# In the order in which a supplier's day produces them.
KINDS = (
    "customers",
    "customer_aliases",
    "settlement_agreements",
    "deduction_agreements",
    "credit_approvals",
    "products",
    "orders",
    "deliveries",
    "goods_receipts",
    "invoice_applications",
    "invoices",
    "invoice_lines",
    "invoice_handovers",
    "statements",
    "bank_receipts",
)


@dataclass(frozen=True)
class Scale:
    """How much: orders within the history, and the days.

    `history_days` days of papers end on `go_live`, the day of the first load; `more_days` days
    with their own inbox follow.
    """

    orders: int
    go_live: date = date(2026, 8, 30)
    history_days: int = 365
    more_days: int = 31

    @property
    def history_from(self) -> date:
        """The day of the first orders."""
        return self.go_live - timedelta(days=self.history_days - 1)

    @property
    def days(self) -> list[date]:
        """The days that have an inbox folder."""
        return [self.go_live + timedelta(days=offset) for offset in range(self.more_days + 1)]

    @property
    def all_orders(self) -> int:
        """Orders of the history and of the days after it."""
        return self.orders + self.orders * self.more_days // self.history_days


def generate(scale: Scale, home: Home, memory_limit: str = "3GB") -> dict[str, int]:
    """Write the configuration of a home, and its inbox unless it has just this one already.

    Returns the rows per kind.
    """
    _configure(home, scale)
    note = home.root / "scale.json"
    wanted = {"version": VERSION, **asdict(scale)}
    if note.exists():
        found = json.loads(note.read_text(encoding="utf-8"))
        if found["scale"] == json.loads(json.dumps(wanted, default=str)):
            return found["rows"]
    shutil.rmtree(home.inbox, ignore_errors=True)
    note.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = ?", [memory_limit])
        connection.execute("set enable_progress_bar = false")
        _build(connection, scale)
        rows = {kind: _write(connection, kind, scale, home) for kind in KINDS}
    note.write_text(json.dumps({"scale": wanted, "rows": rows}, default=str), encoding="utf-8")
    return rows


def _configure(home: Home, scale: Scale) -> None:
    """The repository's policy, starting on the day of the first load."""
    config = home.root / "config"
    config.mkdir(parents=True, exist_ok=True)
    policy = yaml.safe_load((REPOSITORY / "config" / "policy.yaml").read_text(encoding="utf-8"))
    policy["first_day"] = scale.go_live
    text = yaml.safe_dump(policy, allow_unicode=True, sort_keys=False)
    (config / "policy.yaml").write_text(text, encoding="utf-8")


def _build(connection: duckdb.DuckDBPyConnection, scale: Scale) -> None:
    sizes = {
        "orders": scale.orders,
        "all_orders": scale.all_orders,
        "history_days": scale.history_days,
        "history_from": scale.history_from,
        "go_live": scale.go_live,
    }
    for name, value in sizes.items():
        connection.execute(" ".join(["set variable", name, "= ?"]), [value])
    for file in ("world.sql", "papers.sql"):
        connection.execute((SQL / file).read_text(encoding="utf-8"))


def _write(connection: duckdb.DuckDBPyConnection, kind: str, scale: Scale, home: Home) -> int:
    """Write the files of a kind: those of the first load by month, then one for each day."""
    connection.execute(
        " ".join(
            [
                "create or replace temp table papers as select * from",
                f"paper_{kind}",
                "where paper_on <= ? order by paper_on, place",
            ]
        ),
        [scale.days[-1]],
    )
    rows = 0
    for day, name, first, last in _files(connection, kind, scale):
        folder = home.inbox_folder(day)
        folder.mkdir(parents=True, exist_ok=True)
        selected = connection.sql(
            "select * exclude (paper_on, place) from papers "
            "where paper_on between ? and ? order by paper_on, place",
            params=[first, last],
        )
        count = connection.execute(
            "select count(*) from papers where paper_on between ? and ?", [first, last]
        ).fetchone()
        if count and count[0]:
            selected.write_parquet(str(folder / f"{name}.parquet"), compression="zstd")
            rows += count[0]
    connection.execute("drop table papers")
    return rows


def _files(
    connection: duckdb.DuckDBPyConnection, kind: str, scale: Scale
) -> list[tuple[date, str, date, date]]:
    """Day, name, first and last day of the papers for each file of a kind."""
    months = connection.execute(
        "select min(paper_on), max(paper_on) from papers where paper_on <= ? "
        "group by date_trunc('month', paper_on) order by 1",
        [scale.go_live],
    ).fetchall()
    first_load = [(scale.go_live, f"{kind}_{first:%Y-%m}", first, last) for first, last in months]
    return first_load + [(day, f"{kind}_{day}", day, day) for day in scale.days[1:]]
