"""The query for questions that belong into the queue and are not in it yet."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, select, union_all

from bot.state import Status
from bot.storage.curation_tables import queue_entries
from bot.storage.tables import askings, feedback, repeats, turns

UNANSWERED = (Status.NO_ANSWER, Status.OUT_OF_SCOPE, Status.PARTIAL)
"""The ends after which a question waits for staff; a question back does too, where nobody answered it."""
ASKED = (turns.c.answer_id, turns.c.understood, turns.c.created, askings.c.as_of)
# A question back that got no reply for so long was left.
_LEFT_AFTER = timedelta(minutes=30)


def select_new_questions(now: datetime) -> Select[Any]:
    """Return the query of what is not in the queue yet; each way in by an index of its own."""
    later = turns.alias()
    answered = exists().where(later.c.conversation_id == turns.c.conversation_id, later.c.number > turns.c.number)
    left = turns.c.created < now - _LEFT_AFTER
    first = ~exists().where(repeats.c.answer_id == turns.c.answer_id)
    ways = (
        select(turns.c.answer_id).where(turns.c.status.in_(UNANSWERED), first),
        select(turns.c.answer_id).where(turns.c.status == Status.CLARIFY, left, ~answered, first),
        select(feedback.c.answer_id).where(feedback.c.rating == "down"),
    )
    outside = [way.where(~exists().where(queue_entries.c.answer_id == way.selected_columns[0])) for way in ways]
    disliked = func.max(feedback.c.created)
    disliked_at = select(disliked).where(feedback.c.answer_id == turns.c.answer_id, feedback.c.rating == "down")
    return (
        select(*ASKED, disliked_at.scalar_subquery().label("disliked"))
        .outerjoin(askings, askings.c.answer_id == turns.c.answer_id)
        .where(turns.c.answer_id.in_(union_all(*outside)))
        .order_by(turns.c.number)
    )
