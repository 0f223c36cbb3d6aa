"""Accounts: who may sign in with which password."""

from datetime import UTC, datetime

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from bot.errors import AccountError
from bot.records.database import told_in_japanese
from bot.sign_in.password import hashed, matches
from bot.sign_in.person import Person, Role, read_name
from bot.sign_in.tables import accounts, sessions, start_tokens


class Accounts:
    """The accounts in a database. Raises StorageError where it cannot be read or written."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, name: str, password: str, role: Role) -> Person:
        """Make an account; whoever came in without one is out, and the start's link opens nothing any more.

        Raises AccountError for a name or a password that will not do, or a name that is taken.
        """
        person = Person(read_name(name), role)
        row = {"name": person.name, "role": role, "password": hashed(password), "created": datetime.now(UTC)}
        with told_in_japanese(), self._engine.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.name.not_in(select(accounts.c.name))))
            connection.execute(delete(start_tokens))
            try:
                connection.execute(insert(accounts).values(row))
            except IntegrityError as error:
                raise AccountError(
                    f"「{person.name}」のアカウントはもうあります。パスワードを替えるときは、"
                    f"`python -m bot account remove {person.name}` で消してから作り直してください。"
                ) from error
        return person

    def remove(self, name: str) -> None:
        """Delete an account and end its sessions. Raises AccountError where there is none."""
        name = read_name(name)
        with told_in_japanese(), self._engine.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.name == name))
            gone = connection.execute(delete(accounts).where(accounts.c.name == name)).rowcount
        if not gone:
            raise AccountError(f"「{name}」のアカウントはありません。`python -m bot account list` で確かめてください。")

    def all(self) -> list[Person]:
        """Return whoever has an account, by name."""
        with told_in_japanese(), self._engine.connect() as connection:
            rows = connection.execute(select(accounts.c.name, accounts.c.role).order_by(accounts.c.name)).all()
        return [Person(row.name, row.role) for row in rows]

    def person(self, name: str, password: str) -> Person | None:
        """Return whose name and password these are, or None."""
        try:
            wanted = select(accounts).where(accounts.c.name == read_name(name))
        except AccountError:
            return None
        with told_in_japanese(), self._engine.connect() as connection:
            row = connection.execute(wanted).first()
        right = matches(password, row.password if row else None)
        return Person(row.name, row.role) if row and right else None
