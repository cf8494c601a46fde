"""Workbooks (xlsx, xls, xlsb, ods) as books, looked at before the reader may have them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import fastexcel
import polars as pl

from receivables import spreadsheets
from receivables.policy import Intake
from receivables.sources.archives import Archive
from receivables.sources.grids import Book, Grid, checked_size, unsaved
from receivables.sources.parsed import UnreadableError
from receivables.sources.safe_xml import local, parse_xml
from receivables.sources.sniff import Format
from receivables.spreadsheets import Sheet

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# Threads reserve memory each, so on a large machine many would use up what a file may take.
_ONE_THREAD = {"POLARS_MAX_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
_UNSAFE = (b"<!DOCTYPE", b"<!ENTITY")


def read_workbook(path: Path, form: Format, limits: Intake) -> Book:
    """All visible sheets of a workbook that have anything in them.

    Raises:
        UnreadableError: it is damaged, unsafe, empty or over a limit.
    """
    formulas: dict[str, dict[tuple[int, int], str]] = {}
    if form == "xls":
        sheets = _read_apart(path, form, limits)
    elif form == "xlsx":
        formulas = _looked_at(path, limits)
        sheets = _read_here(path)
    else:
        with Archive(path, limits) as archive:
            for name in archive.names:
                archive.verify(name)
        sheets = _read_apart(path, form, limits)
    grids, hidden = [], []
    for sheet in sheets:
        if not sheet.is_visible:
            hidden.append(sheet.name)
        elif sheet.cells.width:
            checked_size(*sheet.cells.shape, limits, sheet.name)
            cells = _with_formulas(sheet.cells, formulas.get(sheet.name, {}))
            grids.append(Grid(sheet.name, cells))
    if not grids:
        raise UnreadableError("The workbook has no sheet with anything in it.")
    return Book(tuple(grids), tuple(hidden))


def _read_here(path: Path) -> Iterator[Sheet]:
    try:
        yield from spreadsheets.read_sheets(path.read_bytes())
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError) as error:
        raise _damaged(str(error)) from None


def _read_apart(path: Path, form: Format, limits: Intake) -> list[Sheet]:
    """Read in a process of its own: its memory is bounded, and it may fall without harm.

    A few wrong bytes in these forms say that a sheet is as large as the world.
    """
    with tempfile.TemporaryDirectory() as folder:
        named = Path(folder) / f"book.{form}"
        try:
            named.symlink_to(path.resolve())
        except OSError:  # not every system and user may link
            shutil.copyfile(path, named)
        command = [sys.executable, "-I", spreadsheets.__file__, str(named), folder]
        try:
            done = subprocess.run(
                _bounded(command, limits.max_memory_bytes),
                capture_output=True,
                timeout=limits.max_seconds,
                env=os.environ | _ONE_THREAD,
            )
        except subprocess.TimeoutExpired:
            raise UnreadableError(
                f"Reading the workbook took longer than {limits.max_seconds} seconds "
                "(intake.max_seconds); save it as .xlsx and put that here."
            ) from None
        if done.returncode == spreadsheets.DAMAGED:
            raise _damaged(done.stderr.decode(errors="replace"))
        if done.returncode:
            raise UnreadableError(
                "The workbook brought its reader down, so it is damaged or asks for more memory "
                "than intake.max_memory_bytes; save it as .xlsx and put that here."
            )
        return list(spreadsheets.written(Path(folder)))


def _bounded(command: list[str], memory: int) -> list[str]:
    """The command with its memory bounded, where the system can do that."""
    if sys.platform != "linux":
        return command
    return ["/bin/sh", "-c", f'ulimit -v {memory // 1024}; exec "$@"', "sh", *command]


def _damaged(reason: str) -> UnreadableError:
    if "password" in reason.lower():
        return UnreadableError(
            "The workbook is locked with a password: open it, save it without one and put that "
            "here."
        )
    first = (reason.strip().splitlines() or ["it cannot be read"])[0]
    return UnreadableError(f"The workbook is damaged: {first}. Ask for it again.")


def _with_formulas(cells: pl.DataFrame, unsaved: dict[tuple[int, int], str]) -> pl.DataFrame:
    """The formulas without a value shown where their values are missing."""
    by_column: dict[int, list[tuple[int, str]]] = {}
    for (row, place), formula in unsaved.items():
        by_column.setdefault(place, []).append((row, formula))
    height = 1 + max((row for row, _ in unsaved), default=-1)
    if height > cells.height:
        cells = pl.concat([cells, cells.clear(height - cells.height)])
    for place, found in by_column.items():
        rows, shown = zip(*found, strict=True)
        name = f"c{place}"
        while place >= cells.width:
            cells = cells.with_columns(pl.lit(None, pl.String).alias(f"c{cells.width}"))
        cells = cells.with_columns(cells[name].scatter(rows, shown))
    return cells


# The parts of an xlsx are looked at as bytes: the reader takes room for the whole rectangle that
# its cells span, so two cells far apart are enough to exhaust any memory.


def _looked_at(path: Path, limits: Intake) -> dict[str, dict[tuple[int, int], str]]:
    """Formulas without a value by sheet name and place (row and column from 0).

    Raises:
        UnreadableError: the workbook is damaged, unsafe or over a limit.
    """
    formulas = {}
    with Archive(path, limits) as archive:
        if len(set(archive.names)) < len(archive.names):
            raise UnreadableError("The workbook has two parts of one name; it is not read.")
        for part in archive.names:
            if not part.endswith((".xml", ".rels")):
                continue
            if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", part, re.IGNORECASE):
                _refuse_unsafe(archive.read(part))
                continue
            data = archive.read(part)
            _refuse_unsafe(data)
            prefix = _prefix(data)
            checked_size(*_extent(data, prefix), limits, PurePosixPath(part).stem)
            if found := _unsaved_formulas(data, prefix):
                formulas[part] = found
        if not formulas:
            return {}
        names = _sheet_names(archive)
    return {names[part]: found for part, found in formulas.items() if part in names}


def _refuse_unsafe(data: bytes) -> None:
    # A document type stands before the first element that matters, so a sheet's cells are not
    # searched for one.
    head = data[: data.find(b"sheetData")]
    if any(mark in head for mark in _UNSAFE):
        raise UnreadableError(
            "The workbook defines XML entities or a document type, which real ones do not; it is "
            "not read."
        )


def _prefix(data: bytes) -> bytes:
    """What stands before the names of elements, such as `x:`; mostly nothing."""
    found = re.search(rb"<(\w+:)?sheetData\b", data)
    return found[1] or b"" if found else b""


def _extent(data: bytes, prefix: bytes) -> tuple[int, int]:
    """At least as many rows and columns as the cells of a sheet span.

    Raises:
        UnreadableError: a cell has an address that no sheet has.
    """
    if not prefix and re.search(rb":(?:c|row)[\s/>]", data):
        _refuse_mixed(data)
    rows_are_plain = not re.search(rb'<%srow(?! r="[1-9][0-9]{0,6}")[\s/>]' % prefix, data)
    # Most sheets have one-letter columns and fewer than a million rows: one look tells.
    if rows_are_plain and not re.search(rb'<%sc(?! r="[A-Z][1-9][0-9]{0,5}")[\s/>]' % prefix, data):
        return 999_999, 26
    unusual = rb'<%sc(?! r="[A-Z]{1,3}[1-9][0-9]{0,6}")[\s/>]' % prefix
    if not rows_are_plain or re.search(unusual, data):
        return _slow_extent(data, prefix)
    numbers = re.findall(rb'<%sc r="[A-Z]+(\d+)"' % prefix, data)
    letters = re.findall(rb'<%sc r="([A-Z]{2,})' % prefix, data)
    return max(map(int, set(numbers)), default=0), max(_last_column(set(letters)), 26)


def _refuse_mixed(data: bytes) -> None:
    if re.search(rb"<[^<>\s]*:(?:c|row)[\s/>]", data):
        raise UnreadableError("The workbook is damaged: a sheet's cells have names of two kinds.")


def _slow_extent(data: bytes, prefix: bytes) -> tuple[int, int]:
    """The same, cell by cell, where some stand without an address or not at the usual place."""
    row = column = rows = columns = 0
    for name, attributes in re.findall(rb"<%s(c|row)(?=[\s/>])([^>]*)>" % prefix, data):
        found = re.search(rb"(?:^|\s)r\s*=\s*[\"']([^\"']*)[\"']", attributes)
        given = found[1] if found else b""
        pattern = rb"()([1-9]\d{0,6})" if name == b"row" else rb"([A-Z]{1,3})([1-9]\d{0,6})"
        address = re.fullmatch(pattern, given)
        if (found and not address) or attributes.count(b'"') % 2:
            shown = given.decode(errors="replace")
            raise UnreadableError(f"The workbook is damaged: no cell stands at '{shown}'.")
        if name == b"row":
            row, column = int(address[2]) if address else row + 1, 0
        elif address:
            row, column = int(address[2]), _column(address[1])
        else:
            column += 1
        rows, columns = max(rows, row), max(columns, column)
    return rows, columns


def _last_column(letters: Iterable[bytes]) -> int:
    return max((_column(name) for name in letters), default=0)


def _column(letters: bytes) -> int:
    """A column's number from 1 by its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _unsaved_formulas(data: bytes, prefix: bytes) -> dict[tuple[int, int], str]:
    """Formulas that were never calculated, by row and column from 0."""
    if b"<%sf" % prefix not in data:
        return {}
    pattern = (
        rb'<%(p)sc\b[^>]*?\br="([A-Z]+)(\d+)"[^>]*><%(p)sf\b(?:[^>]*/>|[^>]*>([^<]*)</%(p)sf>)'
        rb"\s*(?:<%(p)sv\s*/>|<%(p)sv></%(p)sv>)?\s*</%(p)sc>" % {b"p": prefix}
    )
    return {
        (int(row) - 1, _column(letters) - 1): unsaved(f"={formula.decode(errors='replace')}")
        for letters, row, formula in re.findall(pattern, data)
    }


def _sheet_names(archive: Archive) -> dict[str, str]:
    """Names of sheets by the part that holds them."""
    relations = {
        element.get("Id"): (element.get("Target") or "").removeprefix("/")
        for element in parse_xml(archive.read("xl/_rels/workbook.xml.rels"))
    }
    names = {}
    for element in parse_xml(archive.read("xl/workbook.xml")).iter():
        if local(element) == "sheet":
            target = relations.get(element.get(_RELATION), "")
            part = target if target.startswith("xl/") else f"xl/{target}"
            names[part] = element.get("name") or ""
    return names
