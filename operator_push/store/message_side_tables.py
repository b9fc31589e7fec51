"""Tables beside messages that few messages have a row in."""

from operator_push.store.schema_columns import (
    key_column,
    large_table,
    octets_column,
    small_column,
    whole_column,
)

# An admitted message that the rules of law 4 put off, immediately before it would have left: until when, why,
# and the trail of that decision. One row for all its segments.
deferral = large_table(
    "deferral",
    key_column("message_id"),
    key_column("at_us"),
    whole_column("until_us"),
    small_column("reason"),
    octets_column("trail"),
)

# By what a message goes, where that is no SMS (domain.contact_channels.CHANNEL_NUMBERS).
message_channel = large_table("message_channel", key_column("message_id"), small_column("channel"))
