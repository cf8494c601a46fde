"""The figures of a timed close as Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assets import STAGES

TARGETS = {"whole history": 15.0, "one more day": 3.0}
BACKFILL_TARGET = 2.0  # times one close of the whole history
SLOWEST = 12


def markdown(result: dict[str, Any]) -> str:
    """Tables of the closes, of their stages and of the slowest tables."""
    machine = result["machine"]
    lines = [
        (
            f"{result['orders']:,} orders, {result['rows_received']:,} rows received; "
            f"{machine['cores']} cores, {machine['memory_gb']} GB, Python {machine['python']}, "
            f"load {machine['load_before']} before."
        ),
        "",
        *_closes(result),
        "",
        *_stages(result),
        "",
        *_tables(result),
    ]
    return "\n".join(lines)


def _closes(result: dict[str, Any]) -> Iterable[str]:
    floor = result["floor"]
    yield from _head("", "seconds", "CPU seconds", "peak MB", "× floor", "target")
    yield _row("floor", f"{floor['seconds']:.2f}", "", f"{floor['memory_mb']:,.0f}", "1", "")
    whole = result["closes"]["whole history"]["seconds"]
    for name, close in result["closes"].items():
        target = f"≤ {TARGETS[name]:.0f} × floor" if name in TARGETS else ""
        if name == "30 days":
            times = close["seconds"] / whole
            target = f"≤ {BACKFILL_TARGET:.0f} × whole history ({times:.2f})"
        yield _row(
            name,
            f"{close['seconds']:.1f}",
            f"{close['cpu_seconds']:.1f}",
            f"{close['memory_mb']:,.0f}",
            f"{close['seconds'] / floor['seconds']:.1f}",
            target,
        )


def _stages(result: dict[str, Any]) -> Iterable[str]:
    closes = result["closes"]
    yield from _head("stage", *(f"{name}: s (MB)" for name in closes))
    told = dict.fromkeys(stage for close in closes.values() for stage in close["stages"])
    around = [stage for stage in told if stage not in STAGES]  # before the first, after the last
    for stage in [*around[:1], *(stage for stage in STAGES if stage in told), *around[1:]]:
        cells = []
        for close in closes.values():
            figures = close["stages"].get(stage)
            cells.append(
                f"{figures['seconds']:.1f} ({figures['memory_mb']:,.0f})" if figures else ""
            )
        yield _row(stage, *cells)


def _tables(result: dict[str, Any]) -> Iterable[str]:
    for name, close in result["closes"].items():
        yield from _head(f"slowest tables, {name}", "rows", "s")
        tables = sorted(close["tables"].items(), key=lambda item: -item[1]["seconds"])
        for table, figures in tables[:SLOWEST]:
            yield _row(table, f"{figures['rows']:,.0f}", f"{figures['seconds']:.1f}")
        yield ""


def _head(*cells: str) -> Iterable[str]:
    yield _row(*cells)
    yield _row("---", *("---:" for _ in cells[1:]))


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"
