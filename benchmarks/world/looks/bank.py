"""The bank's list of account movements: GBK text, account name above the header."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from benchmarks.world.looks.canonical import Row
from benchmarks.world.parties import SUPPLIER, SUPPLIER_ACCOUNT

HEADINGS = (
    "账号", "交易时间", "借方发生额（支取）", "贷方发生额（收入）", "余额", "币种", "对方户名",
    "对方账号", "对方开户机构", "记账日期", "摘要", "备注", "账户明细编号-交易流水号",
    "企业流水号", "凭证种类", "凭证号", "交易介质编号",
)  # fmt: skip


def bank_csv(rows: Sequence[Row], first: date, last: date, opening: Decimal) -> bytes:
    """Return the export; rows with a negative amount are money paid out (借方).

    Account numbers end in a tab, which keeps spreadsheet programs from rounding them.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["活期账户明细信息"])
    writer.writerow(["账户名称", SUPPLIER])
    writer.writerow(["起始日期", f"{first:%Y%m%d}", "截止日期", f"{last:%Y%m%d}"])
    writer.writerow([])
    writer.writerow(HEADINGS)
    balance = opening
    for index, row in enumerate(rows):
        amount, day = row["amount"], row["received_on"]
        assert isinstance(amount, Decimal)
        assert isinstance(day, date)
        balance += amount
        writer.writerow(
            [
                f"{SUPPLIER_ACCOUNT}\t", f"{day:%Y%m%d} {9 + index % 8:02d}:{index % 60:02d}:17",
                f"{-amount:,.2f}" if amount < 0 else "", f"{amount:,.2f}" if amount > 0 else "",
                f"{balance:,.2f}", "人民币元", row["payer_name"],
                f"{row['payer_account'] or ''}\t", "第一合作银行营业部", f"{day:%Y%m%d}",
                "手续费" if amount < 0 else "电子汇入", row["memo"] or "",
                row["transaction_no"], "", "", "", "",
            ]
        )  # fmt: skip
    return out.getvalue().encode("gbk")
