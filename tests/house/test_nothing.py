"""No table makes rows of nothing: worlds leave out what is computed from empty tables."""

from collections.abc import Iterator
from datetime import date
from itertools import chain, combinations

import duckdb
import pytest

from io_managers.session import Window
from tests.emptiness import can_have_rows
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


TABLES = ("s.t", "s.u", "s.v")  # each has one row (k) and (n), or none
SHAPES = [
    # a query, and the fewest tables that must have rows for it to have any
    ("from s.t", ["s.t"]),
    ("select upper(k), n + 1, sum(n) over () from s.t", ["s.t"]),
    ("select unnest(list_value(k, k)) from s.t", ["s.t"]),
    ("with a as (from s.t), b as (from a) select b.* from b join s.u using (k)", ["s.t s.u"]),
    ("from s.t left join s.u using (k)", ["s.t"]),
    ("select s.u.k from s.t right join s.u using (k)", ["s.u"]),
    ("from s.t full join s.u using (k)", ["s.t", "s.u"]),
    ("from s.t semi join s.u using (k)", ["s.t s.u"]),
    ("from s.t anti join s.u using (k)", ["s.t"]),
    ("from s.t positional join s.u", [""]),
    ("from s.t asof join s.u using (k, n)", ["s.t s.u"]),
    ("from s.t asof left join s.u using (k, n)", ["s.t"]),
    ("select t.* from s.t, lateral (select u.n from s.u where u.k = t.k)", ["s.t s.u"]),
    ("from s.t union all by name from s.u", ["s.t", "s.u"]),
    ("(from s.t union from s.u) intersect from s.v", ["s.t s.v", "s.u s.v"]),
    ("from s.t except from s.u", ["s.t"]),
    ("from s.t where k in (select k from s.u) and n = 1", ["s.t s.u"]),
    ("from s.t where exists (from s.u where u.k = t.k)", ["s.t s.u"]),
    ("from s.t where not exists (from s.u where u.k = t.k)", ["s.t"]),
    ("from s.t where k not in (select k from s.u)", ["s.t"]),
    ("from s.t where n = 1 or k in (select k from s.u)", ["s.t"]),
    ("from s.t where n >= all (select n from s.u)", ["s.t"]),
    ("select (select max(n) from s.u) from s.t", [""]),
    ("select count(*) from s.t", [""]),
    ("select coalesce(max(n), 0) from s.t", [""]),
    ("select 1 from s.t having count(*) = 0", [""]),
    ("select k, count(*) from s.t group by k", ["s.t"]),
    ("select k, count(*) from s.t group by all", ["s.t"]),
    ("select count(*) from s.t group by all", [""]),
    ("select 'x' as x, count(*) from s.t group by all", [""]),
    ("select k, count(*) from s.t group by grouping sets ((k), ())", [""]),
    ("select k, count(*) from s.t group by rollup (k)", [""]),
    ("with a as (select count(*) as n from s.t) select u.* from a join s.u using (n)", ["s.u"]),
    ("select 1", [""]),
    ("from (values (1))", [""]),
    ("from range(2) left join s.t on true", [""]),
    ("with recursive r as (select 1 as n union all select n + 1 from r where n < 3) from r", [""]),
]


def some(tables: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every choice of the tables."""
    return chain.from_iterable(combinations(tables, count) for count in range(len(tables) + 1))


@pytest.mark.parametrize(("query", "needed"), SHAPES, ids=[query for query, _ in SHAPES])
def test_a_query_that_is_said_to_have_no_row_has_none(query, needed):
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("create schema s")
    for filled in some(TABLES):
        for table in TABLES:
            rows = " where true" if table in filled else " where false"
            connection.execute(f"create or replace table {table} as select 'k' as k, 1 as n" + rows)
        has_rows = connection.execute(query).fetchone() is not None
        assert can_have_rows(query, filled) or not has_rows, filled
        expected = any(set(choice.split()) <= set(filled) for choice in needed)
        assert can_have_rows(query, filled) == expected, filled
