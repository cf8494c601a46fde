"""Parameters of the sample world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

SEED = 20260501


@dataclass(frozen=True)
class WorldSettings:
    """What a world depends on; equal settings give byte-identical files.

    Attributes:
        seed: seed of every random draw.
        first_day: first inbox folder; master data arrives on it.
        last_day: last inbox folder; nothing is known later.
        orders: number of purchase orders, roughly spread over the days by chain weight.
    """

    seed: int = SEED
    first_day: date = date(2026, 5, 1)
    last_day: date = date(2026, 8, 31)
    orders: int = 3000

    @property
    def days(self) -> list[date]:
        """Every calendar day of the world, first to last."""
        count = (self.last_day - self.first_day).days + 1
        return [self.first_day + timedelta(days=offset) for offset in range(count)]
