"""Sessions in the database, shared by all processes and kept over restarts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Engine, delete, insert, select

from bot.auth.person import Person
from bot.auth.secret import new_secret, secret_digest
from bot.auth.tables import sessions
from bot.storage.database import translate_database_errors, with_utc

# A working day with its overtime: one signs in once each morning.
LASTS = timedelta(hours=12)
# So much of a digest names a session to people, and opens nothing.
ID_CHARS = 12
LONGEST_ADDRESS, LONGEST_BROWSER = 64, 120


@dataclass(frozen=True, slots=True)
class Origin:
    """From where somebody signs in: the address, and the browser as it calls itself."""

    address: str = ""
    browser: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A session as people are shown it; `begun` is None for those of 0.4 and before."""

    id: str
    person: Person
    begun: datetime | None
    expires: datetime
    origin: Origin


class Sessions:
    """The sessions in a database. Raises StorageError where it cannot be read or written."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, person: Person, lasts: timedelta = LASTS, origin: Origin | None = None) -> str:
        """Begin a session and return its secret; those that have run out are forgotten."""
        secret, now, origin = new_secret(), datetime.now(UTC), origin or Origin()
        row = {"digest": secret_digest(secret), "name": person.name, "role": person.role, "expires": now + lasts}
        row |= {"begun": now, "address": origin.address[:LONGEST_ADDRESS], "browser": origin.browser[:LONGEST_BROWSER]}
        with translate_database_errors(), self._engine.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires <= now))
            connection.execute(insert(sessions).values(row))
        return secret

    def person(self, secret: str) -> Person | None:
        """Return whose session this is, or None where it has run out or never was."""
        mine = select(sessions).where(
            sessions.c.digest == secret_digest(secret), sessions.c.expires > datetime.now(UTC)
        )
        with translate_database_errors(), self._engine.connect() as connection:
            row = connection.execute(mine).first()
        return Person(row.name, row.role) if row else None

    def all(self, name: str | None = None) -> list[Session]:
        """Return the sessions that have not run out, the newest first: all, or those of a person."""
        alive = select(sessions).where(sessions.c.expires > datetime.now(UTC)).order_by(sessions.c.expires.desc())
        wanted = alive if name is None else alive.where(sessions.c.name == name)
        with translate_database_errors(), self._engine.connect() as connection:
            return [
                Session(
                    row.digest[:ID_CHARS],
                    Person(row.name, row.role),
                    row.begun and with_utc(row.begun),
                    with_utc(row.expires),
                    Origin(row.address or "", row.browser or ""),
                )
                for row in connection.execute(wanted)
            ]

    def end(self, secret: str) -> None:
        """End a session; one that has ended already is no error."""
        self._delete(sessions.c.digest == secret_digest(secret))

    def revoke(self, wanted: str, name: str | None = None) -> int:
        """End the session of this id, or all of the person of this name; return how many there were.

        Of `name` alone, where one is given: nobody ends a session of somebody else.
        """
        if name is None:
            return self._delete((sessions.c.name == wanted) | (sessions.c.digest.startswith(_id(wanted))))
        return self._delete((sessions.c.name == name) & sessions.c.digest.startswith(_id(wanted)))

    def _delete(self, which: ColumnElement[bool]) -> int:
        with translate_database_errors(), self._engine.begin() as connection:
            return connection.execute(delete(sessions).where(which)).rowcount


def _id(wanted: str) -> str:
    """Return an id as digests begin; what is none begins none."""
    return wanted if len(wanted) == ID_CHARS and all(c in "0123456789abcdef" for c in wanted) else "none"


def session_id(secret: str) -> str:
    """Return the id by which people know the session of a secret."""
    return secret_digest(secret)[:ID_CHARS]
