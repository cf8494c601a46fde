"""Sending the mails of the outbox: the one effect on the world outside the home.

What is promised: a mail is sent to each recipient at most once, and where it is not known whether
it arrived, that is said. Before the content goes to the server, a `sending` line is on disk in the
message's journal; after the server's answer, a `delivered` or `failed` line. A process that dies in
between leaves the `sending` line alone: the mail is then in doubt, is reported so, and is not sent
again by itself. To send it again, delete its journal; the Message-ID stays the same, so that the
receiving side can still see a duplicate for what it is.

Only the newest closed day is delivered. What waits from older days stays in the outbox as it is:
a newer mail has taken its place.
"""

from __future__ import annotations

import fcntl
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.utils import format_datetime

import duckdb

from io_managers.connection import WarehouseBusyError
from io_managers.documents import (
    Documents,
    Mail,
    MailState,
    mail_states,
    note_mails,
    recipients_of,
)
from receivables.home import Home
from receivables.mail import MailConfig, MailConfigError, Outcome, Smtp, packs_of, read_mail


@dataclass
class DeliveryReport:
    """What a delivery did: the state of the day's mails, and what a person should know."""

    day: date
    mails: list[MailState] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """Mails that the server has taken for all recipients, now or before."""
        return sum(mail.status == Outcome.SENT for mail in self.mails)


class _Postponed(Exception):  # noqa: N818 (it is a state, not a fault)
    """The server asks to try again later."""


