"""What a closed CDR period says about attempts that nobody answered."""

import pytest
from shard import ACCOUNT, LINK, NOW_US, PRICE_MICROS, Shard

from operator_push.domain.message import MessageState
from operator_push.kernel.errors import OperatorError
from operator_push.services.dispatch_outbox import Attempt
from operator_push.services.resolve_unknown import ResolveUnknown


def unknown(shard: Shard) -> Attempt:
    shard.accept(shard.offer())
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    shard.outbox.unanswered(attempt)
    return attempt


def resolve(shard: Shard, attempt: Attempt, **finding: object) -> dict[str, int]:
    use_case = ResolveUnknown(0, shard.ids, shard.messages, shard.finish, lambda _: shard.outbox)
    return use_case.resolve([named(attempt, **finding)] * 2, NOW_US, shard.changes)


def named(attempt: Attempt, **finding: object) -> dict[str, object]:
    by_default = {"message_id": attempt.message.message_id, "segment_no": 1, "link_no": LINK, "attempt_no": 1}
    return {**by_default, **finding}


def test_found_ends_the_message_as_the_smsc_says():
    shard = Shard()
    attempt = unknown(shard)
    counts = resolve(shard, attempt, kind="found", state="DELIVERED", smsc_message_id="s1", error_code="000")
    assert counts == {"found": 1, "never_arrived": 0, "ambiguous": 0, "moot": 1}
    assert [state for _, state in shard.ends] == [MessageState.DELIVERED]
    assert shard.balances.available(ACCOUNT) == 9 * PRICE_MICROS


def test_never_arrived_is_sent_again_once():
    shard = Shard()
    attempt = unknown(shard)
    assert resolve(shard, attempt, kind="never_arrived")["never_arrived"] == 1
    (again,) = shard.outbox.fill(10, NOW_US, shard.changes)
    assert again.attempt_no == 2


def test_another_attempt_than_the_one_that_was_looked_for_is_not_sent_again():
    """Two reconciliations that began at the same moment: the second must not send what the first has sent."""
    shard = Shard()
    attempt = unknown(shard)
    assert resolve(shard, attempt, kind="never_arrived")["never_arrived"] == 1
    (again,) = shard.outbox.fill(10, NOW_US, shard.changes)
    shard.outbox.unanswered(again)
    assert resolve(shard, attempt, kind="never_arrived")["moot"] == 2
    assert resolve(shard, again, kind="never_arrived", attempt_no=2)["never_arrived"] == 1


def test_an_attempt_that_may_still_be_answered_is_not_sent_again():
    shard = Shard()
    shard.accept(shard.offer())
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    assert resolve(shard, attempt, kind="never_arrived")["moot"] == 2
    assert len(shard.outbox) == 0


def test_ambiguity_is_one_case_however_often_it_is_seen():
    shard = Shard()
    attempt = unknown(shard)
    resolve(shard, attempt, kind="ambiguous", detail="two records with this key")
    assert len(shard.changes.reconciliation_case) == 1
    assert attempt.segment.state == MessageState.UNKNOWN


@pytest.mark.parametrize(
    "finding", [{"kind": "guess"}, {"kind": "found", "state": "SENT"}, {"kind": "found", "state": "GONE"}]
)
def test_a_finding_that_makes_no_sense_is_refused(finding: dict[str, object]):
    shard = Shard()
    attempt = unknown(shard)
    with pytest.raises(OperatorError):
        resolve(shard, attempt, **finding)
