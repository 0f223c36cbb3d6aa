"""Tables: the rows and cells that a question names."""

from bot.kinds.kind import ContentKind
from bot.kinds.tables.answer import TableAnswerer
from bot.kinds.tables.compile import TABLES as NAME
from bot.kinds.tables.compile import compile_tables
from bot.kinds.tables.lookup import Tables

TABLES = ContentKind(
    NAME, compile_tables, answerer=lambda index: TableAnswerer(index.documents, Tables.of_index(index))
)
