"""The schema: every table, and for the large ones why a row is there.

Large tables are keyed (shard, day, id): `shard` is the owner of the subscriber's messages, `day` the UTC day
inside the id (days since 1970), so that a closed day leaves by partition and a shard by copy. Their ids
ascend with time (kernel.ids), so every insert lands at the end of its tree. They are insert-only: a
message's life is the message row, its attempts, their results, the outcomes of its segments, one final row;
what nearly every message has once stands in the message row and the final row themselves.
Small tables (account, balance, campaign …) are updated and say so.

Moments are microseconds since 1970 (`*_us`), money is micros (`*_micros`), enumerations are the integers of
operator_push.domain. SQLite keeps large tables WITHOUT ROWID, so that the key is the table, save three whose
rows lie in the order in which they were written, with the key as an index (ADR 15).
"""

from sqlalchemy import Boolean, Column, Integer, SmallInteger, String, Table, Text, UniqueConstraint

from operator_push.store.archive_tables import archived_day as archived_day
from operator_push.store.audience_tables import audience_answer as audience_answer
from operator_push.store.audience_tables import audience_query as audience_query
from operator_push.store.audience_tables import saved_rule as saved_rule
from operator_push.store.audience_tables import saved_rule_share as saved_rule_share
from operator_push.store.campaign_tables import campaign as campaign
from operator_push.store.campaign_tables import campaign_recipients as campaign_recipients
from operator_push.store.case_tables import reconciliation_case as reconciliation_case
from operator_push.store.case_tables import reconciliation_case_event as reconciliation_case_event
from operator_push.store.channel_tables import channel as channel
from operator_push.store.channel_tables import channel_issue as channel_issue
from operator_push.store.clock_tables import subscriber_clock as subscriber_clock
from operator_push.store.consent_tables import consent_event as consent_event
from operator_push.store.consent_tables import consent_head as consent_head
from operator_push.store.consent_tables import consent_receipt as consent_receipt
from operator_push.store.consent_tables import consent_seal as consent_seal
from operator_push.store.consent_tables import erasure as erasure
from operator_push.store.consent_tables import notice as notice
from operator_push.store.dispute_tables import dispute as dispute
from operator_push.store.dispute_tables import dispute_event as dispute_event
from operator_push.store.dlt_tables import dlt_registration as dlt_registration
from operator_push.store.dnd_tables import dnd_entry as dnd_entry
from operator_push.store.former_tables import dnd_entry_former as dnd_entry_former
from operator_push.store.former_tables import former_since as former_since
from operator_push.store.former_tables import subscriber_clock_former as subscriber_clock_former
from operator_push.store.habit_tables import smsc_id_forms as smsc_id_forms
from operator_push.store.incentive_tables import incentive_award as incentive_award
from operator_push.store.incentive_tables import reward_payout as reward_payout
from operator_push.store.invoice_tables import closed_month as closed_month
from operator_push.store.invoice_tables import invoice_document as invoice_document
from operator_push.store.invoice_tables import invoice_event as invoice_event
from operator_push.store.invoice_tables import invoice_series as invoice_series
from operator_push.store.invoice_tables import invoice_source as invoice_source
from operator_push.store.link_proof_tables import person_link_event as person_link_event
from operator_push.store.link_proof_tables import vault_link as vault_link
from operator_push.store.list_tables import distribution_list as distribution_list
from operator_push.store.list_tables import distribution_list_member as distribution_list_member
from operator_push.store.message_side_tables import deferral as deferral
from operator_push.store.message_side_tables import message_channel as message_channel
from operator_push.store.money_tables import balance as balance
from operator_push.store.money_tables import correction as correction
from operator_push.store.money_tables import expired_hold as expired_hold
from operator_push.store.money_tables import top_up as top_up
from operator_push.store.online_tables import online_slice as online_slice
from operator_push.store.person_tables import contact_wish as contact_wish
from operator_push.store.person_tables import declared_attribute as declared_attribute
from operator_push.store.person_tables import way_out as way_out
from operator_push.store.review_tables import review_item as review_item
from operator_push.store.review_tables import review_item_event as review_item_event
from operator_push.store.routing_tables import routing_row as routing_row
from operator_push.store.rule_set_tables import rule_set as rule_set
from operator_push.store.schema_columns import key_column as _key
from operator_push.store.schema_columns import large_table as _large
from operator_push.store.schema_columns import later_number as _later
from operator_push.store.schema_columns import later_octets, later_text
from operator_push.store.schema_columns import metadata as metadata
from operator_push.store.schema_columns import octets_column as _octets
from operator_push.store.schema_columns import small_column as _small
from operator_push.store.schema_columns import text_column as _text
from operator_push.store.schema_columns import whole_column as _int
from operator_push.store.seal_tables import ledger_head as ledger_head
from operator_push.store.seal_tables import ledger_head_cursor as ledger_head_cursor
from operator_push.store.seal_tables import ledger_seal as ledger_seal
from operator_push.store.settled_tables import open_mark as open_mark
from operator_push.store.settled_tables import settled_days as settled_days
from operator_push.store.short_link_tables import link_event as link_event
from operator_push.store.short_link_tables import short_link as short_link
from operator_push.store.sponsorship_tables import channel_slot as channel_slot
from operator_push.store.sponsorship_tables import channel_sponsorship as channel_sponsorship
from operator_push.store.sponsorship_tables import sponsored_issue as sponsored_issue
from operator_push.store.tariff_tables import message_price as message_price
from operator_push.store.tariff_tables import tariff_choice as tariff_choice
from operator_push.store.tariff_tables import tariff_document as tariff_document
from operator_push.store.tariff_tables import tariff_row as tariff_row
from operator_push.store.tariff_tables import tariff_usage as tariff_usage

