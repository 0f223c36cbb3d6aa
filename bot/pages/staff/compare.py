"""Asks the same question of a superseded and a current document for comparison."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.question.question_splitting import find_questions
from bot.rendering.blocks import render_blocks
from bot.rendering.html.text_spans import TextSpan, diff_words
from bot.runtime.service_interface import AnswerService, DocumentState
from bot.state import Answer, Citation, Excerpt, Hit, Part, Question, TableRows, cited_numbers
from bot.verification import render_text
from ingest.documents import Document, Passage
from ingest.metadata.validity import published_on

# Passages of a plan that are shown in place of an answer that does not stand on it.
MOST_OF_ITS_OWN = 2


@dataclass(frozen=True, slots=True)
class Pair:
    """A document and the one that replaced it."""

    old: DocumentState
    new: DocumentState

    @property
    def id(self) -> str:
        """What names the pair on the page."""
        return f"{self.old.document.id} {self.new.document.id}"


@dataclass(frozen=True, slots=True)
class Side:
    """What was answered for `day` to the question as it was `asked` of this plan.

    `words` are the answer's text, `own` passages of the plan in place of an answer that does not cite it.
    """

    state: DocumentState
    day: date
    asked: str
    answer: Answer
    words: tuple[TextSpan, ...]
    own: tuple[Hit, ...]

    @property
    def passages(self) -> list[Citation]:
        """What stands under the answer: the passages of the plan's own in its place, or those that it cites."""
        return [_to_citation(hit.passage) for hit in self.own] or list(self.answer.citations)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A question with its two sides; `chosen` is one of the `pairs` that could be compared."""

    question: str
    pairs: tuple[Pair, ...]
    chosen: Pair
    old: Side
    new: Side


def replacement_pairs(states: Iterable[DocumentState]) -> tuple[Pair, ...]:
    """Return each document with the one that replaces it, the newest of these first."""
    known = {state.document.id: state for state in states}
    found = [Pair(known[old], new) for new in known.values() for old in new.document.supersedes if old in known]
    return tuple(sorted(found, key=lambda pair: pair.new.document.published, reverse=True))


def comparison_days(pair: Pair, today: date) -> tuple[date, date]:
    """Return a day for the old one, and one for the new: today, where it governs by then.

    The old one's is its last before the new one was published, which would be answered from as well; where that lies
    before its period, the last before the new one's own.
    """
    begins = _start_date(pair.new.document) or today
    period = pair.old.document.period
    last = min(period.end if period else today, begins - timedelta(days=1))
    unknown = min(last, (published_on(pair.new.document) or begins) - timedelta(days=1))
    return last if period and unknown < period.start else unknown, max(today, begins)


def compare_answers(
    service: AnswerService, question: str, among: tuple[Pair, ...], chosen: Pair, today: date
) -> Comparison:
    """Ask the question of both. Raises BotError, IngestError."""
    one, other = comparison_days(chosen, today)
    old = _ask_side(service, question, chosen.old, chosen.new, one)
    new = _ask_side(service, question, chosen.new, chosen.old, other)
    if old.own or new.own:
        return Comparison(question, among, chosen, _without_differences(old), _without_differences(new))
    old_words, new_words = diff_words(_answer_text(old), _answer_text(new))
    return Comparison(question, among, chosen, replace(old, words=old_words), replace(new, words=new_words))


def question_about_document(question: str, this: Document, other: Document) -> str:
    """Return a question that names the other document as one about this; one that names neither, or both, stays."""
    mine, theirs = (sorted((document.title, *document.aliases), key=len, reverse=True) for document in (this, other))
    name = next(filter(_name_matcher(question), theirs), None)
    if name is None or any(map(_name_matcher(question.replace(name, "")), mine)):
        return question
    return re.sub(_name_pattern(name), lambda _: this.title, question)


def _to_citation(passage: Passage) -> Citation:
    """Return a passage of the plan whose column it stands in: neither title nor validity is said again."""
    told = {"passage_id": passage.id, "doc_id": passage.doc_id, "section": passage.section, "page": passage.page}
    return Citation(n=1, title="", quote=passage.text, **told)


def _start_date(document: Document) -> date | None:
    return document.period.start if document.period else published_on(document)


def _ask_side(service: AnswerService, question: str, this: DocumentState, other: DocumentState, day: date) -> Side:
    asked = question_about_document(question, this.document, other.document)
    answer = service.ask(Question(question=asked, audience="staff", as_of=day, repeated=True))
    both = any(map(_name_matcher(asked), (other.document.title, *other.document.aliases)))
    answer = answer if both or find_questions(asked)[1:] else _without_document(answer, other.document)
    return Side(this, day, asked, answer, (), _own_hits(service, asked, this.document, answer))


def _without_document(answer: Answer, other: Document) -> Answer:
    """Return an answer without the excerpts and tables that only the other document holds; its own side shows them."""
    theirs = {citation.n for citation in answer.citations if citation.doc_id == other.id}
    content = answer.content
    kept = tuple(part for part in content.parts if not (_is_place(part) and cited_numbers(part) <= theirs))
    if kept == content.parts:
        return answer
    cited = frozenset().union(*map(cited_numbers, kept))
    return answer.model_copy(
        update={
            "answer": render_text(kept, content.language),
            "blocks": render_blocks(kept, content.language),
            "content": replace(content, parts=kept),
            "citations": tuple(citation for citation in answer.citations if citation.n in cited),
            "notices": tuple(notice for notice in answer.notices if f"「{other.title}」" not in notice),
        }
    )


def _is_place(part: Part) -> bool:
    return isinstance(part, Excerpt) or (isinstance(part, TableRows) and bool(part.lines))


def _answer_text(side: Side) -> str:
    content = side.answer.content
    return render_text(content.parts, content.language, marks=False)


def _without_differences(side: Side) -> Side:
    """Return a side whose words are compared with none."""
    return replace(side, words=(TextSpan(_answer_text(side), is_marked=False),))


def _name_pattern(name: str) -> str:
    """Return what finds a name: 2.0 is none within 12.05."""
    return rf"(?<![\d.]){re.escape(name)}(?![\d.]*\d)"


def _name_matcher(question: str) -> Callable[[str], bool]:
    return lambda name: re.search(_name_pattern(name), question) is not None


def _own_hits(service: AnswerService, question: str, document: Document, answer: Answer) -> tuple[Hit, ...]:
    if any(citation.doc_id == document.id for citation in answer.citations):
        return ()
    return tuple(service.search(question, MOST_OF_ITS_OWN, doc_id=document.id))
