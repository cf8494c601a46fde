"""When the warnings of danger fire: expenses, incidents, failing chains."""

from datetime import date, timedelta

import pytest

from tests.rated.given import T, account, each_day
from tests.support import World, day


def ago(days: int, on: str = T) -> str:
    return (day(on) - timedelta(days=days)).isoformat()


def told(world: World, table: str, as_of: str = T) -> dict[str, dict]:
    """What a table says of each customer on a day, after it was computed."""
    world.run(table, day_from=as_of)
    return {row["customer_id"]: row for row in world.rows(f"from {table}")}


# --- expense over


def fee(store: str, month: str, amount: int, known_on: str = "2026-08-01", fee_code: str = "F1"):
    return {
        "known_on": known_on, "chain_id": "YH", "store_id": store, "month": month,
        "fee_code": fee_code, "amount": amount,
    }  # fmt: skip


def sale(store: str, month: str, amount: int):
    return {
        "known_on": "2026-08-01", "chain_id": "YH", "store_id": store, "sold_on": f"{month}-10",
        "amount": amount,
    }  # fmt: skip


def budget(customer: str, amount: int, month: str = "2026-08", known_on: str = "2026-08-01",
           fee_code: str | None = None):  # fmt: skip
    return {
        "known_on": known_on, "customer_id": customer, "month": month, "fee_code": fee_code,
        "budget_amount": amount,
    }  # fmt: skip


def expenses(fees, budgets=(), sales=()) -> dict[str, dict]:
    accounts = [account("HO", level="head_office"), account("S1", group_id="HO"),
                account("S2", group_id="HO")]  # fmt: skip
    world = World().given("rated.accounts", accounts).given("warned.fees", fees)
    world.given("staged.expense_budgets", budgets).given("rated.sales", sales)
    return told(world, "warned.expense_over_signals")


def test_fees_over_the_budget_of_the_month_warn_at_the_first_cent():
    fees = [fee("S1", "2026-08", 600), fee("S2", "2026-08", 401)]
    found = expenses(fees, [budget("S1", 600), budget("S2", 400), budget("HO", 1000)])
    assert set(found) == {"S2", "HO"}
    assert found["HO"]["evidence"] == ("1,001.00 of fees in 2026-08 against a budget of 1,000.00")


def test_a_budget_for_one_fee_looks_at_that_fee_only():
    fees = [fee("S1", "2026-08", 90, fee_code="F1"), fee("S1", "2026-08", 50, fee_code="F2")]
    assert expenses(fees, [budget("S1", 90, fee_code="F1")]) == {}
    found = expenses(fees, [budget("S1", 40, fee_code="F2"), budget("S1", 500)])
    assert found["S1"]["evidence"] == ("50.00 of fee F2 in 2026-08 against a budget of 40.00")


def test_a_budget_that_is_raised_counts_from_the_day_it_is_known():
    raised = [budget("S1", 100), budget("S1", 300, known_on="2026-08-10")]
    assert expenses([fee("S1", "2026-08", 200)], raised) == {}
    raised = [budget("S1", 100), budget("S1", 300, known_on="2026-08-16")]
    assert set(expenses([fee("S1", "2026-08", 200)], raised)) == {"S1"}


# fees of April, May, June, July over sales of 1,000 each
SHARES = [
    ((60, 60, 60, 80), False),  # up by exactly a third
    ((60, 60, 60, 81), True),
    ((30, 60, 90, 81), True),
    ((0, 0, 0, 81), False),  # nothing to compare with
]


@pytest.mark.parametrize(("fees", "is_told"), SHARES)
def test_fees_as_a_share_of_sales_against_the_months_before(fees, is_told):
    months = [f"2026-0{number}" for number in (4, 5, 6, 7)]
    rows = [fee("S1", month, amount) for month, amount in zip(months, fees, strict=True) if amount]
    found = expenses(rows, sales=[sale("S1", month, 1000) for month in months])
    assert ("S1" in found) == is_told
    if is_told:
        assert (
            "8.1 % of the sales, against 6.0 % in the 3 months before" in (found["S1"]["evidence"])
        )


def test_two_months_are_too_few_to_tell_what_is_usual():
    months = ["2026-05", "2026-06", "2026-07"]
    rows = [fee("S1", month, 60 if month < "2026-07" else 200) for month in months]
    assert expenses(rows, sales=[sale("S1", month, 1000) for month in months]) == {}


def test_a_statement_sent_again_takes_back_the_fees_it_said_before():
    def statement(known_on):
        return {"known_on": known_on, "chain_id": "YH", "statement_no": "ST1"}

    def line(known_on, amount):
        return statement(known_on) | {
            "line_no": 1, "store_id": "S1", "fee_code": "F1", "stated_on": "2026-07-31",
            "amount": amount,
        }  # fmt: skip

    world = World().given("staged.statements", [statement("2026-08-02"), statement("2026-08-05")])
    world.given("settled.deductions", [line("2026-08-02", 100), line("2026-08-05", 70)])
    world.run("warned.fees", day_from="2026-08-01", until="2026-08-31")
    query = "select known_on, amount from warned.fees order by all"
    once = world.rows(query)
    assert [(f"{row['known_on']:%d}", row["amount"]) for row in once] == [("02", 100), ("05", -30)]
    world.run("warned.fees", day_from="2026-08-05")
    assert world.rows(query) == once


# --- major incident


