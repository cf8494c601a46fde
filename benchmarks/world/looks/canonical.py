"""Canonical CSV: file name starts with the kind, headings are the field names."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

Row = dict[str, object]

FIELDS: dict[str, tuple[str, ...]] = {
    "customers": (
        "customer_id", "customer_name", "level", "head_office_id", "chain_id", "region",
        "channel", "tax_id", "nature", "store_count", "area_sqm", "registered_capital",
        "manager", "manager_email", "opened_on", "closed_on",
    ),
    "customer_aliases": (
        "chain_id", "alias_kind", "alias", "customer_id", "valid_from", "valid_to",
    ),
    "settlement_agreements": (
        "agreement_id", "chain_id", "region", "customer_id", "category", "pattern", "debtor_id",
        "term_kind", "term_days", "batch_lag", "pay_days", "grace_days", "cash_policy",
        "valid_from", "valid_to",
    ),
    "deduction_agreements": (
        "agreement_id", "chain_id", "customer_id", "fee_code", "fee_name", "basis",
        "rate_or_amount", "cap", "kind", "valid_from", "valid_to",
    ),
    "credit_approvals": (
        "approval_id", "customer_id", "approved_limit", "term_days", "approved_on", "valid_to",
        "approver",
    ),
    "products": ("sku", "barcode", "product_name", "category", "tax_rate", "unit_cost"),
    "sales_plans": ("customer_id", "month", "category", "planned_amount"),
    "expense_budgets": ("customer_id", "month", "fee_code", "budget_amount"),
    "incidents": (
        "incident_id", "customer_id", "happened_on", "kind", "severity", "note", "reported_by",
    ),
    "promises": ("customer_id", "promised_on", "pay_by", "amount", "note"),
    "orders": (
        "chain_id", "store_code", "order_no", "order_date", "deliver_by", "status", "line_no",
        "sku", "quantity", "unit_price", "tax_rate", "amount",
    ),
    "goods_receipts": (
        "chain_id", "store_code", "receipt_no", "receipt_kind", "order_no", "delivery_no",
        "receipt_date", "line_no", "sku", "quantity", "unit_price", "tax_rate", "amount",
    ),
    "invoice_applications": (
        "application_no", "applied_on", "buyer_name", "chain_id", "store_code", "order_no",
        "delivery_no", "delivery_date", "receipt_no", "amount", "invoice_no",
    ),
    "invoice_handovers": ("invoice_no", "handed_over_on", "confirmed_on", "received_by"),
    "statements": (
        "chain_id", "statement_no", "party_code", "period_start", "period_end",
        "planned_pay_on", "line_no", "line_kind", "store_code", "order_no", "receipt_no",
        "invoice_no", "document_date", "fee_code", "fee_name", "deduction_kind", "amount",
    ),
    "remittance_advices": (
        "advice_no", "chain_id", "paid_on", "line_no", "statement_no", "invoice_no",
        "store_code", "fee_code", "amount",
    ),
    "decisions": (
        "subject_kind", "subject_id", "decision", "target_id", "amount", "note", "decided_by",
        "decided_on",
    ),
    "opening_items": (
        "item_id", "customer_id", "store_id", "document_no", "document_on", "due_on",
        "balance", "is_invoiced",
    ),
}  # fmt: skip

_PLAIN = {"quantity", "area_sqm"}


def text(value: object) -> str:
    """Write a value the way the canonical files do; nothing is the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        # Four decimals are written only where they say something; cents always.
        exact = value.normalize()
        exponent = exact.as_tuple().exponent
        return f"{exact:f}" if isinstance(exponent, int) and exponent < -2 else f"{value:.2f}"
    return str(value)


def csv_bytes(kind: str, rows: Sequence[Row]) -> bytes:
    """Return the canonical CSV file of these rows (UTF-8, LF, one heading row)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    fields = FIELDS[kind]
    writer.writerow(fields)
    writer.writerows(
        [
            text(row.get(name)).removesuffix(".00") if name in _PLAIN else text(row.get(name))
            for name in fields
        ]
        for row in rows
    )
    return out.getvalue().encode()
