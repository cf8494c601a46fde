"""How far a file is from each known layout: what it shows of what a layout asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from receivables.sources.grids import Book, normalised
from receivables.sources.layouts import Layout
from receivables.sources.recognition import cells_matching, sheets_named


@dataclass(frozen=True)
class Nearness:
    """What a file shows and what it lacks of all that a layout asks for."""

    layout: Layout
    shown: tuple[str, ...]
    lacking: tuple[str, ...]

    @property
    def share(self) -> float:
        """The part that is shown."""
        return len(self.shown) / (len(self.shown) + len(self.lacking))


def nearest(book: Book, layouts: Iterable[Layout], most: int = 3) -> list[Nearness]:
    """The layouts that a file is nearest to, none of which it shows nothing of."""
    found = [nearness(book, layout) for layout in layouts]
    near = [one for one in found if one.shown]
    return sorted(near, key=lambda one: (-one.share, one.layout.name))[:most]


def nearness(book: Book, layout: Layout) -> Nearness:
    """What a file shows of what one layout asks for."""
    asked = layout.recognise
    shown, lacking = [], []
    for name in asked.sheets:
        (shown if any(sheets_named(book, (name,))) else lacking).append(f"sheet {name}")
    for title in asked.title:
        is_there = any(cells_matching(grid, title) for grid in book.grids)
        (shown if is_there else lacking).append(f"title {title}")
    best = _best_row(book, asked.headings)
    for choices in asked.headings:
        is_there = any(normalised(choice) in best for choice in choices)
        (shown if is_there else lacking).append(f"heading {' or '.join(choices)}")
    return Nearness(layout, tuple(shown), tuple(lacking))


def _best_row(book: Book, wanted: Sequence[Sequence[str]]) -> frozenset[str]:
    """The headings of the row that has most of those wanted."""
    every = [{normalised(choice) for choice in choices} for choices in wanted]
    rows = [frozenset(row) for grid in book.grids for row in grid.top_headings]
    return max(
        rows, key=lambda row: sum(1 for choices in every if choices & row), default=frozenset()
    )
