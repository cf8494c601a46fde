"""Dagster's way to the warehouse: the run's session and the io manager that writes slices."""

import errno
import os
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import PrivateAttr

from io_managers import progress
from io_managers.connection import WriteLock, connect
from io_managers.remembering import remembering
from io_managers.session import Content, Session, Window, days_left_open, slice_column
from receivables.home import Home
from receivables.policy import Policy

PREVIEW_ROWS = 5
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
PARTITION = "dagster/partition"
COPIED_AT_ONCE = 1 << 30
# What a kernel or file system answers that cannot copy by itself.
NO_SUCH_COPY = frozenset({errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP})
PUBLISHED = dg.AssetKey(["warehouse", "published"])  # the last step of a whole close


class Warehouse(dg.ConfigurableResource):
    """The warehouse of SIDAN_HOME, open for one run.

    One run is one transaction. A whole close commits in its last step, `published`, so that a
    commit that fails is a run that failed. A run of chosen tables commits when it ends and all its
    steps have succeeded. Otherwise the transaction is rolled back: a failed or killed run leaves
    the warehouse as it was.
    """

    home: str = ""

    _session: Session | None = PrivateAttr(default=None)
    _policy: Policy | None = PrivateAttr(default=None)
    _lock: WriteLock | None = PrivateAttr(default=None)
    _remembered: ExitStack = PrivateAttr(default_factory=ExitStack)

    @property
    def place(self) -> Home:
        """The folder tree this warehouse belongs to."""
        return Home(Path(self.home)) if self.home else Home.current()

    @property
    def policy(self) -> Policy:
        """The policy of this run, read once."""
        if self._policy is None:
            self._policy = Policy.read(self.place.config("policy.yaml"))
        return self._policy

    @property
    def session(self) -> Session:
        """The run's transaction."""
        if self._session is None:
            raise RuntimeError("the warehouse is open only while a run executes")
        return self._session

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Open the warehouse; wait for another run to end."""

        def say(sentence: str) -> None:
            progress.said(sentence)
            if context.log:
                context.log.warning(sentence)

        self._lock = WriteLock(self.place.warehouse.with_name("run.lock"))
        self._lock.take(self.policy, say)
        try:
            self._session = Session(connect(self.place.warehouse, self.policy))
            _refuse_hole(self._session, context)
        except BaseException:
            self._lock.release()
            raise
        if context.instance is not None:
            self._remembered.enter_context(remembering(context.instance))

    def commit_and_publish(self) -> Path:
        """Make the run's slices visible, and replace the copy for people.

        Raises:
            duckdb.Error: the commit failed; the warehouse is as it was before the run.
            OSError: the slices are in the warehouse but its copy could not be made.
        """
        session = self.session
        session.commit()
        self._session = None
        session.connection.close()
        publish(self.place)
        return self.place.published

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """End what `published` has not ended: a failed close, or a run of chosen tables."""
        self._remembered.close()
        try:
            session = self._session
            if session is None:
                return
            if _is_of_chosen_tables(context) and _every_step_succeeded(context):
                self.commit_and_publish()
                return
            self._session = None
            session.rollback()
            session.connection.close()
        finally:
            if self._lock:
                self._lock.release()


class WarehouseTables(dg.ConfigurableIOManager):
    """Writes what an asset returns as the window's slice of the table named by its key."""

    warehouse: dg.ResourceDependency[Warehouse]

    def handle_output(self, context: dg.OutputContext, obj: Content | None) -> None:
        """Replace exactly the run's days of `<stage>.<table>`, by column name."""
        if obj is None:
            return
        session = self.warehouse.session
        table = ".".join(context.asset_key.path)
        window = window_of(context.asset_partition_key_range)
        session.use(window)
        written = session.replace(table, obj, context.run_id)
        told = figures(session, table, written.rows)
        shown: dict[date, dict[str, Any]] = {day: {**sums} for day, sums in told.by_day.items()}
        # what the run's last day shows is not repeated for each of its days
        sample = dg.MetadataValue.md(preview(session, table, written.rows))
        shown[window.day_until] = {
            **shown.get(window.day_until, {}), **told.money, "preview": sample,
        }  # fmt: skip
        for day, told_of_day in shown.items():
            # one value a day: the page of the asset draws them over the days
            context.step_context.add_asset_metadata(told_of_day, context.asset_key, day.isoformat())
        context.add_output_metadata(
            {
                "rows": written.rows,
                "days": len(window.days),
                "seconds": round(written.seconds, 3),
            }
        )

    def load_input(self, context: dg.InputContext) -> Any:
        """Steps hand on keys, never frames: a model reads the tables that it names."""
        raise NotImplementedError("read the warehouse by SQL; assets are not passed as arguments")


def window_of(keys: dg.PartitionKeyRange) -> Window:
    """The window named by a run's partition keys."""
    return Window(date.fromisoformat(keys.start), date.fromisoformat(keys.end))


def window_of_tags(tags: Mapping[str, str]) -> Window | None:
    """The window named by a run's tags; none where the run has no days."""
    day = tags.get(PARTITION)
    start, end = tags.get(RANGE_START, day), tags.get(RANGE_END, day)
    return window_of(dg.PartitionKeyRange(start, end)) if start and end else None


