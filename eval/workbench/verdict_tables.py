"""Database tables of people's verdicts; rows are only added, times are UTC."""

from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, Text

metadata = MetaData()

scores = Table(
    "workbench_scores",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run", String(200), nullable=False, index=True),
    Column("set", String(200), nullable=False),
    Column("case_id", String(200), nullable=False),
    Column("answer_id", String(64), nullable=False),
    Column("scorer", String(40), nullable=False, index=True),
    Column("correctness", Integer, nullable=False),
    Column("grounds", Integer, nullable=False),
    Column("clarity", Integer, nullable=False),
    Column("comment", Text, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)

preferences = Table(
    "workbench_preferences",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    # The two runs by name in their order as text, so that a pair is one pair whichever was chosen first.
    Column("run_1", String(200), nullable=False, index=True),
    Column("run_2", String(200), nullable=False),
    Column("set", String(200), nullable=False),
    Column("case_id", String(200), nullable=False),
    Column("scorer", String(40), nullable=False, index=True),
    Column("shown_as_a", String(200), nullable=False),
    Column("choice", String(8), nullable=False),
    Column("comment", Text, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)
