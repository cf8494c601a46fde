import os
import random
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from assets.reported.content.application import invoices_of
from assets.reported.content.kinds import PACKS, DayOfPacks
from assets.reported.content.reading import Day
from receivables.home import REPOSITORY, Home
from receivables.policy import Invoicing, Policy
from receivables.sources import Sources
from receivables.sources.reading import read_file
from tests.reported.closed_day import DAY, POLICY, ClosedDay

D = Decimal
SEED = int(os.environ.get("SIDAN_SEED") or random.SystemRandom().randrange(2**32))
HEADING_ROW = 4
FORM = "开票申请"
COLUMNS = {"购货单位", "申请时间", "订单号", "送货单号", "送货日期", "验收单号", "开票金额"}


def with_limit(limit: str) -> Policy:
    return POLICY.model_copy(update={"invoicing": Invoicing(max_amount=D(limit))})


def written(folder: Path, closed: ClosedDay, policy: Policy = POLICY) -> Path:
    of_day = DayOfPacks.of(Day(closed.build().connection, DAY), policy)
    return PACKS["invoice_application"].write(of_day, folder, "application").files[0]


def rows_of(file: Path, sheet: str = FORM) -> list[dict]:
    heading, *rows = openpyxl.load_workbook(file)[sheet].iter_rows(
        min_row=HEADING_ROW, values_only=True
    )
    return [dict(zip(heading, row, strict=True)) for row in rows]


def cents(value: float) -> Decimal:
    return D(str(value)).quantize(D("0.01"))


@dataclass
class OneBuyer:
    """A day on which one buyer owes for these receipts."""

    amounts: list[str]

    def day(self) -> ClosedDay:
        closed = ClosedDay(debtors=1, stores=1, items=3 * len(self.amounts))
        items = closed.rows["settled.open_items"]
        kept = [row for row in items if row["item_kind"] == "uninvoiced" and row["as_of"] == DAY]
        for row, amount in zip(kept, self.amounts, strict=False):
            row["balance"] = D(amount)
        items[:] = kept[: len(self.amounts)]
        assert len(items) == len(self.amounts)
        items.sort(key=lambda row: row["document_on"])
        return closed


def test_the_form_holds_what_is_accepted_and_not_invoiced(tmp_path):
    closed = ClosedDay()
    file = written(tmp_path, closed)
    items = [
        row
        for row in closed.rows["settled.open_items"]
        if row["as_of"] == DAY and row["item_kind"] == "uninvoiced" and row["balance"] > 1
    ]
    rows = rows_of(file)
    assert rows[0].keys() >= COLUMNS
    assert sum(cents(row["开票金额"]) for row in rows) == sum(row["balance"] for row in items)
    assert {row["验收单号"] for row in rows} == {row["receipt_no"] for row in items}
    assert all(row["送货单号"].startswith("SH") and row["送货日期"] for row in rows)
    assert all(row["增值税票号"] is None for row in rows)
    buyers = {row["customer_id"]: row["customer_name"] for row in closed.rows["staged.customers"]}
    owed_by = {row["receipt_no"]: buyers[row["debtor_id"]] for row in items}
    assert all(row["购货单位"] == owed_by[row["验收单号"]] for row in rows)


@pytest.mark.parametrize(
    ("amounts", "limit", "invoices"),
    [
        (["60.00", "40.00", "0.01"], "100.00", [["60.00", "40.00"], ["0.01"]]),
        (["60.00", "50.00", "50.00"], "100.00", [["60.00"], ["50.00", "50.00"]]),
        (["250.00"], "100.00", [["100.00"], ["100.00"], ["50.00"]]),
        (["9.00", "150.00", "40.00"], "100.00", [["9.00"], ["100.00"], ["50.00", "40.00"]]),
        (["100.00"], "100.00", [["100.00"]]),
        ([], "100.00", []),
    ],
)  # fmt: skip
def test_invoices_are_split_under_the_limit(amounts, limit, invoices):
    rows = [{"amount": D(amount)} for amount in amounts]
    made = [[str(part.amount) for part in parts] for parts in invoices_of(rows, D(limit))]
    assert made == invoices


def test_splitting_loses_no_cent_and_keeps_to_the_limit():
    chance = random.Random(SEED)
    for _ in range(200):
        limit = D(chance.randrange(1, 5000)) / 100
        rows = [{"amount": D(chance.randrange(1, 9000)) / 100} for _ in range(chance.randrange(9))]
        made = list(invoices_of(rows, limit))
        for parts in made:
            assert D(0) < sum(part.amount for part in parts) <= limit, f"SIDAN_SEED={SEED}"
        for row in rows:
            parts = [part.amount for invoice in made for part in invoice if part.row is row]
            assert sum(parts) == row["amount"], f"SIDAN_SEED={SEED}"
            assert len(parts) == 1 or row["amount"] > limit, f"SIDAN_SEED={SEED}"


