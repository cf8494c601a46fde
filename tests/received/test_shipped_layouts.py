"""Each shipped layout on a small made-up file with the traps of the real one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from receivables.sources import read_file


def headings(text: str) -> list[str]:
    return text.split("|")


LINE_HEAD = headings(
    "序号|发票代码|发票号码|数电发票号码|销方识别号|销方名称|购方识别号|购买方名称|开票日期|"
    "税收分类编码|特定业务类型|货物或应税劳务名称|规格型号|单位|数量|单价|金额|税率|税额|价税合计|"
    "发票来源|发票票种|发票状态|是否正数发票|发票风险等级|开票人|备注"
)
INVOICE_HEAD = headings(
    "序号|发票代码|发票号码|数电发票号码|销方识别号|销方名称|购方识别号|购买方名称|开票日期|金额|"
    "税额|价税合计|发票来源|发票票种|发票状态|是否正数发票|发票风险等级|开票人|备注"
)


def row(head: list[str], **cells: object) -> list[object]:
    return [cells.get(name) for name in head]


def money(*amounts: str) -> list[Decimal]:
    return [Decimal(amount) for amount in amounts]


BLUE, RED, PARTIAL = "26327000000742719331", "26327000000742719332", "26327000000742719333"


@pytest.mark.parametrize("heading", ["数电发票号码", "全电发票号码"])
@pytest.mark.parametrize("suffix", ["", "1"])
def test_etax_export(workbook, shipped, heading, suffix):
    head = [heading if name == "数电发票号码" else name for name in INVOICE_HEAD]
    line_head = [heading if name == "数电发票号码" else name for name in LINE_HEAD]
    common = {"购方识别号": "91X", "购买方名称": "甲公司", "开票日期": "2026-07-10 11:33:22"}

    def invoice(number: str, excl: float, **more: object) -> list[object]:
        cells = {
            heading: number, **common, "金额": excl, "税额": round(excl * 0.13, 2),
            "价税合计": round(excl * 1.13, 2), "发票状态": "正常", "是否正数发票": "是", **more,
        }  # fmt: skip
        return row(head, **cells)

    def line(number: str, excl: float, rate: str = "13%") -> list[object]:
        cells = {
            heading: number, **common, "货物或应税劳务名称": "*乳制品*牛奶", "规格型号": "00012",
            "数量": excl / 25, "单价": 25.00000000001, "金额": excl, "税率": rate,
            "税额": round(excl * 0.13, 2),
        }  # fmt: skip
        return row(line_head, **cells)

    paper = row(
        head, **common, 发票代码="3100211130", 发票号码="04512877", 金额="2,500.00", 税额="325.00",
        价税合计="2,825.00", 发票状态="已作废", 是否正数发票="是",
    )  # fmt: skip
    path = workbook(
        "全量发票查询导出结果.xlsx",
        {
            f"信息汇总表{suffix}": [
                line_head, line(BLUE, 2500), line(BLUE, -100), line(RED, -2500),
            ],
            "建筑服务": [["序号", "发票号码"], [1, "x"]],
            f"发票基础信息{suffix}": [
                head,
                invoice(BLUE, 2500, 发票状态="已红冲-全额", 备注="ZPCG20260101001"),
                invoice(
                    RED, -2500, 是否正数发票="否",
                    备注=f"被红冲蓝字数电发票号码：{BLUE} 红字发票信息确认单编号：3101",
                ),
                invoice(PARTIAL, -10, 是否正数发票="否", 备注=f"对应正数发票号码:{BLUE}"),
                paper,
            ],
        },
    )  # fmt: skip
    parsed = read_file(path, shipped)
    assert (parsed.layout, parsed.message) == ("etax_export", None)
    invoices, lines = (part.accepted for part in parsed.parts)
    assert invoices["invoice_no"].to_list() == [BLUE, RED, PARTIAL, "04512877"]
    assert invoices["status"].to_list() == ["red_full", "normal", "normal", "void"]
    assert invoices["is_red"].to_list() == [False, True, True, False]
    assert invoices["red_of_invoice_no"].to_list() == [None, BLUE, BLUE, None]
    assert invoices["amount"].to_list() == money("2825", "-2825", "-11.30", "2825")
    assert invoices["issued_on"].unique().to_list() == [date(2026, 7, 10)]
    assert lines["invoice_no"].to_list() == [BLUE, BLUE, RED]
    assert lines["line_no"].to_list() == [1, 2, 1]
    assert lines["tax_rate"].unique().to_list() == money("0.13")
    assert lines["unit_price_excl_tax"].unique().to_list() == money("25")
    assert lines["sku"].unique().to_list() == ["00012"]


def test_k3_deliveries(workbook, shipped):
    head = headings(
        "日期|单据编号|购货单位|部门|业务员|摘要|交货地点|红蓝字标记|商品编码|商品名称|单位|批号|"
        "销售单价|销售数量|销售金额|折扣额|发货仓库"
    )

    def note(**cells: object) -> list[object]:
        common = {"日期": date(2026, 5, 4), "单据编号": "XSCK1", "购货单位": "云禾连锁有限公司"}
        return row(head, **common, **cells)

    path = workbook(
        "K3.xlsx",
        {
            "序时簿": [
                ["销售出库单序时簿"],
                ["账套：某公司　日期：2026-05-04 至 2026-05-04"],
                head,
                note(摘要="订单号:YH1", 交货地点="0001(青石路店)", 商品编码="00001", 销售单价=97,
                     销售数量=10, 销售金额=970.0000000001),
                note(摘要="补送货", 交货地点="0002（望江店）", 商品编码="00002", 销售单价=62.1,
                     销售数量=-2, 销售金额=-124.2),
                row(head, 日期=date(2026, 5, 4), 单据编号="XSCK2", 购货单位="无名商店",
                    交货地点="9", 销售金额=5),
                ["合计", *[None] * 12, 8, 850.8],
            ]
        },
    )  # fmt: skip
    parsed = read_file(path, shipped)
    part = parsed.parts[0]
    assert (parsed.layout, part.rows_in) == ("k3_deliveries", 3)
    assert part.accepted["order_no"].to_list() == ["YH1", None]
    assert part.accepted["store_code"].to_list() == ["0001", "0002"]
    assert part.accepted["amount"].to_list() == money("970", "-124.20")
    assert part.accepted["row_no"].to_list() == [4, 5]
    assert part.rejected["value"].to_list() == ["无名商店"]


def test_receipt_detail(workbook, shipped):
    head = headings(
        "单据号|单据类型|订货单号|审核日期|门店|商品条码|商品编码|商品名称|件数|验收数量|订货数量|"
        "赠品数量|进价|进项税率|进价小计"
    )
    goods = {"商品编码": "00008", "进价": 96.8, "进项税率": "13%"}
    path = workbook(
        "验收.xlsx",
        {
            "验收单明细": [
                ["澜舟大卖场供应商验收单明细"],
                ["供应商：G1", *[None] * 9, "打印日期：2026/05/05"],
                head,
                row(head, 单据号="YS1", 单据类型="验收单", 订货单号="4500012345",
                    审核日期="2026/05/05", 门店="5015(青石路店)", 验收数量=10, 进价小计="968.00",
                    **goods),
                row(head, 验收数量=11, 进价小计="1,819.40", **goods),
                ["小计", *[None] * 13, "2,787.40"],
                row(head, 单据号="TH1", 单据类型="退货单", 审核日期="2026/05/06",
                    门店="5022(望江店)", 验收数量=-1, 进价小计="-96.80", **goods),
                row(head, 验收数量=-2, 进价小计="-193.60", **goods),
                ["小计", *[None] * 13, "-290.40"],
                ["合计", *[None] * 13, "2,497.00"],
            ]
        },
    )  # fmt: skip
    parsed = read_file(path, shipped)
    part = parsed.parts[0]
    assert (parsed.layout, part.rows_in) == ("receipt_detail", 4)
    accepted = part.accepted
    assert accepted["chain_id"].unique().to_list() == ["LZ"]
    assert accepted["receipt_no"].to_list() == ["YS1", "YS1", "TH1", "TH1"]
    # The return names no order; the order of the paper above it is not its own.
    assert accepted["order_no"].to_list() == ["4500012345", "4500012345", None, None]
    assert accepted["receipt_kind"].to_list() == ["receipt", "receipt", "return", "return"]
    assert accepted["store_code"].to_list() == ["5015", "5015", "5022", "5022"]
    assert part.amount_in == Decimal("2497.00")


def test_portal_statement(workbook, shipped):
    summary = headings(
        "单据编码|单据状态|区域|结算主体|供应商编码|供应商名称|费用金额|应付金额|计划付款日|"
        "开票申请状态|开票申请时间|付款次数"
    )
    detail = headings("区域|单据类型|单据编码|业务发生日期|门店|结算方式|金额|物流模式|备注")
    fees = headings("扣项单号|所属区域|门店|扣项名称|金额|备注")
    path = workbook(
        "结算单.xlsx",
        {
            "结算单": [
                ["供应商结算单"],
                ["结算周期：2026-05-01 至 2026-05-15"],
                summary,
                row(summary, 单据编码="JS1", 结算主体="8000(澜舟商业有限公司)",
                    计划付款日=date(2026, 7, 15)),
            ],
            "结算单明细": [
                detail,
                row(detail, 区域="华东", 单据类型="2301 验收单", 单据编码="YS1",
                    业务发生日期=date(2026, 5, 5), 门店="5015(青石路店)", 金额="11,300.50"),
                row(detail, 单据类型="2323 退货单", 单据编码="TH1",
                    业务发生日期=date(2026, 5, 6), 金额="-130.50", 备注="4500012345"),
                row(detail, 单据类型="小计", 金额="11,170.00"),
                row(detail, 单据类型="5210 结算调整单", 单据编码="TZ1",
                    业务发生日期=date(2026, 5, 15), 门店="8000(澜舟)", 金额="-20.00"),
                row(detail, 区域="合计", 金额="11,150.00"),
            ],
            "扣项一": [["扣项一（票扣明细）"], fees, row(fees, 扣项单号="合计", 金额="0.00")],
            "扣项二": [
                ["扣项二（非票扣明细）"],
                fees,
                row(fees, 扣项单号="K1", 门店="5015(青石路店)", 扣项名称="1003 端架 陈列费",
                    金额="1,500.00"),
                row(fees, 扣项单号="K2", 扣项名称="1015 促销员服务费", 金额="600", 备注="交现"),
                row(fees, 扣项单号="合计", 金额="2,100.00"),
            ],
            "发票明细": [["序号", "发票号码"], [1, BLUE]],
        },
    )  # fmt: skip
    parsed = read_file(path, shipped)
    assert (parsed.layout, parsed.message) == ("portal_statement", None)
    lines = parsed.parts[0].accepted
    assert lines["line_no"].to_list() == [1, 2, 3, 4, 5]
    assert lines["line_kind"].to_list() == ["receipt", "return", "adjustment"] + ["deduction"] * 2
    assert lines["amount"].to_list() == money("11300.50", "-130.50", "-20", "-1500", "-600")
    assert lines["store_code"].to_list() == ["5015", "5015", "8000", "5015", None]
    assert lines["fee_code"].to_list()[3:] == ["1003", "1015"]
    assert lines["fee_name"].to_list()[3:] == ["端架 陈列费", "促销员服务费"]
    assert lines["deduction_kind"].to_list()[3:] == ["cash_deducted", "paid_separately"]
    assert lines["order_no"].to_list()[:2] == [None, "4500012345"]
    header = lines.select(
        "chain_id", "statement_no", "party_code", "period_start", "period_end", "planned_pay_on"
    )
    assert header.unique().rows() == [
        ("LZ", "JS1", "8000", date(2026, 5, 1), date(2026, 5, 15), date(2026, 7, 15))
    ]


@pytest.mark.parametrize("more", [0, 100], ids=["short", "long"])
def test_settlement_notice(workbook, shipped, more):
    goods = headings(
        "行号|税率|门店|单据号|发生日期|单据类型|进货含税金额|进货不含税金额|含税调整|不含税调整|"
        "供应商折扣|结算含税金额|结算不含税金额"
    )
    fees = headings(
        "行号|发生日期|收取机构|费用课别|费用代码|费用名称|费用类型|金额|费用单据|费用流水号|备注"
    )
    fee = {"发生日期": "2026/05/15", "费用代码": "2101", "费用名称": "配送服务费"}
    path = workbook(
        "通知单.xlsx",
        {
            "结算通知单": [
                ["经销供应商结算通知单"],
                ["星渠便利有限公司"],
                ["结算单号：", "XQ-1", None, "结算机构：", "900000(星渠便利有限公司)"],
                ["上次结算日期：", "2026/04/30", None, "本期起始日期：", "2026/05/01", None,
                 "本次结算日期：", "2026/05/15"],
                ["上次余额：", "-", None, "实结余额：", "11,580.50", None, "计划付款日：",
                 "2026/07/15"],
                [],
                ["附表一（单据）"],
                goods,
                row(goods, 行号="1", 门店="001203(青石路站)", 单据号="YS1", 发生日期="2026/05/05",
                    单据类型="验收单", 结算含税金额="11,300.50"),
                row(goods, 行号="2", 单据号="TH1", 发生日期="2026/05/06", 单据类型="退货单",
                    结算含税金额="-130.50"),
                *[row(goods, 单据号=f"YS{n}", 发生日期="2026/05/06", 单据类型="验收单",
                      结算含税金额="1.00") for n in range(more)],
                row(goods, 门店="小计", 结算含税金额="11,170.00"),
                ["合计", *[None] * 10, "11,170.00"],
                [],
                ["附表二（费用）"],
                fees,
                row(fees, 行号="1", 收取机构="总部", 费用类型="账扣", 金额="300.00", **fee),
                row(fees, 行号="2", 收取机构="001203(青石路站)", 费用类型="票扣", 金额="1,500.00",
                    **fee),
                ["合计", *[None] * 6, "1,800.00"],
                [],
                ["注：请于三个工作日内核对。"],
            ]
        },
    )  # fmt: skip
    parsed = read_file(path, shipped)
    assert (parsed.layout, parsed.message) == ("settlement_notice", None)
    lines = parsed.parts[0].accepted
    assert lines["line_no"].to_list() == list(range(1, 5 + more))
    lines = lines.filter(pl.col("amount") != 1)
    assert lines["amount"].to_list() == money("11300.50", "-130.50", "-300", "-1500")
    assert lines["store_code"].to_list() == ["001203", "001203", None, "001203"]
    assert lines["deduction_kind"].to_list()[2:] == ["cash_deducted", "invoice_deducted"]
    header = lines.select("chain_id", "statement_no", "party_code", "period_end", "planned_pay_on")
    assert header.unique().rows() == [
        ("XQ", "XQ-1", "900000", date(2026, 5, 15), date(2026, 7, 15))
    ]


def test_bank_movements(tmp_path, shipped):
    path = tmp_path / "银行.csv"
    path.write_bytes(
        (
            "活期账户明细信息\r\n账户名称,某公司\r\n起始日期,20260520,截止日期,20260520\r\n\r\n"
            "账号,交易时间,借方发生额（支取）,贷方发生额（收入）,余额,币种,对方户名,对方账号,"
            "对方开户机构,记账日期,摘要,备注,账户明细编号-交易流水号,企业流水号,凭证种类,凭证号,"
            "交易介质编号\r\n"
            '3205016188\t,20260520 09:00:17,,"128,400.00","628,400.00",人民币元,甲公司,620019\t'
            ",某行,20260520,电子汇入,货款 FK1,10010001-000001,,,,\r\n"
            "3205016188\t,20260520 10:01:17,15.50,,5,人民币元,某行,\t,某行,20260520,手续费,,"
            "10010001-000002,,,,\r\n"
            "3205016188\t,20260520 10:01:17,0.00,7.00,5,人民币元,乙,\t,某行,20260521,汇入,,"
            "10010001-000003,,,,\r\n"
        ).encode("gbk")
    )
    parsed = read_file(path, shipped)
    part = parsed.parts[0]
    assert (parsed.layout, part.rows_in) == ("bank_movements", 2)
    assert part.accepted.drop("sheet").rows() == [
        (6, "3205016188", "10010001-000001", date(2026, 5, 20), Decimal("128400.00"), "甲公司",
         "620019", "货款 FK1"),
        (8, "3205016188", "10010001-000003", date(2026, 5, 21), Decimal("7.00"), "乙", None, None),
    ]  # fmt: skip
