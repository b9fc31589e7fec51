"""Invoice rows: documents kept and found again, numbers without gaps, the books that drafts are made from."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select

from operator_push.domain.invoicing.document import DocumentKind, document_from_text
from operator_push.domain.invoicing.standing import Owed
from operator_push.domain.ledger import LedgerAccount, TransferKind
from operator_push.domain.rating.contract import Contract
from operator_push.kernel.errors import OperatorError
from operator_push.services.correct_invoices import Receivable
from operator_push.services.issue_invoices import (
    BilledAccount,
    ChargedGroup,
    DayCount,
    Draft,
    FinalDocument,
    InvoiceBooks,
    numbered,
)
from operator_push.store import schema
from operator_push.store.charged_rows import (
    PREFIX_DIGITS,
    EarlierInvoice,
    charged_counts,
    charged_groups,
    first_charge_us,
    kind_sums,
    settled_until_day,
    shards_of,
)
from operator_push.store.database import Database
from operator_push.store.document_rows import tariff_at
from operator_push.store.small_rows import accounts
from operator_push.store.statements import insert_into

_EARNINGS = (TransferKind.PAY_OUT, TransferKind.EARNINGS_USED)
REMINDED, WRITTEN_OFF = "reminded", "written_off"


class SubjectTakenError(Exception):
    """Another has issued the document about this subject; ends the transaction, so that no number is lost."""


class StoredBooks:
    """services.issue_invoices.InvoiceBooks within one reading transaction."""

    def __init__(self, connection: Connection, account: BilledAccount, prefix_digits: int) -> None:
        self._connection = connection
        self._prefix_digits = prefix_digits
        self._shards = shards_of(connection, account.account_no)
        self.account = account
        document = schema.invoice_document.c
        mine = (document.account_no == account.account_no) & (document.kind == DocumentKind.INVOICE.value)
        count, until = connection.execute(select(func.count(), func.max(document.until_us)).where(mine)).one()
        newest = select(document.settled_until_day, document.issued_us).where(mine)
        found = connection.execute(newest.order_by(document.until_us.desc()).limit(1)).first()
        last = found[0] if found else 0
        self._last_issued_us = int(found[1]) if found else 0
        self.last_until_us: int | None = int(until) if count else None
        self.next_place = int(count) + 1
        self.open_from_day = int(last or 0)
        self.settled_until_day = settled_until_day(connection, self._shards)

    def charged(self, from_us: int, until_us: int) -> Sequence[ChargedGroup]:
        """As the port says."""
        account_no = self.account.account_no
        period = (self.open_from_day, from_us, until_us)
        earlier = EarlierInvoice(self.last_until_us or 0, self._last_issued_us)
        return charged_groups(
            self._connection, account_no, self._shards, *period, self._prefix_digits, earlier
        )

    def counted(self, from_us: int, until_us: int) -> dict[tuple[int, int], DayCount]:
        """As the port says."""
        account_no = self.account.account_no
        return charged_counts(
            self._connection, account_no, self._shards, self.open_from_day, from_us, until_us
        )

    def invoiced(self) -> dict[tuple[int, int], DayCount]:
        """As the port says."""
        return invoiced_counts(self._connection, self.account.account_no, self.open_from_day)

    def first_charge_us(self) -> int | None:
        """As the port says."""
        return first_charge_us(self._connection, self.account.account_no, self._shards)

    def owed(self) -> Sequence[Owed]:
        """As the port says."""
        return owed_invoices(self._connection, self.account.account_no)

    def payments_micros(self) -> int:
        """As the port says."""
        return payments_micros(self._connection, self.account.account_no)

    def contract(self, at_us: int) -> Contract | None:
        """As the port says."""
        account = self.account
        document = tariff_at(self._connection, account.terms.tariff, at_us)
        return document.contract_of(account.name) if document is not None else None


class StoredInvoices:
    """services.issue_invoices.InvoiceStore over a database; `prefix_digits` tell networks apart."""

    def __init__(self, database: Database, prefix_digits: int = PREFIX_DIGITS) -> None:
        self._database = database
        self._prefix_digits = prefix_digits

    def draft(self, make: Callable[[InvoiceBooks], Draft], account: str) -> Draft:
        """As the port says; within one reading transaction.

        Raises:
            OperatorError: there is no such account.
        """

        def work(connection: Connection) -> Draft:
            return make(StoredBooks(connection, billed_account(connection, account), self._prefix_digits))

        return self._database.read(work)

    def write(self, draft: Draft, series: str, issued_us: int, issued_by: str) -> FinalDocument | None:
        """As the port says."""
        try:
            return self._database.run(
                lambda connection: write_final(connection, draft, series, issued_us, issued_by)
            )
        except SubjectTakenError:
            return None


def billed_account(connection: Connection, name: str) -> BilledAccount:
    """The account of this name.

    Raises:
        OperatorError: there is none.
    """
    for account in accounts(connection):
        if account.name == name:
            return BilledAccount(
                account_no=account.account_no,
                name=account.name,
                currency=account.currency,
                created_us=account.created_us,
                terms=account.terms,
            )
    known = ", ".join(account.name for account in accounts(connection)) or "none yet"
    raise OperatorError(f"no account is called {name!r}; there are: {known}")


def write_final(
    connection: Connection, draft: Draft, series: str, issued_us: int, issued_by: str
) -> FinalDocument:
    """Number a draft and keep it, with the postings that it holds.

    The series' row is locked by its update until the commit, so that numbers are given one after the other
    and one that is rolled back is given again.

    Raises:
        SubjectTakenError: the subject has its document; the transaction must end.
    """
    serial = _next_serial(connection, series)
    row = schema.invoice_document.c
    if connection.execute(select(row.number).where(row.subject == draft.subject)).first() is not None:
        raise SubjectTakenError(draft.subject)
    final = numbered(draft, series, serial, issued_us, issued_by)
    document = final.document
    connection.execute(
        insert(schema.invoice_document).values(
            series=series,
            serial=serial,
            number=final.number,
            kind=document.kind.value,
            account_no=draft.account_no,
            subject=draft.subject,
            about=document.about,
            from_us=draft.from_us,
            until_us=draft.until_us,
            settled_until_day=draft.settled_until_day,
            total_micros=document.total_micros,
            prepaid_micros=document.prepaid_micros,
            payable_micros=document.payable_micros,
            due_date=document.due_date,
            issued_us=issued_us,
            issued_by=issued_by,
            content=final.text,
            content_sha256=final.content_sha256,
        )
    )
    for shard, day, postings, amount in draft.sources:
        values = {"shard": shard, "day": day, "postings": postings, "amount_micros": amount}
        connection.execute(insert(schema.invoice_source).values(series=series, serial=serial, **values))
    return final


def documents(
    connection: Connection, account: str | None = None, number: str | None = None
) -> list[FinalDocument]:
    """Every document, or those of an account, or the one of a number, in the order in which they were issued.

    Raises:
        OperatorError: a kept text cannot be read.
    """
    row, named = schema.invoice_document.c, schema.account.c
    statement = select(schema.invoice_document).order_by(row.issued_us, row.series, row.serial)
    if account is not None:
        numbers = select(named.account_no).where(named.name == account)
        statement = statement.where(row.account_no.in_(numbers))
    if number is not None:
        statement = statement.where(row.number == number)
    return [_final(found) for found in connection.execute(statement)]


def document_numbered(connection: Connection, number: str) -> FinalDocument:
    """The document of a number.

    Raises:
        OperatorError: there is none.
    """
    found = documents(connection, number=number)
    if not found:
        raise OperatorError(f"no document has the number {number}; see operator-push invoice list")
    return found[0]


def document_about(connection: Connection, subject: str) -> FinalDocument | None:
    """The document of a subject, None where nothing was issued about it."""
    row = schema.invoice_document.c
    found = connection.execute(select(schema.invoice_document).where(row.subject == subject)).first()
    return _final(found) if found is not None else None


def invoiced_counts(
    connection: Connection, account_no: int, from_day: int
) -> dict[tuple[int, int], DayCount]:
    """(shard, day) → what the account's invoices hold of it, from a day on."""
    source, document = schema.invoice_source, schema.invoice_document
    same = (source.c.series == document.c.series) & (source.c.serial == document.c.serial)
    statement = (
        select(
            source.c.shard,
            source.c.day,
            func.sum(source.c.postings),
            func.sum(source.c.amount_micros),
        )
        .select_from(source.join(document, same))
        .where(document.c.account_no == account_no, source.c.day >= from_day)
        .group_by(source.c.shard, source.c.day)
    )
    found = connection.execute(statement)
    return {(shard, day): DayCount(int(postings), int(amount)) for shard, day, postings, amount in found}


