"""The timed close: a first load, one more day, and thirty days, each in a process of its own.

    python -m benchmarks.close --orders 250000

What is timed is what `sidan close` does: the job `daily_close` through Dagster in one process, with
all audits, packs, mails and the published copy. Memory is the resident set of that process, asked
for twenty times a second. Beside it stands the floor of the same run (see `benchmarks.floor`).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import floor
from benchmarks.scale import Scale, generate
from receivables.home import REPOSITORY, Home

BENCH = REPOSITORY / "data" / "bench"
MEGABYTE = 1 << 20
SAMPLE_SECONDS = 0.05
# What is not the writing of a table: before the first one, and the publishing after the last.
START, END = "start", "commit and publish"


class Clock:
    """Seconds and highest memory of a process by stage and by table, told as tables are written."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, float]] = {}
        self.stages: dict[str, dict[str, float]] = {}
        self._last = time.perf_counter()
        self._highest = 0
        self._stop = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)

    @contextmanager
    def running(self) -> Iterator[Clock]:
        """Sample memory while the block lasts."""
        self._sampler.start()
        try:
            yield self
        finally:
            self._stop.set()
            self._sampler.join()

    def wrote(self, table: str, rows: int, seconds: float) -> None:
        """A table has been written: its query took `seconds`; the rest since the last is around it.

        What comes before a table in its step (audits of the table before, the log of the run)
        counts for its stage.
        """
        if not self.tables:
            self._book(START, 0, self._elapsed() - seconds)
            self._last += self.stages[START]["seconds"]
        elapsed = self._elapsed()
        self._last = time.perf_counter()
        self._book(table.partition(".")[0], rows, elapsed)
        self.tables[table] = {"rows": rows, "seconds": seconds, "around": elapsed - seconds}

    def ended(self) -> None:
        """Nothing more will be written."""
        self._book(END, 0, self._elapsed())

    def _book(self, stage: str, rows: int, seconds: float) -> None:
        figures = self.stages.setdefault(stage, {"seconds": 0.0, "rows": 0, "memory_mb": 0})
        figures["seconds"] += seconds
        figures["rows"] += rows
        figures["memory_mb"] = max(figures["memory_mb"], self._highest / MEGABYTE)
        self._highest = resident()

    def _elapsed(self) -> float:
        return time.perf_counter() - self._last

    def _sample(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            self._highest = max(self._highest, resident())


def resident() -> int:
    """Bytes of memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def timed_close(home: Home, day_from: date, day_until: date, purpose: str) -> dict[str, Any]:
    """Close a window in this process and say how long everything took."""
    began = time.perf_counter()
    from pipelines.engines import share_engines

    share_engines()  # as the command line does, before anything imports Dagster
    from io_managers.progress import Listener
    from io_managers.session import Window
    from pipelines.close import close

    imported = time.perf_counter()
    clock = Clock()
    with clock.running():
        closing = close(
            home,
            Window(day_from, day_until),
            purpose,
            Listener(lambda done: clock.wrote(done.table, done.rows, done.seconds)),
        )
        seconds = time.perf_counter() - imported
        clock.ended()
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "day_from": day_from.isoformat(),
        "day_until": day_until.isoformat(),
        "is_closed": closing.is_closed,
        "failed_audits": [f"{audit}" for audit in closing.audits],
        "errors": closing.errors,
        "seconds": seconds,
        "import_seconds": imported - began,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "memory_mb": used.ru_maxrss / 1024,
        "warehouse_mb": home.warehouse.stat().st_size / MEGABYTE,
        "stages": clock.stages,
        "tables": clock.tables,
    }


@dataclass(frozen=True)
class Task:
    """One of the three closes that are timed."""

    name: str
    day_from: date
    day_until: date
    purpose: str


def tasks(scale: Scale) -> list[Task]:
    """The first load, one more day, and the days after it."""
    days = scale.days
    return [
        Task("whole history", days[0], days[0], "close"),
        Task("one more day", days[1], days[1], "close"),
        Task("30 days", days[2], days[-1], "backfill"),
    ]


def run_alone(arguments: list[str]) -> dict[str, Any]:
    """Run this module in a fresh process and return what it prints last, read as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.close", *arguments],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr[-4000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def benchmark(scale: Scale, home: Home) -> dict[str, Any]:
    """Generate, then measure the floor and the three closes, each in a fresh process."""
    say(f"Writing the papers of {scale.orders:,} orders (kept for the next time) …")
    rows = generate(scale, home)
    for folder in (home.warehouse.parent, home.reports, home.outbox, home.dagster):
        shutil.rmtree(folder, ignore_errors=True)
    place = ["--home", str(home.root)]
    result: dict[str, Any] = {
        "orders": scale.orders,
        "rows_received": sum(rows.values()),
        "machine": machine(),
        "floor": run_alone([*place, "--floor", scale.go_live.isoformat()]),
        "closes": {},
    }
    say(f"The floor takes {result['floor']['seconds']:.2f} s.")
    for task in tasks(scale):
        days = [task.day_from.isoformat(), task.day_until.isoformat()]
        measured = run_alone([*place, "--purpose", task.purpose, "--close", *days])
        result["closes"][task.name] = measured
        ratio = measured["seconds"] / result["floor"]["seconds"]
        say(
            f"{task.name}: {measured['seconds']:.1f} s, {ratio:.1f} times the floor, "
            f"{measured['memory_mb']:,.0f} MB"
        )
        if not measured["is_closed"]:
            reasons = measured["failed_audits"] + measured["errors"]
            raise RuntimeError(f"{task.name} was not closed: {'; '.join(reasons)}")
    return result


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory),
        "system": platform.system(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 1),
    }


def floor_of(home: Home, day: date) -> dict[str, Any]:
    """The floor in this process: the median of its runs."""
    runs = floor.measure(home, day)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "orders": runs[0].orders,
        "seconds": statistics.median(run.seconds for run in runs),
        "runs": [run.seconds for run in runs],
        "memory_mb": used.ru_maxrss / 1024,
    }


def say(sentence: str) -> None:
    """Tell how it gets on, apart from the figures."""
    print(sentence, file=sys.stderr, flush=True)


def main() -> None:
    """Parse the options and run."""
    parser = argparse.ArgumentParser(prog="benchmarks.close", description=__doc__)
    parser.add_argument("--orders", type=int, default=250_000)
    parser.add_argument("--home", type=Path, help="where the papers and the warehouse are kept")
    parser.add_argument("--out", type=Path, help="file for the figures (JSON)")
    parser.add_argument("--floor", type=date.fromisoformat, help=argparse.SUPPRESS)
    parser.add_argument("--close", nargs=2, type=date.fromisoformat, help=argparse.SUPPRESS)
    parser.add_argument("--purpose", default="close", help=argparse.SUPPRESS)
    options = parser.parse_args()
    home = Home((options.home or BENCH / str(options.orders)).resolve())
    warnings.simplefilter("ignore")
    if options.floor:
        print(json.dumps(floor_of(home, options.floor)))
    elif options.close:
        day_from, until = options.close
        print(json.dumps(timed_close(home, day_from, until, options.purpose)))
    else:
        from benchmarks.report import markdown

        result = benchmark(Scale(options.orders), home)
        out = options.out or home.root / "result.json"
        out.write_text(json.dumps(result, indent=2), encoding="utf-8")
        print(markdown(result))
        say(f"The figures are in {out}.")


if __name__ == "__main__":
    main()
