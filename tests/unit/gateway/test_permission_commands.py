"""Who asks about somebody's permission leaves a row in the vault's audit before the answer."""

import pytest
from control_desk import Written, call, committer_over

from operator_push.gateway.permission_commands import PURPOSE, PermissionCommands
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence
from operator_push.services.explain_rules import Then
from operator_push.vault.vault import Vault


def test_a_look_up_is_written_before_it_is_answered() -> None:
    written, vault = Written(), Vault(bytes(32), 0)
    (number,) = vault.enrol(["919812345678"], 1).numbers
    commands = PermissionCommands(vault, {"Chai": 3}.get, IdSequence().next_id, committer_over(written))
    handlers = commands.handlers()
    told = call(handlers, "permission.look_up", number="+91 98123 45678", brand="Chai", by="ann")
    assert told == {"subscriber_no": number, "country": "IN", "brand_no": 3}
    ((_, _, _, actor, purpose, subscriber_no, lookups, *_),) = written.committed[0].vault_audit
    assert (actor, purpose, subscriber_no, lookups) == ("ann", PURPOSE, number, 1)
    nobody = call(handlers, "permission.look_up", number="919800000000", brand="None", by="ann")
    assert nobody == {"subscriber_no": 0, "country": "IN", "brand_no": None}
    with pytest.raises(OperatorError, match="not an international number"):
        call(handlers, "permission.look_up", number="12", by="ann")


def test_the_rules_of_then_are_asked_by_the_facts_of_then() -> None:
    asked: list[tuple[object, ...]] = []

    def explain_then(*args: object) -> dict[str, object]:
        asked.append(args)
        return {"decision": "allow"}

    vault = Vault(bytes(32), 0)
    committer = committer_over(Written())
    commands = PermissionCommands(vault, {}.get, IdSequence().next_id, committer, None, explain_then)
    facts = {"wishes": [[3, 0, "*", 600, 1080, 2]], "slots": [[5, 3, 8, "ussd"]], "caps": None, "rule_set": 2}
    question = {"subscriber_no": 7, "number": "919812345678", "brand_no": 3, "category": 8}
    question |= {"at": "2027-01-15T09:00:00Z", "channel": "ussd"}
    told = call(commands.handlers(), "permission.rules_then", **question, then=facts)
    assert told == {"rules": {"decision": "allow"}}
    ((number, msisdn, brand_no, category, _, channel, then),) = asked
    assert (number, msisdn, brand_no, category, channel) == (7, "919812345678", 3, 8, "ussd")
    assert then == Then([(3, 0, "*", 600, 1080, 2)], [(5, 3, 8, "ussd")], None, 2)
    with pytest.raises(OperatorError, match="channel 'post' is not one of sms, ussd"):
        call(commands.handlers(), "permission.rules_then", **{**question, "channel": "post"}, then=facts)
    with pytest.raises(OperatorError, match="then"):
        call(commands.handlers(), "permission.rules_then", **question, then={"wishes": 1})
