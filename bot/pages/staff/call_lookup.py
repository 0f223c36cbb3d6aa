"""The lookups of a call: each question with its answer, cited passages and further search results."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING

from bot.errors import BotError, UnknownPassageError
from bot.rendering.html.answer_parts import reinterpreted_question
from bot.rendering.html.date_format import format_time
from bot.runtime.document_state import DocumentState
from bot.service import Service
from bot.state import Answer, Citation, Hit, Status
from ingest.configuration.settings import Settings
from ingest.documents import Passage
from ingest.errors import IngestError, NoIndexError
from ingest.japanese.sentences import sentences
from ingest.japanese.tokenise import words
from ingest.metadata.document_states import read_withdrawals

if TYPE_CHECKING:
    from bot.storage.record_store import RecordedTurn

# As many search results as can be read while somebody waits on the telephone.
_MAX_HITS = 10
_WITHOUT_SEARCH = frozenset({Status.BLOCKED, Status.SMALLTALK, Status.OUT_OF_SCOPE})


@dataclass(frozen=True, slots=True)
class ConsoleSource:
    """A passage with its citation, whose validity is that of the as-of date; `n` is its number, None if not cited.

    `state` is its document's on that date, None if it is no longer in the index. `line` is the sentence most similar
    to the question, `row` the first line of a table row.
    """

    citation: Citation
    text: str
    state: DocumentState | None
    n: int | None = None
    line: str = ""
    row: str = ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A question with its answer and passages; `as_of` None means the day on which it was asked.

    `sources` are the citations, then the related passages, then further search results. `titles` are those of all
    documents by id. `ungoverned` is true if some documents have periods but none is in force on that day.
    """

    question: str
    as_of: date | None
    answer: Answer
    sources: tuple[ConsoleSource, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    reported: bool = False
    ungoverned: bool = False

    @property
    def nearest(self) -> tuple[ConsoleSource, ...]:
        return self.sources[len(self.answer.citations) :][: len(self.answer.nearest)]

    @property
    def read_as(self) -> str | None:
        """The question as understood, if it differs from what was typed."""
        return reinterpreted_question(self.question, self.answer)

    def is_past(self, today: date) -> bool:
        return self.as_of is not None and self.as_of < today

    def documents(self) -> list[tuple[DocumentState, list[ConsoleSource]]]:
        """Return the documents of the passages, each with its passages, in the order of the passages."""
        documents: dict[str, tuple[DocumentState, list[ConsoleSource]]] = {}
        for source in self.sources:
            if source.state:
                documents.setdefault(source.state.document.id, (source.state, []))[1].append(source)
        return list(documents.values())


@dataclass(frozen=True, slots=True)
class Call:
    """The questions of a call, oldest first; `at` is the index of the one whose `lookup` is shown."""

    id: str | None = None
    questions: tuple[str, ...] = ()
    at: int = -1
    lookup: Lookup | None = None


def load_call(service: Service, conversation_id: str, n: int = 0) -> Call:
    """Return a recorded call that shows its `n`th question (from 1), by default the last; empty without records."""
    turns: Sequence[RecordedTurn] = ()
    with suppress(BotError, IngestError):
        turns = service.conversation(conversation_id) if conversation_id else ()
    if not turns:
        return Call()
    index = n - 1 if 0 < n <= len(turns) else len(turns) - 1
    turn = turns[index]
    lookup = _make_lookup(service, turn.question, turn.as_of, turn.answer)
    lookup = replace(lookup, reported=turn.rating == "down")
    return Call(conversation_id, tuple(turn.question for turn in turns), index, lookup)


def call_with_answer(service: Service, question: str, as_of: date | None, answer: Answer) -> Call:
    """Return the call of a new answer, showing that answer."""
    questions: tuple[str, ...] = ()
    with suppress(BotError, IngestError):
        questions = tuple(turn.question for turn in service.conversation(answer.conversation_id))
    questions = questions or (question,)  # without records only this question is known
    return Call(answer.conversation_id, questions, len(questions) - 1, _make_lookup(service, question, as_of, answer))


def _passage_citation(passage: Passage, title: str = "", quote: str = "") -> Citation:
    """Return a search result as a citation."""
    return Citation(
        n=1,
        title=title,
        quote=quote,
        passage_id=passage.id,
        doc_id=passage.doc_id,
        section=passage.section,
        page=passage.page,
        read_by_ocr=passage.confidence is not None,
    )


def _make_lookup(service: Service, question: str, as_of: date | None, answer: Answer) -> Lookup:
    states = {state.document.id: state for state in service.documents(as_of)}
    search_text = answer.question_understood or question
    cited = [*answer.citations, *answer.nearest]
    hits: Sequence[Hit] = ()
    if answer.status not in _WITHOUT_SEARCH:
        hits = service.search(search_text, _MAX_HITS, as_of)
    sources = []
    for number, citation in enumerate(cited):
        text = citation.quote
        with suppress(UnknownPassageError):
            text = service.passage(citation.passage_id).text
        state = states.get(citation.doc_id)
        n = citation.n if number < len(answer.citations) else None
        sources.append(ConsoleSource(_as_of_day(citation, state), text, state, n))
    cited_ids = {citation.passage_id for citation in cited}
    for passage in (hit.passage for hit in hits if hit.passage.id not in cited_ids):
        state = states.get(passage.doc_id)
        citation = _as_of_day(_passage_citation(passage, state.document.title if state else ""), state)
        row = passage.text.splitlines()[0] if passage.kind == "row" and passage.text else ""
        sources.append(ConsoleSource(citation, passage.text, state, row=row))
    in_force = [state.in_force for state in states.values() if state.document.period]
    return Lookup(
        question,
        as_of,
        answer,
        _add_best_sentences(sources, search_text),
        {doc_id: state.document.title for doc_id, state in states.items()},
        ungoverned=bool(in_force) and not any(in_force),
    )


def _as_of_day(citation: Citation, state: DocumentState | None) -> Citation:
    period = state.document.period if state else None
    return citation.model_copy(
        update={
            "url": state.document.url if state else None,
            "period": (period.start, period.end) if period else None,
            "in_force": state.in_force if state else None,
            "superseded_by": state.superseded_by if state else None,
        }
    )


def _add_best_sentences(sources: Sequence[ConsoleSource], question: str) -> tuple[ConsoleSource, ...]:
    """Return the passages, each with the sentence that shares most words with the question, by default the first.

    Words are weighted by their rarity among the sentences of all passages (idf; Spärck Jones 1972).
    """
    question_words = set(words(question))
    by_source = [
        [
            sentence.strip()
            for line in map(str.strip, source.text.splitlines())
            if line != source.citation.section
            for sentence in sentences(line)
            if sentence.strip()
        ]
        for source in sources
    ]
    all_sentences = list(chain.from_iterable(by_source))
    shared = {sentence: set(words(sentence)) & question_words for sentence in all_sentences}
    frequency = Counter(chain.from_iterable(shared[sentence] for sentence in all_sentences))

    def weight(sentence: str) -> float:
        return sum(math.log(1 + len(all_sentences) / frequency[word]) for word in shared[sentence])

    best = [max(source_sentences, key=weight, default="") for source_sentences in by_source]
    return tuple(replace(source, line=line) for source, line in zip(sources, best, strict=True))


def find_unavailable_documents(service: Service, settings: Settings, doc_ids: Iterable[str]) -> Mapping[str, str]:
    """Return the documents that are withdrawn or not in the index, with the reason; empty without an index.

    Raises StorageError if the withdrawals cannot be read.
    """
    reasons = dict[str, str]()
    with suppress(NoIndexError):
        served = {state.document.id for state in service.documents()}
        missing = [doc_id for doc_id in dict.fromkeys(doc_ids) if doc_id not in served]
        withdrawals = read_withdrawals(settings) if missing else {}
        for doc_id in missing:
            reasons[doc_id] = "いまの索引にありません"
            if withdrawal := withdrawals.get(doc_id):
                reasons[doc_id] = f"取り下げられました（理由：{withdrawal.reason}、{format_time(withdrawal.at)}）"
    return reasons
