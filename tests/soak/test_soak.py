"""Random worlds keep every audit, are the same by steps as at once, and charge what papers say."""

import os
import random

from tests.soak.world import Run

SEED = os.environ.get("SIDAN_SEED") or str(random.SystemRandom().randrange(2**32))
DAYS = int(os.environ.get("SIDAN_SOAK_DAYS") or 40)


def test_a_random_world_keeps_every_audit() -> None:
    run = Run(SEED, chains=12, days=DAYS, stretches=3)
    run.go()
    assert run.plain > 4
    assert run.faults == []
