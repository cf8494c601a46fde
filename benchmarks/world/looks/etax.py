"""The e-tax bureau export of issued invoices, both sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from benchmarks.world.catalogue import Product
from benchmarks.world.looks.canonical import Row
from benchmarks.world.parties import SUPPLIER, Parties
from benchmarks.world.xlsx import Sheet, workbook_bytes

_HEAD = (
    "序号", "发票代码", "发票号码", "数电发票号码", "销方识别号", "销方名称", "购方识别号",
    "购买方名称", "开票日期",
)  # fmt: skip
_TAIL = ("发票来源", "发票票种", "发票状态", "是否正数发票", "发票风险等级", "开票人", "备注")
BASIC = (*_HEAD, "金额", "税额", "价税合计", *_TAIL)
LINES = (
    *_HEAD, "税收分类编码", "特定业务类型", "货物或应税劳务名称", "规格型号", "单位", "数量",
    "单价", "金额", "税率", "税额", "价税合计", *_TAIL,
)  # fmt: skip
STATUS = {
    "normal": "正常",
    "void": "已作废",
    "red_full": "已红冲-全额",
    "red_partial": "已红冲-部分",
}


def invoices_xlsx(
    invoices: Sequence[Row],
    lines: Sequence[Row],
    parties: Parties,
    products: Mapping[str, Product],
) -> bytes:
    """Return the export with the header sheet second, as the portal writes it."""
    by_number: dict[object, list[Row]] = {}
    for line in lines:
        by_number.setdefault(line["invoice_no"], []).append(line)
    basic: list[list[object]] = [list(BASIC)]
    detail: list[list[object]] = [list(LINES)]
    for invoice in invoices:
        head = _head(invoice, parties)
        tail = _tail(invoice)
        basic.append(
            [len(basic), *head, invoice["amount_excl_tax"], invoice["tax"], invoice["amount"],
             *tail]
        )  # fmt: skip
        for line in by_number.get(invoice["invoice_no"], []):
            excl, tax = line["amount_excl_tax"], line["tax"]
            assert isinstance(excl, Decimal)
            assert isinstance(tax, Decimal)
            product = products.get(str(line["sku"]))
            detail.append(
                [len(detail), *head, "103020000" + str(line["sku"]), None, line["description"],
                 line["sku"], product.unit if product else None, line["quantity"],
                 line["unit_price_excl_tax"], excl, _percent(line["tax_rate"]), tax,
                 excl + tax, *tail]
            )  # fmt: skip
    return workbook_bytes(
        [
            Sheet("信息汇总表", detail, is_streamed=True),
            Sheet("发票基础信息", basic, is_streamed=True),
        ]
    )


def _head(invoice: Row, parties: Parties) -> list[object]:
    issued = invoice["issued_on"]
    assert isinstance(issued, date)
    number = str(invoice["invoice_no"])
    is_digital = len(number) == 20
    minute = int(number[-2:]) % 60
    return [
        invoice["invoice_code"],
        None if is_digital else number,
        number if is_digital else None,
        parties.supplier_tax_id,
        SUPPLIER,
        invoice["buyer_tax_id"],
        invoice["buyer_name"],
        f"{issued.isoformat()} 10:{minute:02d}:{int(number[-3:]) % 60:02d}",
    ]


def _tail(invoice: Row) -> list[object]:
    is_digital = len(str(invoice["invoice_no"])) == 20
    return [
        "电子发票服务平台" if is_digital else "增值税发票管理系统",
        "数电发票（增值税专用发票）" if is_digital else "增值税专用发票",
        STATUS[str(invoice["status"])],
        "否" if invoice["is_red"] else "是",
        "正常",
        "林文",
        invoice["remark"],
    ]


def _percent(rate: object) -> str:
    assert isinstance(rate, Decimal)
    return f"{(rate * 100).normalize():f}%"
