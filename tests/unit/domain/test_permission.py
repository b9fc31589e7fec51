"""Permission: each story is a list of acts and what the person permits after each of them."""

import pytest

from operator_push.domain.consent import IMPORTED
from operator_push.domain.permission import (
    ACTION_BY_NAME,
    PURPOSE_BY_NAME,
    ConsentAction,
    ConsentEvent,
    Evidence,
    PermissionBook,
    PermissionReason,
    PermissionWord,
    Purpose,
    Scope,
)
from operator_push.kernel.contracts import DataPurpose

CHAI, ZING = 1, 2
FOOD, MUSIC = 8, 6
EVIDENCE = Evidence(method="sms", detail="YES CHAI to 56070", notice_version="3", language="en")

# at  action  brand category channel → may Chai Point market food? and Zing music?
STORIES = {
    "unknown is no": """
        -  -        -    -    -    no  no
    """,
    "a grant is for its scope alone": """
        1  grant    chai 8    sms  yes no
    """,
    "a broad grant covers what is narrower": """
        1  grant    *    *    *    yes yes
    """,
    "a grant for another channel is none for SMS": """
        1  grant    *    *    push no  no
    """,
    "a stop of everything stops everything": """
        1  grant    chai 8    sms  yes no
        2  grant    zing *    *    yes yes
        3  withdraw *    *    *    no  no
    """,
    "a narrow grant never overrides a broad no": """
        1  withdraw *    *    *    no  no
        2  grant    chai 8    sms  no  no
        3  grant    chai *    *    no  no
    """,
    "a grant of the same scope lifts the stop": """
        1  withdraw chai *    *    no  no
        2  grant    chai *    *    yes no
    """,
    "a broader grant lifts the stop as well": """
        1  withdraw chai *    *    no  no
        2  grant    *    *    *    yes yes
    """,
    "a stop of one brand leaves the other": """
        1  grant    *    *    *    yes yes
        2  withdraw chai *    *    no  yes
    """,
    "a stop of one category leaves the other": """
        1  grant    *    *    *    yes yes
        2  withdraw *    6    *    yes no
    """,
    "denying and objecting stop like withdrawing": """
        1  grant    *    *    *    yes yes
        2  deny     chai *    *    no  yes
        3  object   zing *    *    no  no
    """,
    "an old grant that arrives late lifts nothing": """
        1  grant    chai 8    sms  yes no
        9  withdraw *    *    *    no  no
        1  grant    chai 8    sms  no  no
        8  grant    *    *    *    no  no
        9  grant    *    *    *    yes yes
    """,
    "a stop that was said again later needs a grant later still": """
        1  withdraw *    *    *    no  no
        9  withdraw *    *    *    no  no
        5  grant    *    *    *    no  no
        9  grant    *    *    *    yes yes
    """,
    "a stop that arrives late is heard all the same": """
        5  grant    chai 8    sms  yes no
        3  withdraw chai 8    sms  no  no
    """,
    "a new owner of the number has said nothing": """
        1  grant    *    *    *    yes yes
        2  void     *    *    *    no  no
        3  grant    chai *    *    yes no
    """,
    "what the old owner said is not heard after the number changed hands": """
        1  withdraw chai *    *    no  no
        5  void     *    *    *    no  no
        4  grant    chai *    *    no  no
        2  withdraw *    *    *    no  no
        6  grant    zing *    *    no  yes
    """,
}


def event(
    at: int,
    action: str,
    brand: int = 0,
    category: int = 0,
    channel: str = "*",
    purpose: str = "marketing",
    subscriber_no: int = 7,
) -> ConsentEvent:
    return ConsentEvent(
        subscriber_no,
        brand,
        category,
        PURPOSE_BY_NAME[purpose],
        channel,
        ACTION_BY_NAME[action],
        at,
        EVIDENCE,
    )


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_story(story: str) -> None:
    book = PermissionBook()
    brands = {"chai": CHAI, "zing": ZING, "*": 0, "-": 0}
    for line in story.strip().splitlines():
        at, action, brand, category, channel, chai, zing = line.split()
        if action != "-":
            kind = 0 if category == "*" else int(category)
            book.apply(event(int(at), action, brands[brand], kind, channel))
        assert book.allows(7, CHAI, FOOD, Purpose.MARKETING) == (chai == "yes"), line
        assert book.allows(7, ZING, MUSIC, Purpose.MARKETING) == (zing == "yes"), line
        assert not book.allows(8, CHAI, FOOD, Purpose.MARKETING), "another person's word"
        assert not book.allows(7, CHAI, FOOD, Purpose.SERVICE), "another purpose"
        for brand_no, category_no in ((CHAI, FOOD), (ZING, MUSIC)):
            allowed = book.allows(7, brand_no, category_no, Purpose.MARKETING)
            assert book.answer(7, brand_no, category_no, Purpose.MARKETING).allowed == allowed
            assert (7 in book.permitting(Purpose.MARKETING, brand_no, category_no)) == allowed


