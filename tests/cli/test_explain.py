"""The story of a paper, walked from either end."""

import json
import shutil

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines import cli
from pipelines.explain import Explanation, explanations, likely
from pipelines.story import exception_sentence, link_sentences
from receivables.home import Home
from tests.papers import Chain
from tests.support import day, money

TABLES = (
    "received.files", "received.rejected_rows", "staged.orders", "staged.deliveries",
    "staged.goods_receipts", "staged.invoice_applications", "staged.invoices",
    "staged.invoice_handovers", "staged.statements", "staged.remittance_advices",
    "staged.bank_receipts", "staged.statement_lines", "rated.credit_tiers",
    "matched.links", "matched.order_states", "settled.settlements",
    "settled.ledger", "settled.open_items", "settled.cash_applications", "settled.unapplied_cash",
    "settled.deductions", "warned.warnings", "matched.variances", "matched.exceptions",
    "matched.closed_exceptions", "matched.exception_reasons", "matched.rule_precision",
)  # fmt: skip


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """An order of 100 delivered, received, invoiced, stated and paid; another order beside it."""
    chain = (
        Chain("branch_head", apart=True)
        .order("0042", 100)
        .delivery("D42", 110, order_no="0042")
        .receipt("R42", 100, order_no="0042", delivery_no="D42")
        .application("A42", "R42", 100, "26000001", order_no="0042")
        .invoice("26000001", 100)
        .handover("26000001", "05-12")
        .statement(
            "ST-5",
            [
                {"receipt_no": "R42", "amount": 100, "document_date": "05-03", "store_id": "S1"},
                {"line_kind": "deduction", "fee_code": "540", "fee_name": "display", "amount": -10},
            ],
        )
        .payment("T9", 90, "ST-5")
        .order("0043", 50)
        .receipt("R43", 50, order_no="0043")
        .order("0077", 5)
        .delivery("0077", 5, order_no="0077")
        .invoice("26000009", 30)
    )
    world = chain.close()
    chain.progress()
    world.given(
        "received.files",
        [{"known_on": "05-01", "file_id": "file", "path": "2026-05-01/all.csv", "rows_in": 9}],
    ) if world.session.columns("received.files") else None
    for table in TABLES:
        if not world.session.columns(table):
            have(world, table)
    connection = world.connection
    connection.execute(
        "insert into warehouse.slices values "
        "('reported.packs', date '2026-06-30', 'run', timestamp '2026-07-01 07:00:00')"
    )
    world.session.commit()
    home = Home(tmp_path_factory.mktemp("explained"))
    home.published.parent.mkdir(parents=True)
    connection.execute(f"attach '{home.published}' as copy")
    connection.execute("copy from database memory to copy")
    connection.execute("detach copy")
    return home


def have(world, table):
    """Create a table that no SQL model makes, or one that the story does not need, empty."""
    from assets.received.inbox import FILES_SCHEMA, REJECTED_ROWS_SCHEMA

    of_python = {"received.files": FILES_SCHEMA, "received.rejected_rows": REJECTED_ROWS_SCHEMA}
    if table not in of_python:
        world.have(table)
        return
    world.connection.execute("create schema if not exists received")
    world.connection.register("frame", of_python[table].to_frame().to_arrow())
    world.connection.execute(f"create table {table} as from frame")
    world.connection.unregister("frame")


@pytest.fixture
def warehouse(published):
    with duckdb.connect(published.published, read_only=True) as connection:
        yield connection


def story(warehouse, subject) -> Explanation:
    (found,) = explanations(warehouse, subject)
    return found


def papers(found):
    return {(paper["kind"], paper["no"]) for paper in found.papers}


WAY = {
    ("order", "0042"), ("delivery", "D42"), ("goods_receipt", "R42"), ("invoice", "26000001"),
    ("statement", "ST-5"), ("bank_receipt", "T9"),
}  # fmt: skip


@pytest.mark.parametrize("subject", ["0042", "R42", "D42"])
def test_a_paper_of_the_goods_leads_to_its_order_and_to_its_money(warehouse, subject):
    assert papers(story(warehouse, subject)) == WAY


def test_a_payment_leads_back_to_the_orders(warehouse):
    found = story(warehouse, "T9")
    assert papers(found) >= {("statement", "ST-5"), ("goods_receipt", "R42"), ("order", "0042")}
    assert sum(row["amount"] for row in found.money["Applied to"]) == money(90)


def test_other_orders_of_the_store_stay_out(warehouse):
    assert ("order", "0043") not in papers(story(warehouse, "0042"))


def test_the_stage_the_debtor_and_the_ledger_of_an_order_are_told(warehouse):
    found = story(warehouse, "0042")
    assert found.money["Who owes"][0]["debtor_id"] == "HO"
    balance = sum(entry["amount"] for entry in found.money["Ledger"])
    assert balance == sum(item["balance"] for item in found.money.get("Open", []))


