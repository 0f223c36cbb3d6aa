"""Database access for the dictionary: every version of its entries."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import Connection, Engine, func, insert, select, text

from bot.curation.dictionary.entries import describe_change, validate_entry
from bot.errors import ChangedMeanwhileError, ConflictingRecordError
from bot.question.dictionary import DictionaryEntry
from bot.storage.tables import dictionary_versions as versions

_CHANGED = "ほかの人が先に、この言葉を直したか、外しました。いまの内容を読み直してから、もう一度保存してください。"
# Columns that are named as the fields of an entry.
_SAME_NAMES = ("version", "name", "official", "kind", "note", "by")
_UNKNOWN = "この言葉は、もう載っていません。一覧から選び直してください。"


class DictionaryRecords:
    """The entries of the dictionary; safe to share between threads and processes. Raises StorageError.

    `audit` records who changed entries, and how.
    """

    def __init__(self, engine: Engine, audit: Callable[[str, Sequence[str]], None]) -> None:
        self._engine = engine
        self._audit = audit

    def stamp(self) -> tuple[int, int]:
        """Return a value that changes with every stored version (see `CuratedRecords.stamp`)."""
        with self._engine.connect() as connection:
            return _read_stamp(connection)

    def entries(self) -> list[DictionaryEntry]:
        """Return the entries in the order of their names."""
        with self._engine.connect() as connection:
            return _read_entries(connection)

    def save(self, entry: DictionaryEntry, by: str) -> DictionaryEntry:
        """Store an entry, as a new one if its id is empty, and return it as stored.

        Raises DictionaryError if it is invalid, ChangedMeanwhileError if somebody else has changed or removed it.
        """
        with self._engine.begin() as connection:
            _wait_for_writers(connection)
            entries = _read_entries(connection)
            previous = _same_version(entries, entry) if entry.id else None
            valid = validate_entry(entry, [other for other in entries if other.id != entry.id])
            (saved,) = _store(connection, [valid], by)
        self._audit(by, [describe_change(previous, saved)])
        return saved

    def remove(self, entry: DictionaryEntry, by: str) -> None:
        """Remove an entry. Raises ChangedMeanwhileError if somebody else has changed or removed it."""
        with self._engine.begin() as connection:
            _wait_for_writers(connection)
            previous = _same_version(_read_entries(connection), entry)
            _store(connection, [previous], by, removed=True)
        self._audit(by, [describe_change(previous, None)])

    def apply(
        self,
        saved: Sequence[DictionaryEntry],
        removed: Sequence[DictionaryEntry],
        expected_stamp: tuple[int, int],
        by: str,
    ) -> None:
        """Store the changes of an import in one transaction; `expected_stamp` is the stamp for which they were planned.

        Raises ChangedMeanwhileError if somebody has changed the dictionary since.
        """
        with self._engine.begin() as connection:
            _wait_for_writers(connection)
            if _read_stamp(connection) != expected_stamp:
                raise ChangedMeanwhileError(
                    "読み込んでいるあいだに、ほかの人が辞書を直しました。何も取り込んでいません。もう一度確かめてください。"
                )
            stored_entries = {entry.id: entry for entry in _read_entries(connection)}
            _store(connection, removed, by, removed=True)
            _store(connection, saved, by)
        changes = [describe_change(entry, None) for entry in removed]
        self._audit(by, [*changes, *(describe_change(stored_entries.get(entry.id), entry) for entry in saved)])


def _wait_for_writers(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {versions.name} IN SHARE ROW EXCLUSIVE MODE"))


def _read_stamp(connection: Connection) -> tuple[int, int]:
    last, count = connection.execute(select(func.max(versions.c.number), func.count(versions.c.number))).one()
    return last or 0, count


def _read_entries(connection: Connection) -> list[DictionaryEntry]:
    newest = select(func.max(versions.c.number)).group_by(versions.c.entry_id)
    same_names = (versions.c[name] for name in _SAME_NAMES)
    entries = select(*same_names, versions.c.entry_id.label("id"), versions.c.created.label("changed"))
    rows = connection.execute(entries.where(versions.c.number.in_(newest), ~versions.c.removed)).mappings()
    return sorted((DictionaryEntry(**row) for row in rows), key=lambda entry: (entry.name, entry.official))


def _same_version(entries: Iterable[DictionaryEntry], entry: DictionaryEntry) -> DictionaryEntry:
    stored = next((other for other in entries if other.id == entry.id), None)
    if stored is None or stored.version != entry.version:
        raise ChangedMeanwhileError(_CHANGED)
    return stored


def _store(
    connection: Connection, entries: Sequence[DictionaryEntry], by: str, *, removed: bool = False
) -> list[DictionaryEntry]:
    """Insert the next version of each entry. Raises ChangedMeanwhileError if somebody else has stored one."""
    now = datetime.now(UTC)
    stored = [
        replace(entry, id=entry.id or uuid4().hex, version=entry.version + 1, by=by, changed=now) for entry in entries
    ]
    rows = [
        {name: getattr(entry, name) for name in _SAME_NAMES}
        | {"entry_id": entry.id, "removed": removed, "created": now}
        for entry in stored
    ]
    try:
        if rows:
            connection.execute(insert(versions), rows)
    except ConflictingRecordError as error:
        raise ChangedMeanwhileError(_CHANGED) from error
    return stored
