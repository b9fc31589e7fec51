"""A program's text goes through the one door: decided, priced, held, and refused with its reason."""

import pytest
from control_desk import Written, call, committer_over
from shard import ACCOUNT, BRAND, Shard

from operator_push.domain.facts import AccountPolicy
from operator_push.domain.message import TrafficClass
from operator_push.gateway.submit_commands import SubmitCommands
from operator_push.kernel.errors import OperatorError
from operator_push.services.registry import Account, Registry
from operator_push.services.submit_text import SubmitText

TO = "919812345678"


def commands(written: Written, traffic_class: TrafficClass) -> tuple[Shard, SubmitCommands]:
    shard = Shard()
    shard.facts.accounts[ACCOUNT] = AccountPolicy(
        ACCOUNT, BRAND, traffic_class=traffic_class, any_destination=False
    )
    account = Account(ACCOUNT, "care", "esme", BRAND, "", True, traffic_class, 0, (), False, 10, 1, "INR", 0)
    registry = Registry([(BRAND, "care")], [account])
    submit = SubmitText(
        registry,
        shard.accept_use_case,
        lambda msisdn: 99 if msisdn == TO else 0,
        lambda source, to, text, account_no, kind, at_us: (text.encode(), 1, None, False),
    )
    return shard, SubmitCommands(submit, committer_over(written))


def test_a_text_is_accepted_once_it_is_on_disk() -> None:
    written = Written()
    shard, handlers = commands(written, TrafficClass.TRANSACTIONAL)
    told = call(
        handlers.handlers(), "message.submit", account="care", sender="CARE", number=f"+{TO}", text="hi"
    )
    (row,) = written.committed[0].message
    assert row[2] == told["message_id"]
    assert {99, TO, "CARE", int(TrafficClass.TRANSACTIONAL)} <= set(row)
    assert len(shard.messages) == 1


def test_what_is_refused_says_why() -> None:
    _, promotional = commands(Written(), TrafficClass.PROMOTIONAL)
    asked = {"account": "care", "sender": "CARE", "number": TO, "text": "hi"}
    with pytest.raises(OperatorError, match="NO_PERMISSION"):
        call(promotional.handlers(), "message.submit", **asked)
    _, transactional = commands(Written(), TrafficClass.TRANSACTIONAL)
    with pytest.raises(OperatorError, match="NO_PERMISSION"):  # nobody the vault knows
        call(transactional.handlers(), "message.submit", **(asked | {"number": "919800000000"}))
    for wrong, why in (
        ({"number": "12"}, "international"),
        ({"valid_s": -1}, "valid_s"),
        ({"account": "x"}, "x"),
    ):
        with pytest.raises(OperatorError, match=why):
            call(transactional.handlers(), "message.submit", **(asked | wrong))
