"""Disputes in the store: numbered, one at a time for a message, walked by events."""

import threading
from collections.abc import Callable

import pytest
from store_rows import NOON_US

from operator_push.kernel.errors import OperatorError
from operator_push.services.disputes import Dispute, DisputeEvent, DisputeState
from operator_push.store.database import Database
from operator_push.store.dispute_rows import add_dispute, add_dispute_event, dispute_numbered, disputes


def asked(message_id: int, reference: str = "", account_no: int = 1) -> Dispute:
    return Dispute(0, 0, message_id, 0, account_no, "client", reference, "never came", NOON_US)


def event(state: DisputeState, note: str = "") -> DisputeEvent:
    return DisputeEvent(state, "ann", note, NOON_US)


def opened(database: Database, dispute: Dispute) -> Dispute:
    return database.run(lambda connection: add_dispute(connection, dispute, event(DisputeState.OPEN)))


def stepped(database: Database, number: int, state: DisputeState) -> Dispute:
    return database.run(lambda connection: add_dispute_event(connection, number, event(state, "because")))


def test_a_message_is_disputed_once_at_a_time(database: Database) -> None:
    first = opened(database, asked(1001))
    assert (first.dispute_no, first.round_no, first.state) == (1, 1, DisputeState.OPEN)
    with pytest.raises(OperatorError, match="disputed already: dispute 1, open"):
        opened(database, asked(1001))
    assert opened(database, asked(1002)).dispute_no == 2
    stepped(database, 1, DisputeState.UNDER_REVIEW)
    assert stepped(database, 1, DisputeState.REJECTED).state is DisputeState.REJECTED
    with pytest.raises(OperatorError, match=r"dispute 1 was rejected \(because\)"):
        stepped(database, 1, DisputeState.UPHELD)
    again = opened(database, asked(1001))
    assert (again.dispute_no, again.round_no) == (3, 2)
    told = database.read(lambda connection: dispute_numbered(connection, 1))
    assert [each.state.value for each in told.events] == ["open", "under_review", "rejected"]


def test_the_clients_reference_finds_what_it_has_opened(database: Database) -> None:
    first = opened(database, asked(1001, "claim-7"))
    assert opened(database, asked(1001, "claim-7")) == first
    with pytest.raises(OperatorError, match="reference 'claim-7' is of dispute 1"):
        opened(database, asked(1002, "claim-7"))
    assert opened(database, asked(1003, "claim-7", account_no=2)).dispute_no == 2


def test_disputes_are_found_by_state_account_and_message(database: Database) -> None:
    for message_id, account_no in ((1001, 1), (1002, 1), (1003, 2)):
        opened(database, asked(message_id, account_no=account_no))
    stepped(database, 2, DisputeState.WITHDRAWN)

    def found(**by: object) -> list[int]:
        return database.read(lambda each: [it.dispute_no for it in disputes(each, **by)])  # type: ignore[arg-type]

    assert found() == [1, 2, 3]
    assert found(states=[DisputeState.OPEN]) == [1, 3]
    assert found(account_no=1) == [1, 2]
    assert found(message_id=1003) == [3]
    with pytest.raises(OperatorError, match="there is no dispute 9"):
        database.read(lambda connection: dispute_numbered(connection, 9))


def test_disputes_that_are_opened_at_the_same_time_have_numbers_of_their_own(
    open_store: Callable[[], Database], store_url: str
) -> None:
    open_store()
    begin, kept, refused = threading.Barrier(6), [], []

    def work(number: int) -> None:
        own = Database.open(store_url)
        begin.wait()
        try:
            kept.append(opened(own, asked(1000 + number // 2)).dispute_no)
        except OperatorError as error:
            refused.append(str(error))
        finally:
            own.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept) == [1, 2, 3]
    assert all("disputed already" in each for each in refused)
    assert len(refused) == 3
