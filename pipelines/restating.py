"""A closed day with what became known later, beside the day as it was closed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from rich.console import Console

from assets.sql_model import ROOT, Statement
from io_managers.beside import Beside
from io_managers.session import Window
from pipelines.console import shown, table_of
from pipelines.queries import rows
from receivables.home import Home
from receivables.policy import Policy

Row = dict[str, Any]

# The ledger as it would have stood, had all been known that is known now.
LEDGER = (
    "from closed.settled.ledger where effective_on <= getvariable('restated_day') "
    "and known_on <= getvariable('known_by')"
)
OF_THE_DAY = "select * replace (getvariable('restated_day') as as_of)"


class CannotRestateError(ValueError):
    """The day cannot be restated; the message says why and what to do."""


class DoesNotAddUpError(RuntimeError):
    """As closed and the differences do not make up what the ledger says."""


@dataclass(frozen=True)
class Restatement:
    """A closed day `day` with all papers known by `known`. Amounts are CNY.

    `debtors` has one row per debtor whose balance changed (as_closed, restated, difference),
    `causes` one per cause, `papers` one per debtor, store, cause and paper, `buckets` one per
    basis and bucket of the aging (as_closed, restated, difference). The differences by cause and
    by paper each sum to `restated - as_closed`.
    """

    day: date
    known: date
    as_closed: Decimal
    restated: Decimal
    debtors: list[Row]
    causes: list[Row]
    papers: list[Row]
    buckets: list[Row]

    @property
    def difference(self) -> Decimal:
        """By how much the day's total changed, CNY."""
        return self.restated - self.as_closed

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return {**asdict(self), "difference": self.difference}


def restate(home: Home, policy: Policy, day: date, known: date) -> Restatement:
    """Work out a closed day with the ledger entries that happened by it and are known by `known`.

    The warehouse is only read.

    Raises:
        CannotRestateError: a day is not closed, or `known` lies before `day`.
        DoesNotAddUpError: the differences do not explain what changed.
    """
    with Beside(home.published, policy) as beside:
        _refuse_open_days(beside, day, known)
        beside.connection.execute("set variable restated_day = ?", [day])
        beside.connection.execute("set variable known_by = ?", [known])
        beside.show("settled.ledger", LEDGER)
        (span,) = rows(beside.connection, "restate/span")
        if span["first_on"] is not None:
            whole = Window(min(span["first_on"], day), known)
            beside.compute("settled.item_balances", _model("settled.item_balances"), whole)
        beside.compute(
            "settled.open_items",
            " ".join([OF_THE_DAY, "from (", _model("settled.open_items"), ")"]),
            Window(known, known),
        )
        beside.compute("aged.aging", _model("aged.aging"), Window(day, day))
        after = Window(min(day + timedelta(days=1), known), known)
        beside.compute("aged.changes", _model("aged.changes"), after)
        return _told(beside, day, known)


def _told(beside: Beside, day: date, known: date) -> Restatement:
    asked = {"day": day}
    found = {
        name: rows(beside.connection, f"restate/{name}", asked)
        for name in ("debtors", "causes", "papers", "buckets")
    }
    (total,) = rows(beside.connection, "restate/total", asked)
    told = Restatement(
        day,
        known,
        as_closed=total["as_closed"],
        restated=total["restated"],
        debtors=found["debtors"],
        causes=found["causes"],
        papers=found["papers"],
        buckets=found["buckets"],
    )
    for name in ("debtors", "causes", "papers"):
        explained = sum((row["difference"] for row in found[name]), Decimal(0))
        if explained != told.difference:
            raise DoesNotAddUpError(
                f"{day} as closed is {shown(told.as_closed)}, restated {shown(told.restated)}, "
                f"but the differences of its {name} sum to {shown(explained)}. "
                f"Close {day} and the days after it again: sidan backfill {day} {known}"
            )
    return told


def _model(table: str) -> str:
    stage, name = table.split(".")
    return Statement.read(ROOT / stage / f"{name}.sql").query


def _refuse_open_days(beside: Beside, day: date, known: date) -> None:
    (closed,) = rows(beside.connection, "closed_days", {"day": day})
    if not closed["is_closed"]:
        raise CannotRestateError(
            f"{day} has not been closed. Closed are {closed['first_on']} to {closed['last_on']}."
        )
    if known < day:
        raise CannotRestateError(
            f"{known} lies before {day}: a day is restated with what became known after it."
        )
    if known > closed["last_on"]:
        raise CannotRestateError(
            f"What is known on {known} is not read yet; the newest closed day is "
            f"{closed['last_on']}. Restate with --known {closed['last_on']}, or close first."
        )


def show(screen: Console, told: Restatement) -> None:
    """Print the day as closed, what changed it by cause and by paper, and the day restated."""
    screen.print(f"{told.day} as closed, and with what is known on {told.known} (CNY)")
    lines = [("as closed", told.as_closed)]
    lines += [(row["cause"].replace("_", " "), row["difference"]) for row in told.causes]
    screen.print(table_of("", ["what", "amount"], [*lines, ("restated", told.restated)]))
    if not told.papers:
        screen.print("Nothing that came later is about this day.")
        return
    for title, found in (
        ("By debtor", told.debtors),
        ("By paper", told.papers),
        ("Aging", told.buckets),
    ):
        names = list(found[0]) if found else []
        screen.print(table_of(title, names, [row.values() for row in found]))
