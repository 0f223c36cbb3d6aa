"""Tables: rows as relations, what is computed of them, how they are told (906 lines of 900: units over a table)."""

from bot.tables.choice import Asked
from bot.tables.compute import Computed, compute
from bot.tables.relation import Relation, Row, Tables, relation_of
from bot.tables.render import row_text, table_block

__all__ = ["Asked", "Computed", "Relation", "Row", "Tables", "compute", "relation_of", "row_text", "table_block"]
