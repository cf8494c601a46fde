"""Everything received, a table per kind, with the files it came in and the rows rejected.

A file may hold several kinds, so one step reads each file once and fills all tables.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import dagster as dg
import polars as pl

from assets import BACKFILL, PARTITIONS
from assets.sql_model import ROOT, Statement, audit_specs, run_audit
from io_managers.session import Batches, Content, Session
from io_managers.warehouse import Warehouse, window_of
from receivables.contracts import KINDS, Contract
from receivables.home import Home
from receivables.sources import REJECTED_SCHEMA, TOTALS_SCHEMA, Parsed, Part, Sources, total
from receivables.sources.inbox import Arrival, Incoming, arrivals, incoming
from receivables.sources.versions import (
    BEFORE,
    FILE_NO,
    flags_of_documents,
    keys_in_several_files,
    stated_by_then,
    with_flags,
)

STAGE = "received"
# Rows of one kind that are held before they are written. The files of a day that brings more are
# read one by one: for what stands in several of them, only their keys are compared.
BATCH_ROWS = 500_000

MONEY = pl.Decimal(18, 2)
FILES_SCHEMA = pl.Schema(
    {
        "known_on": pl.Date(),
        "file_id": pl.String(),
        "path": pl.String(),
        "sha256": pl.String(),
        "kind": pl.String(),
        "layout": pl.String(),
        "message": pl.String(),
        "rows_in": pl.Int64(),
        "rows_staged": pl.Int64(),
        "rows_duplicate": pl.Int64(),
        "rows_rejected": pl.Int64(),
        "amount_in": MONEY,
        "amount_staged": MONEY,
        "amount_duplicate": MONEY,
        "amount_rejected": MONEY,
    }
)
_ORIGIN = {"known_on": pl.Date(), "file_id": pl.String(), "path": pl.String()}
REJECTED_ROWS_SCHEMA = pl.Schema({**_ORIGIN, **REJECTED_SCHEMA})
FILE_TOTALS_SCHEMA = pl.Schema({**_ORIGIN, **TOTALS_SCHEMA})


@dataclass
class FileFigures:
    """What became of a file: rows and money (CNY) in, staged, duplicate and rejected."""

    arrival: Arrival
    kinds: list[str] = field(default_factory=list)
    layout: str | None = None
    message: str | None = None
    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_ENDS, 0))
    amounts: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(_ENDS, _NOTHING))

    def add(self, end: str, rows: int, amount: Decimal) -> None:
        """Count rows and money towards one of in, staged, duplicate, rejected."""
        self.rows[end] += rows
        self.amounts[end] += amount

    def row(self) -> dict[str, object]:
        """The file's row of received.files."""
        return {
            "known_on": self.arrival.day,
            "file_id": self.arrival.file_id,
            "path": self.arrival.path,
            "sha256": self.arrival.sha256,
            "kind": "+".join(self.kinds) or None,
            "layout": self.layout,
            "message": self.message,
            **{f"rows_{end}": rows for end, rows in self.rows.items()},
            **{f"amount_{end}": amount for end, amount in self.amounts.items()},
        }


_ENDS = ("in", "staged", "duplicate", "rejected")
_NOTHING = Decimal("0.00")


