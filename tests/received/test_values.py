"""Reading values: each row is a text as a file has it and what it means."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from receivables.contracts import KINDS, Field
from receivables.sources.plain import read_columns
from receivables.sources.values import How, read_column

from .conftest import SEED

UNREADABLE = object()
PLAIN = How()

ORDERS = KINDS["orders"].fields
AGREEMENTS = KINDS["settlement_agreements"].fields


def read(field: Field, *values: object, how: How = PLAIN, dtype: pl.DataType | None = None):
    """What each value means; UNREADABLE where it has no meaning as the field's type."""
    result = read_column(pl.Series("raw", values, dtype=dtype), field, how)
    unread = result.unreadable.to_list() if result.unreadable is not None else [False] * len(values)
    assert result.values.dtype == field.dtype
    pairs = zip(result.values, unread, strict=True)
    return [UNREADABLE if is_unread else value for value, is_unread in pairs]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234.5", "1234.50"),
        ("1,234.50", "1234.50"),
        ("１，２３４．５０", "1234.50"),
        ("¥1,234.50", "1234.50"),
        ("1234.50元", "1234.50"),
        ("(1,200.50)", "-1200.50"),
        ("（1,200.50）", "-1200.50"),
        ("5-", "-5.00"),
        ("－5", "-5.00"),
        ("-", "0.00"),
        ("—", "0.00"),
        (" 7 ", "7.00"),
        ("325.00000000000006", "325.00"),  # the noise of a float
        ("1.230", "1.23"),
        ("1e3", "1000.00"),
        ("", None),
        ("   ", None),
        (None, None),
        ("1.005", UNREADABLE),  # three decimals are no amount of money
        ("--3", UNREADABLE),
        ("待定", UNREADABLE),
        ("inf", UNREADABLE),
        ("12345678901234567.12", UNREADABLE),
        ("1.2.3", UNREADABLE),
    ],
)
def test_money(text, amount):
    expected = Decimal(amount) if isinstance(amount, str) else amount
    assert read(ORDERS["amount"], text, "1") == [expected, Decimal("1.00")]


def test_money_of_typed_files_is_exact():
    assert read(ORDERS["amount"], 0.1 + 0.2, 1.005, float("nan")) == [
        Decimal("0.30"),
        UNREADABLE,
        UNREADABLE,
    ]
    assert read(ORDERS["amount"], 5, None) == [Decimal("5.00"), None]


@pytest.mark.parametrize(
    ("how", "text", "amount"),
    [
        (How(times=Decimal(-1)), "300.00", "-300.00"),
        (How(times=Decimal(10000)), "1.23456", "12345.60"),  # 万元
        (How(round=True), "541.4996", "541.50"),
        (How(round=True), "-0.005", "-0.01"),
    ],
)
def test_money_with_a_factor_or_rounding(how, text, amount):
    assert read(ORDERS["amount"], text, how=how) == [Decimal(amount)]


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("0.13", "0.13"),
        ("13%", "0.13"),
        ("13", "0.13"),
        ("９％", "0.09"),
        ("6 %", "0.06"),
        ("1", "0.01"),
        ("0", "0"),
        ("免税", "0"),
        ("不征税", "0"),
        ("***", None),  # several rates on one line
        ("十三", UNREADABLE),
    ],
)
def test_tax_rate(text, rate):
    expected = Decimal(rate) if isinstance(rate, str) else rate
    assert read(ORDERS["tax_rate"], text) == [expected]


def test_tax_rate_of_typed_files():
    assert read(ORDERS["tax_rate"], 0.13, 13.0) == [Decimal("0.13"), Decimal("0.13")]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-08-01", date(2026, 8, 1)),
        ("2026-8-1", date(2026, 8, 1)),
        ("2026/08/01", date(2026, 8, 1)),
        ("2026.8.1", date(2026, 8, 1)),
        ("20260801", date(2026, 8, 1)),
        ("2026年8月1日", date(2026, 8, 1)),
        ("２０２６年８月１日", date(2026, 8, 1)),
        ("2026-08-01 11:33:22", date(2026, 8, 1)),
        ("2026-08-01T11:33:22Z", date(2026, 8, 1)),
        ("20260801 09:00:17", date(2026, 8, 1)),
        ("20260801090017", date(2026, 8, 1)),
        ("46235", date(2026, 8, 1)),  # Excel's own number of the day
        ("46235.48", date(2026, 8, 1)),
        ("9999-12-31", date(9999, 12, 31)),
        ("", None),
        ("2026-02-30", UNREADABLE),
        ("2026-13-01", UNREADABLE),
        ("01/08/2026", UNREADABLE),  # day or month first? the layout must say
        ("下周", UNREADABLE),
        ("12345", UNREADABLE),
    ],
)
def test_date(text, day):
    assert read(ORDERS["order_date"], text, "2026-01-01") == [day, date(2026, 1, 1)]


