"""A store with charges for tests of invoices: messages, their money, and the terms of an operator."""

from collections.abc import Callable, Iterable

import msgspec
from sqlalchemy import Connection
from store_rows import NOON_US, SHARD, keyed_row, message_row, row

from operator_push.domain.invoicing.document import Party
from operator_push.domain.invoicing.taxes import DatedTax
from operator_push.domain.ledger import LEGS, TransferKind
from operator_push.domain.rating.charge import Charge
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.kernel.money import Rounding
from operator_push.services.account_terms import AccountTerms, terms_text
from operator_push.services.issue_invoices import InvoiceTerms
from operator_push.services.price_by_documents import price_row
from operator_push.store import schema
from operator_push.store.statements import insert_rows

ACCOUNT, ACCOUNT_NO = "chai", 1
HOUR_US = 3_600_000_000
BILLING = {
    "name": "Chai Point Ltd",
    "address": "12 Station Road;Second floor",
    "city": "Bengaluru",
    "postcode": "560001",
    "country": "IN",
    "tax_id": "29AAACC4321D1Z6",
    "email": "accounts@chai.example",
}
SELLER = Party(
    name="Example Telecom Ltd",
    address=("1 Exchange Road",),
    city="Mumbai",
    postcode="400001",
    country="IN",
    tax_id="27AAACE1234F1Z5",
    registration="U64200MH2001PLC000000",
    email="billing@telecom.example",
    bank_account="000111222333",
    bank_name="Example Bank, EXMP0000001",
)
GST = DatedTax(name="GST", ppm=180_000)
TERMS = InvoiceTerms(
    seller=SELLER,
    series="INV",
    credit_series="CN",
    receipt_series="RCP",
    zone="Asia/Kolkata",
    payment_days=14,
    step_micros=10_000,
    rounding=Rounding.HALF_EVEN,
    taxes=(GST,),
    place_of=lambda number: ("IN", "404-45" if number.startswith("9198") else ""),
)


def terms(**changed: object) -> InvoiceTerms:
    """TERMS with some of them changed."""
    return msgspec.structs.replace(TERMS, **changed)


