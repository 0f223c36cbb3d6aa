"""The nouns of a question that has been read: Query, Term, AnswerType, Scope. Frozen data, nothing else."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.query.language import JAPANESE
from bot.query.operation import Operation
from ingest.normalise import DateMention


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
    """An index term of the question (`ingest.tokenise.words`); `weight` is its share of all terms' rarity, 0 to 1.

    One that `asks` is an interrogative of number or the counter behind it (何日: 日), which what answers need not have.
    """

    text: str
    weight: float
    asks: bool = False


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

    `text` is the whole question in normal form (NFKC), `topic` the same without the names of documents and issuers,
    which the scope covers; `terms` are those of the topic. `language` is "ja", or an ISO 639-1 code of what it is
    written in ("" where nobody can tell), `reader` that in which the asker chose to be spoken to. `unit` is the counter
    that is asked for (何件: 件). `dates` are those of the topic that do not say as of when it is asked. `operation` is
    what it asks of a table's rows, if anything.
    """

    text: str
    topic: str
    language: str
    answer_type: AnswerType
    scope: Scope
    terms: tuple[Term, ...] = ()
    unit: str = ""
    dates: tuple[DateMention, ...] = ()
    operation: Operation | None = None
    reader: str | None = None

    @property
    def answer_language(self) -> str:
        """In which language it is answered: its own, or the reader's where it is in the documents' words."""
        return self.language if self.is_foreign else self.reader or self.language

    @property
    def is_foreign(self) -> bool:
        """Whether it is known to be in another language than the documents, so that their words are not its own."""
        return self.language not in ("", JAPANESE)
