"""What a file is, by its bytes; the ending of its name proves nothing."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Literal, TypeAlias

from receivables.sources.parsed import UnreadableError

Format: TypeAlias = Literal["xlsx", "parquet", "text"]

HEAD_BYTES = 8192

# Leading bytes of formats that are known but not read, with what to do about them.
_NOT_READ: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls) or one with a password: save it as .xlsx"),
    (b"%PDF", "a PDF: ask for the same data as a workbook or CSV file"),
    (b"<", "a web page or XML: save it as .xlsx or CSV"),
    (b"\x1f\x8b", "a gzip archive: unpack it"),
    (b"Rar!", "a RAR archive: unpack it"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it"),
    (b"\xff\xfe", "UTF-16 text: save it as CSV in UTF-8"),
    (b"\xfe\xff", "UTF-16 text: save it as CSV in UTF-8"),
    (b"\x89PNG", "a picture: ask for the data as a workbook or CSV file"),
    (b"\xff\xd8\xff", "a picture: ask for the data as a workbook or CSV file"),
)
_ZIP = b"PK\x03\x04"


def sniff(path: Path) -> Format:
    """The format of a file.

    Raises:
        UnreadableError: the file is empty, damaged, or of a format that is not read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise UnreadableError("The file is empty.")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(_ZIP):
        return _inside_zip(path)
    for magic, what in _NOT_READ:
        if head.lstrip().startswith(magic):
            raise UnreadableError(f"This is {what} and put that here.")
    if b"\x00" in head:
        raise UnreadableError("The file is neither a workbook nor text; its format is unknown.")
    return "text"


def _inside_zip(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError):
        raise UnreadableError(
            "The workbook is damaged or was cut off on its way; ask for it again."
        ) from None
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        raise UnreadableError("This is a binary workbook (.xlsb): save it as .xlsx.")
    if "content.xml" in names:
        raise UnreadableError("This is an OpenDocument file: save it as .xlsx.")
    raise UnreadableError("This is a zip archive: unpack it and put what is inside here.")


def decode(data: bytes) -> str:
    """Text of a file in UTF-8 (with or without BOM), GBK or GB18030.

    Raises:
        UnreadableError: the bytes are none of these.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableError("The text is neither UTF-8 nor GBK/GB18030; save it as CSV in UTF-8.")


def as_utf8(data: bytes) -> io.BytesIO:
    """The same text as UTF-8 without BOM, whatever it was before."""
    return io.BytesIO(decode(data).encode("utf-8"))
