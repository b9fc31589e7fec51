"""Look-up keys: which version of the key a look-up value was made with, and a chain over the vault's audit.

What the columns mean is said in operator_push.store.schema; this page states what was added, and never
changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0046"
down_revision: str | None = "0045"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _number(name: str, kind: type[sa.BigInteger] | type[sa.SmallInteger]) -> "sa.Column[int]":
    return sa.Column(name, kind(), nullable=False, server_default=sa.text("0"))


def upgrade() -> None:
    """Add the columns; what stands there was made with version 0, and is in no chain."""
    op.add_column("vault_subscriber", _number("key_version", sa.SmallInteger))
    op.add_column("erasure", _number("key_version", sa.SmallInteger))
    op.add_column("vault_audit", _number("chain_no", sa.BigInteger))
    op.add_column("vault_audit", sa.Column("chain", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Drop them; numbers that were erased under a later key are known no more."""
    with op.batch_alter_table("vault_audit") as table:
        table.drop_column("chain")
        table.drop_column("chain_no")
    for name in ("erasure", "vault_subscriber"):
        with op.batch_alter_table(name) as table:
            table.drop_column("key_version")
