"""Selects documents by the age of the plan that a question asks for: the previous, the current or the next one."""

import re
from dataclasses import dataclass
from enum import StrEnum

from ingest.japanese.interrogatives import WHICH_OF_TWO
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.notation import KANJI_DIGITS

PLAN_WORDS = load_lexicon("plans")["plans"]
"""Nouns by which questions refer to a plan."""


class PlanAge(StrEnum):
    """Which of several plans that follow each other a question asks for."""

    PREVIOUS = "previous"
    CURRENT = "current"
    NEXT = "next"


_PLAN = any_of(PLAN_WORDS)
# An age counts only before a plan or another document: 前の方針, いまの指針, 新しいほう.
_BEFORE_DOCUMENT = rf"(?=[^、。]{{0,12}}(?:{_PLAN}|版|資料|もの|ほう|方))"
_PATTERNS_BY_AGE = {
    PlanAge.PREVIOUS: re.compile(
        rf"(?:前|以前|旧|昔|ひとつ前|一つ前|古い)(?:回|の|は|に|から)?{_BEFORE_DOCUMENT}|前身"
    ),
    PlanAge.CURRENT: re.compile(rf"(?:今|いま|現在|現行|最新|新しい|今回|このたび)(?:の|は)?{_BEFORE_DOCUMENT}"),
    PlanAge.NEXT: re.compile(rf"(?:(?<![\d{KANJI_DIGITS}十])次|次回|今度)の[^、。はがを]{{0,12}}?{_PLAN}|次期"),
}
# What people also call a plan that has just begun, if none is still to come.
_THIS_TIME = re.compile("今度の")
_CURRENT_PLAN = re.compile(rf"(?:今|いま|現在|現行|最新|新しい)の?(?:新しい|最新の)?{_PLAN}")
_COMPARES = re.compile(
    r"どう(?:変わ|違)|違い|違う|比較|比べ|(?:変わった|新しくなった)(?:の|ん|点|か|ところ)|変更点|新旧|対比|それぞれ"
    rf"|{WHICH_OF_TWO}が"
)


@dataclass(frozen=True, slots=True)
class DocumentsByAge:
    """The ids of documents by their age on a day.

    Attributes:
        current: in force on that day.
        future: their period begins after that day.
        all: the published documents.
        successions: pairs of documents, one of which supersedes the other.
    """

    current: frozenset[str]
    future: frozenset[str]
    all: frozenset[str]
    successions: tuple[frozenset[str], ...]

    @property
    def expired(self) -> frozenset[str]:
        """The documents that are no longer in force."""
        return self.all - self.current - self.future

    def with_related_plans(self, ids: frozenset[str]) -> frozenset[str]:
        """Return the pairs of successive documents that have one of `ids`."""
        return frozenset[str]().union(*(pair for pair in self.successions if not ids.isdisjoint(pair)))


@dataclass(frozen=True, slots=True)
class DocumentSelection:
    """The ids of the documents that may answer, that are preferred, and that each are required in the answer."""

    allowed: frozenset[str]
    preferred: frozenset[str]
    required: frozenset[str] = frozenset()


def select_by_plan_age(
    text: str,
    documents: DocumentsByAge,
    *,
    named: frozenset[str],
    allowed: frozenset[str],
    conversation_documents: frozenset[str],
) -> DocumentSelection:
    """Return the documents for the ages of plans that normalised `text` asks for.

    Args:
        text: the question.
        documents: the published documents by their age.
        named: the documents that the question names.
        allowed: the documents that may answer if the question asks for no age.
        conversation_documents: the documents that the conversation is about.
    """
    ages = {age for age, pattern in _PATTERNS_BY_AGE.items() if pattern.search(text)}
    has_comparing_word = bool(_COMPARES.search(text))
    if _asks_for_both_plans(ages, has_comparing_word, named, documents):
        newer = named or documents.current
        required = documents.with_related_plans(newer) or newer | documents.expired
        return DocumentSelection(allowed | required, documents.current, required)
    if has_comparing_word and len(named) > 1:
        return DocumentSelection(allowed, documents.current, required=named)
    if PlanAge.PREVIOUS in ages:
        return DocumentSelection(allowed, documents.expired)
    names_nothing_else = not named and not has_comparing_word
    if ages == {PlanAge.CURRENT} and names_nothing_else and (plan := _CURRENT_PLAN.search(text)):
        in_force = documents.current | (documents.future if plan[0].startswith("新し") else frozenset())
        # Older plans are left out, because what only they say does not hold for this one.
        return DocumentSelection(allowed & in_force or allowed, documents.current)
    if PlanAge.NEXT in ages and not named and (documents.future or not _THIS_TIME.search(text)):
        return DocumentSelection(documents.future, documents.future)
    preferred = documents.current
    if not ages and names_nothing_else and conversation_documents & (documents.expired | documents.future):
        preferred = conversation_documents & documents.all
    return DocumentSelection(allowed, preferred)


def _asks_for_both_plans(
    ages: set[PlanAge],
    has_comparing_word: bool,  # noqa: FBT001
    named: frozenset[str],
    documents: DocumentsByAge,
) -> bool:
    names_only_expired = bool(named) and named <= documents.expired
    if PlanAge.PREVIOUS not in ages:
        return False
    if PlanAge.CURRENT in ages or has_comparing_word:
        return True
    return bool(named) and not names_only_expired
