"""Native charts and the sheet with the figures behind them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from receivables.workbook.model import Chart, Kind, Label, Language, Pack
from receivables.workbook.styles import BRAND, CHART_COLOURS, Look, Page, put
from receivables.workbook.tables import set_up_page
from receivables.workbook.text import width_of

FIGURES = Label("图表数据", "Figures")
# Chinese readers count money in units of 10,000: thousands with a point before the last digit.
_MONEY_AXIS = Label(r'0\.0,"万";-0\.0,"万";0', '#,##0,"k";-#,##0,"k";0')


def add_figures(book: Workbook, pack: Pack, language: Language) -> Page | None:
    """The sheet with the figures behind the charts, one table under the other."""
    if not pack.charts:
        return None
    page: Page = book.create_sheet(FIGURES.say(language))
    row, widest = 1, 30
    for chart in pack.charts:
        widest = max(widest, width_of(chart.title.say(language)))
        put(page, row, 1, chart.title.say(language), Look(bold=True, colour=BRAND))
        for index, series in enumerate(chart.series):
            put(page, row, index + 2, series.say(language), Look(bold=True, align="right"))
        for offset, (category, *values) in enumerate(chart.rows, 1):
            label = (chart.codes or {}).get(category)
            said = label.say(language) if label else str(category)
            put(page, row + offset, 1, said, Look())
            widest = max(widest, width_of(said))
            for index, value in enumerate(values):
                kind = Kind.MONEY if isinstance(value, Decimal) else Kind.COUNT
                put(page, row + offset, index + 2, value, Look(kind=kind))
        row += len(chart.rows) + 3
    page.column_dimensions["A"].width = widest * 1.08 + 2
    for index in range(max(len(chart.series) for chart in pack.charts)):
        page.column_dimensions[get_column_letter(index + 2)].width = 18
    set_up_page(page, pack, language)
    return page


def native_chart(chart: Chart, figures: Page, top: int, language: Language) -> Any:
    """A chart over the figures that start in row `top` of the figures sheet."""
    native: Any = LineChart() if chart.kind == "line" else BarChart()
    if chart.kind != "line":
        native.type = "bar" if chart.horizontal else "col"
        native.gapWidth = 55
        if chart.kind == "stacked":
            native.grouping, native.overlap = "stacked", 100
    bottom = top + len(chart.rows)
    width = len(chart.series) + 1
    native.add_data(
        Reference(figures, min_col=2, max_col=width, min_row=top, max_row=bottom),
        titles_from_data=True,
    )
    native.set_categories(Reference(figures, min_col=1, min_row=top + 1, max_row=bottom))
    native.title = chart.title.say(language)
    title: Page = native.title
    title.overlay = False
    title.tx.rich.p[0].pPr = ParagraphProperties(
        defRPr=CharacterProperties(sz=1100, b=True, solidFill=BRAND[2:])
    )
    left, tall = (0.3, 0.68) if chart.horizontal else (0.1, 0.66)
    if len(chart.series) == 1:
        native.legend = None
    else:
        native.legend.position = "b"
        tall -= 0.08
    native.layout = Layout(
        # the inside of the axes: their labels stand in the margins left for them
        ManualLayout(
            layoutTarget="inner", xMode="edge", yMode="edge", x=left, y=0.2, w=0.94 - left, h=tall
        )
    )
    for index, series in enumerate(native.series):
        colours = chart.colours or CHART_COLOURS
        colour = colours[index % len(colours)]
        series.graphicalProperties = GraphicalProperties(solidFill=colour)
        series.graphicalProperties.line = LineProperties(solidFill=colour)
    money = any(isinstance(value, Decimal) for row in chart.rows for value in row[1:])
    _axes(native, money, language)
    if chart.kind == "line":
        for series in native.series:
            series.smooth = False
    if chart.horizontal:
        native.x_axis.scaling.orientation = "maxMin"
    return native


def _axes(native: Any, money: bool, language: Language) -> None:
    # Without this, recent Excel hides the axes of charts made by openpyxl.
    native.x_axis.delete = native.y_axis.delete = False
    native.y_axis.number_format = _MONEY_AXIS.say(language) if money else "#,##0"
    native.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill="E5E7EB"))
    native.x_axis.tickLblPos = "low"
    native.x_axis.tickLblSkip = 1
    small = RichText(
        p=[Paragraph(pPr=ParagraphProperties(defRPr=CharacterProperties(sz=800)), endParaRPr=None)]
    )
    native.x_axis.txPr = native.y_axis.txPr = small


def between(left: int, top: int, right: int, bottom: int) -> TwoCellAnchor:
    """A place from the start of one cell to just before another, whatever the fonts' width."""
    return TwoCellAnchor(
        _from=AnchorMarker(col=left - 1, row=top - 1, colOff=20_000, rowOff=40_000),
        to=AnchorMarker(col=right - 2, row=bottom - 1, colOff=1_000_000),
    )
