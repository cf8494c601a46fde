"""Named queries of the command line over the published tables, a file each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

FOLDER = Path(__file__).resolve().parent


def rows(
    warehouse: duckdb.DuckDBPyConnection, name: str, parameters: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The rows of the query `<folder>/<name>`, for example `explain/links`, as dictionaries.

    Args:
        warehouse: The published warehouse.
        name: Path of the query below this folder, without its ending.
        parameters: Values for its $names; those that it does not use are left out.
    """
    text = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    named = set(re.findall(r"\$(\w+)", text))
    used = {key: value for key, value in (parameters or {}).items() if key in named}
    cursor = warehouse.execute(text, used or None)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
