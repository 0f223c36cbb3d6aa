"""Signatures of questions: the facts, terms and answer type by which two are compared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import pairwise

from bot.question.query import AnswerType, Query
from bot.question.query_parser import QueryParser
from ingest.documents import Document
from ingest.japanese import quantities, resolve_relative_dates
from ingest.japanese.polarity import DENIALS
from ingest.japanese.tokenise import Morpheme, morphemes

_DOINGS = frozenset({"動詞", "形容詞", "形状詞"})
# They tell how much, when and whom is asked, and name nothing: いちばん, 全部, どなた.
_NO_NAMES = frozenset({"副詞", "代名詞", "連体詞", "感動詞", "副詞可能"})
# What makes a verb of a noun of doing: 参加する, 参加できる.
_LIGHT_VERBS = frozenset({"為る", "出来る"})
# The verbs that ask a favour: denied, they are only politer (教えていただけませんか).
_FAVOURS = frozenset({"頂く", "貰う", "呉れる", "下さる", "願う"})
# What follows the denial of a question that asks whether something is so: 割引はありませんでしょうか.
_QUESTION_ENDS = frozenset({"か", "です", "だ", "の", "ます", "た"})
# Days that questions are asked on are few: today, and those of questions about another day.
_DAYS = 32


@dataclass(frozen=True, slots=True)
class Facts:
    """What must be equal where two questions ask the same.

    `documents` are those named or set side by side, `aside` those preferred although others are in force, `as_of` the
    day that the question's words put it on, if they do. `dates` have one spelling each, days of the week included.
    `figures` are values with units, `bounds` the words of limits (以上, 以外), `ends` tell いつから from いつまで.
    """

    documents: frozenset[str]
    aside: frozenset[str]
    issuers: frozenset[str]
    as_of: date | None
    dates: frozenset[str]
    figures: frozenset[tuple[str, str]]
    bounds: frozenset[str]
    ends: frozenset[str]
    denies: bool


@dataclass(frozen=True, slots=True)
class QuestionSignature:
    """A question without the names of documents and issuers, which are among the `facts`.

    `text` is what vectors are made of, `counters` are what it asks for a number of (何人, 何年). `things` are the terms
    that name something, `doings` verbs and adjectives, each with its weight among all terms of the question.
    """

    text: str
    facts: Facts
    answer_type: AnswerType
    counters: frozenset[str]
    things: Mapping[str, float]
    doings: Mapping[str, float]


class QuestionSignatures:
    """Tells the senses of questions about `documents`, which `read` reads. Safe to share between threads."""

    def __init__(self, read: QueryParser, documents: Sequence[Document]) -> None:
        self._read = read
        # Everyone asks the one administration there is: its name tells no two questions apart.
        self._issuers = frozenset(document.issuer for document in documents)
        self._preferred = lru_cache(maxsize=_DAYS)(lambda day: read("", day).scope.preferred)

    def of(self, text: str, day: date) -> QuestionSignature:
        """Return the sense of normalised `text`, asked on `day`."""
        return self.from_query(self._read(text, day), day)

    def from_query(self, query: Query, day: date) -> QuestionSignature:
        """Return the sense of a question asked on `day` that has been read; its years are told from that day."""
        if (text := resolve_relative_dates(query.text, day)) != query.text:
            query = replace(self._read(text, day), scope=query.scope)
        said = morphemes(query.topic)
        doings = {m.normal.lower() for m in said if m.pos[0] in _DOINGS} | set(_verbal_nouns(said))
        counters = {counter.normal for what, counter in pairwise(said) if what.normal == "何" and counter.is_noun}
        nameless = {m.normal.lower() for m in said if not _NO_NAMES.isdisjoint(m.pos)} | doings | counters
        return QuestionSignature(
            text=query.topic,
            facts=self._facts(query, said, day),
            answer_type=query.answer_type,
            counters=frozenset({query.unit} if query.unit else counters),
            things={term.text: term.weight for term in query.terms if term.text not in nameless},
            doings={term.text: term.weight for term in query.terms if term.text in doings},
        )

    def _facts(self, query: Query, said: Sequence[Morpheme], day: date) -> Facts:
        scope = query.scope
        return Facts(
            documents=scope.named | scope.compared,
            aside=scope.preferred - self._preferred(scope.as_of),
            issuers=scope.issuers if len(self._issuers) > 1 else frozenset(),
            as_of=scope.as_of if scope.as_of != day else None,
            dates=frozenset([*(mention.key for mention in query.dates), *_weekdays(said)]),
            figures=frozenset((str(figure.value.normalize()), figure.unit) for figure in quantities(query.topic)),
            bounds=frozenset(m.normal for before, m in pairwise(said) if m.normal[0] == "以" and before.is_noun),
            ends=frozenset(m.surface for before, m in pairwise(said) if _is_end(before, m)),
            denies=any(_denies(said, place, query.answer_type) for place in range(len(said))),
        )


def _verbal_nouns(said: Sequence[Morpheme]) -> Iterator[str]:
    yield from (m.normal.lower() for m, verb in pairwise(said) if m.is_noun and verb.normal in _LIGHT_VERBS)


def _weekdays(said: Sequence[Morpheme]) -> Iterator[str]:
    yield from (m.normal for m in said if m.normal.endswith("曜") and not m.normal.startswith("何"))


def _is_end(before: Morpheme, particle: Morpheme) -> bool:
    """Whether a particle tells where something begins or ends; behind a verb から gives a reason."""
    return particle.surface in {"から", "まで"} and (before.is_noun or before.pos[0] == "代名詞")


def _denies(said: Sequence[Morpheme], place: int, kind: AnswerType) -> bool:
    """Whether the morpheme at `place` denies something, and is no way of asking politely."""
    if said[place].normal not in DENIALS or said[place].pos[0] not in {"助動詞", "形容詞"}:
        return False
    verbs = [m.normal for m in said[max(0, place - 2) : place] if m.pos[0] == "動詞"]
    behind = (m.normal for m in said[place + 1 :] if m.pos[0] != "補助記号")
    asks = kind is AnswerType.BOOLEAN and all(word in _QUESTION_ENDS for word in behind)
    return not (asks or (verbs and verbs[-1] in _FAVOURS))
