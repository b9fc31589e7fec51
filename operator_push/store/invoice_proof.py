"""Invoice proof: kept documents against their hashes, their numbers, and the ledger they were made from."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from operator_push.domain.invoicing.document import Document, DocumentKind, document_from_text, text_sha256
from operator_push.kernel.errors import OperatorError
from operator_push.store import schema
from operator_push.store.charged_rows import charged_counts, shards_of
from operator_push.store.invoice_rows import invoiced_counts

ALL_TIME_US = 1 << 62


def invoice_errors(connection: Connection) -> Iterator[str]:
    """What does not hold, one sentence each; nothing where everything does.

    Texts have their hashes; numbers are without gaps and are those of the texts; lines sum to totals;
    invoices hold no posting that the ledger has not.
    """
    row = schema.invoice_document.c
    last: dict[str, int] = {}
    sums: dict[tuple[str, int], int] = {}
    source = schema.invoice_source.c
    for series, serial, amount in connection.execute(
        select(source.series, source.serial, source.amount_micros)
    ):
        sums[series, serial] = sums.get((series, serial), 0) + amount
    accounts: set[int] = set()
    for found in connection.execute(select(schema.invoice_document).order_by(row.series, row.serial)):
        expected = last.get(found.series, 0) + 1
        if found.serial != expected:
            yield f"series {found.series}: after {expected - 1} comes {found.serial}"
        last[found.series] = found.serial
        if text_sha256(found.content) != found.content_sha256:
            yield f"{found.number}: its text is not the one that was issued"
        try:
            document = document_from_text(found.content)
        except OperatorError as error:
            yield f"{found.number}: {error}"
            continue
        yield from _document_errors(found.number, document, found.total_micros, found.payable_micros)
        if document.kind is DocumentKind.INVOICE:
            accounts.add(found.account_no)
            held = sums.get((found.series, found.serial), 0)
            if held != document.total_micros:
                total = document.total_micros
                yield f"{found.number}: its postings come to {held} micros, its total is {total}"
    kept = schema.invoice_series.c
    for series, serial in connection.execute(select(kept.series, kept.last_serial)):
        if last.get(series, 0) != serial:
            yield f"series {series}: {serial} numbers were given, {last.get(series, 0)} documents are there"
    for account_no in sorted(accounts):
        yield from _ledger_errors(connection, account_no)


def _document_errors(number: str, document: Document, total: int, payable: int) -> Iterator[str]:
    if document.number != number:
        yield f"{number}: its text says {document.number}"
    if (document.total_micros, document.payable_micros) != (total, payable):
        yield f"{number}: its row has other sums than its text"
    lines = sum(line.amount_micros for line in document.lines)
    if not lines == document.total_micros == document.net_micros + document.tax_micros:
        yield f"{number}: its lines come to {lines} micros, its total is {document.total_micros}"
    left = document.total_micros - document.prepaid_micros + document.rounding_micros
    if left != document.payable_micros:
        yield f"{number}: total, advance and rounding come to {left}, it asks for {document.payable_micros}"


def _ledger_errors(connection: Connection, account_no: int) -> Iterator[str]:
    shards = shards_of(connection, account_no)
    charged = charged_counts(connection, account_no, shards, 0, 0, ALL_TIME_US)
    for (shard, day), held in sorted(invoiced_counts(connection, account_no, 0).items()):
        there = charged.get((shard, day))
        if there is None or there.postings < held.postings or there.amount_micros < held.amount_micros:
            found, kept = there.amount_micros if there else 0, held.amount_micros
            place = f"shard {shard}, day {day}"
            yield f"account {account_no}: invoices hold {kept} micros of {place}; the ledger has {found}"
