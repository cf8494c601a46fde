"""Which columns of a table are merged cells that must be filled down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from receivables.sources.proposing.blocks import Block
from receivables.sources.proposing.guesses import Reading, repeats

# Fields that belong to a line and are never merged over several.
_OF_A_LINE = frozenset(
    {"sku", "quantity", "unit_price", "tax_rate", "amount", "tax", "amount_excl_tax", "memo",
     "remark", "note", "fee_code", "fee_name", "deduction_kind"}
)  # fmt: skip
# Fields whose values come again and again: a gap below one is a merged cell.
_TYPES = frozenset(
    {"store_code", "line_kind", "receipt_kind", "receipt_date", "order_date", "delivery_date",
     "document_date", "issued_on", "buyer_name"}
)  # fmt: skip
# More than so much of a column filled is a column with gaps, not one of merged cells.
_MOST_FILLED = 0.9
_ALONE_FILLED = 0.7


def merged_headings(block: Block, reading: Reading) -> dict[str, str]:
    """Headings to fill down, the one that starts the groups first, each with its evidence."""
    columns = {
        guess.heading: block.column(guess.heading)
        for name, guess in reading.guesses.items()
        if name not in _OF_A_LINE and name != reading.contract.money
    }
    required = {
        guess.heading
        for name, guess in reading.guesses.items()
        if not (field := reading.contract.fields[name]).is_optional and field.type != "text"
    }
    types = {guess.heading for name, guess in reading.guesses.items() if name in _TYPES}
    if not reading.contract.has_lines and not repeats(block, reading.contract, reading.guesses):
        return {}
    sparse = {h: cells for h, cells in columns.items() if _is_sparse(cells)}
    shapes = [[bool(cell) for cell in cells] for cells in sparse.values()]
    sparse = {
        h: cells
        for h, cells in sparse.items()
        # A few gaps may be merged cells only where several columns have the same ones.
        if _filled(cells) <= _ALONE_FILLED * len(cells)
        or shapes.count([bool(cell) for cell in cells]) > 1
    }
    leaders = {
        h for h, cells in sparse.items() if h in required or (h in types and _always_changes(cells))
    }
    merged = {h for h in sparse if h in leaders or _starts_with_one(sparse[h], sparse, leaders)}
    order = sorted(merged, key=lambda heading: (_filled(sparse[heading]), block.headings[heading]))
    return {
        heading: f"{_filled(sparse[heading])} of {len(sparse[heading])} cells are filled"
        for heading in order
    }


def filled_down(block: Block, merged: Mapping[str, str], heading: str) -> list[str | None]:
    """A column as a reader will see it, merged cells filled."""
    cells = block.column(heading)
    if heading not in merged:
        return cells
    filled: list[str | None] = []
    for cell in cells:
        filled.append(cell or (filled[-1] if filled else None))
    return filled


def _filled(cells: Sequence[str | None]) -> int:
    return sum(1 for cell in cells if cell)


def _is_sparse(cells: Sequence[str | None]) -> bool:
    return bool(cells) and bool(cells[0]) and 0 < _filled(cells) <= _MOST_FILLED * len(cells)


def _always_changes(cells: Sequence[str | None]) -> bool:
    """Whether each filled cell differs from the one before it, as merged cells do."""
    filled = [cell for cell in cells if cell]
    return all(one != other for one, other in zip(filled, filled[1:], strict=False))


def _starts_with_one(
    cells: Sequence[str | None],
    sparse: Mapping[str, Sequence[str | None]],
    leaders: set[str],
) -> bool:
    """Whether a column is filled on just the rows on which a merged one is."""
    shape = [bool(cell) for cell in cells]
    return any(shape == [bool(cell) for cell in sparse[leader]] for leader in leaders)
