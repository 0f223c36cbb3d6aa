"""Tables: their lookup by passage, operations on them, and their rendering."""

from bot.tables.lookup import Tables, read_table
from bot.tables.render import row_text, table_notes, to_table_rows

__all__ = ["Tables", "read_table", "row_text", "table_notes", "to_table_rows"]
