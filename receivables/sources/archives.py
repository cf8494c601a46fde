"""Zip files of strangers: looked at before anything is unpacked, and never trusted."""

from __future__ import annotations

import os
import shutil
import zipfile
import zlib
from pathlib import Path
from types import TracebackType
from typing import IO

from receivables.policy import Intake
from receivables.sources.parsed import UnreadableError

_DAMAGED = "The file is damaged or was cut off on its way; ask for it again."
_CHUNK = 1 << 20
# Below this size even the best packed text is harmless.
_SMALL = 10_000_000
_ENCRYPTED = 0x1
# What a zip file raises when its bytes are wrong, in one place or another.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    UnicodeError,
)


class Archive:
    """An opened zip whose entries keep to the limits.

    Raises:
        UnreadableError: on opening and reading, when it is damaged, locked or over a limit.
    """

    def __init__(self, path: Path, limits: Intake) -> None:
        self.limits = limits
        try:
            self._zip = zipfile.ZipFile(path)
        except (*_BROKEN, OSError):
            raise UnreadableError(_DAMAGED) from None
        try:
            self.entries = self._checked()
        except UnreadableError:
            self._zip.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    @property
    def names(self) -> list[str]:
        """Names of the entries, in the archive's order."""
        return [entry.filename for entry in self.entries]

    def read(self, name: str) -> bytes:
        """The bytes of an entry, its checksum verified; never more than it says it has.

        Raises:
            UnreadableError: there is no such entry, or it is damaged.
        """
        try:
            with self._zip.open(name) as file:
                return file.read()
        except KeyError:
            raise UnreadableError(f"The file lacks its part {name}; ask for it again.") from None
        except _BROKEN:
            raise UnreadableError(_DAMAGED) from None

    def verify(self, name: str) -> None:
        """Read an entry to its end without keeping it: its size and checksum are true.

        Raises:
            UnreadableError: they are not.
        """
        with open(os.devnull, "wb") as nowhere:
            self.copy(name, nowhere)

    def copy(self, entry: str | zipfile.ZipInfo, file: IO[bytes]) -> None:
        """Write the bytes of an entry into an open file, piece by piece.

        Raises:
            UnreadableError: the entry is damaged.
        """
        try:
            with self._zip.open(entry) as source:
                shutil.copyfileobj(source, file, _CHUNK)
        except _BROKEN:
            raise UnreadableError(_DAMAGED) from None

    def _checked(self) -> list[zipfile.ZipInfo]:
        limits, entries = self.limits, self._zip.infolist()
        if len(entries) > limits.max_entries:
            raise UnreadableError(
                f"The archive has {len(entries):,} entries; more than {limits.max_entries:,} "
                "(intake.max_entries) are refused."
            )
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > limits.max_unpacked_bytes:
            raise UnreadableError(
                f"Unpacked the file would have {unpacked:,} bytes; more than "
                f"{limits.max_unpacked_bytes:,} (intake.max_unpacked_bytes) are refused."
            )
        for entry in entries:
            ratio = entry.file_size // max(entry.compress_size, 1)
            if entry.file_size > _SMALL and ratio > limits.max_ratio:
                raise UnreadableError(
                    f"{entry.filename} becomes {ratio:,} times larger when unpacked; more than "
                    f"{limits.max_ratio:,} (intake.max_ratio) is refused."
                )
        if any(entry.flag_bits & _ENCRYPTED for entry in entries):
            raise UnreadableError(
                "The archive is locked with a password: unpack it and put what is inside here."
            )
        return entries
