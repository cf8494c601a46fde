"""Mail as files: who gets what (config), what it says (message), what became of it (journal)."""

from receivables.mail.config import MANAGER, Audience, MailConfig, MailConfigError, Smtp
from receivables.mail.journal import Journal, Outcome
from receivables.mail.message import (
    Account,
    Change,
    Figure,
    Letter,
    PackFile,
    compose,
    message_id,
    packs_of,
    read_headers,
    read_mail,
)

__all__ = [
    "MANAGER",
    "Account",
    "Audience",
    "Change",
    "Figure",
    "Journal",
    "Letter",
    "MailConfig",
    "MailConfigError",
    "Outcome",
    "PackFile",
    "Smtp",
    "compose",
    "message_id",
    "packs_of",
    "read_headers",
    "read_mail",
]
