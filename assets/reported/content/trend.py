"""How the money outside moved over the closed days, for the covers."""

from datetime import date

from assets.reported.content.figures import DayFigures
from receivables.workbook import Chart, bilingual


def _tick(day: date, is_first: bool) -> str:
    """The day of the month; the month beside it where one begins."""
    return f"{day.month}/{day.day}" if is_first or day.day == 1 else str(day.day)


def trend_chart(figures: DayFigures) -> list[Chart]:
    """What was outstanding and overdue over the last closed days; nothing for a first day."""
    rows = figures.trend
    if len(rows) < 2:
        return []
    return [
        Chart(
            bilingual("近 31 天应收与逾期", "Outstanding and overdue, 31 days"),
            [bilingual("应收余额", "Outstanding"), bilingual("逾期", "Overdue")],
            [
                (_tick(row["as_of"], place == 0), row["outstanding"], row["overdue"])
                for place, row in enumerate(rows)
            ],
            kind="line",
            colours=("1F4E79", "D1603D"),
        )
    ]
