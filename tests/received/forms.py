"""One table in every form that files have, for tests: small real files and made ones."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

FILES = Path(__file__).parent / "files"

ROWS: list[list[str]] = [
    ["连锁", "门店编码", "订单号", "订单日期", "含税金额"],
    ["LZ", "0015", "26327000000742719331", "2026-08-01", "1250.5"],
    ["LZ", "0015", "0000120", "2026-08-02", "-35.25"],
    ["LZ", "5016", "PO-3", "2026-08-31 10:30:00", "1,200.00"],
    ["LZ", "5016", "2.6327000000742719E+19", "2026-08-31", "10"],
    ["合计", "", "", "", "2425.25"],
]
TITLE = "门店订单（八月）"
ALL_ROWS = [[TITLE], [], *ROWS]


def write_text(path: Path, separator: str, encoding: str) -> Path:
    lines = (separator.join(f'"{c}"' if separator in c else c for c in row) for row in ALL_ROWS)
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


def write_xlsb(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """A binary workbook of plain texts and numbers."""
    names = list(sheets)
    bundle = b"".join(
        _record(156, struct.pack("<II", 0, n) + _wide(f"rId{n}") + _wide(name))
        for n, name in enumerate(names, start=1)
    )
    book = _record(131) + _record(143) + bundle + _record(144) + _record(132)
    relations = "".join(
        f'<Relationship Id="rId{n}" Target="worksheets/sheet{n}.bin" Type="http://schemas.'
        'openxmlformats.org/officeDocument/2006/relationships/worksheet"/>'
        for n in range(1, len(names) + 1)
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.bin", book)
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="{space}">{relations}</Relationships>',
        )
        for n, rows in enumerate(sheets.values(), start=1):
            archive.writestr(f"xl/worksheets/sheet{n}.bin", _binary_sheet(rows))
    return path


def _binary_sheet(rows: Sequence[Sequence[object]]) -> bytes:
    width = max(map(len, rows))
    parts = [_record(129), _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1))]
    parts.append(_record(145))
    for number, row in enumerate(rows):
        parts.append(_record(0, struct.pack("<I", number) + bytes(13)))
        for place, value in enumerate(row):
            head = struct.pack("<II", place, 0)
            if isinstance(value, int | float):
                parts.append(_record(5, head + struct.pack("<d", value)))
            elif value:
                parts.append(_record(6, head + _wide(str(value))))
    return b"".join([*parts, _record(146), _record(130)])


def _record(kind: int, data: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, left = bytearray(), len(data)
    while left > 127:
        size.append(left & 0x7F | 0x80)
        left >>= 7
    return head + bytes([*size, left]) + data


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def write_ofd(path: Path, data: Mapping[str, str], attached: bytes | None = None) -> Path:
    """An OFD file with custom data and, if given, an attached original."""
    custom = "".join(
        f'<ofd:CustomData Name="{name}">{value}</ofd:CustomData>' for name, value in data.items()
    )
    root = (
        '<?xml version="1.0" encoding="UTF-8"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" '
        f'Version="1.0"><ofd:DocBody><ofd:DocInfo><ofd:CustomDatas>{custom}</ofd:CustomDatas>'
        "</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("OFD.xml", root)
        archive.writestr("Doc_0/Document.xml", "<ofd:Document/>")
        if attached is not None:
            archive.writestr("Doc_0/Attachs/original_invoice.xml", attached)
    return path


def _stored(name: str) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_bytes((FILES / name).read_bytes())
        return path

    return write


def _parquet(path: Path) -> Path:
    names, *rows = ROWS[:4]
    pl.DataFrame(rows, schema=names, orient="row").write_parquet(path)
    return path


# How to write the table in each form; the rows with a rounded number stand in spreadsheets only.
WRITERS: dict[str, Callable[[Path], Path]] = {
    "xlsx": _stored("orders.xlsx"),
    "xls": _stored("orders.xls"),
    "ods": _stored("orders.ods"),
    "xlsb": lambda path: write_xlsb(
        path, {"订单": [[26327000000742719331.0 if "E+" in c else c for c in r] for r in ALL_ROWS]}
    ),
    "spreadsheetml": _stored("orders.spreadsheetml"),
    "html": _stored("orders.html"),
    "csv utf-8": lambda path: write_text(path, ",", "utf-8"),
    "csv utf-8 with mark": lambda path: write_text(path, ",", "utf-8-sig"),
    "csv gbk": lambda path: write_text(path, ",", "gbk"),
    "csv gb18030": lambda path: write_text(path, ",", "gb18030"),
    "tsv utf-16": lambda path: write_text(path, "\t", "utf-16"),
    "semicolons utf-16-be": lambda path: write_text(path, ";", "utf-16-be"),
    "parquet": _parquet,
}
