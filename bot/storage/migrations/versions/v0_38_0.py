"""0.38.0: questions are closed by themselves, not in groups; `queue_entries` goes, answers and dictionary stay.

`python -m bot export-staff-answers` reads them afterwards (bot/storage/staff_answers_export.py).
"""

from datetime import UTC, datetime

from alembic import op
from sqlalchemy import text

from bot.storage.open_questions import question_key
from bot.storage.tables import closed_questions

revision = "0.38.0"
down_revision = "0.30.0"

_CLOSED = """
SELECT t.understood AS question, g.state, g.note, g.by FROM queue_groups g
JOIN queue_entries e ON e.group_id = g.id JOIN turns t ON t.answer_id = e.answer_id
WHERE g.state IN ('dismissed', 'answered')
"""


def upgrade() -> None:
    """Close the questions of closed groups, and remove their table."""
    connection = op.get_bind()
    closed_questions.create(connection)
    closed = {
        question_key(row.question): {"reason": row.note if row.state == "dismissed" else "", "by": row.by}
        for row in connection.execute(text(_CLOSED))
    }
    if closed:
        now = datetime.now(UTC)
        rows = [{"key": key, **values, "closed": now} for key, values in closed.items()]
        connection.execute(closed_questions.insert(), rows)
    op.drop_table("queue_entries")
