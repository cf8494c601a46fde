"""Spoilt files: real ones of every form with bytes, parts or cells changed by chance.

A mutant follows from the seed and its number alone, so a failure is repeated by both.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from .forms import FILES, WRITERS, write_ofd

LAYOUTS = Path(__file__).parent / "layouts"
# These are read in a process of their own, which takes its time; fewer of them in a short run.
SLOW = frozenset({"xls", "xlsb", "ods"})
_ZIP = b"PK\x03\x04"
_NASTY = [
    b"", b"0", b"-1", b"NaN", b"inf", b"1e999", b"99999999999999999999", b"0.005", b"1/0", b'"',
    b"'", b",", b"\t", b";", b"\n", b"\r", b"\x00", b"\xff", b"\xfe\xff", b"<", b">", b"&", b"]]>",
    b"<!--", b"=1+1", b"#REF!", "合计".encode(), "合计".encode("gbk"), b"9999-12-31", b"1900-01-00",
    b"20260230", b"()", b"%", "万元".encode(), "订单号".encode(), b"A" * 300,
]  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A spoilt file: its name, form, bytes and what was done to it."""

    name: str
    form: str
    data: bytes
    done: str


@cache
def originals() -> tuple[tuple[str, str, bytes], ...]:
    """Name, form and bytes of every real file: each form, and each shipped layout's fixtures."""
    found = []
    with TemporaryDirectory() as folder:
        for form, write in WRITERS.items():
            path = write(Path(folder) / "orders_august.dat")
            found.append((path.name, form, path.read_bytes()))
        invoice = (FILES / "einvoice.xml").read_bytes()
        found.append(("invoice.xml", "einvoice", invoice))
        for name, attached in (("a.ofd", None), ("b.ofd", invoice)):
            path = write_ofd(Path(folder) / name, {"发票号码": "1", "价税合计": "5"}, attached)
            found.append((name, "ofd", path.read_bytes()))
    for path in sorted(LAYOUTS.rglob("*")):
        if path.is_file() and path.suffix != ".json":
            found.append((path.name, path.suffix[1:], path.read_bytes()))
    return tuple(found)


def mutant(seed: int, number: int, *, often_slow: bool) -> Mutant:
    """The mutant of a seed and a number."""
    rng = random.Random(f"{seed}-{number}")
    files = originals()
    name, form, data = rng.choice(files)
    if form in SLOW and not often_slow and rng.random() < 0.7:
        name, form, data = rng.choice([file for file in files if file[1] not in SLOW])
    done = []
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        if data.startswith(_ZIP) and rng.random() < 0.8:
            data, what = _inside(rng, data)
        else:
            data, what = _changed(rng, data)
        done.append(what)
    return Mutant(name, form, data, ", ".join(done))


def _inside(rng: random.Random, data: bytes) -> tuple[bytes, str]:
    """One part of an archive changed, the archive itself whole."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # an earlier change broke it
        return _changed(rng, data)
    if not parts:
        return _changed(rng, data)
    # Sheets are what most is read from.
    sheets = [name for name in parts if "sheet" in name.lower() or "content" in name]
    name = rng.choice(sheets) if sheets and rng.random() < 0.7 else rng.choice(list(parts))
    if rng.random() < 0.05:
        del parts[name]
        what = "part gone"
    else:
        parts[name], what = _changed(rng, parts[name])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return buffer.getvalue(), f"{name}: {what}"


def _changed(rng: random.Random, data: bytes) -> tuple[bytes, str]:
    way = rng.choice(_WAYS)
    return way(rng, data), way.__name__.strip("_")


def _place(rng: random.Random, data: bytes) -> int:
    return rng.randrange(len(data)) if data else 0


def _flip(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20)) if data else 0):
        changed[_place(rng, data)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _overwrite(rng: random.Random, data: bytes) -> bytes:
    start, length = _place(rng, data), rng.choice((1, 2, 4, 8, 512))
    filling = rng.choice((b"\x00", b"\xff", b"\x80", b"9", b"\x7f"))
    return data[:start] + filling * min(length, len(data) - start) + data[start + length :]


def _insert(rng: random.Random, data: bytes) -> bytes:
    start = _place(rng, data)
    return data[:start] + rng.choice(_NASTY) + data[start:]


def _delete(rng: random.Random, data: bytes) -> bytes:
    start = _place(rng, data)
    return data[:start] + data[start + rng.choice((1, 2, 16, 500)) :]


def _repeat(rng: random.Random, data: bytes) -> bytes:
    start = _place(rng, data)
    end = start + rng.choice((1, 30, 400))
    return data[:end] + data[start:end] * rng.choice((1, 1, 50)) + data[end:]


def _cut(rng: random.Random, data: bytes) -> bytes:
    return data[: _place(rng, data)]


def _digits(rng: random.Random, data: bytes) -> bytes:
    """Some digits replaced, which leaves most forms whole."""
    changed = bytearray(data)
    places = [place for place, byte in enumerate(data) if 48 <= byte <= 57]
    for place in rng.sample(places, min(len(places), rng.choice((1, 3, 30)))):
        changed[place] = rng.choice(b"0123456789.-eE ,")
    return bytes(changed)


_WAYS: list[Callable[[random.Random, bytes], bytes]] = [
    _flip, _overwrite, _insert, _insert, _delete, _repeat, _cut, _digits, _digits,
]  # fmt: skip