@pytest.mark.parametrize(
    ("order", "text", "day"),
    [
        ("dmy", "13/08/2026", date(2026, 8, 13)),
        ("dmy", "01/08/2026", date(2026, 8, 1)),
        ("mdy", "08/13/2026", date(2026, 8, 13)),
        ("mdy", "13/08/2026", UNREADABLE),
        ("dmy", "2026-08-13", date(2026, 8, 13)),
    ],
)
def test_date_with_the_year_last(order, text, day):
    assert read(ORDERS["order_date"], text, how=How(date_order=order)) == [day]


def test_date_of_typed_files():
    assert read(ORDERS["order_date"], datetime(2026, 8, 1, 11, 33)) == [date(2026, 8, 1)]
    assert read(ORDERS["order_date"], date(2026, 8, 1)) == [date(2026, 8, 1)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("00012", "00012"),
        ("\t26327000000742719331 ", "26327000000742719331"),
        ('="00012"', "00012"),
        ("'00012", "00012"),
        ("ＰＯ１２", "PO12"),
        ("", None),
        ("2.6327E+19", UNREADABLE),
    ],
)
def test_code(text, code):
    assert read(ORDERS["order_no"], text) == [code]


def test_code_of_typed_files_has_no_point():
    assert read(ORDERS["order_no"], 12, 345) == ["12", "345"]
    assert read(ORDERS["order_no"], 12.0, 345.0) == ["12", "345"]


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (ORDERS["status"], "open", "open"),
        (ORDERS["status"], "OPEN", "open"),
        (ORDERS["status"], "已取消", "cancelled"),
        (ORDERS["status"], "?", UNREADABLE),
        (ORDERS["line_no"], "3", 3),
        (ORDERS["line_no"], "3.0", 3),
        (ORDERS["line_no"], "3.5", UNREADABLE),
        (AGREEMENTS["pay_days"], "10;25", "10;25"),
        (AGREEMENTS["pay_days"], "每月10日、25日", "10;25"),
        (AGREEMENTS["pay_days"], "05", "5"),
        (AGREEMENTS["pay_days"], "月底", UNREADABLE),
        (KINDS["sales_plans"].fields["month"], "2026-08", "2026-08"),
        (KINDS["sales_plans"].fields["month"], "2026年8月", "2026-08"),
        (KINDS["sales_plans"].fields["month"], "202608", "2026-08"),
        (KINDS["sales_plans"].fields["month"], "2026-08-01 00:00:00", "2026-08"),
        (KINDS["sales_plans"].fields["month"], "2026-13", UNREADABLE),
        (KINDS["opening_items"].fields["is_invoiced"], "是", True),
        (KINDS["opening_items"].fields["is_invoiced"], "N", False),
        (KINDS["opening_items"].fields["is_invoiced"], "?", UNREADABLE),
        (KINDS["deduction_agreements"].fields["rate_or_amount"], "3%", Decimal(3)),
        (KINDS["deduction_agreements"].fields["rate_or_amount"], "1,500", Decimal(1500)),
        (ORDERS["unit_price"], "22.1238938053097", Decimal("22.1239")),
    ],
)
def test_other_types(field, text, value):
    assert read(field, text) == [value]


texts = st.one_of(
    st.none(),
    st.text(alphabet="0123456789.,-+eE%（）() /年月日:\t'=ｅ１２Ａ", max_size=12),
    st.decimals(min_value=-(10**9), max_value=10**9, places=2).map(str),
    st.dates(min_value=date(2000, 1, 1)).map(str),
    st.sampled_from(["open", "取消", "10;25", "2026-08", "是"]),
)


@seed(SEED)
@settings(max_examples=80, deadline=None)
@given(st.lists(texts, min_size=1, max_size=6), st.sampled_from(sorted(KINDS)))
def test_the_plain_way_and_the_patient_way_agree(values, kind):
    raw = pl.Series("raw", values, dtype=pl.String)
    for name, field in KINDS[kind].fields.items():
        plain = read_columns({name: raw}, {name: field}, {})[name]
        patient = read_column(raw, field)
        assert plain.values.to_list() == patient.values.to_list(), field
        assert (plain.unreadable is None) == (patient.unreadable is None), field