# One row per submission, admitted or refused: what was asked, decided, priced and held. `body` is the whole
# submit_sm body as it will be sent save its segmentation (empty where refused); `trail` the rules that spoke.
# `sent_*`: the first attempt of a message of one segment, where it is committed together with the message: it
# then has no row in `attempt`. sent_link_no 0: its attempts, if any, have rows. See store.folded.
message = _large(
    "message",
    _key("message_id"),
    _int("account_no"),
    _small("origin"),
    _int("campaign_no"),
    _int("brand_no"),
    _small("category"),
    _small("traffic_class"),
    _int("subscriber_no"),
    _text("source"),
    _text("destination"),
    _small("segment_count"),
    _int("price_micros"),
    _int("held_micros"),
    _small("verdict"),
    _small("reason"),
    _octets("trail"),
    _int("client_reference"),  # the ESME's user_message_reference, -1 where it gave none
    _small("registered_delivery"),
    _int("not_before_us"),  # 0 = at once
    _octets("body"),
    _later("sent_link_no"),
    _later("sent_incarnation"),
    _later("sent_reference"),
    _later("sent_us"),
    in_key_order=False,
)

# A send attempt, on disk before its octets leave (law 3), save those in `message`. `incarnation` counts the
# starts of the product.
# segment_no here and below: from 1, or 0 for all segments of a message that leaves in one message_payload.
attempt = _large(
    "attempt",
    _key("message_id"),
    _key("segment_no", SmallInteger),
    _key("attempt_no", SmallInteger),
    _int("link_no"),
    _int("incarnation"),
    _int("user_message_reference"),
    _int("at_us"),
)

# What the SMSC answered to an attempt; an attempt without a row here is unknown. command_status -2: withdrawn
# before its octets left, -3: the SMSC's closed CDR period shows that it never arrived.
submit_result = _large(
    "submit_result",
    _key("message_id"),
    _key("segment_no", SmallInteger),
    _key("attempt_no", SmallInteger),
    _int("command_status"),
    _text("smsc_message_id"),
    _int("at_us"),
)

