"""API keys of programs: scopes and rate limits, stored as digests."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from sqlalchemy import Engine, Row, delete, insert, select
from sqlalchemy.exc import IntegrityError
from starlette.requests import HTTPConnection

from bot.auth.person import Person, read_name
from bot.auth.secret import new_secret, secret_digest
from bot.auth.tables import api_keys
from bot.errors import AccountError
from bot.storage.database import translate_database_errors, with_utc

Scope = Literal["ask", "search", "export", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
# By this a key is told from what clients of the OpenAI format send where no key is needed.
MARK = "shirube_"


@dataclass(frozen=True, slots=True)
class Key:
    """A program's key; `per_minute` is how many questions and searches it may send."""

    name: str
    scopes: frozenset[str]
    per_minute: int
    created: datetime

    @property
    def person(self) -> Person:
        """As whom the program acts: its doings are recorded under this name."""
        return Person(self.name, "admin" if "admin" in self.scopes else "citizen")


def request_key(request: HTTPConnection) -> str:
    """Return the key that came with a request, "" without one; what is no key of this server counts as none."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    secret = secret.strip()
    return secret if scheme.lower() == "bearer" and secret.startswith(MARK) else ""


class Keys:
    """The keys in a database. Raises StorageError where it cannot be read or written."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, name: str, scopes: frozenset[str], per_minute: int) -> str:
        """Make a key and return it: it is shown this once. Raises AccountError for a bad name, or one that is taken."""
        secret = MARK + new_secret()
        row = {"name": read_name(name), "digest": secret_digest(secret), "per_minute": per_minute}
        row |= {"scopes": " ".join(one for one in SCOPES if one in scopes), "created": datetime.now(UTC)}
        with translate_database_errors(), self._engine.begin() as connection:
            try:
                connection.execute(insert(api_keys).values(row))
            except IntegrityError as error:
                raise AccountError(f"「{row['name']}」の鍵はもうあります。別の名前を付けてください。") from error
        return secret

    def revoke(self, name: str) -> None:
        """Let a key open nothing from now on. Raises AccountError where there is none."""
        name = read_name(name)
        with translate_database_errors(), self._engine.begin() as connection:
            gone = connection.execute(delete(api_keys).where(api_keys.c.name == name)).rowcount
        if not gone:
            raise AccountError(f"「{name}」の鍵はありません。`python -m bot key list` で確かめてください。")

    def all(self) -> list[Key]:
        """Return the keys, by name."""
        with translate_database_errors(), self._engine.connect() as connection:
            return [_key(row) for row in connection.execute(select(api_keys).order_by(api_keys.c.name))]

    def find(self, secret: str) -> Key | None:
        """Return the key that is written so, or None."""
        with translate_database_errors(), self._engine.connect() as connection:
            row = connection.execute(select(api_keys).where(api_keys.c.digest == secret_digest(secret))).first()
        return _key(row) if row else None


def _key(row: Row[Any]) -> Key:
    return Key(row.name, frozenset(row.scopes.split()), row.per_minute, with_utc(row.created))
