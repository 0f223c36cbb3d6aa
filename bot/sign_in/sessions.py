"""Sessions: who a browser's cookie stands for, until when. They outlive a restart, and every process knows them."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, insert, select

from bot.records.database import told_in_japanese
from bot.sign_in.person import Person
from bot.sign_in.secret import digest, new_secret
from bot.sign_in.tables import sessions

# A working day with its overtime: one signs in once each morning.
LASTS = timedelta(hours=12)


class Sessions:
    """The sessions in a database. Raises StorageError where it cannot be read or written."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, person: Person, lasts: timedelta = LASTS) -> str:
        """Begin a session and return its secret; those that have run out are forgotten."""
        secret, now = new_secret(), datetime.now(UTC)
        row = {"digest": digest(secret), "name": person.name, "role": person.role, "expires": now + lasts}
        with told_in_japanese(), self._engine.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires <= now))
            connection.execute(insert(sessions).values(row))
        return secret

    def person(self, secret: str) -> Person | None:
        """Return whose session this is, or None where it has run out or never was."""
        mine = select(sessions).where(sessions.c.digest == digest(secret), sessions.c.expires > datetime.now(UTC))
        with told_in_japanese(), self._engine.connect() as connection:
            row = connection.execute(mine).first()
        return Person(row.name, row.role) if row else None

    def end(self, secret: str) -> None:
        """End a session; one that has ended already is no error."""
        with told_in_japanese(), self._engine.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.digest == digest(secret)))