def owed_invoices(connection: Connection, account_no: int) -> list[Owed]:
    """The account's invoices, oldest first, with what came after them."""
    row, event = schema.invoice_document.c, schema.invoice_event.c
    credited = _sums(
        connection,
        select(row.about, func.sum(row.total_micros))
        .where(row.account_no == account_no, row.kind == DocumentKind.CREDIT_NOTE.value)
        .group_by(row.about),
    )
    written_off = _sums(
        connection,
        select(event.number, func.sum(event.amount_micros))
        .where(event.kind == WRITTEN_OFF)
        .group_by(event.number),
    )
    reminders = _sums(
        connection,
        select(event.number, func.count()).where(event.kind == REMINDED).group_by(event.number),
    )
    found = connection.execute(
        select(row.number, row.payable_micros, row.prepaid_micros, row.due_date)
        .where(row.account_no == account_no, row.kind == DocumentKind.INVOICE.value)
        .order_by(row.until_us)
    )
    return [
        Owed(
            number=number,
            payable_micros=payable,
            prepaid_micros=prepaid,
            due_date=due_date,
            credited_micros=credited.get(number, 0),
            written_off_micros=written_off.get(number, 0),
            reminders=reminders.get(number, 0),
        )
        for number, payable, prepaid, due_date in found
    ]


