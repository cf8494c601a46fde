"""Random worlds for as many days as asked: python -m tests.soak --days 3000 --seed N."""

import argparse
import random
import sys

from tests.soak.world import Run


def main() -> int:
    """Run worlds until so many days of the calendar are closed; exit code 1 if anything fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--days", type=int, default=60, help="days to close, over all worlds")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--chains", type=int, default=24, help="chains in a world")
    parser.add_argument("--length", type=int, default=60, help="days of a world")
    parser.add_argument("--stretches", type=int, default=15, help="runs that a world is closed in")
    asked = parser.parse_args()
    faults = 0
    for number in range(-(-asked.days // asked.length)):
        run = Run(str(asked.seed + number), asked.chains, asked.length, asked.stretches)
        run.go()
        faults += len(run.faults)
        print(f"{run}: {run.audited} audits, {run.plain} chains by hand, {len(run.faults)} faults, "
              f"{run.seconds:.0f} s", flush=True)  # fmt: skip
        for fault in run.faults:
            print(f"  {fault}", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
