"""The one door: admitted ones are held and queued, refused ones leave a row and no money moves."""

import msgspec
from msgspec.structs import replace
from shard import ACCOUNT, BRAND, NOW_US, PRICE_MICROS, Shard

from operator_push.domain.facts import AccountPolicy
from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.message import MessageState, Origin, RefusalReason, TrafficClass, Verdict
from operator_push.domain.permission import ConsentAction
from operator_push.kernel.ids import id_day
from operator_push.services.accept_submissions import AcceptSubmissions, Offered
from operator_push.services.changes import Changes
from operator_push.services.open_messages import submission_of
from operator_push.store import schema

VERDICT = [column.name for column in schema.message.columns].index("verdict")
BODY = [column.name for column in schema.message.columns].index("body")


def test_an_admitted_message_is_held_for_every_segment_and_queued():
    shard = Shard()
    (accepted,) = shard.accept(shard.offer(segment_count=3))
    assert accepted.reason is None
    assert shard.balances.held(ACCOUNT) == 3 * PRICE_MICROS
    assert shard.balances.available(ACCOUNT) == 7 * PRICE_MICROS
    assert len(shard.outbox) == 3
    assert [row[VERDICT] for row in shard.changes.message] == [Verdict.ADMIT]
    (hold,) = shard.changes.ledger_transfer
    assert hold[2] == accepted.message_id


def test_rows_have_the_columns_of_their_tables_and_the_day_of_their_id():
    shard = Shard()
    (accepted,) = shard.accept(shard.offer())
    (row,) = shard.changes.message
    assert len(row) == len(schema.message.columns)
    assert row[1] == id_day(accepted.message_id)
    assert len(shard.changes.ledger_transfer[0]) == len(schema.ledger_transfer.columns)


def test_a_refusal_is_stored_without_its_body_and_without_a_hold():
    shard = Shard()
    (refused,) = shard.accept(shard.offer(subscriber_no=99))
    assert refused.reason is RefusalReason.NO_PERMISSION
    (row,) = shard.changes.message
    assert row[VERDICT] == Verdict.REFUSE
    assert row[BODY] == b""
    assert not shard.changes.ledger_transfer
    assert len(shard.outbox) == 0


def test_credit_runs_out_exactly_where_the_money_ends():
    shard = Shard(segments_paid=3)
    outcomes = shard.accept(*[shard.offer() for _ in range(5)])
    assert [outcome.reason for outcome in outcomes] == [
        None,
        None,
        None,
        RefusalReason.NO_CREDIT,
        RefusalReason.NO_CREDIT,
    ]
    assert shard.balances.available(ACCOUNT) == 0


def test_a_full_queue_refuses_instead_of_growing():
    shard = Shard(open_max=2)
    outcomes = shard.accept(*[shard.offer() for _ in range(3)])
    assert [outcome.reason for outcome in outcomes] == [None, None, RefusalReason.QUEUE_FULL]


def test_the_balance_moves_in_the_changes_are_those_of_the_transfers():
    shard = Shard()
    shard.accept(shard.offer(), shard.offer(segment_count=2))
    moved = sum(shard.changes.balance_micros.values())
    assert moved == 0
    assert max(shard.changes.balance_micros.values()) == 3 * PRICE_MICROS


def test_only_who_is_written_to_gets_a_subscriber_number():
    shard = Shard(segments_paid=1)
    enrolled: list[str] = []

    def enrol(msisdn: str, now_us: int, changes: Changes) -> int:
        enrolled.append(msisdn)
        return 77

    shard.facts.accounts[ACCOUNT] = AccountPolicy(ACCOUNT, BRAND, traffic_class=TrafficClass.TRANSACTIONAL)
    use_case = AcceptSubmissions(
        0, shard.ids, shard.policy, shard.tariff, shard.balances, shard.messages, 10, enrol
    )
    stranger = msgspec.structs.replace(
        shard.offer().submission, subscriber_no=0, traffic_class=TrafficClass.TRANSACTIONAL
    )
    offers = [Offered(stranger, b"body", 1), Offered(stranger, b"body", 1)]
    first, second = use_case.accept(offers, NOW_US, shard.changes)
    assert first.message is not None
    assert first.message.subscriber_no == 77
    assert second.reason is RefusalReason.NO_CREDIT
    assert len(enrolled) == 1


def test_what_the_door_found_wrong_is_stored_as_a_refusal():
    shard = Shard()
    offer = msgspec.structs.replace(shard.offer(), refusal=RefusalReason.BAD_MESSAGE)
    (refused,) = shard.accept(offer)
    assert refused.reason is RefusalReason.BAD_MESSAGE
    assert shard.changes.message[0][VERDICT] == Verdict.REFUSE


def test_offers_to_one_handset_that_arrive_together_share_no_slot() -> None:
    """Two brands and two doors in one pass, then another pass before anything is written."""
    shard = Shard(segments_paid=100)
    shard.facts.caps = FrequencyCaps(per_handset=2, per_brand=1)
    shard.facts.accounts[2] = AccountPolicy(2, BRAND + 1)
    shard.balances.top_up(2, shard.ids.next_id(NOW_US), 100 * PRICE_MICROS)
    shard.consent(1, ConsentAction.GRANT, brand_no=0, at_us=NOW_US)
    one = shard.offer()
    other = msgspec.structs.replace(
        one,
        submission=msgspec.structs.replace(
            one.submission, account_no=2, brand_no=BRAND + 1, origin=Origin.CAMPAIGN
        ),
    )
    reasons = [accepted.reason for accepted in shard.accept(one, other, one, other)]
    assert reasons == [None, None, RefusalReason.FREQUENCY_CAP, RefusalReason.FREQUENCY_CAP]
    assert [accepted.reason for accepted in shard.accept(one)] == [RefusalReason.FREQUENCY_CAP]
    password = msgspec.structs.replace(
        one, submission=msgspec.structs.replace(one.submission, traffic_class=TrafficClass.TRANSACTIONAL)
    )
    shard.facts.accounts[1] = AccountPolicy(1, BRAND, traffic_class=TrafficClass.TRANSACTIONAL)
    assert [accepted.reason for accepted in shard.accept(password, password, password)] == [None] * 3


def test_what_is_no_sms_says_so_in_a_row_and_follows_its_own_permission() -> None:
    shard = Shard(in_order=False)
    sms, refused = shard.offer(), shard.offer()
    refused = replace(refused, submission=replace(refused.submission, channel="ussd"))
    first, second = shard.accept(sms, refused)
    assert (first.reason, second.reason) == (None, RefusalReason.NO_PERMISSION)
    shard.consent(1, ConsentAction.GRANT, brand_no=BRAND, channel="ussd")
    (third,) = shard.accept(refused)
    assert third.message is not None
    assert third.message.channel == submission_of(third.message).channel == "ussd"
    day = id_day(third.message_id)
    assert shard.changes.message_channel == [(0, day, second.message_id, 1), (0, day, third.message_id, 1)]
    # A stop of the channel, given while it waits, is heard before it leaves.
    shard.consent(1, ConsentAction.WITHDRAW, brand_no=BRAND, channel="ussd", at_us=NOW_US + 1)
    assert len(shard.outbox.fill(10, NOW_US + 2, shard.changes)) == 1
    assert shard.ends == [(third.message_id, MessageState.WITHDRAWN)]
