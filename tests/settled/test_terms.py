"""When is it due: base date, term and pay days give the due date (domain.md section 3)."""

import os
from datetime import date, timedelta
from random import Random, SystemRandom

import pytest

from assets.staged.calendar import is_working_day
from pipelines.queries import rows
from tests.papers import Chain, open_items
from tests.support import World, day

TERMS = [
    # term, days, pay days, statement days, base date, due date
    ("monthly", 30, "10", None, "2026-01-31", "2026-03-10"),  # case A16
    ("receipt", 30, "10;25", None, "2026-01-31", "2026-03-10"),  # case A16
    ("monthly", 30, None, None, "2026-01-31", "2026-03-02"),  # case A16: no pay days
    ("receipt", 30, None, None, "2026-01-31", "2026-03-02"),
    ("monthly", 30, "10", None, "2026-01-01", "2026-03-10"),  # the month's receipts are one batch
    ("receipt", 0, "10;25", None, "2026-05-10", "2026-05-11"),  # on a pay day that is a Sunday
    ("receipt", 0, "25", None, "2026-05-26", "2026-06-25"),  # the next month's pay day
    ("receipt", 0, "31", None, "2026-04-02", "2026-04-30"),  # a pay day past the month's end
    ("receipt", 0, "31", None, "2026-02-01", "2026-02-28"),  # Saturday, but a make-up working day
    ("receipt", 0, "3", None, "2026-10-01", "2026-10-08"),  # the National Day holiday
    ("receipt", 0, "3;10", None, "2026-10-04", "2026-10-10"),  # Saturday, a make-up working day
    ("receipt", 60, None, None, "2028-01-01", "2028-03-01"),  # a leap year
    ("receipt", 0, "30", None, "2028-02-29", "2028-02-29"),  # pay day 30 of a February of 29 days
    ("receipt", 0, "25", None, "2026-12-26", "2027-01-25"),  # across the end of the year
    ("monthly", 0, None, None, "2028-02-10", "2028-02-29"),
    ("monthly", 0, None, "25", "2026-05-25", "2026-05-25"),  # the last day of its period
    ("monthly", 0, None, "25", "2026-05-26", "2026-06-25"),  # the first day of the next
    ("monthly", 30, "10", "10;25", "2026-05-11", "2026-07-10"),  # to 25 May, 24 June, 10 July
    ("monthly", 0, None, "31", "2028-02-10", "2028-02-29"),  # a statement day past the month's end
    ("invoice", 30, "10;25", None, "2026-01-31", "2026-03-10"),  # from the hand-over
    ("batch", None, "10", None, "2026-05-11", "2026-06-10"),  # from the releasing receipt
    ("consignment", 15, None, None, "2026-05-31", "2026-06-15"),  # from the reported period's end
]


def test_due_dates(subtests: pytest.Subtests) -> None:
    """Base date, term, pay days and statement days give the due date (one world for all)."""
    chain = Chain(term_kind="receipt", term_days=999)
    terms = list(dict.fromkeys(term[:4] for term in TERMS))
    for number, (kind, days, pay_days, statement_days) in enumerate(terms):
        chain.agreement(
            agreement_id=f"T{number}",
            customer_id="S1",
            term_kind=kind,
            term_days=days,
            batch_lag=1,
            pay_days=pay_days,
            statement_days=statement_days,
            valid_from=f"20{number + 10}-01-01",
            valid_to=f"20{number + 10}-12-31",
        )
    world = chain.world.run("staged.store_terms", "staged.calendar", "settled.due_dates",
                            day_from="05-01")  # fmt: skip
    for kind, days, pay_days, statement_days, base, due in TERMS:
        with subtests.test(f"{kind} {days} {pay_days} {statement_days} {base}"):
            found = world.rows(
                f"select due_on from settled.due_dates where base_on = date '{base}' "
                f"and term_kind = '{kind}' and term_days = {days or 0} "
                f"and pay_days = {as_list(pay_days)} "
                f"and statement_days = {as_list(statement_days)}"
            )
            assert found == [{"due_on": day(due)}]


def as_list(days: str | None) -> str:
    """Days of the month as SQL has them."""
    return f"[{(days or '').replace(';', ', ')}]::integer[]"


