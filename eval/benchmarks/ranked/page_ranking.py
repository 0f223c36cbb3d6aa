"""Measures the rank of the page, and of the file, that answers a question."""

from collections.abc import Sequence
from time import perf_counter

from bot.state import Hit
from eval.benchmarks.ranked.page_questions import PageQuestion
from eval.benchmarks.ranked.ranked_run import MeasuredQuery
from eval.benchmarks.ranked.temporary_index import SearchableIndex
from eval.metrics.ranking_metrics import reciprocal_rank
from eval.storage.progress import with_progress_bar

# Number of retrieved passages; a page ranks by its best one. Sums of the best two or three rank 25 to 29 of 40 right
# pages first, the best alone 27.
_DEPTH = 100
_HITS_AT = 5

Page = tuple[str, int | None]


def measure_pages(questions: Sequence[PageQuestion], indexed: SearchableIndex) -> tuple[MeasuredQuery, ...]:
    """Search for each of `questions`, which must have a page; shows a progress bar."""
    # Warm up, so that loading the dictionary and Chroma's index is not measured.
    indexed.search("しるべ", _DEPTH)
    files = {document.id: document.file for document in indexed.index.documents}
    return tuple(
        _measure_question(question, files, indexed) for question in with_progress_bar(questions, "検索しています")
    )


def _measure_question(question: PageQuestion, files: dict[str, str], indexed: SearchableIndex) -> MeasuredQuery:
    started = perf_counter()
    hits = indexed.search(question.question, _DEPTH)
    latency_ms = (perf_counter() - started) * 1000
    pages = ranked_pages(hits, files)
    answer_page = (question.file or "", question.page)
    details = {
        "ranked": [{"file": file, "page": page} for file, page in pages[:_HITS_AT]],
        "wanted": {"file": question.file, "page": question.page},
    }
    return MeasuredQuery(question.id, question.question, page_metrics(pages, answer_page), latency_ms, details)


def ranked_pages(hits: Sequence[Hit], files: dict[str, str]) -> list[Page]:
    """Return the distinct pages of `hits`, best first; `files` maps document ids to files."""
    return list(dict.fromkeys((files[hit.passage.doc_id], hit.passage.page) for hit in hits))


def page_metrics(pages: Sequence[Page], answer_page: Page) -> dict[str, float]:
    """Return hit@1, hit@5 and mrr of `answer_page` among `pages` (best first), and file_hit@1 of its file."""
    names = [f"{file}#{page}" for file, page in pages]
    return {
        "hit@1": float(answer_page in pages[:1]),
        f"hit@{_HITS_AT}": float(answer_page in pages[:_HITS_AT]),
        "mrr": reciprocal_rank(names, {f"{answer_page[0]}#{answer_page[1]}": 1}, len(names)),
        "file_hit@1": float(bool(pages) and pages[0][0] == answer_page[0]),
    }
