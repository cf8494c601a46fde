"""XML of strangers: no DTD, no entities, nothing fetched; names without their namespaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException, DTDForbidden
from defusedxml.ElementTree import fromstring

from receivables.sources.parsed import UnreadableError
from receivables.sources.sniff import decode

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
# Real papers nest a dozen elements; a tower of them is made to bring readers down.
_MAX_DEPTH = 100


def parse_xml(data: bytes) -> Element:
    """The root of an XML document in any encoding that text may have.

    Raises:
        UnreadableError: it is damaged, or has a DTD or entities.
    """
    text = _DECLARATION.sub("", decode(data), count=1)
    try:
        root = fromstring(text, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DTDForbidden:
        raise UnreadableError(
            "The XML has a document type (DTD), which real papers have not; it is not read."
        ) from None
    except DefusedXmlException:
        raise UnreadableError(
            "The XML defines entities or refers to other files; it is not read."
        ) from None
    except (ParseError, ValueError) as error:
        raise UnreadableError(f"The XML is damaged: {error}. Ask for it again.") from None
    if any(depth > _MAX_DEPTH for depth, _ in _with_depth(root)):
        raise UnreadableError(f"The XML nests more than {_MAX_DEPTH} elements; it is not read.")
    return root


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def text_of(element: Element) -> str | None:
    """The trimmed text of an element; None where there is none."""
    return "".join(element.itertext()).strip() or None


def _with_depth(root: Element) -> Iterator[tuple[int, Element]]:
    waiting = [(1, root)]
    while waiting:
        depth, element = waiting.pop()
        yield depth, element
        waiting += [(depth + 1, child) for child in element]
