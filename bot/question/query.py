"""The parsed query with its scope and terms, and language detection."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.question.operation import Operation
from ingest.japanese import DateMention
from ingest.japanese.quantities import ANY_THING_ASKED
from ingest.japanese.tokenise import words

JAPANESE = "ja"
_KANA = re.compile(r"[ぁ-んァ-ヶ]")
_HAN = re.compile(r"[一-龥]")
_SCRIPTS = (("ko", re.compile(r"[가-힣]")), ("th", re.compile(r"[ก-๛]")), ("ru", re.compile(r"[А-я]")))
# Function words that the others do not have.
_WORDS = {
    "en": re.compile(r"\b(?:what|when|where|who|why|how|which|is|are|the|of|to|do|does|can|my|in|tell|thanks?)\b"),
    "pt": re.compile(r"\b(?:que|qual|quando|onde|quem|como|quanto|uma|são|não|os|dos|meu|há|posso|obrigad[oa])\b"),
    "es": re.compile(r"\b(?:qué|cuál|cuándo|dónde|quién|cómo|cuánto|una|los|las|mi|hay|puedo|el)\b"),
    "vi": re.compile(r"\b(?:là|gì|khi|nào|ở|đâu|ai|tại|như|thế|bao|nhiêu|có|không|tôi|của|được|cảm|ơn)\b"),
}
# Counters that count anything.
_ANY_UNIT = ANY_THING_ASKED | {""}
# Units as they are spoken.
_SPELLED = {"トン": "t", "グラム": "g", "キロ": "k", "メートル": "m", "平方メートル": "m2", "立方メートル": "m3"}
_SPELLED |= {"ヘクタール": "ha", "パーセント": "%", "センチ": "cm"}
# So many function words make a sentence.
_A_SENTENCE = 3
# Words of Chinese that no Japanese compound has.
_CHINESE = re.compile(r"[什甚][么麼]|[怎吗嗎呢哪您你们們这這几幾谁]|[请請][问問]|(?<![国社党])是(?![正非認])")

# Terms of a question that are searched with and read for: the rarest. Of 24,000 questions and passages the longest have
# twice as many, and no question that somebody asked.
_MOST_TERMS = 64


def detect_language(text: str, reader: str | None = None) -> str:
    """Return the ISO 639-1 code of the language of normalised `text`, "" where it is unknown.

    Kanji without kana are Japanese, however many (後期高齢者医療保険料). They are Chinese with a word or a letter that
    Japanese does not have, and where that is what the `reader` chose to be spoken to in.
    A name in kanji does not make a sentence of another language Japanese.
    """
    if _KANA.search(text):
        return JAPANESE
    counts = {code: len(words.findall(text.lower())) for code, words in _WORDS.items()}
    best = max(counts, key=lambda code: counts[code])
    if counts[best] >= _A_SENTENCE:  # with a name in kanji
        return best
    if han := "".join(_HAN.findall(text)):
        return "zh" if reader == "zh" or _CHINESE.search(text) or not _is_of_japan(han) else JAPANESE
    for code, script in _SCRIPTS:
        if script.search(text):
            return code
    return best if counts[best] else ""


def rarest(terms: Sequence[str], rarity: Callable[[str], float]) -> tuple[str, ...]:
    """Return the distinct terms in their order; of very many those that are rarest."""
    distinct = tuple(dict.fromkeys(terms))
    if len(distinct) <= _MOST_TERMS:
        return distinct
    rare = frozenset(sorted(distinct, key=rarity, reverse=True)[:_MOST_TERMS])
    return tuple(term for term in distinct if term in rare)


def _is_of_japan(han: str) -> bool:
    """Whether all letters are in the character set of Japanese keyboards; simplified ones are not."""
    try:
        han.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


class AnswerType(StrEnum):
    """What kind of thing answers (Li and Roth 2002, "Learning question classifiers")."""

    DATE = "date"
    """A day, a span of time, its beginning or its end (いつ, 何日, いつまで)."""
    QUANTITY = "quantity"
    """A figure with its unit (何件, どのくらい, 割合)."""
    MONEY = "money"
    """A sum of money (いくら, 何円, 費用は)."""
    PERSON = "person"
    """A person, a role, a body (誰, どの課)."""
    PLACE = "place"
    """A place (どこ)."""
    CONTACT = "contact"
    """A telephone number or an address to write to."""
    REASON = "reason"
    """A ground or purpose (なぜ, 目的は)."""
    MANNER = "manner"
    """A way of doing (どうやって, 手続きは)."""
    LIST = "list"
    """All members of something (何がありますか, 一覧)."""
    DEFINITION = "definition"
    """What something is (とは)."""
    BOOLEAN = "boolean"
    """Whether something is so."""
    OTHER = "other"
    """Anything else."""


@dataclass(frozen=True, slots=True)
class Term:
    """An index term of the question (ingest/japanese/tokenise.py); `weight` is its share of all terms' rarity, 0 to 1.

    One that `asks` is an interrogative of number or the counter after it (何日: 日), which an answer need not have.
    One that is `carried` stood in the question before, and not in the follow-up that was typed.
    """

    text: str
    weight: float
    asks: bool = False
    carried: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """The documents that may answer: ids of all `allowed`, of those to be `preferred`, and those the question `named`.

    `compared` are those that it sets side by side, `as_of` is the day it is asked for, `issuers` the names of the
    issuers that it names, `absent` the towns that it names as those whose matter it is, and who published none of the
    documents. An empty `allowed` means that nothing had been published by then.
    """

    as_of: date
    allowed: frozenset[str]
    preferred: frozenset[str]
    named: frozenset[str] = frozenset()
    compared: frozenset[str] = frozenset()
    issuers: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Query:
    """A question, read.

    `text` is the question in normal form (NFKC), `topic` the same without the names of documents and issuers,
    which the scope covers; `terms` are those of the topic. `language` is "ja", or an ISO 639-1 code of what it is
    written in ("" if unknown), `reader` the one that the user chose. `unit` is the
    counter that is asked for (何件: 件), `members` how many members of something it names (4つの池: 4). `dates` are
    those of the topic that do not say as of when it is asked. `operation` is what it asks of a table's rows, if
    anything, `word` that of which it asks what it means and no more, if it does.
    """

    text: str
    topic: str
    language: str
    answer_type: AnswerType
    scope: Scope
    terms: tuple[Term, ...] = ()
    unit: str = ""
    members: int = 0
    dates: tuple[DateMention, ...] = ()
    operation: Operation | None = None
    word: str = ""
    reader: str | None = None

    @property
    def asks_for_list(self) -> bool:
        """Whether it asks for all members of something."""
        return self.answer_type is AnswerType.LIST or self.members > 1

    @property
    def expected_unit(self) -> str:
        """The unit of the figure asked for, "" where it is unknown."""
        unit = "円" if self.answer_type is AnswerType.MONEY else self.unit
        return "" if unit in _ANY_UNIT else _SPELLED.get(unit, unit)

    @property
    def weights(self) -> Mapping[str, float]:
        """The terms with their weights."""
        return {term.text: term.weight for term in self.terms}

    @property
    def carried(self) -> frozenset[str]:
        """The terms that a follow-up took over from the question before; none for other questions."""
        return frozenset(term.text for term in self.terms if term.carried)

    @property
    def date_terms(self) -> frozenset[str]:
        """The terms of its dates."""
        return frozenset(key for mention in self.dates for key in (mention.key, f"{mention.first.year}年"))

    @property
    def free(self) -> frozenset[str]:
        """The terms that an answer need not have: of the operation, times, the counter asked for."""
        asking = self.operation.words if self.operation else frozenset[str]()
        return asking | self.date_terms | {*words(self.unit), self.unit}

    @property
    def typed(self) -> frozenset[str]:
        """What a follow-up itself names, of the terms of the question made of it; none for other questions."""
        own = (term.text for term in self.terms if not term.carried and not term.asks)
        return frozenset(own) - self.free if self.carried else frozenset()

    @property
    def answer_language(self) -> str:
        """In which language it is answered: its own, or the reader's where it is in the documents' words."""
        return self.language if self.is_foreign else self.reader or self.language

    @property
    def is_foreign(self) -> bool:
        """Whether it is known to be in another language than the documents, so that their words are not its own."""
        return self.language not in ("", JAPANESE)