# The final state of one segment: a receipt's, a refusal's or a CDR's (`told_by`: 1 receipt, 2 response,
# 3 CDR, 4 ourselves, 5 ourselves, when its hold expired). Save those in `message_final`.
segment_outcome = _large(
    "segment_outcome",
    _key("message_id"),
    _key("segment_no", SmallInteger),
    _small("state"),
    _small("told_by"),
    _text("smsc_message_id"),
    _text("error_code"),
    _int("at_us"),
)

# The end of a message: its state, and what its hold became. `sequence` ascends by commit within a shard and
# is what readers of events remember. Of a message of one segment it tells the end of the segment too:
# `told_by`, `smsc_message_id` and `error_code` as in segment_outcome, told_by 0: its outcomes have rows.
# `receipt_id`: the delivery_id of the receipt that its ESME is owed, `receipt` its octets, where its id is of
# the message's day; 0: a receipt, if one is owed, has a row in `esme_delivery`. See store.folded.
message_final = _large(
    "message_final",
    _key("message_id"),
    _int("sequence"),
    _small("state"),
    _small("segments_delivered"),
    _int("settled_micros"),
    _int("released_micros"),
    _int("at_us"),
    _later("told_by", SmallInteger),
    later_text("smsc_message_id"),
    later_text("error_code"),
    _later("receipt_id"),
    later_octets("receipt"),
    in_key_order=False,
)

# Double entry: each row moves an amount from one side of an account to another. reference and kind are the
# idempotent key: a message has one hold and at most one settle and one release.
ledger_transfer = _large(
    "ledger_transfer",
    _key("reference"),
    _key("kind", SmallInteger),
    _int("account_no"),
    _small("debit"),
    _small("credit"),
    _int("amount_micros"),
    Column("currency", String(3), nullable=False),
    _int("at_us"),
    in_key_order=False,
)

# The 32-bit name that a message has for an account whose peer takes at most eight hexadecimal characters
# (SMPP 3.3); the day stands in the name too, see services.message_names.
message_alias = Table(
    "message_alias",
    metadata,
    _key("shard", SmallInteger),
    _key("day", Integer),
    _key("account_no"),
    _key("alias"),
    _int("message_id"),
    sqlite_with_rowid=False,
)

# What we owe an ESME as deliver_sm: receipts (save those in `message_final`) and MO; owed until acknowledged.
esme_delivery = _large(
    "esme_delivery",
    _key("delivery_id"),
    _int("account_no"),
    _small("kind"),
    _int("message_id"),
    _octets("body"),
)

# `outcome`: 1 acknowledged, 2 given up after the stated limit, from 1000 on refused for good by its ESME: the
# command_status is added to it (domain.delivery_answers).
esme_delivery_ack = _large("esme_delivery_ack", _key("delivery_id"), _small("outcome"), _int("at_us"))

# A receipt that changed nothing, kept for the reader who asks why (duplicate, orphan, late, contradiction).
receipt_aside = _large(
    "receipt_aside",
    _key("receipt_id"),
    _int("link_no"),
    _text("smsc_message_id"),
    _small("state"),
    _small("outcome"),
    _int("at_us"),
)

# MO as it came, after it was heard; `action` is what we understood (stop, start, help, none).
mo_message = _large(
    "mo_message",
    _key("mo_id"),
    _int("link_no"),
    _int("subscriber_no"),
    _text("source"),
    _text("destination"),
    _small("action"),
    _int("stops"),
    _octets("body"),
    _int("at_us"),
)

# A message that its ESME knows by another id than its own: a destination of a submit_multi, or the text that
# replaced another. `day` is that of the shown id.
shown_message = _large("shown_message", _key("shown_id"), _key("message_id"))

