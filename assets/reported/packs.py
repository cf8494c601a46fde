"""Excel packs of closed days, and the table that says which were written."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import dagster as dg
import polars as pl

from assets import BACKFILL, PARTITIONS
from assets.reported.content.checks import audits_of, need
from assets.reported.content.kinds import KINDS, PACKS, DayOfPacks, writers
from assets.reported.content.reading import Day, tables_read
from assets.sql_model import asset_key, audit_specs, run_audit
from io_managers.documents import Documents
from io_managers.session import Session, Window
from io_managers.warehouse import Warehouse, window_of
from receivables.policy import Policy

KEY = dg.AssetKey(["reported", "packs"])
SCHEMA = {
    "as_of": pl.Date,
    "path": pl.String,
    "kind": pl.String,
    "sha256": pl.String,
    "rows": pl.Int64,
    "items": pl.Int64,
    "amount": pl.Decimal(18, 2),
    "is_written": pl.Boolean,
}

_AUDITS = audits_of("packs")


def stem_of(kind: str, day: date) -> str:
    """File name of a pack without its ending."""
    return f"{kind}-{day.isoformat()}"


def days_to_write(window: Window, backfill: str, has_pack: Callable[[date], bool]) -> list[date]:
    """The days of a window that get packs.

    The newest day always does; policy adds the month ends or all days. A day that has a pack
    already gets it brought up to date, for a figure on somebody's desk must not go stale.
    """
    return [
        day
        for day in window.days
        if day == window.day_until
        or backfill == "all"
        or (backfill == "month_ends" and (day + timedelta(days=1)).day == 1)
        or has_pack(day)
    ]


def write_packs(
    session: Session,
    documents: Documents,
    window: Window,
    policy: Policy,
    say: Callable[[str], None] = lambda _: None,
) -> pl.DataFrame:
    """Write the packs of a window.

    Returns:
        One row per file, as in reported.packs; a day and kind that got no file has a row without
        path.
    """

    def has_pack(day: date) -> bool:
        return any(documents.packs(day, stem_of(kind, day)) for kind in PACKS)

    chosen = set(days_to_write(window, policy.packs.backfill, has_pack))
    rows: list[tuple[object, ...]] = []
    for day in window.days:
        of_day = DayOfPacks.of(Day(session.connection, day), policy) if day in chosen else None
        for kind in KINDS:
            written = list(_written(kind, of_day, documents, say)) if of_day else []
            rows += written or [(day, None, kind, None, None, None, None, False)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _written(
    kind: str, of_day: DayOfPacks, documents: Documents, say: Callable[[str], None]
) -> Iterator[tuple[object, ...]]:
    """Write the packs of a kind, where one is due; a row per file."""
    day = of_day.day.as_of
    if kind in PACKS and not PACKS[kind].is_due(day, of_day.policy):
        return
    for name, write in writers(kind, of_day):
        stem = stem_of(name, day)
        with documents.drafting() as folder:
            drafted = write(of_day, folder, stem)
            kept = documents.keep_pack(day, stem, drafted.files)
        for document, file in zip(kept, drafted.files, strict=True):
            if document.is_new:
                say(f"{document.path} written")
            yield (day, document.path, kind, document.sha256, *drafted.figures_of(file), True)


@dg.asset(
    key=KEY,
    deps=[asset_key(table) for table in sorted(tables_read())],
    group_name="reported",
    kinds={"excel"},
    partitions_def=PARTITIONS,
    backfill_policy=BACKFILL,
    check_specs=audit_specs(_AUDITS, KEY),
    io_manager_key="warehouse_tables",
    output_required=True,
)
def packs(context: dg.AssetExecutionContext, warehouse: Warehouse):
    """One row per file of a pack and closed day: path, kind, hash, and the figures it shows.

    The newest day of a run gets its packs; of a backfill's older days, those that policy names.
    A day and kind without a file has a row that says so (`is_written` is false).
    """
    window = window_of(context.partition_key_range)
    session = warehouse.session
    session.use(window)
    need(session, tables_read(), window)
    documents = Documents(warehouse.place)
    frame = write_packs(session, documents, window, warehouse.policy, context.log.info)
    newest = frame.filter(pl.col("is_written") & (pl.col("as_of") == window.day_until))
    yield dg.Output(
        frame,
        metadata={
            "files": int(frame["is_written"].sum()),
            **{
                path.rpartition("/")[2]: dg.MetadataValue.path(str(warehouse.place.root / path))
                for path in newest["path"]
            },
        },
    )
    for audit in _AUDITS:
        yield run_audit(session, audit, KEY)
