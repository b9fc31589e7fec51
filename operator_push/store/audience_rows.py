"""Audience rows: questions and answers of clients, read and written by whoever counts, beside the server."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pyroaring import BitMap
from sqlalchemy import Column, ColumnElement, Connection, delete, func, or_, select

from operator_push.domain.audience.counting import Disclosed
from operator_push.domain.audience.differencing import Answered
from operator_push.kernel.instants import day_of
from operator_push.services.answer_audiences import Outcome, Question, Verdict
from operator_push.store import schema
from operator_push.store.statements import insert_rows

_QUERY, _ANSWER = schema.audience_query.c, schema.audience_answer.c
NOT_TOLD = -1


class Book(NamedTuple):
    """What was answered to a client until now. `last_no`: the latest answer to anybody of it, 0 for none."""

    spent_today: int
    last_no: int
    asked_before: bool
    sizes: tuple[tuple[int, int, int], ...]  # (answer_no, told, people), oldest first

    def answered(self, load: Callable[[int], BitMap]) -> list[Answered]:
        """The sets, each loaded when it is needed, once."""
        return [Answered(told, people, _once(load, number)) for number, told, people in self.sizes]


class Query(NamedTuple):
    """A row of the audit."""

    at_us: int
    account: str
    brand: str
    category: int
    rule: str
    asked_by: str
    outcome: str
    told: int


def read_book(connection: Connection, question: Question, kept_since_us: int) -> Book:
    """What the client of a question has asked today and been answered since a moment."""
    day = day_of(question.at_us)
    spent = connection.execute(
        select(func.coalesce(func.sum(_QUERY.spent), 0)).where(_QUERY.day == day, _client(_QUERY, question))
    ).scalar_one()
    sizes = connection.execute(
        select(_ANSWER.answer_no, _ANSWER.told, _ANSWER.people)
        .where(
            or_(_client(_ANSWER, question), _ANSWER.account.in_(question.family)),
            _ANSWER.at_us >= kept_since_us,
        )
        .order_by(_ANSWER.answer_no)
    ).all()
    asked = connection.execute(
        select(_QUERY.query_no)
        .where(
            _client(_QUERY, question),
            _QUERY.rule == question.rule,
            _QUERY.category == question.category,
            _QUERY.told != NOT_TOLD,
            _QUERY.at_us >= kept_since_us,
        )
        .limit(1)
    ).first()
    rows = tuple((int(number), int(told), int(people)) for number, told, people in sizes)
    return Book(int(spent), rows[-1][0] if rows else 0, asked is not None, rows)


def read_subscribers(connection: Connection, answer_no: int) -> BitMap:
    """The set of one answer."""
    statement = select(_ANSWER.subscribers).where(_ANSWER.answer_no == answer_no)
    return BitMap.deserialize(connection.execute(statement).scalar_one())


def keep(connection: Connection, question: Question, verdict: Verdict | None) -> None:
    """Write the audit row of a question (no verdict: its budget was spent), and the set where it is new."""
    told = verdict.told.count if verdict and isinstance(verdict.told, Disclosed) else NOT_TOLD
    outcome = verdict.outcome if verdict else Outcome.BUDGET_SPENT
    spent = 0 if verdict is None or verdict.free else 1
    number = _next(connection, schema.audience_query.c.query_no)
    insert_rows(
        connection,
        schema.audience_query,
        [
            (
                number,
                day_of(question.at_us),
                question.account,
                question.brand,
                question.category,
                question.rule,
                question.asked_by,
                outcome.value,
                told,
                spent,
                question.at_us,
            )
        ],
    )
    if verdict and verdict.remember:
        found = verdict.people
        found.run_optimize()
        answer = (
            _next(connection, _ANSWER.answer_no),
            question.account,
            question.brand,
            question.rule,
            told,
            len(found),
            found.serialize(),
            question.at_us,
        )
        insert_rows(connection, schema.audience_answer, [answer])


def drop_answers(connection: Connection, before_us: int) -> int:
    """Forget the sets of answers that are older than the operator keeps them; returns how many."""
    return connection.execute(delete(schema.audience_answer).where(_ANSWER.at_us < before_us)).rowcount


def read_queries(connection: Connection, account: str | None, limit: int) -> Sequence[Query]:
    """The latest questions, newest first; of one account, or of all."""
    statement = select(
        _QUERY.at_us,
        _QUERY.account,
        _QUERY.brand,
        _QUERY.category,
        _QUERY.rule,
        _QUERY.asked_by,
        _QUERY.outcome,
        _QUERY.told,
    ).order_by(_QUERY.query_no.desc())
    if account is not None:
        statement = statement.where(_QUERY.account == account)
    return [Query(*found) for found in connection.execute(statement.limit(limit))]


def _client(columns: Any, question: Question) -> ColumnElement[bool]:
    # Another account of the same brand is the same client: two of them could put their answers together.
    return or_(columns.account == question.account, columns.brand == question.brand)


def _next(connection: Connection, column: Column[int]) -> int:
    return int(connection.execute(select(func.coalesce(func.max(column), 0) + 1)).scalar_one())


def _once(load: Callable[[int], BitMap], number: int) -> Callable[[], BitMap]:
    kept: list[BitMap] = []

    def loaded() -> BitMap:
        if not kept:
            kept.append(load(number))
        return kept[0]

    return loaded
