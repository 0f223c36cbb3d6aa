"""Measures follow-up rewriting: unchanged standalone questions, terms carried over, documents retrieved."""

from collections.abc import Iterator, Sequence
from datetime import date

from bot.question.query_parser import QueryParser
from bot.relevance.adjustments import Adjustments
from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.rendering.answer_text import parse_statements
from bot.retrieval.query_representation import QueryRepresentationCache
from bot.retrieval.retrieve import Retriever
from bot.state import Exchange, Paragraph, Question, QuestionTexts, Status, Step, Turn
from bot.tables import Tables
from eval.benchmarks.ranked.ranked_run import MeasuredQuery
from eval.storage.progress import with_progress_bar
from eval.training.follow_ups.conversation_documents import ArticleMatcher
from eval.training.follow_ups.conversations import COMPLETE_QUESTION, SINGLE, FollowUpQuestion
from ingest.embedding import Encoder
from ingest.index.index import Index
from ingest.japanese.tokenise import words

# The date of all questions: after every document of the sets.
_DAY = date(2026, 11, 22)
_CUTOFF = 3


def rewrite_follow_ups(questions: Sequence[FollowUpQuestion], follow_up: Step) -> list[str]:
    """Return the rewritten questions, each with the previous rewritten question as its history.

    The first question of a conversation, and a single one, has the question written for it as history.
    """
    rewritten: list[str] = []
    for place, question in enumerate(questions):
        exchange = Exchange(
            _preceding_question(questions, rewritten, place),
            "",
            (Paragraph(parse_statements(question.answer)),),
            Status.ANSWERED,
        )
        rewritten.append(
            follow_up(
                Turn(Question(question=question.text), _DAY, (exchange,), QuestionTexts(question.text))
            ).texts.searched
        )
    return rewritten


def _preceding_question(questions: Sequence[FollowUpQuestion], rewritten: Sequence[str], place: int) -> str:
    previous = questions[place - 1] if place else None
    question = questions[place]
    continues = (
        previous and question.kind != SINGLE and (previous.group, previous.writer) == (question.group, question.writer)
    )
    return rewritten[place - 1] if continues else question.previous_question


def measure_follow_ups(
    questions: Sequence[FollowUpQuestion],
    rewritten: Sequence[str],
    index: Index,
    encoder: Encoder,
    articles: ArticleMatcher,
) -> list[MeasuredQuery]:
    """Return a row for each question; retrieval is measured if a document is expected.

    `KIND_known` is whether a follow-up was recognised, `KIND_carried` whether all terms were carried over,
    `alone_kept` and `single_kept` whether a standalone question got no additional terms. `KIND_document@k` is
    whether the expected document is among the first k for the rewritten question, with `_whole` for the reference
    rewriting, with `_text` for the text as typed.
    """
    rank = _DocumentRank(index, encoder, articles)
    return [
        MeasuredQuery(
            f"{question.group}-{number}",
            question.text,
            dict(_document_metrics(question, text, rank) if question.source_id else _carry_metrics(question, text)),
            details={
                "kind": question.kind,
                "before": _preceding_question(questions, rewritten, number),
                "understood": text,
                "whole": question.standalone_text,
            },
        )
        for number, (question, text) in enumerate(
            zip(with_progress_bar(questions, "検索しています"), rewritten, strict=True)
        )
    ]


class _DocumentRank:
    """Computes how many other documents rank before the expected one."""

    def __init__(self, index: Index, encoder: Encoder, articles: ArticleMatcher) -> None:
        self._read = QueryParser(index.documents, index.keyword.idf)
        catalogue = DocumentCatalogue(index.documents, Tables(index.passages), index.document_passages)
        self._retrieve = Retriever(QueryRepresentationCache(index, encoder), Adjustments(catalogue).expand)
        self._articles = articles

    def __call__(self, text: str, doc: str) -> int:
        is_expected = self._articles.matcher_for(doc)
        query = self._read(text, _DAY)
        others: set[tuple[str, ...]] = set()
        for hit in self._retrieve(Turn(Question(question=text), _DAY, texts=QuestionTexts(text), query=query)).hits:
            if is_expected(hit.passage):
                return len(others)
            others.add((hit.passage.doc_id, *hit.passage.path[:2]))
        return _CUTOFF


def _carry_metrics(question: FollowUpQuestion, rewritten: str) -> Iterator[tuple[str, float]]:
    if question.kind == SINGLE:
        yield "single_kept", float({*words(rewritten)} <= {*words(question.text)})
    elif question.kind == COMPLETE_QUESTION:
        unchanged = float({*words(rewritten)} <= {*words(question.text)})
        yield "alone_kept", unchanged
        yield ("alone_kept_same_document" if question.same_document else "alone_kept_other_document"), unchanged
    else:
        yield f"{question.kind}_known", float(rewritten != question.text)
        yield f"{question.kind}_carried", float({*words(" ".join(question.carried))} <= {*words(rewritten)})


def _document_metrics(question: FollowUpQuestion, rewritten: str, rank: _DocumentRank) -> Iterator[tuple[str, float]]:
    yield from _carry_metrics(question, rewritten)
    texts = {"": rewritten, "_text": question.text} | (
        {} if question.kind == COMPLETE_QUESTION else {"_whole": question.standalone_text}
    )
    for name, text in texts.items():
        position = rank(text, question.source_id)
        for k in (1, _CUTOFF):
            yield f"{question.kind}_document@{k}{name}", float(position < k)
