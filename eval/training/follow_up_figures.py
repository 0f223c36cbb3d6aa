"""Measures follow-up rewriting: unchanged standalone questions, terms carried over, documents retrieved."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bot.question.query_parser import QueryParser
from bot.relevance.adjustments import Adjustments
from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.rendering.answer_text import parse_statements
from bot.retrieval.query_representation import QueryRepresentationCache
from bot.retrieval.retrieve import Retriever
from bot.state import Exchange, Paragraph, Question, QuestionTexts, Status, Step, Turn
from bot.tables import Tables
from eval.benchmarks.ranked import MeasuredQuery
from eval.dataset.matching import is_same_section
from eval.storage.numbered_lines import read_json_lines
from eval.storage.progress import with_progress_bar
from eval.training.follow_up_training import COMPLETE_QUESTION, SINGLE, FollowUpQuestion
from eval.training.tasks import build_bulletin_corpus, unread_ids
from ingest.chunking.document_reading import read_document
from ingest.documents import Document, ParsedDocument, Passage
from ingest.embedding import Encoder
from ingest.index.index import Index
from ingest.japanese.normal_forms import remove_spaces
from ingest.japanese.tokenise import words
from ingest.metadata.manifest import read_corpus

Right = Callable[[Passage], bool]
_LINE_CHARACTERS = 40


def load_readings(shared: Path, files: Path, units: set[str]) -> list[ParsedDocument]:
    """Return all bulletins, the minutes with the speeches in `units`, and the city's plans.

    `shared` is the folder of the public sets, next to the plans; bulletins are written to `files`.
    """
    for name, text in build_bulletin_corpus(shared, unread_ids(), units).items():
        (files / name).write_text(text, "utf-8")
    corpora = (files, shared.parent / "corpus")
    return [read_document(entry.path, entry.document) for corpus in corpora for entry in read_corpus(corpus).entries]


class ArticleMatcher:
    """Maps the names used in conversations to the passages of an article, speech or file."""

    def __init__(self, shared: Path, documents: Sequence[Document]) -> None:
        self._titles = {document.id: document.title for document in documents}
        self._files = {document.id: document.file for document in documents}
        self._articles: Mapping[str, dict[str, Any]] = {
            row["id"]: row for row in read_json_lines(shared / "bulletins" / "articles.jsonl")
        }
        self._speeches = {row["id"]: row["text"] for row in read_json_lines(shared / "kiryu" / "speeches.jsonl")}

    def matcher_for(self, name: str) -> Right:
        """Return a function that checks whether a passage is from the article, speech or file `name`."""
        if article := self._articles.get(name):
            return lambda passage: (
                self._titles[passage.doc_id] == article["issue"]
                and any(is_same_section(heading, article["title"]) for heading in passage.path)
            )
        if name in self._speeches:
            speech = remove_spaces(self._speeches[name])
            return lambda passage: any(
                remove_spaces(line)[:_LINE_CHARACTERS] in speech
                for line in passage.text.splitlines()
                if len(line) > _LINE_CHARACTERS
            )
        return lambda passage: self._files[passage.doc_id] == name


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
        self._retrieve = Retriever(QueryRepresentationCache(index, encoder), Adjustments(catalogue).filter_hits)
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
