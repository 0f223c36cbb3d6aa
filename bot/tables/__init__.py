"""Tables as relations, operations on them, and their rendering."""

from bot.tables.relation import Column, Relation, Row, Tables, build_relation
from bot.tables.render import row_text, table_block, table_notes
from bot.tables.table_answer import answer_from_tables

__all__ = [
    "Column",
    "Relation",
    "Row",
    "Tables",
    "answer_from_tables",
    "build_relation",
    "row_text",
    "table_block",
    "table_notes",
]
