"""Resolves which documents and which day a question is about, and which age of a plan."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from bot.answering.question.issuer_names import Issuers
from bot.answering.question.language import detect_language
from bot.answering.state.query import JAPANESE, Scope
from ingest.documents import Document
from ingest.japanese.lexicon import WHERE, WHICH_OF_TWO, any_of, load_lexicon
from ingest.japanese.mentions.reference_days import reference_days
from ingest.japanese.normal_forms import comparison_key, nfkc
from ingest.japanese.notation import KANJI_DIGITS
from ingest.japanese.spans import Spans, occurrences
from ingest.japanese.tokenise import morphemes
from ingest.publications import Publications

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


def _select_by_plan_age(
    text: str, documents: "_PublishedDocuments", scope: Scope, conversation_documents: frozenset[str]
) -> Scope:
    named, allowed = scope.named, scope.allowed
    ages = {age for age, pattern in _PATTERNS_BY_AGE.items() if pattern.search(text)}
    compares = bool(_COMPARES.search(text))
    names_only_expired = bool(named) and named <= documents.expired
    names_other_plan = PlanAge.CURRENT in ages or compares or (bool(named) and not names_only_expired)
    if PlanAge.PREVIOUS in ages and names_other_plan:
        in_force = frozenset(documents.current & allowed & documents.lineages.keys())
        chosen = named or in_force or allowed
        lineages = tuple(one for one in documents.lineages.values() if not chosen.isdisjoint(one))
        members = frozenset[str]().union(*lineages)
        allowed |= members or documents.expired
        # If it is unknown which plan preceded another, none ranks before the others.
        scope = replace(scope, allowed=allowed, preferred=documents.current if lineages else allowed)
        is_decided = bool(named) or len(lineages) <= 1
        return replace(scope, required=members) if is_decided else replace(scope, lineages=lineages)
    if compares and len(named) > 1:
        return replace(scope, required=named)
    if PlanAge.PREVIOUS in ages:
        return replace(scope, preferred=documents.expired)
    names_nothing_else = not named and not compares
    if ages == {PlanAge.CURRENT} and names_nothing_else and (plan := _CURRENT_PLAN.search(text)):
        in_force = documents.current | (documents.future if plan[0].startswith("新し") else frozenset())
        # Older plans are left out, because what only they say does not hold for this one.
        return replace(scope, allowed=allowed & in_force or allowed)
    if PlanAge.NEXT in ages and not named and (documents.future or not _THIS_TIME.search(text)):
        return replace(scope, allowed=documents.future, preferred=documents.future)
    if not ages and names_nothing_else and conversation_documents & (documents.expired | documents.future):
        scope = replace(scope, preferred=conversation_documents & documents.all)
    return scope


# Not within a longer number or Latin word.
_BEGINS_NAME = re.compile(r"(?<![\da-z.])")
_ENDS_NAME = re.compile(r"(?!\d|\.\d)")


class DocumentNames:
    """The spellings of documents' names, to find them in questions."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._ids_by_spelling = dict[str, set[str]]()
        for document in documents:
            for name in (document.title, *document.aliases):
                for spelling in _spellings(name, document.issuer):
                    self._ids_by_spelling.setdefault(spelling, set()).add(document.id)
        # Between the letters of a name may be spaces and の: 第2回の会議 for 第2回会議.
        pairs = ((spelling.replace("の", ""), spelling) for spelling in self._ids_by_spelling)
        self._without_no = [pair for pair in pairs if pair[0]]

    def find_in(self, text: str) -> tuple[frozenset[str], tuple[tuple[int, int], ...]]:
        """Return the documents that the text names, and the spans of their names.

        The longest spelling wins a span. A spelling that is part of another document's title names a family of
        documents (DXアクションプラン, of which there is a 2.0): its span counts, but it names no document, unless the
        text names that other document too.
        """
        letters = "".join(letter.casefold()[:1] for letter in text)
        places = [place for place, letter in enumerate(letters) if letter != "の" and not letter.isspace()]
        characters = "".join(letters[place] for place in places)
        candidates = [pair for pair in self._without_no if pair[0] in characters]
        named = set[str]()
        spans = list[tuple[int, int]]()
        covered = Spans()
        longer_spellings = set[str]()
        for without_no, spelling in sorted(candidates, key=lambda pair: (-len(pair[1]), pair[1])):
            free_spans = list[tuple[int, int]]()
            for n in occurrences(without_no, characters):
                start, end = places[n], places[n + len(without_no) - 1] + 1
                written = iter(letters[max(0, start - 1) : end])
                has_every_no = all(letter in written for letter in spelling)
                is_whole = _BEGINS_NAME.match(letters, start) and _ENDS_NAME.match(letters, end)
                if has_every_no and is_whole and not covered.meet(start, end):
                    free_spans.append((start, end))
            if not free_spans:
                continue
            for span in free_spans:
                covered.add(*span)
            spans += free_spans
            ids = self._ids_by_spelling[spelling]
            family = {
                other for other, other_ids in self._ids_by_spelling.items() if spelling in other and other_ids - ids
            }
            if not family or family & longer_spellings:
                named |= ids
            longer_spellings.add(spelling)
        return frozenset(named), tuple(spans)


