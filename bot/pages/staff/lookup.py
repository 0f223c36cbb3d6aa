"""Looks up a question: the answer, cited passages and further search results."""

import math
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from bot.errors import BotError, UnknownConversationError, UnknownPassageError
from bot.pages.staff.call import Call, Lookup, Source
from bot.runtime.service_interface import AnswerService, DocumentState, OnStage, OnText
from bot.state import Answer, Citation, Question, Status
from ingest.errors import IngestError
from ingest.japanese.sentences import sentences
from ingest.japanese.tokenise import words

if TYPE_CHECKING:
    from bot.storage.recorded_turns import RecordedTurn

# Passages beside an answer: more than these nobody reads while somebody waits on the telephone.
MOST_FOUND = 10
_NOTHING_TO_FIND = frozenset({Status.BLOCKED, Status.SMALLTALK, Status.OUT_OF_SCOPE})


def ask(
    service: AnswerService, asked: Question, on_stage: OnStage | None = None, on_text: OnText | None = None
) -> Answer:
    """Ask within the call, or in a new one when its records are gone. Raises BotError, IngestError."""
    try:
        return service.ask(asked, on_stage, on_text)
    except UnknownConversationError:
        return service.ask(asked.model_copy(update={"conversation_id": None}), on_stage, on_text)


def make_lookup(service: AnswerService, question: str, as_of: date | None, answer: Answer) -> Lookup:
    """Return an answer with the passages that it names, and those that the search finds for the same question."""
    states = {state.document.id: state for state in service.documents(as_of)}
    cited = [_cited_source(service, citation, states, citation.n) for citation in answer.citations]
    cited += [_cited_source(service, citation, states) for citation in answer.nearest]
    known = {citation.passage_id for citation in (*answer.citations, *answer.nearest)}
    hits = (
        [] if answer.status in _NOTHING_TO_FIND else service.search(_search_text(question, answer), MOST_FOUND, as_of)
    )
    further = []
    for passage in (hit.passage for hit in hits if hit.passage.id not in known):
        state = states.get(passage.doc_id)
        title = state.document.title if state else ""
        read = passage.confidence is not None
        row = passage.text.splitlines()[0] if passage.kind == "row" and passage.text else ""
        place = (None, title, passage.section, passage.page, passage.text, "", state, passage.id, read)
        further.append(Source(*place, row=row, doc_id=passage.doc_id))
    titles = {doc_id: state.document.title for doc_id, state in states.items()}
    governed = [state.in_force for state in states.values() if state.document.period]
    ungoverned = bool(governed) and not any(governed)
    sources = add_best_sentences((*cited, *further), _search_text(question, answer))
    return Lookup(question, as_of, answer, sources, titles, ungoverned=ungoverned)


def add_best_sentences(sources: Sequence[Source], question: str) -> tuple[Source, ...]:
    """Return the passages, each with the sentence that holds most of the question's words; the first where none does.

    A word counts for the more, the fewer of the sentences of all these passages hold it (idf; Spärck Jones 1972).
    """
    asked = set(words(question))
    of_each = [[(line, set(words(line)) & asked) for line in _source_sentences(source)] for source in sources]
    holding = Counter(word for lines in of_each for _, held in lines for word in held)
    n = sum(map(len, of_each))

    def weight(line: tuple[str, set[str]]) -> float:
        return sum(math.log(1 + n / holding[word]) for word in line[1])

    best = (max(lines, key=weight, default=("", set())) for lines in of_each)
    return tuple(replace(source, line=line) for source, (line, _) in zip(sources, best, strict=True))


def _source_sentences(source: Source) -> list[str]:
    """Return the sentences of a passage, line by line, but its heading."""
    lines = (line.strip() for line in source.text.splitlines())
    return [one for line in lines if line != source.section for one in map(str.strip, sentences(line)) if one]


def load_call(service: AnswerService, conversation_id: str, n: int = 0) -> Call:
    """Return a recorded call with its `n`th question in sight (from 1), by default the last.

    The call is empty where its records are gone.
    """
    turns: Sequence[RecordedTurn] = ()
    with suppress(BotError, IngestError):
        turns = service.conversation(conversation_id) if conversation_id else ()
    if not turns:
        return Call()
    at = n - 1 if 0 < n <= len(turns) else len(turns) - 1
    turn = turns[at]
    lookup = make_lookup(service, turn.question, turn.as_of, turn.answer)
    lookup = replace(lookup, reported=turn.rating == "down")
    return Call(conversation_id, tuple(one.question for one in turns), at, lookup)


def call_with_answer(service: AnswerService, question: str, as_of: date | None, answer: Answer) -> Call:
    """Return the call to which an answer has just been added, with that answer in sight."""
    questions: tuple[str, ...] = ()
    with suppress(BotError, IngestError):
        questions = tuple(one.question for one in service.conversation(answer.conversation_id))
    questions = questions or (question,)  # without records the call has this one alone
    return Call(answer.conversation_id, questions, len(questions) - 1, make_lookup(service, question, as_of, answer))


def _search_text(question: str, answer: Answer) -> str:
    """Return the question with what it left out: その基本理念は names a plan that was asked for before."""
    return answer.question_understood or question


def _cited_source(
    service: AnswerService, citation: Citation, states: dict[str, DocumentState], n: int | None = None
) -> Source:
    text = citation.quote
    with suppress(UnknownPassageError):
        text = service.passage(citation.passage_id).text
    state = states.get(citation.doc_id)
    return Source(
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
    )
