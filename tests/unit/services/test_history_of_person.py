"""A message is told with what permitted it then, not with what stands now."""

from typing import Any

from operator_push.domain.consent import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.message import MessageState, RefusalReason, TrafficClass, Verdict
from operator_push.kernel.ids import IdSequence
from operator_push.services.history_of_person import history
from operator_push.store.consent_rows import StoredAct
from operator_push.store.person_rows import MessageToPerson

NOW = 1_800_000_000_000_000
DAY = 86_400_000_000
IDS = IdSequence()


def act(action: ConsentAction, at_us: int) -> StoredAct:
    event = ConsentEvent(1, 3, 0, Purpose.MARKETING, "*", action, at_us, Evidence("web"))
    return StoredAct(IDS.next_id(at_us), event)


def message(kind: TrafficClass, **more: Any) -> MessageToPerson:
    given: dict[str, Any] = {"verdict": Verdict.ADMIT, "reason": 0, "state": MessageState.DELIVERED}
    return MessageToPerson(
        message_id=IDS.next_id(NOW),
        account="shop",
        brand_no=3,
        sender="CHAI",
        category=8,
        traffic_class=kind,
        segments=1,
        trail=b"",
        ended_us=NOW,
        **{"rule": "", "campaign": "", **given, **more},
    )


def told(*messages: MessageToPerson) -> list[tuple[str, str, str]]:
    acts = [act(ConsentAction.GRANT, NOW - DAY), act(ConsentAction.WITHDRAW, NOW + DAY)]
    found = history(1, messages, acts, "IN", {3: "Chai Point"}.__getitem__)
    return [(each.state, each.because, each.reason) for each in found]


def test_reasons_and_ends() -> None:
    refused = message(
        TrafficClass.PROMOTIONAL, verdict=Verdict.REFUSE, reason=RefusalReason.QUIET_HOURS, state=None
    )
    open_one = message(TrafficClass.TRANSACTIONAL, state=None)
    assert told(message(TrafficClass.PROMOTIONAL), message(TrafficClass.SERVICE), open_one, refused) == [
        ("DELIVERED", "consent", ""),
        ("DELIVERED", "consent", ""),
        ("OPEN", "transactional", ""),
        ("REFUSED", "consent", "QUIET_HOURS"),
    ]


def test_a_text_for_the_screen_is_explained_by_what_was_said_of_that_channel() -> None:
    event = ConsentEvent(1, 3, 0, Purpose.MARKETING, "sms", ConsentAction.GRANT, NOW - DAY, Evidence("web"))
    messages = [message(TrafficClass.PROMOTIONAL), message(TrafficClass.PROMOTIONAL, channel="ussd")]
    found = history(1, messages, [StoredAct(IDS.next_id(NOW - DAY), event)], "IN", lambda no: "x")
    assert [each.because for each in found] == ["consent", "nothing"]


def test_without_an_act_nothing_permitted_it() -> None:
    (each,) = history(1, [message(TrafficClass.PROMOTIONAL)], [], "IN", lambda no: "x")
    assert (each.because, each.act_id) == ("nothing", "")


def test_a_rule_is_told_in_words_and_kept_where_it_cannot_be_read() -> None:
    messages = [
        message(TrafficClass.PROMOTIONAL, rule="age >= 18", campaign="Tea"),
        message(TrafficClass.PROMOTIONAL, rule="shoe == 44", campaign="Old"),
    ]
    words = [each.rule_words for each in history(1, messages, [], None, str)]
    assert words == ["people whose age is at least 18 years", "shoe == 44"]
