"""Decides whether two questions are the same in other spelling, politeness or particles of the topic.

Whatever one of them has more, a word, a negation, a number, a voice or a case, may change the answer, so that they are
only near (decision 030).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import takewhile

from bot.answering.question.answer_type import detect_answer_type
from bot.answering.question.query_parser import QueryParser
from bot.answering.state.query import AnswerType, Query
from ingest.documents import Document
from ingest.japanese import dates
from ingest.japanese.lexicon import NORMAL_FORMS
from ingest.japanese.mentions.days import resolve_relative_dates
from ingest.japanese.tokenise import Morpheme, morphemes

# Verbs that only ask for an answer, what follows them, and what comes before: 手続きについて教えていただけますか.
_ASKING = frozenset({"教える", "知る", "聞く", "伺う", "尋ねる", "願う"})
_FAVOURS = frozenset({"頂く", "貰う", "呉れる", "下さる", "為る", "居る", "御座る", "欲しい", "思う", "御"})
_ABOUT = frozenset({"に", "つく", "就く", "関する", "て", "を", "は", "が", "御"})
# After an interrogative: どうしたらよいですか, どのように.
_HOW = frozenset({"為る", "遣る", "様", "よう", "だ", "た", "て", "ば", "良い", "宜しい"})
# What changes only the tone, or joins clauses: お, です, の of のですか, ので.
_TONE = frozenset({"御", "です", "ます", "だ", "う"})
_JOINING = frozenset({"接続助詞", "終助詞", "準体助詞"})
_MARKS = frozenset({"補助記号", "空白", "記号"})
# Cache size in days; questions concern few days besides today.
_CACHED_DAYS = 32


@dataclass(frozen=True, slots=True)
class QuestionSignature:
    """What is compared of a question.

    Attributes:
        facts: the documents named or preferred, the issuers, the day, and whether it asks for yes or no.
        words: the words in their order, without those that only ask.
        particles: what follows each of them: は, を, から.
        asked: the interrogatives with their counters and particles: 何歳まで.
    """

    facts: tuple[object, ...]
    answer_type: AnswerType
    words: tuple[str, ...]
    particles: tuple[str, ...]
    asked: frozenset[str]

    def is_same(self, other: "QuestionSignature") -> bool:
        """Whether an answer to one question answers the other.

        One may mark as the topic what is subject or object of the other, and leave out an interrogative that its type
        of answer implies.
        """
        is_implied = self.answer_type is other.answer_type is not AnswerType.OTHER and not (self.asked and other.asked)
        left_out = self.asked ^ other.asked
        return (
            bool(self.words)
            and (self.words, self.facts) == (other.words, other.facts)
            and all(map(_are_alike, self.particles, other.particles))
            and (not left_out or (is_implied and left_out <= NORMAL_FORMS))
        )


def _are_alike(one: str, other: str) -> bool:
    both = {one, other}
    return len(both) == 1 or both == {"", "の"} or both <= {"", "は", "が"} or both <= {"", "は", "を"}


class QuestionSignatures:
    """Creates the signatures of questions about `documents`; safe to share between threads."""

    def __init__(self, parser: QueryParser, documents: Collection[Document]) -> None:
        self._parser = parser
        # With a single issuer, its name does not distinguish questions.
        self._has_issuers = len({document.issuer for document in documents}) > 1
        self._preferred = lru_cache(maxsize=_CACHED_DAYS)(lambda day: parser("", day).scope.preferred)

    def from_text(self, text: str, day: date) -> QuestionSignature:
        """Return the signature of normalised `text`, asked on `day`."""
        return self.from_query(self._parser(text, day), day)

    def from_query(self, query: Query, day: date) -> QuestionSignature:
        """Return the signature of a parsed question; relative dates are resolved from `day`."""
        if (text := resolve_relative_dates(query.text, day)) != query.text:
            query = replace(self._parser(text, day), scope=query.scope)
        scope, topic = query.scope, query.topic
        for mention in sorted(dates(topic), key=lambda mention: -mention.start):
            topic = topic[: mention.start] + mention.key + topic[mention.end :]
        tokens = _without_request([token for token in morphemes(topic) if token.pos[0] not in _MARKS])
        answer_type, _ = detect_answer_type(topic[: tokens[-1].end] if tokens else "")
        facts = (
            scope.named | scope.required,
            scope.preferred - self._preferred(scope.as_of),
            scope.issuers if self._has_issuers else frozenset(),
            scope.as_of if scope.as_of != day else None,
            answer_type is AnswerType.BOOLEAN,
            # Who asks, with a masked name, is no part of the topic.
            query.text if "〔" in query.text else "",
        )
        found = list(_read_words(tokens))
        return QuestionSignature(
            facts,
            answer_type,
            words=tuple(word for word, _, asks in found if not asks),
            particles=tuple(particle for _, particle, asks in found if not asks),
            asked=frozenset(word + particle for word, particle, asks in found if asks),
        )


def _without_request(tokens: Sequence[Morpheme]) -> Sequence[Morpheme]:
    # について教えてください at their end.
    start = len(tokens)
    while start and (not tokens[start - 1].is_content or tokens[start - 1].normal in _ASKING | _FAVOURS):
        start -= 1
    request = next((n for n in range(start, len(tokens)) if tokens[n].normal in _ASKING), len(tokens))
    about = len(list(takewhile(lambda token: token.normal in _ABOUT, reversed(tokens[:request]))))
    return tokens[: request - about] or tokens


def _read_words(tokens: Sequence[Morpheme]) -> Iterator[tuple[str, str, bool]]:
    # Each word with the particles after it, and whether it is an interrogative with its counter.
    place = 0
    while place < len(tokens):
        token, word, asks = tokens[place], tokens[place].term, _asks(tokens[place])
        place += 1
        if asks:
            has_counter = word[0] in "何幾"
            while place < len(tokens) and (tokens[place].normal in _HOW or (has_counter and tokens[place].is_noun)):
                word = "どう" if word == "どの" else word + tokens[place].normal * tokens[place].is_noun
                place += 1
        elif token.pos[1] in _JOINING or token.normal in _TONE or _is_wish(tokens[place - 1 :]):
            continue
        particles = list(takewhile(lambda one: one.pos[0] == "助詞" and one.pos[1] not in _JOINING, tokens[place:]))
        place += len(particles)
        particle = "".join(one.surface for one in particles if one.surface != "って")
        # 登録するにはどうすれば
        is_purpose = particle == "には" and place < len(tokens) and _asks(tokens[place])
        particle = "" if is_purpose else particle if particle == "は" and not asks else particle.removesuffix("は")
        if word != "為る":
            # 払えない is not 払わない.
            yield word + token.pos[4] * (token.pos[0] == "動詞"), particle, asks


def _asks(token: Morpheme) -> bool:
    return token.normal in NORMAL_FORMS or token.normal[0] in "何幾"


def _is_wish(tokens: Sequence[Morpheme]) -> bool:
    # 登録したいのですが, not 登録したい人.
    following = (token for token in tokens[1:] if token.pos[0] != "助動詞" and token.pos[1] != "準体助詞")
    return tokens[0].normal == "たい" and next((token.pos[1] in _JOINING for token in following), True)
