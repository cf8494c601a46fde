"""Write a sample world to a folder."""

from __future__ import annotations

import argparse
import shutil
from datetime import date
from pathlib import Path

from benchmarks.world.settings import SEED, WorldSettings
from benchmarks.world.truth.expected import expected_files
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
    size = 0
    files = {f"inbox/{file.path}": file.content for file in world.files}
    files |= {f"expected/{name}": content for name, content in expected_files(world).items()}
    for folder in ("inbox", "expected"):
        shutil.rmtree(options.out / folder, ignore_errors=True)
    for path, content in files.items():
        target = options.out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        size += len(content)
    print(f"{len(files)} files, {size / 1e6:.2f} MB in {options.out}")


if __name__ == "__main__":
    main()
