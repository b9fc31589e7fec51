"""Law 9: shard and day lead the key of every large table, and shard every unique key there."""

from sqlalchemy import UniqueConstraint

from operator_push.services.changes import TABLE_FIELDS
from operator_push.store import schema

# Tables that one shard's traffic fills. Everything else is few rows per operator.
SMALL = {
    "former_since",
    "channel_slot",
    "channel_sponsorship",
    "sponsored_issue",
    "short_link",
    "dlt_registration",
    "rule_set",
    "settled_days",
    "smsc_id_forms",
    "account",
    "balance",
    "brand",
    "campaign",
    "campaign_recipients",
    "dispute",
    "dispute_event",
    "distribution_list",
    "distribution_list_member",
    "archived_day",
    "audience_answer",
    "audience_query",
    "saved_rule",
    "saved_rule_share",
    "cdr_period",
    "channel",
    "channel_issue",
    "closed_month",
    "consent_head",
    "correction",
    "expired_hold",
    "incarnation",
    "invoice_document",
    "invoice_event",
    "invoice_series",
    "invoice_source",
    "ledger_head",
    "ledger_head_cursor",
    "notice",
    "open_mark",
    "online_slice",
    "reconciliation_case_event",
    "review_item_event",
    "routing_row",
    "sink_cursor",
    "smsc_link",
    "smsc_link_settings",
    "tariff_choice",
    "tariff_document",
    "tariff_row",
    "tariff_usage",
    "traffic_hold",
    "top_up",
}
# By shard, not by day: a person has no day.
PEOPLE = {
    "contact_wish",
    "dnd_entry",
    "dnd_entry_former",
    "declared_attribute",
    "erasure",
    "incentive_award",
    "link_event",
    "person_link_event",
    "reward_payout",
    "subscriber_clock",
    "subscriber_clock_former",
    "vault_link",
    "vault_subscriber",
    "way_out",
    "consent_receipt",
}

SHORT_NAMES = {"message_alias"}  # by shard and day, then by account and name: it has no id of its own


def test_every_table_is_known_as_large_or_small() -> None:
    large = {table.name for table in schema.LARGE_TABLES}
    assert large | SMALL | PEOPLE | SHORT_NAMES == set(schema.metadata.tables)
    assert not large & SMALL


def test_shard_and_day_lead_the_key_of_every_large_table() -> None:
    for table in (*schema.LARGE_TABLES, *(schema.metadata.tables[name] for name in SHORT_NAMES)):
        key = [column.name for column in table.primary_key.columns]
        assert key[:2] == ["shard", "day"], table.name
        assert len(key) >= 3, table.name


def test_shard_leads_every_unique_key_of_what_grows() -> None:
    growing = [*schema.LARGE_TABLES, *(schema.metadata.tables[name] for name in sorted(PEOPLE))]
    for table in growing:
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint):
                assert next(iter(constraint.columns)).name == "shard", table.name


def test_hot_tables_have_no_second_index() -> None:
    for table in schema.LARGE_TABLES:
        if table is not schema.consent_event:  # also read by person, and not written for every message
            assert not table.indexes, table.name
        assert not [each for each in table.constraints if isinstance(each, UniqueConstraint)], table.name


def test_changes_name_tables_that_exist() -> None:
    assert set(TABLE_FIELDS) <= set(schema.metadata.tables)