def payments_micros(connection: Connection, account_no: int) -> int:
    """Everything that ever came in from the account and stayed: top-ups, payments, its own earnings spent.

    That is what its FUNDING side has given, which a balance tells; only where the account has earnings, some
    of which may have been paid out through FUNDING, are postings read.
    """
    row = schema.balance.c
    mine = row.account_no == account_no
    by_side = select(row.side, func.sum(row.amount_micros)).where(mine).group_by(row.side)
    sums = {side: int(amount) for side, amount in connection.execute(by_side)}
    given = -sums.get(int(LedgerAccount.FUNDING), 0)
    if int(LedgerAccount.EARNED) not in sums:
        return given
    by_kind = kind_sums(connection, account_no, shards_of(connection, account_no), _EARNINGS)
    return given + sum(by_kind.values())


def received(connection: Connection, account_no: int, client_reference: str) -> Receivable | None:
    """The top-up or payment of an account by the client's reference, None where there is none."""
    row, correction = schema.top_up.c, schema.correction.c
    found = (
        connection.execute(
            select(row.reference, row.amount_micros, row.at_us).where(
                row.account_no == account_no, row.client_reference == client_reference
            )
        ).first()
        or connection.execute(
            select(correction.reference, correction.amount_micros, correction.at_us).where(
                correction.account_no == account_no,
                correction.client_reference == client_reference,
                correction.kind == int(TransferKind.PAYMENT),
            )
        ).first()
    )
    if found is None:
        return None
    reference, amount_micros, at_us = found
    return Receivable(
        reference=reference,
        client_reference=client_reference,
        amount_micros=amount_micros,
        at_us=at_us,
    )


def add_event(
    connection: Connection, number: str, kind: str, amount_micros: int, note: str, at_us: int, told_by: str
) -> int:
    """Note what happened to an invoice; returns the number of the event, from 1."""
    row = schema.invoice_event.c
    last = connection.execute(select(func.max(row.event_no)).where(row.number == number)).scalar() or 0
    connection.execute(
        insert(schema.invoice_event).values(
            number=number,
            event_no=last + 1,
            kind=kind,
            amount_micros=amount_micros,
            note=note,
            at_us=at_us,
            told_by=told_by,
        )
    )
    return int(last) + 1


def _next_serial(connection: Connection, series: str) -> int:
    table = schema.invoice_series
    statement = (
        insert_into(connection, table)
        .values(series=series, last_serial=1)
        .on_conflict_do_update(index_elements=["series"], set_={"last_serial": table.c.last_serial + 1})
        .returning(table.c.last_serial)
    )
    return int(connection.execute(statement).scalar_one())


def _final(found: Any) -> FinalDocument:
    return FinalDocument(
        number=found.number,
        series=found.series,
        serial=found.serial,
        document=document_from_text(found.content),
        text=found.content,
        content_sha256=found.content_sha256,
        account_no=found.account_no,
        subject=found.subject,
        issued_us=found.issued_us,
        issued_by=found.issued_by,
    )


def _sums(connection: Connection, statement: Any) -> dict[str, int]:
    return {str(key): int(amount) for key, amount in connection.execute(statement)}
