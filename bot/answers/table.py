"""Answers from table rows: cells, sums, differences, extremes and targets reached."""

from collections.abc import Sequence

from bot.languages import nest_quotes
from bot.question.operation import Operator
from bot.question.query import Query
from bot.relevance.adjustments.current_plan import is_current_alternative
from bot.state import Draft, Reading, Source, Status, TextBlock, Turn
from bot.tables import Tables, answer_from_tables
from bot.verification import escape_marks
from ingest.documents import Document
from ingest.japanese.tokenise import words
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
        if found is None or not _are_likeliest(found.sources, turn.query, turn.reading):
            return None
        if _has_in_force_alternative(found.sources, turn.query, turn.reading):
            return None
        first = found.sources[0].passage
        of_others = {other_plan_heading(self._documents[s.passage.doc_id], s.passage.path) for s in found.sources}
        other = of_others.pop() if len(of_others) == 1 else ""
        text = f"「{escape_marks(nest_quotes(other))}」では、{found.text}" if other else found.text
        blocks = (TextBlock(text=text), *found.blocks[1:])
        return Draft(text, found.sources, Status.ANSWERED, first.section, blocks=blocks)


def _are_likeliest(told: tuple[Source, ...], query: Query, reading: Reading) -> bool:
    """Whether the row that the reader finds likeliest to answer is among those of which cells are told.

    Words of the question name a row less surely than what was learned of rows does; a plan in force is told of by its
    own. A sum, a list or a comparison runs over rows of which none answers by itself; how far one is from its target
    that row tells.
    """
    operation = query.operation
    of_one = operation and (operation.gap or (operation.operator is Operator.SELECT and not operation.outcome))
    if not of_one:
        return True
    ids = {source.passage.id for source in told}
    if any(query.typed & {*words(source.passage.text)} for source in told):  # what a follow-up names is surer
        return True
    of_scope = {source.passage.doc_id in query.scope.preferred for source in told}
    rows = (read.hit.passage for read in reading.passages if read.hit.passage.kind == "row")
    likeliest = next((row for row in rows if (row.doc_id in query.scope.preferred) in of_scope), None)
    return likeliest is None or likeliest.id in ids


def _has_in_force_alternative(told: tuple[Source, ...], query: Query, reading: Reading) -> bool:
    """Whether a passage in force speaks to what one row of an older document tells; then that is shown first."""
    rows = [read for read in reading.passages if read.hit.passage.id == told[0].passage.id and len(told) == 1]
    return any(is_current_alternative(read, row, query) for row in rows for read in reading.passages)