class Intake:
    """Receives the files of a window: read once, compared with what is known, counted.

    Outside Dagster: `for table, content in Intake(…).tables(): session.replace(table, content)`.
    """

    def __init__(
        self, session: Session, home: Home, sources: Sources, days: Sequence[date]
    ) -> None:
        self.session = session
        self.files = list(incoming(arrivals(home.inbox, days), sources, home))
        self.figures = {file.arrival.file_id: FileFigures(file.arrival) for file in self.files}
        self.rejected: list[pl.DataFrame] = []
        self.totals: list[pl.DataFrame] = []
        self._noted: set[str] = set()
        for file in self.files:
            if file.read is not None:
                self._note(file, file.read)

    def tables(self) -> Iterator[tuple[str, Content]]:
        """Each received table with its content, kinds first; contents are to be used in order."""
        for contract in KINDS.values():
            yield f"{STAGE}.{contract.kind}", Batches(self._batches(contract), _empty(contract))
        yield f"{STAGE}.files", self.files_table()
        yield f"{STAGE}.rejected_rows", self.rejected_table()
        yield f"{STAGE}.file_totals", self.totals_table()

    def files_table(self) -> pl.DataFrame:
        """One row per file; complete when all kinds have been written."""
        rows = [figures.row() for figures in self.figures.values()]
        return pl.DataFrame(rows, schema=FILES_SCHEMA)

    def rejected_table(self) -> pl.DataFrame:
        """One row per rejected row; complete when all kinds have been written."""
        return pl.concat([REJECTED_ROWS_SCHEMA.to_frame(), *self.rejected])

    def totals_table(self) -> pl.DataFrame:
        """One row per total printed in a file; complete when all kinds have been written."""
        return pl.concat([FILE_TOTALS_SCHEMA.to_frame(), *self.totals])

    def _note(self, file: Incoming, parsed: Parsed) -> None:
        """Count what reading alone decides."""
        self._noted.add(file.arrival.file_id)
        figures = self.figures[file.arrival.file_id]
        figures.layout, figures.message = parsed.layout, parsed.message
        if parsed.totals.height:
            self.totals.append(_of_file(parsed.totals, file.arrival))
        for part in parsed.parts:
            figures.kinds.append(part.kind)
            figures.add("in", part.rows_in, part.amount_in)
            figures.add("rejected", part.rejected.height, total(part.rejected, "amount"))
            if part.rejected.height:
                self.rejected.append(_of_file(part.rejected, file.arrival))

    def _batches(self, contract: Contract) -> Iterator[Iterable[pl.DataFrame]]:
        """The kind's rows, flagged, in groups of whole days and frames that fit in memory."""
        numbers: list[int] = []
        rows = 0
        for number, file in enumerate(self.files):
            if not file.has(contract.kind):
                continue
            ends_day = numbers and self.files[numbers[-1]].arrival.day != file.arrival.day
            if ends_day and rows >= BATCH_ROWS:
                yield self._flagged(contract, numbers, rows)
                numbers, rows = [], 0
            numbers.append(number)
            rows += file.rows(contract.kind)
        if numbers:
            yield self._flagged(contract, numbers, rows)

    def _flagged(
        self, contract: Contract, numbers: Sequence[int], rows: int
    ) -> Iterator[pl.DataFrame]:
        """The rows of whole days, flagged: all at once, or file by file where they are many.

        What was known before is asked for at once, the frames are made when they are written.
        """
        held = [self._rows(contract, numbers)] if rows <= BATCH_ROWS else None

        def frames() -> Iterable[pl.DataFrame]:
            return held or (self._rows(contract, [number]) for number in numbers)

        flags = self._flags(contract, numbers, frames)
        return (self._with_flags(frame, contract, flags) for frame in frames())

    def _with_flags(
        self, frame: pl.DataFrame, contract: Contract, flags: pl.DataFrame
    ) -> pl.DataFrame:
        flagged = with_flags(frame, contract, flags)
        self._count(contract, flagged)
        return flagged.select(_empty(contract).columns)

    def _flags(
        self,
        contract: Contract,
        numbers: Sequence[int],
        frames: Callable[[], Iterable[pl.DataFrame]],
    ) -> pl.DataFrame:
        """What is said of each document that is known already or stands in several files.

        In a first load there are none: then keys are all that is read for it.
        """
        first_day = self.files[numbers[0]].arrival.day
        keys = [self.files[number].keys(contract) for number in numbers]
        shared = keys_in_several_files(keys, contract)
        history = known_before(self.session, contract, pl.concat(keys), first_day, self._paths())
        affected = pl.concat([history.select(shared.columns), shared]).unique()
        compared = [
            frame.join(affected, on=affected.columns, how="semi", nulls_equal=True)
            for frame in (frames() if affected.height else ())
        ]
        return flags_of_documents(
            pl.concat([self._rows(contract, ()), *compared]), contract, history
        )

    def _paths(self) -> pl.DataFrame:
        """Where the files of this run stood; received.files has those of earlier runs."""
        return pl.DataFrame(
            [(file.arrival.file_id, file.arrival.path) for file in self.files],
            schema={name: FILES_SCHEMA[name] for name in ("file_id", "path")},
            orient="row",
        )

    def _rows(self, contract: Contract, numbers: Sequence[int]) -> pl.DataFrame:
        """The accepted rows of files, with their day, file and its number."""
        found = [
            _numbered(part.accepted, self.files[number].arrival, number)
            for number in numbers
            for part in self._parts(self.files[number], contract.kind)
        ]
        return pl.concat([_numbered_schema(contract).to_frame(), *found])

    def _parts(self, file: Incoming, kind: str) -> list[Part]:
        parsed = file.parsed()
        if file.arrival.file_id not in self._noted:
            self._note(file, parsed)
        return [part for part in parsed.parts if part.kind == kind and part.accepted.height]

    def _count(self, contract: Contract, flagged: pl.DataFrame) -> None:
        money = pl.col(contract.money) if contract.money else pl.lit(None)
        sums = flagged.group_by("file_id", "is_duplicate").agg(
            pl.len().alias("rows"),
            money.cast(pl.Decimal(38, 2)).sum().alias("amount"),
        )
        for file_id, is_duplicate, rows, amount in sums.iter_rows():
            end = "duplicate" if is_duplicate else "staged"
            self.figures[file_id].add(end, rows, amount or _NOTHING)


