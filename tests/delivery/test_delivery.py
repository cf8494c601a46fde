"""Mails against a real SMTP server that can refuse, stall, drop the line and come back."""

import fcntl
import ssl
import subprocess
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from io_managers.connection import read_only
from io_managers.documents import Documents, mail_states, note_mails
from pipelines.delivery import deliver
from receivables.home import Home
from receivables.mail import (
    MailConfig,
    MailConfigError,
    compose,
    message_id,
)
from tests.delivery.mailing import DAY, NOW, Server, config, free_port, letter, put, send


@pytest.fixture
def server():
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.port = controller.port
    yield handler
    controller.stop()


@pytest.fixture
def home(tmp_path) -> Home:
    return Home(tmp_path)


def test_a_mail_arrives_whole(home, server):
    cfg = config(server.port)
    put(home, cfg)
    report = send(home, cfg)
    assert [mail.status for mail in report.mails] == ["sent"]
    assert report.mails[0].sent_at == NOW
    assert report.warnings == []
    [(to, content)] = server.taken
    message = message_from_bytes(content, policy=policy.default)
    assert to == ["a@supplier.cn"]
    assert message["Subject"] == "应收日报 2026-08-31：应收 1.00，逾期 0.00"
    assert message["Message-ID"] == message_id(letter(home), "from@supplier.cn")
    assert message["Date"].datetime == NOW
    assert "联系 <永和>" in message.get_body(("plain",)).get_content()
    assert "联系 &lt;永和&gt;" in message.get_body(("html",)).get_content()
    [attachment] = message.iter_attachments()
    assert attachment.get_filename() == "aging-2026-08-31.xlsx"
    assert attachment.get_content() == b"pack"


def test_the_warehouse_shows_what_was_sent(home, server):
    cfg = config(server.port)
    put(home, cfg)
    states = mail_states(Documents(home), DAY, has_server=True)
    note_mails(home, DAY, states)
    send(home, cfg)
    with read_only(home.published) as warehouse:
        query = 'select "to", status, sent_at, attachments from reported.mails where as_of = ?'
        [row] = warehouse.execute(query, [DAY]).fetchall()
    assert row[0] == "a@supplier.cn"
    assert row[1] == "sent"
    assert row[2] == NOW
    assert row[3] == "reports/2026-08-31/aging-2026-08-31.xlsx"


def test_twice_is_once(home, server):
    cfg = config(server.port)
    put(home, cfg)
    send(home, cfg)
    put(home, cfg)
    report = send(home, cfg)
    assert len(server.taken) == 1
    assert [mail.status for mail in report.mails] == ["sent"]


def test_changed_packs_are_sent_as_a_correction(home, server):
    cfg = config(server.port)
    put(home, cfg)
    send(home, cfg)
    put(home, cfg, b"other pack")
    report = send(home, cfg)
    subjects = [
        message_from_bytes(mail, policy=policy.default)["Subject"] for _, mail in server.taken
    ]
    assert [subject.endswith("（更正 1）") for subject in subjects] == [False, True]
    assert [mail.status for mail in report.mails] == ["sent", "sent"]


def test_without_a_server_the_mail_stays_in_the_outbox(home):
    cfg = config(None)
    put(home, cfg)
    report = send(home, cfg)
    assert [mail.status for mail in report.mails] == ["written"]
    assert report.warnings == []


def test_an_unreachable_server_leaves_the_mail_waiting_and_warns(home):
    cfg = config(free_port(), attempts=2)
    put(home, cfg)
    report = send(home, cfg)
    assert [mail.status for mail in report.mails] == ["waiting"]
    assert "waiting in the outbox" in report.warnings[0]


def test_a_mail_that_waited_is_sent_when_the_server_is_back(home, server):
    put(home, config(server.port))
    send(home, config(free_port(), attempts=1))
    assert [mail.status for mail in send(home, config(server.port)).mails] == ["sent"]
    assert len(server.taken) == 1


