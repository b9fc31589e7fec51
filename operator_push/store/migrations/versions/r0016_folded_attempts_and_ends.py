"""Folded attempts and ends: what a message of one segment usually is needs no rows of its own.

What the columns mean is said in operator_push.store.schema; this page states what was added, and never
changes. Rows that are there already keep their own rows: the defaults say that nothing is folded into them.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MESSAGE = ("sent_link_no", "sent_incarnation", "sent_reference", "sent_us")
_FINAL = ("told_by", "smsc_message_id", "error_code", "receipt_id", "receipt")


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def upgrade() -> None:
    """Add the columns; no row is rewritten."""
    for name in _MESSAGE:
        op.add_column("message", _big(name))
    told_by = sa.Column("told_by", sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
    op.add_column("message_final", told_by)
    op.add_column("message_final", _text("smsc_message_id"))
    op.add_column("message_final", _text("error_code"))
    op.add_column("message_final", _big("receipt_id"))
    op.add_column("message_final", sa.Column("receipt", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Give what is folded rows of its own again, then drop the columns."""
    op.execute(
        "INSERT INTO attempt (shard, day, message_id, segment_no, attempt_no, link_no, incarnation, "
        "user_message_reference, at_us) SELECT shard, day, message_id, 1, 1, sent_link_no, sent_incarnation, "
        "sent_reference, sent_us FROM message WHERE sent_link_no <> 0"
    )
    op.execute(
        "INSERT INTO segment_outcome (shard, day, message_id, segment_no, state, told_by, smsc_message_id, "
        "error_code, at_us) SELECT shard, day, message_id, 1, state, told_by, smsc_message_id, error_code, "
        "at_us FROM message_final WHERE told_by <> 0"
    )
    op.execute(
        "INSERT INTO esme_delivery (shard, day, delivery_id, account_no, kind, message_id, body) "
        "SELECT f.shard, f.day, f.receipt_id, m.account_no, 1, f.message_id, f.receipt "
        "FROM message_final AS f JOIN message AS m ON m.shard = f.shard AND m.day = f.day "
        "AND m.message_id = f.message_id WHERE f.receipt_id <> 0"
    )
    for name in _FINAL:
        op.drop_column("message_final", name)
    for name in _MESSAGE:
        op.drop_column("message", name)
