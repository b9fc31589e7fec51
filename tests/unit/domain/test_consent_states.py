"""Which act may follow in which state: the table, and that the book stands where the table says."""

import pytest

from operator_push.domain.consent import ConsentAction, ConsentEvent, Evidence, Purpose, scope_of
from operator_push.domain.consent_states import TRANSITIONS, ConsentState, why_refused
from operator_push.domain.permission import PermissionBook

A, S = ConsentAction, ConsentState
# How to come to each state from nothing.
PATHS = {
    S.PENDING: (),
    S.REQUESTED: (A.REQUEST,),
    S.CONFIRMING: (A.CHALLENGE,),
    S.GRANTED: (A.GRANT,),
    S.WITHDRAWN: (A.GRANT, A.WITHDRAW),
    S.DENIED: (A.REQUEST, A.DENY),
    S.OBJECTED: (A.OBJECT,),
    S.VOID: (A.GRANT, A.VOID),
}
END_US = 100


def act(action: ConsentAction, at_us: int) -> ConsentEvent:
    ends = END_US if action in (A.CHALLENGE,) else 0
    return ConsentEvent(7, 1, 8, Purpose.MARKETING, "sms", action, at_us, Evidence("web"), expires_us=ends)


def book_after(*actions: ConsentAction) -> PermissionBook:
    book = PermissionBook()
    for at_us, action in enumerate(actions, start=1):
        book.apply(act(action, at_us))
    return book


@pytest.mark.parametrize(
    ("state", "action"), [(state, action) for state in PATHS for action in TRANSITIONS[state]]
)
def test_the_book_moves_as_the_table_says(state: ConsentState, action: ConsentAction) -> None:
    path = PATHS[state]
    scope = scope_of(act(action, 1))
    assert book_after(*path).state(7, scope, len(path)) is state
    after = book_after(*path, action)
    assert after.state(7, scope, len(path) + 1) is TRANSITIONS[state][action]
    assert after.allows(7, 1, 8, Purpose.MARKETING) == (TRANSITIONS[state][action] is S.GRANTED)


@pytest.mark.parametrize(
    ("state", "action", "words"),
    [
        (S.WITHDRAWN, A.REQUEST, "ask only where the state is pending"),
        (S.DENIED, A.REQUEST, "may not follow denied"),
        (S.GRANTED, A.CHALLENGE, "needs no confirmation"),
        (S.PENDING, A.CONFIRM, "no challenge"),
        (S.CONFIRMING, A.GRANT, "record its answer as confirm"),
    ],
)
def test_what_may_not_follow_is_refused_with_words(
    state: ConsentState, action: ConsentAction, words: str
) -> None:
    why = why_refused(state, action)
    assert why is not None
    assert words in why
    assert "here may follow: " in why


def test_what_is_in_the_table_is_not_refused() -> None:
    for state, moves in TRANSITIONS.items():
        for action in A:
            assert (why_refused(state, action) is None) == (action in moves)


def test_only_an_opt_in_leaves_a_no() -> None:
    for state in (S.WITHDRAWN, S.DENIED, S.OBJECTED):
        leaves = {action for action, after in TRANSITIONS[state].items() if after is S.GRANTED}
        assert leaves == {A.GRANT}


def test_a_challenge_that_nobody_answers_in_time_leaves_what_was_there() -> None:
    scope = scope_of(act(A.GRANT, 1))
    asked = book_after(A.CHALLENGE)
    assert asked.state(7, scope, END_US - 1) is S.CONFIRMING
    assert asked.state(7, scope, END_US) is S.EXPIRED
    stopped = book_after(A.WITHDRAW, A.CHALLENGE)
    assert stopped.state(7, scope, END_US) is S.WITHDRAWN
    assert not stopped.apply(act(A.CONFIRM, END_US))
    assert not stopped.allows(7, 1, 8, Purpose.MARKETING)
    in_time = book_after(A.WITHDRAW, A.CHALLENGE)
    assert in_time.apply(act(A.CONFIRM, END_US - 1))
    assert in_time.allows(7, 1, 8, Purpose.MARKETING)


def test_a_stop_of_everything_ends_a_dialogue_in_progress() -> None:
    book = book_after(A.CHALLENGE)
    stop = ConsentEvent(7, 0, 0, Purpose.MARKETING, "*", A.WITHDRAW, 2, Evidence("sms"))
    book.apply(stop)
    assert not book.apply(act(A.CONFIRM, 3))
    assert not book.allows(7, 1, 8, Purpose.MARKETING)
