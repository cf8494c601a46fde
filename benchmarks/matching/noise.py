"""What goes wrong with numbers and papers, and how often: the levels of noise, as data."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

LEVELS = ("none", "light", "standard", "heavy")

# Shares by level, in parts of 10,000, in the order of LEVELS. Those of references count per number
# that one paper says of another; at most one of them befalls a number.
OF_REFERENCES: dict[str, tuple[int, int, int, int]] = {
    "missing": (0, 20, 100, 300),
    "mistyped": (0, 20, 100, 300),
    "misread": (0, 20, 50, 200),  # O/0, I/1, S/5, B/8
    "another's": (0, 0, 1, 20),  # the number of another paper, one edit away
    "zeros lost": (0, 50, 100, 300),
    "decorated": (0, 100, 300, 600),  # prefix, separators, full width
    "last digits": (0, 20, 100, 300),
}
# Those of papers count per order, receipt or invoice. Splitting, short receipts, look-alikes and
# papers that never come happen to exact papers too: they must not mislead anybody.
OF_PAPERS: dict[str, tuple[int, int, int, int]] = {
    "split": (300, 300, 500, 1000),  # two deliveries of an order, two receipts, two invoices
    "short": (200, 200, 300, 600),  # less accepted than delivered
    "twin": (200, 200, 300, 900),  # an order like another: store, days, amount equal or nearly so
    "near number": (100, 100, 200, 600),  # its number is one edit away from another's of the store
    "lost": (50, 50, 100, 300),  # the order or delivery note never comes
    "late": (500, 500, 1000, 2000),  # comes up to three weeks after the rest
    "date drift": (0, 50, 100, 300),  # a date up to three weeks off
    "two in one": (0, 20, 50, 150),  # a receipt of two deliveries that names one of them
    "bare": (0, 10, 50, 200),  # a receipt without any number
    "remark only": (0, 50, 100, 300),  # an invoice without application whose remark names receipts
    "sum only": (0, 20, 50, 150),  # an invoice without application or remark
}

DIGITS = "0123456789"
LOOK_ALIKES = {"0": "O", "1": "I", "5": "S", "8": "B", "O": "0", "I": "1", "S": "5", "B": "8"}
FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x30, 0x5B)})
TAIL = 8


@dataclass(frozen=True)
class Noise:
    """The shares of one level, as fractions."""

    level: str

    def share(self, name: str) -> float:
        """How often it happens."""
        return {**OF_REFERENCES, **OF_PAPERS}[name][LEVELS.index(self.level)] / 10_000

    def befalls(self, rng: random.Random, name: str) -> bool:
        """Whether it happens this time."""
        return rng.random() < self.share(name)

    def of_reference(self, rng: random.Random) -> str:
        """What befalls a number, or `exact`."""
        drawn = rng.random()
        for name in OF_REFERENCES:
            drawn -= self.share(name)
            if drawn < 0:
                return name
        return "exact"


def mistyped(no: str, rng: random.Random) -> str:
    """One sign wrong, left out or doubled, or two neighbours swapped; always another text."""
    places = [place for place, sign in enumerate(no) if sign.isdigit()]
    swaps = [
        place for place in places[:-1] if no[place + 1].isdigit() and no[place] != no[place + 1]
    ]
    drawn, place = rng.random(), rng.choice(places)
    if drawn < 0.25 and swaps:
        place = rng.choice(swaps)
        return no[:place] + no[place + 1] + no[place] + no[place + 2 :]
    if drawn < 0.32:
        return no[:place] + no[place + 1 :]
    if drawn < 0.4:
        return no[:place] + no[place] + no[place:]
    other = rng.choice(DIGITS.replace(no[place], ""))
    return no[:place] + other + no[place + 1 :]


def misread(no: str, rng: random.Random) -> str | None:
    """One or two signs taken for letters or digits that look alike."""
    places = [place for place, sign in enumerate(no) if sign in LOOK_ALIKES]
    signs = list(no)
    for place in rng.sample(places, min(len(places), 1 + (rng.random() < 0.2))):
        signs[place] = LOOK_ALIKES[no[place]]
    return "".join(signs) if places else None


def without_zeros(no: str, rng: random.Random) -> str | None:
    """Without the zeros in front, as a spreadsheet leaves it."""
    return no.lstrip("0") if no.isdigit() and no.startswith("0") else None


def decorated(no: str, rng: random.Random) -> str:
    """With a prefix, separators or full-width signs."""
    forms: list[Callable[[str], str]] = [
        lambda no: f"No.{no}",
        lambda no: f"{no[:4]}-{no[4:]}",
        lambda no: f"{no[:-4]} {no[-4:]}",
        lambda no: no.translate(FULL_WIDTH),
        lambda no: no.lower() if not no.isdigit() else f"PO{no}",
    ]
    return rng.choice(forms)(no)


def last_digits(no: str, rng: random.Random) -> str | None:
    """The last eight signs."""
    return no[-TAIL:] if len(no) > TAIL else None


DISTORTIONS: dict[str, Callable[[str, random.Random], str | None]] = {
    "mistyped": mistyped,
    "misread": misread,
    "zeros lost": without_zeros,
    "decorated": decorated,
    "last digits": last_digits,
}