def _refuse_hole(session: Session, context: dg.InitResourceContext) -> None:
    """Stop before the first step when a day before or after the window is open."""
    window = window_of_tags(context.run.tags) if context.run else None
    if window is None:
        return
    missing = list(days_left_open(session, window))
    if missing:
        session.rollback()
        session.connection.close()
        raise dg.Failure(
            f"{missing[0]} has not been closed, and its papers count for every later day. "
            f"Close it together with {window.day_from}.",
            allow_retries=False,
        )


def publish(home: Home) -> None:
    """Replace the read-only copy in one step, so that readers see the old one or the new one."""
    draft = home.published.with_suffix(".next")
    draft.unlink(missing_ok=True)
    _copy(home.warehouse, draft)
    draft.chmod(0o444)
    os.replace(draft, home.published)


def _copy(source: Path, target: Path) -> None:
    """Copy a file, sharing its blocks where the file system can (XFS, Btrfs): then at no cost."""
    if not hasattr(os, "copy_file_range"):
        shutil.copyfile(source, target)
        return
    try:
        with source.open("rb") as read, target.open("wb") as written:
            while os.copy_file_range(read.fileno(), written.fileno(), COPIED_AT_ONCE):
                pass
    except OSError as error:
        if error.errno not in NO_SUCH_COPY:
            raise
        shutil.copyfile(source, target)


@dataclass(frozen=True)
class Figures:
    """What the page of an asset tells of a run's slice: sums of money, and what is drawn by day.

    The sums are texts, to keep the cents; pictures need none. A table that has a slice per closed
    day is drawn, and its sums are those of the last day: the same money stands on each.
    """

    money: dict[str, str]
    by_day: dict[date, dict[str, float]]


def figures(session: Session, table: str, rows: int) -> Figures:
    """The figures of the `rows` rows that were written."""
    assert session.window is not None
    columns = session.columns(table)
    money = _money(columns)
    is_drawn = slice_column(columns) == "as_of"
    sums = ["count(*) as rows", *(f'sum("{name}") as "{name}"' for name in money)]
    day = "as_of" if is_drawn else "null as as_of"
    found = (
        session.rows(
            " ".join(["select", day, ",", ", ".join(sums), "from", table, _in_window(columns)])
            + " group by all"
        )
        if rows and (money or is_drawn)
        else []
    )
    by_day = {row["as_of"]: row for row in found}
    last = by_day.get(session.window.day_until if is_drawn else None, {})
    on = f" on {session.window.day_until}" if is_drawn else ""
    return Figures(
        {f"total {_label(name)}{on} (CNY)": f"{last.get(name) or 0:,}" for name in money},
        {
            day: {
                f"{_label(name)} on the day{' (CNY)' if name in money else ''}": float(
                    by_day.get(day, {}).get(name) or 0
                )
                for name in ("rows", *money)
            }
            for day in (session.window.days if is_drawn else [])
        },
    )


def _money(columns: dict[str, str]) -> list[str]:
    return [name for name, kind in columns.items() if kind == "DECIMAL(18,2)"]


def preview(session: Session, table: str, rows: int) -> str:
    """Some of the `rows` rows of the run's days, or of the last closed day, in Markdown."""
    if not rows:
        return markdown([])
    columns = session.columns(table)
    return markdown(
        session.rows(
            " ".join(["select * from", table, _shown(columns), "limit", str(PREVIEW_ROWS)])
        )
    )


def markdown(rows: list[dict[str, Any]]) -> str:
    """Rows as a Markdown table; a sentence where there are none."""
    if not rows:
        return "no rows"
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


def _cell(value: Any) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")


def _label(name: str) -> str:
    return name.replace("_", " ")


def _shown(columns: dict[str, str]) -> str:
    """The rows of the window; of a table with a slice per closed day those of the last."""
    return "where as_of = getvariable('day_until')" if "as_of" in columns else _in_window(columns)


def _in_window(columns: dict[str, str]) -> str:
    column = next((name for name in ("as_of", "known_on") if name in columns), None)
    if column is None:
        return ""
    return f"where {column} between getvariable('day_from') and getvariable('day_until')"


def _is_of_chosen_tables(context: dg.InitResourceContext) -> bool:
    """Whether a person chose tables for this run, and `published` is not among them."""
    chosen = context.run.asset_selection if context.run else None
    return chosen is not None and PUBLISHED not in chosen


def _every_step_succeeded(context: dg.InitResourceContext) -> bool:
    """Whether each step of the run that started has also succeeded."""
    if context.instance is None or context.run_id is None:
        return True
    log = context.instance.all_logs(
        context.run_id,
        of_type={
            dg.DagsterEventType.STEP_START,
            dg.DagsterEventType.STEP_SUCCESS,
            dg.DagsterEventType.STEP_FAILURE,
        },
    )
    by_type: dict[dg.DagsterEventType, set[str]] = {}
    for entry in log:
        event = entry.dagster_event
        if event and event.step_key:
            by_type.setdefault(event.event_type, set()).add(event.step_key)
    started = by_type.get(dg.DagsterEventType.STEP_START, set())
    return started <= by_type.get(dg.DagsterEventType.STEP_SUCCESS, set())
