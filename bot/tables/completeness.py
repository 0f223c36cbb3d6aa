"""Whether a table has all of its subject, so that an extreme, a count or a sum over all its rows is true."""

from collections.abc import Iterable, Sequence

from bot.tables.lookup import Tables
from bot.tables.table_query import TableQuery, index_terms
from ingest.chunking.table import Table
from ingest.japanese import nfkc
from ingest.japanese.lexicon import load_lexicon

_LEXICON = load_lexicon("list_parts")


def is_complete(table_query: TableQuery, tables: Tables) -> bool:
    """Whether the table is known to have all rows of its subject.

    It is not if a cell was not read, a row is withheld, the document has another table with the same columns that the
    question does not rule out, or a word of the document tells that it is a part.
    """
    table = table_query.table
    if any(row.has_unread_cells for row in table.rows) or tables.has_withheld_rows(table):
        return False
    if _is_called_part(table, table_query.document_names):
        return False
    return all(_is_ruled_out(other, table_query) for other in tables.find_similar(table))


def _is_called_part(table: Table, document_names: str) -> bool:
    last = table.items[-1] if table.items else table.rows[-1]
    notes = (note for row in table.rows for note in row.notes)
    about = nfkc("\n".join((document_names, *table.path, table.lead, table.label, *table.notes, *notes)))
    if any(word in about for word in _LEXICON["parts"]):
        return True
    ends = (nfkc(text).strip().rstrip("。)）") for text in (last.label, *last.cells.values()))
    labels = (nfkc(row.label).strip() for row in table.items)
    return any(text.endswith(_LEXICON["ends"]) for text in ends) or any(
        label.endswith("その他") or any(word in label for word in _LEXICON["not_members"]) for label in labels
    )


def _is_ruled_out(other: Sequence[str], table_query: TableQuery) -> bool:
    """Whether the question has a word of the table's own headings that the `other` headings lack."""
    own = _heading_terms((*table_query.table.path, table_query.table.lead))
    return bool((own - _heading_terms(other)) & table_query.weights.keys())


def _heading_terms(headings: Iterable[str]) -> frozenset[str]:
    return index_terms(nfkc("\n".join(headings)))
