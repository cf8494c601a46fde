"""An OFD page layout as a book: its attached electronic invoice, else its custom data.

Pages are pictures of a paper; nothing is read from them.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from receivables.policy import Intake
from receivables.sources.archives import Archive
from receivables.sources.einvoice import read_einvoice
from receivables.sources.grids import Book, grid_of
from receivables.sources.parsed import UnreadableError
from receivables.sources.safe_xml import local, parse_xml, text_of

ROOT_FILE = "OFD.xml"
_ATTACHED = "original_invoice.xml"


def read_ofd(path: Path, limits: Intake) -> Book:
    """The book of an OFD file.

    With an attached original the same two sheets as an electronic invoice; else one sheet `ofd`
    with the names of the custom data in row 1 and their values in row 2.

    Raises:
        UnreadableError: the file is damaged or holds no data of an invoice.
    """
    with Archive(path, limits) as archive:
        attached = [name for name in archive.names if PurePosixPath(name).name == _ATTACHED]
        if attached:
            return read_einvoice(archive.read(attached[0]))
        root = parse_xml(archive.read(ROOT_FILE))
    values: dict[str, str | None] = {}
    for element in root.iter():
        if local(element) == "CustomData" and (name := (element.get("Name") or "").strip()):
            values[name] = values.get(name) or text_of(element)
    if not values:
        raise UnreadableError(
            "The OFD file holds only pages, no data of an invoice: download the XML of the same "
            "invoice and put that here."
        )
    return Book((grid_of("ofd", [list(values), list(values.values())]),))
