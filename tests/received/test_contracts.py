"""The contracts themselves: complete, labelled, and their rules do refuse."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from receivables.contracts import KINDS, Contract, contract, labels
from receivables.sources.acceptance import Draft, accept

# The field lists are fixed: optional fields end in a question mark.
FIELDS = {
    "customers": "customer_id customer_name level head_office_id? chain_id region? channel "
    "tax_id? nature? store_count? area_sqm? registered_capital? manager? manager_email? "
    "opened_on? closed_on?",
    "customer_aliases": "chain_id alias_kind alias customer_id valid_from? valid_to?",
    "settlement_agreements": "agreement_id chain_id region? customer_id? category? pattern "
    "debtor_id? term_kind term_days? batch_lag? pay_days? statement_days? grace_days? "
    "cash_policy? valid_from valid_to?",
    "deduction_agreements": "agreement_id chain_id customer_id? fee_code fee_name basis "
    "rate_or_amount cap? cap_period? kind valid_from valid_to?",
    "credit_approvals": "approval_id customer_id approved_limit term_days? approved_on "
    "valid_to? approver",
    "products": "sku barcode? product_name category? tax_rate unit_cost?",
    "sales_plans": "customer_id month category? planned_amount",
    "expense_budgets": "customer_id month fee_code? budget_amount",
    "incidents": "incident_id customer_id happened_on kind severity note? reported_by?",
    "orders": "chain_id store_code for_store_code? order_no order_date deliver_by? status? "
    "line_no? sku? quantity? unit_price? tax_rate? amount",
    "deliveries": "delivery_no chain_id store_code order_no? delivery_date line_no? sku? "
    "quantity? unit_price? tax_rate? amount",
    "goods_receipts": "chain_id store_code receipt_no receipt_kind order_no? delivery_no? "
    "receipt_date line_no? sku? quantity? unit_price? tax_rate? amount",
    "invoice_applications": "application_no applied_on buyer_name? chain_id store_code? "
    "order_no? delivery_no? delivery_date? receipt_no? amount invoice_no?",
    "invoices": "invoice_no invoice_code? buyer_tax_id? buyer_name? issued_on amount_excl_tax "
    "tax amount status? is_red? red_of_invoice_no? remark?",
    "invoice_lines": "invoice_no line_no description? sku? quantity? unit_price_excl_tax? "
    "tax_rate? amount_excl_tax tax",
    "invoice_handovers": "invoice_no handed_over_on confirmed_on? received_by?",
    "statements": "chain_id statement_no party_code? period_start? period_end? "
    "planned_pay_on? printed_invoiceable? printed_payable? line_no line_kind store_code? order_no? "
    "receipt_no? invoice_no? document_date? fee_code? fee_name? deduction_kind? amount",
    "statement_invoices": "chain_id statement_no line_no invoice_no invoice_code? issued_on? "
    "tax_rate? amount_excl_tax? tax? amount",
    "deduction_notices": "chain_id notice_no line_no notice_kind party_code? store_code? "
    "announced_on? taken_on? fee_code? fee_name? deduction_kind? tax_rate? amount_excl_tax? amount "
    "status? statement_no? red_notice_no? note?",
    "remittance_advices": "advice_no chain_id paid_on? line_no statement_no? invoice_no? "
    "store_code? fee_code? amount",
    "bank_receipts": "account_no transaction_no received_on amount payer_name payer_account? memo?",
    "opening_items": "item_id customer_id store_id? document_no document_on due_on? balance "
    "is_invoiced?",
    "promises": "customer_id promised_on pay_by amount note?",
    "confirmations": "customer_id confirmed_on amount balance_on? signed_by? note?",
    "decisions": "subject_kind subject_id decision target_id? amount? note? decided_by decided_on",
}


def test_the_kinds_are_those_of_the_list():
    assert set(KINDS) == set(FIELDS)


@pytest.mark.parametrize("kind", FIELDS)
def test_fields_in_their_order(kind):
    fields = contract(kind).fields.values()
    assert [f.name + "?" * f.is_optional for f in fields] == FIELDS[kind].split()


@pytest.mark.parametrize("about", KINDS.values(), ids=list(KINDS))
def test_each_heading_names_one_field_and_each_field_says_what_it_means(about: Contract):
    headings = [heading for field in about.fields.values() for heading in field.headings]
    assert len(headings) == len(set(headings))
    assert all(field.description.endswith(".") for field in about.fields.values())
    assert about.description
    assert set(about.key) <= about.fields.keys()
    assert about.money is None or about.fields[about.money].type == "money"
    assert labels(about.kind).keys() == about.fields.keys()


def test_money_is_decimal_with_two_places_and_quantities_with_four():
    for about in KINDS.values():
        for field in about.fields.values():
            if field.type == "money":
                assert field.dtype == pl.Decimal(18, 2)
            if field.type in ("quantity", "rate", "points"):
                assert field.dtype == pl.Decimal(18, 4)


GOOD: dict[str, dict[str, Any]] = {
    "orders": {
        "chain_id": "C", "store_code": "1", "order_no": "P1", "order_date": date(2026, 5, 1),
        "amount": Decimal("1.00"),
    },
    "goods_receipts": {
        "chain_id": "C", "store_code": "1", "receipt_no": "R1", "receipt_kind": "return",
        "receipt_date": date(2026, 5, 1), "quantity": Decimal(-1), "amount": Decimal("-1.00"),
    },
    "invoices": {
        "invoice_no": "26000000000000000001", "buyer_name": "B", "issued_on": date(2026, 5, 1),
        "amount_excl_tax": Decimal("100.00"), "tax": Decimal("13.00"),
        "amount": Decimal("113.00"), "status": "normal", "is_red": False,
    },
    "invoice_lines": {
        "invoice_no": "26000000000000000001", "line_no": 1, "tax_rate": Decimal("0.13"),
        "amount_excl_tax": Decimal("100.00"), "tax": Decimal("13.00"),
    },
    "statements": {
        "chain_id": "C", "statement_no": "S1", "line_no": 1, "line_kind": "return",
        "period_start": date(2026, 5, 1), "period_end": date(2026, 5, 31),
        "amount": Decimal("-1.00"),
    },
    "settlement_agreements": {
        "agreement_id": "A1", "chain_id": "C", "pattern": "head_head", "term_kind": "monthly",
        "term_days": 30, "valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31),
    },
    "deduction_agreements": {
        "agreement_id": "D1", "chain_id": "C", "fee_code": "F", "fee_name": "返利",
        "basis": "fixed_per_month", "rate_or_amount": Decimal(100), "kind": "cash_deducted",
        "valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31),
    },
    "promises": {
        "customer_id": "C1", "promised_on": date(2026, 5, 1), "pay_by": date(2026, 5, 31),
        "amount": Decimal("1.00"),
    },
}  # fmt: skip


def draft(kind: str, **changed: Any) -> Draft:
    about = contract(kind)
    row = {"sheet": None, "row_no": 7, **dict.fromkeys(about.fields), **GOOD[kind], **changed}
    return Draft(about, pl.DataFrame([row], schema=about.polars_schema), {})


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_row_is_accepted(kind):
    part = accept(draft(kind))
    assert (part.accepted.height, part.rejected.height) == (1, 0)


@pytest.mark.parametrize(
    ("kind", "changed", "field", "sentence"),
    [
        ("orders", {"order_no": None}, "order_no", "order_no (订单号) is missing."),
        ("orders", {"status": "lost"}, "status", "'lost' is not one of open (有效), cancelled"),
        ("orders", {"order_date": date(1999, 12, 31)}, "order_date", "lies before 2000-01-01"),
        ("orders", {"deliver_by": date(9999, 1, 1)}, "deliver_by", "lies after 2100-12-31"),
        ("orders", {"amount": Decimal(10) ** 13}, "amount", "lies above 1000000000000"),
        ("orders", {"amount": -(Decimal(10) ** 13)}, "amount", "lies below -1000000000000"),
        ("orders", {"tax_rate": Decimal("1.3")}, "tax_rate", "does not lie between 0 and 1"),
        ("goods_receipts", {"amount": Decimal(5)}, "amount", "return (退货) has a negative amo"),
        ("goods_receipts", {"quantity": Decimal(5)}, "quantity", "has a negative quantity"),
        ("invoices", {"amount": Decimal(114)}, "amount", "is not amount_excl_tax (金额) plus tax"),
        ("invoices", {"is_red": True}, "amount", "A red invoice has a negative amount."),
        ("invoices", {"buyer_name": None}, "buyer_name", "says who the buyer is"),
        ("invoice_lines", {"tax": Decimal("13.07")}, "tax", "is not amount_excl_tax (金额) times"),
        ("statements", {"amount": Decimal(1)}, "amount", "return (退货) has a negative amount"),
        ("statements", {"period_end": date(2026, 4, 1)}, "period_end", "before period_start"),
        ("settlement_agreements", {"term_days": None}, "term_days", "need term_days (账期天数)"),
        ("settlement_agreements", {"valid_to": date(2025, 1, 1)}, "valid_to", "before valid_from"),
        ("settlement_agreements", {"pay_days": "32"}, "pay_days", "is not a list of days"),
        ("settlement_agreements", {"statement_days": "0"}, "statement_days", "not a list of days"),
        ("settlement_agreements", {"term_days": -1}, "term_days", "lies below 0"),
        ("settlement_agreements", {"term_kind": "batch"}, "batch_lag", "needs batch_lag (压批数)"),
        ("promises", {"amount": Decimal(-1)}, "amount", "lies below 0"),
        ("deduction_agreements", {"valid_to": date(2025, 1, 1)}, "valid_to", "before valid_from"),
    ],
)
def test_a_broken_row_is_rejected_with_its_field_and_a_sentence(kind, changed, field, sentence):
    part = accept(draft(kind, **changed))
    assert part.accepted.is_empty()
    rejected = part.rejected.row(0, named=True)
    assert (rejected["row"], rejected["field"]) == (7, field)
    assert sentence in rejected["reason"]
    assert part.rows_in == 1
    assert part.amount_in == rejected["amount"]


@pytest.mark.parametrize("kind", GOOD)
def test_rules_put_together_refuse_what_the_schema_refuses(kind):
    about = contract(kind)
    good = draft(kind).typed
    for name in about.fields:
        broken = good.with_columns(pl.lit(None, about.fields[name].dtype).alias(name))
        assert about.is_kept_by(broken) == about.schema.is_valid(broken)