def deliver(
    home: Home,
    config: MailConfig,
    day: date,
    *,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> DeliveryReport:
    """Send the mails of the newest closed day that have not left yet.

    A server that cannot be reached, or says to come later, is tried `smtp.attempts` times with
    growing pauses; then the mails wait in the outbox and the report says so. Nothing is raised
    for a server's failure: the day's close has succeeded by then.
    """
    documents = Documents(home)
    report = DeliveryReport(day)
    before = mail_states(documents, day, has_server=config.smtp is not None)
    if config.smtp is None:
        report.mails = before
        return report
    newer = [other for other in documents.mail_days() if other > day]
    if newer:
        report.warnings.append(f"{day} is not delivered: {max(newer)} has been closed since.")
    else:
        with _alone(home) as is_alone:
            if is_alone:
                post = _Post(config, config.smtp, now)
                post.send_all(documents.newest_mails(day), sleep)
                report.warnings += post.warnings
            else:
                report.warnings.append("Another delivery is under way; this one left it alone.")
    report.mails = mail_states(documents, day, has_server=config.smtp is not None)
    report.warnings += _doubts(report.mails)
    if report.mails != before:
        report.warnings += _note(home, report)
    return report


def _note(home: Home, report: DeliveryReport) -> Iterator[str]:
    """Write what became of the mails into the warehouse; a warning where that has to wait."""
    if not home.warehouse.exists():
        return
    try:
        note_mails(home, report.day, report.mails)
    except (WarehouseBusyError, duckdb.Error, OSError) as error:
        yield f"reported.mails shows this after the next close of {report.day}: {error}"


class _Post:
    """One round of sending, with the warnings it gathers."""

    def __init__(self, config: MailConfig, smtp: Smtp, now: Callable[[], datetime]) -> None:
        self.config, self.smtp, self.now = config, smtp, now
        self.warnings: list[str] = []

    def send_all(self, mails: list[Mail], sleep: Callable[[float], None]) -> None:
        """Send what is pending, in as many attempts as the configuration allows."""
        waiting = [mail for mail in mails if self._pending(mail)]
        problem = ""
        for attempt in range(self.smtp.attempts):
            if not waiting:
                return
            if attempt:
                sleep(self.smtp.wait_seconds * 2 ** (attempt - 1))
            try:
                with _connected(self.smtp) as server:
                    problem = self._send_each(server, waiting) or problem
            except (smtplib.SMTPAuthenticationError, MailConfigError) as error:
                problem = f"the server did not accept the login: {_words(error)}"
                break
            except (OSError, smtplib.SMTPException) as error:
                problem = f"{self.smtp.host}:{self.smtp.port} could not be used: {_words(error)}"
            waiting = [mail for mail in waiting if self._pending(mail)]
        if waiting:
            names = ", ".join(mail.document.path for mail in waiting)
            self.warnings.append(f"{names} not sent and waiting in the outbox: {problem}.")

    def _pending(self, mail: Mail) -> list[str]:
        to = recipients_of(read_mail(mail.document.file.read_bytes()))
        return mail.journal.pending(to)

    def _send_each(self, server: smtplib.SMTP, mails: list[Mail]) -> str:
        problem = ""
        for mail in mails:
            try:
                self._send(server, mail)
            except _Postponed as error:
                problem = str(error)
                server.rset()
        return problem

    def _send(self, server: smtplib.SMTP, mail: Mail) -> None:
        """Offer a mail to the recipients it is pending for.

        Raises:
            _Postponed: the server said that it did not take it, for now.
        """
        message = read_mail(mail.document.file.read_bytes())
        journal = mail.journal
        pending = journal.pending(recipients_of(message))
        outside = {
            to: "outside the allowed domains" for to in pending if not self.config.allows(to)
        }
        self._refuse(mail, outside)
        code, words = server.mail(self.config.sender_address)
        if code != 250:
            raise _Postponed(f"the sender was refused: {code} {_text(words)}")
        taken, refused, later = [], {}, ""
        for to in pending:
            if to in outside:
                continue
            code, words = server.rcpt(to)
            if code in (250, 251):
                taken.append(to)
            elif 500 <= code < 600:
                refused[to] = f"{code} {_text(words)}"
            else:
                later = f"{to}: {code} {_text(words)}"
        self._refuse(mail, refused)
        if taken:
            self._hand_over(server, mail, message, taken)
        else:
            server.rset()
        if later:
            raise _Postponed(later)

    def _hand_over(
        self, server: smtplib.SMTP, mail: Mail, message: EmailMessage, taken: list[str]
    ) -> None:
        """Send the content; the journal is written before and after."""
        journal = mail.journal
        message.replace_header("Date", format_datetime(self.now()))
        journal.sending(self.now(), taken, packs_of(message))
        try:
            code, words = server.data(message.as_bytes())
        except smtplib.SMTPDataError as error:
            # The server turned the DATA command down, so it has no content to deliver.
            code, words = error.smtp_code, error.smtp_error
        said = f"{code} {_text(words)}"
        if code == 250:
            journal.accepted(self.now(), taken)
            return
        journal.failed(self.now(), taken, said)
        if 500 <= code < 600:
            self._refuse(mail, dict.fromkeys(taken, said))
        else:
            raise _Postponed(said)

    def _refuse(self, mail: Mail, refused: dict[str, str]) -> None:
        if refused:
            mail.journal.refuse(self.now(), refused)
            for to, why in refused.items():
                self.warnings.append(f"{mail.document.path} was refused for {to}: {why}.")


@contextmanager
def _connected(smtp: Smtp) -> Iterator[smtplib.SMTP]:
    """A session that is greeted, encrypted and logged in as configured."""
    context = ssl.create_default_context()
    if smtp.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            smtp.host, smtp.port, timeout=smtp.timeout_seconds, context=context
        )
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, timeout=smtp.timeout_seconds)
    with server:
        if smtp.security == "starttls":
            server.starttls(context=context)
        server.ehlo_or_helo_if_needed()
        if smtp.user is not None:
            server.login(smtp.user, smtp.password())
        yield server


@contextmanager
def _alone(home: Home) -> Iterator[bool]:
    """Hold the outbox for one delivery; False when another one holds it."""
    home.outbox.mkdir(parents=True, exist_ok=True)
    with (home.outbox / ".delivery.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _doubts(mails: list[MailState]) -> Iterator[str]:
    for mail in mails:
        if mail.status == Outcome.DOUBT:
            yield (
                f"{mail.path} may or may not have arrived: an earlier sending was cut off. "
                "Ask a recipient; to send it again, delete its .delivery.jsonl file."
            )


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(error) or type(error).__name__


def _text(words: bytes | str) -> str:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(said.split())
