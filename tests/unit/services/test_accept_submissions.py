"""The one door: admitted ones are held and queued, refused ones leave a row and no money moves."""

from shard import ACCOUNT, PRICE_MICROS, Shard

from operator_push.domain.message import RefusalReason, Verdict
from operator_push.kernel.ids import id_day
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
