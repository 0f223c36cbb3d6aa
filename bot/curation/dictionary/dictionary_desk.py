"""What staff do with the dictionary: change, import and export it, see what a change does, and get proposals."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date

from sqlalchemy import Engine

from bot.curation.dictionary.csv_file import ImportPlan, export_csv, plan_import, read_csv
from bot.curation.dictionary.dictionary_records import DictionaryRecords
from bot.curation.dictionary.effects import Effects, compare_answers
from bot.curation.dictionary.proposals import PastQuestions, ProposedName, propose_names
from bot.curation.served_pipeline import ServedPipeline
from bot.dictionary.entries import DictionaryEntry, describe_general_name, normalise_entry, validate_entry
from bot.errors import DictionaryError
from ingest.errors import NoIndexError


class DictionaryDesk:
    """The dictionary of one service; safe to share between threads and processes. Raises StorageError.

    Callers check permissions first (`bot.auth.Person.require_publisher`).
    """

    def __init__(
        self,
        engine: Engine,
        records: DictionaryRecords,
        open_pipeline: Callable[[], ServedPipeline],
        clock: Callable[[], date],
    ) -> None:
        self._records = records
        self._open_pipeline = open_pipeline
        self._clock = clock
        self._past = PastQuestions(engine)

    def entries(self) -> Sequence[DictionaryEntry]:
        """Return the entries in the order of their names."""
        return self._records.entries()

    def find(self, entry_id: str) -> DictionaryEntry:
        """Return an entry. Raises DictionaryError if there is none with this id."""
        return self._records.find(entry_id)

    def save(self, entry: DictionaryEntry, by: str) -> DictionaryEntry:
        """Store an entry, as a new one if its id is empty; the next question is searched with it.

        Raises DictionaryError if it is invalid, ChangedMeanwhileError if somebody else has changed or removed it.
        """
        self._refuse_general_name(entry)
        return self._records.save(entry, by)

    def remove(self, entry: DictionaryEntry, by: str) -> None:
        """Remove an entry. Raises ChangedMeanwhileError if somebody else has changed or removed it."""
        self._records.remove(entry, by)

    def export_csv(self) -> bytes:
        """Return the entries as a CSV file that can be imported."""
        return export_csv(self.entries())

    def plan(self, content: bytes, *, removes: bool = False) -> ImportPlan:
        """Return the changes that the import of a CSV file would make, without making them.

        `removes` if entries that the file lacks are removed. Raises CsvProblemsError with the problems by line.
        """
        return plan_import(read_csv(content, self._is_too_general), self.entries(), removes=removes)

    def import_csv(self, content: bytes, by: str, *, removes: bool = False) -> ImportPlan:
        """Store all changes of a CSV file and return them, or none of them.

        Raises CsvProblemsError, and ChangedMeanwhileError if somebody changes the dictionary meanwhile.
        """
        stamp = self._records.stamp()
        plan = self.plan(content, removes=removes)
        saved = (*plan.added, *(new for _, new in plan.changed))
        self._records.apply(saved, plan.removed, stamp, by)
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
            names = self._open_pipeline().names
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
        return compare_answers(self._past.newest(), old_pairs, new_pairs, self._open_pipeline(), self._clock())

    def is_in_documents(self, official: str) -> bool:
        """Return whether the documents have a name. Raises NoIndexError."""
        names = self._open_pipeline().names
        return names is not None and names.is_in_documents(normalise_entry(DictionaryEntry("", official)).official)

    def proposals(self) -> Sequence[ProposedName]:
        """Return names in unanswered questions that no document has, with similar names that documents have.

        Raises NoIndexError.
        """
        return propose_names(self._past.unanswered(), self.entries(), self._open_pipeline(), self._clock())
