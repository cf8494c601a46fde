"""Whether a query can have rows at all, told from which tables have some.

Small worlds leave most tables empty, and planning a model costs more than running it there. The
tree of a query says that it has no row when, say, the table that it starts from has none. What the
tree does not say for certain counts as a row.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

Node = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Condition:
    """When there can be rows: `all` of the parts must have some, or `any`.

    A part is a table's name, another condition, or nothing certain (True). Conditions are shared,
    a step that two others read is one object.
    """

    how: str
    parts: tuple["Condition | str | bool", ...]


Rows = Condition | str | bool


def can_have_rows(query: str, filled: Collection[str]) -> bool:
    """Whether a query can have rows when only these tables, `stage.table`, have any.

    Raises:
        ValueError: the query does not parse.
    """
    return _holds(condition(query), filled, {})


@cache
def condition(query: str) -> Rows:
    """When a query can have rows."""
    (text,) = duckdb.execute("select json_serialize_sql(?)", [query]).fetchall()[0]
    tree = json.loads(text)
    if tree["error"]:
        raise ValueError(tree["error_message"])
    return _of_query(tree["statements"][0]["node"], {})


def _holds(rows: Rows, filled: Collection[str], known: dict[int, bool]) -> bool:
    if isinstance(rows, bool):
        return rows
    if isinstance(rows, str):
        return rows in filled
    if id(rows) not in known:
        decide = all if rows.how == "all" else any
        known[id(rows)] = decide(_holds(part, filled, known) for part in rows.parts)
    return known[id(rows)]


def _of_query(node: Node, steps: Mapping[str, Rows]) -> Rows:
    known = dict(steps)
    for step in node["cte_map"]["map"]:
        known[step["key"]] = _of_query(step["value"]["query"]["node"], known)
    kind = node["type"]
    if kind == "SELECT_NODE":
        return _of_select(node, known)
    if kind == "SET_OPERATION_NODE":
        left, right = (_of_query(node[side], known) for side in ("left", "right"))
        how = {"EXCEPT": None, "INTERSECT": "all"}.get(node["setop_type"], "any")
        return Condition(how, (left, right)) if how else left
    return True  # a recursion, or what no model uses


def _of_select(node: Node, steps: Mapping[str, Rows]) -> Rows:
    if _has_a_row_of_nothing(node):
        return True
    asked = [node["where_clause"], *_conjuncts(node["where_clause"])]
    needed = [_of_query(part["subquery"]["node"], steps) for part in asked if _wants_a_row(part)]
    return Condition("all", (_of_source(node["from_table"], steps), *needed))


def _of_source(source: Node, steps: Mapping[str, Rows]) -> Rows:
    """When what stands in a FROM clause can have rows."""
    kind = source["type"]
    if kind == "BASE_TABLE":
        if source["schema_name"]:
            return f"{source['schema_name']}.{source['table_name']}"
        return steps.get(source["table_name"], True)
    if kind == "SUBQUERY":
        return _of_query(source["subquery"]["node"], steps)
    if kind == "JOIN" and source["ref_type"] != "POSITIONAL":
        left, right = (_of_source(source[side], steps) for side in ("left", "right"))
        both = {"INNER": "all", "SEMI": "all", "FULL": "any"}.get(source["join_type"])
        if both:
            return Condition(both, (left, right))
        return {"LEFT": left, "ANTI": left, "RIGHT": right}.get(source["join_type"], True)
    return True


def _has_a_row_of_nothing(node: Node) -> bool:
    """Whether a select may aggregate nothing to one row."""
    chosen = [_has_aggregate(part) for part in node["select_list"]]
    if node["group_expressions"]:
        return len(node["group_sets"]) > 1 or not all(node["group_sets"])
    if node["aggregate_handling"] == "FORCE_AGGREGATES":  # group by all
        grouped = zip(node["select_list"], chosen, strict=True)
        return not any(not has and '"COLUMN_REF"' in json.dumps(part) for part, has in grouped)
    return any(chosen) or bool(node["having"])


def _has_aggregate(part: Any) -> bool:
    return any(
        each.get("class") == "FUNCTION"
        and not each.get("is_operator")
        and each["function_name"] not in _of_one_row()
        for each in _nodes(part)
    )


@cache
def _of_one_row() -> frozenset[str]:
    """The functions that make one value of one row: the scalar ones, and the house's own."""
    from io_managers.macros import MACROS

    own = {macro.split("macro", 1)[1].split("(")[0].strip() for macro in MACROS}
    found = duckdb.execute(
        "select function_name from duckdb_functions() "
        "group by all having bool_and(function_type = 'scalar')"
    ).fetchall()
    return frozenset({"unnest", "getvariable", *own, *(name for (name,) in found)})


def _conjuncts(where: Node | None) -> list[Node]:
    """The conditions of a WHERE clause that must all hold."""
    if not where or where["type"] != "CONJUNCTION_AND":
        return []
    return [part for child in where["children"] for part in (child, *_conjuncts(child))]


def _wants_a_row(part: Node | None) -> bool:
    """Whether a condition asks a query for a row: `exists (…)`, `… in (…)`."""
    if not part or part["class"] != "SUBQUERY":
        return False
    kind = part["subquery_type"]
    return kind == "EXISTS" or kind == "ANY" and part["comparison_type"] == "COMPARE_EQUAL"


def _nodes(part: Any) -> Iterator[Node]:
    if isinstance(part, dict):
        yield part
        for inner in part.values():
            yield from _nodes(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _nodes(inner)