def test_the_answer_names_the_reason_and_the_scope_that_decided() -> None:
    book = PermissionBook()
    assert book.answer(7, CHAI, FOOD, Purpose.MARKETING).reason is PermissionReason.UNKNOWN
    assert book.answer(7, CHAI, FOOD, Purpose.MARKETING).scope is None
    book.apply(event(1, "grant", 0, 0))
    book.apply(event(1, "grant", CHAI, FOOD, "sms"))
    granted = book.answer(7, CHAI, FOOD, Purpose.MARKETING)
    assert (granted.reason, granted.scope) == (
        PermissionReason.GRANTED,
        Scope(Purpose.MARKETING, CHAI, FOOD, "sms"),
    )
    book.apply(event(2, "deny", CHAI, FOOD))
    assert book.answer(7, CHAI, FOOD, Purpose.MARKETING).reason is PermissionReason.DENIED
    book.apply(event(3, "withdraw", 0, 0))
    stopped = book.answer(7, CHAI, FOOD, Purpose.MARKETING)
    assert (stopped.reason, stopped.scope) == (
        PermissionReason.WITHDRAWN,
        Scope(Purpose.MARKETING, 0, 0, "*"),
    )
    assert book.word_of(7, CHAI, FOOD, Purpose.MARKETING) is PermissionWord.NO
    assert book.word_of(7, CHAI, FOOD, Purpose.SERVICE) is PermissionWord.NOTHING


def test_apply_tells_whether_anything_changed_and_counts_every_act() -> None:
    book = PermissionBook()
    changes = [
        book.apply(event(1, "grant")),
        book.apply(event(1, "grant")),
        book.apply(event(2, "withdraw")),
        book.apply(event(3, "withdraw")),
        book.apply(event(1, "grant")),
        book.apply(event(4, "grant")),
        book.apply(event(5, "void")),
        book.apply(event(5, "void")),
    ]
    assert changes == [True, False, True, True, False, True, True, False]  # a later stop outlives more grants
    assert book.sequence == 8
    assert book.apply_many([event(6, "grant"), event(6, "grant")]) == 1


def test_a_message_without_a_category_needs_a_grant_for_all_of_them() -> None:
    book = PermissionBook()
    book.apply(event(1, "grant", CHAI, FOOD))
    assert not book.allows(7, CHAI, 0, Purpose.MARKETING)
    book.apply(event(1, "grant", CHAI, 0))
    assert book.allows(7, CHAI, 0, Purpose.MARKETING)


def test_permitting_is_a_set_of_the_caller_s_own() -> None:
    book = PermissionBook()
    for number in (3, 5, 9):
        book.apply(event(1, "grant", CHAI, FOOD, subscriber_no=number))
    book.apply(event(2, "withdraw", subscriber_no=5))
    found = book.permitting(Purpose.MARKETING, CHAI, FOOD)
    assert list(found) == [3, 9]
    found.clear()
    assert list(book.permitting(Purpose.MARKETING, CHAI, FOOD)) == [3, 9]
    assert not book.permitting(Purpose.MARKETING, ZING, FOOD)


def test_data_purposes_are_those_granted_for_all_brands() -> None:
    book = PermissionBook()
    assert book.data_purposes(7) == DataPurpose.NONE
    book.apply(event(1, "grant", purpose="use_call_data"))
    book.apply(event(1, "grant", purpose="use_location"))
    book.apply(event(1, "grant", CHAI, purpose="use_top_up"))
    book.apply(event(1, "grant", purpose="use_subscriber_record"))
    book.apply(event(2, "withdraw", purpose="use_location"))
    assert book.data_purposes(7) == DataPurpose.CALL_DATA | DataPurpose.SUBSCRIBER_RECORD


def test_a_new_scope_is_seen_by_questions_that_were_asked_before() -> None:
    book = PermissionBook()
    book.apply(event(1, "grant", CHAI, FOOD))
    assert book.allows(7, CHAI, FOOD, Purpose.MARKETING)
    book.apply(event(2, "withdraw", CHAI, 0))
    assert not book.allows(7, CHAI, FOOD, Purpose.MARKETING)


@pytest.mark.parametrize(
    "wrong",
    [
        event(1, "grant", subscriber_no=0),
        event(1, "grant", subscriber_no=1 << 32),
        event(1, "grant", brand=-1),
        event(1, "grant", category=-1),
        ConsentEvent(7, 0, 0, 99, "*", ConsentAction.GRANT, 1, EVIDENCE),  # type: ignore[arg-type]
    ],
)
def test_events_about_nobody_or_nothing_are_refused(wrong: ConsentEvent) -> None:
    book = PermissionBook()
    with pytest.raises(ValueError, match="consent event"):
        book.apply(wrong)
    assert book.sequence == 0


def test_a_client_s_list_lifts_no_stop_and_an_act_of_the_person_s_does() -> None:
    book = PermissionBook()

    def act(action: ConsentAction, at_us: int, method: str) -> None:
        scope = (7, CHAI, 0, Purpose.MARKETING, "sms")
        book.apply(ConsentEvent(*scope, action, at_us, Evidence(method)))

    act(ConsentAction.GRANT, 1, IMPORTED)
    assert book.allows(7, CHAI, 0, Purpose.MARKETING)
    act(ConsentAction.WITHDRAW, 2, "sms")
    act(ConsentAction.GRANT, 3, IMPORTED)
    assert not book.allows(7, CHAI, 0, Purpose.MARKETING)
    assert book.answer(7, CHAI, 0, Purpose.MARKETING).reason is PermissionReason.WITHDRAWN
    act(ConsentAction.GRANT, 4, "web")
    assert book.allows(7, CHAI, 0, Purpose.MARKETING)
