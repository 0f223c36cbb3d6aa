"""The parsed query as data: its scope, terms and names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ingest.japanese import Time
from ingest.japanese.mentions.reference_days import ReferenceDay

JAPANESE = "ja"
# Limits the cost of search and scoring. Of 24,000 questions and passages the longest have twice as many terms, but none
# that a person asked.
_MAX_TERMS = 64


def select_rarest(terms: Sequence[str], rarity: Callable[[str], float]) -> tuple[str, ...]:
    """Return the distinct terms in their order; of more than 64, the rarest 64."""
    distinct = tuple(dict.fromkeys(terms))
    if len(distinct) <= _MAX_TERMS:
        return distinct
    rare = frozenset(sorted(distinct, key=rarity, reverse=True)[:_MAX_TERMS])
    return tuple(term for term in distinct if term in rare)


class AnswerType(StrEnum):
    """The kind of answer that a question expects (Li and Roth 2002, "Learning question classifiers")."""

    DATE = "date"
    """A day, a period, or its start or end (いつ, 何日, いつまで)."""
    QUANTITY = "quantity"
    """A figure with its unit (何件, どのくらい, 割合)."""
    MONEY = "money"
    """An amount of money (いくら, 何円, 費用は)."""
    PERSON = "person"
    """A person, role, department or body (誰, どの課)."""
    PLACE = "place"
    """A place (どこ)."""
    CONTACT = "contact"
    """A telephone number, email or postal address."""
    REASON = "reason"
    """A reason or purpose (なぜ, 目的は)."""
    MANNER = "manner"
    """A procedure (どうやって, 手続きは)."""
    LIST = "list"
    """All members of something (何がありますか, 一覧)."""
    DEFINITION = "definition"
    """What something is (とは)."""
    BOOLEAN = "boolean"
    """Yes or no."""
    OTHER = "other"
    """Anything else."""


@dataclass(frozen=True, slots=True)
class Term:
    """An index term of the question (ingest/japanese/tokenise.py).

    Attributes:
        weight: its share of the summed idf of all terms, 0 to 1.
        is_interrogative: an interrogative of number or its counter (何日: 日), which an answer need not have.
        is_carried_over: taken over from the previous question, not typed in the follow-up.
    """

    text: str
    weight: float
    is_interrogative: bool = False
    is_carried_over: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """The documents that may answer a question, by their ids.

    Attributes:
        as_of: the day for which the question is answered.
        allowed: may answer; empty if nothing had been published by that day.
        preferred: rank first among those allowed.
        named: the question names them.
        required: the answer has to have a passage of each, because the question compares them.
        lineages: each a plan with its predecessors, if the question compares one of several plans with its predecessor;
            the search makes those of the plan that the question is about `required`.
        issuers: the names of the issuers that the question names.
        absent_towns: towns that the question is about and that published none of the documents.
        day: the day or longer time in the question that sets `as_of`.
        later: the allowed documents that were published after `day`.
    """

    as_of: date
    allowed: frozenset[str]
    preferred: frozenset[str]
    named: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    lineages: tuple[frozenset[str], ...] = ()
    issuers: frozenset[str] = frozenset()
    absent_towns: frozenset[str] = frozenset()
    day: ReferenceDay | None = None
    later: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AskedName:
    """A name in a question: 緑町児童館.

    Attributes:
        text: the name as typed, in normal form.
        identifying: the parts that distinguish it from others of its kind (緑町).
        kind: the noun that states its kind (児童館), or "".
        is_proper: whether a proper noun identifies it, so that no document can mean it in other words.
        words: its words in their order (緑町, 児童, 館).
        distinguishing: the indexes of the words that another name of its kind may have instead (緑町, 児童).
    """

    text: str
    identifying: tuple[str, ...]
    kind: str
    is_proper: bool
    words: tuple[str, ...] = ()
    distinguishing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed question.

    Attributes:
        text: the question in normal form (NFKC).
        topic: the text without the names of documents and issuers, which `scope` covers.
        language: ISO 639-1 code of the text, "" if it is unknown.
        terms: the index terms of the topic.
        counter: the counter asked for (何件: 件), "" for none.
        member_count: the number of members that it names (4つの池: 4), 0 for none.
        dates: the dates of the topic, without the day in `scope` unless a figure of that day is asked for.
        asks_about_past: whether the topic is something past (先月の, 昨年の).
        asks_for_sample: whether it is about a filled-in sample of a form.
        names: the names that it asks about, without those of municipalities, documents and dates.
    """

    text: str
    topic: str
    language: str
    answer_type: AnswerType
    scope: Scope
    terms: tuple[Term, ...] = ()
    counter: str = ""
    member_count: int = 0
    dates: tuple[Time, ...] = ()
    chosen_language: str | None = None
    months: frozenset[int] = frozenset()
    asks_about_past: bool = False
    asks_for_sample: bool = False
    names: tuple[AskedName, ...] = ()

    @property
    def asks_for_list(self) -> bool:
        return self.answer_type is AnswerType.LIST or self.member_count > 1

    @property
    def answer_language(self) -> str:
        """The language of the answer: its own if it is foreign, else the chosen one."""
        return self.language if self.is_foreign else self.chosen_language or self.language

    @property
    def is_foreign(self) -> bool:
        """Whether it is known to be in another language than the documents, so that keyword search finds nothing."""
        return self.language not in ("", JAPANESE)
