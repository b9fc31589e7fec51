"""Manage tariff documents: the versions that the operator has imported, and which tariff counts for whom.

A version is never rewritten and never removed, so that every message's price can be told for ever; what
replaces it is a higher version. An account pays by the tariff that its terms name, else by the operator's
choice: a document's name, or ROWS for the simple rows.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from operator_push.domain.rating.document import TariffDocument
from operator_push.domain.rating.reading import read_tariff
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso
from operator_push.services.changes import Changes

ROWS: Final = "rows"  # the choice that is no document: the [[tariff]] rows
_THE_CHOICE: Final = 0
TEXT_CHARACTERS_MAX: Final = 1_000_000  # Ours: thousands of prices; read in one go on the server's loop.


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """One version as it was imported: the text of its file, when, and by whom."""

    document_no: int
    document: TariffDocument = field(repr=False)
    file: str
    text: str = field(repr=False)
    imported_us: int
    imported_by: str

    def as_row(self) -> dict[str, object]:
        """The row of store.schema.tariff_document."""
        return {
            "document_no": self.document_no,
            "tariff": self.document.tariff,
            "version": self.document.version,
            "file": self.file,
            "text": self.text,
            "imported_us": self.imported_us,
            "imported_by": self.imported_by,
        }


def document_from_row(row: dict[str, object]) -> StoredDocument:
    """The version of a row of store.schema.tariff_document.

    Raises:
        OperatorError: its text is not readable by this version of the product.
    """
    file, text = str(row["file"]), str(row["text"])
    number, at_us = int(str(row["document_no"])), int(str(row["imported_us"]))
    return StoredDocument(number, read_tariff(text, file), file, text, at_us, str(row["imported_by"]))


class ManageDocuments:
    """The use case, in memory as in the store; `on_changed` is told when prices may differ from now on."""

    def __init__(self, stored: Iterable[StoredDocument] = (), chosen: str = ROWS) -> None:
        self._stored = {each.document_no: each for each in stored}
        self.chosen = chosen
        self.on_changed: list[Callable[[], object]] = []

    def stored(self) -> Sequence[StoredDocument]:
        """Every version, by tariff and version."""
        return sorted(self._stored.values(), key=lambda each: (each.document.tariff, each.document.version))

    def names(self) -> list[str]:
        """The names of the tariffs that there are, ROWS not among them."""
        return sorted({each.document.tariff for each in self._stored.values()})

    def versions(self, tariff: str) -> list[tuple[int, TariffDocument]]:
        """The versions of a tariff by the numbers of their documents, the lowest first."""
        return [(each.document_no, each.document) for each in self.stored() if each.document.tariff == tariff]

    def document(self, document_no: int) -> TariffDocument:
        """The version that a message was priced by.

        Raises:
            OperatorError: there is no such number, so the rows are of another store.
        """
        if document_no not in self._stored:
            raise OperatorError(f"no tariff document has the number {document_no}")
        return self._stored[document_no].document

    def find(self, tariff: str | None, version: int | None) -> StoredDocument:
        """A version by its name and number; left out: the tariff that is chosen, its highest version.

        Raises:
            OperatorError: there is none such.
        """
        name = tariff or self.chosen
        if name == ROWS:
            raise OperatorError(
                f"the simple rows are in force; name one of {', '.join(self.names()) or 'none'}"
            )
        found = [each for each in self.stored() if each.document.tariff == name]
        if version is not None:
            found = [each for each in found if each.document.version == version]
        if not found:
            wanted = name if version is None else f"{name} version {version}"
            known = ", ".join(f"{each.document.tariff} {each.document.version}" for each in self.stored())
            raise OperatorError(f"there is no tariff {wanted}; there are: {known or 'none yet'}")
        return found[-1]

    def import_text(
        self,
        text: str,
        file: str,
        currency: str,
        by: str,
        now_us: int,
        changes: Changes,
        named_only: bool = False,
    ) -> tuple[StoredDocument, bool]:
        """Keep a version; False where it is kept already and says the same.

        `currency` is that of the house; a tariff that only those accounts pay by that name it (`named_only`)
        may have another one.

        Raises:
            OperatorError: the text is wrong, this version is kept and says something else, or nothing tells
                what its amounts are in `currency`.
        """
        if len(text) > TEXT_CHARACTERS_MAX:
            raise OperatorError(
                f"has {len(text)} characters, at most {TEXT_CHARACTERS_MAX} are read", file=file
            )
        document = read_tariff(text, file)
        if document.tariff == ROWS:
            raise OperatorError(f"{ROWS!r} means the simple rows; give the tariff another name", file=file)
        is_for_all = document.tariff == self.chosen or not (named_only or document.tariff in self.names())
        if is_for_all and not document.has_currency(currency):
            raise OperatorError(
                f"is in {document.currency} and the house is in {currency}; add an [[exchange_rate]] to "
                f"{currency}, or import it for the accounts that name it (--named-only)",
                file=file,
            )
        for kept in self._stored.values():
            if (kept.document.tariff, kept.document.version) == (document.tariff, document.version):
                if kept.document == document:
                    return kept, False
                raise OperatorError(
                    f"version {document.version} of {document.tariff} was imported at "
                    f"{iso(kept.imported_us)} by {kept.imported_by} and says something else; "
                    "messages may have been priced by it, so give the new one a higher version",
                    file=file,
                )
        stored = StoredDocument(max(self._stored, default=0) + 1, document, file, text, now_us, by)
        self._stored[stored.document_no] = stored
        changes.upserts.append(("tariff_document", stored.as_row()))
        self._tell()
        return stored, True

    def choose(self, tariff: str, by: str, now_us: int, changes: Changes) -> bool:
        """Let every account whose terms name no tariff pay by this one, or by ROWS; False where it does.

        Raises:
            OperatorError: there is no such tariff.
        """
        self.check_name(tariff)
        if tariff == self.chosen:
            return False
        self.chosen = tariff
        row = {"choice_no": _THE_CHOICE, "tariff": tariff, "changed_us": now_us, "changed_by": by}
        changes.upserts.append(("tariff_choice", row))
        self._tell()
        return True

    def check_name(self, tariff: str) -> None:
        """Refuse a name that is no tariff's.

        Raises:
            OperatorError: with the names that there are.
        """
        if tariff != ROWS and tariff not in self.names():
            raise OperatorError(
                f"no tariff is called {tariff!r}; there are: {', '.join([ROWS, *self.names()])}"
            )

    def _tell(self) -> None:
        for told in self.on_changed:
            told()
