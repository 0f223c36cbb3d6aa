"""Measures the product's retrieval on a set with relevance judgements."""

from collections.abc import Iterable, Sequence
from time import perf_counter

from eval.benchmarks.ranked.beir import BeirEntry, BeirSet, Grades
from eval.benchmarks.ranked.ranked_run import MeasuredQuery
from eval.benchmarks.ranked.temporary_index import SearchableIndex, single_passage_document
from eval.metrics.ranking_metrics import ndcg, recall, reciprocal_rank
from eval.storage.progress import with_progress_bar
from ingest.documents import ParsedDocument

DEPTH = 10


def entry_readings(corpus: Iterable[BeirEntry]) -> list[ParsedDocument]:
    """Return each entry as a document of one passage with its title as heading."""
    return [single_passage_document(entry.id, entry.title or "", entry.text) for entry in corpus]


def measure_retrieval(
    beir: BeirSet, queries: Sequence[BeirEntry], indexed: SearchableIndex
) -> tuple[MeasuredQuery, ...]:
    """Search for each of `queries`, with a progress bar.

    A query without relevant entries has no metrics, because recall and nDCG are undefined.
    """
    # Warm up, so that loading the dictionary and Chroma's index is not measured.
    indexed.search("しるべ", DEPTH)
    return tuple(
        _measure_query(query, beir.grades[query.id], indexed) for query in with_progress_bar(queries, "検索しています")
    )


def retrieval_metrics(ranked: Sequence[str], grades: Grades) -> dict[str, float]:
    """Return recall@1, @5 and @10, ndcg@10 and mrr@10 of ranked ids; empty if none is relevant."""
    if not any(grade >= 1 for grade in grades.values()):
        return {}
    recalls = {f"recall@{k}": recall(ranked, grades, k) for k in (1, 5, DEPTH)}
    return recalls | {
        f"ndcg@{DEPTH}": ndcg(ranked, grades, DEPTH),
        f"mrr@{DEPTH}": reciprocal_rank(ranked, grades, DEPTH),
    }


def _measure_query(query: BeirEntry, grades: Grades, indexed: SearchableIndex) -> MeasuredQuery:
    started = perf_counter()
    hits = indexed.search(query.text, DEPTH)
    latency_ms = (perf_counter() - started) * 1000
    ranked = [{"id": hit.passage.doc_id, "score": hit.score} for hit in hits]
    details = {"ranked": ranked, "grades": dict(grades)}
    return MeasuredQuery(
        query.id, query.text, retrieval_metrics([hit.passage.doc_id for hit in hits], grades), latency_ms, details
    )
