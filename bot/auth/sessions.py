"""Sessions in the database, shared by all processes and kept across restarts."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, delete, false, insert, select

from bot.auth.person import Person
from bot.auth.secret import new_secret, secret_digest
from bot.auth.tables import sessions
from bot.storage.database import translate_database_errors, with_utc

# A working day with overtime, so that people sign in once each morning.
SESSION_LIFETIME = timedelta(hours=12)
# Length of the part of a digest that identifies a session to people; it cannot be used to sign in.
_ID_CHARS = 12
_SESSION_ID = re.compile(rf"[0-9a-f]{{{_ID_CHARS}}}")
_MAX_ADDRESS_CHARS, _MAX_BROWSER_CHARS = 64, 120


@dataclass(frozen=True, slots=True)
class Origin:
    """The address and the browser from which a person signs in."""

    address: str = ""
    browser: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A session without its secret; `begun` is None if release 0.4 or earlier created it."""

    id: str
    person: Person
    begun: datetime | None
    expires: datetime
    origin: Origin


class Sessions:
    """The sessions in a database. Raises StorageError if it cannot be read or written."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, person: Person, lasts: timedelta = SESSION_LIFETIME, origin: Origin = Origin()) -> str:
        """Begin a session and return its secret; expired sessions are deleted."""
        secret, now = new_secret(), datetime.now(UTC)
        row = {
            "digest": secret_digest(secret),
            "name": person.name,
            "role": person.role,
            "expires": now + lasts,
            "begun": now,
            "address": origin.address[:_MAX_ADDRESS_CHARS],
            "browser": origin.browser[:_MAX_BROWSER_CHARS],
        }
        with translate_database_errors(), self._engine.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires <= now))
            connection.execute(insert(sessions).values(row))
        return secret

    def person(self, secret: str) -> Person | None:
        """Return the person of a session, or None if it has expired or never existed."""
        current = select(sessions).where(
            sessions.c.digest == secret_digest(secret), sessions.c.expires > datetime.now(UTC)
        )
        with translate_database_errors(), self._engine.connect() as connection:
            row = connection.execute(current).first()
        return Person(row.name, row.role) if row else None

    def all(self, name: str | None = None) -> list[Session]:
        """Return the current sessions of a person, or of all, the newest first."""
        current = select(sessions).where(sessions.c.expires > datetime.now(UTC)).order_by(sessions.c.expires.desc())
        if name is not None:
            current = current.where(sessions.c.name == name)
        with translate_database_errors(), self._engine.connect() as connection:
            return [_session(row) for row in connection.execute(current)]

    def end(self, secret: str) -> None:
        """End a session, if there is one."""
        self._delete(sessions.c.digest == secret_digest(secret))

    def revoke(self, id_or_name: str, owner: str | None = None) -> int:
        """End the session with an id, or all sessions of a person's name; return their number.

        With `owner`, only a session of that person, by its id.
        """
        if owner is None:
            return self._delete((sessions.c.name == id_or_name) | _has_id(id_or_name))
        return self._delete((sessions.c.name == owner) & _has_id(id_or_name))

    def _delete(self, condition: ColumnElement[bool]) -> int:
        with translate_database_errors(), self._engine.begin() as connection:
            return connection.execute(delete(sessions).where(condition)).rowcount


def session_id(secret: str) -> str:
    """Return the id of the session with this secret."""
    return secret_digest(secret)[:_ID_CHARS]


def _has_id(text: str) -> ColumnElement[bool]:
    return sessions.c.digest.startswith(text) if _SESSION_ID.fullmatch(text) else false()


def _session(row: Row[Any]) -> Session:
    return Session(
        row.digest[:_ID_CHARS],
        Person(row.name, row.role),
        row.begun and with_utc(row.begun),
        with_utc(row.expires),
        Origin(row.address or "", row.browser or ""),
    )
