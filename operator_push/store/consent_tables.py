"""Consent tables: what people have said, the chain over it, its signed heads, receipts, and notices."""

from sqlalchemy import Column, Index, Integer, LargeBinary, SmallInteger, Table, Text

from operator_push.store.schema_columns import key_column, large_table, later_number, metadata
from operator_push.store.schema_columns import octets_column as _octets
from operator_push.store.schema_columns import small_column as _small
from operator_push.store.schema_columns import text_column as _text
from operator_push.store.schema_columns import whole_column as _int

# Consent acts in the order in which they were heard; the state is a fold over them. `more`: a JSON object of
# further evidence (domain.consent_record); `salt` hides the act in its commitment (domain.consent_chain), and
# erasure empties it together with who said it and how.
consent_event = large_table(
    "consent_event",
    key_column("event_id"),
    _int("subscriber_no"),
    _int("brand_no"),
    _small("category"),
    _small("purpose"),
    _text("channel"),
    _small("action"),
    _int("at_us"),
    _text("method"),
    _text("detail"),
    _text("notice_version"),
    _text("language"),
    _text("reference"),
    _small("basis"),
    _int("expires_us"),
    _text("jurisdiction"),
    _text("more"),
    _octets("salt"),
)
# People ask for what they themselves have said, and each has said little: the one large table that is also
# read by person.
Index(
    "ix_consent_event_subscriber_no",
    consent_event.c.shard,
    consent_event.c.subscriber_no,
    consent_event.c.event_id,
)

# One row per commit that recorded acts: their commitments as octets, and the head that follows from them and
# the row before (domain.consent_chain).
consent_seal = large_table(
    "consent_seal", key_column("seal_no"), _int("at_us"), _int("events"), _octets("entries"), _octets("head")
)

# A head that was signed, and so may be published: `line` is the JSON line as it is given away.
consent_head = Table(
    "consent_head",
    metadata,
    key_column("shard", SmallInteger),
    key_column("seal_no"),
    key_column("day", Integer),
    _text("line"),
    _int("signed_us"),
)

# The signed receipt of an act, from its first fetching on.
consent_receipt = Table(
    "consent_receipt",
    metadata,
    key_column("shard", SmallInteger),
    key_column("event_id"),
    _text("jws"),
    _int("signed_us"),
)

# That somebody was erased: `lookup` is the keyed digest of the number (kernel.pseudonym), which stays so that
# the number is silent when it comes again, made by the vault's key of `key_version`; `acts`: how many acts of
# consent were emptied.
erasure = Table(
    "erasure",
    metadata,
    key_column("shard", SmallInteger),
    Column("lookup", LargeBinary(), primary_key=True, nullable=False),
    _int("erased_us"),
    _text("erased_by"),
    _int("acts"),
    later_number("key_version", SmallInteger),
)

# The texts that people were shown, each version once and for good.
notice = Table(
    "notice",
    metadata,
    Column("notice_id", Text(), primary_key=True, nullable=False),
    Column("version", Text(), primary_key=True, nullable=False),
    Column("language", Text(), primary_key=True, nullable=False),
    _text("text"),
    _text("sha256"),
    _int("added_us"),
    _text("added_by"),
)
