"""Dated documents of a home: packs under reports/<day>/, mails under outbox/<day>/.

A document appears whole or not at all, is not rewritten when nothing changed, and is kept once it
has been mailed: what differs from it then becomes the next version, with -2, -3 … in its name.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

import polars as pl

from io_managers.connection import WriteLock, connect
from io_managers.session import Session, Window
from io_managers.warehouse import publish
from receivables.home import Home
from receivables.mail import Journal, packs_of, read_headers
from receivables.policy import Policy

MAIL_SUFFIX = ".eml"
JOURNAL_SUFFIX = ".delivery.jsonl"
MAILS_SCHEMA = {
    "as_of": pl.Date,
    "message_id": pl.String,
    "to": pl.String,
    "subject": pl.String,
    "attachments": pl.String,
    "status": pl.String,
    "sent_at": pl.Datetime("us", "UTC"),
    "audience": pl.String,
    "path": pl.String,
    "detail": pl.String,
}
_DRAFT = ".draft-"

Compose = Callable[[int], bytes]  # the bytes of a mail for a revision


@dataclass(frozen=True)
class Document:
    """A file of the home. `path` is relative to the home; `is_new` says that bytes were written."""

    path: str
    file: Path
    sha256: str
    size: int
    is_new: bool


@dataclass(frozen=True)
class Mail:
    """A mail of the outbox with its journal."""

    document: Document
    audience: str
    revision: int
    message_id: str
    journal: Journal


@dataclass(frozen=True)
class MailState:
    """A mail and what became of it; the fields are the columns of reported.mails."""

    as_of: date
    message_id: str
    to: str
    subject: str
    attachments: str
    status: str
    sent_at: datetime | None
    audience: str
    path: str
    detail: str


class Documents:
    """Packs and mails of one home."""

    def __init__(self, home: Home) -> None:
        self.home = home

    @contextmanager
    def drafting(self) -> Iterator[Path]:
        """A scratch folder on the disk of the reports; it is gone afterwards.

        Runs come one at a time, so what an earlier one left behind is cleared away first.
        """
        self.home.reports.mkdir(parents=True, exist_ok=True)
        for left in self.home.reports.glob(f"{_DRAFT}*"):
            shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=self.home.reports))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def packs(self, day: date, stem: str) -> list[Document]:
        """The files of the newest version of a pack, the workbook first; none if there is none."""
        versions = self._versions(day, stem)
        if not versions:
            return []
        files = versions[max(versions)]
        return [self._document(files[ending]) for ending in sorted(files, key=_workbook_first)]

    def keep_pack(self, day: date, stem: str, drafts: Iterable[Path]) -> list[Document]:
        """Put the drafted files of a pack, named `<stem><ending>`, in their place."""
        new = {draft.name.removeprefix(stem): draft for draft in drafts}
        versions = self._versions(day, stem)
        latest = max(versions, default=1)
        old = versions.get(latest, {})
        hashes = {ending: sha256_of(draft) for ending, draft in new.items()}
        same = {ending for ending, file in old.items() if sha256_of(file) == hashes.get(ending)}
        if old and same == old.keys() == new.keys():
            return self.packs(day, stem)
        if old and self._was_mailed(day, old.values()):
            latest, old, same = latest + 1, {}, set()
        folder = self.home.reports / day.isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        for ending in old.keys() - new.keys():
            old[ending].unlink()
        kept = []
        for ending in sorted(new, key=_workbook_first):
            target = folder / _named(stem, latest, ending)
            if ending not in same:
                _settle(new[ending], target)
            kept.append(self._document(target, is_new=ending not in same))
        return kept

    def keep_mails(self, day: date, mails: Mapping[str, Compose]) -> list[Document]:
        """Put the mails of a day into the outbox, by audience; each makes its bytes by revision.

        A mail that has left is kept, and what differs from it is the next revision, unless only
        its words differ and not the packs.
        """
        before = {mail.audience: mail for mail in self.newest_mails(day)}
        kept, drafts = [], []
        for audience, compose in mails.items():
            document, draft = self._draft_mail(day, audience, compose, before.get(audience))
            kept.append(document)
            drafts += [(draft, document.file)] if draft else []
        # each waits for the disk, and the disk can do many at once
        with ThreadPoolExecutor(max_workers=16) as pool:
            list(pool.map(lambda pair: _settle(*pair), drafts))
        return kept

    def _draft_mail(
        self, day: date, audience: str, compose: Compose, latest: Mail | None
    ) -> tuple[Document, Path | None]:
        """A mail as it shall stand in the outbox, and its draft where it does not stand there."""
        revision = latest.revision if latest else 1
        content = compose(revision)
        if latest is not None:
            if latest.document.sha256 == hashlib.sha256(content).hexdigest():
                return latest.document, None
            if latest.journal.is_touched:
                if str(read_headers(content)["Message-ID"]) == latest.message_id:
                    return latest.document, None
                revision += 1
                content = compose(revision)
        folder = self.home.outbox / day.isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / _named(f"{audience}-{day.isoformat()}", revision, MAIL_SUFFIX)
        draft = target.with_name(f"{_DRAFT}{target.name}")
        draft.write_bytes(content)
        path = target.relative_to(self.home.root).as_posix()
        sha256 = hashlib.sha256(content).hexdigest()
        return Document(path, target, sha256, len(content), is_new=True), draft

    def mails(self, day: date) -> list[Mail]:
        """The mails of a day with their journals, by name."""
        folder = self.home.outbox / day.isoformat()
        pattern = re.compile(
            rf"([a-z][a-z0-9_]*)-{day.isoformat()}(?:-(\d+))?{re.escape(MAIL_SUFFIX)}"
        )
        found = []
        for file in sorted(folder.glob(f"*{MAIL_SUFFIX}")):
            named = pattern.fullmatch(file.name)
            if named:
                identity = str(read_headers(file.read_bytes())["Message-ID"])
                journal = Journal.read(folder / journal_name(identity))
                revision = int(named[2] or 1)
                found.append(Mail(self._document(file), named[1], revision, identity, journal))
        return found

    def newest_mails(self, day: date) -> list[Mail]:
        """The last revision of each audience's mail of a day."""
        newest = {mail.audience: mail for mail in sorted(self.mails(day), key=_by_revision)}
        return [newest[audience] for audience in sorted(newest)]

    def mail_days(self) -> list[date]:
        """The days that have mails, oldest first."""
        days = set()
        for file in self.home.outbox.glob(f"*/[a-z]*{MAIL_SUFFIX}"):
            try:
                days.add(date.fromisoformat(file.parent.name))
            except ValueError:
                continue
        return sorted(days)

    def _versions(self, day: date, stem: str) -> dict[int, dict[str, Path]]:
        """Files of a pack by version and ending."""
        pattern = re.compile(rf"{re.escape(stem)}(?:-(\d+))?(\.xlsx|\.zip|-[a-z_]+\.csv)")
        versions: dict[int, dict[str, Path]] = {}
        for file in (self.home.reports / day.isoformat()).glob(f"{stem}*"):
            named = pattern.fullmatch(file.name)
            if named:
                versions.setdefault(int(named[1] or 1), {})[named[2]] = file
        return versions

    def _was_mailed(self, day: date, files: Iterable[Path]) -> bool:
        packs = {(document.path, document.sha256) for document in map(self._document, files)}
        folder = self.home.outbox / day.isoformat()
        journals = map(Journal.read, folder.glob(f"*{JOURNAL_SUFFIX}"))
        return any(packs & journal.packs.items() for journal in journals if journal.is_touched)

    def _document(self, file: Path, is_new: bool = False) -> Document:
        path = file.relative_to(self.home.root).as_posix()
        return Document(path, file, sha256_of(file), file.stat().st_size, is_new)


