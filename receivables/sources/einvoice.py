"""An electronic invoice (EInvoice XML) as a book of two sheets: `invoice` and `lines`.

Headings are the names of the XML's own elements, so that a layout maps them like any columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from receivables.sources.grids import Book, Grid, grid_of
from receivables.sources.parsed import UnreadableError
from receivables.sources.safe_xml import local, parse_xml, text_of

ROOT = "EInvoice"
_LINE = "IssuItemInformation"
_NUMBER = "InvoiceNumber"
# These stand in every invoice's sheets, empty where the invoice does not state them.
_INVOICE_HEADINGS = (
    _NUMBER,
    "IssueTime",
    "InIssuType",
    "EInvoiceType",
    "GeneralOrSpecialVAT",
    "SellerIdNum",
    "SellerName",
    "BuyerIdNum",
    "BuyerName",
    "TotalAmWithoutTax",
    "TotalTaxAm",
    "TotalTax-includedAmount",
    "OriginalInvoiceCode",
    "Remark",
)
_LINE_HEADINGS = (
    "ItemName",
    "SpecMod",
    "MeaUnits",
    "Quantity",
    "UnPrice",
    "Amount",
    "TaxRate",
    "ComTaxAm",
    "TotaltaxIncludedAmount",
    "TaxClassificationCode",
)
_LABEL_CODE, _LABEL_NAME = "LabelCode", "LabelName"


def read_einvoice(data: bytes) -> Book:
    """The book of one electronic invoice.

    Sheet `invoice`: headings, then one row of values. Sheet `lines`: headings, then a row per
    line with the invoice's number and `line_no` counted from 1.

    Raises:
        UnreadableError: the XML is damaged, unsafe, or has no invoice number.
    """
    root = parse_xml(data)
    if local(root) != ROOT:
        raise UnreadableError(f"The XML is a {local(root)}, not an electronic invoice (EInvoice).")
    header = list(_leaves(root))
    number = next((value for name, value in header if name == _NUMBER and value), None)
    if number is None:
        raise UnreadableError("The electronic invoice has no InvoiceNumber.")
    lines = [list(_leaves(line, inside=True)) for line in root.iter() if local(line) == _LINE]
    return Book((_invoice_sheet(header), *_line_sheet(number, lines)))


def _leaves(root: Element, *, inside: bool = False) -> Iterator[tuple[str, str | None]]:
    """Names and texts of the elements without children, in the document's order.

    Signatures are left out, and lines unless it is a line that is looked into. A labelled
    element gives its code under its own name and its name under `<own name>Name`.
    """
    waiting = list(reversed(root))
    while waiting:
        element = waiting.pop()
        name, parts = local(element), {local(child): child for child in element}
        if "Signature" in name or (name == _LINE and not inside):
            continue
        if _LABEL_CODE in parts:
            yield name, text_of(parts[_LABEL_CODE])
            if _LABEL_NAME in parts:
                yield f"{name}Name", text_of(parts[_LABEL_NAME])
        elif parts:
            waiting += reversed(element)
        elif name:
            yield name, text_of(element)


def _invoice_sheet(found: Sequence[tuple[str, str | None]]) -> Grid:
    values: dict[str, str | None] = dict.fromkeys(_INVOICE_HEADINGS)
    for name, value in found:
        # The same name twice (a bank account of either side): the first that says something.
        values[name] = values.get(name) or value
    return grid_of("invoice", [list(values), list(values.values())])


def _line_sheet(number: str, lines: Sequence[Sequence[tuple[str, str | None]]]) -> list[Grid]:
    headings = dict.fromkeys([*_LINE_HEADINGS, *(name for line in lines for name, _ in line)])
    rows = [
        [number, str(place), *(dict(line).get(heading) for heading in headings)]
        for place, line in enumerate(lines, start=1)
    ]
    return [grid_of("lines", [[_NUMBER, "line_no", *headings], *rows])]
