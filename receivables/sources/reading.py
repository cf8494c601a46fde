"""Reading one file: what it is, which layout it has, and its rows as typed and accepted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import polars as pl

from receivables.contracts import KINDS, Contract
from receivables.policy import LIMITS, Intake
from receivables.sources.acceptance import Draft, Fault, accept, merge, unreadable_sentence
from receivables.sources.blocks import in_blocks
from receivables.sources.books import read_book
from receivables.sources.grids import Book
from receivables.sources.layouts import Column, Layout, Recognition, Sources, Table
from receivables.sources.parsed import Parsed, UnreadableError
from receivables.sources.plain import read_columns
from receivables.sources.recognition import recognise
from receivables.sources.sniff import sniff
from receivables.sources.tables import taken_by
from receivables.sources.totals import file_totals
from receivables.sources.worklists import worklist_of

CANONICAL = "canonical"


def read_file(path: Path, sources: Sources, limits: Intake = LIMITS) -> Parsed:
    """Read a file of any known look; what cannot be understood is said, never raised.

    A file named after a kind with the kind's headings needs no layout; any other is held against
    the layouts of `sources`. A zip archive has no rows of its own, its members are files.
    """
    try:
        form = sniff(path, limits)
        if form == "parquet":
            return _read_parquet(path)
        if form == "zip":
            return Parsed("zip", ())
        return _read_book(path, read_book(path, form, limits), sources)
    except UnreadableError as error:
        return Parsed(None, (), str(error))
    except OSError as error:
        return Parsed(None, (), f"The file could not be opened: {error.strerror or error}.")
    except Exception as error:
        # One file must never stop the day; what it broke on stands beside it for whoever mends it.
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        return Parsed(None, (), f"The file could not be understood ({reason}).")
    except BaseException as error:
        if not _is_by_file(error):
            raise
        return Parsed(
            None, (), "The file is damaged and brought its reader down; ask for it again."
        )


def kind_named(path: Path) -> str | None:
    """The kind that a file is named after: `orders_2026-05-01.csv` holds orders."""
    found = re.match(r"[a-z]+(?:_[a-z]+)*", path.name.lower())
    words = found[0].split("_") if found else []
    starts = ["_".join(words[:count]) for count in range(len(words), 0, -1)]
    return next((start for start in starts if start in KINDS), None)


def _read_book(path: Path, book: Book, sources: Sources) -> Parsed:
    worklist = worklist_of(book)
    if worklist is not None:
        return worklist
    notes = [f"The hidden sheet {name} was not read." for name in book.hidden]
    kind = kind_named(path)
    if kind is None:
        return _by_layout(path, book, recognise(book, sources), notes)
    try:
        return _by_layout(path, book, canonical_layout(kind), notes)
    except UnreadableError as canonical:
        try:
            return _by_layout(path, book, recognise(book, sources), notes)
        except UnreadableError:
            raise canonical from None


@cache
def canonical_layout(kind: str) -> Layout:
    """The layout of a file named after a kind: its own field names or their labels."""
    fields = KINDS[kind].fields
    columns = {
        name: Column.model_validate({"from": list(f.headings)}) for name, f in fields.items()
    }
    table = Table(kind=kind, columns=columns)
    return Layout(
        name=CANONICAL,
        label=KINDS[kind].label,
        recognise=Recognition(headings=tuple((name,) for name in fields)),
        tables=(table,),
    )


def _by_layout(path: Path, book: Book, layout: Layout, notes: Sequence[str]) -> Parsed:
    book = in_blocks(book, layout)
    taken, missing = taken_by(path, book, layout)
    messages = [*notes, *missing]
    by_kind: dict[str, list[Draft]] = {}
    for each in taken:
        by_kind.setdefault(each.table.kind, []).append(each.draft)
    parts = []
    for kind, found in by_kind.items():
        numbered = _numbered(found) if _is_numbered_here(layout, kind) else found
        if numbered:
            parts.append(merge([accept(draft) for draft in numbered]))
    if not parts:
        raise UnreadableError(" ".join(messages))
    totals = file_totals(book, layout, taken)
    return Parsed(layout.name, tuple(parts), " ".join(messages) or None, totals)


def _is_numbered_here(layout: Layout, kind: str) -> bool:
    """Lines that must have a number and are given none are numbered within their document."""
    line_no = KINDS[kind].fields.get("line_no")
    tables = [table for table in layout.tables if table.kind == kind]
    return (
        line_no is not None
        and not line_no.is_optional
        and not any("line_no" in layout.columns_of(table) for table in tables)
    )


def _numbered(found: Sequence[Draft]) -> list[Draft]:
    """Number the lines of each document through all tables of the file."""
    if not found:
        return []
    key = list(found[0].contract.key)
    keys = pl.concat([draft.typed.select(key) for draft in found])
    numbers = keys.select(pl.int_range(1, pl.len() + 1).over(key).alias("line_no"))["line_no"]
    numbered, start = [], 0
    for draft in found:
        line_no = numbers.slice(start, draft.typed.height)
        start += draft.typed.height
        typed = draft.typed.with_columns(line_no)
        numbered.append(Draft(draft.contract, typed, draft.raw, draft.faults, draft.headings))
    return numbered


def _read_parquet(path: Path) -> Parsed:
    kind = kind_named(path)
    if kind is None:
        raise UnreadableError(
            "A Parquet file must be named after the kind of its rows, such as orders_….parquet."
        )
    contract = KINDS[kind]
    try:
        names = list(pl.read_parquet_schema(path))
        standing = _standing(contract, names)
        raw = pl.read_parquet(path, columns=list(standing.values()))
    except pl.exceptions.PolarsError as error:
        reason = (str(error).strip().splitlines() or ["it cannot be read"])[0].rstrip(".")
        raise UnreadableError(f"The Parquet file is damaged: {reason}.") from None
    return Parsed(CANONICAL, (merge([accept(_typed(contract, raw, standing))]),))


def parquet_rows(path: Path) -> int:
    """How many rows a Parquet file says it has; 0 for a damaged one, of which `read_file` tells."""
    try:
        return int(pl.scan_parquet(path).select(pl.len()).collect().item())
    except BaseException as error:
        if not _is_by_file(error):
            raise
        return 0


def parquet_keys(path: Path, contract: Contract) -> pl.DataFrame:
    """The key of each row of a Parquet file, rejected rows included, without reading the rest.

    Nothing for a file that cannot be understood: `read_file` tells of it.
    """
    nothing = {name: contract.fields[name].dtype for name in contract.key}
    try:
        standing = _standing(contract, list(pl.read_parquet_schema(path)))
        of_key = {name: column for name, column in standing.items() if name in contract.key}
        raw = pl.read_parquet(path, columns=list(of_key.values()))
        columns = {name: raw[column] for name, column in of_key.items()}
        reads = read_columns(columns, contract.fields, {})
        values = {name: reads[name].values for name in reads}
        return raw.select(
            **{name: values.get(name, pl.lit(None, dtype)) for name, dtype in nothing.items()}
        )
    except BaseException as error:
        if not _is_by_file(error):
            raise
        return pl.DataFrame(schema=nothing)


def _is_by_file(error: BaseException) -> bool:
    """Whether a file brought it about; a reader in another language raises no Exception."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def _standing(contract: Contract, names: Sequence[str]) -> dict[str, str]:
    """For each field, the file's column that holds it.

    Raises:
        UnreadableError: a required column is missing.
    """
    by_heading = {name.strip().lower(): name for name in names}
    standing = {
        name: next(by_heading[h] for h in field.headings if h in by_heading)
        for name, field in contract.fields.items()
        if any(heading in by_heading for heading in field.headings)
    }
    lacking = [
        f"{name} ({field.label})"
        for name, field in contract.fields.items()
        if not field.is_optional and name not in standing
    ]
    if lacking:
        raise UnreadableError(
            f"The file is named after {contract.kind} but lacks the columns {', '.join(lacking)}."
        )
    return standing


def _typed(contract: Contract, raw: pl.DataFrame, standing: dict[str, str]) -> Draft:
    """A typed file as a draft; columns that have their type already are not copied."""
    typed: dict[str, pl.Series | pl.Expr] = {
        "sheet": pl.lit(None, pl.String),
        "row_no": pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
    }
    columns = {name: raw[column] for name, column in standing.items()}
    reads = read_columns(columns, contract.fields, {})
    faults = []
    for name, field in contract.fields.items():
        if name not in standing:
            typed[name] = pl.lit(None, field.dtype)
            continue
        read = reads[name]
        typed[name] = read.values
        if read.unreadable is not None:
            faults.append(Fault(name, read.unreadable, unreadable_sentence(field)))
    return Draft(contract, raw.select(**typed), columns, faults, standing)
