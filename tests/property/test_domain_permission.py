"""Permission holds its laws for any history of acts."""

from hypothesis import given
from hypothesis import strategies as st

from operator_push.domain.permission import (
    ConsentAction,
    ConsentEvent,
    Evidence,
    PermissionBook,
    Purpose,
    Scope,
)
from operator_push.domain.permission_answer import PermissionReason, PermissionWord

EVIDENCE = Evidence("web")
PURPOSES = (Purpose.MARKETING, Purpose.SERVICE)
SUBSCRIBERS = (1, 2, 33)
ANSWERS = tuple(action for action in ConsentAction if action <= ConsentAction.VOID)
BRANDS, CATEGORIES = (0, 1, 2), (0, 6, 8)
STOPS = (ConsentAction.WITHDRAW, ConsentAction.DENY, ConsentAction.OBJECT)
QUESTIONS = [
    (number, brand, category, purpose)
    for number in SUBSCRIBERS
    for brand in BRANDS
    for category in CATEGORIES
    for purpose in PURPOSES
]


def events(moments: st.SearchStrategy[int]) -> st.SearchStrategy[ConsentEvent]:
    return st.builds(
        ConsentEvent,
        st.sampled_from(SUBSCRIBERS),
        st.sampled_from(BRANDS),
        st.sampled_from(CATEGORIES),
        st.sampled_from(PURPOSES),
        st.sampled_from(("*", "sms", "push")),
        st.sampled_from(ANSWERS),
        moments,
        st.just(EVIDENCE),
    )


HISTORIES = st.lists(events(st.integers(0, 20)), max_size=30)
ORDERED_HISTORIES = HISTORIES.map(lambda history: sorted(history, key=lambda event: event.at_us))


def scope_of(event: ConsentEvent) -> Scope:
    return Scope(event.purpose, event.brand_no, event.category, event.channel)


def answers(book: PermissionBook) -> list[bool]:
    return [book.allows(*question) for question in QUESTIONS]


def allowed_by_the_laws(
    history: list[ConsentEvent], number: int, brand: int, category: int, purpose: Purpose
) -> bool:
    """The definition, read off the whole history: slow, and without any state."""
    asked = Scope(purpose, brand, category, "sms")
    own = [event for event in history if event.subscriber_no == number]
    granted = False
    for index, event in enumerate(own):
        if not scope_of(event).covers(asked) or event.action == ConsentAction.VOID:
            continue
        ended_by = {ConsentAction.VOID} | ({ConsentAction.GRANT} if event.action in STOPS else set())
        ended = any(
            later.action in ended_by and scope_of(later).covers(scope_of(event)) for later in own[index + 1 :]
        )
        if not ended:
            if event.action in STOPS:
                return False
            granted = True
    return granted


@given(ORDERED_HISTORIES)
def test_what_is_allowed_is_what_the_laws_say(history: list[ConsentEvent]) -> None:
    book = PermissionBook()
    book.apply_many(history)
    assert answers(book) == [allowed_by_the_laws(history, *question) for question in QUESTIONS]
    assert book.sequence == len(history)


@given(HISTORIES)
def test_every_way_of_asking_gives_the_same_answer(history: list[ConsentEvent]) -> None:
    book = PermissionBook()
    book.apply_many(history)
    for number, brand, category, purpose in QUESTIONS:
        allowed = book.allows(number, brand, category, purpose)
        answer = book.answer(number, brand, category, purpose)
        assert answer.allowed == allowed
        assert (number in book.permitting(purpose, brand, category)) == allowed
        assert answer.scope is None or answer.scope.covers(Scope(purpose, brand, category, "sms"))
        word = book.word_of(number, brand, category, purpose)
        said_no = answer.reason in (PermissionReason.WITHDRAWN, PermissionReason.DENIED)
        assert (word == PermissionWord.NO) == said_no


@given(HISTORIES, events(st.integers(0, 20)).filter(lambda event: event.action != ConsentAction.GRANT))
def test_only_a_grant_can_turn_a_no_into_a_yes(history: list[ConsentEvent], act: ConsentEvent) -> None:
    book = PermissionBook()
    book.apply_many(history)
    before = answers(book)
    book.apply(act)
    assert not any(now and not then for now, then in zip(answers(book), before, strict=True))


@given(HISTORIES, events(st.integers(0, 20)))
def test_a_stop_of_everything_stands_against_every_older_grant(
    history: list[ConsentEvent], act: ConsentEvent
) -> None:
    book = PermissionBook()
    book.apply_many(history)
    number = act.subscriber_no
    for purpose in PURPOSES:
        book.apply(ConsentEvent(number, 0, 0, purpose, "*", ConsentAction.WITHDRAW, 21, EVIDENCE))
    book.apply(act)
    assert not any(book.allows(*question) for question in QUESTIONS if question[0] == number)


@given(HISTORIES)
def test_hearing_the_whole_history_again_changes_nothing(history: list[ConsentEvent]) -> None:
    book = PermissionBook()
    book.apply_many(history)
    before = answers(book)
    book.apply_many(history)
    assert answers(book) == before


@given(HISTORIES, events(st.integers(0, 20)))
def test_one_person_s_act_is_no_one_else_s(history: list[ConsentEvent], act: ConsentEvent) -> None:
    book = PermissionBook()
    book.apply_many(history)
    before = answers(book)
    book.apply(act)
    for question, then, now in zip(QUESTIONS, before, answers(book), strict=True):
        assert then == now or (question[0], question[3]) == (act.subscriber_no, act.purpose)
