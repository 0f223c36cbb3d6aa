"""Says how many items a list has, where that is asked, and that it is all, where it was shown before."""

from bot.answers.excerpt import ExcerptAnswerer
from bot.question.query import AnswerType, Query
from bot.rendering.answer_text import render_text
from bot.state import Draft, Paragraph, ReadTurn, Statement, Status, paragraph, service_message
from bot.tables import Tables
from bot.tables.render import cite_rows
from bot.tables.terms import FIGURE_NOUNS, index_terms
from ingest.chunking.table import Table
from ingest.japanese import nfkc

# The introduction and headings of a list have at least this share of the question, by weight, so that no condition of
# the question is ignored.
_MIN_COVERAGE = 0.9
# What items are counted with; with another counter a figure is asked for (何件, 何人).
_COUNTERS = frozenset({"", "か所", "施設"})


class ListCountAnswerer:
    """Counts the items of the list in the best passage; safe to share between threads."""

    def __init__(self, tables: Tables, excerpt: ExcerptAnswerer) -> None:
        self._tables = tables
        self._excerpt = excerpt

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return the number of items before the excerpt of the list, or alone if all items were shown before."""
        if not turn.reading.passages:
            return None
        lists = self._tables.find_lists(turn.reading.passages[0].hit.passage)
        if len(lists) != 1 or len({*lists[0].ids}) > 1:
            return None
        sources, _ = cite_rows(lists[0].rows)
        count = Paragraph((Statement(f"この一覧にあるのは{len(lists[0].rows)}件です", (1,), "。", "arithmetic"),))
        if _was_shown(turn, lists[0]):
            parts = (paragraph(service_message("list_complete")), count)
            return Draft(parts, sources, Status.ANSWERED, sources[0].passage.section)
        if not _asks_count(turn.query) or _coverage(turn.query, lists[0]) < _MIN_COVERAGE:
            return None
        excerpt = self._excerpt(turn)
        if excerpt is None or excerpt.sources[0].passage.id != sources[0].passage.id:
            return None
        return Draft((count, *excerpt.parts), excerpt.sources, excerpt.status, excerpt.subject)


def _was_shown(turn: ReadTurn, table: Table) -> bool:
    """Whether a follow-up that names nothing (ほかには?) would show a list that the last answer has shown."""
    typed = turn.texts.typed_follow_up
    if not typed or turn.query.typed_terms or turn.query.answer_type not in {AnswerType.LIST, AnswerType.OTHER}:
        return False
    shown = nfkc(render_text(turn.history[-1].parts, marks=False))
    return all(nfkc(row.label) in shown for row in table.rows)


def _asks_count(query: Query) -> bool:
    """Whether a number of things is asked for; a figure is looked up and not counted."""
    is_number = query.answer_type is AnswerType.QUANTITY and query.expected_unit in _COUNTERS
    return is_number and not FIGURE_NOUNS & query.term_weights.keys()


def _coverage(query: Query, table: Table) -> float:
    """Return the share of the question, by weight, that the introduction and headings of a list have."""
    covered = index_terms(nfkc("\n".join((*table.path, table.lead, table.label))))
    content = {term.text: term.weight for term in query.terms if not term.is_interrogative}
    content = {term: weight for term, weight in content.items() if term not in query.optional_terms or term in covered}
    return sum(weight for term, weight in content.items() if term in covered) / (sum(content.values()) or 1.0)
