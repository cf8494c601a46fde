"""What files were read as, kept so that no file is read twice.

An entry is named by the file's checksum and name and stands under a fingerprint of everything
else that decides how a file is read: the layouts in force, the limits, this code and the
libraries. Whatever is not as it should be is not used; the folder may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from importlib.metadata import version
from pathlib import Path

import polars as pl

from receivables.contracts import KINDS
from receivables.policy import Intake
from receivables.sources.layouts import Sources
from receivables.sources.parsed import REJECTED_SCHEMA, TOTALS_SCHEMA, Parsed, Part

_INDEX = "parsed.json"
_PACKAGE = Path(__file__).resolve().parent.parent
_CODE = ("sources", "contracts", "policy.py", "spreadsheets.py")
_LIBRARIES = ("polars", "fastexcel", "selectolax", "defusedxml", "dataframely", "pydantic")


class ReadCache:
    """Files as they were read with certain layouts and limits."""

    def __init__(self, folder: Path, sources: Sources, limits: Intake) -> None:
        """Use a folder; what was read under another fingerprint is thrown away."""
        self.folder = folder / _fingerprint(sources, limits)
        if not self.folder.is_dir():
            for old in {*folder.glob("*")} - {self.folder}:
                shutil.rmtree(old, ignore_errors=True)

    def get(self, sha256: str, name: str) -> Parsed | None:
        """What a file of this checksum and name was read as; None where it is not known."""
        try:
            with zipfile.ZipFile(self._place(sha256, name)) as entry:
                return _restored(entry)
        except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, InvalidOperation):
            return None
        except pl.exceptions.PolarsError:
            return None

    def put(self, sha256: str, name: str, parsed: Parsed) -> None:
        """Keep what a file was read as; a disk that is full or locked only costs time later."""
        place = self._place(sha256, name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            number, work = tempfile.mkstemp(dir=self.folder, prefix=".")
        except OSError:
            return
        try:
            with os.fdopen(number, "wb") as file, zipfile.ZipFile(file, "w") as entry:
                _store(entry, parsed)
            os.replace(work, place)
        except OSError:
            Path(work).unlink(missing_ok=True)

    def _place(self, sha256: str, name: str) -> Path:
        # Layouts and kinds may look at the name of a file, so it is part of what is read.
        key = hashlib.sha256(f"{sha256}\n{name}".encode(errors="surrogateescape")).hexdigest()
        return self.folder / f"{key[:40]}.zip"


def _fingerprint(sources: Sources, limits: Intake) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for place in sorted(_code_files()):
        digest.update(place.read_bytes())
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}".encode())
    for layout in sources.layouts:
        digest.update(layout.model_dump_json().encode())
    digest.update(limits.model_dump_json().encode())
    return digest.hexdigest()[:16]


def _code_files() -> Iterator[Path]:
    for name in _CODE:
        place = _PACKAGE / name
        yield from place.rglob("*.py") if place.is_dir() else [place]


def _store(entry: zipfile.ZipFile, parsed: Parsed) -> None:
    index = {
        "layout": parsed.layout,
        "message": parsed.message,
        "parts": [
            {"kind": part.kind, "rows_in": part.rows_in, "amount_in": str(part.amount_in)}
            for part in parsed.parts
        ],
    }
    entry.writestr(_INDEX, json.dumps(index))
    entry.writestr("totals", _as_bytes(parsed.totals))
    for number, part in enumerate(parsed.parts):
        entry.writestr(f"{number}.accepted", _as_bytes(part.accepted))
        entry.writestr(f"{number}.rejected", _as_bytes(part.rejected))


def _restored(entry: zipfile.ZipFile) -> Parsed:
    index = json.loads(entry.read(_INDEX))
    parts = tuple(
        Part(
            KINDS[part["kind"]],
            _frame(entry.read(f"{number}.accepted")),
            _frame(entry.read(f"{number}.rejected")),
            int(part["rows_in"]),
            Decimal(part["amount_in"]),
        )
        for number, part in enumerate(index["parts"])
    )
    totals = _frame(entry.read("totals"))
    fits = totals.schema == TOTALS_SCHEMA and all(
        part.rejected.schema == REJECTED_SCHEMA
        and part.accepted.schema == part.contract.polars_schema
        and part.rows_in == part.accepted.height + part.rejected.height
        for part in parts
    )
    if not fits:
        raise ValueError("an entry of another shape")
    return Parsed(index["layout"], parts, index["message"], totals)


def _as_bytes(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compression="lz4")
    return buffer.getvalue()


def _frame(data: bytes) -> pl.DataFrame:
    return pl.read_ipc(io.BytesIO(data))
