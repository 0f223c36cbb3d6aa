"""Sessions in the database, shared by all processes and kept across restarts, and their cookie."""

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from sqlalchemy import ColumnElement, Engine, Row, Select, delete, false, insert, select, update
from starlette.requests import HTTPConnection
from starlette.responses import Response

from bot.running.auth.person import Role, SignedInPerson
from bot.running.http.site import base_path
from bot.running.storage.tables import identities, sessions

NAME = "shirube-session"
# A working day with overtime, so that people sign in once each morning.
SESSION_LIFETIME = timedelta(hours=12)
# How often an identity provider is asked for the role of a session.
ROLE_DUE = timedelta(minutes=1)
# How long a role is usable that could not be read again.
ROLE_LIFETIME = timedelta(minutes=15)
# Length of the part of a digest that identifies a session to people; it cannot be used to sign in.
_ID_CHARS = 12
_SESSION_ID = re.compile(rf"[0-9a-f]{{{_ID_CHARS}}}")
_MAX_ADDRESS_CHARS = 64
_MAX_BROWSER_CHARS = 120


def new_secret() -> str:
    """Return 256 random bits as text for a cookie or URL."""
    return token_urlsafe(32)


def secret_digest(secret: str) -> str:
    """Return the digest by which a secret is looked up, so that comparison times reveal nothing of the secret."""
    return sha256(secret.encode(errors="surrogatepass")).hexdigest()


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


@dataclass(frozen=True, slots=True)
class Origin:
    """The address and the browser from which a person signs in."""

    address: str = ""
    browser: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A session without its secret.

    `issuer` is the identity provider that signed the person in as `subject`, else "". It was asked for the role at
    `role_read`, None if it cannot be asked, and is to be asked again at `role_due`.
    """

    id: str
    person: SignedInPerson
    begun: datetime
    expires: datetime
    origin: Origin
    issuer: str
    subject: str
    role_read: datetime | None
    role_due: datetime | None


class Sessions:
    """The sessions in a database. Raises StorageError if it cannot be read or written."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(
        self,
        person: SignedInPerson,
        lasts: timedelta = SESSION_LIFETIME,
        origin: Origin = Origin(),
        refresh_token: str = "",
    ) -> str:
        """Begin a session and return its secret; expired sessions are deleted.

        With a `refresh_token` the role is due to be read again at the identity provider after `ROLE_DUE`.
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
        if refresh_token:
            row |= _role_columns(refresh_token, secret, now)
        with self._engine.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires <= now))
            connection.execute(insert(sessions).values(row))
        return secret

    def find(self, secret: str) -> Session | None:
        current = _current_sessions().where(sessions.c.digest == secret_digest(secret))
        with self._engine.connect() as connection:
            row = connection.execute(current).first()
        return _session(row) if row else None

    def all(self) -> list[Session]:
        with self._engine.connect() as connection:
            rows = connection.execute(_current_sessions().order_by(sessions.c.expires.desc()))
            return [_session(row) for row in rows]

    def claim_role_reading(self, secret: str) -> str | None:
        """Return the refresh token of a session whose role is due, to one of all processes; the others get None.

        Raises ValueError if the token cannot be decrypted.
        """
        now = datetime.now(UTC)
        is_session = sessions.c.digest == secret_digest(secret)
        claimed = update(sessions).where(is_session, sessions.c.role_due <= now).values(role_due=now + ROLE_DUE)
        with self._engine.begin() as connection:
            if not connection.execute(claimed).rowcount:
                return None
            return _decrypt(connection.scalar(select(sessions.c.refresh_token).where(is_session)), secret)

    def save_role(self, secret: str, role: Role, refresh_token: str) -> None:
        columns = _role_columns(refresh_token, secret, datetime.now(UTC))
        changed = update(sessions).where(sessions.c.digest == secret_digest(secret)).values(role=role, **columns)
        with self._engine.begin() as connection:
            connection.execute(changed)

    def end(self, secret: str) -> None:
        self._delete(sessions.c.digest == secret_digest(secret))

    def revoke(self, id_or_name: str) -> int:
        """End the session with an id, or all sessions of a person's name; return their number."""
        has_id = sessions.c.digest.startswith(id_or_name) if _SESSION_ID.fullmatch(id_or_name) else false()
        return self._delete((sessions.c.name == id_or_name) | has_id)

    def _delete(self, condition: ColumnElement[bool]) -> int:
        with self._engine.begin() as connection:
            return connection.execute(delete(sessions).where(condition)).rowcount


def _role_columns(refresh_token: str, secret: str, now: datetime) -> dict[str, Any]:
    # Only the holder of the secret can read the token, not who reads the database.
    sealed = jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM"}, refresh_token, _encryption_key(secret))
    return {"role_read": now, "role_due": now + ROLE_DUE, "refresh_token": sealed}


def _decrypt(sealed: str | None, secret: str) -> str:
    try:
        return (jwe.decrypt_compact(sealed or "", _encryption_key(secret)).plaintext or b"").decode()
    except JoseError as error:
        raise ValueError("the text was encrypted with another secret or changed") from error


def _encryption_key(secret: str) -> OctKey:
    return OctKey.import_key(hmac.digest(secret.encode(), b"encryption", "sha256"))


def _current_sessions() -> Select[Any]:
    with_identity = sessions.outerjoin(identities, identities.c.name == sessions.c.name)
    columns = (sessions, identities.c.issuer, identities.c.subject, identities.c.display_name)
    return select(*columns).select_from(with_identity).where(sessions.c.expires > datetime.now(UTC))


def _session(row: Row[Any]) -> Session:
    return Session(
        row.digest[:_ID_CHARS],
        SignedInPerson(row.name, row.role, row.display_name or ""),
        row.begun,
        row.expires,
        Origin(row.address, row.browser),
        row.issuer or "",
        row.subject or "",
        row.role_read,
        row.role_due,
    )
