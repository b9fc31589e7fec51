"""Audience rows on both databases: questions, answered sets, and a client's own sets."""

from dataclasses import replace

import pytest
from pyroaring import BitMap
from store_rows import NOON_US, ids, keyed_row, message_row, row

from operator_push.domain.audience.counting import Disclosed, Withheld
from operator_push.domain.message import MessageState
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import MICROS_PER_DAY
from operator_push.services.answer_audiences import Outcome, Question, Verdict
from operator_push.store import schema
from operator_push.store.audience_rows import (
    NOT_TOLD,
    Book,
    drop_answers,
    keep,
    read_book,
    read_queries,
    read_subscribers,
)
from operator_push.store.audience_sets import account_no_of, read_set, set_keys
from operator_push.store.database import Database
from operator_push.store.statements import insert_rows

ASHA = Question("chai", "Chai Point", 8, "age >= 18", "asha", NOON_US)
PEOPLE = BitMap([1, 5, 70_000, 4_000_000_000])
COUNTED = Verdict(Disclosed(220), Outcome.COUNTED, PEOPLE, remember=True)


def book(database: Database, question: Question, since_us: int = 0) -> Book:
    return database.read(lambda connection: read_book(connection, question, since_us))


def ask(database: Database, question: Question, verdict: Verdict | None) -> None:
    database.run(lambda connection: keep(connection, question, verdict))


def test_an_answer_is_held_for_the_client_and_for_every_account_of_its_brand(database: Database) -> None:
    assert book(database, ASHA) == Book(0, 0, False, ())
    ask(database, ASHA, COUNTED)
    found = book(database, ASHA)
    assert found == Book(1, 1, True, ((1, 220, 4),))
    (answered,) = found.answered(
        lambda number: database.read(lambda connection: read_subscribers(connection, number))
    )
    assert (answered.told, answered.people, answered.load()) == (220, 4, PEOPLE)
    assert answered.load() is answered.load()
    sister = replace(ASHA, account="chai2", asked_by="b")
    assert book(database, sister).last_no == 1
    daughter = Question("milk", "Milk", 8, "age >= 18", "m", NOON_US, ("agency", "chai", "milk"))
    assert book(database, daughter) == Book(0, 1, False, ((1, 220, 4),)), (
        "answers are known, questions its own"
    )
    stranger = Question("tea", "Tea House", 8, "age >= 18", "c", NOON_US)
    assert book(database, stranger) == Book(0, 0, False, ())


def test_what_is_free_or_refused_costs_no_budget_and_the_day_ends(database: Database) -> None:
    again = Verdict(Disclosed(220), Outcome.EARLIER_ANSWER, PEOPLE, free=True)
    few = Verdict(Withheld(100), Outcome.TOO_FEW, PEOPLE)
    for verdict in (COUNTED, again, few, None):
        ask(database, ASHA, verdict)
    assert book(database, ASHA).spent_today == 2
    tomorrow = Question("chai", "Chai Point", 8, "age >= 18", "asha", NOON_US + MICROS_PER_DAY)
    assert book(database, tomorrow).spent_today == 0
    other = Question("chai", "Chai Point", 8, "age >= 19", "asha", NOON_US)
    assert (book(database, ASHA).asked_before, book(database, other).asked_before) == (True, False)


def test_every_question_leaves_a_row(database: Database) -> None:
    ask(database, ASHA, COUNTED)
    ask(database, Question("tea", "Tea House", 6, "true", "tom", NOON_US + 1), None)
    rows = database.read(lambda connection: read_queries(connection, None, 10))
    assert [(each.account, each.outcome, each.told, each.asked_by) for each in rows] == [
        ("tea", "query_budget_spent", NOT_TOLD, "tom"),
        ("chai", "counted", 220, "asha"),
    ]
    assert len(database.read(lambda connection: read_queries(connection, "chai", 10))) == 1


def test_old_answers_are_forgotten_when_told_to(database: Database) -> None:
    ask(database, ASHA, COUNTED)
    assert book(database, ASHA, NOON_US + 1).sizes == ()
    assert database.run(lambda connection: drop_answers(connection, NOON_US)) == 0
    assert database.run(lambda connection: drop_answers(connection, NOON_US + 1)) == 1
    assert book(database, ASHA).sizes == ()


def test_a_client_has_its_own_lists_and_campaigns(database: Database) -> None:
    delivered, lost, foreign = ids(3)
    tables = {
        schema.account: [
            row(schema.account, account_no=no, name=name, currency="INR")
            for no, name in ((1, "chai"), (2, "tea"))
        ],
        schema.campaign: [
            row(schema.campaign, campaign_no=no, name=name, account_no=no, source="56070", created_us=50)
            for no, name in ((1, "spring"), (2, "summer"))
        ],
        schema.distribution_list: [
            row(schema.distribution_list, list_no=no, account_no=no, name="vip") for no in (1, 2)
        ],
        schema.distribution_list_member: [
            row(schema.distribution_list_member, list_no=no, subscriber_no=who, active=is_on)
            for no, who, is_on in ((1, 5, True), (1, 6, False), (2, 9, True))
        ],
        schema.message: [
            message_row(delivered, campaign_no=1, subscriber_no=5),
            message_row(lost, campaign_no=1, subscriber_no=6),
            message_row(foreign, campaign_no=2, subscriber_no=7),
        ],
        schema.message_final: [
            keyed_row(schema.message_final, number, state=state)
            for number, state in (
                (delivered, MessageState.DELIVERED),
                (lost, MessageState.EXPIRED),
                (foreign, MessageState.DELIVERED),
            )
        ],
        schema.mo_message: [
            keyed_row(schema.mo_message, number, subscriber_no=who, destination="56070", at_us=at_us)
            for number, who, at_us in ((1, 5, 60), (2, 6, 60), (3, 5, 40))
        ],
    }

    def fill(connection: object) -> None:
        for table, rows in tables.items():
            insert_rows(connection, table, rows)  # type: ignore[arg-type]

    database.run(fill)

    def people(account: str, key: str) -> list[int]:
        return list(database.read(lambda rows: read_set(rows, account_no_of(rows, account), key)))

    keys = database.read(lambda connection: set_keys(connection, 1))
    assert keys == {"list:vip", *(f"{what}:spring" for what in ("received", "replied", "clicked", "bought"))}
    assert people("chai", "list:vip") == [5]
    assert people("tea", "list:vip") == [9]
    assert people("chai", "received:spring") == [5]
    assert people("chai", "received:summer") == []
    assert people("chai", "replied:spring") == [5]
    assert people("chai", "clicked:spring") == []
    with pytest.raises(OperatorError, match="no account 'milk'"):
        people("milk", "list:vip")
