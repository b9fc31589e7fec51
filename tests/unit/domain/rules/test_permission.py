"""Rule 5: what each class of traffic needs from the person."""

import pytest

from operator_push.domain.facts import AccountPolicy, PolicyFacts
from operator_push.domain.message import Origin, RefusalReason, Submission, TrafficClass
from operator_push.domain.permission import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.rules.permission import PermissionRule

CASES = """
# said                          transactional   service         promotional
-                               NONE            NO_PERMISSION   NO_PERMISSION
+marketing                      NONE            NONE            NONE
+service                        NONE            NONE            NO_PERMISSION
+marketing -service             NONE            WITHDRAWN       NONE
+service -marketing             NONE            NONE            WITHDRAWN
+marketing -marketing           NONE            NO_PERMISSION   WITHDRAWN
+marketing -marketing -service  NONE            WITHDRAWN       WITHDRAWN
"""


@pytest.mark.parametrize("line", [line for line in CASES.strip().splitlines() if line[0] != "#"])
def test_permission(line: str) -> None:
    *said, transactional, service, promotional = line.split()
    facts = PolicyFacts(accounts={1: AccountPolicy(1, 1)})
    for at_us, word in enumerate(said):
        if word != "-":
            action = ConsentAction.GRANT if word[0] == "+" else ConsentAction.WITHDRAW
            purpose = Purpose[word[1:].upper()]
            facts.permission.apply(ConsentEvent(7, 0, 0, purpose, "*", action, at_us, Evidence("web")))
    rule = PermissionRule(facts)
    for kind, reason in zip(TrafficClass, (transactional, service, promotional), strict=True):
        submission = Submission(1, 1, 8, kind, Origin.ESME, 7, "919812345678", "CHAI", 1)
        assert rule.judge(submission, 0).reason is RefusalReason[reason], kind
        assert rule.judge_again(submission, 0) is rule.judge(submission, 0)


@pytest.mark.parametrize(("any_destination", "reason"), [(True, "NONE"), (False, "NO_PERMISSION")])
def test_people_whom_the_vault_does_not_know(any_destination: bool, reason: str) -> None:
    facts = PolicyFacts(accounts={1: AccountPolicy(1, 1, any_destination=any_destination)})
    rule = PermissionRule(facts)
    stranger = Submission(1, 1, 0, TrafficClass.TRANSACTIONAL, Origin.ESME, 0, "919812345678", "CHAI", 1)
    assert rule.judge(stranger, 0).reason is RefusalReason[reason]
    promoted = Submission(1, 1, 8, TrafficClass.PROMOTIONAL, Origin.ESME, 0, "919812345678", "CHAI", 1)
    assert rule.judge(promoted, 0).reason is RefusalReason.NO_PERMISSION
    nobody_s = Submission(9, 1, 0, TrafficClass.TRANSACTIONAL, Origin.ESME, 0, "919812345678", "CHAI", 1)
    assert rule.judge(nobody_s, 0).reason is RefusalReason.NO_PERMISSION


@pytest.mark.parametrize(
    ("said", "by_sms", "by_ussd"),
    [
        ("+sms", "NONE", "NO_PERMISSION"),
        ("+*", "NONE", "NONE"),
        ("+* -ussd", "NONE", "WITHDRAWN"),
        ("+ussd -*", "WITHDRAWN", "WITHDRAWN"),
    ],
)
def test_each_channel_is_permitted_by_itself(said: str, by_sms: str, by_ussd: str) -> None:
    facts = PolicyFacts(accounts={1: AccountPolicy(1, 1)})
    for at_us, word in enumerate(said.split()):
        action = ConsentAction.GRANT if word[0] == "+" else ConsentAction.WITHDRAW
        event = ConsentEvent(7, 0, 0, Purpose.MARKETING, word[1:], action, at_us, Evidence("web"))
        facts.permission.apply(event)
    promotion = (1, 1, 8, TrafficClass.PROMOTIONAL, Origin.ESME, 7, "919812345678", "CHAI", 1)
    rule = PermissionRule(facts)
    for channel, reason in (("sms", by_sms), ("ussd", by_ussd)):
        assert rule.judge(Submission(*promotion, channel=channel), 0).reason is RefusalReason[reason]
        assert (7 in facts.permission.permitting(Purpose.MARKETING, 1, 8, channel)) is (reason == "NONE")
