"""Classes, scores, tiers, limits and actions worked out in plain Python on random worlds."""

import os
import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.support import POLICY, World

SEED = int(os.environ.get("SIDAN_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
T = date(2026, 8, 15)
CREDIT, CLASSES = POLICY.credit, POLICY.classes
CUSTOMERS = ["HO", "S1", "S2", "W1", "R1", "R2"]
GROUPS = {"S1": "HO", "S2": "HO"}


def rounded(value, places):
    """A fraction rounded half away from zero."""
    scale = 10**places
    cents = Fraction(value) * scale
    whole = int(abs(cents) + Fraction(1, 2))
    return Decimal(whole if cents >= 0 else -whole) / scale


def days_ago(chance, least, most):
    return T - timedelta(days=chance.randint(least, most))


def random_world(chance):
    """Rows of the tables that ratings are made of."""
    cents = lambda least, most: Decimal(chance.randint(least * 100, most * 100)) / 100  # noqa: E731
    accounts, sales, items, payments, approvals, terms = [], [], [], [], [], []
    on_the_way, unapplied, promises, money, fees, statements = [], [], [], [], [], []
    for customer in CUSTOMERS:
        accounts.append({
            "as_of": T, "customer_id": customer, "chain_id": "YH",
            "level": "head_office" if customer == "HO" else "branch",
            "channel": "retail" if customer[0] == "R" else "chain",
            "group_id": GROUPS.get(customer, customer), "is_rated": True,
            "is_debtor": customer != "S2", "first_sale_known_on": date(2025, 1, 1),
            "nature": chance.choice([None, *(named.name for named in CREDIT.nature)]),
            "store_count": chance.choice([None, 0, 9, 10, 29, 30, 100]),
            "area_sqm": chance.choice([None, 4999, 5000, 20000, 100000]),
            "registered_capital": chance.choice([None, 999_999, 10**6, 10**7, 10**8]),
        })  # fmt: skip
        size = chance.choice([5_000, 50_000, 600_000])
        for _ in range(8):
            amount = cents(-size // 20, size)
            sales.append({
                "known_on": days_ago(chance, 0, 120), "chain_id": "YH", "store_id": customer,
                "sold_on": days_ago(chance, 0, 140), "amount": amount, "costed_amount": amount,
                "costed_amount_excl_tax": amount,
                "cost": amount * chance.choice([90, 97, 99]) / 100,
            })  # fmt: skip
        for number in range(chance.randint(0, 5)):
            items.append({
                "as_of": T, "item_id": f"{customer} {number}", "debtor_id": customer,
                "due_on": chance.choice([None, *[days_ago(chance, -30, 220)] * 3]),
                "balance": cents(-500, 20_000), "is_invoiced": chance.random() < 0.7,
            })  # fmt: skip
        for _ in range(chance.randint(0, 6)):
            paid_on = days_ago(chance, 1, 400)
            payments.append({
                "known_on": min(T, paid_on + timedelta(days=chance.randint(0, 9))),
                "chain_id": "YH", "debtor_id": customer, "paid_on": paid_on,
                "due_on": chance.choice([None, paid_on + timedelta(days=chance.randint(-60, 20))]),
                "amount": cents(1, 50_000),
            })  # fmt: skip
        if chance.random() < 0.7:
            approvals.append({
                "known_on": days_ago(chance, 1, 90), "approval_id": f"CA {customer}",
                "customer_id": customer, "approved_limit": cents(1_000, 900_000),
                "approved_on": days_ago(chance, 1, 300),
                "valid_to": chance.choice([None, T, T - timedelta(days=1)]),
                "term_days": chance.choice([None, 20]),
            })  # fmt: skip
        if chance.random() < 0.7:
            terms.append({"as_of": T, "customer_id": customer, "stores": 1,
                          "term_days": chance.choice([30, 45, 60]),
                          "grace_days": chance.choice([None, 0, 10])})  # fmt: skip
        on_the_way.append({"known_on": days_ago(chance, 0, 50), "chain_id": "YH",
                           "order_no": f"O{customer}", "debtor_id": customer,
                           "delivered_unreceived": cents(0, 9_000), "open_orders": 7})  # fmt: skip
        if chance.random() < 0.5:
            unapplied.append({"as_of": T, "debtor_id": customer, "amount": cents(1, 900)})
        for number in range(chance.randint(0, 3)):
            promised_on = days_ago(chance, 10, 420)
            pay_by = promised_on + timedelta(days=9)
            amount = cents(10, 100)
            promises.append({"known_on": promised_on, "customer_id": customer, "amount": amount,
                             "promised_on": promised_on, "pay_by": pay_by})  # fmt: skip
            came_on = pay_by + timedelta(days=chance.choice([-2, 0, 1]))
            money.append({"known_on": came_on, "payer_id": customer, "received_on": came_on,
                          "account_no": "A", "transaction_no": f"T{customer}{number}",
                          "amount": amount - chance.choice([0, 0, Decimal("0.01")])})  # fmt: skip
        if chance.random() < 0.4:
            stated_on = days_ago(chance, 1, 400)
            statements.append({"known_on": stated_on, "chain_id": "YH",
                               "statement_no": f"ST {customer}"})  # fmt: skip
            fees.append({"known_on": stated_on, "came_on": stated_on, "chain_id": "YH",
                         "debtor_id": customer, "deduction_id": f"ST {customer}#1",
                         "statement_no": f"ST {customer}", "stated_on": stated_on,
                         "deduction_kind": chance.choice(["cash_deducted", "paid_separately"]),
                         "disputed_amount": cents(0, 2_000)})  # fmt: skip
    return {
        "rated.accounts": accounts, "rated.sales": sales, "settled.open_items": items,
        "rated.payments": payments, "staged.credit_approvals": approvals,
        "rated.debtor_terms": terms, "rated.exposure_entries": on_the_way,
        "settled.unapplied_cash": unapplied, "staged.promises": promises,
        "settled.payers": money, "settled.deductions": fees, "staged.statements": statements,
    }  # fmt: skip


class Book:
    """The rules of classes and tiers, customer by customer, over the rows of a world."""

    def __init__(self, tables):
        self.tables = tables
        self.accounts = {row["customer_id"]: row for row in tables["rated.accounts"]}

    def of(self, table, customers, key):
        return [row for row in self.tables[table] if row[key] in customers]

    def members(self, customer):
        """The customer, and for a head office its group."""
        return {customer} | {one for one, head in GROUPS.items() if head == customer}

    def sales(self, customer):
        first = date(T.year, T.month - CLASSES.months, 1)
        return [
            row
            for row in self.of("rated.sales", self.members(customer), "store_id")
            if first <= row["sold_on"] < T.replace(day=1) and row["known_on"] <= T
        ]

    def sold(self, customer):
        return sum((row["amount"] for row in self.sales(customer)), Decimal(0))

    def customer_class(self, customer):
        is_retail = self.accounts[customer]["channel"] == "retail"
        bands = CLASSES.retail if is_retail else CLASSES.chain
        total = self.sold(customer)
        monthly = Fraction(total) / CLASSES.months / 10_000
        place = next(
            n for n, band in enumerate(bands) if monthly >= band.at_least or band.at_least == 0
        )
        band = bands[place]
        profit = total - sum((row["cost"] for row in self.sales(customer)), Decimal(0))
        exceeds = total > 0 and band.quota is not None and profit * 100 > band.quota * total
        return bands[place - 1].name if exceeds else band.name

    def grace(self, customer):
        found = self.of("rated.debtor_terms", {customer}, "customer_id")
        own = found[0]["grace_days"] if found else None
        return CREDIT.grace_days if own is None else own

    def late(self, customer, beyond):
        return sum(
            (
                row["balance"]
                for row in self.of("settled.open_items", {customer}, "debtor_id")
                if row["due_on"] and (T - row["due_on"]).days > beyond
            ),
            Decimal(0),
        )

    def exposure(self, customer):
        total = lambda table, key, amount: sum(  # noqa: E731
            (row[amount] for row in self.of(table, {customer}, key)), Decimal(0)
        )
        return (
            total("settled.open_items", "debtor_id", "balance")
            + total("rated.exposure_entries", "debtor_id", "delivered_unreceived")
            - total("settled.unapplied_cash", "debtor_id", "amount")
        )

    def record(self, customer):
        """Share paid on time, weighted days late, share disputed, promises due and broken."""
        owner = customer if self.accounts[customer]["is_debtor"] else GROUPS[customer]
        members = self.members(owner)
        since = date(T.year - 1, T.month, T.day)
        paid = [
            row
            for row in self.of("rated.payments", members, "debtor_id")
            if row["paid_on"] > since and row["known_on"] <= T
        ]
        days = [
            (row["amount"], max((row["paid_on"] - row["due_on"]).days, 0) if row["due_on"] else 0)
            for row in paid
        ]
        total = sum((amount for amount, _ in days), Decimal(0))
        on_time = sum((amount for amount, late in days if late == 0), Decimal(0))
        amount_days = sum((amount * late for amount, late in days), Decimal(0))
        overdue = Decimal(0)
        for member in members:
            late = [
                (row["balance"], (T - row["due_on"]).days)
                for row in self.of("settled.open_items", {member}, "debtor_id")
                if row["due_on"] and row["due_on"] < T
            ]
            owed = sum((amount for amount, _ in late), Decimal(0))
            if owed > 0:
                overdue += owed
                amount_days += max(sum((a * days for a, days in late), Decimal(0)), Decimal(0))
        disputed = sum(
            (
                row["disputed_amount"]
                for row in self.of("settled.deductions", members, "debtor_id")
                if row["deduction_kind"] != "paid_separately" and row["stated_on"] > since
            ),
            Decimal(0),
        )
        due = [
            row
            for row in self.of("staged.promises", members, "customer_id")
            if since < row["pay_by"] < T
        ]
        broken = [row for row in due if self.came(row) < row["amount"]]
        base = total + overdue
        return (
            rounded(Fraction(on_time) / Fraction(base), 4) if base > 0 else None,
            rounded(min(Fraction(amount_days) / Fraction(base), 9999), 2) if base > 0 else None,
            rounded(min(Fraction(disputed) / Fraction(total), 9999), 4)
            if total > 0
            else (Decimal(9999) if disputed > 0 else None),
            len(due),
            len(broken),
        )

    def came(self, promise):
        return sum(
            (
                row["amount"]
                for row in self.of("settled.payers", {promise["customer_id"]}, "payer_id")
                if promise["promised_on"] <= row["received_on"] <= promise["pay_by"]
                and row["known_on"] <= T
            ),
            Decimal(0),
        )

    def points(self, customer):
        account = self.accounts[customer]
        scale = sum(
            next(
                (
                    edge.share
                    for edge in getattr(CREDIT.scale, edges)
                    if account[field] is not None and account[field] >= edge.at_least
                ),
                Decimal(0),
            )
            for edges, field in (
                ("stores", "store_count"), ("area_sqm", "area_sqm"),
                ("registered_capital", "registered_capital"),
            )
        )  # fmt: skip
        named = lambda shares, name: next(  # noqa: E731
            (one.share for one in shares if one.name == name), Decimal(0)
        )
        on_time, late, disputed, due, broken = self.record(customer)
        rule = CREDIT.record
        if on_time is None and disputed is None and due == 0:
            share = rule.without_history
        else:
            left = lambda used, worst: rounded(  # noqa: E731
                max(1 - Fraction(used or 0) / Fraction(worst), 0), 4
            )
            share = (
                rule.on_time_weight * (rule.without_history if on_time is None else on_time)
                + rule.days_late_weight * left(late, rule.days_late_worst)
                + rule.disputes_weight * left(disputed, rule.disputes_worst)
                + rule.promises_weight * left(broken, rule.promises_worst)
            )
        weights = CREDIT.weights
        return {
            "scale": rounded(Fraction(weights.scale * scale) / 3, 2),
            "sales": rounded(weights.sales * named(CREDIT.sales, self.customer_class(customer)), 2),
            "nature": rounded(weights.nature * named(CREDIT.nature, account["nature"]), 2),
            "record": rounded(weights.record * share, 2),
        }

    def tier(self, customer):
        score = sum(self.points(customer).values())
        return next(tier for tier in CREDIT.tiers if score >= tier.at_least)

    def approval(self, customer):
        found = self.of("staged.credit_approvals", {customer}, "customer_id")
        valid = [row for row in found if row["valid_to"] is None or row["valid_to"] >= T]
        return valid[0] if valid else None

    def own_limit(self, customer):
        """(basis, limit) before the head office's cap."""
        head = GROUPS.get(customer)
        group = {one for one, of in GROUPS.items() if of == head} if head else set()
        approval, basis = self.approval(customer), "own"
        if approval is None and head and self.approval(head):
            approval, basis = self.approval(head), "shared"
            if any(self.approval(one) for one in group):
                return "cash", Decimal(0)
        if approval is None:
            return "cash", Decimal(0)
        terms = [
            row["term_days"]
            for one in (customer, head)
            for row in self.of("rated.debtor_terms", {one}, "customer_id")
        ]
        term = next(iter([*terms, approval["term_days"] or CREDIT.term_days]))
        if approval["term_days"]:
            term = min(term, approval["term_days"])
        sales = max(self.sold(customer), Decimal(0))
        computed = Fraction(sales) * Fraction(self.tier(customer).factor) * term
        limit = rounded(computed / (CLASSES.months * 30), 2)
        return basis, min(limit, approval["approved_limit"])

    def limit(self, customer):
        basis, limit = self.own_limit(customer)
        head = GROUPS.get(customer)
        if head and self.own_limit(head)[0] == "own":
            limit = min(limit, self.own_limit(head)[1])
        return basis, limit

    def action(self, customer):
        basis, limit = self.limit(customer)
        exposure = self.exposure(customer)
        if basis == "own" and customer == "HO":
            exposure = sum((self.exposure(one) for one in self.members("HO")), Decimal(0))
        days_late = self.record(customer)[1]
        if self.late(customer, self.grace(customer)) > CREDIT.hold_above:
            is_hopeless = self.late(customer, CREDIT.stop_overdue_days) > CREDIT.hold_above
            return "stop" if is_hopeless else "hold"
        if days_late is not None and days_late >= CREDIT.habitual_days_late:
            return "reduce"
        is_near = exposure > 0 and exposure >= limit * CREDIT.watch_share
        return "watch" if is_near else "normal"


@pytest.mark.parametrize("round_no", range(6))
def test_ratings_of_a_random_world_are_those_of_plain_python(round_no):
    print(f"SIDAN_SEED={SEED}, world {round_no}")
    tables = random_world(random.Random(f"{SEED} {round_no}"))
    world = World()
    for table, rows in tables.items():
        world.given(table, rows)
    world.run(
        "settled.promises_kept",
        "rated.customer_classes", "rated.exposures", "rated.payment_records",
        "rated.credit_scores", "rated.credit_limits", "rated.credit_tiers", "rated.holds",
        day_from=str(T),
    )  # fmt: skip
    book = Book(tables)
    holds = {row["customer_id"]: row["amount"] for row in world.rows("from rated.holds")}
    rows = world.rows("from rated.credit_tiers order by customer_id")
    assert [row["customer_id"] for row in rows] == sorted(CUSTOMERS)
    for row in rows:
        customer = row["customer_id"]
        told = {
            "class": row["customer_class"],
            "points": {part["part"]: part["points"] for part in row["score_parts"]},
            "tier": row["credit_tier"],
            "limit": (row["limit_basis"], row["credit_limit"]),
            "exposure": row["exposure"],
            "action": row["action"],
        }
        assert told == {
            "class": book.customer_class(customer),
            "points": book.points(customer),
            "tier": book.tier(customer).name,
            "limit": book.limit(customer),
            "exposure": book.exposure(customer),
            "action": book.action(customer),
        }, customer
        beyond = book.late(customer, book.grace(customer))
        assert holds.get(customer) == (beyond if beyond > CREDIT.hold_above else None)
