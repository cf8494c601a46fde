"""Goods receipt detail of one chain's portal: document cells merged over their lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from benchmarks.world.catalogue import Product
from benchmarks.world.looks.canonical import Row
from benchmarks.world.parties import SUPPLIER, SUPPLIER_CODE, Parties
from benchmarks.world.xlsx import Sheet, workbook_bytes

HEADINGS = (
    "单据号", "单据类型", "订货单号", "审核日期", "门店", "商品条码", "商品编码", "商品名称",
    "件数", "验收数量", "订货数量", "赠品数量", "进价", "进项税率", "进价小计",
)  # fmt: skip


def receipts_xlsx(
    rows: Sequence[Row], day: date, parties: Parties, products: Mapping[str, Product]
) -> bytes:
    """Return the detail list: two title rows, header, lines, a subtotal per document, total."""
    stores = {(c.chain_id, c.code): c for c in parties.customers}
    cells: list[list[object]] = [
        ["澜舟大卖场供应商验收单明细"],
        [f"供应商：{SUPPLIER_CODE} {SUPPLIER}", *[None] * 9, f"打印日期：{day:%Y/%m/%d}"],
        list(HEADINGS),
    ]
    merges = ["A1:O1"]
    documents: dict[object, list[Row]] = {}
    for row in rows:
        documents.setdefault(row["receipt_no"], []).append(row)
    total = Decimal(0)
    for number, lines in documents.items():
        top = len(cells) + 1
        subtotal = Decimal(0)
        for line in lines:
            product = products[str(line["sku"])]
            quantity, amount, on = line["quantity"], line["amount"], line["receipt_date"]
            assert isinstance(quantity, Decimal)
            assert isinstance(amount, Decimal)
            assert isinstance(on, date)
            assert isinstance(line["tax_rate"], Decimal)
            store = stores[str(line["chain_id"]), str(line["store_code"])]
            is_first = len(cells) + 1 == top
            subtotal += amount
            cells.append(
                [
                    *([number, "退货单" if line["receipt_kind"] == "return" else "验收单",
                       line["order_no"], f"{on:%Y/%m/%d}", store.place]
                      if is_first else [None] * 5),
                    product.barcode, product.sku, product.name, None, quantity, None, 0,
                    line["unit_price"], f"{(line['tax_rate'] * 100).normalize():f}%",
                    f"{amount:,.2f}",
                ]
            )  # fmt: skip
        if len(lines) > 1:
            merges += [f"{column}{top}:{column}{len(cells)}" for column in "ABCDE"]
        cells.append(["小计", *[None] * 13, f"{subtotal:,.2f}"])
        total += subtotal
    cells.append(["合计", *[None] * 13, f"{total:,.2f}"])
    return workbook_bytes([Sheet("验收单明细", cells, merges=merges, is_streamed=True)])