def test_each_application_is_one_invoice_below_the_limit(tmp_path):
    file = written(tmp_path, ClosedDay(), with_limit("30000.00"))
    by_number: dict[str, Decimal] = {}
    for row in rows_of(file):
        number = row["申请单号"]
        by_number[number] = by_number.get(number, D(0)) + cents(row["开票金额"])
    assert len(by_number) > 4
    assert max(by_number.values()) <= D(30000)
    listed = {row["申请编号"]: cents(row["价税合计"]) for row in rows_of(file, "拟开发票")}
    assert listed == by_number


@pytest.mark.parametrize(
    ("applications", "invoices", "left"),
    [
        ([], [], "100.00"),
        ([("A1", "100.00", None)], [], None),
        ([("A1", "30.00", None)], [], "70.00"),
        ([("A1", "100.00", "V1")], [], None),  # numbered, its invoice is still on its way
        ([("A1", "100.00", "V1")], ["V1"], "100.00"),  # what is open in spite of its invoice
        ([("A1", "150.00", None)], [], None),
        ([("A1", "-20.00", None)], [], "100.00"),
    ],
)
def test_what_was_applied_for_is_not_applied_for_again(tmp_path, applications, invoices, left):
    closed = OneBuyer(["100.00"]).day()
    [item] = closed.rows["settled.open_items"]
    for number, amount, invoice_no in applications:
        closed.rows["staged.invoice_applications"].append(
            {
                "known_on": DAY,
                "application_no": number,
                "chain_id": item["chain_id"],
                "receipt_no": item["receipt_no"],
                "amount": D(amount),
                "invoice_no": invoice_no,
            }
        )
    for invoice_no in invoices:
        closed.rows["staged.invoices"].append({"known_on": DAY, "invoice_no": invoice_no})
    rows = [row for row in rows_of(written(tmp_path, closed)) if row["申请单号"]]
    assert [cents(row["开票金额"]) for row in rows] == ([D(left)] if left else [])


def test_a_later_version_of_an_application_counts(tmp_path):
    closed = OneBuyer(["100.00"]).day()
    [item] = closed.rows["settled.open_items"]
    for days, amount in ((3, "100.00"), (1, "40.00")):
        closed.rows["staged.invoice_applications"].append(
            {
                "known_on": DAY - timedelta(days=days),
                "application_no": "A1",
                "chain_id": item["chain_id"],
                "receipt_no": item["receipt_no"],
                "amount": D(amount),
                "invoice_no": None,
            }
        )
    assert [cents(row["开票金额"]) for row in rows_of(written(tmp_path, closed))] == [D("60.00")]


def test_what_rounding_left_is_not_applied_for(tmp_path):
    file = written(tmp_path, OneBuyer(["100.00", "1.00", "1.01"]).day())
    assert sorted(cents(row["开票金额"]) for row in rows_of(file)) == [D("1.01"), D("100.00")]


def test_returns_stand_apart(tmp_path):
    file = written(tmp_path, OneBuyer(["100.00", "-8.50"]).day())
    assert [cents(row["开票金额"]) for row in rows_of(file)] == [D("100.00")]
    assert [cents(row["退货金额"]) for row in rows_of(file, "待冲减退货")] == [D("-8.50")]


def test_the_form_comes_back_with_invoice_numbers(tmp_path):
    file = written(tmp_path, ClosedDay())
    book = openpyxl.load_workbook(file)
    page = book[FORM]
    places = {cell.value: cell.column for cell in page[HEADING_ROW]}
    assert not page.cell(HEADING_ROW + 1, places["增值税票号"]).protection.locked
    page.cell(HEADING_ROW + 1, places["增值税票号"]).value = "26997000000000410008"
    page.title = "Sheet1"
    back = tmp_path / "开好的票.xlsx"
    book.save(back)
    parsed = read_file(back, Sources.of(Home(REPOSITORY)))
    assert (parsed.layout, parsed.message) == ("invoice_application_form", None)
    [part] = parsed.parts
    expected = [row for row in rows_of(file) if row["申请单号"]]
    assert part.rejected.height == 0
    assert part.accepted.height == len(expected)
    assert part.accepted["amount"].sum() == sum(cents(row["开票金额"]) for row in expected)
    assert part.accepted["invoice_no"].to_list()[:2] == ["26997000000000410008", None]
    assert part.accepted["application_no"].to_list() == [row["申请单号"] for row in expected]
    assert part.accepted.filter(pl.col("chain_id").is_null()).height == 0
