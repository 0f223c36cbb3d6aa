"""Staff accounts with passwords and roles."""

from datetime import UTC, datetime

from sqlalchemy import Engine, delete, insert, select, update

from bot.auth.identities import is_identity
from bot.auth.password import hash_password, verify_password
from bot.auth.person import Role, SignedInPerson, read_name
from bot.errors import AccountError, ConflictingRecordError
from bot.storage.tables import accounts, sessions, start_tokens


class Accounts:
    """The accounts in a database. Raises StorageError if it cannot be read or written."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, name: str, password: str, role: Role) -> SignedInPerson:
        """Create an account; the first one ends the sessions of the start token, which is deleted.

        Raises AccountError for an invalid name or password, or a name that an account or a person of an identity
        provider has.
        """
        person = SignedInPerson(read_name(name), role)
        now = datetime.now(UTC)
        row = {"name": person.name, "role": role, "password": hash_password(password), "created": now, "changed": now}
        with self._engine.begin() as connection:
            is_first = connection.execute(select(accounts.c.name)).first() is None
            if is_first:
                connection.execute(delete(sessions))
            connection.execute(delete(start_tokens))
            if is_identity(connection, person.name):
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
        """Return the people with accounts, sorted by name."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(accounts.c.name, accounts.c.role).order_by(accounts.c.name)).all()
        return [SignedInPerson(row.name, row.role) for row in rows]

    def person(self, name: str, password: str) -> SignedInPerson | None:
        """Return the person of a name and password, or None."""
        try:
            name = read_name(name)
        except AccountError:
            return None
        with self._engine.connect() as connection:
            row = connection.execute(select(accounts).where(accounts.c.name == name)).first()
        is_correct = verify_password(password, row.password if row else None)
        return SignedInPerson(row.name, row.role) if row and is_correct else None


def _require_account(name: str, changed_rows: int) -> None:
    if not changed_rows:
        raise AccountError(f"「{name}」のアカウントはありません。`python -m bot account list` で確かめてください。")
