"""Tariff documents are kept for ever, one is chosen, and what cannot be is refused with what can."""

import pytest
from shard import NOW_US

from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes
from operator_push.services.manage_documents import ROWS, ManageDocuments, document_from_row

TEXT = (
    'tariff = "{name}"\nversion = {version}\ncurrency = "{currency}"\n'
    '[[price]]\nname = "all"\nper_segment = 1\n'
)


def text(name: str = "standard", version: int = 1, currency: str = "INR") -> str:
    return TEXT.format(name=name, version=version, currency=currency)


def imported(documents: ManageDocuments, said: str, changes: Changes | None = None) -> bool:
    changes = changes if changes is not None else Changes()
    return documents.import_text(said, "file.toml", "INR", "ann", NOW_US, changes)[1]


def test_versions_are_kept_and_found_and_come_back_from_their_rows() -> None:
    documents, changes, told = ManageDocuments(), Changes(), []
    documents.on_changed.append(lambda: told.append(1))
    assert imported(documents, text(version=2), changes)
    assert imported(documents, text(version=10), changes)
    assert imported(documents, text("own"), changes)
    assert len(told) == 3
    assert [row["document_no"] for _, row in changes.upserts] == [1, 2, 3]
    again = ManageDocuments(document_from_row(row) for _, row in changes.upserts)
    assert again.names() == ["own", "standard"]
    assert again.versions("standard") == documents.versions("standard")
    assert again.find("standard", None).document.version == 10
    assert again.find("standard", 2).imported_by == "ann"
    assert again.document(3).tariff == "own"


def test_a_version_is_never_rewritten() -> None:
    documents, changes = ManageDocuments(), Changes()
    imported(documents, text())
    assert not imported(documents, "# the same\n" + text(), changes)
    assert changes.upserts == []
    with pytest.raises(OperatorError, match="version 1 of standard was imported at 2027-01-15"):
        imported(documents, text().replace("per_segment = 1", "per_segment = 2"), changes)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (text(ROWS), "'rows' means the simple rows"),
        (text(currency="USD"), r"is in USD and the house is in INR; add an \[\[exchange_rate\]\] to INR"),
        ("x" * 1_000_001, "has 1000001 characters"),
        ("tariff =", "file.toml: is not TOML"),
    ],
)
def test_what_cannot_be_is_refused(said: str, sentence: str) -> None:
    with pytest.raises(OperatorError, match=sentence):
        imported(ManageDocuments(), said)


def test_one_tariff_is_chosen() -> None:
    documents, changes = ManageDocuments(), Changes()
    with pytest.raises(OperatorError, match="the simple rows are in force"):
        documents.find(None, None)
    imported(documents, text())
    assert documents.choose("standard", "ann", NOW_US, changes)
    assert not documents.choose("standard", "ann", NOW_US, changes)
    assert changes.upserts == [
        ("tariff_choice", {"choice_no": 0, "tariff": "standard", "changed_us": NOW_US, "changed_by": "ann"})
    ]
    assert documents.find(None, None).document.version == 1
    with pytest.raises(OperatorError, match="no tariff is called 'none'; there are: rows, standard"):
        documents.choose("none", "ann", NOW_US, changes)
    with pytest.raises(OperatorError, match="no tariff standard version 7; there are: standard 1"):
        documents.find(None, 7)
    with pytest.raises(OperatorError, match="no tariff document has the number 9"):
        documents.document(9)