def test_attempts_pause_longer_each_time(home):
    cfg = config(free_port(), attempts=4, wait_seconds=5)
    put(home, cfg)
    pauses = []
    deliver(home, cfg, DAY, sleep=pauses.append, now=lambda: NOW)
    assert pauses == [5, 10, 20]


def test_a_refused_recipient_is_reported_and_the_others_get_the_mail_once(home, server):
    server.on_rcpt["b@supplier.cn"] = ["550 unknown user"] * 9
    cfg = config(server.port, to=("a@supplier.cn", "b@supplier.cn"))
    put(home, cfg)
    report = send(home, cfg)
    assert [mail.status for mail in report.mails] == ["partly_sent"]
    assert report.mails[0].detail == "b@supplier.cn: 550 unknown user"
    assert "refused for b@supplier.cn" in report.warnings[0]
    assert [to for to, _ in send_again(home, cfg, server)] == [["a@supplier.cn"]]


def send_again(home: Home, cfg: MailConfig, server: Server):
    send(home, cfg)
    return server.taken


def test_greylisting_is_waited_out(home, server):
    server.on_rcpt["b@supplier.cn"] = ["451 come back later"]
    cfg = config(server.port, to=("a@supplier.cn", "b@supplier.cn"))
    put(home, cfg)
    report = send(home, cfg)
    assert [to for to, _ in server.taken] == [["a@supplier.cn"], ["b@supplier.cn"]]
    assert [mail.status for mail in report.mails] == ["sent"]


def test_a_server_that_is_full_for_now_is_tried_again(home, server):
    server.on_data = ["452 disk full", "452 disk full"]
    cfg = config(server.port, attempts=3)
    put(home, cfg)
    assert [mail.status for mail in send(home, cfg).mails] == ["sent"]
    assert len(server.taken) == 1


def test_a_content_refused_for_good_is_not_tried_again(home, server):
    server.on_data = ["554 looks like spam"]
    cfg = config(server.port)
    put(home, cfg)
    report = send(home, cfg)
    assert [mail.status for mail in report.mails] == ["refused"]
    assert send_again(home, cfg, server) == []


def test_a_line_cut_after_the_content_is_doubt_and_is_not_sent_again(home, server):
    server.drops_after_data = True
    cfg = config(server.port)
    put(home, cfg)
    report = send(home, cfg)
    assert [mail.status for mail in report.mails] == ["doubt"]
    assert "may or may not have arrived" in report.warnings[-1]
    server.drops_after_data = False
    assert len(send_again(home, cfg, server)) == 1


def test_a_process_killed_while_sending_leaves_doubt(home, server):
    cfg = config(server.port)
    put(home, cfg)

    class KilledError(BaseException):
        pass

    times = iter([NOW, NOW])

    def clock():
        for time in times:
            return time
        raise KilledError

    with pytest.raises(KilledError):
        deliver(home, cfg, DAY, sleep=lambda _: None, now=clock)
    assert len(server.taken) == 1
    report = send(home, cfg)
    assert [mail.status for mail in report.mails] == ["doubt"]
    assert len(server.taken) == 1


def test_only_the_newest_closed_day_is_sent(home, server):
    cfg = config(server.port)
    put(home, cfg)
    put(home, cfg, day=date(2026, 9, 1))
    report = send(home, cfg, DAY)
    assert server.taken == []
    assert "2026-09-01 has been closed since" in report.warnings[0]
    send(home, cfg, date(2026, 9, 1))
    assert len(server.taken) == 1


