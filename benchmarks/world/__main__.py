"""Write a sample world to a folder."""

from __future__ import annotations

import argparse
import shutil
from datetime import date
from pathlib import Path

from benchmarks.world.settings import SEED, WorldSettings
from benchmarks.world.world import build_world


def main() -> None:
    """Parse the options and write the world."""
    default = WorldSettings()
    parser = argparse.ArgumentParser(prog="benchmarks.world", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for inbox/ and expected/")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--from", dest="first_day", type=date.fromisoformat,
                        default=default.first_day)  # fmt: skip
    parser.add_argument("--until", dest="last_day", type=date.fromisoformat,
                        default=default.last_day)  # fmt: skip
    parser.add_argument("--orders", type=int, default=default.orders)
    options = parser.parse_args()
    settings = WorldSettings(options.seed, options.first_day, options.last_day, options.orders)
    world = build_world(settings)
    inbox = options.out / "inbox"
    if inbox.exists():
        shutil.rmtree(inbox)
    for file in world.files:
        target = inbox / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)
    size = sum(len(file.content) for file in world.files)
    print(f"{len(world.files)} files, {size / 1e6:.2f} MB in {inbox}")
    for fault, count in sorted(world.story.planted.items()):
        print(f"  {fault:32} {count}")


if __name__ == "__main__":
    main()
