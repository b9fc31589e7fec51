"""Alembic's environment: runs in the connection that `cdr_ingest.store.migrate` hands over."""

from alembic import context

from cdr_ingest.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