def test_a_link_says_how_often_its_rule_was_right(published, tmp_path):
    copy = tmp_path / "copy.duckdb"
    shutil.copyfile(published.published, copy)
    with duckdb.connect(str(copy)) as warehouse:
        days = [("receipt_names_order", "2026-06-29", 1), ("receipt_names_order", "2026-06-30", 3)]
        for rule, as_of, confirmed in days:
            warehouse.execute(
                "insert into matched.rule_precision by name select ? as rule, "
                "cast(? as date) as as_of, ? as confirmed, 1 as refused",
                [rule, as_of, confirmed],
            )
        told = [line for line in link_sentences(story(warehouse, "0042")) if "right in" in line]
    (sentence,) = told
    assert sentence.startswith("订单 order 0042 – 验收单 goods receipt R42, 100.00: the receipt")
    assert sentence.endswith("2026-05-03; this rule was right in 3 of 4 decided cases).")


def test_links_are_told_in_sentences_with_rule_and_evidence(warehouse):
    sentences = list(link_sentences(story(warehouse, "0042")))
    assert any(
        "订单 order 0042 – 送货单 delivery D42" in sentence
        and "the delivery carries the number of the order (delivery_names_order" in sentence
        for sentence in sentences
    )


def test_an_invoice_application_is_listed(warehouse):
    (application,) = story(warehouse, "26000001").applications
    assert (application["application_no"], application["receipt_no"]) == ("A42", "R42")


def test_a_statement_tells_the_verdict_on_its_deductions(warehouse):
    (deduction,) = story(warehouse, "ST-5").money["Deductions"]
    assert (deduction["fee_code"], deduction["verdict"]) == ("540", "unsupported")


def test_an_open_item_is_told_by_its_entries(warehouse):
    (item,) = story(warehouse, "0043").money["Open"]
    found = story(warehouse, item["item_id"])
    assert found.kind == "item"
    assert ("goods_receipt", "R43") in papers(found)


@pytest.mark.parametrize("subject", ["0042", "42", "C/0042", "c/0042"])
def test_numbers_are_found_without_zeros_and_with_their_chain(warehouse, subject):
    assert story(warehouse, subject).no == "0042"


def test_what_is_unknown_is_nearly_known(warehouse):
    assert explanations(warehouse, "26000002") == []
    assert "26000001" in likely(warehouse, "26000002")


def test_every_figure_names_the_cell_it_came_from(warehouse):
    papers = list(story(warehouse, "0042").papers)
    assert len(papers) > 3
    for paper in papers:
        assert "file" in paper
        assert "row" in paper


def test_the_command_prints_a_story(published, monkeypatch):
    monkeypatch.setenv("SIDAN_HOME", str(published.root))
    done = CliRunner().invoke(cli.app, ["explain", "0042"])
    assert done.exit_code == 0, done.output
    for words in ("order 0042 of C", "Who owes", "Papers", "Why they belong together", "Balance"):
        assert words in done.output
    told = json.loads(CliRunner().invoke(cli.app, ["explain", "0042", "--json"]).output)
    assert told[0]["kind"] == "order"
    assert told[0]["papers"][0]["dated_on"] == str(day("05-01"))
    assert {row["step"] for row in told[0]["differences"]} == {"delivery", "receipt"}
    assert told[0]["exceptions"][0]["evidence"]


def test_the_differences_of_an_order_are_a_tree_of_steps_and_causes(published, monkeypatch):
    monkeypatch.setenv("SIDAN_HOME", str(published.root))
    output = CliRunner().invoke(cli.app, ["explain", "0042"]).output
    lines = [line.strip(" │├└─") for line in output.splitlines()]
    at = lines.index("Why the papers differ")
    assert lines[at + 1 : at + 6] == [
        "订单 order 0042",
        "送货对订货 delivered against ordered: 10.00",
        "未明 unexplained 10.00",
        "验收减退货对送货 received less returned against delivered: -10.00",
        "未明 unexplained -10.00",
    ]


@pytest.mark.parametrize("subject", ["0042", "R42", "26000001", "T9"])
def test_the_causes_of_a_step_sum_to_its_difference(warehouse, subject):
    found = [row for row in story(warehouse, subject).differences if row["step"] == "delivery"]
    assert sum(row["amount"] for row in found) == found[0]["difference"] == money(10)


def test_exceptions_are_told_open_and_closed(warehouse):
    found = {row["reason"]: row for row in story(warehouse, "0042").exceptions}
    assert found["short received"]["closed_on"] == day("06-10")
    assert found["short received"]["closed_because"] == "the order is paid"
    deduction = story(warehouse, "ST-5").exceptions
    assert [row["document_no"] for row in deduction if row["closed_on"] is None] == ["ST-5#2"]


