"""Answers from lists and tables: how many members of a kind there are, which, and the rest of them."""

from collections.abc import Iterator, Sequence

from bot.conversation import asks_for_rest
from bot.rendering.text import render_text
from bot.state import Draft, Exchange, ReadTurn, Status, TableRows
from bot.tables import Tables, answer_from_lists


class ListAnswerer:
    """Answers from the lists in the best passages; safe to share between threads."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def answer_counted(self, turn: ReadTurn) -> Draft | None:
        """Return the answer where a number of things, all or the rest of them are asked for, not just what one is."""
        listed = turn.query.listed
        return self(turn) if listed and not listed.is_plain else None

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return how many members a list has and which, unsure where another may be meant; None without such a list."""
        hits = [scored.hit for scored in turn.reading.passages]
        shown = [*_shown_texts(turn.history)] if asks_for_rest(turn.texts.typed_follow_up) else None
        answer = answer_from_lists(turn.query, hits, self._tables, shown)
        if answer is None:
            return None
        status = Status.ANSWERED if answer.is_sure else Status.PARTIAL
        return Draft(answer.parts, answer.sources, status, answer.sources[0].passage.section)


def _shown_texts(history: Sequence[Exchange]) -> Iterator[str]:
    """Yield the texts of earlier answers with the rows of their tables."""
    for exchange in history:
        yield render_text(exchange.parts, marks=False)
        yield from (cell for part in exchange.parts if isinstance(part, TableRows) for row in part.rows for cell in row)
