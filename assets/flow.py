"""The whole flow: every table of every stage, each with the audits that end in it."""

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from graphlib import TopologicalSorter
from types import ModuleType

import dagster as dg

from assets import STAGES
from assets.published import published_asset
from assets.python_model import PythonModel
from assets.sql_model import ROOT, SqlModel, Statement, read_audits, read_models, sql_asset


def flow() -> list[dg.AssetsDefinition]:
    """All assets of the house, `published` last."""
    written = python_assets()
    models = with_audits(read_models(), unclaimed(read_audits(), written), reads_of(written))
    tables = [*written, *(sql_asset(model) for model in models)]
    return [*tables, published_asset(last_tables(tables))]


def last_tables(tables: Iterable[dg.AssetsDefinition]) -> list[dg.AssetKey]:
    """The tables that no other table reads: when they are done, all are."""
    tables = list(tables)
    keys = {key for table in tables for key in table.keys}
    read = {
        read
        for table in tables
        for key, reads in table.asset_deps.items()
        for read in reads
        if read != key
    }
    return sorted(keys - read)


def python_modules() -> list[ModuleType]:
    """The modules `assets/<stage>/<table>.py`, in flow order."""
    return [
        importlib.import_module(f"assets.{stage}.{path.stem}")
        for stage in STAGES
        for path in sorted((ROOT / stage).glob("*.py"))
        if path.stem != "__init__"
    ]


def python_assets() -> list[dg.AssetsDefinition]:
    """The tables that are better said in Python than in SQL."""
    found = dg.load_assets_from_modules(python_modules())
    return [asset for asset in found if isinstance(asset, dg.AssetsDefinition)]


def python_models() -> dict[str, PythonModel]:
    """The tables that Python works out of other tables, by name."""
    found = [getattr(module, "MODEL", None) for module in python_modules()]
    return {model.table: model for model in found if isinstance(model, PythonModel)}


def reads_of(assets: Iterable[dg.AssetsDefinition]) -> dict[str, frozenset[str]]:
    """The tables that each table made in Python reads."""
    return {
        _table(key): frozenset(_table(read) for read in asset.asset_deps[key])
        for asset in assets
        for key in asset.keys
    }


def unclaimed(
    audits: Iterable[Statement], assets: Iterable[dg.AssetsDefinition]
) -> list[Statement]:
    """The audits that no asset made in Python answers for."""
    claimed = {
        (spec.asset_key.path[0], spec.name) for asset in assets for spec in asset.check_specs
    }
    return [audit for audit in audits if (audit_stage(audit), audit.path.stem) not in claimed]


def audit_stage(audit: Statement) -> str:
    """The stage whose folder an audit is in."""
    return audit.path.parent.parent.name


def with_audits(
    models: Iterable[SqlModel],
    audits: Iterable[Statement],
    others: Mapping[str, frozenset[str]] | None = None,
) -> list[SqlModel]:
    """The models, each with the audits that can run once its table is written.

    Args:
        models: The SQL models.
        audits: The audits to place. An audit goes to the last table of its own stage that it
            reads; what else it reads becomes a dependency of that step, so the order of tables
            must be one and the same for all audits, or they could depend on each other in a ring.
        others: What the tables made in Python read, by table.

    Raises:
        ValueError: an audit reads no table of its stage, or its last table is made in Python.
    """
    models = list(models)
    reads = {model.table: model.statement.reads - {model.table} for model in models}
    place = {table: number for number, table in enumerate(flow_order({**(others or {}), **reads}))}
    placed: dict[str, list[Statement]] = {model.table: [] for model in models}
    for audit in audits:
        own = [table for table in audit.reads if table.split(".")[0] == audit_stage(audit)]
        unknown = sorted(table for table in own if table not in place)
        if not own or unknown:
            raise ValueError(f"{audit.path}: it reads {unknown or 'no table of its stage'}")
        last = max(own, key=place.__getitem__)
        if last not in placed:
            raise ValueError(f"{audit.path}: the asset {last} must list it in its check_specs")
        placed[last].append(audit)
    return [replace(model, audits=tuple(placed[model.table])) for model in models]


def flow_order(reads: Mapping[str, frozenset[str]]) -> list[str]:
    """All tables so that each comes after what it reads; a stage stays together, then by name."""
    stage_of = {stage: number for number, stage in enumerate(STAGES)}

    def rank(table: str) -> tuple[int, str]:
        return stage_of.get(table.split(".")[0], -1), table

    sorter = TopologicalSorter(reads)
    sorter.prepare()
    ordered: list[str] = []
    waiting: list[str] = []
    while sorter.is_active():
        waiting = sorted([*waiting, *sorter.get_ready()], key=rank)
        ordered.append(waiting.pop(0))
        sorter.done(ordered[-1])
    return ordered


def _table(key: dg.AssetKey) -> str:
    return ".".join(key.path)
