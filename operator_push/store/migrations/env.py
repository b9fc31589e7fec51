"""Alembic's entry: runs the revisions on the connection and in the transaction that store.migrate holds."""

from alembic import context

from operator_push.store import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
