"""Times the packs of a day of 300 debtors and 50,000 open items.

python -m tests.reported.large_day
"""

import tempfile
import time
from pathlib import Path

from assets.reported.content.kinds import PACKS, DayOfPacks
from assets.reported.content.reading import Day
from tests.reported.closed_day import DAY, POLICY, ClosedDay


def main() -> None:
    """Print what each pack took, its size and how many rows it holds."""
    connection = ClosedDay(debtors=300, stores=10, items=17).build().connection
    start, busy = time.perf_counter(), time.process_time()
    of_day = DayOfPacks.of(Day(connection, DAY), POLICY)
    print("| pack | s | s of CPU | rows | MB |\n|---|---|---|---|---|")
    print(f"| figures of the day | {time.perf_counter() - start:.1f} | | | |")
    with tempfile.TemporaryDirectory() as folder:
        for kind, pack in PACKS.items():
            began, worked = time.perf_counter(), time.process_time()
            drafted = pack.write(of_day, Path(folder), kind)
            took = f"{time.perf_counter() - began:.1f} | {time.process_time() - worked:.1f}"
            size = sum(file.stat().st_size for file in drafted.files) / 1e6
            print(f"| {kind} | {took} | {drafted.checked[0]:,} | {size:.1f} |")
    took = f"{time.perf_counter() - start:.1f} | {time.process_time() - busy:.1f}"
    print(f"| all | {took} | | |")


if __name__ == "__main__":
    main()
