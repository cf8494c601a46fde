"""Precision and recall of matching by rule and noise, on a seeded world whose truth is known.

python -m benchmarks.matching [--orders N] [--noise LEVEL] [--seed S] [--out FILE] [--examples N]

Prints Markdown; the figures as JSON go to the file of --out, else they follow the Markdown.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from pathlib import Path

from benchmarks.matching.bench import closed, differences
from benchmarks.matching.figures import Result
from benchmarks.matching.noise import LEVELS
from benchmarks.matching.report import markdown, meets_targets

ORDERS = 2000
# Closing every day for itself takes its time: on a small world.
DAILY_ORDERS = 200


def main() -> None:
    """Parse the options, run, print."""
    parser = argparse.ArgumentParser(prog="benchmarks.matching", description=__doc__)
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--noise", choices=LEVELS, help="only this level")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="file for the figures (JSON)")
    parser.add_argument("--examples", type=int, default=0, help="wrong and missed links to show")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    levels = [options.noise] if options.noise else list(LEVELS)
    results = {level: _measure(options, level) for level in levels}
    unequal = differences(min(DAILY_ORDERS, options.orders), levels[-1], options.seed)
    figures = {
        "orders": options.orders,
        "seed": options.seed,
        "levels": {level: result.figures() for level, result in results.items()},
        "differences_day_by_day": len(unequal),
    }
    print(markdown(results))
    print(f"\nClosed day by day, {len(unequal)} links or proposals differ from closing at once.")
    if "standard" in results:
        verdict = "met" if meets_targets(results["standard"]) else "not met"
        print(f"The targets at standard noise are {verdict}.")
    for place, row in unequal[: options.examples]:
        print(f"only {place}: {row}", file=sys.stderr)
    text = json.dumps(figures, ensure_ascii=False, indent=1)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    else:
        print(f"\n```json\n{text}\n```")


def _measure(options: argparse.Namespace, level: str) -> Result:
    began = time.perf_counter()
    result = closed(options.orders, level, options.seed).result()
    print(f"Noise {level}: {time.perf_counter() - began:.0f} s.", file=sys.stderr, flush=True)
    for link in result.wrong[: options.examples]:
        print(f"wrong: {link}", file=sys.stderr)
    for missed in result.missed[: options.examples]:
        print(f"missed: {missed}", file=sys.stderr)
    return result


if __name__ == "__main__":
    main()
