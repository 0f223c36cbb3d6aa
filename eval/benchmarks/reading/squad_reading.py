"""Measures retrieval and short answers on a set in SQuAD format."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from time import perf_counter

from bot.answers.length_budget import LengthBudget
from bot.answers.snippet import PassageToShow, select_snippet
from bot.question.query_parser import QueryParser
from bot.relevance import Reader
from bot.retrieval.query_representation import QueryRepresentationCache
from eval.benchmarks.ranked.ranked_run import MeasuredQuery
from eval.benchmarks.ranked.temporary_index import SearchableIndex, single_passage_document
from eval.benchmarks.reading.exact_answer import extract_exact_answer
from eval.benchmarks.reading.squad import SquadContext, SquadQuestion
from eval.metrics.short_answers import character_f1, contained, exact_match
from eval.storage.progress import with_progress_bar
from ingest.documents import ParsedDocument

# Retrieved passages.
_DEPTH = 10
# Maximum characters of a short answer.
_LONGEST_ANSWER = 120
# Any day: contexts have no dates.
_DAY = date(2026, 1, 1)


def context_readings(contexts: Sequence[SquadContext]) -> list[ParsedDocument]:
    """Return each context as a document of one passage with the title as heading and its index as id."""
    return [
        single_passage_document(str(number), context.title, context.text) for number, context in enumerate(contexts)
    ]


@dataclass(frozen=True)
class _SquadReader:
    """Retrieves and reads as the product does."""

    indexed: SearchableIndex
    query: QueryParser
    reader: Reader

    def answer(self, question: str) -> tuple[list[str], str, str]:
        """Return the ids of the contexts, best first, a short answer and an exact answer ("" for none)."""
        query = self.query(question, _DAY)
        reading = self.reader.read(query, self.indexed.search(query.topic, _DEPTH))
        doc_ids = [scored.hit.passage.doc_id for scored in reading.passages]
        if not reading.passages:
            return doc_ids, "", ""
        best = reading.passages[0]
        text = best.hit.passage.text
        shown = select_snippet(
            PassageToShow(best.hit.passage, best.units), query, LengthBudget(_LONGEST_ANSWER, len(text))
        )
        short = text[shown.start : shown.end][:_LONGEST_ANSWER]
        return doc_ids, short, extract_exact_answer(query, best) or short


def measure_reading(questions: Sequence[SquadQuestion], indexed: SearchableIndex) -> tuple[MeasuredQuery, ...]:
    """Retrieve and read for each of `questions`, with a progress bar.

    The latency includes both.
    """
    index = indexed.index
    reader = Reader(QueryRepresentationCache(index, indexed.encoder))
    squad_reader = _SquadReader(indexed, QueryParser(index.documents, index.keyword.idf), reader)
    # Warm up, so that loading the dictionary, Chroma's index and the models is not measured.
    squad_reader.answer("しるべ")
    return tuple(_measure_question(question, squad_reader) for question in with_progress_bar(questions, "読んでいます"))


def _measure_question(question: SquadQuestion, squad_reader: _SquadReader) -> MeasuredQuery:
    started = perf_counter()
    found, answer, span = squad_reader.answer(question.text)
    latency_ms = (perf_counter() - started) * 1000
    details = {"answer": answer, "span": span, "true": list(question.answers), "found": found}
    wanted = str(question.context)
    return MeasuredQuery(
        question.id, question.text, reading_metrics(found, wanted, answer, span, question), latency_ms, details
    )


def reading_metrics(
    found: Sequence[str], wanted: str, answer: str, span: str, question: SquadQuestion
) -> dict[str, float]:
    """Return the rates of one question: `found` are the ranked ids, `wanted` is that of its context."""
    return {
        "passage_hit@1": float(wanted in found[:1]),
        "passage_hit@5": float(wanted in found[:5]),
        "contained": contained(answer, question.answers),
        "em": exact_match(span, question.answers),
        "f1": character_f1(span, question.answers),
    }
