"""The named queries fit the tables as the models make them, not only those made by hand."""

import pytest

from assets.reported.content.reading import Day, statements
from tests.reported.closed_accounts import ACCOUNT_COLUMNS
from tests.reported.closed_agreements import AGREEMENT_COLUMNS
from tests.reported.closed_day import DAY
from tests.reported.closed_tables import COLUMNS
from tests.support import World

TABLES = {**COLUMNS, **ACCOUNT_COLUMNS, **AGREEMENT_COLUMNS}
# Made by Python; those made by hand take their columns from there.
BY_PYTHON = {"received.file_totals", "staged.identity_proposals"}
QUERIES = [name for name, statement in statements().items() if not statement.reads & BY_PYTHON]


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_runs_over_the_tables_of_the_models(name):
    world = World()
    for table in sorted(statements()[name].reads):
        world.have(table)
    assert Day(world.connection, DAY).rows(name) is not None


@pytest.mark.parametrize("table", sorted(TABLES.keys() - BY_PYTHON))
def test_tables_made_by_hand_have_columns_of_the_models(table):
    world = World()
    world.have(table)
    made = world.connection.execute(f"describe {table}").fetchall()
    assert TABLES[table].keys() <= {row[0] for row in made}
