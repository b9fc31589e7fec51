"""Account terms, and the short names of messages for SMPP 3.3.

`account` is made anew with its rows, because SQLite puts an added column behind the constraints: a migrated
store shall have the very form of a new one.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_BIG = ("account_no", "brand_no", "window", "binds_max", "created_us")
_SMALL = ("traffic_class", "category")
_BOOLEAN = ("active", "any_destination")
_COLUMNS = (
    "account_no",
    "name",
    "kind",
    "brand_no",
    "password_hash",
    "active",
    "traffic_class",
    "category",
    "allowed_sources",
    "any_destination",
    "window",
    "binds_max",
    "currency",
    "created_us",
)


def upgrade() -> None:
    """Give every account terms without a limit, and messages a table of short names."""
    _make_account_anew((*_COLUMNS, "terms"), {"terms": "{}"})
    op.create_table(
        "message_alias",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("alias", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "day", "account_no", "alias", name="pk_message_alias"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Forget terms and short names."""
    op.drop_table("message_alias")
    _make_account_anew(_COLUMNS, {})


def _make_account_anew(names: Sequence[str], more: dict[str, object]) -> None:
    connection = op.get_bind()
    kept = sa.table("account", *(_column(name) for name in _COLUMNS))
    rows = [{**row, **more} for row in connection.execute(sa.select(kept)).mappings()]
    op.drop_table("account")
    table = op.create_table(
        "account",
        *(_column(name) for name in names),
        sa.PrimaryKeyConstraint("account_no", name="pk_account"),
        sa.UniqueConstraint("name", name="uq_account_name"),
    )
    if rows:
        op.bulk_insert(table, rows)


def _column(name: str) -> sa.Column[object]:
    kind: sa.types.TypeEngine[object] = sa.Text()  # type: ignore[assignment]
    if name in _BIG:
        kind = sa.BigInteger()  # type: ignore[assignment]
    elif name in _SMALL:
        kind = sa.SmallInteger()  # type: ignore[assignment]
    elif name in _BOOLEAN:
        kind = sa.Boolean()  # type: ignore[assignment]
    elif name == "currency":
        kind = sa.String(3)  # type: ignore[assignment]
    return sa.Column(name, kind, autoincrement=False, nullable=False)
