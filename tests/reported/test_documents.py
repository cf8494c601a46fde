from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from io_managers.documents import Documents, journal_name, sha256_of
from receivables.home import Home
from receivables.mail import Journal, Outcome

DAY = date(2026, 8, 31)
NOW = datetime(2026, 9, 1, 7, tzinfo=UTC)


@pytest.fixture
def documents(tmp_path) -> Documents:
    return Documents(Home(tmp_path))


def keep(documents: Documents, content: str, csv: str | None = None):
    with documents.drafting() as folder:
        drafts = [folder / "aging-2026-08-31.xlsx"]
        drafts[0].write_text(content)
        if csv is not None:
            drafts.append(folder / "aging-2026-08-31-open_items.csv")
            drafts[1].write_text(csv)
        return documents.keep_pack(DAY, "aging-2026-08-31", drafts)


def mail(documents: Documents, content: str, packs=(), identity="id"):
    head = "".join(f"X-Sidan-Pack: {pack.path} sha256={pack.sha256}\r\n" for pack in packs)

    def made(revision: int) -> bytes:
        headers = f"Message-ID: <{identity}@x>\r\nTo: a@x.cn\r\nSubject: s\r\n{head}"
        return f"{headers}\r\n{content} {revision}".encode()

    return documents.keep_mails(DAY, {"finance": made})[0]


def send(documents: Documents, packs, identity="id", ends=True) -> Journal:
    folder = documents.home.outbox / "2026-08-31"
    journal = Journal(folder / journal_name(f"<{identity}@x>"))
    journal.sending(NOW, ["a@x.cn"], {pack.path: pack.sha256 for pack in packs})
    if ends:
        journal.accepted(NOW, ["a@x.cn"])
    return journal


def fail_while_drafting(documents: Documents) -> None:
    with documents.drafting() as folder:
        (folder / "aging-2026-08-31.xlsx").write_text("half")
        raise KeyError("figures")


def files(documents: Documents) -> list[str]:
    return sorted(
        path.relative_to(documents.home.root).as_posix()
        for path in documents.home.root.rglob("*")
        if path.is_file()
    )


def test_a_pack_stands_under_its_day(documents):
    (kept,) = keep(documents, "one")
    assert kept.path == "reports/2026-08-31/aging-2026-08-31.xlsx"
    assert kept.is_new
    assert kept.sha256 == sha256_of(kept.file)
    assert files(documents) == ["reports/2026-08-31/aging-2026-08-31.xlsx"]


def test_the_same_bytes_are_not_written_again(documents):
    (first,) = keep(documents, "one")
    stamp = first.file.stat().st_mtime_ns
    (again,) = keep(documents, "one")
    assert not again.is_new
    assert again.file.stat().st_mtime_ns == stamp


def test_a_pack_that_was_not_mailed_is_replaced(documents):
    keep(documents, "one", "rows")
    (kept,) = keep(documents, "two")
    assert kept.file.read_text() == "two"
    assert files(documents) == ["reports/2026-08-31/aging-2026-08-31.xlsx"]


@pytest.mark.parametrize("ends", [True, False], ids=["sent", "in doubt"])
def test_a_pack_that_was_mailed_is_kept(documents, ends):
    packs = keep(documents, "one", "rows")
    mail(documents, "hello", packs)
    send(documents, packs, ends=ends)
    second = keep(documents, "two", "rows")
    assert [kept.file.name for kept in second] == [
        "aging-2026-08-31-2.xlsx",
        "aging-2026-08-31-2-open_items.csv",
    ]
    assert packs[0].file.read_text() == "one"
    third = keep(documents, "three", "rows")
    assert third[0].file.name == "aging-2026-08-31-2.xlsx"
    assert [kept.path for kept in documents.packs(DAY, "aging-2026-08-31")] == [
        kept.path for kept in third
    ]


def test_a_crashed_draft_is_cleared_away(documents):
    left = documents.home.reports / ".draft-left"
    left.mkdir(parents=True)
    with documents.drafting() as folder:
        assert not left.exists()
        assert folder.exists()
    assert not folder.exists()


def test_a_failed_writing_leaves_the_pack_as_it_was(documents):
    keep(documents, "one")
    with pytest.raises(KeyError):
        fail_while_drafting(documents)
    assert documents.packs(DAY, "aging-2026-08-31")[0].file.read_text() == "one"
    assert files(documents) == ["reports/2026-08-31/aging-2026-08-31.xlsx"]


def test_an_unsent_mail_is_replaced(documents):
    mail(documents, "one")
    kept = mail(documents, "two", identity="other")
    assert kept.file.read_bytes().endswith(b"two 1")
    assert files(documents) == ["outbox/2026-08-31/finance-2026-08-31.eml"]


def test_a_sent_mail_is_kept_and_the_next_one_is_a_correction(documents):
    first = mail(documents, "one")
    send(documents, [])
    second = mail(documents, "two", identity="other")
    assert second.file.name == "finance-2026-08-31-2.eml"
    assert second.file.read_bytes().endswith(b"two 2")
    assert first.file.read_bytes().endswith(b"one 1")
    assert [found.document.path for found in documents.newest_mails(DAY)] == [second.path]


def test_a_sent_mail_with_the_same_packs_is_not_written_anew(documents):
    mail(documents, "one")
    send(documents, [])
    kept = mail(documents, "other words")
    assert kept.file.read_bytes().endswith(b"one 1")
    assert len(documents.mails(DAY)) == 1


def test_mail_days(documents):
    assert documents.mail_days() == []
    mail(documents, "one")
    assert documents.mail_days() == [DAY]


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([], Outcome.WAITING),
        (["sending"], Outcome.DOUBT),
        (["sending", "accepted"], Outcome.SENT),
        (["sending", "failed"], Outcome.WAITING),
        (["sending", "failed", "sending"], Outcome.DOUBT),
        (["sending", "failed", "sending", "accepted"], Outcome.SENT),
        (["refuse"], Outcome.REFUSED),
    ],
)
def test_a_journal_tells_what_became_of_a_mail(tmp_path, events, outcome):
    journal = Journal(tmp_path / "j")
    for event in events:
        match event:
            case "sending":
                journal.sending(NOW, ["a@x.cn"], {})
            case "accepted":
                journal.accepted(NOW, ["a@x.cn"])
            case "failed":
                journal.failed(NOW, ["a@x.cn"], "451 later")
            case "refuse":
                journal.refuse(NOW, {"a@x.cn": "550 unknown"})
    assert Journal.read(tmp_path / "j").outcome(["a@x.cn"], has_server=True) is outcome


def test_a_journal_cut_off_in_the_middle_of_a_line_is_doubt(tmp_path: Path):
    journal = Journal(tmp_path / "j")
    journal.sending(NOW, ["a@x.cn"], {})
    journal.accepted(NOW, ["a@x.cn"])
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:-10])
    read = Journal.read(journal.path)
    assert read.outcome(["a@x.cn"], has_server=True) is Outcome.DOUBT
    assert read.pending(["a@x.cn"]) == []
