"""The sample world: the same bytes from the same seed, small enough, and every fault in it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.world.settings import WorldSettings
from benchmarks.world.truth.expected import expected_files
from benchmarks.world.world import World, build_world

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
SMALL = WorldSettings(seed=7, last_day=date(2026, 6, 24), orders=90)
PLANTED = (
    "agreement_of_unknown_store",
    "agreement_overlap",
    "applied_never_invoiced",
    "branch_pays_for_another",
    "cancelled_order",
    "changed_order",
    "changed_receipt",
    "changed_statement",
    "consigned_goods_reported",
    "consignment",
    "damaged_file",
    "deduction_above_agreement",
    "deduction_accept",
    "deduction_write_off",
    "duplicate_bank_receipt",
    "duplicate_delivery_note",
    "duplicate_order",
    "duplicate_receipt",
    "duplicate_statement",
    "file_sent_twice",
    "invoice_at_delivered_value",
    "invoice_for_many_receipts",
    "invoice_issued_again",
    "invoice_rounding",
    "late_advice",
    "late_delivery_note",
    "late_order",
    "late_payment",
    "late_receipt",
    "late_statement",
    "left_off_statement",
    "lump_sum_payment",
    "missing_delivery_note",
    "missing_order_paper",
    "missing_receipt_paper",
    "never_applied",
    "never_handed_over",
    "over_delivery",
    "paid_without_cents",
    "partial_delivery",
    "pattern_switch",
    "payer_unknown",
    "payment_names_nothing",
    "price_difference",
    "receipt_names_delivery_only",
    "receipt_on_two_invoices",
    "receipt_on_two_statements",
    "red_delivery_note",
    "red_invoice_allowance",
    "red_invoice_for_return",
    "red_invoice_full",
    "rejected_row",
    "return",
    "short_receipt",
    "split_delivery",
    "statement_adjustment",
    "statement_amount_differs",
    "statement_names_unknown_papers",
    "tax_difference",
    "text_begins_with_equals",
    "undelivered_order",
    "underpaid_invoices",
    "underpaid_statement",
    "unknown_layout",
    "unpaid_invoice",
    "unpaid_statement",
    "unsupported_deduction",
    "void_invoice",
    "wrong_invoice_title",
)


def contents(world: World) -> dict[str, bytes]:
    return {file.path: file.content for file in world.files} | expected_files(world)


def unpacked(content: bytes) -> object:
    """What a file says; compression may differ between machines."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def table(name: str) -> list[dict[str, str]]:
    with (SAMPLES / "expected" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def total(rows: list[dict[str, str]], column: str, *by: str) -> dict[tuple[str, ...], Decimal]:
    sums: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[tuple(row[name] for name in by)] += Decimal(row[column])
    return {key: amount for key, amount in sums.items() if amount}


def test_equal_settings_give_equal_bytes():
    assert contents(build_world(SMALL)) == contents(build_world(SMALL))


def test_another_seed_gives_another_world():
    other = WorldSettings(seed=8, last_day=date(2026, 5, 20), orders=40)
    same = WorldSettings(seed=9, last_day=date(2026, 5, 20), orders=40)
    assert [f.content for f in build_world(other).files] != [
        f.content for f in build_world(same).files
    ]


def test_committed_samples_are_what_the_generator_writes():
    world = build_world(WorldSettings())
    expected = expected_files(world)
    committed = {path.relative_to(SAMPLES).as_posix() for path in SAMPLES.rglob("*.*")}
    inbox = {f"inbox/{file.path}" for file in world.files}
    assert committed == inbox | {f"expected/{name}" for name in expected}
    for name, content in expected.items():
        assert (SAMPLES / "expected" / name).read_bytes() == content, name
    # Drawing every workbook takes long: all text files, and some workbooks of every look.
    # A file cut off on purpose ends wherever its compressed bytes happen to end.
    readable = [file for file in world.files if file.is_readable]
    workbooks = [file for file in readable if file.path.endswith(".xlsx")]
    workbooks.sort(key=lambda file: (file.name, file.path))
    texts = [file for file in readable if file.path.endswith(".csv")]
    for file in [*texts, *workbooks[::10]]:
        committed_bytes = (SAMPLES / "inbox" / file.path).read_bytes()
        assert unpacked(file.content) == unpacked(committed_bytes), file.path


def test_samples_stay_small():
    sizes = [path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()]
    assert sum(sizes) <= 6_000_000


@pytest.mark.parametrize("fault", PLANTED)
def test_every_fault_is_planted(fault):
    planted = json.loads((SAMPLES / "expected" / "planted.json").read_text(encoding="utf-8"))
    assert planted["planted"].get(fault, 0) > 0


def test_aging_by_either_basis_equals_open_items():
    items = table("open_items")
    for basis in ("document", "overdue"):
        rows = [row for row in table("aging") if row["basis"] == basis]
        keys = ("as_of", "debtor_id", "store_id", "is_invoiced")
        assert total(rows, "amount", *keys) == total(items, "balance", *keys)


def test_cash_is_applied_or_unapplied():
    cash = table("cash")
    for row in cash:
        assert Decimal(row["amount"]) == Decimal(row["applied"]) + Decimal(row["unapplied"])
    cleared = total(table("clearings"), "amount", "transaction_no")
    assert cleared == total(cash, "applied", "transaction_no")
    last = max(row["as_of"] for row in table("unapplied_cash"))
    rest = [row for row in table("unapplied_cash") if row["as_of"] == last]
    assert total(rest, "amount", "transaction_no") == total(cash, "unapplied", "transaction_no")


def test_open_items_are_goods_and_fees_less_what_was_cleared():
    """What stands open of goods: accepted, less what is still to be sold, paid and written off."""
    items = [row for row in table("open_items") if row["as_of"] == "2026-08-31"]
    goods = [row for row in items if row["receipt_no"]]
    paid = [row for row in table("clearings") if row["unit_kind"] == "goods_receipt"]
    sales = total(table("monthly_sales"), "amount")[()]
    at_stores = [row for row in table("consigned_stock") if row["as_of"] == "2026-08-31"]
    given_up = [row for row in table("write_offs") if row["as_of"] == "2026-08-31"]
    gone = total(paid, "amount")[()] + total(at_stores, "at_store")[()]
    gone += total([row for row in given_up if row["receipt_no"]], "amount")[()]
    assert total(goods, "balance")[()] == sales - gone


def test_files_account_for_every_row():
    files = table("files")
    assert files
    for row in files:
        parts = ("staged", "duplicate", "rejected")
        assert int(row["rows_in"]) == sum(int(row[f"rows_{part}"]) for part in parts)
        assert Decimal(row["amount_in"]) == sum(Decimal(row[f"amount_{part}"]) for part in parts)
