"""Duplicates and versions: each row is the history of one order and what is said of each file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

import polars as pl
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from receivables.contracts import KINDS, Contract
from receivables.sources.versions import (
    BEFORE,
    FILE_NO,
    flags_of_documents,
    keys_in_several_files,
    with_flags,
)

from .conftest import SEED

ORDERS = KINDS["orders"]
# (day, file, order, amounts of its lines)
Paper = tuple[int, int, str, tuple[int, ...]]


def rows_of(papers: Sequence[Paper]) -> pl.DataFrame:
    rows = [
        {
            "known_on": date(2026, 5, day), FILE_NO: file, "chain_id": "C", "store_code": "1",
            "order_no": order, "order_date": date(2026, 5, 1), "sku": "milk",
            "amount": Decimal(amount),
        }
        for day, file, order, amounts in papers
        for amount in amounts
    ]  # fmt: skip
    schema = {"known_on": pl.Date(), FILE_NO: pl.Int32(), **ORDERS.polars_schema}
    del schema["sheet"], schema["row_no"]
    full = [dict.fromkeys(schema) | row for row in rows]
    return pl.DataFrame(full, schema=schema)


def flagged_batch(batch: pl.DataFrame, contract: Contract, history: pl.DataFrame) -> pl.DataFrame:
    """The batch with its flags, from the documents that have to be compared."""
    key = list(contract.key)
    files = batch.partition_by(FILE_NO, maintain_order=True)
    shared = keys_in_several_files([rows.select(key) for rows in files], contract)
    affected = pl.concat([history.select(key), shared])
    compared = batch.join(affected, on=key, how="semi", nulls_equal=True)
    return with_flags(batch, contract, flags_of_documents(compared, contract, history))


def said(papers: list[Paper], history: Sequence[Paper] = ()) -> list[str]:
    """For each paper in order: new (stands), replaced or duplicate."""
    batch = rows_of(papers)
    before = rows_of(history).select(*ORDERS.fields, pl.lit(BEFORE).alias(FILE_NO))
    flagged = flagged_batch(batch, ORDERS, before)
    assert flagged.height == batch.height
    assert FILE_NO not in flagged.columns
    words, start = [], 0
    for paper in papers:
        rows = flagged.slice(start, len(paper[3]))
        start += rows.height
        flags = set(rows.select("is_duplicate", "is_standing").rows())
        assert len(flags) == 1, "a document is one whole"
        words.append({(True, False): "duplicate", (False, True): "new", (False, False): "replaced"}
                     [flags.pop()])  # fmt: skip
    return words


@pytest.mark.parametrize(
    ("papers", "expected"),
    [
        ([(1, 1, "A", (5,))], ["new"]),
        ([(1, 1, "A", (5,)), (1, 1, "B", (5,))], ["new", "new"]),
        ([(1, 1, "A", (5,)), (1, 2, "A", (5,))], ["new", "duplicate"]),
        ([(1, 1, "A", (5, 6)), (1, 2, "A", (6, 5))], ["new", "duplicate"]),  # order of lines
        ([(1, 1, "A", (5, 5)), (1, 2, "A", (5,))], ["replaced", "new"]),
        ([(1, 1, "A", (5,)), (1, 2, "A", (6,))], ["replaced", "new"]),
        ([(1, 1, "A", (5,)), (2, 2, "A", (6,))], ["new", "new"]),
        ([(1, 1, "A", (5,)), (2, 2, "A", (5,)), (3, 3, "A", (5,))], ["new", *["duplicate"] * 2]),
        # Back to what it was is a new version: the latest known is what counts.
        ([(1, 1, "A", (5,)), (2, 2, "A", (6,)), (3, 3, "A", (5,))], ["new", "new", "new"]),
        (
            [(1, 1, "A", (5,)), (1, 2, "A", (6,)), (1, 3, "A", (5,))],
            ["replaced", "replaced", "new"],
        ),
        (
            [(1, 1, "A", (5,)), (1, 2, "A", (6,)), (1, 3, "A", (6,))],
            ["replaced", "new", "duplicate"],
        ),
    ],
)
def test_a_batch_without_history(papers, expected):
    assert said(papers) == expected


@pytest.mark.parametrize(
    ("history", "papers", "expected"),
    [
        ([(1, 0, "A", (5,))], [(2, 1, "A", (5,))], ["duplicate"]),
        ([(1, 0, "A", (5,))], [(2, 1, "A", (6,))], ["new"]),
        ([(1, 0, "A", (5,))], [(2, 1, "B", (5,))], ["new"]),
        ([(1, 0, "A", (5,))], [(2, 1, "A", (6,)), (2, 2, "A", (5,))], ["replaced", "new"]),
        ([(1, 0, "A", (5,))], [(2, 1, "A", (5,)), (2, 2, "A", (6,))], ["duplicate", "new"]),
    ],
)
def test_a_batch_after_history(history, papers, expected):
    assert said(papers, history) == expected


def test_empty_key_fields_are_equal():
    plans = KINDS["sales_plans"]
    row = {"customer_id": "X", "month": "2026-05", "category": None, "planned_amount": Decimal(1)}
    batch = pl.DataFrame(
        [{**row, "known_on": date(2026, 5, 1), FILE_NO: number} for number in (1, 2)],
        schema={**{n: f.dtype for n, f in plans.fields.items()}, "known_on": pl.Date(),
                FILE_NO: pl.Int32()},
    )  # fmt: skip
    none = batch.select(*plans.fields, FILE_NO).clear()
    flagged = flagged_batch(batch, plans, none)
    assert flagged["is_duplicate"].to_list() == [False, True]


def oracle(papers: list[Paper]) -> list[str]:
    """The rule, word for word, one paper after the other."""
    latest: dict[str, list[int]] = {}
    words = []
    for _, _, order, amounts in papers:
        content = sorted(amounts)
        words.append("duplicate" if latest.get(order) == content else "new")
        latest[order] = content
    for index, (day, _, order, _) in enumerate(papers):
        later = papers[index + 1 :]
        if words[index] == "new" and any(
            words[index + 1 + offset] == "new" and (other_day, other) == (day, order)
            for offset, (other_day, _, other, _) in enumerate(later)
        ):
            words[index] = "replaced"
    return words


@st.composite
def histories(draw: st.DrawFn) -> list[Paper]:
    days = sorted(draw(st.lists(st.integers(1, 5), min_size=1, max_size=8)))
    papers = []
    for file, day in enumerate(days):
        for order in draw(st.sets(st.sampled_from("ABC"), min_size=1)):
            amounts = draw(st.lists(st.integers(1, 2), min_size=1, max_size=2))
            papers.append((day, file, order, tuple(amounts)))
    return papers


@seed(SEED)
@settings(max_examples=60, deadline=None)
@given(histories())
def test_as_the_rule_says(papers):
    assert said(papers) == oracle(papers)


@seed(SEED)
@settings(max_examples=40, deadline=None)
@given(histories(), st.integers(1, 5))
def test_in_one_batch_or_day_by_day(papers, last_day):
    """A batch cut at any day, with what stood before it as history, says the same."""
    before = [paper for paper in papers if paper[0] <= last_day]
    after = [paper for paper in papers if paper[0] > last_day]
    latest = {
        order: list(group)[-1]
        for order, group in groupby(sorted(before, key=lambda p: p[2]), key=lambda p: p[2])
    }
    if after:
        assert said(after, list(latest.values())) == said(papers)[len(before) :]


INVOICES = KINDS["invoices"]
# (day, file, what the paper states of the one invoice)
Stated = tuple[int, int, dict[str, object]]


def invoice_papers(papers: Sequence[Stated]) -> pl.DataFrame:
    rows = [
        {
            "known_on": date(2026, 5, day), FILE_NO: file, "invoice_no": "V1",
            "issued_on": date(2026, 5, 1), "amount": Decimal(113), **fields,
        }
        for day, file, fields in papers
    ]  # fmt: skip
    schema = {"known_on": pl.Date(), FILE_NO: pl.Int32()}
    schema |= {name: field.dtype for name, field in INVOICES.fields.items()}
    return pl.DataFrame([dict.fromkeys(schema) | row for row in rows], schema=schema)


def said_of_invoice(papers: Sequence[Stated]) -> list[str]:
    batch = invoice_papers(papers)
    none = batch.select(*INVOICES.fields, FILE_NO).clear()
    flagged = flagged_batch(batch, INVOICES, none)
    words = {(True, False): "duplicate", (False, True): "new", (False, False): "replaced"}
    return [words[flags] for flags in flagged.select("is_duplicate", "is_standing").rows()]


NORMAL, RED, SILENT = {"status": "normal"}, {"status": "red_full"}, {}


@pytest.mark.parametrize(
    ("papers", "expected"),
    [
        # An XML after the export says nothing new, on the same day and on any later one.
        ([(1, 1, NORMAL), (1, 2, SILENT)], ["new", "duplicate"]),
        ([(1, 1, NORMAL), (2, 2, SILENT)], ["new", "duplicate"]),
        ([(1, 1, NORMAL), (2, 2, SILENT), (3, 3, NORMAL)], ["new", *["duplicate"] * 2]),
        # The export after the XML states the status.
        ([(1, 1, SILENT), (2, 2, NORMAL)], ["new", "new"]),
        ([(1, 1, SILENT), (1, 2, NORMAL)], ["replaced", "new"]),
        ([(1, 1, SILENT), (2, 2, NORMAL), (3, 3, SILENT)], ["new", "new", "duplicate"]),
        # A change of status is a version, and an XML does not take it back.
        ([(1, 1, NORMAL), (2, 2, RED), (3, 3, SILENT)], ["new", "new", "duplicate"]),
        ([(1, 1, NORMAL), (2, 2, RED), (3, 3, NORMAL)], ["new", "new", "new"]),
        # Each paper adds a part; together they repeat nothing.
        ([(1, 1, NORMAL), (2, 2, {"remark": "PO 1"}), (3, 3, NORMAL)], ["new", "new", "duplicate"]),
        ([(1, 1, NORMAL), (2, 2, {"remark": "PO 1"}), (3, 3, {"remark": "PO 2"})], ["new"] * 3),
        ([(1, 1, NORMAL), (2, 2, {"amount": Decimal(226)})], ["new", "new"]),
    ],
)
def test_papers_that_state_parts_of_an_invoice_are_one_document(papers, expected):
    assert said_of_invoice(papers) == expected


# A list has a row per document; a detail has the order's number and the lines.
LINES = ((1, "milk", 60), (2, "rice", 40))
OTHER_LINES = ((1, "milk", 70), (2, "rice", 30))
Sent = dict[str, object]


def sent(kind: str, lines: Sequence[tuple[int, str, int]] = (), **stated: object) -> list[Sent]:
    """The rows of a paper of a kind: one for each line, or one without any."""
    fields = KINDS[kind].fields
    common = {"chain_id": "C", "store_code": "S1", KINDS[kind].key[-1]: "N1", "amount": 100}
    common |= {name: date(2026, 5, 1) for name in fields if name.endswith("_date")}
    common |= {"receipt_kind": "receipt"} if "receipt_kind" in fields else {}
    named = [
        {"line_no": no, "sku": sku, "quantity": Decimal(amount), "amount": Decimal(amount)}
        for no, sku, amount in lines
    ]
    return [{**common, **line, **stated} for line in named or [{}]]


def said_of_goods(kind: str, papers: Sequence[tuple[int, list[Sent]]]) -> list[str]:
    """What is said of each (day, rows of a file), in one batch and again a day after the other."""
    contract = KINDS[kind]
    schema = {"known_on": pl.Date(), FILE_NO: pl.Int32()}
    schema |= {name: field.dtype for name, field in contract.fields.items()}
    batch = pl.DataFrame(
        [
            {**dict.fromkeys(schema), **row, "known_on": date(2026, 5, day), FILE_NO: number}
            for number, (day, rows) in enumerate(papers)
            for row in rows
        ],
        schema=schema,
    )
    flags = ["known_on", FILE_NO, "is_duplicate", "is_standing", "is_shared"]

    def flagged(rows: pl.DataFrame, history: pl.DataFrame) -> list[tuple]:
        numbered = rows.with_columns(pl.col(FILE_NO).alias("number"))
        found = flagged_batch(numbered, contract, history).rename({"number": FILE_NO})
        return found.select(flags).unique().sort(FILE_NO).rows()

    known = [*contract.fields, FILE_NO]
    at_once = flagged(batch, batch.select(known).clear())
    by_day, before = [], batch.clear().select(known)
    for day in batch["known_on"].unique().sort():
        today = batch.filter(pl.col("known_on") == day)
        found = flagged(today, before)
        by_day += found
        new = [number for _, number, is_duplicate, _, _ in found if not is_duplicate]
        kept = today.filter(pl.col(FILE_NO).is_in(new)).with_columns(pl.col(FILE_NO) - 100)
        before = pl.concat([before, kept.select(known)])
    assert by_day == at_once
    assert len(at_once) == len(papers), "a document is one whole"
    words = {(True, False): "duplicate", (False, True): "new", (False, False): "replaced"}
    return [words[is_duplicate, is_standing] for _, _, is_duplicate, is_standing, _ in at_once]


def test_a_list_after_the_detail_says_nothing_new():
    for kind in ("goods_receipts", "orders", "deliveries"):
        detail, short = sent(kind, LINES), sent(kind)
        assert said_of_goods(kind, [(1, detail), (2, short)]) == ["new", "duplicate"]
        assert said_of_goods(kind, [(1, detail), (1, short)]) == ["new", "duplicate"]
        expected = ["new", "duplicate", "duplicate"]
        assert said_of_goods(kind, [(1, detail), (2, short), (3, detail)]) == expected


RECEIPT = "goods_receipts"
DETAIL, LIST = sent(RECEIPT, LINES, order_no="O1"), sent(RECEIPT)
OTHER_AMOUNT = sent(RECEIPT, amount=90)


@pytest.mark.parametrize(
    ("papers", "expected"),
    [
        # The detail adds the lines, on a later day or beside the list.
        ([(1, LIST), (2, DETAIL)], ["new", "new"]),
        ([(1, LIST), (1, DETAIL)], ["replaced", "new"]),
        ([(1, LIST), (2, DETAIL), (3, LIST)], ["new", "new", "duplicate"]),
        # What was not stated takes nothing back, in a list or in a detail.
        ([(1, DETAIL), (2, sent(RECEIPT, LINES))], ["new", "duplicate"]),
        # A list that states more is a version; the lines of its day stay what stands.
        ([(1, DETAIL), (2, sent(RECEIPT, delivery_no="D1"))], ["new", "new"]),
        ([(1, DETAIL), (1, sent(RECEIPT, delivery_no="D1"))], ["new", "replaced"]),
        ([(1, DETAIL), (2, sent(RECEIPT, order_no="O2")), (3, LIST)], ["new", "new", "duplicate"]),
        # Another amount contradicts the lines, and the same amount again does not bring them back.
        ([(1, DETAIL), (2, OTHER_AMOUNT)], ["new", "new"]),
        ([(1, DETAIL), (1, OTHER_AMOUNT)], ["replaced", "new"]),
        ([(1, DETAIL), (2, OTHER_AMOUNT), (3, LIST)], ["new", "new", "new"]),
        ([(1, DETAIL), (2, OTHER_AMOUNT), (3, OTHER_AMOUNT)], ["new", "new", "duplicate"]),
        ([(1, DETAIL), (2, OTHER_AMOUNT), (3, DETAIL)], ["new", "new", "new"]),
        # Other lines of the same total are another version.
        ([(1, DETAIL), (2, sent(RECEIPT, OTHER_LINES))], ["new", "new"]),
        # One row with an article is a line, not a list.
        ([(1, DETAIL), (2, sent(RECEIPT, sku="milk"))], ["new", "new"]),
        ([(1, LIST), (2, LIST)], ["new", "duplicate"]),
    ],
)
def test_lists_and_details_of_a_receipt_are_one_document(papers, expected):
    assert said_of_goods(RECEIPT, papers) == expected


def test_lines_of_several_orders_are_compared_with_their_orders():
    first, second = sent(RECEIPT, LINES), sent(RECEIPT, LINES)
    for rows, orders in ((first, ("O1", "O2")), (second, ("O1", "O3"))):
        for row, order in zip(rows, orders, strict=True):
            row["order_no"] = order
    assert said_of_goods(RECEIPT, [(1, first), (2, second), (3, second)]) == [
        "new", "new", "duplicate",
    ]  # fmt: skip


def test_only_papers_that_stand_in_several_files_are_marked_as_such():
    contract = KINDS["orders"]
    batch = rows_of([(1, 1, "A", (5,)), (1, 1, "B", (5,)), (2, 2, "A", (6,)), (2, 2, "C", (5,))])
    none = batch.select(*contract.fields, FILE_NO).clear()
    flagged = flagged_batch(batch, contract, none)
    assert flagged.filter("is_shared").select("known_on", "order_no").rows() == [
        (date(2026, 5, 2), "A")
    ]


# (day, amount, order, delivery note, whether it has the lines)
Seen = tuple[int, int, str | None, str | None, bool]


def receipt_oracle(papers: Sequence[Seen]) -> list[str]:
    """The rule, word for word: what stands after each paper, and which one of a day has it."""
    order = delivery = total = lines = None
    words, additions = [], []
    for _, amount, said_order, said_delivery, has_lines in papers:
        before = (order, delivery, total, lines)
        additions.append(not has_lines and amount == total)
        lines = amount if has_lines else lines if amount == total else None
        order, delivery, total = said_order or order, said_delivery or delivery, amount
        words.append("duplicate" if before == (order, delivery, total, lines) else "replaced")
    for day in {paper[0] for paper in papers}:
        new = [i for i, paper in enumerate(papers) if paper[0] == day and words[i] == "replaced"]
        whole = [i for i in new if not additions[i]]
        for standing in (whole or new)[-1:]:
            words[standing] = "new"
    return words


@st.composite
def receipts_seen(draw: st.DrawFn) -> list[Seen]:
    days = sorted(draw(st.lists(st.integers(1, 4), min_size=1, max_size=7)))
    orders, notes = st.sampled_from([None, "O1", "O2"]), st.sampled_from([None, "D1"])
    amounts = st.sampled_from([100, 90])
    return [(day, draw(amounts), draw(orders), draw(notes), draw(st.booleans())) for day in days]


@seed(SEED)
@settings(max_examples=150, deadline=None)
@given(receipts_seen())
def test_lists_and_details_as_the_rule_says(papers):
    sheets = [
        (
            day,
            sent(
                RECEIPT,
                ((1, "milk", 60), (2, "rice", amount - 60)) if has_lines else (),
                order_no=order,
                delivery_no=delivery,
                **({} if has_lines else {"amount": amount}),
            ),
        )
        for day, amount, order, delivery, has_lines in papers
    ]
    assert said_of_goods(RECEIPT, sheets) == receipt_oracle(papers)
