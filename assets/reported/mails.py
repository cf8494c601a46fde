"""Mails of the newest closed day, written to the outbox; delivery sends them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import dagster as dg
import polars as pl

from assets import BACKFILL, PARTITIONS
from assets.reported.content.accounts import name_of
from assets.reported.content.checks import audits_of, need
from assets.reported.content.figures import DayFigures
from assets.reported.content.letter import letter
from assets.reported.content.manager_letter import manager_letters
from assets.reported.content.reading import Day, tables_read
from assets.reported.packs import stem_of
from assets.sql_model import asset_key, audit_specs, run_audit
from io_managers.documents import Compose, Document, Documents, mail_states, mails_frame
from io_managers.session import CLOSING_TABLE, Session
from io_managers.warehouse import Warehouse, window_of
from receivables.home import Home
from receivables.mail import Letter, MailConfig, MailConfigError, PackFile, compose
from receivables.policy import Policy

KEY = dg.AssetKey(["reported", "mails"])
PACKS = "reported.packs"

_AUDITS = audits_of("mails")


def newest_closed_day(session: Session) -> date | None:
    """The newest day that has its packs' slice, those of the run itself included."""
    found = session.rows(
        "select max(day) as day from warehouse.slices where table_name = ?", [CLOSING_TABLE]
    )
    return found[0]["day"]


@dataclass(frozen=True)
class WrittenMails:
    """The mails of a day in the outbox, and the managers who got none, each with the reason."""

    documents: list[Document]
    without_mail: list[str]


def write_mails(
    session: Session, home: Home, config: MailConfig, day: date, policy: Policy
) -> WrittenMails:
    """Write the mail of a closed day to each audience and, if so configured, to each manager."""
    of_day, language = Day(session.connection, day), policy.packs.language
    figures = DayFigures.of(of_day)
    mails: dict[str, Compose] = {}
    for name, audience in sorted(config.audiences.items()):
        packs = _packs(session, home, day, audience.packs)
        is_summary = audience.tells == "summary"
        made = letter(of_day, name, language, figures, packs, is_summary)
        mails[name] = _composed(made, audience.to, config)
    refused = []
    managers = manager_letters(of_day, language, partial(_workbooks, Documents(home), day))
    for address, made in managers if config.managers else ():
        if why := config.refuses(address):
            refused.append(f"{made.reader}: {why}")
        else:
            mails[made.audience] = _composed(made, [address], config)
    return WrittenMails(Documents(home).keep_mails(day, mails), refused)


def _composed(made: Letter, to: Sequence[str], config: MailConfig) -> Compose:
    return partial(
        compose,
        made,
        config.sender,
        config.sender_address,
        to,
        config.max_attachment_mb * 2**20,
    )


def _packs(session: Session, home: Home, day: date, kinds: list[str]) -> list[PackFile]:
    """The files of these packs of a day, in the order of the audience's list, workbooks first."""
    rows = session.rows(
        "select path, sha256, kind from reported.packs where as_of = ? and is_written "
        "order by path like '%.csv', path",
        [day],
    )
    wanted = [row for kind in kinds for row in rows if row["kind"] == kind]
    files = [(row, home.root / row["path"]) for row in wanted]
    return [PackFile(row["path"], row["sha256"], file, file.stat().st_size) for row, file in files]


def _workbooks(documents: Documents, day: date, address: str) -> list[PackFile]:
    """The files about a manager's own accounts."""
    kept = documents.packs(day, stem_of(name_of(address), day))
    return [PackFile(each.path, each.sha256, each.file, each.size) for each in kept]


@dg.asset(
    key=KEY,
    deps=[asset_key(table) for table in sorted({PACKS, *tables_read()})],
    group_name="reported",
    kinds={"email"},
    partitions_def=PARTITIONS,
    backfill_policy=BACKFILL,
    check_specs=audit_specs(_AUDITS, KEY),
    io_manager_key="warehouse_tables",
    output_required=True,
)
def mails(context: dg.AssetExecutionContext, warehouse: Warehouse):
    """One row per mail of the outbox and closed day: to whom, with which packs, what became of it.

    A mail is written for the newest closed day only, never for an older day of a backfill.
    """
    window = window_of(context.partition_key_range)
    session, home = warehouse.session, warehouse.place
    session.use(window)
    need(session, {PACKS, *tables_read()}, window)
    has_server, metadata = False, {}
    try:
        config = MailConfig.read(home.config("mail.yaml"))
        has_server = config.smtp is not None
        if newest_closed_day(session) == window.day_until:
            written = write_mails(session, home, config, window.day_until, warehouse.policy)
            for document in written.documents:
                metadata[document.file.name] = dg.MetadataValue.path(str(document.file))
            if written.without_mail:
                metadata["managers_without_mail"] = "; ".join(written.without_mail)
                context.log.warning("No mail to %s.", metadata["managers_without_mail"])
    except MailConfigError as error:
        # The day is closed all the same; only its mail is missing, and that is said.
        context.log.warning("No mail was written: %s", error)
        metadata["problem"] = str(error)
    documents = Documents(home)
    states = [state for day in window.days for state in mail_states(documents, day, has_server)]
    frame: pl.DataFrame = mails_frame(states)
    yield dg.Output(frame, metadata=metadata)
    for audit in _AUDITS:
        yield run_audit(session, audit, KEY)