def incident(known_on: str, severity: str = "high", incident_id: str = "I1"):
    return {
        "known_on": known_on, "incident_id": incident_id, "customer_id": "S1",
        "happened_on": "2026-08-01", "kind": "fire", "severity": severity, "note": "one store",
        "reported_by": "Chen",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("reports", "severities"),
    [
        ([incident(T)], ["high"]),
        ([incident(ago(89))], ["high"]),
        ([incident(ago(90))], []),  # old enough
        ([incident(ago(9)), incident(ago(2), "resolved")], []),
        ([incident(ago(9)), incident(ago(-1), "resolved")], ["high"]),  # not known yet
        ([incident(ago(9), "low"), incident(ago(2), "一般")], ["medium"]),
        ([incident(ago(9)), incident(ago(9), "medium", "I2")], ["high", "medium"]),
        ([incident(ago(9), "catastrophic")], ["high"]),
    ],
)
def test_an_incident_warns_until_it_is_resolved_or_old(reports, severities):
    world = World().given("staged.incidents", reports)
    world.run("warned.major_incident_signals", day_from=T)
    rows = world.rows("select * from warned.major_incident_signals order by about")
    assert [row["severity"] for row in rows] == severities
    if rows:
        assert rows[0]["evidence"] == "fire on 2026-08-01: one store (reported by Chen)"


# --- failing chain


def chain_of(stores: int = 10, closed: int = 0) -> World:
    members = [
        account(f"S{number}", group_id="HO", closed_on=ago(5) if number < closed else None)
        for number in range(stores)
    ]
    head = account("HO", level="head_office")
    return World().given("rated.accounts", each_day([head, *members], T, "2026-08-16"))


def payments(*days_late: int):
    """What was paid in May, June and July, so many days after it was due."""
    return [
        {
            "known_on": f"2026-0{month}-20", "chain_id": "YH", "debtor_id": "HO",
            "paid_on": f"2026-0{month}-20",
            "due_on": (date(2026, month, 20) - timedelta(days=late)).isoformat(),
            "amount": 1000,
        }
        for month, late in zip((5, 6, 7), days_late, strict=True)
    ]  # fmt: skip


def in_part(*balances: int):
    """What was left of a part payment 60 and 30 days before, and now; 2,000 besides is open."""
    rows = []
    for back, balance in zip((60, 30, 0), balances, strict=True):
        item = {"as_of": ago(back), "debtor_id": "HO", "store_id": "S1", "original_amount": 5000}
        rows.append(item | {"item_id": "1", "balance": balance})
        rows.append(item | {"item_id": "2", "balance": 2000, "original_amount": 2000})
    return rows


def statements(*days_after: int):
    """Statements of April to July, known so many days after their months."""
    ends = ("2026-04-30", "2026-05-31", "2026-06-30", "2026-07-31")
    rows = [
        {
            "known_on": (date.fromisoformat(end) + timedelta(days=after)).isoformat(),
            "chain_id": "YH", "statement_no": end, "period_end": end,
        }
        for end, after in zip(ends, days_after, strict=False)
    ]  # fmt: skip
    debtors = [
        {key: row[key] for key in ("known_on", "chain_id", "statement_no")} | {"debtor_id": "HO"}
        for row in rows
    ]
    return rows, debtors


SLOWER, PART, LATE = (1, 4, 9), (100, 200, 300), (3, 3, 3, 14)
# paid late, left in part, statements after, stores closed of ten; severity (None: no warning)
SIGNS = [
    (SLOWER, PART, None, 0, "medium"),
    (SLOWER, None, None, 0, None),  # one sign is no warning
    ((1, 4, 5), PART, None, 0, None),  # slower by four days only
    ((4, 1, 9), PART, None, 0, None),  # not month by month
    ((-9, -5, -2), PART, None, 0, None),  # still before the due date
    (SLOWER, (100, 300, 200), None, 0, None),  # not growing
    (SLOWER, (1, 2, 3), None, 0, None),  # next to nothing
    (SLOWER, None, LATE, 0, "medium"),
    (SLOWER, None, (3, 3, 3, 13), 0, None),  # ten days later than usual is not more than ten
    (None, PART, (3, 3, 3), 0, "medium"),  # the statement of July is missing on 15 August
    (None, PART, (14, 3), 0, None),  # two statements make no habit
    (None, PART, None, 2, "medium"),
    (None, PART, None, 1, None),  # one store closing is no sign
    (SLOWER, PART, LATE, 0, "high"),
    (SLOWER, PART, LATE, 2, "high"),
]


@pytest.mark.parametrize(("late", "part", "after", "closed", "severity"), SIGNS)
def test_several_signs_together_say_that_a_chain_may_fail(late, part, after, closed, severity):
    world = chain_of(closed=closed)
    if late:
        world.given("rated.payments", payments(*late))
    if part:
        world.given("settled.open_items", in_part(*part))
    if after:
        papers, debtors = statements(*after)
        world.given("staged.statements", papers).given("matched.statement_debtors", debtors)
    found = told(world, "warned.failing_chain_signals")
    assert [(name, row["severity"]) for name, row in found.items()] == (
        [("HO", severity)] if severity else []
    )


def test_each_sign_is_told_with_its_figures():
    papers, debtors = statements(*LATE)
    world = chain_of(closed=2).given("rated.payments", payments(*SLOWER))
    world.given("settled.open_items", in_part(*PART))
    world.given("staged.statements", papers).given("matched.statement_debtors", debtors)
    row = told(world, "warned.failing_chain_signals")["HO"]
    assert row["evidence"] == (
        "paid 1.0, 4.0 and 9.0 days after the due date in the last three months; "
        "300.00 is left of what they paid in part, after 200.00 30 days and 100.00 60 days before; "
        "2 of 10 stores closed in 90 days; "
        "the statement to 2026-07-31 came 14 days after its period, usually 3"
    )
