"""Asks the same question of a superseded and a current document for comparison."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.pages.staff.call_lookup import passage_citation
from bot.rendering.answer_text import render_blocks, render_text
from bot.runtime.document_state import DocumentState
from bot.service import Service
from bot.state import Answer, Citation, Excerpt, Hit, Question, TableRows, cited_numbers
from ingest.documents import Document
from ingest.japanese.word_differences import Spans, TextSpan, diff_words
from ingest.metadata.validity import published_on

# Search results in a document that are shown instead of an answer that does not cite it.
_MAX_DOCUMENT_HITS = 2


@dataclass(frozen=True, slots=True)
class DocumentPair:
    """A document and the one that replaced it."""

    old: DocumentState
    new: DocumentState

    @property
    def id(self) -> str:
        return f"{self.old.document.id} {self.new.document.id}"


@dataclass(frozen=True, slots=True)
class Side:
    """The answer for one document on `day`, to the question in the wording for it.

    `hits` are search results in the document if the answer does not cite it.
    """

    state: DocumentState
    day: date
    wording: str
    answer: Answer
    hits: tuple[Hit, ...]

    @property
    def passages(self) -> list[Citation]:
        """The passages shown below the answer: the document's search results, or else the citations."""
        hits = [passage_citation(hit.passage, quote=hit.passage.text) for hit in self.hits]
        return hits or list(self.answer.citations)

    @property
    def text(self) -> str:
        return render_text(self.answer.content.parts, self.answer.content.language, marks=False)


def replacement_pairs(states: Iterable[DocumentState]) -> tuple[DocumentPair, ...]:
    """Return each superseded document with its successor, the newest successor first."""
    by_id = {state.document.id: state for state in states}
    pairs = [DocumentPair(by_id[old], new) for new in by_id.values() for old in new.document.supersedes if old in by_id]
    return tuple(sorted(pairs, key=lambda pair: pair.new.document.published, reverse=True))


def comparison_days(pair: DocumentPair, today: date) -> tuple[date, date]:
    """Return the as-of dates for the old and the new document.

    The old one gets its last day before the new one was published, because afterwards the new one may answer too; if
    that is before its period, its last day before the new one takes effect. The new one gets today, or its first day.
    """
    new = pair.new.document
    new_start = (new.period.start if new.period else published_on(new)) or today
    period = pair.old.document.period
    old_end = min(period.end if period else today, new_start - timedelta(days=1))
    unpublished = min(old_end, (published_on(new) or new_start) - timedelta(days=1))
    old_day = old_end if period and unpublished < period.start else unpublished
    return old_day, max(today, new_start)


def compare_answers(
    service: Service, question: str, pair: DocumentPair, today: date
) -> tuple[tuple[Side, Side], tuple[Spans, Spans]]:
    """Ask the question about the old and the new document; return the answers and their words with differences marked.

    Where one does not cite its document, no differences are marked. Raises BotError, IngestError.
    """
    old_day, new_day = comparison_days(pair, today)
    old = _ask_side(service, question, pair.old, pair.new, old_day)
    new = _ask_side(service, question, pair.new, pair.old, new_day)
    if old.hits or new.hits:
        return (old, new), ((TextSpan(old.text, is_marked=False),), (TextSpan(new.text, is_marked=False),))
    return (old, new), diff_words(old.text, new.text)


def question_about_document(question: str, document: Document, other: Document) -> str:
    """Return a question about the other document as one about `document`; unchanged if it names neither or both."""
    own_names = sorted((document.title, *document.aliases), key=len, reverse=True)
    other_names = sorted((other.title, *other.aliases), key=len, reverse=True)
    name = next((name for name in other_names if _name_in(name, question)), None)
    if name is None or any(_name_in(own, question.replace(name, "")) for own in own_names):
        return question
    return re.sub(_name_pattern(name), lambda _: document.title, question)


def _ask_side(service: Service, question: str, state: DocumentState, other: DocumentState, day: date) -> Side:
    wording = question_about_document(question, state.document, other.document)
    answer = service.ask(Question(question=wording, audience="staff", as_of=day, repeated=True))
    names_other = any(_name_in(name, wording) for name in (other.document.title, *other.document.aliases))
    if not names_other and not answer.questions:
        answer = _without_document(answer, other.document)
    hits: list[Hit] = []
    if all(citation.doc_id != state.document.id for citation in answer.citations):
        hits = service.search(wording, _MAX_DOCUMENT_HITS, doc_id=state.document.id)
    return Side(state, day, wording, answer, tuple(hits))


def _without_document(answer: Answer, other: Document) -> Answer:
    other_citations = {citation.n for citation in answer.citations if citation.doc_id == other.id}
    content = answer.content
    parts = tuple(
        part
        for part in content.parts
        if not (isinstance(part, Excerpt) or (isinstance(part, TableRows) and part.lines))
        or not cited_numbers(part) <= other_citations
    )
    if parts == content.parts:
        return answer
    cited = frozenset().union(*map(cited_numbers, parts))
    return answer.model_copy(
        update={
            "answer": render_text(parts, content.language),
            "blocks": render_blocks(parts, content.language),
            "content": replace(content, parts=parts),
            "citations": tuple(citation for citation in answer.citations if citation.n in cited),
            "notices": tuple(notice for notice in answer.notices if f"「{other.title}」" not in notice),
        }
    )


def _name_pattern(name: str) -> str:
    return rf"(?<![\d.]){re.escape(name)}(?![\d.]*\d)"


def _name_in(name: str, question: str) -> bool:
    return re.search(_name_pattern(name), question) is not None
