"""Credits on an invoice: whoever gives back at the same time, together never more than the invoice."""

import threading

import pytest
from invoice_room import ACCOUNT, HOUR_US, TERMS, Charged
from store_rows import NOON_US

from operator_push.kernel.errors import OperatorError
from operator_push.services.issue_invoices import FinalDocument, issue_invoice
from operator_push.store.database import Database
from operator_push.store.invoice_credits import give_up_credit, reserve_credit
from operator_push.store.invoice_rows import StoredInvoices


def invoiced(database: Database) -> FinalDocument:
    room = Charged()
    database.run(room.account)
    database.run(lambda connection: room.message(connection, 100_000))
    until_us = NOON_US + HOUR_US
    return issue_invoice(StoredInvoices(database), ACCOUNT, TERMS, until_us, until_us, "ann")


def reserve(database: Database, invoice: FinalDocument, reference: str, micros: int) -> bool:
    return database.run(
        lambda connection: reserve_credit(connection, invoice, reference, micros, NOON_US, "ann")
    )


def test_a_reservation_is_made_once_and_can_be_given_up(database: Database) -> None:
    invoice = invoiced(database)
    assert reserve(database, invoice, "a", 60_000)
    assert not reserve(database, invoice, "a", 60_000)
    with pytest.raises(OperatorError, match="reference 'a' is of a credit of"):
        reserve(database, invoice, "a", 50_000)
    with pytest.raises(OperatorError, match=r"0\.04 of it is left"):
        reserve(database, invoice, "b", 40_001)
    database.run(lambda connection: give_up_credit(connection, invoice, "a", NOON_US, "ann"))
    assert reserve(database, invoice, "b", 100_000)


def test_credits_at_the_same_time_do_not_exceed_the_invoice(database: Database, store_url: str) -> None:
    invoice = invoiced(database)
    begin, kept, refused = threading.Barrier(6), [], []

    def work(number: int) -> None:
        own = Database.open(store_url)
        begin.wait()
        try:
            reserve(own, invoice, f"claim {number}", 40_000)
            kept.append(number)
        except OperatorError as error:
            refused.append(str(error))
        finally:
            own.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(kept), len(refused)) == (2, 4), refused
    assert all("is left" in each for each in refused)
