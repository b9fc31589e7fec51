"""Writing UBL: elements in their namespaces, in the order of the calls, with two decimals an amount."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Final
from xml.etree import ElementTree

INVOICE: Final = "Invoice"
CREDIT_NOTE: Final = "CreditNote"
ROOTS: Final = "urn:oasis:names:specification:ubl:schema:xsd:{}-2"
AGGREGATE: Final = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
BASIC: Final = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"

ElementTree.register_namespace("cac", AGGREGATE)
ElementTree.register_namespace("cbc", BASIC)


class Writer:
    """Appends to where it is: `inside` goes one element deeper for as long as a block lasts."""

    def __init__(self, root: str, currency: str) -> None:
        self.root = ElementTree.Element(f"{{{ROOTS.format(root)}}}{root}")
        self._currency = currency
        self._here = self.root

    def text(self, name: str, text: str, **attributes: str) -> None:
        """A basic component."""
        ElementTree.SubElement(self._here, f"{{{BASIC}}}{name}", attributes).text = text

    def amount(self, name: str, amount: Decimal | str) -> None:
        """A basic component with the document's currency; a Decimal has two decimals."""
        text = amount if isinstance(amount, str) else f"{amount:.2f}"
        self.text(name, text, currencyID=self._currency)

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """An aggregate component, for as long as the block lasts."""
        outer = self._here
        self._here = ElementTree.SubElement(outer, f"{{{AGGREGATE}}}{name}")
        try:
            yield
        finally:
            self._here = outer


def ubl_octets(root: ElementTree.Element) -> bytes:
    """The document as indented UTF-8 with its declaration; the root's namespace is the default one."""
    ElementTree.register_namespace("", root.tag[1:].partition("}")[0])
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()
