"""The mail of a day to one audience: five figures, what changed, where the files are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

Language = Literal["zh", "en"]

PACK_HEADER = "X-Sidan-Pack"  # one per pack: "<path> sha256=<hash>"

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_WRITTEN_AT = time(7, 0, tzinfo=timezone(timedelta(hours=8)))
_SUBJECT = {
    "zh": "应收日报{reader} {day}：应收 {outstanding}，逾期 {overdue}{revision}",
    "en": "Receivables{reader} {day}: outstanding {outstanding}, overdue {overdue}{revision}",
}
_REVISION = {"zh": "（更正 {}）", "en": " (correction {})"}
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=lambda name: name is not None and name.endswith(".html.j2"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


@dataclass(frozen=True)
class Figure:
    """A figure as text, with its change since the day before (empty: not known) and its colour."""

    label: str
    value: str
    change: str = ""
    is_bad: bool = False


@dataclass(frozen=True)
class Change:
    """A line of what changed: what, how much, and a remark."""

    what: str
    amount: str = ""
    remark: str = ""


@dataclass(frozen=True)
class PackFile:
    """A file that the mail speaks of: path relative to the home, hash, bytes on disk."""

    path: str
    sha256: str
    file: Path
    size: int


@dataclass(frozen=True)
class Account:
    """A line of a manager's own accounts: figures as text."""

    name: str
    outstanding: str
    overdue: str
    remark: str = ""


@dataclass(frozen=True)
class Letter:
    """Everything that a mail says. `figures` starts with outstanding and overdue.

    `reader` is whose accounts it speaks of; empty where it speaks of the whole company.
    """

    day: date
    audience: str
    language: Language
    figures: Sequence[Figure]
    changes: Sequence[Change]
    to_do: Sequence[str]
    notices: Sequence[str]
    packs: Sequence[PackFile]
    accounts: Sequence[Account] = ()
    more_accounts: int = 0
    reader: str = ""
    tells_what_to_do: bool = True


def message_id(letter: Letter, sender: str) -> str:
    """The identity of a mail: the same day, audience and packs give the same one.

    A mail without packs, or about somebody's accounts, is what it says: other figures make another.
    """
    parts = [letter.day.isoformat(), letter.audience, *(pack.sha256 for pack in letter.packs)]
    if letter.accounts or not letter.packs:
        parts += [repr(letter.figures), repr(letter.accounts)]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
    return f"<{digest}@{sender.rpartition('@')[2]}>"


def compose(
    letter: Letter,
    sender: str,
    sender_address: str,
    to: Sequence[str],
    max_attachment_bytes: int,
    revision: int = 1,
) -> bytes:
    """The mail as the bytes of an .eml file; the same letter always gives the same bytes.

    Packs are attached in order while they fit into `max_attachment_bytes` together; the others
    are named by their path.
    """
    attached, named = _split(letter.packs, max_attachment_bytes)
    identity = message_id(letter, sender_address)
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = _SUBJECT[letter.language].format(
        day=letter.day.isoformat(),
        outstanding=letter.figures[0].value,
        overdue=letter.figures[1].value,
        revision=_REVISION[letter.language].format(revision - 1) if revision > 1 else "",
        reader=f" {letter.reader}" if letter.reader else "",
    )
    message["From"] = sender
    message["To"] = ", ".join(to)
    # The morning after the day it speaks of; the sender of the mail sets the time of sending.
    message["Date"] = format_datetime(datetime.combine(letter.day + timedelta(days=1), _WRITTEN_AT))
    message["Message-ID"] = identity
    message["Auto-Submitted"] = "auto-generated"
    for pack in letter.packs:
        message[PACK_HEADER] = f"{pack.path} sha256={pack.sha256}"
    facts = {"letter": letter, "attached": attached, "named": named, "revision": revision}
    plain = _TEMPLATES.get_template("mail.txt.j2").render(facts)
    html = _TEMPLATES.get_template("mail.html.j2").render(facts)
    # base64 passes every server; 8bit would depend on what the next one can do.
    message.set_content(plain, cte="base64")
    message.add_alternative(html, subtype="html", cte="base64")
    for pack in attached:
        main, sub = _TYPES.get(pack.file.suffix, ("application", "octet-stream"))
        message.add_attachment(
            pack.file.read_bytes(), maintype=main, subtype=sub, filename=Path(pack.path).name
        )
    for index, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{identity[1:25]}_{index}")
    return message.as_bytes()


def read_mail(content: bytes) -> EmailMessage:
    """A mail file as a message."""
    return message_from_bytes(content, policy=policy.SMTP, _class=EmailMessage)  # type: ignore


def read_headers(content: bytes) -> EmailMessage:
    """The headers of a mail file; its body is left unread."""
    parser = BytesHeaderParser(EmailMessage, policy=policy.SMTP)  # type: ignore
    end = _END_OF_HEADERS.search(content)  # what the parser is given it takes apart line by line
    return parser.parsebytes(content[: end.end()] if end else content)  # type: ignore


def packs_of(message: EmailMessage) -> dict[str, str]:
    """Hash by path of the packs that a mail carries or names."""
    headers = (str(header) for header in message.get_all(PACK_HEADER, []))
    found = (header.rpartition(" sha256=") for header in headers)
    return {path: sha256 for path, _, sha256 in found}


_TYPES = {
    ".xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".csv": ("text", "csv"),
}


def _split(packs: Iterable[PackFile], most: int) -> tuple[list[PackFile], list[PackFile]]:
    attached: list[PackFile] = []
    named: list[PackFile] = []
    for pack in packs:
        room = most - sum(other.size for other in attached)
        (attached if pack.size <= room else named).append(pack)
    return attached, named