def mail_states(documents: Documents, day: date, has_server: bool) -> list[MailState]:
    """The mails of a day as they stand now, all revisions, oldest first."""
    states = []
    for mail in sorted(documents.mails(day), key=_by_revision):
        headers = read_headers(mail.document.file.read_bytes())
        to = recipients_of(headers)
        journal = mail.journal
        refused = "; ".join(f"{who}: {why}" for who, why in sorted(journal.refused.items()))
        states.append(
            MailState(
                as_of=day,
                message_id=mail.message_id,
                to=", ".join(to),
                subject=str(headers["Subject"]),
                attachments=", ".join(packs_of(headers)),
                status=journal.outcome(to, has_server).value,
                sent_at=journal.sent_at,
                audience=mail.audience,
                path=mail.document.path,
                detail=refused or journal.last_problem,
            )
        )
    return states


def mails_frame(states: Iterable[MailState]) -> pl.DataFrame:
    """Mail states as rows of reported.mails."""
    return pl.DataFrame([asdict(state) for state in states], schema=MAILS_SCHEMA)


def note_mails(home: Home, day: date, states: Iterable[MailState]) -> None:
    """Bring a day's slice of reported.mails up to date after a delivery, and publish it.

    Raises:
        WarehouseBusyError: a run holds the warehouse; its next close of the day writes the slice.
    """
    policy = Policy.read(home.config("policy.yaml"))
    lock = WriteLock(home.warehouse.with_name("run.lock"))
    lock.take(policy)
    try:
        with connect(home.warehouse, policy) as connection:
            session = Session(connection)
            session.use(Window(day, day))
            session.replace("reported.mails", mails_frame(states))
            session.commit()
        publish(home)
    finally:
        lock.release()


def recipients_of(message: EmailMessage) -> list[str]:
    """The bare addresses of a mail."""
    return [address for _, address in getaddresses(message.get_all("To", []))]


def journal_name(message_id: str) -> str:
    """The file name of a message's delivery journal."""
    return re.sub(r"[^0-9A-Za-z.-]", "_", message_id.strip("<>").partition("@")[0]) + JOURNAL_SUFFIX


def sha256_of(file: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _settle(draft: Path, target: Path) -> None:
    """Move a draft into place in one step, its bytes safely on disk first."""
    with draft.open("rb+") as stream:
        os.fsync(stream.fileno())
    os.replace(draft, target)


def _named(stem: str, version: int, ending: str) -> str:
    return f"{stem}{ending}" if version == 1 else f"{stem}-{version}{ending}"


def _workbook_first(ending: str) -> tuple[bool, str]:
    return (ending not in (".xlsx", ".zip"), ending)


def _by_revision(mail: Mail) -> int:
    return mail.revision
