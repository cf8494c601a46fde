"""What the tests of proposals share."""

from __future__ import annotations

from pathlib import Path

from receivables.sources import Sources, sniff
from receivables.sources.books import read_book
from receivables.sources.proposing import Proposal, propose

HEAD = ["门店", "单据号", "单据类型", "发生日期", "含税金额"]


ALONE = Sources()


def proposed(path: Path, sources: Sources = ALONE, **options: str) -> Proposal:
    return propose(path, read_book(path, sniff(path)), sources, **options)
