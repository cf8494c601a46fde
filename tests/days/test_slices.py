"""A step replaces the window's days of its table, whatever columns the table had."""

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from io_managers.connection import configured
from io_managers.session import Query, Session, Window, missing_slices
from io_managers.warehouse import figures, preview
from receivables.home import REPOSITORY
from receivables.policy import Policy

DAYS = [date(2026, 5, 1), date(2026, 5, 2)]
POLICY = Policy.read(REPOSITORY / "config" / "policy.yaml")


@pytest.fixture
def session():
    with duckdb.connect() as connection:
        session = Session(configured(connection, POLICY))
        session.use(Window(*DAYS))
        yield session


def orders(*columns):
    """A row for each day of the window."""
    return Query(f"select unnest(getvariable('days')) as known_on, {', '.join(columns)}")


def test_the_days_of_the_window_are_replaced_and_no_others(session):
    assert session.replace("staged.orders", orders("1 as no")).rows == 2
    session.use(Window(DAYS[1], DAYS[1]))
    assert session.replace("staged.orders", orders("2 as no")).rows == 1
    found = session.rows("from staged.orders order by known_on")
    assert found == [{"known_on": DAYS[0], "no": 1}, {"known_on": DAYS[1], "no": 2}]


def test_a_column_that_is_new_is_added_and_one_that_is_gone_is_empty(session):
    session.replace("staged.orders", orders("1 as no", "'x' as gone"))
    session.use(Window(DAYS[1], DAYS[1]))
    session.replace("staged.orders", orders("cast(2.5 as decimal(18, 2)) as amount", "2 as no"))
    assert session.columns("staged.orders") == {
        "known_on": "DATE", "no": "INTEGER", "gone": "VARCHAR", "amount": "DECIMAL(18,2)",
    }  # fmt: skip
    assert session.rows("select no, gone, amount from staged.orders order by no") == [
        {"no": 1, "gone": "x", "amount": None},
        {"no": 2, "gone": None, "amount": Decimal("2.50")},
    ]


def test_a_query_that_is_wrong_says_why_and_leaves_the_rows_of_other_days(session):
    session.replace("staged.orders", orders("1 as no"))
    session.use(Window(DAYS[1], DAYS[1]))
    with pytest.raises(duckdb.BinderException, match="nowhere"):
        session.replace("staged.orders", orders("nowhere as no"))
    assert session.rows("select no from staged.orders where known_on = date '2026-05-01'")


def test_what_has_no_slice_is_named_table_by_table(session):
    session.replace("staged.orders", orders("1 as no"))
    tables = ["staged.orders", "staged.deliveries"]
    missing = "staged.deliveries has not been computed for 2026-05-01..2026-05-02"
    assert list(missing_slices(session, tables, Window(*DAYS))) == [missing]
    session.commit()
    later = Session(session.connection.cursor())
    assert list(missing_slices(later, tables, Window(*DAYS))) == [missing]
    beyond = Window(DAYS[0], date(2026, 5, 3))
    assert len(list(missing_slices(later, tables, beyond))) == 2


def test_figures_keep_the_cents_and_draw_every_day(session):
    money = "cast(0.1 as decimal(18, 2)) as balance_due"
    session.replace("settled.open_items", Query(f"select date '2026-05-02' as as_of, {money}"))
    told = figures(session, "settled.open_items", 1)
    assert told.money == {"total balance due on 2026-05-02 (CNY)": "0.10"}
    assert told.by_day == {
        DAYS[0]: {"rows on the day": 0.0, "balance due on the day (CNY)": 0.0},
        DAYS[1]: {"rows on the day": 1.0, "balance due on the day (CNY)": 0.1},
    }
    assert "0.10" in preview(session, "settled.open_items", 1)
    session.replace("staged.orders", orders(money))
    assert figures(session, "staged.orders", 2).by_day == {}
    assert figures(session, "staged.orders", 2).money == {"total balance due (CNY)": "0.20"}
    assert "2026-05-01" in preview(session, "staged.orders", 2)


def test_days_without_rows_have_figures_too(session):
    balance = "cast(0.1 as decimal(18, 2)) as balance"
    for last, rows in (("limit 0", 0), ("", 1)):
        found = Query(f"select date '2026-05-01' as as_of, {balance} {last}")
        session.replace("settled.open_items", found)
        told = figures(session, "settled.open_items", rows)
        assert told.money == {"total balance on 2026-05-02 (CNY)": "0"}, "of the last day"
        assert told.by_day[DAYS[0]] == {
            "rows on the day": float(rows), "balance on the day (CNY)": rows / 10,
        }  # fmt: skip
        assert told.by_day[DAYS[1]] == {"rows on the day": 0.0, "balance on the day (CNY)": 0.0}
        assert preview(session, "settled.open_items", rows) == "no rows"