def known_before(
    session: Session, contract: Contract, keys: pl.DataFrame, first_day: date, paths: pl.DataFrame
) -> pl.DataFrame:
    """Rows of the latest version known before a day of each document whose key is among `keys`.

    Of a kind that adds up, one row: what had been stated by then, or, with lines, the rows of all
    versions. The fields of the contract and `file_no`, below zero in the order of the files; read
    from the warehouse, so it may be rows of this very run, whose files are in `paths`.
    """
    table = f"{STAGE}.{contract.kind}"
    schema = {name: field.dtype for name, field in contract.fields.items()}
    nothing = pl.DataFrame(schema={**schema, FILE_NO: pl.Int32()})
    has_history = session.connection.execute(
        " ".join(["select 1 from", table, "where known_on < ? limit 1"]), [first_day]
    ).fetchone()
    if not has_history:
        return nothing
    session.connection.register("batch_keys", keys.unique().to_arrow())
    same = " and ".join(
        " is not distinct from ".join([f'known."{name}"', f'batch_keys."{name}"'])
        for name in contract.key
    )
    try:
        found = session.connection.execute(
            " ".join(
                [
                    "select known.* from",
                    table,
                    "as known semi join batch_keys on",
                    same,
                    "where known.known_on < ? and",
                    "not known.is_duplicate" if contract.adds_up else "known.is_standing",
                ]
            ),
            [first_day],
        ).pl()
    finally:
        session.connection.unregister("batch_keys")
    if contract.adds_up_with_lines:
        return (
            _in_order_of_files(session, found, paths).select(nothing.columns).cast(nothing.schema)
        )
    found = found.with_columns(pl.lit(BEFORE).alias(FILE_NO))
    if contract.adds_up:
        # of the files of a day the standing one is the last
        found = found.sort("known_on", "is_standing", "file_id", "row_no")
        return stated_by_then(found.select(nothing.columns).cast(nothing.schema), contract).unique(
            contract.key, keep="last", maintain_order=True
        )
    latest = pl.col("known_on") == pl.col("known_on").max().over(contract.key)
    return found.filter(latest).select(nothing.columns).cast(nothing.schema)


