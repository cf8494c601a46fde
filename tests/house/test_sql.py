"""The SQL of the house: headers, stages, and who may write."""

import ast
import json
import re

import duckdb
import pytest

from assets import STAGES
from assets.flow import audit_stage, python_models
from assets.sql_model import ROOT, Statement, read_audits, read_models
from receivables.home import REPOSITORY

MODELS = read_models()
AUDITS = read_audits()
SQL_FILES = sorted(
    path
    for package in ("assets", "pipelines", "benchmarks")
    for path in (REPOSITORY / package).rglob("*.sql")
)
# Packs are in an order, so their queries end with one.
QUERIES_OF_PACKS = ROOT / "reported" / "queries"
STEPPED = [
    path
    for path in SQL_FILES
    if path.is_relative_to(ROOT)
    and not path.is_relative_to(QUERIES_OF_PACKS)
    or path.is_relative_to(REPOSITORY / "pipelines")
]
# A query of more lines, with its steps put in, may be told in parts.
LONG_QUERY = 300
STEPS = sorted(ROOT.glob("*/steps/*.sql"))
# These work on an empty database of their own, to tell the columns of the tables.
OF_THEIR_OWN = {REPOSITORY / "pipelines" / "docs.py"}
WRITES = re.compile(
    r"\b(insert\s+into|update\s+\w[\w.]*\s+set|delete\s+from|create\s+(or\s+replace\s+)?"
    r"(temp\s+|temporary\s+)?(table|view|schema)|drop\s+(table|view|schema)|alter\s+table|"
    r"truncate\s+table|merge\s+into)\b",
    re.IGNORECASE,
)
# Not in every engine, or a second truth beside the audits.
AVOIDED = re.compile(
    r"\basof\b|\bon\s+conflict\b|\breturning\b|\bnextval\b|\bprimary\s+key\b|\bcreate\s+index\b",
    re.IGNORECASE,
)


def without_comments(text):
    return re.sub(r"--[^\n]*", "", text)


def name_of(path):
    return str(path.relative_to(REPOSITORY))


@pytest.mark.parametrize("path", SQL_FILES, ids=name_of)
def test_every_query_begins_with_its_grain(path):
    header = Statement.read(path).header
    assert len(header.split()) >= 4
    assert header.rstrip().endswith((".", ")"))


@pytest.mark.parametrize("path", STEPPED, ids=name_of)
def test_every_query_ends_with_a_named_step(path):
    assert re.search(r"\nselect \* from \w+\s*;?\s*\Z", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SQL_FILES, ids=name_of)
