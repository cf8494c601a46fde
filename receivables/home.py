"""Where everything of one supplier lives on disk."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Home:
    """The folder tree of contracts.md: inbox, config, warehouse, reports, outbox."""

    root: Path

    @classmethod
    def current(cls) -> "Home":
        """The home named by SIDAN_HOME, else data/local in the repository."""
        named = os.environ.get("SIDAN_HOME")
        return cls(Path(named).expanduser().resolve() if named else REPOSITORY / "data" / "local")

    @property
    def inbox(self) -> Path:
        """Folder of dated folders of files as they arrived."""
        return self.root / "inbox"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that runs write."""
        return self.root / "warehouse" / "sidan.duckdb"

    @property
    def published(self) -> Path:
        """The read-only copy for people and BI."""
        return self.root / "warehouse" / "published.duckdb"

    @property
    def reports(self) -> Path:
        """Folder of dated folders of Excel packs."""
        return self.root / "reports"

    @property
    def outbox(self) -> Path:
        """Folder of dated folders of mails as files."""
        return self.root / "outbox"

    @property
    def cache(self) -> Path:
        """Folder of what can be made anew from the inbox; it may be deleted at any time."""
        return self.root / "cache"

    @property
    def dagster(self) -> Path:
        """Folder of the run history."""
        return self.root / "dagster"

    def config(self, *parts: str) -> Path:
        """A configuration file or folder: the home's own, else the repository's."""
        own = self.root.joinpath("config", *parts)
        return own if own.exists() else REPOSITORY.joinpath("config", *parts)

    def inbox_days(self) -> list[date]:
        """The days that have an inbox folder, oldest first."""
        return sorted(self._dated_folders())

    def inbox_folder(self, day: date) -> Path:
        """The inbox folder of one day (it may not exist)."""
        return self.inbox / day.isoformat()

    def _dated_folders(self) -> Iterator[date]:
        if not self.inbox.is_dir():
            return
        for folder in self.inbox.iterdir():
            if folder.is_dir() and _DAY.fullmatch(folder.name):
                try:
                    yield date.fromisoformat(folder.name)
                except ValueError:
                    continue  # 2026-02-30 is no day; `sidan check` names it
