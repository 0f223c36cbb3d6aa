"""The dictionary of an office: changes and their effects, import and export, and proposals of names."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import Connection, Engine, func, insert, select, text

from bot.curation.dictionary.csv_file import ImportPlan, export_csv, plan_import, read_csv
from bot.curation.dictionary.effects import Effects, compare_answers
from bot.curation.dictionary.entries import (
    describe_change,
    describe_general_name,
    normalise_entry,
    validate_entry,
)
from bot.curation.dictionary.proposals import ProposedName, past_questions, propose_names
from bot.errors import ChangedMeanwhileError, ConflictingRecordError, DictionaryError
from bot.question.dictionary import DictionaryEntry
from bot.storage.database import VersionStamp
from bot.storage.tables import dictionary_versions as versions
from ingest.errors import NoIndexError

if TYPE_CHECKING:
    from bot.pipeline import OpenedIndex

_CHANGED = "ほかの人が先に、この言葉を直したか、外しました。いまの内容を読み直してから、もう一度保存してください。"
# Columns that are named as the fields of an entry.
_SAME_NAMES = ("version", "name", "official", "kind", "note", "by")


class DictionaryDesk:
    """The dictionary of one service; safe to share between threads and processes. Raises StorageError.

    Callers check permissions first (`bot.auth.Person.require_publisher`). `audit` records who changed entries, and how.
    """

    def __init__(
        self,
        engine: Engine,
        audit: Callable[[str, Sequence[str]], None],
        open_index: Callable[[], "OpenedIndex"],
        clock: Callable[[], date],
    ) -> None:
        self._engine = engine
        self._audit = audit
        self._open_index = open_index
        self._clock = clock
        self.stamp = VersionStamp(engine, versions.c.number)

    def entries(self) -> list[DictionaryEntry]:
        """Return the entries in the order of their names."""
        with self._engine.connect() as connection:
            return _read_entries(connection)

    def save(self, entry: DictionaryEntry, by: str) -> DictionaryEntry:
        """Store an entry, as a new one if its id is empty, and return it as stored; the next question uses it.

        Raises DictionaryError if it is invalid, ChangedMeanwhileError if somebody else has changed or removed it.
        """
        self._refuse_general_name(entry)
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

    def export_csv(self) -> bytes:
        """Return the entries as a CSV file that can be imported."""
        return export_csv(self.entries())

    def plan(self, content: bytes, *, removes: bool = False) -> ImportPlan:
        """Return the changes that the import of a CSV file would make, without making them.

        `removes` if entries that the file lacks are removed. Raises CsvProblemsError with the problems by line.
        """
        return plan_import(read_csv(content, self._is_too_general), self.entries(), removes=removes)

    def import_csv(self, content: bytes, by: str, *, removes: bool = False) -> ImportPlan:
        """Store all changes of a CSV file and return them, or none of them. Raises CsvProblemsError."""
        entries = read_csv(content, self._is_too_general)
        with self._engine.begin() as connection:
            _wait_for_writers(connection)
            plan = plan_import(entries, _read_entries(connection), removes=removes)
            _store(connection, plan.removed, by, removed=True)
            _store(connection, [*plan.added, *(new for _, new in plan.changed)], by)
        changes = [*((entry, None) for entry in plan.removed), *((None, entry) for entry in plan.added), *plan.changed]
        self._audit(by, [describe_change(old, new) for old, new in changes])
        return plan

    def check(self, entry: DictionaryEntry) -> DictionaryEntry:
        """Return an entry in normal form, without storing it. Raises DictionaryError if it is invalid."""
        self._refuse_general_name(entry)
        return validate_entry(entry, self._others(entry))

    def effects(self, entry: DictionaryEntry) -> Effects:
        """Return the past questions whose answers an entry would change; nothing is recorded.

        Raises DictionaryError if it is invalid, NoIndexError.
        """
        return self._compare([*self._others(entry), self.check(entry)])

    def effects_of_removal(self, entry: DictionaryEntry) -> Effects:
        """Return the past questions whose answers the removal of an entry would change; nothing is recorded."""
        return self._compare(self._others(entry))

    def _is_too_general(self, name: str) -> bool:
        """Whether a name is in a large share of the passages; False as long as there is no index."""
        with suppress(NoIndexError):
            names = self._open_index().names
            return names is not None and names.is_too_general(name)
        return False

    def _refuse_general_name(self, entry: DictionaryEntry) -> None:
        if self._is_too_general(name := normalise_entry(entry).name):
            raise DictionaryError(describe_general_name(name))

    def _others(self, entry: DictionaryEntry) -> list[DictionaryEntry]:
        return [other for other in self.entries() if other.id != entry.id]

    def _compare(self, entries: Sequence[DictionaryEntry]) -> Effects:
        old_pairs = tuple(entry.pair for entry in self.entries())
        new_pairs = tuple(entry.pair for entry in entries)
        questions = past_questions(self._engine)
        return compare_answers(questions, old_pairs, new_pairs, self._open_index(), self._clock())

    def is_in_documents(self, official: str) -> bool:
        """Return whether the documents have a name. Raises NoIndexError."""
        names = self._open_index().names
        return names is not None and names.is_in_documents(normalise_entry(DictionaryEntry("", official)).official)

    def proposals(self) -> Sequence[ProposedName]:
        """Return names in unanswered questions that no document has. Raises NoIndexError."""
        return propose_names(self._engine, self.entries(), self._open_index())


def _wait_for_writers(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {versions.name} IN SHARE ROW EXCLUSIVE MODE"))


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
