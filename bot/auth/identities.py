"""The people of an identity provider: identified by issuer and subject, whatever they are called."""

from collections.abc import Iterator
from itertools import count

from sqlalchemy import Connection, Engine, insert, select, update

from bot.auth.person import MAX_NAME_CHARS
from bot.errors import ConflictingRecordError
from bot.storage.tables import accounts, identities

# Attempts to give a name that another process may take at the same time.
_ATTEMPTS = 5


class Identities:
    """The known people of an identity provider. Raises StorageError if the database cannot be read or written."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, issuer: str, subject: str, display_name: str) -> str:
        """Save what the provider calls a person and return the name that identifies them in the records.

        That is the name at the first sign-in, with a number if an account or another person has it.
        """
        for attempt in range(_ATTEMPTS):
            try:
                return self._save(issuer, subject, display_name)
            except ConflictingRecordError:
                if attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError

    def _save(self, issuer: str, subject: str, display_name: str) -> str:
        is_person = (identities.c.issuer == issuer) & (identities.c.subject == subject)
        with self._engine.begin() as connection:
            changed = update(identities).where(is_person).values(display_name=display_name)
            if connection.execute(changed).rowcount:
                return str(connection.scalar(select(identities.c.name).where(is_person)))
            name = next(name for name in _numbered(display_name) if not _is_taken(connection, name))
            row = {"name": name, "issuer": issuer, "subject": subject, "display_name": display_name}
            connection.execute(insert(identities).values(row))
        return name


def is_identity(connection: Connection, name: str) -> bool:
    """Whether a person of an identity provider has this name in the records."""
    return connection.execute(select(identities.c.name).where(identities.c.name == name)).first() is not None


def _is_taken(connection: Connection, name: str) -> bool:
    account = select(accounts.c.name).where(accounts.c.name == name)
    return is_identity(connection, name) or connection.execute(account).first() is not None


def _numbered(name: str) -> Iterator[str]:
    yield name
    for number in count(2):
        suffix = f"（{number}）"
        yield f"{name[: MAX_NAME_CHARS - len(suffix)]}{suffix}"
