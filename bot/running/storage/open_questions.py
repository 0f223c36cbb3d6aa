"""Questions that wait for staff: without a full answer, or with one that a reader disliked."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, Row, delete, insert, select

from bot.answering.privacy.personal import mask_personal_data
from bot.answering.state import Answer, Status
from bot.errors import DeskError
from bot.running.storage.record_store import load_answer
from bot.running.storage.tables import closed_questions, feedback, turns
from ingest.japanese.normal_forms import comparison_key, nfkc

UNANSWERED = (Status.NO_ANSWER, Status.OUT_OF_SCOPE, Status.PARTIAL, Status.CLARIFY)
"""The statuses after which a question waits for staff."""
# The newest records that are looked at.
_MAX_TURNS = 5_000


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """Records of one question, however it is spelled, with personal data masked, the newest first; times are UTC.

    `unanswered` of them have no full answer, and `disliked` votes are against one, with reasons and comments.
    """

    key: str
    question: str
    answer_ids: tuple[str, ...]
    last: datetime
    unanswered: int
    disliked: int
    comments: tuple[str, ...]


def question_key(question: str) -> str:
    """Return a digest that equal questions share, whatever their spelling; it tells nothing of the question."""
    return hashlib.sha256(comparison_key(nfkc(question)).strip("?。 ").encode()).hexdigest()


class OpenQuestions:
    """The questions in the records; safe to share between threads and processes. Raises StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> list[OpenQuestion]:
        """Return the questions that nobody has closed, the one that was asked last first."""
        votes = select(feedback).where(feedback.c.rating == "down").order_by(feedback.c.number.desc()).limit(_MAX_TURNS)
        columns = (turns.c[name] for name in ("answer_id", "understood", "status", "created"))
        with self._engine.connect() as connection:
            disliked = defaultdict[str, list[Row[Any]]](list)
            for vote in connection.execute(votes):
                disliked[vote.answer_id].append(vote)
            is_disliked = turns.c.answer_id.in_(select(votes.subquery().c.answer_id))
            is_open = is_disliked | (turns.c.status.in_(UNANSWERED) & ~turns.c.repeated)
            query = select(*columns).where(is_open).order_by(turns.c.number.desc()).limit(_MAX_TURNS)
            rows = defaultdict[str, list[Row[Any]]](list)
            for row in connection.execute(query):
                rows[question_key(row.understood)].append(row)
            closed = {row.key: row for row in connection.execute(select(closed_questions))}
        questions = (_to_question(key, same, disliked) for key, same in rows.items())
        # Who asks again what was answered shows that the answer does not reach them.
        return [
            one
            for one in questions
            if one.key not in closed or (not closed[one.key].reason and one.last > closed[one.key].closed)
        ]

    def answers(self, answer_ids: Iterable[str]) -> dict[str, Answer]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(turns).where(turns.c.answer_id.in_(list(answer_ids))))
            return {row.answer_id: load_answer(row) for row in rows}

    def close(self, key: str, by: str, reason: str) -> None:
        """Close a question for a reason, also if it is asked again. Raises DeskError without a reason."""
        if not reason.strip():
            raise DeskError("対応しない理由を書いてください。あとで見る人に伝わります。")
        self._close(key, by, mask_personal_data(reason.strip()))

    def note_answer(self, question: str, by: str) -> None:
        """Close a question because it has an answer now."""
        self._close(question_key(question), by, "")

    def _close(self, key: str, by: str, reason: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(closed_questions).where(closed_questions.c.key == key))
            connection.execute(insert(closed_questions).values(key=key, reason=reason, by=by, closed=datetime.now(UTC)))


def _to_question(key: str, rows: Sequence[Row[Any]], disliked: dict[str, list[Row[Any]]]) -> OpenQuestion:
    votes = [vote for row in rows for vote in disliked.get(row.answer_id, ())]
    remarks = (remark for vote in votes for remark in (*vote.reasons, vote.comment) if remark)
    return OpenQuestion(
        key,
        rows[0].understood,
        tuple(row.answer_id for row in rows),
        max([rows[0].created, *(vote.created for vote in votes)]),
        sum(row.status in UNANSWERED for row in rows),
        len(votes),
        tuple(dict.fromkeys(remarks)),
    )
