"""Incentive tables: what people were rewarded for, with the terms that they saw, and what was paid out.

Both are updated in place where something ends; the money stands in ledger_transfer alone.
"""

from sqlalchemy import Column, SmallInteger, Table, Text

from operator_push.store.schema_columns import key_column, metadata, small_column, text_column, whole_column

# Its key is the law: an offer rewards a person once. `earned_by` and `state` as in domain.incentives;
# `reference` that of the postings, `event_id` the act that earned it.
incentive_award = Table(
    "incentive_award",
    metadata,
    key_column("shard", SmallInteger),
    Column("offer", Text(), primary_key=True, nullable=False),
    key_column("subscriber_no"),
    small_column("earned_by"),
    whole_column("reference"),
    whole_column("sponsor_no"),
    whole_column("amount_micros"),
    whole_column("event_id"),
    text_column("terms"),
    small_column("state"),
    whole_column("at_us"),
    whole_column("keeps_until_us"),
    whole_column("ended_us"),
)

# `payout_id` is the reference of its pay_out, and what the payer of rewards knows it by; `state` as in
# services.pay_rewards; `told` what it answered: a voucher, a receipt, a reason.
reward_payout = Table(
    "reward_payout",
    metadata,
    key_column("shard", SmallInteger),
    key_column("payout_id"),
    whole_column("subscriber_no"),
    text_column("how"),
    whole_column("amount_micros"),
    small_column("state"),
    text_column("told"),
    text_column("asked_by"),
    whole_column("asked_us"),
    whole_column("ended_us"),
)
