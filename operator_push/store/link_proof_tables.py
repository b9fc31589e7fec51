"""Link proof tables: customer codes and e-mail addresses of people, linked by proof, and the evidence."""

from sqlalchemy import Column, LargeBinary, SmallInteger, Table

from operator_push.store.schema_columns import key_column, metadata, small_column, text_column, whole_column


def _octets(name: str) -> Column[bytes]:
    return Column(name, LargeBinary(), nullable=False)


# Part of the vault: an address is as personal as a number. See domain.person_links.PersonLink; `is_linked` 0:
# it waits for its codes, of which keyed hashes stand here. A row of empty values was unlinked.
vault_link = Table(
    "vault_link",
    metadata,
    key_column("shard", SmallInteger),
    key_column("account_no"),
    key_column("subscriber_no"),
    key_column("is_linked", SmallInteger),
    text_column("customer_code"),
    text_column("email"),
    _octets("sms_hash"),
    _octets("email_hash"),
    whole_column("asked_us"),
    whole_column("expires_us"),
    whole_column("sms_proved_us"),
    whole_column("email_proved_us"),
    small_column("guesses"),
    whole_column("linked_us"),
    text_column("asked_by"),
)

# The evidence of a link: `what` was done, `named` a keyed digest of customer code and address, which proves
# what they were to whoever knows them and the key.
person_link_event = Table(
    "person_link_event",
    metadata,
    key_column("shard", SmallInteger),
    key_column("event_id"),
    whole_column("account_no"),
    whole_column("subscriber_no"),
    text_column("what"),
    text_column("told"),
    _octets("named"),
    whole_column("at_us"),
    text_column("by_whom"),
)
