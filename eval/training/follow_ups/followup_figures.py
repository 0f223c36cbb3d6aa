"""Measures follow-up rewriting: questions left alone, terms carried over, documents found."""

from collections.abc import Iterator, Sequence
from datetime import date

from bot.question.query_parser import QueryParser
from bot.relevance.adjustments import Adjustments
from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.retrieval.query_representation import QueryRepresentationCache
from bot.retrieval.retrieve import Retriever
from bot.state import Exchange, Paragraph, Question, Status, Step, Turn
from bot.tables import Tables
from bot.verification import parse_statements
from eval.benchmarks.ranked.ranked_run import MeasuredQuery
from eval.storage.progress import with_progress_bar
from eval.training.follow_ups.conversations import ALONE, SINGLE, FollowUpQuestion
from eval.training.follow_ups.documents import ArticleMatcher
from ingest.embedding import Encoder
from ingest.index.index import Index
from ingest.japanese.tokenise import words

# The day on which all is asked: behind every document of the sets.
_DAY = date(2026, 11, 22)
_AMONG = 3


def rewrite_follow_ups(asked: Sequence[FollowUpQuestion], follow_up: Step) -> list[str]:
    """Return what is understood of questions as a conversation goes on: each behind what was understood before.

    The first of a conversation's, and a single one, is asked behind what a writer wrote.
    """
    made: list[str] = []
    for place, one in enumerate(asked):
        before = Exchange(
            _preceding_question(asked, made, place), "", (Paragraph(parse_statements(one.answer)),), Status.ANSWERED
        )
        made.append(follow_up(Turn(Question(question=one.text), _DAY, (before,), one.text)).text)
    return made


def _preceding_question(asked: Sequence[FollowUpQuestion], made: Sequence[str], place: int) -> str:
    """Return what a question is asked behind: what was understood of the one before, or what a writer wrote."""
    last, one = asked[place - 1] if place else None, asked[place]
    goes_on = last and one.kind != SINGLE and (last.group, last.writer) == (one.group, one.writer)
    return made[place - 1] if goes_on else one.before


def measure_follow_ups(
    asked: Sequence[FollowUpQuestion], made: Sequence[str], index: Index, encoder: Encoder, articles: ArticleMatcher
) -> list[MeasuredQuery]:
    """Return a row for each question, of which `made` was understood; what names no document is not searched for.

    `KIND_known` tells whether a follow-up was taken for one, `KIND_carried` whether all words to be carried over are
    there, `alone_kept` and `single_kept` whether nothing was added to what stands alone. `KIND_document@k` tells
    whether the right document is among k found by what was understood, with `_whole` by what the writer made of it,
    with `_text` by the text alone.
    """
    found = _DocumentRank(index, encoder, articles)
    return [
        MeasuredQuery(
            f"{one.group}-{number}",
            one.text,
            dict(_document_metrics(one, text, found) if one.doc else _carry_metrics(one, text)),
            details={
                "kind": one.kind,
                "before": _preceding_question(asked, made, number),
                "understood": text,
                "whole": one.whole,
            },
        )
        for number, (one, text) in enumerate(zip(with_progress_bar(asked, "検索しています"), made, strict=True))
    ]


class _DocumentRank:
    """Tells how many other documents the search finds before the right one."""

    def __init__(self, index: Index, encoder: Encoder, articles: ArticleMatcher) -> None:
        self._read = QueryParser(index.documents, index.keyword.idf)
        catalogue = DocumentCatalogue(index.documents, Tables(index.passages), index.document_passages)
        self._retrieve = Retriever(QueryRepresentationCache(index, encoder), Adjustments(catalogue).expand)
        self._articles = articles

    def __call__(self, text: str, doc: str) -> int:
        right = self._articles.of(doc)
        query = self._read(text, _DAY)
        found: set[tuple[str, ...]] = set()
        for hit in self._retrieve(Turn(Question(question=text), _DAY, text=text, query=query)).hits:
            if right(hit.passage):
                return len(found)
            found.add((hit.passage.doc_id, *hit.passage.path[:2]))
        return _AMONG


def _carry_metrics(asked: FollowUpQuestion, made: str) -> Iterator[tuple[str, float]]:
    if asked.kind == SINGLE:
        yield "single_kept", float({*words(made)} <= {*words(asked.text)})
    elif asked.kind == ALONE:
        kept = float({*words(made)} <= {*words(asked.text)})
        yield "alone_kept", kept
        yield ("alone_kept_same_document" if asked.beside else "alone_kept_other_document"), kept
    else:
        yield f"{asked.kind}_known", float(made != asked.text)
        yield f"{asked.kind}_carried", float({*words(" ".join(asked.carried))} <= {*words(made)})


def _document_metrics(asked: FollowUpQuestion, made: str, found: _DocumentRank) -> Iterator[tuple[str, float]]:
    yield from _carry_metrics(asked, made)
    texts = {"": made, "_text": asked.text} | ({} if asked.kind == ALONE else {"_whole": asked.whole})
    for name, text in texts.items():
        place = found(text, asked.doc)
        for most in (1, _AMONG):
            yield f"{asked.kind}_document@{most}{name}", float(place < most)
