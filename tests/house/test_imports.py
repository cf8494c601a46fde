"""Imports go one way, and nothing private or deprecated of a library is used."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from receivables.home import REPOSITORY

ORDER = ("receivables", "io_managers", "assets", "pipelines")
SOURCES = sorted(
    path
    for package in (*ORDER, "benchmarks", "tests")
    for path in (REPOSITORY / package).rglob("*.py")
)


def imported(path: Path) -> Iterator[str]:
    """Full names of the modules and objects that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files_of(package: str) -> list[Path]:
    return [path for path in SOURCES if path.is_relative_to(REPOSITORY / package)]


@pytest.mark.parametrize("package", ORDER)
def test_packages_import_only_packages_before_them(package):
    later = ORDER[ORDER.index(package) + 1 :]
    found = [
        f"{path.relative_to(REPOSITORY)} imports {name}"
        for path in files_of(package)
        for name in imported(path)
        if name.split(".")[0] in (*later, "benchmarks", "tests")
    ]
    assert found == []


def test_the_vocabulary_is_free_of_dagster_and_duckdb():
    found = [
        f"{path.relative_to(REPOSITORY)} imports {name}"
        for path in files_of("receivables")
        for name in imported(path)
        if name.split(".")[0].startswith(("dagster", "duckdb"))
    ]
    assert found == []


def test_nothing_private_of_dagster_is_imported():
    found = [
        f"{path.relative_to(REPOSITORY)} imports {name}"
        for path in SOURCES
        for name in imported(path)
        if name.startswith("dagster") and any(part.startswith("_") for part in name.split("."))
    ]
    assert found == []


def test_stages_import_no_later_stage():
    from assets import STAGES

    found = [
        f"{path.relative_to(REPOSITORY)} imports {name}"
        for number, stage in enumerate(STAGES)
        for path in files_of(f"assets/{stage}")
        for name in imported(path)
        if name.startswith(tuple(f"assets.{later}." for later in STAGES[number + 1 :]))
    ]
    assert found == []


def test_files_that_define_assets_keep_their_annotations():
    found = [
        str(path.relative_to(REPOSITORY))
        for path in files_of("assets")
        if "@dg.asset" in path.read_text(encoding="utf-8")
        and "__future__.annotations" in set(imported(path))
    ]
    assert found == [], "Dagster reads the annotations of an asset's arguments"


def test_files_stay_short_enough_to_read():
    found = [
        f"{path.relative_to(REPOSITORY)}: {lines} lines"
        for path in [*SOURCES, *(REPOSITORY / "assets").rglob("*.sql")]
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    ]
    assert found == []
