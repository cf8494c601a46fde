"""Master data as it stands on the first day, and the one agreement that changes later."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

from benchmarks.world.catalogue import Product
from benchmarks.world.looks.canonical import Row
from benchmarks.world.model import Story, after
from benchmarks.world.parties import (
    CHAINS,
    CONSIGNED_FROM,
    CONSIGNED_STORE,
    FEES,
    SWITCH_ON,
    SWITCHING_CHAIN,
    Customer,
    Parties,
)
from benchmarks.world.settings import WorldSettings

_NATURE = {"YH": "private", "QL": "foreign", "LZ": "state", "XQ": "private", "BS": "listed"}
_MANAGERS = {
    "YH": ("陈立", "chen.li@example.com"),
    "QL": ("周敏", "zhou.min@example.com"),
    "LZ": ("吴桐", "wu.tong@example.com"),
    "XQ": ("郑可", "zheng.ke@example.com"),
    "BS": ("孙渡", "sun.du@example.com"),
}
_NO_APPROVAL = "YH-0011"
_OPENING_DAY = date(2026, 4, 30)


def send_master_data(
    story: Story, settings: WorldSettings, parties: Parties, products: list[Product]
) -> None:
    """Send customers, aliases, agreements, approvals, products, plans and opening items."""
    rng = Random(f"{settings.seed}/master")
    first = settings.first_day
    for customer in parties.customers:
        story.send("customers", (customer.customer_id,), first, [_customer(customer)])
        for row in _aliases(customer):
            key = tuple(str(row[name]) for name in ("chain_id", "alias_kind", "alias"))
            story.send("customer_aliases", (*key, customer.customer_id), first, [row])
    _send_agreements(story, first)
    for product in products:
        story.send("products", (product.sku,), first, [_product(product)])
    _send_approvals(story, parties, first)
    _send_plans(story, settings, parties, rng)
    _send_opening(story, first)
    _send_budgets(story, settings)
    _send_news(story)


def _customer(customer: Customer) -> Row:
    plan = next(p for p in CHAINS if p.chain_id == customer.chain_id)
    is_head = customer.level == "head_office"
    manager, email = _MANAGERS[customer.chain_id]
    is_retail = plan.pattern == "branch_branch" and not is_head
    return {
        "customer_id": customer.customer_id,
        "customer_name": customer.name,
        "level": customer.level,
        "head_office_id": customer.head_office_id,
        "chain_id": customer.chain_id,
        "region": customer.region,
        "channel": "retail" if is_retail else "chain",
        "tax_id": customer.tax_id,
        "nature": _NATURE[customer.chain_id],
        "store_count": len(plan.store_codes) * 4 if is_head else 1,
        "area_sqm": Decimal(
            len(plan.store_codes) * 5200 if is_head else 900 + customer.weight * 60
        ),
        "registered_capital": Decimal(f"{80_000_000 if is_head else 2_000_000}.00"),
        "manager": manager,
        "manager_email": email,
        "opened_on": date(2012, 3, 1) if is_head else date(2016, 9, 1),
        "closed_on": None,
    }


def _aliases(customer: Customer) -> list[Row]:
    kinds = [("store_code", customer.code), ("tax_id", customer.tax_id),
             ("bank_account", customer.account), ("name", customer.name)]  # fmt: skip
    if customer.level == "head_office":
        kinds.append(("name", customer.name.removesuffix("有限公司")))
    return [
        {
            "chain_id": customer.chain_id, "alias_kind": kind, "alias": alias,
            "customer_id": customer.customer_id, "valid_from": None, "valid_to": None,
        }
        for kind, alias in kinds
    ]  # fmt: skip


def _agreement(agreement_id: str, chain_id: str, **fields: object) -> Row:
    plan = next(p for p in CHAINS if p.chain_id == chain_id)
    row: Row = {
        "agreement_id": agreement_id, "chain_id": chain_id, "region": None, "customer_id": None,
        "category": None, "pattern": plan.pattern, "debtor_id": None,
        "term_kind": plan.term_kind, "term_days": plan.term_days, "batch_lag": None,
        "pay_days": plan.pay_days, "grace_days": 7, "cash_policy": "evidence_only",
        "valid_from": date(2025, 1, 1), "valid_to": None,
    }  # fmt: skip
    return row | fields


def _send_agreements(story: Story, first: date) -> None:
    rows = [_agreement(f"JS-{plan.chain_id}-01", plan.chain_id) for plan in CHAINS[:4]]
    # Deliveries to this chain before the agreement begins are covered by none.
    rows.append(_agreement("JS-BS-01", "BS", valid_from=after(first, 15)))
    rows.append(
        _agreement("JS-YH-02", "YH", customer_id="YH-0003", term_kind="receipt", term_days=45,
                   pay_days=None)
    )  # fmt: skip
    rows.append(_agreement("JS-YH-03", "YH", customer_id="YH-0016", debtor_id="YH-0015"))
    rows.append(_agreement("JS-XQ-02", "XQ", region="城西", term_days=30, pay_days="20"))
    for row in rows:
        story.send("settlement_agreements", (str(row["agreement_id"]),), first, [row])
    # The switch is announced some days before it takes effect.
    announced = after(SWITCH_ON, -11)
    old = f"JS-{SWITCHING_CHAIN}-01"
    ended = _agreement(old, SWITCHING_CHAIN, valid_to=after(SWITCH_ON, -1))
    new = _agreement(
        f"JS-{SWITCHING_CHAIN}-02", SWITCHING_CHAIN, pattern="branch_head", valid_from=SWITCH_ON
    )
    if story.send("settlement_agreements", (old,), announced, [ended]):
        story.send("settlement_agreements", (str(new["agreement_id"]),), announced, [new])
        story.plant("pattern_switch", str(new["agreement_id"]))
    _send_later_agreements(story)
    for number, fee in enumerate((f for f in FEES if f.basis), start=1):
        row: Row = {
            "agreement_id": f"FY-{number:03d}", "chain_id": fee.chain_id, "customer_id": None,
            "fee_code": fee.code, "fee_name": fee.name, "basis": fee.basis,
            "rate_or_amount": fee.rate, "cap": fee.cap, "kind": fee.kind,
            "valid_from": date(2025, 1, 1), "valid_to": None,
        }  # fmt: skip
        story.send("deduction_agreements", (str(row["agreement_id"]),), first, [row])


def _send_later_agreements(story: Story) -> None:
    """A store goes on consignment; two agreements come that cannot be followed as they are."""
    later = (
        ("consignment", after(CONSIGNED_FROM, -6), _agreement(
            "JS-XQ-03", "XQ", customer_id=CONSIGNED_STORE, term_kind="consignment",
            valid_from=CONSIGNED_FROM,
        )),
        # Nobody ended the store's earlier agreement, which says another term.
        ("agreement_overlap", date(2026, 7, 28), _agreement(
            "JS-YH-04", "YH", customer_id="YH-0003", valid_from=date(2026, 8, 1),
        )),
        # A store to be opened, of which no customer is known yet.
        ("agreement_of_unknown_store", date(2026, 8, 24), _agreement(
            "JS-XQ-04", "XQ", customer_id="XQ-001346", term_days=45,
            valid_from=date(2026, 9, 1),
        )),
    )  # fmt: skip
    for fault, known_on, row in later:
        number = str(row["agreement_id"])
        if story.send("settlement_agreements", (number,), known_on, [row]):
            story.plant(fault, number)


def _product(product: Product) -> Row:
    return {
        "sku": product.sku,
        "barcode": product.barcode,
        "product_name": product.name,
        "category": product.category,
        "tax_rate": product.tax_rate,
        "unit_cost": product.unit_cost,
    }


def _send_approvals(story: Story, parties: Parties, first: date) -> None:
    limits = {"YH-HO": 4_500_000, "QL-HO": 3_000_000, "LZ-HO": 3_600_000, "XQ-HO": 900_000,
              "BS-HO": 2_400_000}  # fmt: skip
    number = 0
    for customer in parties.customers:
        limit = limits.get(customer.customer_id)
        if customer.chain_id == "YH" and customer.level == "branch":
            limit = 150_000 + customer.weight * 20_000
        if limit is None or customer.customer_id == _NO_APPROVAL:
            continue
        number += 1
        row: Row = {
            "approval_id": f"SX-2025-{number:03d}", "customer_id": customer.customer_id,
            "approved_limit": Decimal(f"{limit}.00"), "term_days": 60,
            "approved_on": date(2025, 12, 1), "valid_to": None, "approver": "林文",
        }  # fmt: skip
        story.send("credit_approvals", (str(row["approval_id"]),), first, [row])


def _send_plans(story: Story, settings: WorldSettings, parties: Parties, rng: Random) -> None:
    months = sorted({f"{day:%Y-%m}" for day in settings.days})
    monthly_orders = settings.orders / max(1, len(months))
    for plan in CHAINS:
        stores = parties.ship_to(plan.chain_id)
        weights = sum(store.weight for store in stores)
        for store in stores:
            share = plan.share / 100 * store.weight / weights
            size = 6_000 if store.level == "branch" else 56_000
            pace = rng.choice((80, 90, 100, 105, 150))
            amount = int(monthly_orders * share * size * pace / 100) // 1000 * 1000
            for month in months:
                row: Row = {
                    "customer_id": store.customer_id, "month": month, "category": None,
                    "planned_amount": Decimal(f"{amount}.00"),
                }  # fmt: skip
                story.send("sales_plans", (store.customer_id, month, ""), settings.first_day, [row])


def _send_opening(story: Story, first: date) -> None:
    items = (
        ("QC-001", "YH-0002", None, "26990000000000000811", 75, 20, "18640.50", True),
        ("QC-002", "QL-Q103", None, "26990000000000000812", 130, 70, "7215.00", True),
        ("QC-003", "LZ-HO", "LZ-5022", "26990000000000000813", 210, 160, "42100.80", True),
        ("QC-004", "LZ-HO", "LZ-5036", "YS26042600917", 4, None, "9650.00", False),
        ("QC-005", "XQ-HO", "XQ-001203", "26990000000000000815", 400, 370, "-1280.00", True),
    )  # fmt: skip
    for item_id, customer_id, store_id, number, age, overdue, balance, is_invoiced in items:
        row: Row = {
            "item_id": item_id, "customer_id": customer_id, "store_id": store_id,
            "document_no": number, "document_on": after(_OPENING_DAY, -age),
            "due_on": None if overdue is None else after(_OPENING_DAY, -overdue),
            "balance": Decimal(balance), "is_invoiced": is_invoiced,
        }  # fmt: skip
        story.send("opening_items", (item_id,), first, [row])


def _send_budgets(story: Story, settings: WorldSettings) -> None:
    """What each head office's fees may cost a month; some keep within it, some do not."""
    budgets = (("BS-HO", None, 40_000), ("LZ-HO", None, 30_000), ("XQ-HO", "2101", 2_600))
    for month in sorted({f"{day:%Y-%m}" for day in settings.days}):
        for customer_id, fee_code, amount in budgets:
            row: Row = {
                "customer_id": customer_id, "month": month, "fee_code": fee_code,
                "budget_amount": Decimal(f"{amount}.00"),
            }  # fmt: skip
            key = (customer_id, month, fee_code or "")
            story.send("expense_budgets", key, settings.first_day, [row])


