"""The named queries fit the tables as the models make them, not only those made by hand."""

from datetime import timedelta

import pytest

from assets.reported.content.reading import Day, statements
from tests.reported.closed_accounts import ACCOUNT_COLUMNS
from tests.reported.closed_agreements import AGREEMENT_COLUMNS
from tests.reported.closed_day import DAY
from tests.reported.closed_ratings import RATING_COLUMNS
from tests.reported.closed_tables import COLUMNS
from tests.support import World

TABLES = {**COLUMNS, **ACCOUNT_COLUMNS, **AGREEMENT_COLUMNS, **RATING_COLUMNS}
# Made by Python; those made by hand take their columns from there.
BY_PYTHON = {"received.file_totals", "staged.identity_proposals"}
QUERIES = [name for name, statement in statements().items() if not statement.reads & BY_PYTHON]


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_runs_over_the_tables_of_the_models(name):
    world = World()
    for table in sorted(statements()[name].reads):
        world.have(table)
    assert Day(world.connection, DAY).rows(name) is not None


SHOWS_EXCEPTIONS = [
    "exceptions", "manager_exceptions", "closed_exceptions", "solved_exceptions",
]  # fmt: skip


@pytest.fixture(scope="module")
def exceptions():
    """Exceptions that name the kind of their paper: two open, two solved on the day."""
    papers = {"e1": "receipt YS1", "e2": "JS202607#12", "e3": "order 4500", "e4": "4501"}
    before = str(DAY - timedelta(days=1))
    rows = [
        {"as_of": on, "exception_id": key, "document_no": no, "debtor_id": "HO", "amount": 1}
        for key, no in papers.items()
        for on in ((before, str(DAY)) if key < "e3" else (before,))
    ]
    closed = [
        {"known_on": str(DAY), "exception_id": key, "document_no": papers[key], "amount": 1}
        for key in ("e3", "e4")
    ]
    world = World().given("matched.exceptions", rows).given("matched.closed_exceptions", closed)
    world.given(
        "rated.accounts", [{"as_of": str(DAY), "customer_id": "HO", "manager_email": "a@b"}]
    )
    for name in SHOWS_EXCEPTIONS:
        for table in statements()[name].reads:
            world.have(table)
    return Day(world.connection, DAY)


@pytest.mark.parametrize("name", SHOWS_EXCEPTIONS)
def test_the_document_of_an_exception_is_its_bare_number(exceptions, name):
    is_open = name in ("exceptions", "manager_exceptions")
    expected = ["YS1", "JS202607#12"] if is_open else ["4500", "4501"]
    assert [row["document_no"] for row in exceptions.rows(name)] == expected


@pytest.mark.parametrize("table", sorted(TABLES.keys() - BY_PYTHON))
def test_tables_made_by_hand_have_columns_of_the_models(table):
    world = World()
    world.have(table)
    made = world.connection.execute(f"describe {table}").fetchall()
    assert TABLES[table].keys() <= {row[0] for row in made}
