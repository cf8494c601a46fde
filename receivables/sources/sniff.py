"""What a file is, by its bytes; the ending of its name proves nothing."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Literal, TypeAlias

from receivables.policy import LIMITS, Intake
from receivables.sources.archives import Archive
from receivables.sources.parsed import UnreadableError

Format: TypeAlias = Literal[
    "xlsx",
    "xlsb",
    "xls",
    "ods",
    "spreadsheetml",
    "html",
    "text",
    "parquet",
    "einvoice",
    "ofd",
    "zip",
]

HEAD_BYTES = 8192

# Leading bytes of formats that are known but not read, with what to do about them.
_NOT_READ: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF: ask for the same data as a workbook or CSV file"),
    (b"\x1f\x8b", "a gzip archive: unpack it"),
    (b"Rar!", "a RAR archive: unpack it"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it"),
    (b"\x89PNG", "a picture: ask for the data as a workbook or CSV file"),
    (b"\xff\xd8\xff", "a picture: ask for the data as a workbook or CSV file"),
)
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names of streams in a compound file, as it writes them.
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_WORKBOOKS = tuple(name.encode("utf-16-le") for name in ("Workbook\0", "Book\0"))
# A BIFF5 or older file may stand without a compound file around it.
_BARE_BIFF = (b"\x09\x08\x10\x00", b"\x09\x08\x08\x00", b"\x09\x04\x06\x00", b"\x09\x02\x06\x00")
_INSIDE: tuple[tuple[str, Format], ...] = (
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "xlsb"),
    ("OFD.xml", "ofd"),
)
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_ROOT = re.compile(r"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
_USED_IN_TEXT = b"\t\n\r\f\x1a"
_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)
_SPREADSHEETML = "urn:schemas-microsoft-com:office:spreadsheet"
_HTML_ROOTS = frozenset(
    ("html", "head", "meta", "title", "body", "style", "script", "link", "base", "table", "thead")
    + ("tbody", "tr", "td", "th", "div", "span", "p", "br", "font", "center", "form")
)


def sniff(path: Path, limits: Intake = LIMITS) -> Format:
    """The format of a file.

    Raises:
        UnreadableError: the file is empty, damaged, over a limit or of a format that is not read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise UnreadableError("The file is empty.")
    size = path.stat().st_size
    if size > limits.max_file_bytes:
        raise UnreadableError(
            f"The file has {size:,} bytes; more than {limits.max_file_bytes:,} "
            "(intake.max_file_bytes) are refused."
        )
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((_ZIP, _EMPTY_ZIP)):
        return _inside_zip(path, limits)
    if head.startswith(_COMPOUND):
        return _inside_compound(path)
    if head.startswith(_BARE_BIFF):
        raise UnreadableError("This is a workbook of before 1997: save it as .xlsx and put that.")
    for magic, what in _NOT_READ:
        if head.startswith(magic):
            raise UnreadableError(f"This is {what} and put that here.")
    form = _markup(head)
    if form is None and _is_noise(head):
        raise UnreadableError(
            "This is neither a workbook nor text, whatever its name says: it was damaged on its "
            "way, or is of a format that is not read. Ask for it again as a workbook or CSV file."
        )
    return form or "text"


def _is_noise(head: bytes) -> bool:
    """Whether more than one byte in twenty is a control character that no line of text needs.

    No encoding of Chinese that is read here has them inside its letters.
    """
    controls = sum(byte < 32 and byte not in _USED_IN_TEXT for byte in head)
    return controls * 20 > len(head) and not looks_wide(head)


def _inside_zip(path: Path, limits: Intake) -> Format:
    with Archive(path, limits) as archive:
        names = set(archive.names)
        for name, form in _INSIDE:
            if name in names:
                return form
        if "mimetype" in names and "content.xml" in names:
            if archive.read("mimetype").strip().startswith(_ODS):
                return "ods"
            raise UnreadableError("This is a text document or drawing: save its table as .xlsx.")
        if "word/document.xml" in names or "ppt/presentation.xml" in names:
            raise UnreadableError("This is a text document or slides: save its table as .xlsx.")
    return "zip"


def _inside_compound(path: Path) -> Format:
    """Excel's old container: a workbook, or a new one that is locked."""
    data = path.read_bytes()
    if _LOCKED in data:
        raise UnreadableError(
            "The workbook is locked with a password: open it, save it without one and put that "
            "here."
        )
    if any(name in data for name in _WORKBOOKS):
        return "xls"
    raise UnreadableError(
        "This is an old Office file that is no workbook, or a workbook that was cut off on its "
        "way; ask for it again."
    )


def _markup(head: bytes) -> Format | None:
    """Which markup a file is by its first element; None where it is none."""
    text = _head_text(head).lstrip("\ufeff \t\r\n")
    if not text.startswith("<"):
        return None
    # A doctype of HTML precedes its root and is no XML of strangers.
    if re.match(r"<!doctype\s+html\b", text, re.IGNORECASE):
        return "html"
    root = _ROOT.search(_COMMENT.sub("", text))
    name = root[1] if root else ""
    if name == "EInvoice":
        return "einvoice"
    if _SPREADSHEETML in text and name == "Workbook":
        return "spreadsheetml"
    if name.lower() in _HTML_ROOTS:
        return "html"
    raise UnreadableError(
        f"This is XML of an unknown kind (its root is {name or 'missing'}): ask for the data as a "
        "workbook or CSV file and put that here."
    )


def _head_text(head: bytes) -> str:
    encoding = _unicode_16(head) or "utf-8"
    return head.decode(encoding, errors="replace")


def looks_wide(data: bytes) -> bool:
    """Whether text takes two bytes for every letter."""
    return _unicode_16(data) is not None


def _unicode_16(data: bytes) -> str | None:
    """The UTF-16 in which text is, by its mark or by the zeros between its letters."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = data[:HEAD_BYTES]
    if len(sample) < 8:
        return None
    odd, even = sample[1::2].count(0), sample[::2].count(0)
    if odd > len(sample) / 8 and not even:
        return "utf-16-le"
    if even > len(sample) / 8 and not odd:
        return "utf-16-be"
    return None


def decode(data: bytes) -> str:
    """Text of a file in UTF-8 (with or without BOM), UTF-16, GBK or GB18030.

    Raises:
        UnreadableError: the bytes are none of these, or are damaged.
    """
    text = _decoded(data)
    place = text.find("\0")
    if place >= 0:
        line = text.count("\n", 0, place) + 1
        raise UnreadableError(
            f"Line {line} of the text holds a zero byte, which no text has: the file was damaged "
            "on its way or is no text. Ask for it again."
        )
    return text


def _decoded(data: bytes) -> str:
    encoding = _unicode_16(data)
    if encoding:
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            raise UnreadableError(
                "The UTF-16 text was cut off or damaged on its way; ask for it again."
            ) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse_damaged_utf8(data, error)
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        raise UnreadableError(
            "The text is neither UTF-8 nor GBK/GB18030; save it as CSV in UTF-8."
        ) from None


def _refuse_damaged_utf8(data: bytes, error: UnicodeDecodeError) -> None:
    """Refuse UTF-8 with a few wrong bytes: read as GBK it would be gibberish without an error."""
    text = data.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    wide = len(text) - len(text.encode("ascii", errors="ignore"))
    if wide - damaged > 2 * damaged or data.startswith(codecs.BOM_UTF8):
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UnreadableError(
            f"The text is UTF-8 but damaged or cut off in line {line}; ask for it again."
        )
