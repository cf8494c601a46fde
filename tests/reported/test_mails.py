from datetime import date, timedelta
from decimal import Decimal
from email import message_from_bytes, policy

import pytest

from assets.reported.content.checks import audits_of
from assets.reported.mails import newest_closed_day, write_mails
from assets.reported.packs import write_packs
from io_managers.documents import Documents, mail_states, mails_frame
from io_managers.session import Session, Window
from receivables.home import Home
from receivables.mail import MailConfig
from tests.reported.closed_day import DAY, POLICY, ClosedDay

CONFIG = MailConfig.model_validate(
    {
        "sender": "应收日报 <from@supplier.cn>",
        "allowed_domains": ["supplier.cn"],
        "audiences": {
            "finance": {"to": ["a@supplier.cn", "b@supplier.cn"]},
            "sales": {"to": ["c@supplier.cn"], "packs": ["exceptions"]},
        },
    }
)


def closed(home: Home, day: ClosedDay | None = None) -> Session:
    session = (day or ClosedDay()).build()
    window = Window(DAY, DAY)
    session.replace("reported.packs", write_packs(session, Documents(home), window, POLICY))
    return session


def write(home: Home, session: Session, day: date = DAY):
    write_mails(session, home, CONFIG, day, POLICY)
    return {
        mail.audience: message_from_bytes(mail.document.file.read_bytes(), policy=policy.default)
        for mail in Documents(home).mails(day)
    }


@pytest.fixture(scope="module")
def standard(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("home"))
    session = closed(home)
    return home, session, write(home, session)


def body(message, kind: str = "plain") -> str:
    return message.get_body((kind,)).get_content()


def test_each_audience_gets_its_packs(standard):
    _, _, mails = standard
    names = {
        audience: [part.get_filename() for part in message.iter_attachments()]
        for audience, message in mails.items()
    }
    assert names == {
        "finance": [
            "aging-2026-08-31.xlsx",
            "credit_tier-2026-08-31.xlsx",
            "exceptions-2026-08-31.xlsx",
        ],
        "sales": ["exceptions-2026-08-31.xlsx"],
    }
    assert mails["finance"]["To"] == "a@supplier.cn, b@supplier.cn"


def test_the_mail_says_the_five_figures_in_both_bodies(standard):
    _, session, mails = standard
    outstanding = session.rows(
        "select sum(balance) as sum from settled.open_items where as_of = ?", [DAY]
    )[0]["sum"]
    for kind in ("plain", "html"):
        said = body(mails["finance"], kind)
        assert f"{outstanding:,.2f}" in said
        for label in ("应收余额", "逾期金额", "停货客户欠款", "未核销回款", "未结异常"):
            assert label in said


def test_the_mail_says_what_changed_and_what_to_do(standard):
    said = body(standard[2]["finance"])
    assert "新增停货客户: 1 项" in said
    assert "信用等级变动" in said
    assert "- 停货：" in said
    assert "价差 =000011：11,012.34，仓库：向门店索要验收单" in said


def test_the_mail_warns_of_what_was_rejected(standard):
    said = body(standard[2]["finance"])
    assert "! 1 个文件无法识别" in said
    assert "! 2 行数据被退回" in said


def test_the_mail_warns_of_totals_that_the_rows_do_not_give(tmp_path):
    home, day = Home(tmp_path), ClosedDay()
    for printed in (Decimal("99.99"), Decimal("100.00")):
        row = {"path": "2026-08-31/对账单.xlsx", "printed": printed, "summed": Decimal("100.00")}
        day._add("received.file_totals", known_on=DAY, **row)
    assert "! 1 个文件内打印的合计" in body(write(home, closed(home, day))["finance"])


def test_figures_that_do_not_tie_are_in_the_mail(tmp_path):
    home, day = Home(tmp_path), ClosedDay()
    day.rows["settled.ledger"][0]["amount"] += 1
    mails = write(home, closed(home, day))
    assert "! 勾稽不符：未清明细 = 应收台账" in body(mails["finance"])


def test_on_the_first_day_nothing_is_compared(tmp_path):
    home, day = Home(tmp_path), ClosedDay()
    for table, rows in day.rows.items():
        day.rows[table] = [row for row in rows if row.get("as_of") != DAY - timedelta(days=1)]
    said = body(write(home, closed(home, day))["finance"])
    assert "较前一日 " not in said
    assert "- 无变化" in said


def test_written_twice_it_is_the_same_mail(standard):
    home, session, _ = standard
    [first, *_] = Documents(home).mails(DAY)
    write(home, session)
    [again, *_] = Documents(home).mails(DAY)
    assert again.document.sha256 == first.document.sha256
    assert again.message_id == first.message_id


def test_the_table_of_mails(standard):
    home, session, _ = standard
    states = mail_states(Documents(home), DAY, has_server=False)
    session.replace("reported.mails", mails_frame(states))
    rows = session.rows("select * from reported.mails order by audience")
    assert [row["status"] for row in rows] == ["written", "written"]
    assert rows[1]["attachments"] == "reports/2026-08-31/exceptions-2026-08-31.xlsx"
    [audit] = audits_of("mails")
    assert audit.path.stem == "mails_name_written_packs"
    assert session.rows(audit.query) == []
    session.connection.execute("update reported.mails set attachments = 'reports/other.xlsx'")
    assert len(session.rows(audit.query)) == 2


def test_the_newest_closed_day_is_the_last_with_packs(standard):
    assert newest_closed_day(standard[1]) == DAY
