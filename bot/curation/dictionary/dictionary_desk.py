"""What staff do with the dictionary: change, import and export it, see what a change does, and get proposals."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from bot.curation.dictionary.csv_file import ImportPlan, export_csv, plan_import, read_csv
from bot.curation.dictionary.dictionary_records import DictionaryRecords
from bot.curation.dictionary.effects import Effects, compare_answers
from bot.curation.dictionary.entries import describe_general_name, normalise_entry, validate_entry
from bot.curation.dictionary.proposals import ProposedName, past_questions, propose_names
from bot.errors import DictionaryError
from bot.question.dictionary import DictionaryEntry
from ingest.errors import NoIndexError

if TYPE_CHECKING:
    from bot.pipeline.pipeline import Pipeline


class DictionaryDesk(DictionaryRecords):
    """The dictionary of one service; safe to share between threads and processes. Raises StorageError.

    Callers check permissions first (`bot.auth.Person.require_publisher`).
    """

    def __init__(
        self,
        engine: Engine,
        audit: Callable[[str, Sequence[str]], None],
        open_pipeline: Callable[[], "Pipeline"],
        clock: Callable[[], date],
    ) -> None:
        super().__init__(engine, audit)
        self._open_pipeline = open_pipeline
        self._clock = clock

    def save(self, entry: DictionaryEntry, by: str) -> DictionaryEntry:
        """Store an entry, whose name must not be too general; the next question is searched with it."""
        self._refuse_general_name(entry)
        return super().save(entry, by)

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
        stamp = self.stamp()
        plan = self.plan(content, removes=removes)
        self.apply((*plan.added, *(new for _, new in plan.changed)), plan.removed, stamp, by)
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
        questions = past_questions(self._engine)
        return compare_answers(questions, old_pairs, new_pairs, self._open_pipeline(), self._clock())

    def is_in_documents(self, official: str) -> bool:
        """Return whether the documents have a name. Raises NoIndexError."""
        names = self._open_pipeline().names
        return names is not None and names.is_in_documents(normalise_entry(DictionaryEntry("", official)).official)

    def proposals(self) -> Sequence[ProposedName]:
        """Return names in unanswered questions that no document has. Raises NoIndexError."""
        return propose_names(self._engine, self.entries(), self._open_pipeline())
