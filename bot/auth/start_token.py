"""The start token: signs in one person as long as there are no accounts."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, insert, select

from bot.auth.secret import new_secret, secret_digest
from bot.storage.tables import start_tokens

# Several servers over one database start within this time; each of them prints a link that works.
_ONE_START = timedelta(minutes=10)


class StartToken:
    """The digests of the start tokens in the database, shared by all processes. Raises StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self) -> str:
        """Return a new token; those of an earlier start are deleted."""
        token = new_secret()
        now = datetime.now(UTC)
        with self._engine.begin() as connection:
            connection.execute(delete(start_tokens).where(start_tokens.c.created < now - _ONE_START))
            connection.execute(insert(start_tokens).values(digest=secret_digest(token), created=now))
        return token

    def delete(self) -> None:
        """Delete all tokens."""
        with self._engine.begin() as connection:
            connection.execute(delete(start_tokens))

    def is_current(self, token: str) -> bool:
        """Whether this token has neither been used nor replaced."""
        matching = select(start_tokens.c.digest).where(start_tokens.c.digest == secret_digest(token))
        with self._engine.connect() as connection:
            return connection.execute(matching).first() is not None

    def use(self, token: str) -> bool:
        """Return whether this token is current, and delete it and those of the same start."""
        deletion = delete(start_tokens).where(start_tokens.c.digest == secret_digest(token))
        with self._engine.begin() as connection:
            is_current = bool(connection.execute(deletion).rowcount)
            if is_current:
                connection.execute(delete(start_tokens))
        return is_current