def on_or_after(start: date, numbers: list[int]) -> date:
    """The first day from `start` on that is one of the month's days, or stands in for one."""
    at = start
    while True:
        last = (at.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        if at.day in numbers or (at == last and any(number > last.day for number in numbers)):
            return at
        at += timedelta(days=1)


def due_by_hand(
    kind: str, days: int, pay_days: list[int], statement_days: list[int], base: date
) -> date:
    """The due date, counted day by day in plain Python."""
    start = base
    if kind == "monthly":
        start = on_or_after(base, statement_days or [31])
    computed = start + timedelta(days=days)
    if not pay_days:
        return computed
    due = on_or_after(computed, pay_days)
    while not is_working_day(due):
        due += timedelta(days=1)
    return due


def test_due_dates_are_what_counting_days_gives() -> None:
    seed = int(os.environ.get("SIDAN_SEED") or SystemRandom().randrange(2**32))
    rng = Random(seed)
    terms = []
    for _ in range(60):
        kind = rng.choice(["monthly", "invoice", "receipt", "batch", "consignment"])
        terms.append(
            {
                "term_kind": kind,
                "term_days": rng.choice([0, 1, 15, 30, 45, 60, rng.randrange(120)]),
                "pay_days": sorted(rng.sample(range(1, 32), rng.randrange(4))),
                "statement_days": sorted(rng.sample(range(1, 32), rng.randrange(3)))
                if kind == "monthly"
                else [],
            }
        )
    world = World()
    world.given("staged.store_terms", [{"known_on": "05-01", **term} for term in terms])
    world.run("staged.calendar", "settled.due_dates", day_from="05-01")
    rows = world.rows(
        "from settled.due_dates where base_on between date '2026-01-01' and date '2027-06-30'"
    )
    assert len(rows) >= 545 * 50
    wrong = [
        row
        for row in rng.sample(rows, 6000)
        if row["due_on"]
        != due_by_hand(
            row["term_kind"],
            row["term_days"],
            row["pay_days"],
            row["statement_days"],
            row["base_on"],
        )
    ]
    assert wrong == [], f"SIDAN_SEED={seed}"


def test_a_due_date_is_explained_in_both_languages() -> None:
    chain = Chain(term_kind="monthly", term_days=30, pay_days="3")
    chain.world.run("staged.calendar", "settled.due_dates", day_from="05-01")
    (found,) = chain.world.rows(
        "select explanation, explanation_zh from settled.due_dates "
        "where base_on = date '2026-08-12'"
    )
    assert found == {
        "explanation": "the period ends 2026-08-31, plus 30 days is 2026-09-30, "
        "the pay day is 2026-10-03, no working day, so 2026-10-08",
        "explanation_zh": "账期截止 2026-08-31，加 30 天为 2026-09-30，"
        "付款日 2026-10-03，遇休息日顺延至 2026-10-08",
    }


def test_monthly_goods_are_due_before_they_are_invoiced() -> None:
    chain = Chain(term_kind="monthly", term_days=30, pay_days="10")
    world = chain.receipt("R1", 100).close()
    assert due_dates(world, "06-30") == [("R1", day("2026-07-10"))]


def test_invoice_terms_do_not_run_before_the_hand_over() -> None:
    chain = Chain(term_kind="invoice", term_days=30)
    chain.receipt("R1", 100).application("AP1", "R1", 100, "V1").invoice("V1", 100)
    world = chain.handover("V1", "06-15").close()
    assert due_dates(world, "06-14") == [("V1", None)]
    assert due_dates(world, "06-15") == [("V1", day("2026-07-15"))]


def test_an_invoice_that_no_goods_explain_runs_from_its_own_date() -> None:
    world = Chain(term_kind="invoice", term_days=30).invoice("V1", 100, on="05-10").close()
    assert due_dates(world, "06-30") == [("V1", day("2026-06-09"))]


def due_dates(world, as_of: str) -> list[tuple[str, object]]:
    rows = world.rows(
        "select document_no, due_on from settled.open_items "
        f"where as_of = date '2026-{as_of}' order by document_no"
    )
    return [(row["document_no"], row["due_on"]) for row in rows]


def because(chain: Chain, kind: str, no: str) -> list[tuple[object, ...]]:
    """What explain says of the due dates of a paper's open items."""
    asked = {"as_of": day("06-30"), "chain_id": "C", "kind": kind, "no": no}
    return [
        (row["agreement_id"], row["base_on"], row["because"])
        for row in rows(chain.close().connection, "explain/due_dates", asked)
    ]


def test_explain_names_agreement_base_date_and_pay_day() -> None:
    goods = Chain(term_kind="monthly", term_days=30, pay_days="10").receipt("R1", 100)
    assert because(goods, "goods_receipt", "R1") == [
        (
            "A1",
            day("05-03"),
            "the period ends 2026-05-31, plus 30 days is 2026-06-30, the pay day is 2026-07-10",
        )
    ]
    billed = Chain(term_kind="invoice", term_days=30).receipt("R1", 60).receipt("R2", 40)
    billed.application("AP1", "R1", 60, "V1").application("AP2", "R2", 40, "V2")
    billed.invoice("V1", 60).invoice("V2", 40).handover("V1", "06-15")
    assert because(billed, "invoice", "V1") == [
        ("A1", day("06-15"), "from 2026-06-15, plus 30 days is 2026-07-15, no pay days")
    ]
    assert because(billed, "invoice", "V2") == [
        ("A1", None, "the invoice is not handed over, so nothing runs")
    ]


def batched(lag: int = 1, **terms: object) -> Chain:
    """Stores whose batch n falls due when batch n + lag is received."""
    return Chain(
        "branch_head", **{"term_kind": "batch", "batch_lag": lag, "term_days": None, **terms}
    )


def test_a_batch_falls_due_when_the_one_that_releases_it_is_received() -> None:
    world = batched(2).receipt("R1", 100, on="05-03").receipt("R2", 100, on="05-10")
    world = world.receipt("R3", 100, on="05-20").close()
    assert due_dates(world, "05-19") == [("R1", None), ("R2", None)]
    assert due_dates(world, "05-20") == [("R1", day("05-20")), ("R2", None), ("R3", None)]
    moved = world.rows(
        "select document_no, amount, due_on from settled.ledger where entry_kind = 'due'"
    )
    assert moved == [{"document_no": "R1", "amount": 0, "due_on": day("05-20")}]


def test_goods_of_one_day_and_store_are_one_batch_and_each_store_has_its_own() -> None:
    chain = batched().receipt("R1", 100, on="05-03").receipt("R2", 50, on="05-03")
    world = chain.receipt("R3", 70, on="05-12", store_id="S2").close()
    assert {due for _, due in due_dates(world, "06-30")} == {None}


def test_what_releases_can_ask_for_days_and_a_pay_day() -> None:
    chain = batched(term_days=10, pay_days="25").receipt("R1", 100, on="05-03")
    world = chain.receipt("R2", 100, on="05-10").close()
    # 10 May and 10 days, then the 25th
    assert due_dates(world, "06-30") == [("R1", day("05-25")), ("R2", None)]


def test_a_return_falls_due_with_the_goods_of_its_day_and_releases_nothing() -> None:
    chain = batched().receipt("R1", 100, on="05-03").receipt("R2", -20, on="05-08")
    world = chain.receipt("R3", 100, on="05-20").close()
    assert due_dates(world, "05-19") == [("R1", None), ("R2", None)]
    assert due_dates(world, "05-20")[:2] == [("R1", day("05-20")), ("R2", day("05-20"))]


def test_a_batch_that_a_late_paper_puts_in_between_moves_no_due_date() -> None:
    chain = batched().receipt("R1", 100, on="05-03").receipt("R2", 100, on="05-20")
    world = chain.receipt("R3", 100, on="05-10", known_on="05-25").close()
    # R3 came between them, but is known only after R1 was released
    assert due_dates(world, "06-30") == [
        ("R1", day("05-20")),
        ("R2", None),
        ("R3", day("05-20")),
    ]


def test_an_invoice_takes_the_due_date_of_its_batch_over() -> None:
    chain = batched().receipt("R1", 100, on="05-03")
    chain.application("AP1", "R1", 100, "V1", on="05-10").invoice("V1", 100, on="05-10")
    world = chain.receipt("R2", 30, on="05-20").close()
    assert due_dates(world, "05-19") == [("V1", None)]
    assert due_dates(world, "05-20") == [("R2", None), ("V1", day("05-20"))]
    later = batched().receipt("R1", 100, on="05-03").receipt("R2", 30, on="05-20")
    later.application("AP1", "R1", 100, "V1", on="06-01").invoice("V1", 100, on="06-01")
    assert due_dates(later.close(), "06-01") == [("R2", None), ("V1", day("05-20"))]


def batches_by_hand(
    papers: list[tuple[date, date]], lag: int, as_of: date
) -> dict[date, date | None]:
    """Due date by batch date: the lag-th later batch that became known releases it."""
    first_known: dict[date, date] = {}
    for received_on, known_on in papers:
        first_known[received_on] = min(known_on, first_known.get(received_on, known_on))
    due: dict[date, date | None] = {}
    for batch in first_known:
        later = sorted(
            (known_on, received_on)
            for received_on, known_on in first_known.items()
            if received_on > batch
        )[:lag]
        is_released = len(later) == lag and later[-1][0] <= as_of
        due[batch] = max(received_on for _, received_on in later) if is_released else None
    return {batch: due[batch] for batch in first_known if first_known[batch] <= as_of}


def test_random_batches_fall_due_as_counted_by_hand() -> None:
    seed = int(os.environ.get("SIDAN_SEED") or SystemRandom().randrange(2**32))
    rng, lag = Random(seed), 1 + seed % 3
    chain = batched(lag)
    first = date(2026, 5, 1)
    papers = []
    for number in range(25):
        received = first + timedelta(days=rng.randrange(40))
        known = received + timedelta(days=rng.choice([0, 0, 0, 1, 9]))
        papers.append((received, known))
        chain.receipt(f"R{number:02}", 10, on=received.isoformat(), known_on=known.isoformat())
    half = first + timedelta(days=rng.randrange(20, 40))
    chain.close(until=half.isoformat())
    world = chain.close(day_from=(half + timedelta(days=1)).isoformat())
    for as_of in (half, half + timedelta(days=1), date(2026, 6, 30)):
        found = world.rows(
            "select distinct document_on, due_on from settled.open_items "
            f"where as_of = date '{as_of}' order by document_on"
        )
        assert {row["document_on"]: row["due_on"] for row in found} == batches_by_hand(
            papers, lag, as_of
        ), f"SIDAN_SEED={seed}, {as_of}"


def consigned(**terms: object) -> Chain:
    """Goods on consignment: R1 over 100 and the statement of May, with what it reports of them."""
    chain = Chain("branch_head", term_kind="consignment", term_days=15, **terms)
    return chain.receipt("R1", 100)


def test_goods_on_consignment_owe_nothing_before_they_are_reported_as_sold() -> None:
    chain = consigned().statement("ST1", [{"receipt_no": "R1", "amount": 40}])
    chain.statement("ST2", [{"receipt_no": "R1", "amount": 60}], on="06-20")
    chain.world.connection.execute(
        "update staged.statements set period_end = date '2026-06-15' where statement_no = 'ST2'"
    )
    world = chain.close()
    world.run("settled.consigned_stock", day_from="05-01", until="06-30")
    assert open_items(world, "05-31") == []
    assert open_items(world, "06-01") == [("uninvoiced", "R1", 40)]
    assert due_dates(world, "06-01") == [("R1", day("06-15"))]
    assert open_items(world, "06-20") == [("uninvoiced", "R1", 100)]
    assert due_dates(world, "06-20") == [("R1", day("06-30"))]
    left = world.rows(
        "select known_on, accepted, reported, at_store from settled.consigned_stock "
        "order by known_on"
    )
    assert [tuple(row.values()) for row in left] == [
        (day("05-03"), 100, 0, 100),
        (day("06-01"), 100, 40, 60),
        (day("06-20"), 100, 100, 0),
    ]
    audit = "settled/ledger_of_goods_equals_their_receipt"
    assert world.audit(audit, "05-01", "06-30") == []


def test_no_more_is_owed_than_was_consigned_and_a_corrected_report_gives_back() -> None:
    chain = consigned().statement("ST1", [{"receipt_no": "R1", "amount": 130}])
    chain.statement("ST1", [{"receipt_no": "R1", "amount": 30}], on="06-20")
    world = chain.close()
    assert open_items(world, "06-01") == [("uninvoiced", "R1", 100)]
    assert open_items(world, "06-20") == [("uninvoiced", "R1", 30)]


def test_reported_sales_are_paid_and_invoiced_like_other_goods() -> None:
    chain = consigned().statement("ST1", [{"receipt_no": "R1", "amount": 40}])
    chain.application("AP1", "R1", 40, "V1", on="06-05").invoice("V1", 40, on="06-05")
    world = chain.payment("T1", 40, "ST1", on="06-10").close()
    assert open_items(world, "06-05") == [("invoice", "V1", 40)]
    assert open_items(world, "06-10") == []


def test_goods_leave_consignment_when_their_terms_change() -> None:
    chain = consigned()
    chain.agreement(agreement_id="A2", customer_id="S1", pattern="branch_head", known_on="05-20")
    chain.world.run("staged.store_terms", day_from="05-20")
    world = chain.close()
    world.run("settled.consigned_stock", day_from="05-01", until="06-30")
    assert open_items(world, "05-19") == []
    assert open_items(world, "05-20") == [("uninvoiced", "R1", 100)]
    (left,) = world.rows(
        "select at_store from settled.consigned_stock order by known_on desc limit 1"
    )
    assert left == {"at_store": 0}


def test_invoices_that_were_not_handed_over_do_not_run_and_are_listed() -> None:
    chain = Chain(term_kind="invoice", term_days=30)
    chain.receipt("R1", 100, order_no="O1").order("O1", 100)
    chain.application("AP1", "R1", 100, "V1").invoice("V1", 100)
    world = chain.close()
    chain.progress()
    assert due_dates(world, "06-30") == [("V1", None)]
    (listed,) = world.rows(
        "select document_no, amount from matched.exceptions "
        "where reason = 'invoice_not_handed_over' and as_of = date '2026-06-30'"
    )
    assert listed == {"document_no": "V1", "amount": 100}
