"""The start token, with which people sign in as long as there are no accounts."""

from datetime import UTC, datetime

from sqlalchemy import Engine, delete, insert, select

from bot.auth.secret import new_secret, secret_digest
from bot.auth.tables import start_tokens
from bot.storage.database import translate_database_errors


class StartToken:
    """The digest of the latest start token in the database, shared by all processes. Raises StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def renew(self) -> str:
        """Replace the token and return the new one."""
        token = new_secret()
        with translate_database_errors(), self._engine.begin() as connection:
            connection.execute(delete(start_tokens))
            connection.execute(insert(start_tokens).values(digest=secret_digest(token), created=datetime.now(UTC)))
        return token

    def delete(self) -> None:
        """Delete the token."""
        with translate_database_errors(), self._engine.begin() as connection:
            connection.execute(delete(start_tokens))

    def is_current(self, token: str) -> bool:
        """Whether this is the latest token."""
        matching = select(start_tokens.c.digest).where(start_tokens.c.digest == secret_digest(token))
        with translate_database_errors(), self._engine.connect() as connection:
            return connection.execute(matching).first() is not None