def test_an_exception_is_told_in_a_sentence():
    row = {
        "reason": "short received", "reason_zh": "短收", "amount": money(10), "document_no": "O1",
        "evidence": "less",
        "opened_on": day("05-06"), "closed_on": None, "closed_because": None, "owner": "Lin",
        "next_action": "ask", "decision": "dispute", "decided_by": "Wang",
        "reopened_because": "it is more now", "file": "a.csv", "sheet": None, "row": 7,
    }  # fmt: skip
    assert exception_sentence(row) == (
        "短收 short received, 10.00, O1: less; open since 2026-05-06; next: Lin, ask; "
        "dispute by Wang; listed again: it is more now; from a.csv row 7."
    )
    gone = {**row, "closed_on": day("05-09"), "closed_because": "it came", "decision": None}
    assert "opened on 2026-05-06, closed on 2026-05-09; it came" in exception_sentence(gone)


def test_an_exception_is_a_subject(warehouse):
    exception = next(row for row in story(warehouse, "0043").exceptions if not row["closed_on"])
    found = story(warehouse, exception["exception_id"])
    assert found.kind == "exception"
    assert found.money["What it says"][0]["evidence"] == exception["evidence"]
    assert ("order", "0043") in papers(found)


def test_an_order_says_since_when_it_is_stuck_and_whose_move_it_is(warehouse):
    last = story(warehouse, "0043").money["Where it stands"][-1]
    assert (last["stage"], last["stage_since"], last["next_actor"]) == (
        "received", day("05-03"), "开票",
    )  # fmt: skip


def test_an_unknown_number_is_a_sentence_with_what_is_near_and_a_usage_error(
    published, monkeypatch
):
    monkeypatch.setenv("SIDAN_HOME", str(published.root))
    done = CliRunner().invoke(cli.app, ["explain", "26000002"])
    assert done.exit_code == 2
    assert "Nothing is known of '26000002'. Did you mean 26000001, 26000009?" in done.output


def test_a_number_of_several_kinds_lists_the_choices(published, monkeypatch):
    monkeypatch.setenv("SIDAN_HOME", str(published.root))
    done = CliRunner().invoke(cli.app, ["explain", "0077"])
    assert done.exit_code == 2
    assert "送货单 delivery 0077 of C: sidan explain C/0077 --kind delivery" in done.output
    assert "订单 order 0077 of C: sidan explain C/0077 --kind order" in done.output
    one = CliRunner().invoke(cli.app, ["explain", "C/0077", "--kind", "delivery"])
    assert one.exit_code == 0
    assert "送货单 delivery 0077 of C" in one.output
    both = json.loads(CliRunner().invoke(cli.app, ["explain", "0077", "--json"]).output)
    assert {told["kind"] for told in both} == {"order", "delivery"}


def test_an_order_begins_with_where_its_money_is_stuck(published, monkeypatch):
    monkeypatch.setenv("SIDAN_HOME", str(published.root))
    output = CliRunner().invoke(cli.app, ["explain", "0043"]).output
    assert (
        "已验收 received since 2026-05-03, for 58 days: 50.00 wait for the 开票申请 invoice "
        "application; next: 开票."
    ) in output
    assert (
        "已回款 paid since 2026-06-10." in CliRunner().invoke(cli.app, ["explain", "0042"]).output
    )


def test_a_customer_is_told_by_what_it_owes_and_what_is_stuck(warehouse):
    found = story(warehouse, "ho")
    assert found.kind == "debtor"
    assert found.money["Who it is"][0]["customer_name"] == "Shop HO"
    open_items = sum(row["balance"] for row in found.money["What it owes"])
    (row,) = warehouse.execute(
        "select sum(balance) from settled.open_items "
        "where as_of = date '2026-06-30' and debtor_id = 'HO'"
    ).fetchall()
    assert open_items == row[0] > 0
    assert {row["reason"] for row in found.money["What is stuck"]} >= {"未开票 uninvoiced"}


def test_an_application_leads_to_its_goods_and_its_invoice(warehouse):
    found = story(warehouse, "A42")
    assert [row["receipt_no"] for row in found.applications] == ["R42"]
    assert papers(found) >= {("goods_receipt", "R42"), ("invoice", "26000001"), ("order", "0042")}


def test_the_lines_of_statements_about_the_goods_are_told(warehouse):
    (line,) = story(warehouse, "0042").statement_lines
    assert (line["statement_no"], line["receipt_no"], line["amount"]) == ("ST-5", "R42", 100)
    assert len(story(warehouse, "ST-5").statement_lines) == 2


def test_an_exception_about_no_order_leads_to_its_paper(warehouse):
    for subject, paper in (
        ("26000009", ("invoice", "26000009")),
        ("ST-5", ("statement", "ST-5")),
    ):
        exception = next(
            row for row in story(warehouse, subject).exceptions if not row["closed_on"]
        )
        assert paper in papers(story(warehouse, exception["exception_id"]))
