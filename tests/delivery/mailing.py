"""A mail server, a day's mail and its delivery, for the tests."""

import socket
from datetime import UTC, date, datetime
from functools import partial

from io_managers.documents import Documents
from pipelines.delivery import deliver
from receivables.home import Home
from receivables.mail import (
    Figure,
    Letter,
    MailConfig,
    PackFile,
    compose,
)

DAY = date(2026, 8, 31)
NOW = datetime(2026, 9, 1, 7, 5, tzinfo=UTC)


class Server:
    """An SMTP server whose answers a test decides; `taken` is what it accepted."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], bytes]] = []
        self.on_rcpt: dict[str, list[str]] = {}
        self.on_data: list[str] = []
        self.drops_after_data = False

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        answers = self.on_rcpt.get(address, [])
        answer = answers.pop(0) if answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = self.on_data.pop(0) if self.on_data else "250 taken"
        if answer.startswith("250"):
            self.taken.append((list(envelope.rcpt_tos), envelope.content))
        if self.drops_after_data:
            server.transport.close()
        return answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def config(port: int | None, to=("a@supplier.cn",), **smtp) -> MailConfig:
    made = {"host": "127.0.0.1", "port": port, "security": "none", "wait_seconds": 0, **smtp}
    return MailConfig.model_validate(
        {
            "sender": "应收日报 <from@supplier.cn>",
            "allowed_domains": ["supplier.cn"],
            "audiences": {"finance": {"to": list(to)}},
            "smtp": made if port else None,
        }
    )


def letter(home: Home, content: bytes = b"pack", day: date = DAY) -> Letter:
    path = f"reports/{day}/aging-{day}.xlsx"
    file = home.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    packs = [PackFile(path, f"hash of {content!r}", file, len(content))]
    figures = [Figure("应收", "1.00"), Figure("逾期", "0.00")]
    return Letter(day, "finance", "zh", figures, [], ["联系 <永和>"], [], packs)


def put(home: Home, cfg: MailConfig, content: bytes = b"pack", day: date = DAY) -> None:
    made = letter(home, content, day)
    most = cfg.max_attachment_mb * 2**20
    to = cfg.audiences["finance"].to
    mail = partial(compose, made, cfg.sender, cfg.sender_address, to, most)
    Documents(home).keep_mails(day, {"finance": mail})


def send(home: Home, cfg: MailConfig, day: date = DAY):
    return deliver(home, cfg, day, sleep=lambda _: None, now=lambda: NOW)
