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
    Link,
    Pack,
    Rows,
    Sheet,
    TieOut,
    Tone,
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
    "Link",
    "Pack",
    "PackFiles",
    "Rows",
    "Sheet",
    "TieOut",
    "Tone",
    "bilingual",
    "write_letters",
    "write_pack",
    "write_rows",
]
