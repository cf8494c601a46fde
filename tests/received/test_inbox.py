"""Days of inbox folders into received tables, without Dagster."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from assets.received import inbox as received_inbox
from assets.received.inbox import Intake
from io_managers.session import Session, Window
from receivables.home import Home
from receivables.policy import Intake as Limits
from receivables.sources import TOTALS_SCHEMA, Parsed, Sources, read_file
from receivables.sources import inbox as read_inbox
from receivables.sources.inbox import arrivals, is_ignored

from .conftest import SEED
from .inboxes import FLAGS, Inbox, order


@pytest.fixture(scope="module")
def empty_warehouse(tmp_path_factory) -> Path:
    """A warehouse that received nothing: all tables, no rows."""
    root = tmp_path_factory.mktemp("empty")
    with duckdb.connect(root / "sidan.duckdb") as connection:
        session = Session(connection)
        window = Window(date(2026, 5, 1), date(2026, 5, 1))
        session.use(window)
        for table, content in Intake(session, Home(root), Sources(), window.days).tables():
            session.replace(table, content)
        session.commit()
    return root / "sidan.duckdb"


@pytest.fixture
def inbox(tmp_path: Path, empty_warehouse: Path) -> Inbox:
    return Inbox(tmp_path, empty_warehouse)


def test_rows_carry_their_day_file_and_place(inbox):
    inbox.put(1, "sub/orders_a.csv", order("P1", 5)).receive(1)
    assert inbox.rows(
        "select r.known_on, f.path, r.sheet, r.row_no, r.is_duplicate, r.is_standing, r.amount "
        "from received.orders r join received.files f using (known_on, file_id)"
    ) == [(date(2026, 5, 1), "2026-05-01/sub/orders_a.csv", None, 2, False, True, Decimal("5.00"))]


def test_a_file_sent_again_is_counted_as_duplicates(inbox):
    inbox.put(1, "orders_a.csv", order("P1", 5), order("P2", 6))
    inbox.put(2, "orders_b.csv", order("P1", 5), order("P2", 7), order("P3", 8))
    inbox.receive(1, 2)
    assert inbox.rows(
        "select path, rows_in, rows_staged, rows_duplicate, amount_in, amount_staged, "
        "amount_duplicate from received.files order by path"
    ) == [
        ("2026-05-01/orders_a.csv", 2, 2, 0, Decimal(11), Decimal(11), Decimal(0)),
        ("2026-05-02/orders_b.csv", 3, 2, 1, Decimal(20), Decimal(15), Decimal(5)),
    ]


def test_the_same_bytes_under_two_names_are_two_files_and_one_document(inbox):
    inbox.put(1, "orders_a.csv", order("P1", 5)).put(1, "orders_b.csv", order("P1", 5)).receive(1)
    assert inbox.rows(
        "select count(distinct file_id), count(distinct sha256), sum(rows_duplicate) "
        "from received.files"
    ) == [(2, 1, 1)]


def test_the_later_file_of_a_day_stands(inbox):
    inbox.put(1, "orders_a.csv", order("P1", 5)).put(1, "orders_b.csv", order("P1", 6)).receive(1)
    first = date(2026, 5, 1)
    assert inbox.rows(FLAGS) == [
        (first, "P1", Decimal(5), False, False),
        (first, "P1", Decimal(6), False, True),
    ]


def test_day_by_day_is_one_run_is_run_again(tmp_path_factory, empty_warehouse):
    def filled() -> Inbox:
        box = Inbox(tmp_path_factory.mktemp("home"), empty_warehouse)
        box.put(1, "orders_a.csv", order("P1", 5), order("P2", "?"))
        box.put(2, "orders_b.csv", order("P1", 5), order("P1", 6))
        box.put(2, "orders_c.csv", order("P1", 5))
        box.put(4, "orders_d.csv", order("P1", 5), order("P9", 1, "1999-01-01"))
        box.put(4, "nothing.txt", "hello")
        return box

    at_once = filled().receive(1, 5).everything()
    by_day = filled()
    for number in (1, 2, 3, 4, 5):
        by_day.receive(number)
    again = filled().receive(1, 5).receive(2, 5).receive(4)
    for other in (by_day.everything(), again.everything()):
        assert all(frame.equals(other[table]) for table, frame in at_once.items())


def test_what_is_stated_of_an_invoice_adds_up_over_days(tmp_path_factory, empty_warehouse):
    head = "invoice_no,buyer_name,issued_on,amount_excl_tax,tax,amount,status,remark"
    stated = "V1,Grocer,2026-05-01,100,13,113"
    papers = {1: ",,PO 1", 2: ",normal,", 3: ",,PO 1", 4: ",red_full,", 5: ",,PO 1"}

    def filled() -> Inbox:
        box = Inbox(tmp_path_factory.mktemp("home"), empty_warehouse)
        for day, parts in papers.items():
            box.put(day, "invoices.csv", stated + parts, head=head)
        return box

    whole, daily = filled().receive(1, 5), filled()
    for day in papers:
        daily.receive(day)
    flags = "select is_duplicate, is_standing from received.invoices order by known_on"
    new, duplicate = (False, True), (True, False)
    assert whole.rows(flags) == [new, new, duplicate, new, duplicate]
    assert daily.rows(flags) == whole.rows(flags)


def test_lists_and_details_of_an_order_add_up_over_days(tmp_path_factory, empty_warehouse):
    head = "chain_id,store_code,order_no,order_date,deliver_by,sku,quantity,amount"
    lines = ("C,1,P1,2026-05-01,,milk,6,60", "C,1,P1,2026-05-01,,rice,4,40")
    short = "C,1,P1,2026-05-01,{},,,{}"
    papers = [
        (1, "orders_a.csv", lines),
        (1, "orders_b.csv", (short.format("2026-05-20", 100),)),
        (1, "orders_c.csv", (short.format("2026-05-21", 100),)),
        (2, "orders_a.csv", (short.format("2026-05-21", 100),)),
        (2, "orders_b.csv", lines),
        (3, "orders_a.csv", (short.format("", 90),)),
        (4, "orders_a.csv", (short.format("2026-05-21", 90),)),
        (5, "orders_a.csv", lines),
    ]

    def filled() -> Inbox:
        box = Inbox(tmp_path_factory.mktemp("home"), empty_warehouse)
        for day, name, rows in papers:
            box.put(day, name, *rows, head=head)
        return box

    whole, daily = filled().receive(1, 5), filled()
    for day in range(1, 6):
        daily.receive(day)
    flags = (
        "select distinct path, is_duplicate, is_standing, is_shared "
        "from received.orders join received.files using (known_on, file_id) order by path"
    )
    new, added, duplicate = (False, True), (False, False), (True, False)
    assert [row[1:3] for row in whole.rows(flags)] == [
        new, added, added, duplicate, duplicate, new, duplicate, new,
    ]  # fmt: skip
    assert all(row[3] for row in whole.rows(flags))
    again = filled().receive(1, 5).receive(2, 5).receive(4)
    for other in (daily.everything(), again.everything()):
        assert all(frame.equals(other[table]) for table, frame in whole.everything().items())
    assert whole.rows(
        "select distinct amount_in - amount_staged - amount_duplicate from received.files"
    ) == [(Decimal(0),)]


def test_batches_are_flushed_between_days(inbox, monkeypatch):
    monkeypatch.setattr(received_inbox, "BATCH_ROWS", 1)
    for number in (1, 2, 3):
        inbox.put(number, "orders_a.csv", order("P1", 5), order(f"Q{number}", 1))
        inbox.put(number, "orders_b.csv", order("P1", 5))
    inbox.receive(1, 3)
    assert inbox.rows("select sum(rows_duplicate), sum(rows_staged) from received.files") == [
        (5, 4)
    ]


def test_typed_files_are_read_when_their_table_is_written(inbox):
    folder = inbox.home.inbox / "2026-05-01"
    folder.mkdir(parents=True)
    frame = pl.DataFrame(
        {
            "chain_id": "C", "store_code": "1", "order_no": ["P1", None],
            "order_date": date(2026, 5, 1), "amount": [5, 6],
        }
    )  # fmt: skip
    frame.write_parquet(folder / "orders_all.parquet")
    inbox.put(1, "orders_again.csv", order("P1", 5)).receive(1)
    assert inbox.rows(
        "select path, kind, rows_in, rows_staged, rows_duplicate, rows_rejected, amount_rejected "
        "from received.files order by path"
    ) == [
        ("2026-05-01/orders_again.csv", "orders", 1, 1, 0, 0, Decimal(0)),
        ("2026-05-01/orders_all.parquet", "orders", 2, 0, 1, 1, Decimal(6)),
    ]


def test_files_read_one_by_one_say_the_same(tmp_path_factory, empty_warehouse, monkeypatch):
    def filled() -> Inbox:
        box = Inbox(tmp_path_factory.mktemp("home"), empty_warehouse)
        box.put(1, "orders_a.csv", order("P1", 5), order("P2", 5))
        papers = {  # orders and amounts; an order without a number is rejected
            (1, "b"): [("P1", 5), ("P3", 1), ("P4", 1), (None, 1)],
            (1, "c"): [("P3", 2), ("P5", 1), (None, 2)],
            (2, "d"): [("P2", 5), ("P4", 2), ("P6", 1)],
        }
        for (day, name), rows in papers.items():
            folder = box.home.inbox / f"2026-05-0{day}"
            folder.mkdir(exist_ok=True)
            frame = pl.DataFrame(rows, schema=["order_no", "amount"], orient="row").with_columns(
                chain_id=pl.lit("C"), store_code=pl.lit("1"), order_date=date(2026, 5, 1)
            )
            frame.write_parquet(folder / f"orders_{name}.parquet")
        (box.home.inbox / "2026-05-01" / "orders_e.parquet").write_bytes(b"PAR1 cut off")
        frame.with_columns(order_no=pl.lit(b"\xff")).write_parquet(folder / "orders_f.parquet")
        return box

    together = filled().receive(1, 2)
    monkeypatch.setattr(received_inbox, "BATCH_ROWS", 0)
    one_by_one = filled().receive(1, 2)
    assert together.rows(FLAGS) == [
        (date(2026, 5, day), number, Decimal(amount), is_duplicate, is_standing)
        for day, number, amount, is_duplicate, is_standing in [
            (1, "P1", 5, False, True), (1, "P1", 5, True, False), (1, "P2", 5, False, True),
            (1, "P3", 1, False, False), (1, "P3", 2, False, True), (1, "P4", 1, False, True),
            (1, "P5", 1, False, True), (2, "P2", 5, True, False), (2, "P4", 2, False, True),
            (2, "P6", 1, False, True),
        ]
    ]  # fmt: skip
    for table, frame in together.everything().items():
        assert frame.equals(one_by_one.everything()[table]), table


def test_what_cannot_be_read_never_stops_the_day(inbox):
    inbox.put(1, "orders_a.csv", order("P1", 5))
    folder = inbox.home.inbox / "2026-05-01"
    (folder / "K3.xlsx").write_bytes(b"PK\x03\x04 cut off")
    (folder / "orders_b.parquet").write_bytes(b"PAR1 cut off")
    (folder / "促销.csv").write_text("门店,档期\nA,五月\n", encoding="gbk")
    inbox.receive(1)
    files = inbox.rows(
        "select path, kind, layout, rows_in, message from received.files order by path"
    )
    assert [(path.removeprefix("2026-05-01/"), kind, layout, rows) for path, kind, layout, rows, _
            in files] == [
        ("K3.xlsx", None, None, 0),
        ("orders_a.csv", "orders", "canonical", 1),
        ("orders_b.parquet", None, None, 0),
        ("促销.csv", None, None, 0),
    ]  # fmt: skip
    messages = [message for *_, message in files]
    assert "damaged" in messages[0]
    assert messages[1] is None
    assert "damaged" in messages[2]
    assert "No layout in config/sources describes this file" in messages[3]


def test_rejected_rows_are_told_with_their_place(inbox):
    inbox.put(1, "orders_a.csv", order("P1", 5), order("P2", "待定")).receive(1)
    assert inbox.rows(
        "select known_on, path, kind, sheet, row, field, value, reason from received.rejected_rows"
    ) == [
        (date(2026, 5, 1), "2026-05-01/orders_a.csv", "orders", None, 3, "amount", "待定",
         "amount: '待定' is not an amount with at most two decimals."),
    ]  # fmt: skip


def test_the_totals_that_a_file_prints_stand_beside_what_was_read(inbox, monkeypatch):
    def with_total(path: Path, sources: Sources, limits: Limits) -> Parsed:
        parsed = read_file(path, sources, limits)
        printed = {
            "kind": "orders", "sheet": None, "row": 4, "label": "合计", "field": "amount",
            "printed": Decimal("11.00"), "summed": Decimal("10.00"),
        }  # fmt: skip
        return replace(parsed, totals=pl.DataFrame([printed], schema=TOTALS_SCHEMA))

    monkeypatch.setattr(read_inbox, "read_file", with_total)
    inbox.put(1, "orders_a.csv", order("P1", 5), order("P2", 5))
    folder = inbox.home.inbox / "2026-05-02"
    folder.mkdir(parents=True)
    pl.DataFrame({"order_no": ["P3"]}).write_parquet(folder / "orders_b.parquet")
    inbox.receive(1, 2)
    assert inbox.rows(
        "select totals.known_on, totals.path, totals.row, totals.label, totals.printed, "
        "totals.summed from received.file_totals as totals "
        "join received.files using (known_on, file_id, path) order by known_on"
    ) == [
        (date(2026, 5, day), path, 4, "合计", Decimal(11), Decimal(10))
        for day, path in ((1, "2026-05-01/orders_a.csv"), (2, "2026-05-02/orders_b.parquet"))
    ]


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("~$orders.xlsx", True),
        (".DS_Store", True),
        ("orders.csv.part", True),
        ("orders.xlsx.crdownload", True),
        ("Thumbs.db", True),
        ("__MACOSX/orders.csv", True),
        (".git/orders.csv", True),
        ("orders.csv", False),
        ("part/orders.csv", False),
    ],
)
def test_ignored_files(path, ignored):
    assert is_ignored(Path(path)) is ignored


def test_files_come_in_the_order_of_day_and_path(inbox):
    for day, name in ((2, "a.csv"), (1, "b.csv"), (1, "a/z.csv"), (1, "~$b.csv")):
        inbox.put(day, name)
    found = arrivals(inbox.home.inbox, [date(2026, 5, 2), date(2026, 5, 3), date(2026, 5, 1)])
    assert [arrival.path for arrival in found] == [
        "2026-05-01/a/z.csv", "2026-05-01/b.csv", "2026-05-02/a.csv",
    ]  # fmt: skip


lines = st.builds(
    "{},{},{},{},{}".format,
    st.sampled_from(["C", "D", ""]),
    st.sampled_from(["1", " 2 ", ""]),
    st.sampled_from(["P1", "P2", "P3", ""]),
    st.sampled_from(["2026-05-01", "2026/5/2", "1999-01-01", "x", ""]),
    st.one_of(
        st.decimals(min_value=-(10**6), max_value=10**13, places=2).map(str),
        st.sampled_from(["", "x", "1.005", "(3)"]),
    ),
)
days = st.lists(st.lists(lines, max_size=5), min_size=1, max_size=4)


@seed(SEED)
@settings(max_examples=20, deadline=None)
@given(days)
def test_no_row_and_no_cent_is_lost(tmp_path_factory, empty_warehouse, files):
    box = Inbox(tmp_path_factory.mktemp("home"), empty_warehouse)
    for number, rows in enumerate(files, start=1):
        box.put(1 + number // 2, f"orders_{number}.csv", *rows)
    box.receive(1, 3)  # the audits hold
    assert box.rows("select coalesce(sum(rows_in), 0) from received.files") == [
        (sum(bool(row.strip(", ")) for rows in files for row in rows),)
    ]
    assert box.rows("select count(*) from received.orders") == box.rows(
        "select sum(rows_in - rows_rejected) from received.files"
    )


@pytest.mark.parametrize(
    ("audit", "fault"),
    [
        ("rows_and_money_in", "update received.files set rows_in = rows_in + 1"),
        ("rows_and_money_in", "update received.files set amount_in = amount_in + 0.01"),
        ("tables_equal_files", "update received.orders set amount = amount + 0.01"),
        ("tables_equal_files", "update received.orders set is_duplicate = not is_duplicate"),
        ("tables_equal_files", "delete from received.orders where order_no = 'P1'"),
        ("tables_equal_files", "delete from received.rejected_rows"),
        ("tables_equal_files", "delete from received.files"),
    ],
)
def test_each_audit_finds_the_fault_planted_for_it(inbox, audit, fault):
    inbox.put(1, "orders_a.csv", order("P1", 5), order("P2", "待定")).receive(1)
    assert inbox.audit(audit) == []
    inbox.connection.execute(fault)
    assert len(inbox.audit(audit)) == 1