def _send_news(story: Story) -> None:
    """What account managers hear: incidents, one of them over later, and promises to pay."""
    incidents = (
        ("SJ-001", "YH-0015", date(2026, 6, 8), "店铺失火", "high", "后仓受损，停业整顿", "李敏"),
        ("SJ-001", "YH-0015", date(2026, 7, 3), "店铺失火", "resolved", "恢复营业", "李敏"),
        ("SJ-002", "QL-Q103", date(2026, 8, 12), "涉诉", "medium", "被供应商起诉", "周强"),
    )
    for incident_id, customer_id, on, kind, severity, note, reporter in incidents:
        row: Row = {
            "incident_id": incident_id, "customer_id": customer_id,
            "happened_on": date(2026, 6, 8) if incident_id == "SJ-001" else on, "kind": kind,
            "severity": severity, "note": note, "reported_by": reporter,
        }  # fmt: skip
        story.send("incidents", (incident_id,), on, [row])
    promises = (
        ("QL-Q103", date(2026, 7, 6), date(2026, 7, 20), "7215.00", "电话承诺，月内付清期初欠款"),
        ("LZ-HO", date(2026, 7, 20), date(2026, 8, 10), "40000.00", "对账后付款"),
    )
    for customer_id, promised_on, pay_by, amount, note in promises:
        row = {
            "customer_id": customer_id, "promised_on": promised_on, "pay_by": pay_by,
            "amount": Decimal(amount), "note": note,
        }  # fmt: skip
        key = (customer_id, f"{promised_on}", f"{pay_by}")
        story.send("promises", key, promised_on, [row])
