"""Entry point to accounts, sessions, keys and start token over one lazily opened database."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from bot.auth.accounts import Accounts
from bot.auth.keys import Keys
from bot.auth.person import Person, read_name
from bot.auth.sessions import Sessions
from bot.auth.start_token import StartToken
from bot.storage.database import database_url, open_database
from ingest.configuration.settings import Settings

if TYPE_CHECKING:
    from bot.auth.attempts import Attempts
    from bot.auth.oidc import Provider
    from bot.http.limits import RateLimits

_GUEST = "（全体の管理者）"


@dataclass(frozen=True, slots=True)
class ActiveSession:
    """A session that stands: as whom one acts, whose it is by name, its secret, and where it is kept."""

    person: Person
    owner: str
    secret: str
    kept: Sessions

    def as_guest(self) -> "ActiveSession":
        """Return it under a name that is not taken for one of the office's own people."""
        return replace(self, person=Person(f"{self.owner}{_GUEST}", self.person.role))


class SignIn:
    """Accounts, sessions, keys and the start token. Its methods raise StorageError where there is no database.

    `above` is the sign-in of the whole to which an office belongs: its administrators come in here, too.
    """

    def __init__(self, settings: Settings, above: "SignIn | None" = None) -> None:
        self._settings = settings
        self._above = above

    @cached_property
    def _engine(self) -> Engine:
        return open_database(database_url(self._settings))

    @property
    def accounts(self) -> Accounts:
        """Who may sign in with a password."""
        return Accounts(self._engine)

    @property
    def sessions(self) -> Sessions:
        """Who has signed in."""
        return Sessions(self._engine)

    def found(self, secrets: Sequence[str]) -> "ActiveSession | None":
        """Return the first of these sessions that stands; None where none does."""
        for secret in secrets:
            if person := self.sessions.person(secret):
                return ActiveSession(person, person.name, secret, self.sessions)
        above = self._above.found(secrets) if self._above else None
        return above.as_guest() if above and above.person.role == "admin" else None

    def by_password(
        self, name: str, password: str, address: str, limits: "RateLimits"
    ) -> tuple[Person, Sessions] | None:
        """Return whose name and password these are, and where their session is kept; None where they are nobody's.

        `address` is where they come from. Passwords of the whole are counted there, as they can be tried at any office.
        """
        if person := self.accounts.person(name, password):
            return person, self.sessions
        if self._above is None:
            return None
        attempts = self._above.attempts(limits)
        if attempts.wait_s(address, name):
            return None
        found = self._above.accounts.person(name, password)
        if found is None or found.role != "admin":
            return None
        attempts.record_success(address, name)
        return found, self._above.sessions

    @property
    def keys(self) -> Keys:
        """The keys of programs."""
        return Keys(self._engine)

    def attempts(self, limits: "RateLimits") -> "Attempts":
        """Return who counts wrong passwords."""
        from bot.auth.attempts import Attempts  # noqa: PLC0415 -- the web server is imported with it

        return Attempts(self._engine, limits)

    @cached_property
    def provider(self) -> "Provider | None":
        """The identity provider, where the settings name one."""
        if not (self._settings.oidc_issuer and self._settings.oidc_client_secret):
            return None
        from bot.auth.oidc import Provider  # noqa: PLC0415 -- its library takes a while to import

        return Provider(self._settings)

    @property
    def by_link(self) -> bool:
        """Whether the link of a start opens: as long as there is neither an account nor an identity provider."""
        return not (self.provider or self.has_passwords)

    @property
    def has_passwords(self) -> bool:
        """Whether anybody may sign in with a password."""
        return bool(self._above or self.accounts.all())

    def start(self) -> str | None:
        """Return the token of this start, or None where people have a name: then nobody gets in by a token, ever."""
        token = StartToken(self._engine)
        if self.by_link:
            return token.renew()
        token.drop()
        return None

    def opens(self, token: str) -> bool:
        """Whether this is the token of this start, and such a token opens."""
        return self.by_link and StartToken(self._engine).holds(token)

    def by_token(self, token: str, name: str) -> Person | None:
        """Return the person of that name, who has the token of this start. Raises AccountError for a bad name."""
        return Person(read_name(name), "editor") if self.opens(token) else None

    def close(self) -> None:
        """Close every connection."""
        if "_engine" in self.__dict__:
            self._engine.dispose()
