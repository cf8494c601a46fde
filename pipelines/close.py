"""Closing days: one run of `daily_close` in this process, and what it came to."""

from __future__ import annotations

import gc
import time
import uuid
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import dagster as dg

from io_managers.connection import read_only
from io_managers.progress import Listener, Written, listening
from io_managers.session import Window
from pipelines.agreements import agreement_faults
from pipelines.days import plan
from pipelines.definitions import defs
from pipelines.delivery import DeliveryReport, deliver
from pipelines.history import history
from pipelines.jobs import PURPOSE, daily_close, run_tags
from pipelines.outcome import FailedAudit, errors, failed_audits
from receivables.home import Home
from receivables.mail import MailConfig, MailConfigError

DAILY = daily_close.name


@dataclass(frozen=True)
class Unread:
    """A file of the closed days that was not read, or of which rows were rejected."""

    path: str
    rejected_rows: int
    reason: str


@dataclass
class Closing:
    """What a close came to. `seconds` by table are its share of the run's time."""

    window: Window
    purpose: str
    run_id: str
    is_closed: bool = False
    audits: list[FailedAudit] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    total_seconds: float = 0.0
    delivery: DeliveryReport | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 when the days are closed and all papers were read, else 1."""
        return 0 if self.is_closed and not self.unread else 1

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return {
            "day_from": self.window.day_from.isoformat(),
            "day_until": self.window.day_until.isoformat(),
            "is_closed": self.is_closed,
            "failed_audits": [asdict(audit) for audit in self.audits],
            "errors": self.errors,
            "unread_files": [asdict(file) for file in self.unread],
            "warnings": self.warnings,
            "mails_sent": self.delivery.sent if self.delivery else 0,
            "rows": self.rows,
            "seconds": round(self.total_seconds, 1),
            "run_id": self.run_id,
        }


def tables_count() -> int:
    """How many tables a close writes."""
    graph = defs.resolve_asset_graph()
    return len(graph.materializable_asset_keys) - 1  # `published` is no table


def close(
    home: Home,
    window: Window,
    purpose: str = "close",
    listener: Listener | None = None,
    instance: dg.DagsterInstance | None = None,
) -> Closing:
    """Close the days of a window in one run of this process.

    Args:
        home: The home whose days are closed.
        window: The days, as `Plan.window` gives them.
        purpose: `close`, or `backfill` or `demo`, which send no mail.
        listener: Called about tables written and about waits.
        instance: A history of runs other than the home's own.
    """
    closing = Closing(window, purpose, str(uuid.uuid4()))
    started = last = time.perf_counter()

    def wrote(written: Written) -> None:
        nonlocal last
        now = time.perf_counter()
        closing.rows[written.table] = written.rows
        closing.seconds[written.table], last = now - last, now
        if listener:
            listener.wrote(written)

    heard = Listener(wrote, listener.said if listener else lambda _: None)
    days = len(window.days)
    with nullcontext(instance) if instance else history(home, days) as chosen, listening(heard):
        result = defs.resolve_job_def(DAILY).execute_in_process(
            run_config={
                "resources": {"warehouse": {"config": {"home": str(home.root)}}},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
            instance=chosen,
            tags=run_tags(window, purpose),
            run_id=closing.run_id,
            raise_on_error=False,
        )
    closing.is_closed = result.success
    closing.audits = failed_audits(result.all_events)
    closing.errors = errors(result.all_events)
    if not closing.is_closed:
        # The frames of a failure hold query results, and with them the file, until collected.
        del result
        gc.collect()
    if closing.is_closed:
        closing.unread = unread_files(home, window)
        closing.warnings += agreement_faults(home, window.day_until)
        if purpose == "close":
            send(home, closing)
    closing.total_seconds = time.perf_counter() - started
    return closing


def unread_files(home: Home, window: Window) -> list[Unread]:
    """The files of a closed window that were not read, or of which rows were rejected."""
    with read_only(home.published) as warehouse:
        found = warehouse.execute(
            "select files.path, coalesce(files.rows_rejected, 0), "
            "coalesce(any_value(files.message), min(rejected.reason), '') "
            "from received.files left join received.rejected_rows as rejected "
            "using (known_on, path) "
            "where known_on between ? and ? "
            "and (files.message is not null or files.rows_rejected > 0) "
            "group by files.path, files.rows_rejected order by files.path",
            [window.day_from, window.day_until],
        ).fetchall()
    return [Unread(*row) for row in found]


def send(home: Home, closing: Closing) -> None:
    """Deliver the mails of the newest closed day; what goes wrong becomes a warning."""
    day: date = closing.window.day_until
    if day != plan(home, days=[]).last_closed:
        return
    try:
        closing.delivery = deliver(home, MailConfig.read(home.config("mail.yaml")), day)
        closing.warnings += closing.delivery.warnings
    except MailConfigError as error:
        closing.warnings.append(f"No mail was sent: {error}")


__all__ = ["PURPOSE", "Closing", "Unread", "close", "tables_count", "unread_files"]
