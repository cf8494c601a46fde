"""No model compares every row of one growing table with every row of another.

Such a join is quick on a sample and takes hours on a history. The plans are those of large tables:
joins are planned as if no side were small, and nothing is left out because a table is empty.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from assets.sql_model import read_audits
from tests.support import World, models

# Row by row, whatever the sizes.
QUADRATIC = {"BLOCKWISE_NL_JOIN", "NESTED_LOOP_JOIN", "CROSS_PRODUCT"}
# One row, or a list of the policy or of the window's days.
OF_FEW_ROWS = {"UNGROUPED_AGGREGATE", "SIMPLE_AGGREGATE", "DUMMY_SCAN", "LIMIT", "STREAMING_LIMIT"}
# Eleven years of days: settled.due_dates dates every term from each of them.
SMALL_TABLES = {"staged.calendar"}
# Steps that answer for as many rows as what they read.
PASSING = {"PROJECTION", "FILTER", "UNNEST", "WINDOW", "STREAMING_WINDOW", "HASH_GROUP_BY"}

# The tables of the other stages are filled by Python.
AUDITS = [
    audit
    for audit in read_audits()
    if all(table in models() or table == "staged.calendar" for table in audit.reads)
]

Node = dict[str, Any]


@pytest.fixture(scope="module")
def plan():
    """Plans a query as on large tables."""
    connection = World().connection
    connection.execute("set nested_loop_join_threshold = 0")
    connection.execute("set merge_join_threshold = 0")
    before = connection.execute("select current_setting('disabled_optimizers')").fetchone()
    connection.execute(
        "set disabled_optimizers = 'join_order,statistics_propagation,empty_result_pullup'"
    )

    def plan(query: str) -> Node:
        text = connection.execute(" ".join(["explain (format json)", query])).fetchall()[0][1]
        return {"name": "QUERY", "children": json.loads(text)}

    yield plan
    connection.execute("set disabled_optimizers = ?", [before[0] if before else ""])
    connection.execute("reset nested_loop_join_threshold")
    connection.execute("reset merge_join_threshold")


def nodes(node: Node) -> Iterator[Node]:
    """All nodes of a plan."""
    yield node
    for child in node.get("children", []):
        yield from nodes(child)


def definitions(root: Node) -> dict[str, Node]:
    """What stands behind the scans of named steps, by their index."""
    return {
        node["extra_info"]["Table Index"]: node["children"][0]
        for node in nodes(root)
        if node["name"].strip() == "CTE"
    }


def has_few_rows(node: Node, steps: dict[str, Node]) -> bool:
    """Whether a side of a join cannot grow with the papers."""
    name = node["name"].strip()
    if name in OF_FEW_ROWS:
        return True
    if name == "CTE_SCAN":
        return has_few_rows(steps[node["extra_info"]["CTE Index"]], steps)
    if name == "SEQ_SCAN":
        return node["extra_info"]["Table"].split(".", 1)[1] in SMALL_TABLES
    return (name in PASSING | {"UNION"} or "JOIN" in name or "PRODUCT" in name) and all(
        has_few_rows(child, steps) for child in node["children"]
    )


def quadratic_joins(root: Node) -> list[str]:
    """The joins of a plan that compare every row of a growing side with every row of another."""
    steps = definitions(root)
    return [
        node["name"].strip()
        for node in nodes(root)
        if node["name"].strip() in QUADRATIC
        and not any(has_few_rows(child, steps) for child in node["children"])
    ]


@pytest.mark.parametrize("table", sorted(models()))
def test_no_model_compares_every_row_with_every_row(table, plan):
    assert quadratic_joins(plan(models()[table].statement.query)) == []


@pytest.mark.parametrize("audit", AUDITS, ids=lambda audit: audit.path.stem)
def test_no_audit_compares_every_row_with_every_row(audit, plan):
    assert quadratic_joins(plan(audit.query)) == []


@pytest.mark.parametrize(
    "condition",
    [
        # a condition on the left table keeps a left join from finding its rows by key
        "left join staged.deliveries as notes on is_cancelled and orders.order_no = notes.order_no",
        "inner join staged.deliveries on orders.order_no in (deliveries.order_no, 'none')",
        "cross join staged.deliveries",
        "cross join (select order_no from staged.deliveries group by order_no)",
    ],
)
def test_a_query_that_does_is_found(condition, plan):
    assert quadratic_joins(plan(f"select orders.amount from staged.orders {condition}"))


@pytest.mark.parametrize(
    "condition",
    [
        "left join staged.deliveries on orders.order_no = deliveries.order_no",
        "cross join (select max(known_on) as known_on from staged.deliveries)",
        "cross join (select unnest(getvariable('days')) as as_of)",
        "where known_on > (select min(known_on) from staged.deliveries)",
    ],
)
def test_a_query_that_does_not_is_left_alone(condition, plan):
    assert quadratic_joins(plan(f"select orders.amount from staged.orders {condition}")) == []
