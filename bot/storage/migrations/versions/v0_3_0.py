"""0.3.0: sentences of a language model that failed verification."""

import sqlalchemy as sa
from alembic import op

revision = "0.3.0"
down_revision = "0.1.0"


def upgrade() -> None:
    """Create the table, unless a release from before the first revision did."""
    op.create_table(
        "stopped_sentences",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("answer_id", sa.String(64), sa.ForeignKey("turns.answer_id"), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("mended", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_stopped_sentences_answer_id", "stopped_sentences", ["answer_id"], if_not_exists=True)
