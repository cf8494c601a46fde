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
    start = time.perf_counter()
    of_day = DayOfPacks.of(Day(connection, DAY), POLICY)
    print(f"| figures of the day | {time.perf_counter() - start:.1f} | | |")
    with tempfile.TemporaryDirectory() as folder:
        for kind, pack in PACKS.items():
            began = time.perf_counter()
            drafted = pack.write(of_day, Path(folder), kind)
            took = time.perf_counter() - began
            size = sum(file.stat().st_size for file in drafted.files) / 1e6
            print(f"| {kind} | {took:.1f} | {drafted.checked[0]:,} | {size:.1f} |")
    print(f"| all | {time.perf_counter() - start:.1f} | | |")


if __name__ == "__main__":
    main()
