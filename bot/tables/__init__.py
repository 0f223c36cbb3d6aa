"""Tables: rows as relations, what is computed of them, and how they are told."""

from bot.tables.compute import compute
from bot.tables.relation import Column, Relation, Row, Tables, relation_of
from bot.tables.render import row_text, table_block, table_notes

__all__ = ["Column", "Relation", "Row", "Tables", "compute", "relation_of", "row_text", "table_block", "table_notes"]
