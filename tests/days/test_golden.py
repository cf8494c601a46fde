"""The sample world, closed, is what its generator knows to be true: to the cent, row by row.

The truth in data/samples/expected is worked out by benchmarks/world/truth from the papers it sent,
in plain Python, without the warehouse.
"""

import re
from io import StringIO

import duckdb
import pytest

from pipelines.console import console
from pipelines.explain import explanations
from pipelines.story import show
from receivables.home import REPOSITORY

EXPECTED = REPOSITORY / "data" / "samples" / "expected"

MONTH_ENDS = "as_of in ('2026-05-31', '2026-06-30', '2026-07-31', '2026-08-31')"

# file of expected rows -> columns compared, and our rows
GOLDEN = {
    "settlements": (
        (
            "chain_id, order_no, pattern, ship_to_id, order_account_id, debtor_id, agreement_id, "
            "is_inferred"
        ),
        (
            "from settled.settlements qualify row_number() over "
            "(partition by chain_id, order_no order by known_on desc) = 1"
        ),
    ),
    "order_states": (
        (
            "chain_id, order_no, store_id, ordered, delivered, received, returned, applied, "
            "invoiced, handed_over, stated, paid, stage, missing_document, is_implied"
        ),
        (
            "from matched.order_states qualify row_number() over "
            "(partition by chain_id, order_no order by known_on desc) = 1"
        ),
    ),
    "deductions": (
        (
            "chain_id, statement_no, line_no, store_id, debtor_id, fee_code, deduction_kind, "
            "amount, agreement_id, supported_amount, disputed_amount, verdict"
        ),
        (
            "from settled.deductions qualify row_number() over "
            "(partition by chain_id, statement_no, line_no order by known_on desc) = 1"
        ),
    ),
    "clearings": (
        "transaction_no, chain_id, unit_kind, unit_no, amount",
        (
            "select transaction_no, chain_id, unit_kind, unit_no, sum(amount) as amount "
            "from matched.clearings group by all having sum(amount) <> 0"
        ),
    ),
    "cash": (
        "transaction_no, amount, applied",
        (
            "select transaction_no, max(receipts.amount) as amount, "
            "cast(coalesce(sum(applications.amount), 0) as decimal(18, 2)) as applied "
            "from (from staged.bank_receipts qualify row_number() over "
            "(partition by account_no, transaction_no order by known_on) = 1) as receipts "
            "left join settled.cash_applications as applications "
            "using (account_no, transaction_no) group by account_no, transaction_no"
        ),
    ),
    "unapplied_cash": (
        "as_of, transaction_no, debtor_id, received_on, amount",
        f"from settled.unapplied_cash where {MONTH_ENDS}",
    ),
    "open_items": (
        (
            "as_of, item_kind, chain_id, debtor_id, store_id, document_no, receipt_no, "
            "document_on, due_on, balance, is_invoiced"
        ),
        f"from settled.open_items where {MONTH_ENDS}",
    ),
    "write_offs": (
        ("as_of, item_kind, chain_id, debtor_id, store_id, document_no, receipt_no, amount"),
        (
            "select month_end as as_of, item_kind, chain_id, debtor_id, store_id, document_no, "
            "receipt_no, cast(-sum(amount) as decimal(18, 2)) as amount "
            "from settled.ledger inner join month_ends on known_on <= month_end "
            "where entry_kind = 'write_off' group by all having sum(amount) <> 0"
        ),
    ),
    "consigned_stock": (
        (
            "as_of, chain_id, debtor_id, store_id, receipt_no, receipt_date, accepted, reported, "
            "at_store"
        ),
        (
            "select * from (select month_end as as_of, stock.* "
            "from settled.consigned_stock as stock inner join month_ends "
            "on known_on <= month_end qualify row_number() over (partition by month_end, chain_id, "
            "receipt_no order by known_on desc) = 1) where at_store <> 0"
        ),
    ),
    "agreement_faults": (
        "as_of, chain_id, agreement_id, fault, other_id",
        f"from staged.agreement_faults where {MONTH_ENDS}",
    ),
    "aging": (
        "as_of, debtor_id, store_id, basis, bucket, is_invoiced, amount",
        f"from aged.aging where amount <> 0 and {MONTH_ENDS}",
    ),
    "files": (
        (
            "path, rows_in, rows_staged, rows_duplicate, rows_rejected, amount_in, amount_staged, "
            "amount_duplicate, amount_rejected"
        ),
        "from received.files",
    ),
}


@pytest.mark.timeout(170)
def test_the_sample_world_equals_its_truth(closed_months, subtests: pytest.Subtests) -> None:
    with duckdb.connect(closed_months, read_only=True) as connection:
        connection.execute(
            "create temp table month_ends as select distinct as_of as month_end "
            f"from settled.open_items where {MONTH_ENDS}"
        )
        for name, (columns, ours) in GOLDEN.items():
            with subtests.test(name):
                shown = ", ".join(
                    f"coalesce(cast({column} as varchar), '') as {column}"
                    for column in columns.split(", ")
                )
                connection.execute(
                    f"create or replace temp table expected as select {shown} "
                    f"from read_csv('{EXPECTED / name}.csv', all_varchar = true)"
                )
                connection.execute(
                    f"create or replace temp table found as select {shown} from ({ours})"
                )
                missing = connection.execute("from expected except all from found").fetchall()
                extra = connection.execute("from found except all from expected").fetchall()
                assert (missing[:5], extra[:5]) == ([], [])
                assert connection.execute("select count(*) from expected").fetchone() != (0,)


@pytest.mark.timeout(170)
def test_the_example_of_a_story_in_the_docs_is_what_the_command_prints(
    closed_months,
) -> None:
    text = (REPOSITORY / "docs" / "explain.md").read_text(encoding="utf-8")
    order_no, told = re.findall(r"^\$ sidan explain (\S+)\n(.+?)^```$", text, re.M | re.S)[0]
    screen = StringIO()
    with duckdb.connect(closed_months, read_only=True) as warehouse:
        for story in explanations(warehouse, order_no):
            show(console(screen), story)
    assert [line.rstrip() for line in screen.getvalue().rstrip().splitlines()] == told.splitlines()
