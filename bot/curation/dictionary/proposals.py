"""Proposes entries: names in unanswered questions that no document has, with similar names of the documents."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import Engine, select

from bot.curation.dictionary.entries import MAX_OFFICIAL_CHARS, find_problems, normalise_entry
from bot.curation.queue_records import UNANSWERED
from bot.question.dictionary import DictionaryEntry, fold_name
from bot.state import Question, Status, Turn
from bot.storage.tables import curated_answers, curated_versions, queue_entries, turns
from ingest.japanese import dates, nfkc
from ingest.japanese.characters import to_katakana
from ingest.japanese.spans import Spans
from ingest.japanese.tokenise import Morpheme, morphemes, words

if TYPE_CHECKING:
    from bot.pipeline.pipeline import Pipeline

# Questions that are looked through, the newest first.
_MAX_PAST_QUESTIONS = 5_000
_MAX_UNANSWERED = 1_000


@dataclass(frozen=True, slots=True)
class UnansweredQuestion:
    """A question of the queue; `answer` is the curated answer that its group has got since, or ""."""

    text: str
    answer: str = ""


def past_questions(engine: Engine) -> Sequence[str]:
    """Return the newest questions as understood, each once, without greetings and refusals. Raises StorageError."""
    is_counted = turns.c.status.not_in((Status.SMALLTALK, Status.BLOCKED)) & ~turns.c.repeated
    query = select(turns.c.understood).where(is_counted).order_by(turns.c.number.desc()).limit(_MAX_PAST_QUESTIONS)
    with engine.connect() as connection:
        return tuple(dict.fromkeys(filter(None, connection.scalars(query))))


def _unanswered_questions(engine: Engine) -> Sequence[UnansweredQuestion]:
    answer = (
        select(curated_versions.c.text)
        .select_from(curated_versions.join(curated_answers))
        .where(curated_answers.c.group_id == queue_entries.c.group_id)
        .order_by(curated_versions.c.number.desc())
        .limit(1)
        .correlate(queue_entries)
        .scalar_subquery()
    )
    query = (
        select(turns.c.understood, answer.label("answer"))
        .select_from(turns)
        .outerjoin(queue_entries, queue_entries.c.answer_id == turns.c.answer_id)
        .where(turns.c.status.in_(UNANSWERED))
        .order_by(turns.c.number.desc())
        .limit(_MAX_UNANSWERED)
    )
    with engine.connect() as connection:
        return [UnansweredQuestion(row.understood, row.answer or "") for row in connection.execute(query)]


MAX_PROPOSALS = 20
# Official names that are proposed for one name.
MAX_OFFICIALS = 3
# Questions that are shown with a proposal.
_MAX_QUESTIONS = 3
# Headings that are searched for names.
_MAX_HEADINGS = 20_000
# Passages near one unanswered question that are searched for names.
_MAX_HITS = 8
# An official name is proposed if it is at least this similar (0-1).
_MIN_LIKENESS = 0.5
# The similarity of an abbreviation and its long form.
_ABBREVIATION_LIKENESS = 0.9
# The similarity of two spellings with the same reading.
_READING_LIKENESS = 0.95
# Added for a name in the answer that staff have written to the question.
_ANSWER_BONUS = 0.3
_MIN_CANDIDATE_CHARS = 3
_Vector = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class ProposedName:
    """A name that no document has, from `count` unanswered questions, with official names, the likeliest first."""

    name: str
    count: int
    questions: tuple[str, ...]
    officials: tuple[str, ...]


def propose_names(
    engine: Engine, entries: Iterable[DictionaryEntry], pipeline: "Pipeline", day: date
) -> list[ProposedName]:
    """Return the most frequent unknown names of unanswered questions; those with official names first."""
    names = pipeline.names
    if names is None:
        return []
    known_names = {fold_name(entry.name) for entry in entries}
    counts = Counter[str]()
    questions_by_name = defaultdict[str, list[UnansweredQuestion]](list)
    for question in _unanswered_questions(engine):
        for name in dict.fromkeys(_compound_nouns(nfkc(question.text))):
            is_valid = not find_problems(normalise_entry(DictionaryEntry(name, "正式な名前")))
            has_unknown_word = not all(pipeline.index.keyword.rows_of(word).size for word in words(name))
            is_new = is_valid and has_unknown_word and not names.is_in_documents(name)
            if fold_name(name) not in known_names and is_new:
                counts[name] += 1
                questions_by_name[name].append(question)
    candidates = _Candidates(pipeline, day)
    proposals = [
        ProposedName(
            name,
            count,
            tuple(dict.fromkeys(question.text for question in questions_by_name[name]))[:_MAX_QUESTIONS],
            candidates.find(name, questions_by_name[name]),
        )
        for name, count in counts.most_common(MAX_PROPOSALS)
    ]
    return sorted(proposals, key=lambda proposal: not proposal.officials)


def _compound_nouns(text: str) -> Iterator[str]:
    date_spans = Spans((mention.start, mention.end) for mention in dates(text))
    run: list[Morpheme] = []
    for morpheme in (*morphemes(text, "C"), None):
        if morpheme and morpheme.is_noun and not date_spans.meet(morpheme.start, morpheme.end):
            run.append(morpheme)
            continue
        if run:
            yield text[run[0].start : run[-1].end]
        run = []


class _Candidates:
    """The names that documents have in titles and headings, and around a question."""

    def __init__(self, pipeline: "Pipeline", day: date) -> None:
        self._pipeline = pipeline
        self._day = day
        index = pipeline.index
        headings = dict.fromkeys(document.title for document in index.documents)
        for row in range(len(index.passages)):
            if len(headings) >= _MAX_HEADINGS:
                break
            headings |= dict.fromkeys(index.passages[row].path)
        self._names = _names_in(headings)
        self._vectors = np.array([self._vector(name) for name in self._names], np.float32)

    def find(self, name: str, questions: Sequence[UnansweredQuestion]) -> tuple[str, ...]:
        turn, _ = self._pipeline.answer(Turn(Question(question=questions[0].text, by_model=False), self._day))
        passages = [hit.passage for hit in turn.hits[:_MAX_HITS]]
        near = _names_in(passage.text_with_headings for passage in passages)
        answered = _names_in(question.answer for question in questions if question.answer)
        candidates = list(dict.fromkeys([*self._names, *near, *answered]))
        if not candidates:
            return ()
        vectors = [self._vector(candidate) for candidate in candidates[len(self._names) :]]
        all_vectors = np.concatenate([self._vectors, np.array(vectors, np.float32)]) if vectors else self._vectors
        cosines = all_vectors @ self._vector(name)
        likeness = {
            candidate: max(float(cosine), _spelling_likeness(name, candidate))
            + (_ANSWER_BONUS if candidate in answered else 0.0)
            for candidate, cosine in zip(candidates, cosines, strict=True)
        }
        best = sorted(candidates, key=lambda candidate: -likeness[candidate])
        return tuple(
            candidate
            for candidate in best
            if likeness[candidate] >= _MIN_LIKENESS and fold_name(candidate) != fold_name(name)
        )[:MAX_OFFICIALS]

    def _vector(self, name: str) -> _Vector:
        return self._pipeline.index.lexicon.pooled(words(name))


def _names_in(texts: Iterable[str]) -> list[str]:
    nouns = (name for text in texts for name in _compound_nouns(nfkc(text)))
    return list(dict.fromkeys(name for name in nouns if _MIN_CANDIDATE_CHARS <= len(name) <= MAX_OFFICIAL_CHARS))


def _spelling_likeness(name: str, official: str) -> float:
    spelled = _reading(name), _reading(official)
    if spelled[0] == spelled[1]:
        return _READING_LIKENESS
    for short, long in ((fold_name(name), fold_name(official)), spelled):
        # The characters of the longer one in their order, from the first on (総計: 総合計画).
        rest = iter(long)
        if short and len(short) < len(long) and short[0] == long[0] and all(letter in rest for letter in short):
            return _ABBREVIATION_LIKENESS
    return 0.0


def _reading(text: str) -> str:
    return to_katakana("".join(morpheme.reading or morpheme.surface for morpheme in morphemes(text)))