class Charged:
    """Writes charged messages of an account, one id after the other, and keeps the balances."""

    def __init__(self, account_no: int = ACCOUNT_NO, shard: int = SHARD) -> None:
        self.ids = IdSequence(shard)
        self.account_no = account_no
        self.shard = shard
        self.charged_micros = 0

    def account(self, connection: Connection, name: str = ACCOUNT, **terms: object) -> None:
        """The account; `billing` is BILLING where the test says nothing else."""
        account_terms = AccountTerms(**({"billing": BILLING} | terms))  # type: ignore[arg-type]
        named = {
            "account_no": self.account_no,
            "name": name,
            "kind": "esme",
            "currency": "INR",
            "created_us": NOON_US,
            "allowed_sources": "[]",
            "terms": terms_text(account_terms),
        }
        insert_rows(connection, schema.account, [row(schema.account, **named)])
        balances = [(self.shard, self.account_no, side, 0) for side in (1, 2, 3, 4)]
        insert_rows(connection, schema.balance, balances)

    def top_up(self, connection: Connection, amount_micros: int, at_us: int = NOON_US) -> int:
        """Money comes in; returns its reference."""
        reference = self.ids.next_id(at_us)
        self._post(connection, reference, TransferKind.TOP_UP, amount_micros, at_us)
        named = {
            "account_no": self.account_no,
            "client_reference": f"pay {reference}",
            "reference": reference,
        }
        known = row(schema.top_up, **named, amount_micros=amount_micros, at_us=at_us)
        insert_rows(connection, schema.top_up, [known])
        return reference

    def message(
        self,
        connection: Connection,
        price_micros: int = 100_000,
        segments: int = 1,
        delivered: int | None = None,
        *,
        accepted_us: int = NOON_US,
        settled_us: int | None = None,
        destination: str = "919812345678",
        traffic_class: int = 1,
    ) -> int:
        """A message that was held and settled; returns its id."""
        message_id = self.ids.next_id(accepted_us)
        held = price_micros * segments
        settled = price_micros * (segments if delivered is None else delivered)
        plain = {
            "shard": self.shard,
            "account_no": self.account_no,
            "price_micros": price_micros,
            "held_micros": held,
            "segment_count": segments,
            "destination": destination,
            "traffic_class": traffic_class,
        }
        insert_rows(connection, schema.message, [message_row(message_id, **plain)])
        at_us = accepted_us if settled_us is None else settled_us
        self._post(connection, message_id, TransferKind.HOLD, held, accepted_us)
        if settled or not held:
            self._post(connection, message_id, TransferKind.SETTLE, settled, at_us)
        if held - settled:
            self._post(connection, message_id, TransferKind.RELEASE, held - settled, at_us)
        self.charged_micros += settled
        return message_id

    def priced(
        self, connection: Connection, charge: Charge, segments: int, charged: int, settled_us: int = NOON_US
    ) -> int:
        """A message priced by a document, of whose segments so many were delivered and charged; its id."""
        message_id = self.ids.next_id(charge.at_us)
        settled, held = charge.amount(charged), charge.most(segments)
        plain = {"shard": self.shard, "account_no": self.account_no, "segment_count": segments}
        plain |= {"price_micros": charge.amount(1), "held_micros": held}
        message = message_row(message_id, **plain, destination=charge.plan.request.destination)
        insert_rows(connection, schema.message, [message])
        insert_rows(
            connection,
            schema.message_price,
            [price_row((self.shard, id_day(message_id), message_id), charge)],
        )
        final = {"state": 2, "segments_delivered": charged, "settled_micros": settled, "shard": self.shard}
        insert_rows(connection, schema.message_final, [keyed_row(schema.message_final, message_id, **final)])
        self._post(connection, message_id, TransferKind.HOLD, held, charge.at_us)
        self._post(connection, message_id, TransferKind.SETTLE, settled, settled_us)
        self.charged_micros += settled
        return message_id

    def late_charge(self, connection: Connection, message_id: int, amount_micros: int, at_us: int) -> None:
        """A message whose hold is gone is charged after all."""
        self._post(connection, message_id, TransferKind.LATE_CHARGE, amount_micros, at_us)
        self.charged_micros += amount_micros

    def failed_refund(self, connection: Connection, message_id: int, amount_micros: int, at_us: int) -> None:
        """What a message was charged before its end goes back by its end."""
        self._post(connection, message_id, TransferKind.FAILED_REFUND, amount_micros, at_us)
        self.charged_micros -= amount_micros

    def charge(
        self,
        connection: Connection,
        amount_micros: int,
        reason: str,
        at_us: int = NOON_US,
        tax_micros: int = 0,
        message_id: int = 0,
    ) -> None:
        """A charge by hand, about a message or none; `tax_micros` is in it."""
        reference = self.ids.next_id(at_us)
        self._post(connection, reference, TransferKind.CHARGE, amount_micros, at_us)
        if tax_micros:
            self._post(connection, reference, TransferKind.CHARGE_TAX, tax_micros, at_us)
        known = {"account_no": self.account_no, "client_reference": f"fee {reference}", "reason": reason}
        known |= {"kind": int(TransferKind.CHARGE), "reference": reference, "amount_micros": amount_micros}
        known |= {"tax_micros": tax_micros, "at_us": at_us, "message_id": message_id}
        insert_rows(connection, schema.correction, [row(schema.correction, **known)])
        self.charged_micros += amount_micros

    def _post(
        self, connection: Connection, reference: int, kind: TransferKind, amount: int, at_us: int
    ) -> None:
        debit, credit = LEGS[kind]
        posting = {
            "shard": self.shard,
            "kind": int(kind),
            "account_no": self.account_no,
            "debit": int(debit),
            "credit": int(credit),
            "amount_micros": amount,
            "currency": "INR",
            "at_us": at_us,
        }
        insert_rows(
            connection, schema.ledger_transfer, [keyed_row(schema.ledger_transfer, reference, **posting)]
        )
        balance = schema.balance
        for side, by in ((debit, -amount), (credit, amount)):
            mine = (balance.c.account_no == self.account_no) & (balance.c.side == int(side))
            connection.execute(
                balance.update()
                .where(mine & (balance.c.shard == self.shard))
                .values(amount_micros=balance.c.amount_micros + by)
            )


def filled(work: Iterable[Callable[[Connection], object]]) -> Callable[[Connection], None]:
    """One transaction of several pieces of work."""

    def all_of_it(connection: Connection) -> None:
        for piece in work:
            piece(connection)

    return all_of_it
