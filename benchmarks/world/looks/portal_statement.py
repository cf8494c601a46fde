"""A chain's statement as its portal exports it: one workbook, five sheets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from benchmarks.world.looks.canonical import Row
from benchmarks.world.parties import SUPPLIER, SUPPLIER_CODE, Parties
from benchmarks.world.xlsx import Sheet, workbook_bytes

SUMMARY = (
    "单据编码", "单据状态", "区域", "结算主体", "供应商编码", "供应商名称", "费用金额", "应付金额",
    "计划付款日", "开票申请状态", "开票申请时间", "付款次数",
)  # fmt: skip
DETAIL = (
    "区域", "单据类型", "单据编码", "业务发生日期", "门店", "结算方式", "金额", "物流模式", "备注",
)  # fmt: skip
FEES = ("扣项单号", "所属区域", "门店", "扣项名称", "金额", "备注")
INVOICES = (
    "序号", "发票类型", "发票代码", "发票号码", "开票日期", "税率", "价额", "税额", "价税合计",
    "备注",
)  # fmt: skip
_TYPES = {"receipt": "2301 验收单", "return": "2323 退货单", "adjustment": "5210 结算调整单"}


def statement_xlsx(lines: Sequence[Row], parties: Parties, invoices: Sequence[Row]) -> bytes:
    """Return the workbook of one statement; `invoices` are listed for information only.

    Detail lines must come first and be sorted by store; fees follow, taken from the invoice
    first, then the others.
    """
    stores = {(c.chain_id, c.code): c for c in parties.customers}
    first = lines[0]
    chain_id = str(first["chain_id"])
    start, end = first["period_start"], first["period_end"]
    assert isinstance(start, date)
    assert isinstance(end, date)
    fees = [line for line in lines if line["line_kind"] == "deduction"]
    goods = [line for line in lines if line["line_kind"] != "deduction"]
    payable = sum((_money(x) for x in lines if x["deduction_kind"] != "paid_separately"), _ZERO)
    summary: list[list[object]] = [
        ["供应商结算单"],
        [f"结算周期：{start.isoformat()} 至 {end.isoformat()}"],
        list(SUMMARY),
        [
            first["statement_no"], "已审核", parties.head_office(chain_id).region,
            stores[chain_id, str(first["party_code"])].place, SUPPLIER_CODE, SUPPLIER,
            f"{-sum((_money(x) for x in fees), _ZERO):,.2f}", f"{payable:,.2f}",
            first["planned_pay_on"], "已申请", None, 1,
        ],
    ]  # fmt: skip
    detail: list[list[object]] = [list(DETAIL)]
    merges: list[str] = []
    for code, group in groupby(goods, key=lambda x: str(x["store_code"] or x["party_code"])):
        store = stores[chain_id, code]
        top, subtotal = len(detail) + 1, _ZERO
        for line in group:
            is_first = len(detail) + 1 == top
            subtotal += _money(line)
            detail.append(
                [
                    store.region if is_first else None, _TYPES[str(line["line_kind"])],
                    line["receipt_no"], line["document_date"], store.place if is_first else None,
                    "经销", f"{_money(line):,.2f}", "直送", line["order_no"],
                ]
            )  # fmt: skip
        if len(detail) > top:
            merges += [f"A{top}:A{len(detail)}", f"E{top}:E{len(detail)}"]
        detail.append([None, "小计", None, None, None, None, f"{subtotal:,.2f}", None, None])
    total = sum((_money(x) for x in goods), _ZERO)
    detail.append(["合计", None, None, None, None, None, f"{total:,.2f}", None, None])
    from_invoice = [x for x in fees if x["deduction_kind"] == "invoice_deducted"]
    others = [x for x in fees if x["deduction_kind"] != "invoice_deducted"]
    listed: list[list[object]] = [list(INVOICES)]
    for number, invoice in enumerate(invoices, start=1):
        issued = invoice["issued_on"]
        assert isinstance(issued, date)
        listed.append(
            [
                number, "数电专票", None, invoice["invoice_no"], issued, "13%",
                f"{_money(invoice, 'amount_excl_tax'):,.2f}", f"{_money(invoice, 'tax'):,.2f}",
                f"{_money(invoice):,.2f}", None,
            ]
        )  # fmt: skip
    return workbook_bytes(
        [
            Sheet("结算单", summary, merges=["A1:L1", "A2:L2"]),
            Sheet("结算单明细", detail, merges=merges),
            Sheet("扣项一", _fee_rows("扣项一（票扣明细）", from_invoice, parties)),
            Sheet("扣项二", _fee_rows("扣项二（非票扣明细）", others, parties)),
            Sheet("发票明细", listed),
        ]
    )


_ZERO = Decimal("0.00")


def _money(row: Row, name: str = "amount") -> Decimal:
    value = row[name]
    assert isinstance(value, Decimal)
    return value


def _fee_rows(title: str, fees: Sequence[Row], parties: Parties) -> list[list[object]]:
    stores = {(c.chain_id, c.code): c for c in parties.customers}
    rows: list[list[object]] = [[title], list(FEES)]
    for fee in fees:
        store = stores[str(fee["chain_id"]), str(fee["store_code"] or fee["party_code"])]
        rows.append(
            [
                f"K{fee['statement_no']}-{fee['line_no']}", store.region,
                store.place if fee["store_code"] else None,
                f"{fee['fee_code']} {fee['fee_name']}", f"{-_money(fee):,.2f}",
                "交现" if fee["deduction_kind"] == "paid_separately" else None,
            ]
        )  # fmt: skip
    total = -sum((_money(x) for x in fees), _ZERO)
    rows.append(["合计", None, None, None, f"{total:,.2f}", None])
    return rows