# The vault. Keyed by shard and dense number; not by day, since a person has no day.
vault_subscriber = Table(
    "vault_subscriber",
    metadata,
    _key("shard", SmallInteger),
    _key("subscriber_no"),
    _octets("lookup"),
    _text("msisdn"),
    _int("enrolled_us"),
    _later("since_us"),  # from when the number is theirs, where it was somebody else's before; else 0
    _later("key_version", SmallInteger),  # of the key that made `lookup`
    UniqueConstraint("shard", "lookup"),
    sqlite_with_rowid=False,
)

# Who looked a number up and why; sends are summed per purpose and commit.
vault_audit = _large(
    "vault_audit",
    _key("audit_id"),
    _text("actor"),
    _text("purpose"),
    _int("subscriber_no"),  # 0: the row counts many
    _int("lookups"),
    _int("at_us"),
    _later("chain_no"),  # from 1 without holes; 0: written by a version without a chain
    later_octets("chain"),  # domain.lookup_chain
)

# Small tables, updated in place.
brand = Table("brand", metadata, _key("brand_no"), Column("name", Text(), nullable=False, unique=True))

account = Table(
    "account",
    metadata,
    _key("account_no"),
    Column("name", Text(), nullable=False, unique=True),
    _text("kind"),  # esme or enterprise
    _int("brand_no"),
    _text("password_hash"),  # empty: may not bind
    Column("active", Boolean(), nullable=False),
    _small("traffic_class"),
    _small("category"),
    _text("allowed_sources"),  # JSON list; empty list = any
    Column("any_destination", Boolean(), nullable=False),  # numbers outside the vault may be addressed
    _int("window"),
    _int("binds_max"),
    Column("currency", String(3), nullable=False),
    _int("created_us"),
    _text("terms"),  # JSON object of services.account_terms
)

smsc_link = Table(
    "smsc_link",
    metadata,
    _key("link_no"),
    Column("name", Text(), nullable=False, unique=True),
)

# What a link is set to, as commands have left it. `settings` and `configured` are JSON of config.SmscSettings
# without secrets, so that a later setting needs no migration; `configured` is what the configuration said
# when it filled this row, empty for a link that a command added. `password` is only there where a command
# gave one.
smsc_link_settings = Table(
    "smsc_link_settings",
    metadata,
    _key("link_no"),
    _text("state"),  # active, stopped or retired
    _text("settings"),
    _text("configured"),
    _text("password"),
    _int("changed_us"),
    _text("changed_by"),
)

# What is stopped by command: `scope` account, campaign or message, and its number. A released hold keeps its
# row with `held` false, and who released it when.
traffic_hold = Table(
    "traffic_hold",
    metadata,
    Column("scope", Text(), primary_key=True, nullable=False),
    _key("number"),
    Column("held", Boolean(), nullable=False),
    _int("changed_us"),
    _text("changed_by"),
)

# One row per start of the product on this shard.
incarnation = Table(
    "incarnation",
    metadata,
    _key("shard", SmallInteger),
    _key("incarnation"),
    _int("started_us"),
)

sink_cursor = Table(
    "sink_cursor",
    metadata,
    Column("sink", Text(), primary_key=True),
    _key("shard", SmallInteger),
    _int("sequence"),
)

# Closed CDR periods of an SMSC that reconciliation has read.
cdr_period = Table(
    "cdr_period",
    metadata,
    Column("content_sha256", Text(), primary_key=True),
    _text("file_name"),
    _int("rows_read"),
    _int("at_us"),
)

LARGE_TABLES: tuple[Table, ...] = (
    message,
    attempt,
    submit_result,
    segment_outcome,
    message_final,
    ledger_transfer,
    ledger_seal,
    esme_delivery,
    esme_delivery_ack,
    receipt_aside,
    mo_message,
    consent_event,
    consent_seal,
    reconciliation_case,
    review_item,
    shown_message,
    vault_audit,
    message_price,
    deferral,
    message_channel,
)
