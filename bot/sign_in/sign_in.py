"""Signing in as a whole, over one database that is opened with the first visitor."""

from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from bot.records.database import database_url, open_database
from bot.sign_in.accounts import Accounts
from bot.sign_in.keys import Keys
from bot.sign_in.person import Person, read_name
from bot.sign_in.sessions import Sessions
from bot.sign_in.start_token import StartToken
from ingest.settings import Settings

if TYPE_CHECKING:
    from bot.sign_in.attempts import Attempts
    from bot.sign_in.oidc import Provider
    from bot.web.limits import Limits


class SignIn:
    """Accounts, sessions, keys and the start token. Its methods raise StorageError where there is no database."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

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

    @property
    def keys(self) -> Keys:
        """The keys of programs."""
        return Keys(self._engine)

    def attempts(self, limits: "Limits") -> "Attempts":
        """Return who counts wrong passwords."""
        from bot.sign_in.attempts import Attempts  # noqa: PLC0415 -- the web server is imported with it

        return Attempts(self._engine, limits)

    @cached_property
    def provider(self) -> "Provider | None":
        """The identity provider, where the settings name one."""
        if not (self._settings.oidc_issuer and self._settings.oidc_client_secret):
            return None
        from bot.sign_in.oidc import Provider  # noqa: PLC0415 -- its library takes a while to import

        return Provider(self._settings)

    @property
    def by_link(self) -> bool:
        """Whether the link of a start opens: as long as there is neither an account nor an identity provider."""
        return not (self.provider or self.accounts.all())

    def start(self) -> str | None:
        """Return the token of this start, or None where people have a name: then nobody gets in by a token, ever."""
        token = StartToken(self._engine)
        if self.by_link:
            return token.renew()
        token.drop()
        return None

    def by_token(self, token: str, name: str) -> Person | None:
        """Return the person of that name, who has the token of this start. Raises AccountError for a bad name."""
        if not self.by_link or not StartToken(self._engine).holds(token):
            return None
        return Person(read_name(name), "editor")

    def close(self) -> None:
        """Close every connection."""
        if "_engine" in self.__dict__:
            self._engine.dispose()
