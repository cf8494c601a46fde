"""How the money outside moved over the closed days, for the covers."""

from assets.reported.content.figures import DayFigures
from receivables.workbook import Chart, bilingual


def trend_chart(figures: DayFigures) -> list[Chart]:
    """What was outstanding and overdue over the last closed days; nothing for a first day."""
    rows = figures.trend
    if len(rows) < 2:
        return []
    return [
        Chart(
            bilingual("近 31 天应收与逾期", "Outstanding and overdue, 31 days"),
            [bilingual("应收余额", "Outstanding"), bilingual("逾期", "Overdue")],
            [(f"{row['as_of']:%m-%d}", row["outstanding"], row["overdue"]) for row in rows],
            kind="line",
            colours=("1F4E79", "D1603D"),
        )
    ]