def test_no_query_leans_on_what_other_engines_lack(path):
    assert not AVOIDED.search(without_comments(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.table)
def test_models_read_their_own_and_earlier_stages(model):
    allowed = STAGES[: STAGES.index(model.stage) + 1]
    assert {table.split(".")[0] for table in model.statement.reads} <= set(allowed)


@pytest.mark.parametrize("model", python_models().values(), ids=lambda model: model.table)
def test_tables_made_in_python_read_their_own_and_earlier_stages(model):
    allowed = STAGES[: STAGES.index(model.table.split(".")[0]) + 1]
    assert model.reads
    assert {table.split(".")[0] for table in model.reads} <= set(allowed)


@pytest.mark.parametrize("audit", AUDITS, ids=lambda audit: name_of(audit.path))
def test_audits_read_their_own_and_earlier_stages(audit):
    allowed = STAGES[: STAGES.index(audit_stage(audit)) + 1]
    assert {table.split(".")[0] for table in audit.reads} <= set(allowed)


def test_every_sql_file_of_a_stage_is_in_the_flow():
    in_flow = {model.statement.path for model in MODELS} | {audit.path for audit in AUDITS}
    others = set(ROOT.rglob("*.sql")) - in_flow - set(STEPS)
    assert {path for path in others if not path.is_relative_to(QUERIES_OF_PACKS)} == set()


@pytest.mark.parametrize("path", STEPS, ids=name_of)
def test_a_step_of_its_own_is_shared_or_part_of_a_long_query(path):
    name = f"{path.parent.parent.name}.steps.{path.stem}"
    named_in = [query for query in SQL_FILES if name in query.read_text("utf-8").split()]
    assert named_in
    if len(named_in) == 1:
        assert len(Statement.read(named_in[0]).query.splitlines()) > LONG_QUERY
    assert max(query.read_text("utf-8").split().count(name) for query in named_in) == 1


@pytest.mark.parametrize("path", STEPS, ids=name_of)
def test_a_step_says_what_it_takes_of_the_query_that_names_it(path):
    step = Statement.read(path)
    said = re.search(r"^Takes (.+)\.$", step.header, re.MULTILINE)
    assert taken(step.query) == set(re.findall(r"`(\w+)`", said[1]) if said else ())


def taken(query):
    """The names in FROM clauses that neither a schema nor the query itself explains."""
    found = duckdb.execute("select json_serialize_sql(?)", [query]).fetchone()
    read, own = set(), set()

    def look(node):
        if isinstance(node, dict):
            if node.get("type") == "BASE_TABLE" and not node.get("schema_name"):
                read.add(node["table_name"])
            own.update(entry["key"] for entry in node.get("cte_map", {}).get("map", []))
        for part in node.values() if isinstance(node, dict) else node:
            if isinstance(part, dict | list):
                look(part)

    look(json.loads(found[0]))
    return read - own


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("with a as (select 1 as x), b as (select * from a join c using (x)) select * from b", "c"),
        ("with a as (select * from staged.orders) select * from a", ""),
        ("select * from (with a as (select 1) select * from a) where 1 in (select x from d)", "d"),
    ],
)
def test_what_a_query_takes_is_found(query, names):
    assert taken(query) == set(names)


def test_every_stage_is_a_folder_and_every_folder_a_stage():
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders == set(STAGES)


def test_only_io_managers_write_the_warehouse():
    sources = [
        path
        for package in ("assets", "pipelines", "receivables")
        for pattern in ("*.py", "*.sql")
        for path in (REPOSITORY / package).rglob(pattern)
        if path not in OF_THEIR_OWN
    ]
    found = [f"{name_of(path)}: {statement}" for path in sources for statement in written_by(path)]
    assert found == []


def written_by(path):
    """The writing statements in a SQL file, or in the strings of a Python file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".sql":
        return [match[0] for match in WRITES.finditer(without_comments(text))]
    return [
        match[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for match in WRITES.finditer(node.value)
    ]


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("insert into staged.orders values (1)", True),
        ("DELETE FROM staged.orders", True),
        ("create or replace temp table x as select 1", True),
        ("update staged.orders set amount = 0", True),
        ("select updated_on, deleted from staged.orders", False),
        ("-- delete from nowhere\nselect 1", False),
    ],
)
def test_the_search_for_writing_statements_finds(text, is_found):
    assert bool(WRITES.search(without_comments(text))) is is_found


def test_no_query_is_put_together_by_f_strings():
    found = [
        f"{name_of(path)}:{node.lineno}"
        for package in ("assets", "pipelines", "io_managers", "receivables")
        for path in (REPOSITORY / package).rglob("*.py")
        if path not in OF_THEIR_OWN
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.JoinedStr) and is_query(node)
    ]
    assert found == []


def is_query(node):
    text = " ".join(part.value for part in node.values if isinstance(part, ast.Constant))
    return bool(re.search(r"\bselect\b.*\bfrom\b|\bwhere\b.*=|\border by\b", text, re.DOTALL))


def test_every_audit_is_named_by_a_test():
    tests = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (REPOSITORY / "tests").rglob("test_*.py")
        if "house" not in path.parts
    )
    unnamed = [
        f"{audit_stage(audit)}/{audit.path.stem}"
        for audit in AUDITS
        if audit.path.stem not in tests
    ]
    assert unnamed == [], "a fault must be planted for each audit"
