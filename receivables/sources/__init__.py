"""Reading files as suppliers have them: sniffing, layouts, typed rows, rejections."""

from receivables.sources.layouts import Layout, LayoutError, Sources, read_layout
from receivables.sources.parsed import (
    REJECTED_SCHEMA,
    TOTALS_SCHEMA,
    Parsed,
    Part,
    UnreadableError,
    total,
)
from receivables.sources.reading import CANONICAL, kind_named, read_file
from receivables.sources.sniff import sniff

__all__ = [
    "CANONICAL",
    "REJECTED_SCHEMA",
    "TOTALS_SCHEMA",
    "Layout",
    "LayoutError",
    "Parsed",
    "Part",
    "Sources",
    "UnreadableError",
    "kind_named",
    "read_file",
    "read_layout",
    "sniff",
    "total",
]
