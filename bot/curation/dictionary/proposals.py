"""Proposes entries: names in unanswered questions that no document has, with similar names of the documents."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from bot.curation.dictionary.past_questions import UnansweredQuestion
from bot.curation.served_pipeline import ServedPipeline
from bot.dictionary.entries import MAX_OFFICIAL_CHARS, DictionaryEntry, find_problems, normalise_entry
from bot.dictionary.name_expansion import NameExpansion
from bot.dictionary.name_finder import fold_name
from bot.state import Hit, Question, Turn
from ingest.documents import Passage
from ingest.index.index import Index
from ingest.japanese import dates, nfkc
from ingest.japanese.characters import to_katakana
from ingest.japanese.spans import Spans
from ingest.japanese.tokenise import Morpheme, morphemes, words

MAX_PROPOSALS, MAX_OFFICIALS, _MAX_QUESTIONS = 20, 3, 3
# Headings that are looked through for names, and passages around one unanswered question.
_MAX_HEADINGS, _MAX_HITS = 20_000, 8
# An official name is proposed from this likeness on. Both names of an abbreviation count as .9 alike; the bonus is for
# a name in the answer that staff have written to the question.
_MIN_LIKENESS, _ABBREVIATION, _SAME_READING, _IN_ANSWER = 0.5, 0.9, 0.95, 0.3
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
    unanswered: Sequence[UnansweredQuestion], entries: Iterable[DictionaryEntry], pipeline: ServedPipeline, day: date
) -> list[ProposedName]:
    """Return the most frequent unknown names of unanswered questions; those with official names first."""
    names = pipeline.names
    if names is None:
        return []
    known = {fold_name(entry.name) for entry in entries}
    counts, asked = Counter[str](), defaultdict[str, list[UnansweredQuestion]](list)
    for question in unanswered:
        for name in dict.fromkeys(_compound_nouns(nfkc(question.text))):
            if fold_name(name) not in known and _is_unknown(name, names, pipeline.index):
                counts[name] += 1
                asked[name].append(question)
    candidates = _Candidates(pipeline, day)
    proposals = [
        ProposedName(
            name,
            count,
            tuple(dict.fromkeys(question.text for question in asked[name]))[:_MAX_QUESTIONS],
            candidates.find(name, asked[name]),
        )
        for name, count in counts.most_common(MAX_PROPOSALS)
    ]
    return sorted(proposals, key=lambda proposal: not proposal.officials)


def _is_unknown(name: str, names: NameExpansion, index: Index) -> bool:
    """Whether a compound noun may be an entry, has a word that no document has, and is in none itself."""
    entry = normalise_entry(DictionaryEntry(name, "正式な名前"))
    if find_problems(entry, ()) or all(index.keyword.rows_of(word).size for word in words(name)):
        return False
    return not names.is_in_documents(name)


def _compound_nouns(text: str) -> Iterator[str]:
    """Yield the compound nouns of normalised text without dates, in Sudachi's long units."""
    taken = Spans((mention.start, mention.end) for mention in dates(text))
    run: list[Morpheme] = []
    for morpheme in (*morphemes(text, "C"), None):
        if morpheme and morpheme.is_noun and not taken.meet(morpheme.start, morpheme.end):
            run.append(morpheme)
            continue
        if run:
            yield text[run[0].start : run[-1].end]
        run = []


class _Candidates:
    """The names that documents have in titles and headings, and around a question."""

    def __init__(self, pipeline: ServedPipeline, day: date) -> None:
        self._pipeline, self._day = pipeline, day
        index = pipeline.index
        headings = dict.fromkeys(document.title for document in index.documents)
        for row in range(len(index.passages)):
            if len(headings) >= _MAX_HEADINGS:
                break
            headings |= dict.fromkeys(index.passages[row].path)
        self._names = _names_in(headings)
        self._vectors = np.array([self._vector(name) for name in self._names], np.float32)

    def find(self, name: str, questions: Sequence[UnansweredQuestion]) -> tuple[str, ...]:
        """Return the official names that a name of unanswered questions may stand for."""
        near = _names_in(_texts(hit.passage) for hit in self._search(questions[0].text))
        answered = _names_in(question.answer for question in questions if question.answer)
        candidates = list(dict.fromkeys([*self._names, *near, *answered]))
        vectors = [self._vector(one) for one in candidates[len(self._names) :]]
        all_vectors = np.concatenate([self._vectors, np.array(vectors, np.float32)]) if vectors else self._vectors
        if not candidates:
            return ()
        cosines = all_vectors @ self._vector(name)
        likeness = {
            one: max(float(cosine), _spelling_likeness(name, one)) + (_IN_ANSWER if one in answered else 0.0)
            for one, cosine in zip(candidates, cosines, strict=True)
        }
        best = sorted(candidates, key=lambda one: -likeness[one])
        return tuple(one for one in best if likeness[one] >= _MIN_LIKENESS and fold_name(one) != fold_name(name))[
            :MAX_OFFICIALS
        ]

    def _search(self, text: str) -> Sequence[Hit]:
        turn, _ = self._pipeline.answer(Turn(Question(question=text, by_model=False), self._day))
        return turn.hits[:_MAX_HITS]

    def _vector(self, name: str) -> _Vector:
        return self._pipeline.index.lexicon.pooled(words(name))


def _texts(passage: Passage) -> str:
    return "\n".join((*passage.path, passage.text))


def _names_in(texts: Iterable[str]) -> list[str]:
    """Return the compound nouns of texts that are long enough to be names, each once."""
    found = (name for text in texts for name in _compound_nouns(nfkc(text)))
    return list(dict.fromkeys(name for name in found if _MIN_CANDIDATE_CHARS <= len(name) <= MAX_OFFICIAL_CHARS))


def _spelling_likeness(name: str, official: str) -> float:
    """Return how likely a name is another spelling or an abbreviation of an official one, 0-1."""
    spelled = _reading(name), _reading(official)
    if spelled[0] == spelled[1]:
        return _SAME_READING
    pairs = ((fold_name(name), fold_name(official)), spelled)
    return _ABBREVIATION if any(_abbreviates(short, long) for short, long in pairs) else 0.0


def _abbreviates(short: str, long: str) -> bool:
    """Whether a text has the characters of a longer one in their order, from the first on (総計: 総合計画)."""
    if not short or len(short) >= len(long) or short[0] != long[0]:
        return False
    rest = iter(long)
    return all(character in rest for character in short)


def _reading(text: str) -> str:
    return to_katakana("".join(morpheme.reading or morpheme.surface for morpheme in morphemes(text)))
