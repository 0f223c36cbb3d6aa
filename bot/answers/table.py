"""Answers from table rows: cells, sums, differences, extremes and targets reached."""

from collections.abc import Sequence

from bot.languages import nest_quotes
from bot.state import Draft, Status, TextBlock, Turn
from bot.tables import Tables, answer_from_tables
from bot.verification import escape_marks
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
        text = f"「{escape_marks(nest_quotes(other))}」では、{found.text}" if other else found.text
        blocks = (TextBlock(text=text), *found.blocks[1:])
        return Draft(text, found.sources, Status.ANSWERED, first.section, blocks=blocks)
