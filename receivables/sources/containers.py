"""Zip archives in the inbox: what is in them arrives as files of their own.

An archive is unpacked once into the home's cache, under its checksum. Where a member is put is
decided here; the names inside the archive are never used as places.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from receivables.policy import Intake
from receivables.sources.archives import Archive
from receivables.sources.parsed import UnreadableError
from receivables.sources.sniff import sniff

_ZIP = b"PK\x03\x04"
_UTF8_NAME = 0x800
_INDEX = "members.json"
_MAX_NAME = 120


@dataclass(frozen=True)
class Member:
    """A file of an archive: its path inside it, the place it was put, its checksum.

    An archive within the archive is a member too; `refused` says what of it was not unpacked.
    """

    path: str
    place: str
    sha256: str
    is_archive: bool = False
    refused: str | None = None


@dataclass(frozen=True)
class Unpacked:
    """The members of an archive in its order, and what was not unpacked and why."""

    members: tuple[Member, ...]
    refused: str | None = None


def is_archive(place: Path, limits: Intake) -> bool:
    """Whether a file is a zip that is no workbook or other paper."""
    try:
        with place.open("rb") as file:
            if file.read(len(_ZIP)) != _ZIP:
                return False
        return sniff(place, limits) == "zip"
    except (UnreadableError, OSError):
        return False


def unpacked(place: Path, sha256: str, folder: Path, limits: Intake) -> Unpacked:
    """The members of an archive, unpacked below `folder`; places are full paths.

    Safe beside other processes: a whole folder appears at once, and one that was tampered with is
    made anew.

    Raises:
        OSError: there is no room or right to write.
    """
    allowed = hashlib.sha256(limits.model_dump_json().encode()).hexdigest()[:8]
    target = folder / f"{sha256[:32]}-{allowed}"
    found = _found(target)
    if found is not None:
        return found
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=folder, prefix="."))
    try:
        made = _Unpacking(work, limits).archive(place, depth=1)
        text = json.dumps({"members": [asdict(m) for m in made.members], "refused": made.refused})
        (work / _INDEX).write_text(text, encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        try:
            work.rename(target)
        except OSError:
            if _found(target) is None:  # not another process that was faster
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return _found(target) or made


def _found(target: Path) -> Unpacked | None:
    """What was unpacked before, if it is whole."""
    try:
        index = json.loads((target / _INDEX).read_text(encoding="utf-8"))
        members = [Member(**member) for member in index["members"]]
        if all(_checksum(target / member.place) == member.sha256 for member in members):
            placed = (Member(**{**asdict(m), "place": str(target / m.place)}) for m in members)
            return Unpacked(tuple(placed), index["refused"])
    except (OSError, ValueError, TypeError, KeyError):
        pass
    return None


def _checksum(place: Path) -> str:
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Unpacking:
    """Unpacks an archive and the archives in it; all together keep to the limits."""

    def __init__(self, work: Path, limits: Intake) -> None:
        self.work = work
        self.limits = limits
        self.bytes_left = limits.max_unpacked_bytes
        self.entries_left = limits.max_entries
        self.count = 0

    def archive(self, place: Path, depth: int) -> Unpacked:
        """The members of one archive."""
        update = {
            "max_unpacked_bytes": max(self.bytes_left, 1),
            "max_entries": max(self.entries_left, 1),
        }
        members: list[Member] = []
        refused: list[str] = []
        with Archive(place, self.limits.model_copy(update=update)) as archive:
            self.bytes_left -= sum(entry.file_size for entry in archive.entries)
            self.entries_left -= len(archive.entries)
            taken: set[str] = set()
            for entry in archive.entries:
                if entry.is_dir():
                    continue
                name = _name_of(entry)
                why = _why_refused(entry, name)
                if why is None:
                    path = _untaken("/".join(_parts(name)), taken)
                    try:
                        members += self._member(archive, entry, path, depth)
                        continue
                    except UnreadableError as error:
                        why = str(error)
                refused.append(f"{name}: {why}")
        return Unpacked(tuple(members), " ".join(refused) or None)

    def _member(
        self, archive: Archive, entry: zipfile.ZipInfo, path: str, depth: int
    ) -> Iterator[Member]:
        self.count += 1
        place = self.work / str(self.count) / _safe_name(path)
        place.parent.mkdir()
        with place.open("wb") as file:
            archive.copy(entry, file)
        own = Member(path, place.relative_to(self.work).as_posix(), _checksum(place))
        if not is_archive(place, self.limits):
            return iter([own])
        if depth >= self.limits.max_depth:
            raise UnreadableError(
                f"it lies {depth} archives deep (intake.max_depth); unpack it and put what is "
                "inside here."
            )
        inner = self.archive(place, depth + 1)
        members = (
            Member(**{**asdict(member), "path": f"{path}/{member.path}"})
            for member in inner.members
        )
        return iter([Member(own.path, own.place, own.sha256, True, inner.refused), *members])


def _name_of(entry: zipfile.ZipInfo) -> str:
    """The name of an entry; Chinese systems write GBK and do not say so."""
    if entry.flag_bits & _UTF8_NAME:
        return entry.filename
    raw = entry.filename.encode("cp437", errors="replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _parts(name: str) -> tuple[str, ...]:
    return PurePosixPath(name.replace("\\", "/")).parts


def _why_refused(entry: zipfile.ZipInfo, name: str) -> str | None:
    """Why an entry is not unpacked."""
    parts = _parts(name)
    if not parts or ".." in parts or parts[0] == "/" or re.match(r"^[A-Za-z]:", name):
        return "its name leads out of the archive; pack the files anew."
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "it is a link, not a file; pack the file itself."
    return None


def _untaken(path: str, taken: set[str]) -> str:
    """The path, with a number where the archive has it already."""
    number, free = 1, path
    while free in taken:
        number += 1
        free = f"{path}#{number}"
    taken.add(free)
    return free


def _safe_name(path: str) -> str:
    """The name of a file as any system takes it; the ending and the words stay."""
    name = re.sub(r'[\x00-\x1f<>:"/\\|?*]', "_", PurePosixPath(path).name)
    return name.encode()[-_MAX_NAME:].decode(errors="ignore").lstrip(".") or "file"
