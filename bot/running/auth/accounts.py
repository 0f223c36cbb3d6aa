"""Staff accounts with passwords and roles, and the people of an identity provider."""

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import count

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Engine, delete, insert, select, update

from bot.errors import AccountError, ConflictingRecordError
from bot.running.auth.person import MAX_NAME_CHARS, Role, SignedInPerson, read_name
from bot.running.storage.tables import accounts, identities, sessions

# The minimum that IPA, Japan's information-technology promotion agency, recommends.
_MIN_CHARS = 10
# Limits the time of hashing.
_MAX_CHARS = 1000
# OWASP's Password Storage Cheat Sheet, the row with 19 MiB: 30 ms on one core, so that many
# simultaneous sign-ins exhaust neither memory nor CPU.
_ARGON2 = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _dummy_hash() -> str:
    return _ARGON2.hash("")


def _to_bytes(password: str) -> bytes:
    # Some keyboards send が as one character, others as two (RFC 8265, section 4.2.2).
    return unicodedata.normalize("NFC", password).encode(errors="surrogatepass")


class Accounts:
    """The accounts and the known people of an identity provider. Raises StorageError if the database fails."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, name: str, password: str, role: Role) -> SignedInPerson:
        """Create an account; the first one ends the session of the start token.

        Raises AccountError for an invalid name or password, or a name that an account or a person of an identity
        provider has.
        """
        person = SignedInPerson(read_name(name), role)
        if not _MIN_CHARS <= len(password) <= _MAX_CHARS:
            raise AccountError(f"パスワードは{_MIN_CHARS}文字以上、{_MAX_CHARS:,}文字以内にしてください。")
        digest = _ARGON2.hash(_to_bytes(password))
        now = datetime.now(UTC)
        row = {"name": person.name, "role": role, "password": digest, "created": now, "changed": now}
        with self._engine.begin() as connection:
            is_first = connection.execute(select(accounts.c.name)).first() is None
            if is_first:
                connection.execute(delete(sessions))
            if connection.execute(select(identities.c.name).where(identities.c.name == person.name)).first():
                raise AccountError(
                    f"「{person.name}」の名前は、庁内の認証でサインインした人が使っています。別の名前を付けてください。"
                )
            try:
                connection.execute(insert(accounts).values(row))
            except ConflictingRecordError as error:
                raise AccountError(
                    f"「{person.name}」のアカウントはもうあります。パスワードを替えるときは、"
                    f"`python -m bot account remove {person.name}` で消してから作り直してください。"
                ) from error
        return person

    def change(self, name: str, role: Role) -> SignedInPerson:
        """Change the role of an account and of its sessions. Raises AccountError if there is none."""
        name = read_name(name)
        changed = update(accounts).where(accounts.c.name == name).values(role=role, changed=datetime.now(UTC))
        with self._engine.begin() as connection:
            _require_account(name, connection.execute(changed).rowcount)
            connection.execute(update(sessions).where(sessions.c.name == name).values(role=role))
        return SignedInPerson(name, role)

    def remove(self, name: str) -> None:
        """Delete an account and end its sessions. Raises AccountError if there is none."""
        name = read_name(name)
        with self._engine.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.name == name))
            _require_account(name, connection.execute(delete(accounts).where(accounts.c.name == name)).rowcount)

    def all(self) -> list[SignedInPerson]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(accounts.c.name, accounts.c.role).order_by(accounts.c.name)).all()
        return [SignedInPerson(row.name, row.role) for row in rows]

    def person(self, name: str, password: str) -> SignedInPerson | None:
        """Return the person of a name and a password, or None.

        Takes as long without an account as with a wrong password, so that the time does not reveal who has one.
        """
        try:
            name = read_name(name)
        except AccountError:
            return None
        with self._engine.connect() as connection:
            row = connection.execute(select(accounts).where(accounts.c.name == name)).first()
        try:
            _ARGON2.verify(row.password if row else _dummy_hash(), _to_bytes(password[:_MAX_CHARS]))
        except (VerificationError, InvalidHashError):
            return None
        return SignedInPerson(row.name, row.role) if row else None

    def save_identity(self, issuer: str, subject: str, display_name: str) -> str:
        """Save what the provider calls a person and return the name that identifies them in the records.

        That is the name at the first sign-in, with a number if an account or another person has it.
        """
        is_person = (identities.c.issuer == issuer) & (identities.c.subject == subject)
        with self._engine.begin() as connection:
            changed = update(identities).where(is_person).values(display_name=display_name)
            if connection.execute(changed).rowcount:
                return str(connection.scalar(select(identities.c.name).where(is_person)))
            taken = {*connection.scalars(select(identities.c.name)), *connection.scalars(select(accounts.c.name))}
            name = next(name for name in _numbered(display_name) if name not in taken)
            row = {"name": name, "issuer": issuer, "subject": subject, "display_name": display_name}
            connection.execute(insert(identities).values(row))
        return name


def _require_account(name: str, changed_rows: int) -> None:
    if not changed_rows:
        raise AccountError(f"「{name}」のアカウントはありません。`python -m bot account list` で確かめてください。")


def _numbered(name: str) -> Iterator[str]:
    yield name
    for number in count(2):
        suffix = f"（{number}）"
        yield f"{name[: MAX_NAME_CHARS - len(suffix)]}{suffix}"
