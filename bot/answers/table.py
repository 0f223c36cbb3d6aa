"""Answers from table rows: cells, sums, differences, extremes and targets reached."""

from collections.abc import Sequence
from dataclasses import replace

from bot.languages import nest_quotes
from bot.question.operation import Operator
from bot.state import Draft, Paragraph, ReadTurn, Status
from bot.tables import Tables, answer_from_tables
from ingest.documents import Document
from ingest.metadata.validity import other_plan_heading


class TableAnswerer:
    """Answers from the tables of the best passages; safe to share between threads."""

    def __init__(self, documents: Sequence[Document], tables: Tables) -> None:
        self._documents = {document.id: document for document in documents}
        self._tables = tables

    def answer_computed(self, turn: ReadTurn) -> Draft | None:
        """Return the answer that an operation over rows gives, such as a sum; None for the selection of a cell."""
        operation = turn.query.operation
        return self(turn) if operation and operation.operator is not Operator.SELECT else None

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return the answer from table rows, naming another plan or time they are of; None where none surely does."""
        hits = [scored.hit for scored in turn.reading.passages]
        answer = answer_from_tables(turn.query, hits, self._tables)
        if answer is None:
            return None
        cited = [source.passage for source in answer.sources]
        headings = {other_plan_heading(self._documents[passage.doc_id], passage.path) for passage in cited}
        heading = headings.pop() if len(headings) == 1 else ""
        first, *others = answer.statements
        first = replace(first, text=f"「{nest_quotes(heading)}」では、{first.text}") if heading else first
        status = Status.ANSWERED if answer.is_sure else Status.PARTIAL
        return Draft((Paragraph((first, *others)), answer.table), answer.sources, status, cited[0].section)
