"""From a link's settings to how its SMSC's receipts are read; what a start recalls; doubts become cases."""

from pydantic import SecretStr
from shard import LINK, MSISDN, NOW_US, Shard

from operator_push.bootstrap.smsc_habits import open_cases_of_doubts, put_habits, recall_lost
from operator_push.config import SmscSettings
from operator_push.domain.delivery import ReceiptOutcome
from operator_push.domain.message import MessageState
from operator_push.services.match_receipts import Receipt
from operator_push.services.resolve_unknown import ResolveUnknown


def a_link(**more: object) -> SmscSettings:
    plain: dict[str, object] = {"name": "main", "host": "127.0.0.1", "system_id": "x"}
    return SmscSettings(password=SecretStr("x"), **(plain | more))  # type: ignore[arg-type]


def test_what_was_found_out_is_kept_until_the_settings_state_it() -> None:
    match = Shard().receipts.match
    put_habits(match, LINK, a_link())
    match.habits_of(LINK).forms.learn("6699", "1A2B")
    put_habits(match, LINK, a_link(window=5))
    assert not match.habits_of(LINK).forms.are_texts
    stated = a_link(message_id_in_response="text", message_id_in_receipt="text")
    put_habits(match, LINK, stated)
    assert match.habits_of(LINK).forms.are_texts
    assert match.habits_of(LINK).forms.are_stated


def test_what_nobody_answered_before_a_restart_is_still_found_by_time() -> None:
    shard = Shard()
    put_habits(shard.receipts.match, LINK, a_link(correlation="sender_recipient_time_part"))
    shard.accept(shard.offer())
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    shard.outbox.unanswered(attempt)
    recall_lost(shard.receipts, shard.messages)
    receipt = Receipt("a1", MessageState.DELIVERED, "000", MSISDN, -1, "CHAI", "", NOW_US)
    shard.receipts.record(LINK, receipt, NOW_US, shard.changes)
    assert [state for _, state in shard.ends] == [MessageState.DELIVERED]


def test_a_doubt_is_a_case_of_each_segment_and_is_opened_once() -> None:
    shard = Shard()
    put_habits(shard.receipts.match, LINK, a_link(correlation="sender_recipient_time_part"))
    resolve = ResolveUnknown(0, shard.ids, shard.messages, shard.finish, lambda _: shard.outbox)
    open_cases_of_doubts(shard.receipts, resolve)
    for _ in range(2):
        shard.accept(shard.offer())
        (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
        shard.outbox.unanswered(attempt)
    recall_lost(shard.receipts, shard.messages)
    for smsc_id in ("a1", "a2"):
        receipt = Receipt(smsc_id, MessageState.DELIVERED, "000", MSISDN, -1, "CHAI", "", NOW_US)
        outcome = shard.receipts.record(LINK, receipt, NOW_US, shard.changes)
        assert outcome is ReceiptOutcome.AMBIGUOUS
    assert len(shard.changes.reconciliation_case) == 2
