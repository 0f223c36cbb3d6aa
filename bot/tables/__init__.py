"""Tables: their lookup by passage, operations on them, and their rendering."""

from bot.tables.list_answer import answer_from_lists
from bot.tables.lookup import Tables, read_table
from bot.tables.render import row_text, table_notes, to_table_rows
from bot.tables.table_answer import answer_from_tables

__all__ = [
    "Tables",
    "answer_from_lists",
    "answer_from_tables",
    "read_table",
    "row_text",
    "table_notes",
    "to_table_rows",
]
