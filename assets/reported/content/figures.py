"""The figures of a day that every cover and mail shows, and the papers that came in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from assets.reported.content.labels import PAIRS
from assets.reported.content.reading import Day
from receivables.workbook import Block, Column, KeyFigure, Kind, Label, TieOut, bilingual

KEY_FIGURES: Sequence[tuple[str, Label, Kind]] = (
    ("outstanding", bilingual("应收余额", "Outstanding"), Kind.MONEY),
    ("overdue", bilingual("逾期金额", "Overdue"), Kind.MONEY),
    ("on_hold", bilingual("停货客户欠款", "On hold"), Kind.MONEY),
    ("unapplied", bilingual("未核销回款", "Unapplied cash"), Kind.MONEY),
    ("exceptions", bilingual("未结异常", "Open exceptions"), Kind.COUNT),
)

# Pairs that count things; the others are money.
_COUNTED = {"debtors_that_agree", "stores_that_agree", "rows_received"}


@dataclass(frozen=True)
class DayFigures:
    """What the warehouse says about a day as a whole; `before` is None on the first day.

    `totals_that_differ` counts totals printed in the day's files that the rows read do not give.
    """

    now: dict[str, Any]
    before: dict[str, Any] | None
    pairs: list[dict[str, Any]]
    files: list[dict[str, Any]]
    totals_that_differ: int
    changes: list[dict[str, Any]]
    trend: list[dict[str, Any]]

    @classmethod
    def of(cls, day: Day) -> "DayFigures":
        """Read the figures of a day and of the day before it."""
        before = Day(day.connection, day.as_of - timedelta(days=1)).rows("key_figures")[0]
        return cls(
            now=day.rows("key_figures")[0],
            before=before if before["is_closed"] else None,
            pairs=day.rows("tie_outs"),
            files=day.rows("files"),
            totals_that_differ=sum(row["is_new"] for row in day.rows("file_totals")),
            changes=day.rows("changes"),
            trend=day.rows("trend"),
        )

    def change(self, figure: str) -> Decimal | int | None:
        """How much a figure changed since the day before; None where there is none."""
        return None if self.before is None else self.now[figure] - self.before[figure]

    def course(self, figure: str) -> list[Decimal]:
        """A figure over the last closed days, oldest first; empty where it is not kept."""
        return [row[figure] for row in self.trend if figure in row]

    @property
    def untied(self) -> list[str]:
        """The pairs whose figures differ."""
        return [row["pair"] for row in self.pairs if row["left_figure"] != row["right_figure"]]

    @property
    def unreadable_files(self) -> int:
        """Files of the day that could not be read or were not recognised."""
        return sum(row["is_unreadable"] for row in self.files)

    @property
    def rejected_rows(self) -> int:
        """Rows of the day's files that break their contract."""
        return sum(row["rows_rejected"] or 0 for row in self.files)


def key_figures(figures: DayFigures) -> list[KeyFigure]:
    """The five figures of a cover."""
    return [
        KeyFigure(label, figures.now[name], kind, figures.change(name), figures.course(name))
        for name, label, kind in KEY_FIGURES
    ]


def tie_outs(figures: DayFigures) -> list[TieOut]:
    """The tie-out box of a cover."""
    return [
        TieOut(PAIRS[row["pair"]], *_both(row), Kind.COUNT if _counts(row) else Kind.MONEY)
        for row in figures.pairs
    ]


def _counts(row: dict[str, Any]) -> bool:
    return row["pair"] in _COUNTED


def _both(row: dict[str, Any]) -> tuple[Decimal | int, Decimal | int]:
    left, right = row["left_figure"], row["right_figure"]
    return (int(left), int(right)) if _counts(row) else (left, right)


def file_blocks(figures: DayFigures) -> list[Block]:
    """What came in on the day, and what was wrong with it."""
    files = figures.files
    sums = [sum(row[name] or 0 for row in files) for name in _ROW_COUNTS]
    rejected = sum((row["amount_rejected"] or Decimal(0) for row in files), Decimal(0))
    counted = [(len(files), figures.unreadable_files, *sums, rejected, figures.totals_that_differ)]
    blocks = [
        Block(
            bilingual("当日收到的文件", "Files received on the day"),
            [
                Column("files", bilingual("文件数", "Files"), Kind.COUNT),
                Column("unreadable", bilingual("无法识别", "Unreadable"), Kind.COUNT),
                *(Column(name, label, Kind.COUNT) for name, label in _ROW_COUNTS.items()),
                Column("amount", bilingual("退回金额", "Rejected amount"), Kind.MONEY),
                Column("totals", bilingual("合计不符", "Totals that differ"), Kind.COUNT),
            ],
            counted if files else [],
            empty=bilingual("当日没有收到文件", "no files came in"),
        )
    ]
    wrong = [row for row in files if row["is_unreadable"] or row["rows_rejected"]]
    if wrong:
        blocks.append(
            Block(
                bilingual("退回的文件与行", "Files and rows rejected"),
                [
                    Column("path", bilingual("文件", "File")),
                    Column("rows", bilingual("退回行数", "Rows"), Kind.COUNT),
                    Column("reason", bilingual("原因（首条）", "Reason (first)")),
                ],
                [(row["path"], row["rows_rejected"] or 0, row["reason"]) for row in wrong],
            )
        )
    return blocks


_ROW_COUNTS = {
    "rows_in": bilingual("收到行数", "Rows in"),
    "rows_staged": bilingual("入账行数", "Staged"),
    "rows_duplicate": bilingual("重复行数", "Duplicate"),
    "rows_rejected": bilingual("退回行数", "Rejected"),
}
