"""The supplier's own ERP list of sales deliveries, K/3-like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from benchmarks.world.catalogue import Product
from benchmarks.world.looks.canonical import Row
from benchmarks.world.parties import SUPPLIER, Parties, chain_plan
from benchmarks.world.xlsx import Sheet, workbook_bytes

HEADINGS = (
    "日期", "单据编号", "购货单位", "部门", "业务员", "摘要", "交货地点", "红蓝字标记", "商品编码",
    "商品名称", "单位", "批号", "销售单价", "销售数量", "销售金额", "折扣额", "发货仓库",
)  # fmt: skip
_SALESMEN = {"YH": "陈立", "QL": "周敏", "LZ": "吴桐", "XQ": "郑可", "BS": "孙渡"}


def deliveries_xlsx(
    rows: Sequence[Row],
    first: date,
    last: date,
    parties: Parties,
    products: Mapping[str, Product],
) -> bytes:
    """Return the list as the ERP prints it: title, filter line, header, lines, total."""
    stores = {(c.chain_id, c.code): c for c in parties.customers}
    cells: list[list[object]] = [
        ["销售出库单序时簿"],
        [f"账套：{SUPPLIER}　日期：{first.isoformat()} 至 {last.isoformat()}"],
        list(HEADINGS),
    ]
    quantity = amount = Decimal(0)
    for row in rows:
        chain_id = str(row["chain_id"])
        store = stores[chain_id, str(row["store_code"])]
        product = products[str(row["sku"])]
        day = row["delivery_date"]
        assert isinstance(day, date)
        assert isinstance(row["quantity"], Decimal)
        assert isinstance(row["amount"], Decimal)
        quantity += row["quantity"]
        amount += row["amount"]
        cells.append(
            [
                day, row["delivery_no"], chain_plan(chain_id).legal_name,
                f"{chain_plan(chain_id).brand}项目组", _SALESMEN[chain_id],
                f"订单号:{row['order_no']}" if row["order_no"] else "补送货", store.place,
                "红字" if row["amount"] < 0 else "蓝字", product.sku, product.name, product.unit,
                f"B{day:%y%m}", row["unit_price"], row["quantity"], row["amount"], None,
                "一号成品仓",
            ]
        )  # fmt: skip
    cells.append(["合计", *[None] * 12, quantity, amount, None, None])
    return workbook_bytes(
        [Sheet("销售出库单序时簿", cells, merges=["A1:Q1", "A2:Q2"], is_streamed=True)]
    )
