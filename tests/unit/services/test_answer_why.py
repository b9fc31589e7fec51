"""WHY names the sender, the campaign, the act that permitted it then, and the rule in words."""

from operator_push.domain.consent import Basis, ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.kernel.ids import IdSequence
from operator_push.services.answer_why import SentMessage, why_sent
from operator_push.store.consent_rows import StoredAct

GRANTED_US = 1_800_000_000_000_000  # 2027-01-15T08:00:00Z
DAY_US = 86_400_000_000
IDS = IdSequence()
GRANT_NO = IDS.next_id(GRANTED_US)
MESSAGE_NO = IDS.next_id(GRANTED_US + DAY_US)
STOP_NO = IDS.next_id(GRANTED_US + 2 * DAY_US)


def act(number: int, action: ConsentAction, at_us: int, basis: Basis = Basis.CONSENT) -> StoredAct:
    evidence = Evidence("web", "form 7")
    return StoredAct(number, ConsentEvent(1, 7, 0, Purpose.MARKETING, "*", action, at_us, evidence, basis))


def why(
    message_class: int, *acts: StoredAct, campaign_no: int = 0, language: str = "en"
) -> tuple[str, dict[str, str]]:
    message = SentMessage(MESSAGE_NO, 7, 3, message_class, 1, campaign_no)
    names = {7: "Acme"}.__getitem__
    return why_sent(message, acts, "IN", language, names, lambda number: "Spring")


def test_the_act_that_permitted_it_then_although_it_was_withdrawn_since():
    name, fields = why(
        3,
        act(GRANT_NO, ConsentAction.GRANT, GRANTED_US),
        act(STOP_NO, ConsentAction.WITHDRAW, GRANTED_US + 2 * DAY_US),
        campaign_no=5,
    )
    assert name == "why"
    assert fields == {
        "brand": "Acme",
        "what": '"Spring"',
        "day": "2027-01-16",
        "rule": "you agreed to its marketing",
        "consent": str(GRANT_NO),
        "consent_day": "2027-01-15",
    }


def test_another_basis_is_told_as_such_and_a_language_says_it_in_its_own_words():
    _, fields = why(3, act(GRANT_NO, ConsentAction.GRANT, GRANTED_US, Basis.SOFT_OPT_IN), language="de")
    assert fields["rule"] == "Sie sind dort Kunde und haben nicht widersprochen"
    assert fields["what"] == "eine Nachricht"


def test_a_service_message_rests_on_either_consent():
    assert why(2, act(GRANT_NO, ConsentAction.GRANT, GRANTED_US))[0] == "why"


def test_what_needs_no_consent_names_none():
    name, fields = why(1)
    assert name == "why_no_consent"
    assert fields["rule"] == "it follows something that you did"
    assert "consent" not in fields