def _in_order_of_files(session: Session, rows: pl.DataFrame, paths: pl.DataFrame) -> pl.DataFrame:
    """Rows with the number of their file, the last being -1: by day, then path."""
    if rows.is_empty():
        return rows.with_columns(pl.lit(BEFORE).alias(FILE_NO))
    days = rows.select("known_on", "file_id").unique()
    known = (
        session.connection.execute(
            "select file_id, path from received.files where list_contains(?, file_id)",
            [days["file_id"].to_list()],
        ).pl()
        if session.columns("received.files")
        else paths.clear()
    )
    both = pl.concat([known, paths]).unique("file_id")
    numbers = (
        days.join(both, on="file_id", how="left")
        .sort("known_on", "path", "file_id")
        .with_columns((pl.int_range(pl.len()) - pl.len()).alias(FILE_NO))
    )
    return rows.join(numbers.select("file_id", "known_on", FILE_NO), on=["file_id", "known_on"])


def _of_file(frame: pl.DataFrame, arrival: Arrival) -> pl.DataFrame:
    return frame.select(
        pl.lit(arrival.day).alias("known_on"),
        pl.lit(arrival.file_id).alias("file_id"),
        pl.lit(arrival.path).alias("path"),
        pl.all(),
    )


def _numbered(accepted: pl.DataFrame, arrival: Arrival, number: int) -> pl.DataFrame:
    return accepted.with_columns(
        pl.lit(arrival.day).alias("known_on"),
        pl.lit(arrival.file_id).alias("file_id"),
        pl.lit(number, pl.Int32).alias(FILE_NO),
    )


def _numbered_schema(contract: Contract) -> pl.Schema:
    return pl.Schema(
        {
            **contract.polars_schema,
            "known_on": pl.Date(),
            "file_id": pl.String(),
            FILE_NO: pl.Int32(),
        }
    )


def flags_schema(contract: Contract) -> pl.Schema:
    """Columns that a received table has before those of its contract."""
    schema = {
        "known_on": pl.Date(),
        "file_id": pl.String(),
        "is_duplicate": pl.Boolean(),
        "is_standing": pl.Boolean(),
    }
    # what is said of papers with lines is gathered only where several files speak
    return pl.Schema(
        {**schema, "is_shared": pl.Boolean()} if contract.adds_up_with_lines else schema
    )


def _empty(contract: Contract) -> pl.DataFrame:
    return pl.DataFrame(schema={**flags_schema(contract), **contract.polars_schema})


def _audits() -> list[Statement]:
    return [Statement.read(path) for path in sorted((ROOT / STAGE / "audits").glob("*.sql"))]


_DESCRIPTIONS = {
    **{kind: contract.description for kind, contract in KINDS.items()},
    "files": "One row per file of the inbox: what it was taken for and what became of its rows.",
    "rejected_rows": "One row per rejected row: where it stood, its value, and why.",
    "file_totals": "One row per total printed in a file, beside the sum of the rows read from it.",
}
_FILES_KEY = dg.AssetKey([STAGE, "files"])


@dg.multi_asset(
    name="received",
    outs={
        table: dg.AssetOut(
            key=[STAGE, table],
            group_name=STAGE,
            io_manager_key="warehouse_tables",
            description=description,
            kinds={"duckdb", "polars"},
        )
        for table, description in _DESCRIPTIONS.items()
    },
    partitions_def=PARTITIONS,
    backfill_policy=BACKFILL,
    check_specs=audit_specs(_audits(), _FILES_KEY),
    description=__doc__,
)
def received(context: dg.AssetExecutionContext, warehouse: Warehouse):
    """Read the window's inbox folders into the received tables."""
    window = window_of(context.partition_key_range)
    warehouse.session.use(window)
    sources = Sources.of(warehouse.place)
    try:
        intake = Intake(warehouse.session, warehouse.place, sources, window.days)
    except OSError as error:
        # A share that is away for a moment, or a file moved while the folder was listed.
        raise dg.RetryRequested(max_retries=2, seconds_to_wait=5) from error
    for table, content in intake.tables():
        name = table.removeprefix(f"{STAGE}.")
        yield dg.Output(content, output_name=name)
    files = intake.files_table()
    for path, message in files.filter(pl.col("message").is_not_null())["path", "message"].rows():
        context.log.warning("%s: %s", path, message)
    for audit in _audits():
        yield run_audit(warehouse.session, audit, _FILES_KEY)
