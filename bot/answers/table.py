"""Answers from table rows: cells, sums, differences, extremes and targets reached."""

from collections.abc import Sequence
from dataclasses import replace

from bot.languages import nest_quotes
from bot.state import Draft, Paragraph, Status, Turn
from bot.tables import Tables, answer_from_tables
from ingest.documents import Document
from ingest.metadata.validity import other_plan_heading


class TableAnswerer:
    """Answers from the tables of the best passages; safe to share between threads."""

    def __init__(self, documents: Sequence[Document], tables: Tables) -> None:
        self._documents = {document.id: document for document in documents}
        self._tables = tables

    def __call__(self, turn: Turn) -> Draft | None:
        """Return what the rows yield, and of which other plan or time; None where they do not surely tell anything."""
        if turn.query is None or turn.reading is None:
            return None
        found = answer_from_tables(turn.query, [read.hit for read in turn.reading.passages], self._tables.of)
        if found is None:
            return None
        first = found.sources[0].passage
        of_others = {other_plan_heading(self._documents[s.passage.doc_id], s.passage.path) for s in found.sources}
        other = of_others.pop() if len(of_others) == 1 else ""
        head, *others = found.statements
        head = replace(head, text=f"「{nest_quotes(other)}」では、{head.text}") if other else head
        return Draft((Paragraph((head, *others)), found.table), found.sources, Status.ANSWERED, first.section)
