"""The definitions: one module, one job, every table in the flow, nothing deprecated."""

import tomllib
import warnings

import dagster as dg
import pytest
import yaml

import assets
from assets import STAGES, cash_queries, flow
from assets.sql_model import SqlModel, Statement, read_audits, read_models, tables_read
from io_managers.warehouse import PUBLISHED
from pipelines.days import TIMEZONE
from pipelines.definitions import defs
from receivables.home import REPOSITORY


@pytest.fixture(scope="module")
def graph():
    return defs.resolve_asset_graph()


def test_stages_are_a_constant_in_flow_order():
    assert STAGES == (
        "received", "staged", "matched", "settled", "aged", "rated", "warned", "reported"
    )  # fmt: skip


def test_workspace_and_project_name_the_same_module():
    workspace = yaml.safe_load((REPOSITORY / "workspace.yaml").read_text(encoding="utf-8"))
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    (entry,) = workspace["load_from"]
    location = project["tool"]["dg"]["project"]
    assert entry["python_module"] == {
        "module_name": location["code_location_target_module"],
        "location_name": location["code_location_name"],
    }
    assert location["code_location_target_module"] == "pipelines.definitions"


def test_definitions_load_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=dg.BetaWarning)
        warnings.filterwarnings("ignore", category=dg.PreviewWarning)
        dg.Definitions.validate_loadable(defs)


def test_there_is_one_set_of_definitions():
    found = [
        path
        for package in ("assets", "io_managers", "pipelines", "receivables")
        for path in (REPOSITORY / package).rglob("*.py")
        if "dg.Definitions(" in path.read_text(encoding="utf-8")
    ]
    assert [path.name for path in found] == ["definitions.py"]


def test_every_table_has_days_group_and_description(graph):
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        assert node.partitions_def == assets.PARTITIONS, key
        assert node.backfill_policy == assets.BACKFILL, key
        assert node.description, key
        assert node.group_name == ("published" if key == PUBLISHED else key.path[0]), key


def test_every_dependency_is_a_table_of_the_flow(graph):
    assert set(graph.get_all_asset_keys()) == set(graph.materializable_asset_keys)


def test_published_waits_for_everything(graph):
    """It depends on the tables that nobody reads, and so on all tables."""
    waits_for, look_at = set(), [PUBLISHED]
    while look_at:
        parents = graph.get(look_at.pop()).parent_keys - waits_for
        waits_for |= parents
        look_at += parents
    assert waits_for == graph.materializable_asset_keys - {PUBLISHED}


def test_every_audit_blocks_and_is_placed_once(graph):
    placed = sorted((key.asset_key.path[0], key.name) for key in graph.asset_check_keys)
    audits = sorted((flow.audit_stage(audit), audit.path.stem) for audit in read_audits())
    assert placed == audits
    assert all(graph.get_check_spec(key).blocking for key in graph.asset_check_keys)


def test_the_job_closes_every_table(graph):
    job = defs.resolve_job_def("daily_close")
    assert set(job.asset_layer.selected_asset_keys) == graph.materializable_asset_keys


def test_days_are_those_of_shanghai():
    assert str(TIMEZONE) == assets.TIMEZONE == assets.PARTITIONS.timezone


def test_today_can_be_closed_and_so_can_the_inbox(tmp_path):
    from datetime import date

    from receivables.home import Home

    home, today = Home(tmp_path), date(2026, 5, 10)
    assert assets.days_ahead(home, today) == 1
    (home.inbox / "2026-05-12").mkdir(parents=True)
    assert assets.days_ahead(home, today) == 3


def models_of(tmp_path, **queries):
    """SQL models and audits of a little flow; names like staged__orders, audit names too."""
    models, audits = [], []
    for name, query in queries.items():
        stage, _, stem = name.partition("__")
        folder = tmp_path / stage / ("audits" if stem.startswith("audit") else "")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{stem}.sql"
        path.write_text(f"-- One row.\n\n{query}", encoding="utf-8")
        (audits if stem.startswith("audit") else models).append(Statement.read(path))
    return [SqlModel(model) for model in models], audits


def test_a_shared_step_stands_for_its_query(tmp_path):
    models, _ = models_of(
        tmp_path, staged__a="select store_id from staged.steps.store_code_versions as codes"
    )
    assert models[0].statement.reads == {"staged.store_codes"}
    assert "steps" not in models[0].statement.query


def test_a_step_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"staged.steps.nothing\.sql"):
        models_of(tmp_path, staged__a="select * from staged.steps.nothing")


@pytest.mark.parametrize(
    ("reads", "place"),
    [
        ("staged.a", "staged.a"),
        ("staged.a join staged.b using (x)", "staged.b"),
        ("staged.b join received.orders using (x)", "staged.b"),
        ("staged.a join staged.c using (x)", "staged.c"),
    ],
)
def test_an_audit_goes_to_the_last_table_of_its_stage_that_it_reads(tmp_path, reads, place):
    models, audits = models_of(
        tmp_path,
        staged__a="from staged.c",
        staged__b="from staged.a",
        staged__c="from received.orders",
        staged__audit=f"from {reads}",
    )
    if place == "staged.c":
        place = "staged.a"  # a reads c, so a comes later
    placed = flow.with_audits(models, audits)
    assert [model.table for model in placed if model.audits] == [place]


def test_what_the_search_for_money_reads_is_known_of_all_its_queries():
    queries = {
        value
        for name, value in vars(cash_queries).items()
        if name.isupper() and isinstance(value, str) and tables_read(value)
    }
    assert queries == set(cash_queries.ALL)


def test_audits_never_make_a_ring(tmp_path):
    models, audits = models_of(
        tmp_path,
        staged__a="from received.orders",
        staged__b="from received.orders",
        staged__audit_1="from staged.a join staged.b using (x)",
        staged__audit_2="from staged.b join staged.a using (x)",
    )
    placed = flow.with_audits(models, audits)
    assert [model.table for model in placed if model.audits] == ["staged.b"]


def test_an_audit_without_a_table_of_its_stage_is_refused(tmp_path):
    models, audits = models_of(
        tmp_path, staged__a="from received.orders", staged__audit="from received.orders"
    )
    with pytest.raises(ValueError, match="no table of its stage"):
        flow.with_audits(models, audits)


def test_an_audit_that_ends_in_a_python_table_must_be_its_own(tmp_path):
    models, audits = models_of(
        tmp_path, staged__a="from received.orders", staged__audit="from staged.calendar"
    )
    with pytest.raises(ValueError, match="staged.calendar must list it"):
        flow.with_audits(models, audits, {"staged.calendar": frozenset()})


def test_all_models_are_found():
    assert len(read_models()) > 40
