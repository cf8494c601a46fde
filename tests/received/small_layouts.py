"""The layout that tests of layouts begin with."""

from __future__ import annotations

BASE = """
label: test
recognise: { headings: [单号, 日期, 金额] }
tables:
  - kind: statements
    columns:
      chain_id: { const: C }
      statement_no: 单号
      line_kind: { const: receipt }
      amount: 金额
"""
HEADER = ["单号", "日期", "金额", "备注"]
DISAGREE = "the figures of this row do not agree."


def changed(**columns: str) -> str:
    """The base layout with other or further columns, as YAML."""
    lines = BASE.rstrip().splitlines()
    kept = [x for x in lines if not any(x.strip().startswith(f"{name}:") for name in columns)]
    return "\n".join([*kept, *(f"      {name}: {spec}" for name, spec in columns.items())])


def column(parsed, name: str):
    assert len(parsed.parts) == 1, parsed.message
    return parsed.parts[0].accepted[name].to_list()


CHECKED = """
label: checked
recognise: { headings: [单号, 数量, 单价, 金额] }
tables:
  - kind: orders
    columns:
      chain_id: { const: C }
      store_code: { const: "1" }
      order_no: 单号
      order_date: { const: "2026-08-01" }
      quantity: 数量
      unit_price: 单价
      amount: 金额
    checks: CHECKS
"""