def test_two_deliveries_at_once_send_once(home, server):
    cfg = config(server.port)
    put(home, cfg)
    with (home.outbox / ".delivery.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        report = send(home, cfg)
    assert "Another delivery is under way" in report.warnings[0]
    assert server.taken == []


def test_a_recipient_written_into_the_outbox_by_hand_is_not_served(home, server):
    cfg = config(server.port)
    put(home, cfg)
    [mail] = Documents(home).mails(DAY)
    content = mail.document.file.read_bytes()
    mail.document.file.write_bytes(content.replace(b"a@supplier.cn", b"a@elsewhere.cn"))
    report = send(home, cfg)
    assert server.taken == []
    assert report.mails[0].detail == "a@elsewhere.cn: outside the allowed domains"


def test_a_wrong_password_is_told_at_once(home, monkeypatch):
    def authenticate(server, session, envelope, mechanism, auth_data):
        assert isinstance(auth_data, LoginPassword)
        return AuthResult(success=auth_data.password == b"right", handled=False)

    handler = Server()
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=authenticate,
        auth_require_tls=False,
    )
    controller.start()
    try:
        cfg = config(controller.port, user="u", password_env="SIDAN_TEST_PASSWORD")
        put(home, cfg)
        assert "is not set" in send(home, cfg).warnings[0]
        monkeypatch.setenv("SIDAN_TEST_PASSWORD", "wrong")
        assert "did not accept the login" in send(home, cfg).warnings[0]
        monkeypatch.setenv("SIDAN_TEST_PASSWORD", "right")
        assert [mail.status for mail in send(home, cfg).mails] == ["sent"]
    finally:
        controller.stop()


def test_starttls_checks_the_certificate(home, tmp_path, monkeypatch):
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        + ["-keyout", key, "-out", certificate, "-subj", "/CN=localhost"]
        + ["-addext", "subjectAltName=DNS:localhost"],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    handler = Server()
    controller = Controller(
        handler, hostname="localhost", port=free_port(), tls_context=context, require_starttls=True
    )
    controller.start()
    try:
        cfg = config(controller.port, host="localhost", security="starttls", attempts=1)
        put(home, cfg)
        assert "certificate" in send(home, cfg).warnings[0].lower()
        assert handler.taken == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert [mail.status for mail in send(home, cfg).mails] == ["sent"]
    finally:
        controller.stop()


def test_packs_above_the_limit_are_named_by_their_path(home):
    made = letter(home, b"x" * 100)
    content = compose(
        made, sender="f@x.cn", sender_address="f@x.cn", to=["a@x.cn"], max_attachment_bytes=99
    )
    message = message_from_bytes(content, policy=policy.default)
    assert list(message.iter_attachments()) == []
    assert "reports/2026-08-31/aging-2026-08-31.xlsx (超过附件上限" in (
        message.get_body(("plain",)).get_content()
    )


def test_the_same_letter_gives_the_same_bytes(home):
    def made() -> bytes:
        return compose(
            letter(home),
            sender="f@x.cn",
            sender_address="f@x.cn",
            to=["a@x.cn"],
            max_attachment_bytes=10**6,
        )

    assert made() == made()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"audiences": {"finance": {"to": ["a@elsewhere.cn"]}}}, "outside the allowed domains"),
        ({"audiences": {"finance": {"to": ["a@sub.supplier.cn"]}}}, "outside the allowed domains"),
        ({"audiences": {"finance": {"to": ["a@x.cn\r\nBcc: b@x.cn"]}}}, "not a mail address"),
        ({"audiences": {"finance": {"to": []}}}, "at least 1"),
        ({"audiences": {"Finance/..": {"to": ["a@supplier.cn"]}}}, "lowercase letters"),
        ({"sender": "nobody"}, "not a mail address"),
        ({"allowed_domains": []}, "at least 1"),
        ({"smtp": {"host": "h", "user": "u"}}, "come together"),
        ({"smtp": {"host": "h", "password": "secret"}}, "Extra inputs"),
    ],
)
def test_a_mail_file_that_cannot_be_used_says_why(tmp_path: Path, change, words):
    import yaml

    raw = {
        "sender": "from@supplier.cn",
        "allowed_domains": ["supplier.cn"],
        "audiences": {"finance": {"to": ["a@supplier.cn"]}},
        **change,
    }
    file = tmp_path / "mail.yaml"
    file.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(MailConfigError, match=words):
        MailConfig.read(file)


def test_the_mail_file_of_the_repository_is_valid():
    cfg = MailConfig.read(Path(__file__).parents[2] / "config" / "mail.yaml")
    assert cfg.smtp is None
