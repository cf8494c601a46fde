"""No table makes rows of nothing: worlds leave out what is computed from empty tables."""

from datetime import date

import pytest

from io_managers.session import Window
from tests.support import World, content, made, models, reads


@pytest.mark.parametrize("last", [date(2026, 5, 1), date(2026, 8, 3)], ids=["a day", "months"])
def test_what_is_computed_from_empty_tables_is_empty(last):
    world = World()
    world.session.use(Window(date(2026, 5, 1), last))
    computed = [table for table in [*models(), *made()] if reads(table)]
    filled = {
        table: world.session.refill(table, content(table, world.session)) for table in computed
    }
    assert len(filled) > 100
    assert {table: rows for table, rows in filled.items() if rows} == {}
