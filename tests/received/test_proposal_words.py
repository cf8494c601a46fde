"""What a proposal knows of headings, words and values, and that nothing is too odd for it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.contracts import KINDS
from receivables.sources import Sources
from receivables.sources.grids import Book, grid_of
from receivables.sources.proposing import NothingFoundError, propose
from receivables.sources.proposing.profile import is_tax_id, profile
from receivables.sources.proposing.words import Vocabulary, canonical, meaning
from receivables.sources.proposing.writing import scalar

from .proposals import HEAD


@pytest.mark.parametrize(
    ("heading", "field", "kind"),
    [
        ("门店编号", "store_code", "statements"),
        ("收货日期", "receipt_date", "goods_receipts"),
        ("采购订单号", "order_no", "goods_receipts"),
        ("扣项金额（元）", "amount", "statements"),
        ("帐扣方式", "deduction_kind", "statements"),
        ("入 库 单 号", "receipt_no", "goods_receipts"),
        ("对方账户名称", "payer_name", "bank_receipts"),
    ],
)
def test_headings_are_known_however_they_are_put(heading, field, kind):
    known = Vocabulary.of(Sources())
    scores = {name: known.match(kind, name, heading).score for name in KINDS[kind].fields}
    assert max(scores, key=lambda name: scores[name]) == field
    assert scores[field] >= 74


@pytest.mark.parametrize(
    ("heading", "field"),
    [("不含税金额", "amount"), ("税额", "amount"), ("供应商编码", "sku"), ("门店名称", "fee_name")],
)
def test_headings_that_mean_something_else_are_not_taken(heading, field):
    known = Vocabulary.of(Sources())
    kind = next(kind for kind in ("goods_receipts", "statements") if field in KINDS[kind].fields)
    assert known.match(kind, field, heading).score < 74


def test_words_of_document_types():
    told = {
        word: meaning("line_kind", word)
        for word in ("采购入库", "供应商退货", "促销费", "调价单", "预付款", "甲")
    }
    assert list(told.values()) == [
        "receipt",
        "return",
        "deduction",
        "adjustment",
        "prepayment",
        None,
    ]


def test_the_check_digit_of_a_tax_id():
    assert is_tax_id("91350100M000100Y43")
    assert not is_tax_id("91350100M000100Y44")
    assert not is_tax_id("91350100M000100I43")


def test_what_values_look_like():
    assert profile(["2026-05-01", "5月", None]).date == 1
    assert profile(["26327000000742719331", "12345678"]).digits_20 == 1
    assert profile(["1", "2", "3"]).is_counter
    assert profile(["(3.50)", "3.50-", "4"]).negative == 2
    assert profile(["0.13", "13%", "免税", "17.5"]).rate == 3


def test_canonical_words_are_stable():
    for word in ("分店代码", "门店编码", "帐期", "扣项名称"):
        assert canonical(canonical(word)) == canonical(word)


@given(st.text(max_size=30))
@settings(max_examples=300, deadline=None)
def test_any_text_stands_in_yaml_as_it_is(text):
    assert yaml.safe_load(f"key: {scalar(text)}") == {"key": text}
    assert yaml.safe_load(f"{{ a: {scalar(text)}, b: [{scalar(text)}] }}") == {
        "a": text,
        "b": [text],
    }


CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        [*HEAD, "小计", "合计", "2026-05-01", "1,000.00", "-3", "5015(城东店)", "结算单号：A1"]
    ),
    st.text(max_size=8),
)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=7), min_size=1, max_size=14))
@settings(max_examples=150, deadline=None)
def test_no_sheet_is_too_odd(rows):
    """Either a layout that is valid, or a sentence; never a crash."""
    path = Path("odd.csv")
    book = Book((grid_of(None, rows),))
    try:
        made = propose(path, book, Sources(), chain="C")
    except NothingFoundError:
        return
    assert made.layout().tables