@lru_cache(maxsize=100_000)
def _spellings(name: str, issuer: str) -> frozenset[str]:
    full = comparison_key(name)
    plain = re.sub(r"\([^()]*\)$|の?(?:本編|概要版?)$", "", full)
    if any(character.isdigit() for character in full):  # without a number, DX会議 is the body and not its paper
        plain = re.sub(r"の?資料$", "", plain)
    issuer_name = nfkc(issuer).casefold()
    without_issuer = plain.replace(issuer_name, "") if issuer_name else plain
    return frozenset(spelling for spelling in (full, plain, without_issuer) if len(spelling) > 1)


# The question is about other places than the town of the conversation, or about several.
_OTHER_PLACES = re.compile(
    rf"(?:他|ほか|別|各|全て|すべて|全部|両方|周辺|近隣|隣|{WHICH_OF_TWO}|{WHERE}|どの)の?(?:[都府県市区町村]|自治体|まち|街|ところ)"
    r"|市町村|自治体|全国|県内|国内|[他両](?:市|町|村)|(?<![一-龥])[国県]の|よその?|つの(?:[市町村]|まち)|海外"
)
# Words that continue a conversation.
_CONTINUATION = re.compile(r"^(?:(?:それ)?では|じゃあ?|あと|それと|それから|ちなみに|また)、\s?")
# Days asked for at one time are few: today and those of questions about another day.
_MAX_CACHED_DAYS = 32


class ScopeMatch(NamedTuple):
    """The scope of a question, and the spans that name documents and issuers."""

    scope: Scope
    covered: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _PublishedDocuments:
    # Lineages are each a document with those that it supersedes, by its id.
    documents: Sequence[Document]
    all: frozenset[str]
    current: frozenset[str]
    future: frozenset[str]
    lineages: Mapping[str, frozenset[str]]
    published_after_day: frozenset[str]
    names: DocumentNames
    issuers: Issuers

    @property
    def expired(self) -> frozenset[str]:
        return self.all - self.current - self.future


