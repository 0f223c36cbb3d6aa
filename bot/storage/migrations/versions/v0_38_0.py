"""0.38.0: questions are closed by themselves, not in groups; failed sign-ins and start tokens are in memory.

Answers and dictionary of staff stay for `python -m bot export-staff-answers` (bot/storage/staff_answers_export.py).
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
    """Close the questions of closed groups, end sessions of identity providers, and drop what nobody reads."""
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
    # Their people sign in again: a role is read at the provider each minute now.
    op.execute("DELETE FROM sessions WHERE role_read IS NOT NULL")
    op.drop_column("sessions", "provider_session")
    op.drop_column("sessions", "role_unread")
    op.drop_table("sign_in_failures")
    op.drop_table("start_tokens")
    op.drop_column("model_calls", "cost")
    op.drop_table("workbench_scores")
    op.drop_table("workbench_preferences")
