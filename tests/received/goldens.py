"""Fixtures of the shipped layouts and what reading them must give.

`layouts/<layout>/<case>.<ending>` is a small made-up file with the traps of the real one (the name
of the file is part of the case); `<case>.golden.json` beside it says which traps those are
(`shows`, written by hand) and what the file reads as. After a change of a layout, write the
goldens anew and look at the difference:

    python -m tests.received.goldens [layout ...]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from receivables.home import REPOSITORY
from receivables.sources import Parsed, Part, Sources, read_file

FOLDER = Path(__file__).parent / "layouts"
_ENDING = ".golden.json"


def inputs(layouts: Iterable[str] = ()) -> list[Path]:
    """The fixtures of the layouts named, else of all."""
    folders = [FOLDER / name for name in layouts] or [FOLDER]
    files = (path for folder in folders for path in folder.rglob("*"))
    return sorted(path for path in files if path.is_file() and not path.name.endswith(_ENDING))


def golden_of(path: Path) -> Path:
    """Where the golden of a fixture stands."""
    return path.with_name(path.stem + _ENDING)


def understood(parsed: Parsed) -> dict[str, Any]:
    """A parsed file as JSON values: exact figures as text, empty fields left out."""
    return {
        "layout": parsed.layout,
        "message": parsed.message,
        "kinds": {part.kind: _of_part(part) for part in parsed.parts},
        "totals": _rows(parsed.totals),
    }


def _of_part(part: Part) -> dict[str, Any]:
    return {
        "rows_in": part.rows_in,
        "amount_in": str(part.amount_in),
        "accepted": _rows(part.accepted),
        "rejected": _rows(part.rejected.drop("kind")),
    }


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return [
        {name: _plain(value) for name, value in row.items() if value is not None}
        for row in frame.iter_rows(named=True)
    ]


def _plain(value: object) -> object:
    return value if isinstance(value, bool | int) else str(value)


def written(golden: dict[str, Any]) -> str:
    """JSON with a line per row, so that differences can be read."""
    return _written(golden, 0) + "\n"


def _written(value: Any, depth: int) -> str:
    is_row = isinstance(value, dict) and depth and not any(_is_nested(v) for v in value.values())
    if is_row or not _is_nested(value) or not value:
        return json.dumps(value, ensure_ascii=False)
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        items = [f"{json.dumps(k)}: {_written(v, depth + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(inner + item for item in items) + f"\n{outer}}}"
    items = [_written(item, depth + 1) for item in value]
    return "[\n" + ",\n".join(inner + item for item in items) + f"\n{outer}]"


def _is_nested(value: object) -> bool:
    return isinstance(value, dict | list)


def write(layouts: Iterable[str] = ()) -> None:
    """Write the goldens anew; what a fixture shows is kept."""
    sources = Sources.read(REPOSITORY / "config" / "sources")
    for path in inputs(layouts):
        place = golden_of(path)
        shows = json.loads(place.read_text(encoding="utf-8"))["shows"] if place.exists() else []
        golden = {"shows": shows, **understood(read_file(path, sources))}
        place.write_text(written(golden), encoding="utf-8")
        print(f"{place.relative_to(FOLDER)}: {golden['layout']} {golden['message'] or ''}")


if __name__ == "__main__":
    write(sys.argv[1:])
