"""Measures retrieval and short answers on a set in SQuAD format."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from time import perf_counter

from bot.answers.snippet import Place, select_snippet
from bot.question.query_parser import QueryParser
from bot.relevance import Reader
from bot.retrieval.query_representation import QueryRepresentationCache
from eval.benchmarks.ranked.ranked_run import MeasuredQuery
from eval.benchmarks.ranked.temporary_index import SearchableIndex, single_passage_document
from eval.benchmarks.reading.exact_answer import extract_exact_answer
from eval.benchmarks.reading.squad import SquadContext, SquadQuestion
from eval.metrics.spans import character_f1, contained, exact_match
from eval.storage.progress import with_progress_bar
from ingest.documents import ParsedDocument

# Passages that are read, and characters of an answer that counts as short.
_READ, _SHORT = 10, 120
# The day of the question decides nothing here: no context has a date.
_DAY = date(2026, 1, 1)


def context_readings(contexts: Sequence[SquadContext]) -> list[ParsedDocument]:
    """Return each context as a document of one passage, its article's title as heading; its number is its id."""
    return [
        single_passage_document(str(number), context.title, context.text) for number, context in enumerate(contexts)
    ]


@dataclass(frozen=True)
class _SquadReader:
    """Searches and reads as the product does."""

    indexed: SearchableIndex
    query: QueryParser
    reader: Reader

    def answer(self, question: str) -> tuple[list[str], str, str]:
        """Return the ids of the contexts found, best first, a short answer and the answer proper ("" for none)."""
        query = self.query(question, _DAY)
        reading = self.reader.read(query, self.indexed.search(query.topic, _READ))
        found = [read.hit.passage.doc_id for read in reading.passages]
        if not reading.passages:
            return found, "", ""
        best = reading.passages[0]
        text = best.hit.passage.text
        shown = select_snippet(Place(best.hit.passage, best.units), query, _SHORT, len(text))
        short = text[shown.start : shown.end][:_SHORT]
        return found, short, extract_exact_answer(query, best) or short


def measure_reading(questions: Sequence[SquadQuestion], indexed: SearchableIndex) -> tuple[MeasuredQuery, ...]:
    """Search and read for each of `questions`; a progress bar shows on a terminal (stderr).

    The latency is that of both together: from the question to the answer.
    """
    index = indexed.index
    reader = Reader(QueryRepresentationCache(index, indexed.encoder))
    door = _SquadReader(indexed, QueryParser(index.documents, index.keyword.idf), reader)
    # What the first question loads (the dictionary, Chroma's index, the weights) is start-up, not latency.
    door.answer("しるべ")
    return tuple(_measure_question(question, door) for question in with_progress_bar(questions, "読んでいます"))


def _measure_question(question: SquadQuestion, door: _SquadReader) -> MeasuredQuery:
    started = perf_counter()
    found, answer, span = door.answer(question.text)
    latency_ms = (perf_counter() - started) * 1000
    details = {"answer": answer, "span": span, "true": list(question.answers), "found": found}
    wanted = str(question.context)
    return MeasuredQuery(
        question.id, question.text, reading_metrics(found, wanted, answer, span, question), latency_ms, details
    )


def reading_metrics(
    found: Sequence[str], wanted: str, answer: str, span: str, question: SquadQuestion
) -> dict[str, float]:
    """Return the rates of one question: `found` are the ids of the passages, best first, `wanted` that of its own."""
    return {
        "passage_hit@1": float(wanted in found[:1]),
        "passage_hit@5": float(wanted in found[:5]),
        "contained": contained(answer, question.answers),
        "em": exact_match(span, question.answers),
        "f1": character_f1(span, question.answers),
    }
