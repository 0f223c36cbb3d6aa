"""Sign-in with passwords, API keys, the start token or an identity provider, over one lazily opened database."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine, delete, insert, select, update

from bot.auth.accounts import Accounts, Identities
from bot.auth.keys import Keys
from bot.auth.person import SignedInPerson, read_name
from bot.auth.sessions import RoleReading, Sessions, new_secret, secret_digest
from bot.errors import AccountError
from bot.http.limits import RateLimits
from bot.storage.database import database_url, open_database
from bot.storage.tables import sign_in_failures as failures
from bot.storage.tables import start_tokens
from ingest.configuration.settings import Settings

if TYPE_CHECKING:
    from bot.auth.oidc import Identity, Provider


# Attempts without a delay. Then it doubles from one second to the longest, which allows 100 attempts per day.
_FREE_ATTEMPTS = 5
_MAX_DELAY = timedelta(minutes=15)
# Failures are forgotten this long after the last delay.
_FORGET_AFTER = 2 * _MAX_DELAY
# A whole office may share one address.
_ATTEMPTS_PER_ADDRESS_AND_MINUTE = 60


class Attempts:
    """Failed sign-ins, shared by all processes. Raises StorageError if the database cannot be read or written."""

    def __init__(self, engine: Engine, limits: RateLimits) -> None:
        self._engine = engine
        self._limits = limits

    def wait_s(self, address: str, name: str) -> float:
        """Count an attempt and return 0; while delayed, return the seconds to wait instead of counting."""
        key = _key(address, name)
        now = datetime.now(UTC)
        with self._engine.begin() as connection:
            connection.execute(delete(failures).where(failures.c.until < now - _FORGET_AFTER))
            row = connection.execute(select(failures).where(failures.c.key == key)).first()
            # A delay beyond the longest was stored while the clock was wrong.
            delay: timedelta = row.until - now if row else timedelta()
            if timedelta() < delay <= _MAX_DELAY:
                return delay.total_seconds()
            times = row.times + 1 if row else 1
            doublings = min(times, 60) - _FREE_ATTEMPTS
            delay = timedelta() if doublings < 0 else min(timedelta(seconds=2**doublings), _MAX_DELAY)
            statement = update(failures).where(failures.c.key == key) if row else insert(failures)
            connection.execute(statement.values(key=key, times=times, until=now + delay))
        return self._limits.wait_s("signin", address, _ATTEMPTS_PER_ADDRESS_AND_MINUTE)

    def record_success(self, address: str, name: str) -> None:
        """Remove the failures of a name at an address after a correct password."""
        with self._engine.begin() as connection:
            connection.execute(delete(failures).where(failures.c.key == _key(address, name)))
        self._limits.take_back("signin", address, _ATTEMPTS_PER_ADDRESS_AND_MINUTE)


def _key(address: str, name: str) -> str:
    try:
        return secret_digest(f"{address} {read_name(name)}")
    except AccountError:
        return secret_digest(f"{address} ")


# Several servers over one database start within this time; each of them prints a link that works.
_ONE_START = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ActiveSession:
    """A valid session: the person, its secret, and the sign-in that has it.

    `reading` is None for people whom no identity provider has signed in.
    """

    person: SignedInPerson
    secret: str
    sign_in: "SignIn"
    reading: RoleReading | None = None

    @property
    def sessions(self) -> Sessions:
        return self.sign_in.sessions

    @property
    def provider(self) -> "Provider | None":
        return self.sign_in.provider

    def reload(self) -> "ActiveSession | None":
        """Return the session as it is now, or None if it has ended."""
        return self.sign_in.find_session(self.secret)

    def save_identity(self, identity: "Identity") -> None:
        """Save the role and the name that the identity provider has given now."""
        self.sign_in.identities.save(identity.issuer, identity.subject, identity.display_name)
        if identity.role:
            self.sessions.save_role(self.secret, identity.role, identity.grant.refresh_token)


class SignIn:
    """Accounts, sessions, keys and the start token. Methods raise StorageError if the database cannot be used."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _engine(self) -> Engine:
        return open_database(database_url(self._settings))

    @property
    def accounts(self) -> Accounts:
        return Accounts(self._engine)

    @property
    def sessions(self) -> Sessions:
        return Sessions(self._engine)

    @property
    def identities(self) -> Identities:
        return Identities(self._engine)

    @property
    def keys(self) -> Keys:
        return Keys(self._engine)

    @cached_property
    def provider(self) -> "Provider | None":
        if not (self._settings.oidc_issuer and self._settings.oidc_client_secret):
            return None
        from bot.auth.oidc import Provider  # noqa: PLC0415 -- its library takes a while to import

        return Provider(self._settings)

    def attempts(self, limits: RateLimits) -> Attempts:
        return Attempts(self._engine, limits)

    def find_session(self, secret: str) -> ActiveSession | None:
        """Return the session with this secret, or None if it is "", unknown or has expired."""
        session = self.sessions.find(secret) if secret else None
        return ActiveSession(session.person, secret, self, session.reading) if session else None

    def check_token(self, token: str, name: str) -> SignedInPerson | None:
        """Return the person of a name if the start token is valid, once.

        Raises AccountError for an invalid name.
        """
        person = SignedInPerson(read_name(name), "editor")
        if not self.allows_start_token:
            return None
        with self._engine.begin() as connection:
            is_digest = start_tokens.c.digest == secret_digest(token)
            if not connection.execute(delete(start_tokens).where(is_digest)).rowcount:
                return None
            connection.execute(delete(start_tokens))  # those of other servers of the same start
        return person

    @property
    def has_passwords(self) -> bool:
        return bool(self.accounts.all())

    @property
    def allows_start_token(self) -> bool:
        """Whether the start token signs in: as long as there is neither an account nor an identity provider."""
        return not (self.provider or self.has_passwords)

    def is_start_token(self, token: str) -> bool:
        """Whether this is a current start token and may be used."""
        if not self.allows_start_token:
            return False
        matching = select(start_tokens.c.digest).where(start_tokens.c.digest == secret_digest(token))
        with self._engine.connect() as connection:
            return connection.execute(matching).first() is not None

    def renew_start_token(self) -> str | None:
        """Return a new start token, which voids those of an earlier start; None if it may not be used."""
        is_allowed = self.allows_start_token
        token = new_secret()
        now = datetime.now(UTC)
        with self._engine.begin() as connection:
            if not is_allowed:
                connection.execute(delete(start_tokens))
                return None
            connection.execute(delete(start_tokens).where(start_tokens.c.created < now - _ONE_START))
            connection.execute(insert(start_tokens).values(digest=secret_digest(token), created=now))
        return token

    def close(self) -> None:
        if "_engine" in self.__dict__:
            self._engine.dispose()
