"""A settlement notice: title, key/value block, documents table, fees table in one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from benchmarks.world.looks.canonical import Row
from benchmarks.world.parties import SUPPLIER, SUPPLIER_CODE, Parties
from benchmarks.world.xlsx import Sheet, workbook_bytes

DOCUMENTS = (
    "行号", "税率", "门店", "单据号", "发生日期", "单据类型", "进货含税金额", "进货不含税金额",
    "含税调整", "不含税调整", "供应商折扣", "结算含税金额", "结算不含税金额",
)  # fmt: skip
FEES = (
    "行号", "发生日期", "收取机构", "费用课别", "费用代码", "费用名称", "费用类型", "金额",
    "费用单据", "费用流水号", "备注",
)  # fmt: skip
_TYPES = {"receipt": "验收单", "return": "退货单", "adjustment": "调整单"}
_FEE_TYPES = {"invoice_deducted": "票扣", "cash_deducted": "账扣", "paid_separately": "交现"}
_ZERO = Decimal("0.00")
_CENT = Decimal("0.01")


def notice_xlsx(lines: Sequence[Row], parties: Parties) -> bytes:
    """Return the notice of one statement; document lines first and sorted by store, then fees."""
    stores = {(c.chain_id, c.code): c for c in parties.customers}
    first = lines[0]
    chain_id = str(first["chain_id"])
    head = parties.head_office(chain_id)
    start, end, pay_on = first["period_start"], first["period_end"], first["planned_pay_on"]
    assert isinstance(start, date)
    assert isinstance(end, date)
    assert isinstance(pay_on, date)
    goods = [line for line in lines if line["line_kind"] != "deduction"]
    fees = [line for line in lines if line["line_kind"] == "deduction"]
    taken = -sum((_money(x) for x in fees if x["deduction_kind"] != "paid_separately"), _ZERO)
    bought = sum((_money(x) for x in goods if x["line_kind"] != "adjustment"), _ZERO)
    adjusted = sum((_money(x) for x in goods if x["line_kind"] == "adjustment"), _ZERO)
    cells: list[list[object]] = [
        ["经销供应商结算通知单"],
        [head.name],
        ["结算单号：", first["statement_no"], None, "结算机构：", head.place, None,
         "供应商：", f"{SUPPLIER_CODE} {SUPPLIER}"],
        ["上次结算日期：", _day(start - timedelta(days=1)), None, "本期起始日期：", _day(start),
         None, "本次结算日期：", _day(end)],
        ["本期进货：", f"{bought:,.2f}", None, "进货调整：", f"{adjusted:,.2f}", None,
         "供应商折扣：", "-"],
        ["扣款合计：", f"{taken:,.2f}", None, "预付款：", "-", None, "差异调整：", "-"],
        ["上次余额：", "-", None, "实结余额：", f"{bought + adjusted - taken:,.2f}", None,
         "计划付款日：", _day(pay_on)],
        [],
        ["附表一（单据）"],
        list(DOCUMENTS),
    ]  # fmt: skip
    merges = ["A1:M1", "A2:M2"]
    line_no = 0
    for code, group in groupby(goods, key=lambda x: str(x["store_code"] or x["party_code"])):
        top, subtotal = len(cells) + 1, _ZERO
        for line in group:
            line_no += 1
            amount, on = _money(line), line["document_date"]
            assert isinstance(on, date)
            is_adjustment = line["line_kind"] == "adjustment"
            subtotal += amount
            cells.append(
                [
                    str(line_no), "13%",
                    stores[chain_id, code].place if len(cells) + 1 == top else None,
                    line["receipt_no"], _day(on), _TYPES[str(line["line_kind"])],
                    "-" if is_adjustment else f"{amount:,.2f}",
                    "-" if is_adjustment else _excl(amount),
                    f"{amount:,.2f}" if is_adjustment else "-",
                    _excl(amount) if is_adjustment else "-", "-", f"{amount:,.2f}",
                    _excl(amount),
                ]
            )  # fmt: skip
        if len(cells) > top:
            merges.append(f"C{top}:C{len(cells)}")
        cells.append([None, None, "小计", *[None] * 8, f"{subtotal:,.2f}", _excl(subtotal)])
    total = bought + adjusted
    cells.append(["合计", *[None] * 10, f"{total:,.2f}", _excl(total)])
    cells += [[], ["附表二（费用）"], list(FEES)]
    for number, fee in enumerate(fees, start=1):
        on = fee["document_date"]
        assert isinstance(on, date)
        cells.append(
            [
                str(number), _day(on),
                stores[chain_id, str(fee["store_code"])].place if fee["store_code"] else "总部",
                "综合课",
                fee["fee_code"], fee["fee_name"], _FEE_TYPES[str(fee["deduction_kind"])],
                f"{-_money(fee):,.2f}", f"FY{fee['statement_no']}",
                f"{fee['statement_no']}{number:03d}", None,
            ]
        )  # fmt: skip
    fee_total = -sum((_money(x) for x in fees), _ZERO)
    cells.append(["合计", *[None] * 6, f"{fee_total:,.2f}", None, None, None])
    cells += [[], ["注：本通知单请于收到后三个工作日内核对，逾期视为无异议。"]]
    return workbook_bytes([Sheet("结算通知单", cells, merges=merges)])


def _money(row: Row) -> Decimal:
    value = row["amount"]
    assert isinstance(value, Decimal)
    return value


def _day(day: date) -> str:
    return f"{day:%Y/%m/%d}"


def _excl(amount: Decimal) -> str:
    return f"{(amount / Decimal('1.13')).quantize(_CENT):,.2f}"