class ScopeResolver:
    """Finds the documents and the day that a question is about; safe to share between threads."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._publications = Publications(documents)
        self._published_by = lru_cache(maxsize=_MAX_CACHED_DAYS)(self._collect_published)

    def __call__(self, text: str, as_of: date, conversation_documents: frozenset[str] = frozenset()) -> ScopeMatch:
        """Return the scope of normalised `text`; by default all documents may answer and those in force are preferred.

        A day in the text replaces `as_of`, but no document may have been published after `as_of`. The documents that
        the conversation is about stay preferred even if they are not in force.
        """
        days = [day for day in reference_days(text, as_of) if day.use == "document" or day.time.first <= as_of]
        # Several days ask for none, and a later one dates a target.
        day = days[-1] if len({(day.time.first, day.time.last) for day in days}) == 1 else None
        # A time that has not ended is asked for as it is today.
        effective_day = day.time.first if day and not day.time.first <= as_of <= day.time.last else as_of
        published = self._published_by(as_of, effective_day, min(day.time.last, as_of) if day else as_of)
        named, name_spans = published.names.find_in(text)
        issuers, issuer_spans = published.issuers.find_issuers(text, name_spans)
        covered = (*name_spans, *issuer_spans)
        allowed = named or published.all
        if issuers and not named:
            allowed = frozenset(document.id for document in published.documents if document.issuer in issuers)
        scope = Scope(
            as_of=effective_day,
            allowed=allowed,
            preferred=published.current,
            named=named,
            issuers=issuers,
            absent_towns=frozenset(published.issuers.find_absent_towns(text, covered)),
            day=day,
            later=published.published_after_day,
        )
        scope = _select_by_plan_age(text, published, scope, conversation_documents)
        preferred = scope.preferred & scope.allowed
        if day and day.use == "document":
            preferred -= published.published_after_day
        return ScopeMatch(replace(scope, preferred=preferred or scope.allowed), covered)

    def add_town(
        self, text: str, previous_texts: Sequence[str], as_of: date, chosen_language: str | None = None
    ) -> str:
        """Return Japanese `text` with the town of the conversation, if it names neither a place nor a document.

        The town is the only one in the latest of `previous_texts` (oldest first) that names any. A station or school
        of another town (倉敷駅) counts as a place.
        """
        if detect_language(text, chosen_language) != JAPANESE:
            return text
        published = self._published_by(as_of, as_of, as_of)
        named, name_spans = published.names.find_in(text)
        has_place = _OTHER_PLACES.search(text) or any("地名" in m.pos for m in morphemes(text))
        if named or has_place or published.issuers.find_issuers(text, name_spans)[0]:
            return text
        town = self.find_town(previous_texts, as_of)
        return f"{nfkc(town)}では、{_CONTINUATION.sub('', text)}" if town else text

    def remove_towns(self, text: str, as_of: date) -> str:
        _, spans = self._published_by(as_of, as_of, as_of).issuers.find_towns(text)
        for start, end in sorted(spans, reverse=True):
            text = text[:start] + re.sub(r"^(?:では|でも|には|の|は|で)?、?", "", text[end:])
        return text

    def find_town(self, texts: Sequence[str], as_of: date) -> str | None:
        """Return the only town in the latest of `texts` (oldest first) that names any.

        None if it names several, if no text names one, or if all documents are of one issuer.
        """
        issuers = self._published_by(as_of, as_of, as_of).issuers
        towns_by_text = (issuers.find_towns(text)[0] for text in reversed(texts))
        towns = next(filter(None, towns_by_text), frozenset[str]())
        return next(iter(towns)) if len(towns) == 1 and issuers.has_several else None

    def _collect_published(self, as_of: date, day: date, last_day: date) -> _PublishedDocuments:
        documents = self._publications.published_by(as_of) or list(self._publications.by_id.values())
        publications = Publications(documents)
        lineages: defaultdict[str, set[str]] = defaultdict(set)
        for document in documents:
            if successor := publications.successor(document, date.max):
                lineages[successor.id] |= {successor.id, document.id}
        ids = frozenset(document.id for document in documents)
        known_ids = frozenset(document.id for document in publications.published_by(last_day))
        return _PublishedDocuments(
            documents=documents,
            all=ids,
            current=frozenset(document.id for document in documents if publications.is_in_force(document, day)),
            future=frozenset(document.id for document in documents if document.period and day < document.period.start),
            lineages={newest: frozenset(lineage) for newest, lineage in lineages.items()},
            published_after_day=ids - known_ids if day < as_of else frozenset(),
            names=DocumentNames(documents),
            issuers=Issuers(documents),
        )
