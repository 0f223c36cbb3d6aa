"""Takes new questions from the records into the queue."""

from threading import Lock

from bot.curation.grouping import QuestionEncoder, QuestionGrouping
from bot.curation.queue_records import QueueRecords

# Questions that are kept as one step: what a crash can lose is taken in again.
BATCH = 256


class Intake:
    """Takes questions in, one thread at a time; what another process takes in at the same time is left to it."""

    def __init__(self, records: QueueRecords) -> None:
        self._records = records
        self._lock = Lock()

    def take_in(self, reader: QuestionEncoder, batches: int | None = None) -> int:
        """Return how many questions were taken in: all that are new, or no more than some batches of them."""
        taken = 0
        with self._lock:
            places: QuestionGrouping | None = None
            while batches is None or batches > 0:
                arrived = self._records.arrived(BATCH)
                if not arrived:
                    break
                places = places or QuestionGrouping(self._records, reader)
                changes = places.put(arrived)
                if self._records.take_in(changes.placed, list(changes.new.values()), changes.moved, changes.again):
                    taken += len(arrived)
                    batches = None if batches is None else batches - 1
                else:
                    places = None
        return taken
