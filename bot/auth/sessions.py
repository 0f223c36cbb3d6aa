"""Sessions in the database, shared by all processes and kept across restarts, and their cookie."""

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Engine, Row, Select, delete, false, insert, or_, select, update
from starlette.requests import HTTPConnection
from starlette.responses import Response

from bot.auth.person import Role, SignedInPerson
from bot.storage.tables import identities, sessions

if TYPE_CHECKING:
    from joserfc.jwk import OctKey


_ENCRYPTION = {"alg": "dir", "enc": "A256GCM"}


def new_secret() -> str:
    """Return 256 random bits as text for a cookie or URL."""
    return token_urlsafe(32)


def secret_digest(secret: str) -> str:
    """Return the digest by which a secret is looked up, so that comparison times reveal nothing of the secret."""
    return sha256(secret.encode(errors="surrogatepass")).hexdigest()


def encrypt(text: str, secret: str) -> str:
    """Return `text` encrypted, so that only the holder of `secret` can read it, not the database."""
    from joserfc import jwe  # noqa: PLC0415 -- only sessions of an identity provider need it

    return jwe.encrypt_compact(_ENCRYPTION, text, _key(secret))


def decrypt(encrypted: str, secret: str) -> str:
    """Return an encrypted text. Raises ValueError for another secret or a changed text."""
    from joserfc import jwe  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415

    try:
        plain = jwe.decrypt_compact(encrypted, _key(secret)).plaintext
    except JoseError as error:
        raise ValueError("the text was encrypted with another secret or changed") from error
    return (plain or b"").decode()


def _key(secret: str) -> "OctKey":
    from joserfc.jwk import OctKey  # noqa: PLC0415

    return OctKey.import_key(hmac.digest(secret.encode(), b"encryption", "sha256"))


NAME = "shirube-session"


def session_secret(request: HTTPConnection) -> str:
    """Return the session secret of a request, or ""."""
    return request.cookies.get(NAME, "")


def set_session_cookie(response: Response, request: HTTPConnection, secret: str) -> None:
    """Set the cookie, hidden from scripts and other sites' forms, and limited to https if the request uses it."""
    response.set_cookie(
        NAME,
        secret,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        path=base_path(request) or "/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def delete_session_cookie(response: Response, request: HTTPConnection) -> None:
    """Delete the cookie in the browser."""
    response.delete_cookie(NAME, path=base_path(request) or "/", httponly=True, samesite="lax")


def base_path(request: HTTPConnection) -> str:
    """Return the root path of the server, "" if it is at the root of its host."""
    root: str = request.scope.get("app_root_path", request.scope.get("root_path", ""))
    return root


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
