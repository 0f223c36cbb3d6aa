"""Takes new questions from the records into the queue."""

from threading import Lock

from bot.curation.grouping import QuestionEncoder, QuestionGrouping
from bot.curation.queue_records import QueueRecords

# Questions per transaction.
BATCH = 256


class Intake:
    """Takes questions in, one thread at a time; questions taken in by other processes are skipped."""

    def __init__(self, records: QueueRecords) -> None:
        self._records = records
        self._lock = Lock()

    def take_in(self, encoder: QuestionEncoder, max_batches: int | None = None) -> int:
        """Take in new questions, all or at most `max_batches`, and return their number."""
        taken, batches = 0, 0
        grouping: QuestionGrouping | None = None
        with self._lock:
            while max_batches is None or batches < max_batches:
                questions = self._records.arrived(BATCH)
                if not questions:
                    break
                grouping = grouping or QuestionGrouping(self._records, encoder)
                changes = grouping.add(questions)
                if self._records.take_in(changes.grouped, changes.new.values(), changes.moved, changes.reopened):
                    taken += len(questions)
                    batches += 1
                else:  # another process took some of them in; read the groups again
                    grouping = None
        return taken
