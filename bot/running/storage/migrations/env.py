"""Runs the migrations in the transaction of `bot.running.storage.migrations.upgrade`; Alembic executes this file."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
