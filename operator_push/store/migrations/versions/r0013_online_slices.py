"""Online slices: what the operator's charging system has reserved for accounts that it charges.

What the columns mean is said in operator_push.services.online_slice; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from operator_push.store.migrations.columns import key_column as _key
from operator_push.store.migrations.columns import small_column as _small
from operator_push.store.migrations.columns import text_column as _text
from operator_push.store.migrations.columns import whole_column as _whole

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table."""
    sums = ("quota", "granted", "offline", "returned", "reported", "doubt", "advanced")
    op.create_table(
        "online_slice",
        _key("shard", sa.SmallInteger),
        _key("account_no"),
        _text("session_id"),
        _whole("number"),
        *(_whole(f"{name}_micros") for name in sums),
        _whole("valid_from_us"),
        _whole("valid_until_us"),
        _small("is_final"),
        _text("failure_handling"),
        _small("asked_step"),
        _text("asked_session"),
        _whole("asked_number"),
        _whole("asked_micros"),
        _whole("asked_used_micros"),
        _whole("not_before_us"),
        _whole("at_us"),
        sa.PrimaryKeyConstraint("shard", "account_no", name="pk_online_slice"),
    )


def downgrade() -> None:
    """Drop it; what is granted then stands in the ledger alone, and its sessions end over there."""
    op.drop_table("online_slice")
