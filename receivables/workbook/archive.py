"""The zip around a workbook: fixed member times, and long rows streamed into their sheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_LEVEL = 4  # of zlib: packs of a million cells are written 2 times faster than at 6
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"')


@dataclass(frozen=True)
class Bulk:
    """What a sheet holds beside what openpyxl wrote of it.

    Attributes:
        extent: the cells of the sheet, such as A1:F20.
        rows: the XML of the rows that follow.
        links: the XML of links that go before openpyxl's own.
    """

    extent: str
    rows: Iterable[bytes]
    links: bytes = b""


class PackArchive(ZipFile):
    """A workbook's zip: the same members give the same bytes, whenever they are written.

    `bulk` maps a sheet's member name to what is added to it.
    """

    def __init__(
        self,
        path: Path | IO[bytes],
        stamp: datetime,
        bulk: Mapping[str, Bulk],
    ) -> None:
        super().__init__(path, "w", ZIP_DEFLATED, compresslevel=_LEVEL)
        self._stamp = (stamp.year, stamp.month, stamp.day, stamp.hour, stamp.minute, 0)
        self._bulk = bulk

    def writestr(self, zinfo_or_arcname: Any, data: Any, *args: Any, **kwargs: Any) -> None:
        """Add a member at the fixed time."""
        super().writestr(self._info(str(zinfo_or_arcname)), data)

    def write(self, filename: Any, arcname: Any = None, *args: Any, **kwargs: Any) -> None:
        """Add a file at the fixed time, with its bulk rows."""
        name = str(arcname or filename)
        content = Path(filename).read_bytes()
        with self.open(self._info(name), "w") as member:
            bulk = self._bulk.get(name)
            if bulk is None:
                member.write(content)
                return
            head, closing, tail = content.partition(b"</sheetData>")
            extent = f'<dimension ref="{bulk.extent}"'.encode()
            member.write(_DIMENSION.sub(extent, head, 1))
            for piece in bulk.rows:
                member.write(piece)
            opening = b"<hyperlinks>"
            member.write(closing + tail.replace(opening, opening + bulk.links, 1))

    def _info(self, name: str) -> ZipInfo:
        info = ZipInfo(name, self._stamp)
        info.compress_type = ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        info.create_system = 3  # the same on every system
        return info
