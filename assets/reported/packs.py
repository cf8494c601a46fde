"""Excel packs of closed days, and the table that says which were written."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import dagster as dg
import polars as pl

from assets import BACKFILL, PARTITIONS
from assets.reported.content.aging import aging_pack
from assets.reported.content.checks import audits_of, need
from assets.reported.content.credit_tier import credit_tier_pack
from assets.reported.content.exceptions import exceptions_pack
from assets.reported.content.figures import DayFigures
from assets.reported.content.parties import Parties
from assets.reported.content.reading import Day, tables_read
from assets.sql_model import asset_key, audit_specs, run_audit
from io_managers.documents import Document, Documents
from io_managers.session import Session, Window
from io_managers.warehouse import Warehouse, window_of
from receivables.policy import Policy
from receivables.workbook import Pack, PackFiles, write_pack

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

# The sheet and column of each pack that its figures are checked by.
CHECKED_BY = {
    "aging": ("open_items", "balance"),
    "credit_tier": ("tiers", "exposure"),
    "exceptions": ("exceptions", "amount"),
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


def packs_of_day(day: Day, policy: Policy) -> list[Pack]:
    """The packs of a closed day; their long sheets are read while they are written."""
    figures, parties = DayFigures.of(day), Parties.of(day)
    return [
        aging_pack(day, policy, figures, parties),
        credit_tier_pack(day, policy, figures, parties),
        exceptions_pack(day, policy, figures),
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
        return any(documents.packs(day, stem_of(kind, day)) for kind in CHECKED_BY)

    chosen = set(days_to_write(window, policy.packs.backfill, has_pack))
    rows: list[tuple[object, ...]] = []
    for day in window.days:
        if day not in chosen:
            rows += [(day, None, kind, None, None, None, None, False) for kind in CHECKED_BY]
            continue
        for pack in packs_of_day(Day(session.connection, day), policy):
            with documents.drafting() as folder:
                stem = stem_of(pack.kind, day)
                files = write_pack(
                    pack,
                    folder,
                    stem,
                    language=policy.packs.language,
                    max_sheet_rows=policy.packs.max_sheet_rows,
                )
                kept = documents.keep_pack(day, stem, files.files)
            rows += _rows(day, pack.kind, files, kept)
            for document in kept:
                if document.is_new:
                    say(f"{document.path} written")
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _rows(
    day: date, kind: str, files: PackFiles, kept: Sequence[Document]
) -> list[tuple[object, ...]]:
    """The workbook's row, with the figures it is checked by, then one row per CSV."""
    sheet, column = CHECKED_BY[kind]
    workbook, *others = kept
    checked = (sum(files.rows.values()), files.rows[sheet], files.totals[sheet][column])
    rows: list[tuple[object, ...]] = [
        (day, workbook.path, kind, workbook.sha256, *checked, True),
    ]
    for document in others:
        count = next(
            files.rows[name] for name in files.overflow if document.path.endswith(f"-{name}.csv")
        )
        rows.append((day, document.path, kind, document.sha256, count, None, None, True))
    return rows


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
