"""Alembic's entry: it runs on the connection that `Registry.migrate` hands over."""

from alembic import context

from storage.registry.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
