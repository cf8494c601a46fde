"""When days are closed: the job, its schedule, the inbox sensor, and what follows a run."""

from datetime import date, datetime, timedelta

import dagster as dg

from assets import TIMEZONE
from io_managers.session import Window
from io_managers.warehouse import RANGE_END, RANGE_START, window_of_tags
from pipelines.days import NothingToCloseError, Plan, plan, today
from pipelines.delivery import DeliveryReport, deliver
from pipelines.outcome import reasons
from receivables.home import Home
from receivables.mail import MailConfig, MailConfigError

PURPOSE = "sidan/purpose"
REASON = "sidan/failed_because"
# Runs for these purposes send no mail, and neither do the backfills of the web page.
SILENT_PURPOSES = ("backfill", "demo")
_BACKFILL = "dagster/backfill"
# A file that changed so recently may still be on its way.
SETTLED_AFTER = timedelta(seconds=20)

daily_close = dg.define_asset_job(
    "daily_close",
    selection=dg.AssetSelection.all(),
    description="Close days: every table of every stage, all audits, packs and mails, in one "
    "transaction that becomes visible at the end.",
)


def run_tags(window: Window, purpose: str) -> dict[str, str]:
    """Tags of a run over a window: the days as Dagster names them, and what the run is for."""
    return {
        RANGE_START: window.day_from.isoformat(),
        RANGE_END: window.day_until.isoformat(),
        PURPOSE: purpose,
    }


@dg.schedule(
    job=daily_close,
    cron_schedule="0 7 * * *",
    execution_timezone=TIMEZONE,
    description="At 07:00, close the day that ended, with earlier days that are still open.",
)
def morning_close(context: dg.ScheduleEvaluationContext):
    """Ask for the close of yesterday."""
    ended = context.scheduled_execution_time.date() - timedelta(days=1)
    try:
        window = plan(Home.current()).window(ended)
    except NothingToCloseError as nothing:
        return dg.SkipReason(str(nothing))
    return dg.RunRequest(run_key=f"morning of {ended}", tags=run_tags(window, "close"))


@dg.sensor(
    job=daily_close,
    minimum_interval_seconds=30,
    description="Close a day that has ended when its inbox folder has unread files, and close "
    "again a closed day, with all later ones, when files were added to its folder.",
)
def inbox_sensor(context: dg.SensorEvaluationContext):
    """Ask for a close when papers wait; the cursor is what was asked for last."""
    home, now = Home.current(), datetime.now().astimezone()
    busy = context.instance.get_runs(
        filters=dg.RunsFilter(
            statuses=[
                dg.DagsterRunStatus.QUEUED,
                dg.DagsterRunStatus.NOT_STARTED,
                dg.DagsterRunStatus.STARTING,
                dg.DagsterRunStatus.STARTED,
            ]
        ),
        limit=1,
    )
    if busy:
        return dg.SkipReason("A run is under way; the inbox is looked at when it has ended.")
    found = plan(home)
    waiting = waiting_days(found, today())
    if not waiting:
        return dg.SkipReason("Every paper of the days that ended has been read.")
    arriving = [day for day in waiting if still_arriving(home, day, now)]
    if arriving:
        return dg.SkipReason(f"Files of {arriving[0]} are still arriving.")
    asked = asked_for(home, waiting)
    if asked == context.cursor:
        return dg.SkipReason(
            f"The papers of {waiting[0]} were asked for already and their close did not succeed; "
            "see the failed run. It is asked for again when the folder changes."
        )
    context.update_cursor(asked)
    window = found.window(waiting[0], waiting[-1])
    return dg.RunRequest(run_key=asked, tags=run_tags(window, "close"))


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[daily_close],
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Send the mails of the newest closed day once; never those of a backfill.",
)
def deliver_mails(context: dg.RunStatusSensorContext):
    """Deliver after a close of the newest day."""
    tags = context.dagster_run.tags
    if _BACKFILL in tags or tags.get(PURPOSE) in SILENT_PURPOSES:
        return dg.SkipReason("A backfill sends no mail.")
    home = Home.current()
    window = window_of_tags(tags)
    if window is None:
        return dg.SkipReason("The run closed no day.")
    day, newest = window.day_until, plan(home, days=[]).last_closed
    if day != newest:
        return dg.SkipReason(f"{day} is not the newest closed day ({newest}).")
    try:
        report = deliver(home, MailConfig.read(home.config("mail.yaml")), day)
    except MailConfigError as error:
        context.log.warning("No mail was sent: %s", error)
        return dg.SkipReason(str(error))
    for warning in report.warnings:
        context.log.warning(warning)
    said = f"{report.sent} of {len(report.mails)} mails of {day} have been sent."
    return dg.SensorResult(skip_reason=said, asset_events=[_what_was_sent(report, said)])


def _what_was_sent(report: DeliveryReport, said: str) -> dg.AssetObservation:
    """What the page of reported.mails shows of a delivery: each mail, to whom, its fate."""
    lines = ["| mail | to | status | sent at | packs | detail |", "|---|---|---|---|---|---|"]
    for mail in report.mails:
        sent_at = "" if mail.sent_at is None else f"{mail.sent_at:%Y-%m-%d %H:%M:%S}"
        cells = (mail.subject, mail.to, mail.status, sent_at, mail.attachments, mail.detail)
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return dg.AssetObservation(
        asset_key=["reported", "mails"],
        partition=report.day.isoformat(),
        description=said,
        metadata={
            "sent": report.sent,
            "mails": len(report.mails),
            "what became of them": dg.MetadataValue.md("\n".join(lines)),
            **({"warnings": "; ".join(report.warnings)} if report.warnings else {}),
        },
    )


@dg.run_failure_sensor(
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Write on a failed run why it failed, so that the list of runs shows it.",
)
def failure_reason(context: dg.RunFailureSensorContext):
    """Tag a failed run with the failed audit or the error, as a sentence."""
    run_id = context.dagster_run.run_id
    events = [entry.dagster_event for entry in context.instance.all_logs(run_id)]
    found = reasons([event for event in events if event])
    context.instance.add_run_tags(run_id, {REASON: " ".join(found) or "see the run's log"})


def waiting_days(found: Plan, now: date) -> list[date]:
    """Days to close now: those that ended, and today only if somebody has closed it already."""
    return [day for day in found.waiting(now) if day < now or day in found.closed]


def still_arriving(home: Home, day: date, now: datetime) -> bool:
    """Whether a day's folder was touched within the last seconds."""
    folder = home.inbox_folder(day)
    touched = max(place.stat().st_ctime for place in [folder, *folder.rglob("*")])
    return now - datetime.fromtimestamp(touched).astimezone() < SETTLED_AFTER


def asked_for(home: Home, days: list[date]) -> str:
    """A key of the days and the state of their folders."""
    newest = max(
        place.stat().st_ctime_ns
        for day in days
        for place in [home.inbox_folder(day), *home.inbox_folder(day).rglob("*")]
    )
    return f"{days[0]}..{days[-1]} at {newest}"
