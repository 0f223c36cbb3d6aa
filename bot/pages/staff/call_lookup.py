"""Looks up a question: the answer, cited passages and further search results."""

import math
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING

from bot.errors import BotError, UnknownConversationError, UnknownPassageError
from bot.pages.staff.call import Call, ConsoleSource, Lookup
from bot.runtime.document_state import DocumentState
from bot.service import AnswerListener, Service
from bot.state import Answer, Citation, Hit, Question, Status
from ingest.documents import Passage
from ingest.errors import IngestError
from ingest.japanese.sentences import sentences
from ingest.japanese.tokenise import words

if TYPE_CHECKING:
    from bot.storage.record_store import RecordedTurn

# As many search results as can be read while somebody waits on the telephone.
_MAX_HITS = 10
_WITHOUT_SEARCH = frozenset({Status.BLOCKED, Status.SMALLTALK, Status.OUT_OF_SCOPE})


def ask(service: Service, question: Question, listener: AnswerListener | None = None) -> Answer:
    """Ask within a call, or in a new one if its records were deleted. Raises BotError, IngestError."""
    try:
        return service.ask(question, listener)
    except UnknownConversationError:
        return service.ask(question.model_copy(update={"conversation_id": None}), listener)


def make_lookup(service: Service, question: str, as_of: date | None, answer: Answer) -> Lookup:
    """Return an answer with its citations, related passages and further search results."""
    states = {state.document.id: state for state in service.documents(as_of)}
    cited = [_cited_source(service, citation, states, citation.n) for citation in answer.citations]
    cited += [_cited_source(service, citation, states) for citation in answer.nearest]
    cited_ids = {citation.passage_id for citation in (*answer.citations, *answer.nearest)}
    hits: Sequence[Hit] = ()
    if answer.status not in _WITHOUT_SEARCH:
        hits = service.search(_search_text(question, answer), _MAX_HITS, as_of)
    further = [_found_source(hit.passage, states) for hit in hits if hit.passage.id not in cited_ids]
    titles = {doc_id: state.document.title for doc_id, state in states.items()}
    in_force = [state.in_force for state in states.values() if state.document.period]
    ungoverned = bool(in_force) and not any(in_force)
    sources = add_best_sentences((*cited, *further), _search_text(question, answer))
    return Lookup(question, as_of, answer, sources, titles, ungoverned=ungoverned)


def add_best_sentences(sources: Sequence[ConsoleSource], question: str) -> tuple[ConsoleSource, ...]:
    """Return the passages, each with the sentence that shares most words with the question, by default the first.

    Words are weighted by their rarity among the sentences of all passages (idf; Spärck Jones 1972).
    """
    question_words = set(words(question))
    sentences_by_source = [_source_sentences(source) for source in sources]
    shared = {
        sentence: set(words(sentence)) & question_words
        for source_sentences in sentences_by_source
        for sentence in source_sentences
    }
    all_sentences = list(chain.from_iterable(sentences_by_source))
    frequency = Counter(chain.from_iterable(shared[sentence] for sentence in all_sentences))

    def weight(sentence: str) -> float:
        return sum(math.log(1 + len(all_sentences) / frequency[word]) for word in shared[sentence])

    best = [max(source_sentences, key=weight, default="") for source_sentences in sentences_by_source]
    return tuple(replace(source, line=line) for source, line in zip(sources, best, strict=True))


def _source_sentences(source: ConsoleSource) -> list[str]:
    lines = [line.strip() for line in source.text.splitlines()]
    stripped = [sentence.strip() for line in lines if line != source.section for sentence in sentences(line)]
    return [sentence for sentence in stripped if sentence]


def load_call(service: Service, conversation_id: str, n: int = 0) -> Call:
    """Return a recorded call that shows its `n`th question (from 1), by default the last; empty without records."""
    turns: Sequence[RecordedTurn] = ()
    with suppress(BotError, IngestError):
        turns = service.conversation(conversation_id) if conversation_id else ()
    if not turns:
        return Call()
    index = n - 1 if 0 < n <= len(turns) else len(turns) - 1
    turn = turns[index]
    lookup = make_lookup(service, turn.question, turn.as_of, turn.answer)
    lookup = replace(lookup, reported=turn.rating == "down")
    return Call(conversation_id, tuple(turn.question for turn in turns), index, lookup)


def call_with_answer(service: Service, question: str, as_of: date | None, answer: Answer) -> Call:
    """Return the call of a new answer, showing that answer."""
    questions: tuple[str, ...] = ()
    with suppress(BotError, IngestError):
        questions = tuple(turn.question for turn in service.conversation(answer.conversation_id))
    questions = questions or (question,)  # without records only this question is known
    return Call(answer.conversation_id, questions, len(questions) - 1, make_lookup(service, question, as_of, answer))


def _search_text(question: str, answer: Answer) -> str:
    return answer.question_understood or question


def _found_source(passage: Passage, states: dict[str, DocumentState]) -> ConsoleSource:
    state = states.get(passage.doc_id)
    return ConsoleSource(
        None,
        state.document.title if state else "",
        passage.section,
        passage.page,
        passage.text,
        "",
        state,
        passage.id,
        passage.confidence is not None,
        row=passage.text.splitlines()[0] if passage.kind == "row" and passage.text else "",
        doc_id=passage.doc_id,
    )


def _cited_source(
    service: Service, citation: Citation, states: dict[str, DocumentState], n: int | None = None
) -> ConsoleSource:
    text = citation.quote
    with suppress(UnknownPassageError):
        text = service.passage(citation.passage_id).text
    state = states.get(citation.doc_id)
    return ConsoleSource(
        n,
        citation.title,
        citation.section,
        citation.page,
        text,
        citation.quote,
        state,
        citation.passage_id,
        citation.read_by_ocr,
        doc_id=citation.doc_id,
        file_url=citation.file_url,
        page_url=citation.page_url,
        consolidated_url=citation.consolidated_url,
    )
