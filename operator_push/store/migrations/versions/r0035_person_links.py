"""Person links: customer codes and e-mail addresses of people, linked by proof, and how they came to be.

What the columns mean is said in operator_push.store.link_proof_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from operator_push.store.migrations.columns import key_column as _key
from operator_push.store.migrations.columns import text_column as _text
from operator_push.store.migrations.columns import whole_column as _whole

revision: str = "0035"
down_revision: str | None = "0034"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _octets(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "vault_link",
        _key("shard", sa.SmallInteger),
        _key("account_no"),
        _key("subscriber_no"),
        _key("is_linked", sa.SmallInteger),
        _text("customer_code"),
        _text("email"),
        _octets("sms_hash"),
        _octets("email_hash"),
        _whole("asked_us"),
        _whole("expires_us"),
        _whole("sms_proved_us"),
        _whole("email_proved_us"),
        sa.Column("guesses", sa.SmallInteger(), nullable=False),
        _whole("linked_us"),
        _text("asked_by"),
        sa.PrimaryKeyConstraint("shard", "account_no", "subscriber_no", "is_linked", name="pk_vault_link"),
    )
    op.create_table(
        "person_link_event",
        _key("shard", sa.SmallInteger),
        _key("event_id"),
        _whole("account_no"),
        _whole("subscriber_no"),
        _text("what"),
        _text("told"),
        _octets("named"),
        _whole("at_us"),
        _text("by_whom"),
        sa.PrimaryKeyConstraint("shard", "event_id", name="pk_person_link_event"),
    )


def downgrade() -> None:
    """Drop both; people are linked anew then."""
    op.drop_table("person_link_event")
    op.drop_table("vault_link")
