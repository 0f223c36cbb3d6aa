"""The start token: its link signs in as long as there are no accounts."""

from datetime import UTC, datetime

from sqlalchemy import Engine, delete, insert, select

from bot.auth.secret import new_secret, secret_digest
from bot.auth.tables import start_tokens
from bot.storage.database import translate_database_errors


class StartToken:
    """The token of the latest start, in a database so that every process knows it. Raises StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def renew(self) -> str:
        """Make a token; the one of an earlier start is void."""
        token = new_secret()
        with translate_database_errors(), self._engine.begin() as connection:
            connection.execute(delete(start_tokens))
            connection.execute(insert(start_tokens).values(digest=secret_digest(token), created=datetime.now(UTC)))
        return token

    def drop(self) -> None:
        """Make the token of any start void."""
        with translate_database_errors(), self._engine.begin() as connection:
            connection.execute(delete(start_tokens))

    def holds(self, token: str) -> bool:
        """Whether this is the token of the latest start."""
        mine = select(start_tokens.c.digest).where(start_tokens.c.digest == secret_digest(token))
        with translate_database_errors(), self._engine.connect() as connection:
            return connection.execute(mine).first() is not None
