"""Excel packs as data: say what a workbook holds, and it is written typed, sized and printable."""

from receivables.workbook.letter import Letter, write_letters
from receivables.workbook.model import (
    Block,
    Chart,
    Column,
    KeyFigure,
    Kind,
    Label,
    Language,
    Pack,
    Rows,
    Sheet,
    TieOut,
    bilingual,
)
from receivables.workbook.write import PackFiles, write_pack, write_rows

__all__ = [
    "Block",
    "Chart",
    "Column",
    "KeyFigure",
    "Kind",
    "Label",
    "Language",
    "Letter",
    "Pack",
    "PackFiles",
    "Rows",
    "Sheet",
    "TieOut",
    "bilingual",
    "write_letters",
    "write_pack",
    "write_rows",
]
