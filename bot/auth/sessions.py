"""Sessions in the database, shared by all processes and kept across restarts."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, Select, delete, false, insert, or_, select, update

from bot.auth.person import Role, SignedInPerson
from bot.auth.secret import decrypt, encrypt, new_secret, secret_digest
from bot.storage.tables import identities, sessions

# A working day with overtime, so that people sign in once each morning.
SESSION_LIFETIME = timedelta(hours=12)
# The role is read again before it is 15 minutes old, with time for the provider to respond.
ROLE_DUE = timedelta(minutes=14)
# Length of the part of a digest that identifies a session to people; it cannot be used to sign in.
_ID_CHARS = 12
_SESSION_ID = re.compile(rf"[0-9a-f]{{{_ID_CHARS}}}")
_MAX_ADDRESS_CHARS = 64
_MAX_BROWSER_CHARS = 120


@dataclass(frozen=True, slots=True)
class Origin:
    """The address and the browser from which a person signs in."""

    address: str = ""
    browser: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """What an identity provider gave for a session: the id of the provider's session and a refresh token, or ""."""

    provider_session: str = ""
    refresh_token: str = ""


@dataclass(frozen=True, slots=True)
class RoleReading:
    """When an identity provider was asked for the role of a session.

    The role is next due at `due`. `is_unread` says that the last attempt since `read` failed. `issuer` and `subject`
    are the person's at the provider.
    """

    read: datetime
    due: datetime
    is_unread: bool
    has_refresh_token: bool
    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class Session:
    """A session without its secret; `reading` is None for people whom no identity provider has signed in."""

    id: str
    person: SignedInPerson
    begun: datetime
    expires: datetime
    origin: Origin
    reading: RoleReading | None = None


class Sessions:
    """The sessions in a database. Raises StorageError if it cannot be read or written."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(
        self,
        person: SignedInPerson,
        lasts: timedelta = SESSION_LIFETIME,
        origin: Origin = Origin(),
        grant: Grant | None = None,
    ) -> str:
        """Begin a session and return its secret; expired sessions are deleted.

        With the `grant` of an identity provider, the role is due to be read again after `ROLE_DUE`.
        """
        secret = new_secret()
        now = datetime.now(UTC)
        row = {
            "digest": secret_digest(secret),
            "name": person.name,
            "role": person.role,
            "expires": now + lasts,
            "begun": now,
            "address": origin.address[:_MAX_ADDRESS_CHARS],
            "browser": origin.browser[:_MAX_BROWSER_CHARS],
        }
        if grant:
            token = grant.refresh_token and encrypt(grant.refresh_token, secret)
            row |= {"provider_session": grant.provider_session, "refresh_token": token}
            row |= {"role_read": now, "role_due": now + ROLE_DUE, "role_unread": False}
        with self._engine.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires <= now))
            connection.execute(insert(sessions).values(row))
        return secret

    def find(self, secret: str) -> Session | None:
        """Return a session, or None if it has expired or never existed."""
        current = _current_sessions().where(sessions.c.digest == secret_digest(secret))
        with self._engine.connect() as connection:
            row = connection.execute(current).first()
        return _session(row) if row else None

    def all(self, name: str | None = None) -> list[Session]:
        """Return the current sessions of a person, or of all, the newest first."""
        current = _current_sessions().order_by(sessions.c.expires.desc())
        if name is not None:
            current = current.where(sessions.c.name == name)
        with self._engine.connect() as connection:
            return [_session(row) for row in connection.execute(current)]

    def claim_role_reading(self, secret: str, until: datetime) -> str | None:
        """Return the refresh token of a session whose role is due, for one process; the others get None.

        They wait for its result until `until`. Raises ValueError if the token cannot be decrypted.
        """
        is_session = sessions.c.digest == secret_digest(secret)
        claimed = update(sessions).where(is_session, sessions.c.role_due <= datetime.now(UTC)).values(role_due=until)
        with self._engine.begin() as connection:
            if not connection.execute(claimed).rowcount:
                return None
            token = connection.scalar(select(sessions.c.refresh_token).where(is_session))
        return decrypt(token, secret) if token else None

    def save_role(self, secret: str, role: Role, refresh_token: str) -> None:
        """Save the role that the provider has named now, with the refresh token for the next time."""
        now = datetime.now(UTC)
        token = encrypt(refresh_token, secret)
        self._change(secret, role=role, role_read=now, role_due=now + ROLE_DUE, role_unread=False, refresh_token=token)

    def save_unread_role(self, secret: str, read: datetime, due: datetime) -> None:
        """Save that the role could not be read since `read`, and is due again at `due`."""
        self._change(secret, role_unread=True, role_read=read, role_due=due)

    def end_at_provider(self, issuer: str, subject: str, provider_session: str) -> int:
        """End the sessions of an identity provider's session, or all of its person; return their number.

        One of `subject` and `provider_session` may be "". Sessions whose provider session is unknown end with their
        person.
        """
        from_provider = select(identities.c.name).where(identities.c.issuer == issuer)
        of_person = sessions.c.name.in_(from_provider.where(identities.c.subject == subject))
        if not provider_session:
            return self._delete(of_person)
        is_named = sessions.c.name.in_(from_provider) & (sessions.c.provider_session == provider_session)
        is_unknown = sessions.c.provider_session.is_(None) | (sessions.c.provider_session == "")
        return self._delete(or_(is_named, of_person & is_unknown))

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

    def _change(self, secret: str, **values: Any) -> None:
        changed = update(sessions).where(sessions.c.digest == secret_digest(secret)).values(values)
        with self._engine.begin() as connection:
            connection.execute(changed)

    def _delete(self, condition: ColumnElement[bool]) -> int:
        with self._engine.begin() as connection:
            return connection.execute(delete(sessions).where(condition)).rowcount


def session_id(secret: str) -> str:
    """Return the id of the session with this secret."""
    return secret_digest(secret)[:_ID_CHARS]


def _has_id(text: str) -> ColumnElement[bool]:
    return sessions.c.digest.startswith(text) if _SESSION_ID.fullmatch(text) else false()


def _current_sessions() -> Select[Any]:
    with_identity = sessions.outerjoin(identities, identities.c.name == sessions.c.name)
    columns = (sessions, identities.c.issuer, identities.c.subject, identities.c.display_name)
    return select(*columns).select_from(with_identity).where(sessions.c.expires > datetime.now(UTC))


def _session(row: Row[Any]) -> Session:
    reading = None
    if row.role_read:
        has_token = bool(row.refresh_token)
        reading = RoleReading(row.role_read, row.role_due, row.role_unread, has_token, row.issuer, row.subject)
    return Session(
        row.digest[:_ID_CHARS],
        SignedInPerson(row.name, row.role, (row.role_read and row.display_name) or ""),
        row.begun,
        row.expires,
        Origin(row.address, row.browser),
        reading,
    )
