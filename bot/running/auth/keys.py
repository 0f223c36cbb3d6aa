"""API keys of programs: scopes and rate limits, stored as digests."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, Row, delete, insert, select
from starlette.requests import HTTPConnection

from bot.errors import AccountError, ConflictingRecordError
from bot.running.auth.person import SCOPES, SignedInPerson, read_name
from bot.running.auth.sessions import new_secret, secret_digest
from bot.running.storage.tables import api_keys

# Clients of the OpenAI format always send some key; only those with this prefix are keys of this server.
PREFIX = "shirube_"


@dataclass(frozen=True, slots=True)
class Key:
    """A program's key; `per_minute` limits its questions and searches."""

    name: str
    scopes: frozenset[str]
    per_minute: int
    created: datetime

    @property
    def person(self) -> SignedInPerson:
        return SignedInPerson(self.name, "admin" if "admin" in self.scopes else "citizen")


def request_key(request: HTTPConnection) -> str:
    """Return the secret of the API key of a request, or ""."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    secret = secret.strip()
    return secret if scheme.lower() == "bearer" and secret.startswith(PREFIX) else ""


class Keys:
    """The keys in a database. Raises StorageError if it cannot be read or written."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, name: str, scopes: frozenset[str], per_minute: int) -> str:
        """Create a key and return its secret, which is not stored. Raises AccountError for an invalid or taken name."""
        secret = PREFIX + new_secret()
        row = {
            "name": read_name(name),
            "digest": secret_digest(secret),
            "per_minute": per_minute,
            "scopes": " ".join(scope for scope in SCOPES if scope in scopes),
            "created": datetime.now(UTC),
        }
        with self._engine.begin() as connection:
            try:
                connection.execute(insert(api_keys).values(row))
            except ConflictingRecordError as error:
                raise AccountError(f"「{row['name']}」の鍵はもうあります。別の名前を付けてください。") from error
        return secret

    def revoke(self, name: str) -> None:
        name = read_name(name)
        with self._engine.begin() as connection:
            deleted = connection.execute(delete(api_keys).where(api_keys.c.name == name)).rowcount
        if not deleted:
            raise AccountError(f"「{name}」の鍵はありません。`python -m bot key list` で確かめてください。")

    def all(self) -> list[Key]:
        with self._engine.connect() as connection:
            return [_key(row) for row in connection.execute(select(api_keys).order_by(api_keys.c.name))]

    def find(self, secret: str) -> Key | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(api_keys).where(api_keys.c.digest == secret_digest(secret))).first()
        return _key(row) if row else None


def _key(row: Row[Any]) -> Key:
    return Key(row.name, frozenset(row.scopes.split()), row.per_minute, row.created)
