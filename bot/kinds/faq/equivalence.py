"""Decides by their signatures whether an answer to one question also answers another.

Decision 030 has the precision and recall on four sets of questions, and the trained models that were no better.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import pairwise

from bot.question.query_parser import QueryParser
from bot.state.query import AnswerType, Query
from ingest.documents import Document
from ingest.japanese import quantities
from ingest.japanese.mentions.days import resolve_relative_dates
from ingest.japanese.tokenise import DENIALS, Morpheme, morphemes

_PREDICATES = frozenset({"動詞", "形容詞", "形状詞"})
# Parts of speech that quantify or ask without naming a thing: いちばん, 全部, どなた.
_NOT_NAMING = frozenset({"副詞", "代名詞", "連体詞", "感動詞", "副詞可能"})
# Light verbs after a verbal noun: 参加する, 参加できる.
_LIGHT_VERBS = frozenset({"為る", "出来る"})
# Verbs of requests; their negation is only more polite (教えていただけませんか).
_FAVOURS = frozenset({"頂く", "貰う", "呉れる", "下さる", "願う"})
# Words after the negation in a yes/no question: 割引はありませんでしょうか.
_QUESTION_ENDS = frozenset({"か", "です", "だ", "の", "ます", "た"})
# Cache size in days; questions concern few days besides today.
_CACHED_DAYS = 32


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts that must be equal in two equivalent questions.

    `documents` are named or compared, `aside` preferred although others are in force, `as_of` is the day that the
    question names, if any. `dates` are in canonical form and include weekdays. `figures` are values with units,
    `bounds` words of limits (以上, 以外), `ends` distinguish いつから and いつまで.
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

    `text` is the text to encode, `counters` are the units of a number asked for (何人, 何年). `things` are the terms
    that name something, `doings` verbs and adjectives, each with its weight among all terms of the question.
    """

    text: str
    facts: Facts
    answer_type: AnswerType
    counters: frozenset[str]
    things: Mapping[str, float]
    doings: Mapping[str, float]


class QuestionSignatures:
    """Creates the signatures of questions about `documents`; safe to share between threads."""

    def __init__(self, parser: QueryParser, documents: Sequence[Document]) -> None:
        self._parser = parser
        # With a single issuer, its name does not distinguish questions.
        self._issuers = frozenset(document.issuer for document in documents)
        self._preferred = lru_cache(maxsize=_CACHED_DAYS)(lambda day: parser("", day).scope.preferred)

    def from_text(self, text: str, day: date) -> QuestionSignature:
        """Return the signature of normalised `text`, asked on `day`."""
        return self.from_query(self._parser(text, day), day)

    def from_query(self, query: Query, day: date) -> QuestionSignature:
        """Return the signature of a parsed question; relative dates are resolved from `day`."""
        if (text := resolve_relative_dates(query.text, day)) != query.text:
            query = replace(self._parser(text, day), scope=query.scope)
        tokens = morphemes(query.topic)
        doings = {m.normal.lower() for m in tokens if m.pos[0] in _PREDICATES}
        doings |= {m.normal.lower() for m, verb in pairwise(tokens) if m.is_noun and verb.normal in _LIGHT_VERBS}
        counters = {counter.normal for token, counter in pairwise(tokens) if token.normal == "何" and counter.is_noun}
        nameless = {m.normal.lower() for m in tokens if not _NOT_NAMING.isdisjoint(m.pos)} | doings | counters
        return QuestionSignature(
            text=query.topic,
            facts=self._facts(query, tokens, day),
            answer_type=query.answer_type,
            counters=frozenset({query.counter} if query.counter else counters),
            things={term.text: term.weight for term in query.terms if term.text not in nameless},
            doings={term.text: term.weight for term in query.terms if term.text in doings},
        )

    def _facts(self, query: Query, tokens: Sequence[Morpheme], day: date) -> Facts:
        scope = query.scope
        weekdays = {m.normal for m in tokens if m.normal.endswith("曜") and not m.normal.startswith("何")}
        return Facts(
            documents=scope.named | scope.required,
            aside=scope.preferred - self._preferred(scope.as_of),
            issuers=scope.issuers if len(self._issuers) > 1 else frozenset(),
            as_of=scope.as_of if scope.as_of != day else None,
            dates=frozenset(mention.key for mention in query.dates) | weekdays,
            figures=frozenset((str(figure.value.normalize()), figure.unit) for figure in quantities(query.topic)),
            bounds=frozenset(m.normal for before, m in pairwise(tokens) if before.is_noun and m.normal[0] == "以"),
            ends=frozenset(
                m.surface
                for before, m in pairwise(tokens)
                if m.surface in {"から", "まで"} and (before.is_noun or before.pos[0] == "代名詞")
            ),
            denies=any(_is_negation(tokens, position, query.answer_type) for position in range(len(tokens))),
        )


def _is_negation(tokens: Sequence[Morpheme], position: int, kind: AnswerType) -> bool:
    if tokens[position].normal not in DENIALS or tokens[position].pos[0] not in {"助動詞", "形容詞"}:
        return False
    verbs = [m.normal for m in tokens[max(0, position - 2) : position] if m.pos[0] == "動詞"]
    following = (m.normal for m in tokens[position + 1 :] if m.pos[0] != "補助記号")
    is_polite = kind is AnswerType.BOOLEAN and all(word in _QUESTION_ENDS for word in following)
    return not (is_polite or (verbs and verbs[-1] in _FAVOURS))


MIN_COSINE = 0.6
"""Threshold of the cosine below which questions are never equivalent."""
# Largest share of predicates, by weight, that one question may lack if the answer types differ.
_MAX_MISSING_PREDICATES = 0.5


def can_share_answer(question: QuestionSignature, other: QuestionSignature, cosine: float) -> bool:
    """Whether an answer to one question also answers the other.

    One may lack a verb of the other but not have a different one; things must be the same in both.
    """
    if cosine < MIN_COSINE or not _have_equal_facts(question, other):
        return False
    if _missing_share(question.things, other) or _missing_share(other.things, question):
        return False
    fewer, more = sorted((_missing_share(question.doings, other), _missing_share(other.doings, question)))
    return not fewer and (more <= _MAX_MISSING_PREDICATES or question.answer_type is other.answer_type)


def _have_equal_facts(question: QuestionSignature, other: QuestionSignature) -> bool:
    types = {question.answer_type, other.answer_type}
    have_compatible_types = len(types) == 1 or (AnswerType.OTHER in types and AnswerType.BOOLEAN not in types)
    counters = {question.counters, other.counters} - {frozenset()}
    return question.facts == other.facts and have_compatible_types and len(counters) <= 1


def _missing_share(terms: Mapping[str, float], other: QuestionSignature) -> float:
    missing = [
        word
        for word in terms
        if not (word in other.things or word in other.doings or all(letter in other.text for letter in word))
    ]
    return sum(terms[word] for word in missing) / sum(terms.values()) if missing else 0.0
