"""Each manager's mail speaks of their own accounts, and of no others."""

from datetime import timedelta
from email import message_from_bytes, policy
from io import BytesIO

import openpyxl
import pytest

from assets.reported.content.manager_letter import audience_of
from assets.reported.mails import write_mails
from assets.reported.packs import write_packs
from io_managers.documents import Documents
from io_managers.session import Window
from receivables.home import Home
from receivables.mail import MailConfig
from tests.reported.closed_day import DAY, MANAGERS, POLICY, ClosedDay

CONFIG = MailConfig.model_validate(
    {
        "sender": "应收日报 <from@supplier.cn>",
        "allowed_domains": ["supplier.cn"],
        "audiences": {
            "finance": {"to": ["a@supplier.cn"]},
            "management": {"to": ["boss@supplier.cn"], "tells": "summary", "packs": []},
        },
        "managers": True,
    }
)
WANG = audience_of("wang.jg@supplier.cn")


def write(home: Home, session):
    written = write_mails(session, home, CONFIG, DAY, POLICY)
    mails = {
        mail.audience: message_from_bytes(mail.document.file.read_bytes(), policy=policy.default)
        for mail in Documents(home).mails(DAY)
    }
    return mails, written


@pytest.fixture(scope="module")
def standard(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("home"))
    session = ClosedDay().build()
    packs = write_packs(session, Documents(home), Window(DAY, DAY), POLICY)
    session.replace("reported.packs", packs)
    return home, session, *write(home, session)


def body(message, kind="plain") -> str:
    return message.get_body((kind,)).get_content()


def accounts(session, manager):
    return session.rows(
        "select customer_id, customer_name from rated.accounts where as_of = ? and manager = ?",
        [DAY, manager],
    )


def test_each_manager_with_an_allowed_address_gets_one_mail(standard):
    _, _, mails, written = standard
    assert set(mails) == {"finance", "management", WANG, audience_of("li.xy@supplier.cn")}
    assert mails[WANG]["To"] == "wang.jg@supplier.cn"
    assert written.without_mail == [
        "张伟: zhang.w@elsewhere.cn is outside the allowed domains (supplier.cn)"
    ]


def test_a_manager_reads_of_their_own_accounts_only(standard):
    _, session, mails, _ = standard
    for kind in ("plain", "html"):
        said = body(mails[WANG], kind)
        for manager in MANAGERS:
            for account in accounts(session, manager):
                assert (account["customer_name"] in said) == (manager == "王建国")


def test_warnings_stand_in_the_mail_of_whose_account_it_is(standard):
    _, session, mails, _ = standard
    warned = session.rows(
        "select customer_id from warned.warnings where as_of = ? and cleared_on is null", [DAY]
    )
    readers = {WANG: "王建国", audience_of("li.xy@supplier.cn"): "李秀英"}
    for audience, manager in readers.items():
        own = {row["customer_id"] for row in accounts(session, manager)}
        standing = sum(row["customer_id"] in own for row in warned)
        assert [body(mails[audience], kind).count("前处理") for kind in ("plain", "html")] == [
            standing,
            standing,
        ]
    assert body(mails["finance"]).count("前处理") == len(warned) > 0


def test_a_manager_gets_a_workbook_of_their_own_accounts_and_no_pack(standard):
    _, session, mails, _ = standard
    [part] = mails[WANG].iter_attachments()
    assert part.get_filename() == f"accounts_{WANG.removeprefix('manager_')}-{DAY}.xlsx"
    book = openpyxl.load_workbook(BytesIO(part.get_content()))
    own = {row["customer_id"] for row in accounts(session, "王建国")}
    assert {row["客户"] for row in rows_of(book["客户账龄"])} <= own
    items = rows_of(book["未付明细"])
    assert {row["付款客户"] for row in items} <= own
    owed = session.rows(
        "select sum(balance) as owed from settled.open_items where as_of = ? and debtor_id in "
        "(select customer_id from rated.accounts where as_of = ? and manager = '王建国')",
        [DAY, DAY],
    )[0]["owed"]
    assert round(sum(row["未付金额"] for row in items), 2) == float(owed)
    # what is to be decided on can be answered in the manager's own file
    assert book["异常清单"].data_validations.dataValidation
    assert book["预警"].data_validations.dataValidation


def rows_of(sheet) -> list[dict]:
    _, _, _, heading, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return [dict(zip(heading, row, strict=True)) for row in rows]


def test_a_workbook_above_the_limit_is_named_by_its_path(standard, tmp_path):
    home, session, mails, _ = standard
    config = CONFIG.model_copy(update={"max_attachment_mb": 0})
    write_mails(session, home, config, DAY, POLICY)
    try:
        mail = next(each for each in Documents(home).mails(DAY) if each.audience == WANG)
        message = message_from_bytes(mail.document.file.read_bytes(), policy=policy.default)
        assert list(message.iter_attachments()) == []
        assert f"reports/{DAY}/accounts_" in body(message)
    finally:
        write_mails(session, home, CONFIG, DAY, POLICY)


def test_a_manager_s_figures_are_the_sums_of_their_accounts(standard):
    _, session, mails, _ = standard
    (row,) = session.rows(
        "select sum(amount) as outstanding, sum(amount) filter (bucket <> 'not_due') as overdue "
        "from aged.aging where as_of = ? and basis = 'overdue' and debtor_id in "
        "(select customer_id from rated.accounts where manager = '王建国')",
        [DAY],
    )
    said = body(mails[WANG])
    assert f"应收余额: {row['outstanding']:,.2f}" in said
    assert f"逾期金额: {row['overdue']:,.2f}" in said
    assert str(mails[WANG]["Subject"]) == (
        f"应收日报 王建国 {DAY}：应收 {row['outstanding']:,.2f}，逾期 {row['overdue']:,.2f}"
    )


def test_the_summary_leaves_out_what_is_to_be_done_order_by_order(standard):
    said = body(standard[2]["management"])
    assert "应收余额" in said
    assert "较前一日的变化" in said
    assert "今日要办" not in said
    assert "文件" not in said.splitlines()


def test_the_same_figures_are_the_same_mail_and_others_another(standard):
    home, session, mails, _ = standard
    again, _ = write(home, session)
    assert again[WANG]["Message-ID"] == mails[WANG]["Message-ID"]
    session.connection.execute(
        "update aged.aging set amount = amount + 1 where as_of = ? and debtor_id = "
        "(select min(customer_id) from rated.accounts where manager = '王建国')",
        [DAY],
    )
    changed, _ = write(home, session)
    assert changed[WANG]["Message-ID"] != mails[WANG]["Message-ID"]


def test_addresses_that_read_alike_are_two_audiences():
    assert audience_of("li.xy@supplier.cn") != audience_of("li-xy@supplier.cn")
    assert audience_of("li.xy@supplier.cn").startswith("manager_li_xy_")


def test_on_the_first_day_nothing_is_compared(tmp_path):
    day = ClosedDay()
    for table, rows in day.rows.items():
        day.rows[table] = [row for row in rows if row.get("as_of") != DAY - timedelta(days=1)]
    session = day.build()
    packs = write_packs(session, Documents(Home(tmp_path)), Window(DAY, DAY), POLICY)
    session.replace("reported.packs", packs)
    mails, _ = write(Home(tmp_path), session)
    assert "较前一日 " not in body(mails[WANG])
