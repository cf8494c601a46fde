"""Every `assets/<stage>/<table>.sql` becomes an asset; its text says all there is to know."""

import json
import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from assets import BACKFILL, PARTITIONS, STAGES
from io_managers.session import Query, Session, missing_slices
from io_managers.warehouse import Warehouse, markdown, window_of

ROOT = Path(__file__).resolve().parent

_HEADER = re.compile(r"\A\s*(?:--[^\n]*\n)+")
_STEP = re.compile(r"(?<=\bfrom )(\w+)\.steps\.(\w+)")


@dataclass(frozen=True)
class Statement:
    """A SQL file: its header comment and its query, with the steps of other files put in."""

    path: Path
    header: str
    query: str

    @classmethod
    def read(cls, path: Path) -> "Statement":
        """Read a file.

        Raises:
            ValueError: the header comment is missing.
            FileNotFoundError: there is no step of a name in a FROM clause.
        """
        text = path.read_text(encoding="utf-8")
        found = _HEADER.match(text)
        if not found:
            raise ValueError(f"{path}: the file must start with a comment that states its grain")
        lines = [line.strip().removeprefix("--").strip() for line in found[0].splitlines()]
        query = text[found.end() :].strip().rstrip(";")
        return cls(path, "\n".join(lines).strip(), _STEP.sub(_put_in, query))

    @cached_property
    def reads(self) -> frozenset[str]:
        """The warehouse tables named in FROM clauses, as `stage.table`."""
        return tables_read(self.query)


def _put_in(step: re.Match[str]) -> str:
    """A step with a file of its own, `from <stage>.steps.<name>`, as a query in brackets.

    It sees the named steps that the query around it has before it, like any query in brackets.
    """
    stage, name = step.groups()
    return "(" + Statement.read(ROOT / stage / "steps" / f"{name}.sql").query + ")"


@dataclass(frozen=True)
class SqlModel:
    """A table made by one query, with the audits that run in its step."""

    statement: Statement
    audits: tuple[Statement, ...] = field(default=())

    @property
    def stage(self) -> str:
        """The folder, which is the schema, the group and the key prefix."""
        return self.statement.path.parent.name

    @property
    def table(self) -> str:
        """The table's full name, `stage.table`."""
        return f"{self.stage}.{self.statement.path.stem}"

    @property
    def key(self) -> dg.AssetKey:
        """The asset key, [stage, table]."""
        return asset_key(self.table)


def asset_key(table: str) -> dg.AssetKey:
    """The asset key of a table `stage.table`."""
    return dg.AssetKey(table.split("."))


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def tables_read(query: str) -> frozenset[str]:
    """The `schema.table` names that a query reads, found by DuckDB's own parser.

    Raises:
        ValueError: the query does not parse.
    """
    named: set[str] = set()

    def note(node: dict[str, Any]) -> dict[str, Any]:
        """Note a table; of the tree only the outermost braces are kept."""
        if node.get("type") == "BASE_TABLE" and node.get("schema_name"):
            named.add(f"{node['schema_name']}.{node['table_name']}")
        return node if "error" in node else {}

    found = _parser().execute("select json_serialize_sql(?)", [query]).fetchone()
    tree = json.loads(found[0], object_hook=note) if found else {"error": True}
    if tree.get("error"):
        raise ValueError(tree.get("error_message", "the query does not parse"))
    return frozenset(named)


def read_models(root: Path = ROOT) -> list[SqlModel]:
    """All SQL models in flow order, each with the audits that end in it."""
    tables = [
        Statement.read(path) for stage in STAGES for path in sorted((root / stage).glob("*.sql"))
    ]
    return [SqlModel(table) for table in tables]


def read_audits(root: Path = ROOT) -> list[Statement]:
    """All audit queries in flow order."""
    return [
        Statement.read(path)
        for stage in STAGES
        for path in sorted((root / stage / "audits").glob("*.sql"))
    ]


def audit_specs(audits: list[Statement], key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """The blocking checks that an asset's step answers for."""
    return [
        dg.AssetCheckSpec(name=audit.path.stem, asset=key, description=audit.header, blocking=True)
        for audit in audits
    ]


def run_audit(session: Session, audit: Statement, key: dg.AssetKey) -> dg.AssetCheckResult:
    """Run one audit over the run's window; any row it returns is an offence."""
    offences = session.rows(
        " ".join(["select *, count(*) over () as offences from (", audit.query, ") limit 10"])
    )
    count = offences[0].pop("offences") if offences else 0
    for row in offences[1:]:
        row.pop("offences")
    return dg.AssetCheckResult(
        passed=not offences,
        asset_key=key,
        check_name=audit.path.stem,
        description=audit.header if not offences else f"{count} offending rows. {audit.header}",
        metadata={"offending rows": count, "sample": dg.MetadataValue.md(markdown(offences))},
    )


def sql_asset(model: SqlModel) -> dg.AssetsDefinition:
    """The asset of a SQL model: dependencies are what it and its audits read."""
    audits = list(model.audits)
    reads = model.statement.reads.union(*(audit.reads for audit in audits)) - {model.table}

    @dg.asset(
        key=model.key,
        deps=[asset_key(table) for table in sorted(reads)],
        group_name=model.stage,
        description=model.statement.header,
        metadata={"query": dg.MetadataValue.md(f"```sql\n{model.statement.query}\n```")},
        kinds={"duckdb", "sql"},
        partitions_def=PARTITIONS,
        backfill_policy=BACKFILL,
        check_specs=audit_specs(audits, model.key),
        io_manager_key="warehouse_tables",
        output_required=True,
    )
    def table(context: dg.AssetExecutionContext, warehouse: Warehouse):
        window = window_of(context.partition_key_range)
        lacking = list(missing_slices(warehouse.session, reads, window))
        if lacking:
            raise dg.Failure(
                description="; ".join(lacking) + ". Run the whole daily_close for these days.",
                allow_retries=False,
            )
        yield dg.Output(Query(model.statement.query))
        for audit in audits:
            yield run_audit(warehouse.session, audit, model.key)

    return table
