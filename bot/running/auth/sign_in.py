"""Sign-in with passwords, API keys, the start token or an identity provider, over one lazily opened database."""

import asyncio
import time
from datetime import UTC, datetime
from functools import cached_property
from hmac import compare_digest
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import limits
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from bot.errors import AccountError, ProviderAwayError
from bot.running.auth.accounts import Accounts
from bot.running.auth.keys import Keys
from bot.running.auth.person import ROLE_NAMES, SignedInPerson, read_name
from bot.running.auth.sessions import ROLE_LIFETIME, Session, Sessions, new_secret
from bot.running.storage.database import database_url, open_database
from ingest.configuration.audit import record_event
from ingest.configuration.settings import Settings

if TYPE_CHECKING:
    from bot.running.auth.oidc import Identity, Provider

# Failed sign-ins of an address, which a whole office may share, by process; passwords have ten characters or more.
_MAX_FAILURES = limits.parse("60/15 minutes")
_READING_S = 10.0


class SignIn:
    """Accounts, sessions, keys and the start token. Methods raise StorageError if the database cannot be used."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._start_token = ""
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

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
    def keys(self) -> Keys:
        return Keys(self._engine)

    @cached_property
    def provider(self) -> "Provider | None":
        if not (self._settings.oidc_issuer and self._settings.oidc_client_secret):
            return None
        from bot.running.auth.oidc import Provider  # noqa: PLC0415 -- its library takes a while to import

        return Provider(self._settings)

    def wait_s(self, address: str) -> float:
        """Return the seconds until an address may sign in again after failures, 0 for at once."""
        if self._limiter.test(_MAX_FAILURES, address):
            return 0
        return max(self._limiter.get_window_stats(_MAX_FAILURES, address).reset_time - time.time(), 1.0)

    def count_failure(self, address: str) -> None:
        self._limiter.hit(_MAX_FAILURES, address)

    async def find_session(self, secret: str) -> Session | None:
        """Return a session with its role of the last minute, or None if it has ended.

        The role of an account is in the database. An identity provider is asked once a minute; while it is away, a
        role remains usable for `ROLE_LIFETIME`.
        """
        if not secret:
            return None
        # Requests of one session wait for each other, so that none is admitted while another reads the role.
        lock = self._locks.setdefault(secret, asyncio.Lock())
        async with lock:
            session = await run_in_threadpool(self._find, secret)
            if session is None or session.role_due is None or datetime.now(UTC) < session.role_due:
                return session
            await self._read_role(session, secret)
            return await run_in_threadpool(self._find, secret)

    def _find(self, secret: str) -> Session | None:
        return self.sessions.find(secret)  # the first time opens the database

    async def _read_role(self, session: Session, secret: str) -> None:
        try:
            token = await run_in_threadpool(self.sessions.claim_role_reading, secret)
            if token is None:  # another process reads it
                return
            provider = self.provider
            async with asyncio.timeout(_READING_S):
                identity = await provider.read_again(token, session.issuer, session.subject) if provider else None
        except (AccountError, ValueError):  # ended at the provider, without a role, or unreadable
            await run_in_threadpool(self.sessions.end, secret)
        except (ProviderAwayError, TimeoutError):
            if session.role_read is None or datetime.now(UTC) - session.role_read > ROLE_LIFETIME:
                await run_in_threadpool(self.sessions.end, secret)
        else:
            await run_in_threadpool(self._save_role, secret, session.person, identity)

    def _save_role(self, secret: str, person: SignedInPerson, identity: "Identity | None") -> None:
        if identity is None:  # the settings name no provider any more
            self.sessions.end(secret)
        else:
            self.accounts.save_identity(identity.issuer, identity.subject, identity.display_name)
            self.sessions.save_role(secret, identity.role, identity.refresh_token)
            if identity.role != person.role:
                change = f"庁内の認証で、{ROLE_NAMES[person.role]}から{ROLE_NAMES[identity.role]}になりました"
                record_event(self._settings, person.name, "account", (), change)

    def check_token(self, token: str, name: str) -> SignedInPerson | None:
        """Return the person of a name if the start token is valid, once.

        Raises AccountError for an invalid name.
        """
        person = SignedInPerson(read_name(name), "editor")
        if not self.is_start_token(token):
            return None
        self._start_token = ""
        return person

    @property
    def has_passwords(self) -> bool:
        return bool(self.accounts.all())

    @property
    def allows_start_token(self) -> bool:
        """Whether the start token signs in: as long as there is neither an account nor an identity provider."""
        return not (self.provider or self.has_passwords)

    def is_start_token(self, token: str) -> bool:
        """Whether this is the current start token and may be used."""
        is_token = self._start_token and compare_digest(self._start_token.encode(), token.encode())
        return bool(is_token) and self.allows_start_token

    def renew_start_token(self) -> str | None:
        """Return a new start token of this process, which voids the one before; None if it may not be used."""
        self._start_token = new_secret() if self.allows_start_token else ""
        return self._start_token or None

    def close(self) -> None:
        if "_engine" in self.__dict__:
            self._engine.dispose()
