"""The token of a start, as Jupyter has it: while nobody has an account, the link that the server prints signs in."""

from datetime import UTC, datetime

from sqlalchemy import Engine, delete, insert, select

from bot.records.database import told_in_japanese
from bot.sign_in.secret import digest, new_secret
from bot.sign_in.tables import start_tokens


class StartToken:
    """The token of the latest start, in a database so that every process knows it. Raises StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def renew(self) -> str:
        """Make a token; the one of an earlier start is void."""
        token = new_secret()
        with told_in_japanese(), self._engine.begin() as connection:
            connection.execute(delete(start_tokens))
            connection.execute(insert(start_tokens).values(digest=digest(token), created=datetime.now(UTC)))
        return token

    def drop(self) -> None:
        """Make the token of any start void."""
        with told_in_japanese(), self._engine.begin() as connection:
            connection.execute(delete(start_tokens))

    def holds(self, token: str) -> bool:
        """Whether this is the token of the latest start."""
        mine = select(start_tokens.c.digest).where(start_tokens.c.digest == digest(token))
        with told_in_japanese(), self._engine.connect() as connection:
            return connection.execute(mine).first() is not None
