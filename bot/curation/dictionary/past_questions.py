"""Database access for the recorded questions that changes of the dictionary are tried on."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, select

from bot.curation.queue_records import UNANSWERED
from bot.state import Status
from bot.storage.tables import curated_answers, curated_versions, queue_entries, queue_groups, turns

# Questions that are looked through, the newest first.
_MAX_QUESTIONS = 5_000
_MAX_UNANSWERED = 1_000


@dataclass(frozen=True, slots=True)
class UnansweredQuestion:
    """A question of the queue; `answer` is the curated answer that its group has got since, or ""."""

    text: str
    answer: str = ""


class PastQuestions:
    """The recorded questions as understood, with personal data masked; safe to share. Raises StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def newest(self) -> Sequence[str]:
        """Return the newest questions, each once, without greetings and refusals."""
        query = (
            select(turns.c.understood)
            .where(
                turns.c.status.not_in((Status.SMALLTALK, Status.BLOCKED)),
                ~turns.c.repeated,
            )
            .order_by(turns.c.number.desc())
            .limit(_MAX_QUESTIONS)
        )
        with self._engine.connect() as connection:
            return tuple(dict.fromkeys(filter(None, connection.scalars(query))))

    def unanswered(self) -> Sequence[UnansweredQuestion]:
        """Return the newest questions that were not answered, with the answers of staff to them."""
        answer = (
            select(curated_versions.c.text)
            .select_from(curated_versions.join(curated_answers))
            .where(curated_answers.c.group_id == queue_groups.c.id)
            .order_by(curated_versions.c.number.desc())
            .limit(1)
            .correlate(queue_groups)
            .scalar_subquery()
        )
        query = (
            select(turns.c.understood, answer.label("answer"))
            .select_from(turns)
            .outerjoin(queue_entries, queue_entries.c.answer_id == turns.c.answer_id)
            .outerjoin(queue_groups, queue_groups.c.id == queue_entries.c.group_id)
            .where(turns.c.status.in_(UNANSWERED))
            .order_by(turns.c.number.desc())
            .limit(_MAX_UNANSWERED)
        )
        with self._engine.connect() as connection:
            return [UnansweredQuestion(row.understood, row.answer or "") for row in connection.execute(query)]
