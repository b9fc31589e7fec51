"""Cases in the store: opened once, walked by events, told with their story."""

import pytest
from store_rows import NOON_US, SHARD

from operator_push.kernel.errors import OperatorError
from operator_push.services.reconciliation_cases import CaseEvent, CaseState
from operator_push.store.case_rows import add_cases, add_event, case_of, cases, postings_of
from operator_push.store.database import Database

FOUND = [("price_differs", 1001, 1, "here, there", 300, 100), ("twice", 1002, 1, "two rows", 0, 0)]


def test_a_finding_opens_one_case_however_often_it_is_found(database: Database) -> None:
    assert database.run(lambda connection: add_cases(connection, SHARD, FOUND, NOON_US)) == 2
    assert database.run(lambda connection: add_cases(connection, SHARD, FOUND, NOON_US + 1)) == 0
    found = database.read(lambda connection: cases(connection, SHARD))
    assert [(each.found, each.message_id, each.at_risk_micros) for each in found] == [
        ("price_differs", 1001, 200),
        ("twice", 1002, 0),
    ]


def test_a_case_tells_its_story_and_a_resolved_one_may_come_again(database: Database) -> None:
    database.run(lambda connection: add_cases(connection, SHARD, FOUND[:1], NOON_US))
    (case,) = database.read(lambda connection: cases(connection, SHARD))
    for event in (
        CaseEvent(CaseState.ASSIGNED, "ravi", NOON_US + 1, assignee="mina"),
        CaseEvent(CaseState.RESOLVED, "mina", NOON_US + 2, how="we_were_right", note="checked"),
    ):
        database.run(lambda connection, event=event: add_event(connection, SHARD, case, event))
    told = database.read(lambda connection: case_of(connection, SHARD, case.case_id))
    assert [event.state.value for event in told.events] == ["open", "assigned", "resolved"]
    assert told.events[2].note == "checked"
    only_open = database.read(lambda connection: cases(connection, SHARD, [CaseState.OPEN]))
    assert only_open == []
    assert database.run(lambda connection: add_cases(connection, SHARD, FOUND[:1], NOON_US + 9000)) == 1


@pytest.mark.parametrize(("how", "again"), [("credit_note", 0), ("settled_since", 1)])
def test_what_a_correction_has_settled_comes_again_only_where_more_is_wrong(
    database: Database, how: str, again: int
) -> None:
    found = ("outcome_differs", 1001, 1, "detail", 100, 0)
    database.run(lambda connection: add_cases(connection, SHARD, [found], NOON_US))
    (case,) = database.read(lambda connection: cases(connection, SHARD))
    event = CaseEvent(CaseState.RESOLVED, "mina", NOON_US + 2, how=how, posting=7)
    database.run(lambda connection: add_event(connection, SHARD, case, event))
    corrected, worse = (*found[:4], 0, 0), (*found[:4], 101, 0)
    add = lambda each: database.run(lambda c: add_cases(c, SHARD, [each], NOON_US + 9000))  # noqa: E731
    assert add(corrected) == again
    if not again:
        assert (add(found), add(worse)) == (0, 1)


def test_what_is_not_there_is_said(database: Database) -> None:
    with pytest.raises(OperatorError, match="there is no case 5"):
        database.read(lambda connection: case_of(connection, SHARD, 5))
    assert database.read(lambda connection: postings_of(connection, SHARD, 5)) == {}
