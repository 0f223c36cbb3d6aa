"""Resolves which documents and which day a question is about."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

from bot.question.query import Scope
from ingest.documents import Document
from ingest.japanese.interrogatives import WHERE, WHICH_OF_TWO
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.normal_forms import comparison_key, nfkc
from ingest.japanese.notation import KANJI_DIGITS
from ingest.japanese.reference_day import ReferenceDay, reference_days
from ingest.japanese.spans import Spans
from ingest.japanese.tokenise import morphemes
from ingest.metadata.validity import is_in_force, published_by, superseded_by, superseding_documents

# Nouns by which questions refer to a plan.
PLAN_WORDS = load_lexicon("plans")["plans"]
# An age counts only before a plan or another document: 前の方針, いまの指針, 新しいほう.
_BEFORE_DOCUMENT = rf"(?=[^、。]{{0,12}}(?:{any_of(PLAN_WORDS)}|版|資料|もの|ほう|方))"
_AGES = {
    "previous": re.compile(rf"(?:前|以前|旧|昔|ひとつ前|一つ前|古い)(?:回|の|は|に|から)?{_BEFORE_DOCUMENT}|前身"),
    "current": re.compile(rf"(?:今|いま|現在|現行|最新|新しい|今回|このたび)(?:の|は)?{_BEFORE_DOCUMENT}"),
    "next": re.compile(rf"(?:(?<![\d{KANJI_DIGITS}十])次|次回|今度)の[^、。はがを]{{0,12}}?{any_of(PLAN_WORDS)}|次期"),
}
# What people also call a plan that has just begun, where none is still to come.
_THIS_TIME = re.compile("今度の")
_CURRENT_PLAN = re.compile(rf"(?:今|いま|現在|現行|最新|新しい)の?(?:新しい|最新の)?{any_of(PLAN_WORDS)}")
_COMPARES = re.compile(
    r"どう(?:変わ|違)|違い|違う|比較|比べ|(?:変わった|新しくなった)(?:の|ん|点|か|ところ)|変更点|新旧|対比|それぞれ"
    rf"|{WHICH_OF_TWO}が"
)
_MUNICIPALITY_SUFFIXES = frozenset("都府県市区町村")
# After the name of a town: it is an origin, a destination or a partner, not the town asked about.
_NOT_THE_SUBJECT = re.compile(r"から|へ|まで|より|と|や|を|に(?![はおも])|民")
# The question is about other places than the town of the conversation, or about several.
_OTHER_PLACES = re.compile(
    rf"(?:他|ほか|別|各|全て|すべて|全部|両方|周辺|近隣|隣|{WHICH_OF_TWO}|{WHERE}|どの)の?(?:[都府県市区町村]|自治体|まち|街|ところ)"
    r"|市町村|自治体|全国|県内|国内|[他両](?:市|町|村)|(?<![一-龥])[国県]の|よその?|つの(?:[市町村]|まち)|海外"
)
# Words that continue a conversation.
_CONTINUATION = re.compile(r"^(?:(?:それ)?では|じゃあ?|あと|それと|それから|ちなみに|また)、\s?")
# Words that ask for results: a plan sets targets, and minutes report the results.
_RESULTS = re.compile(r"実績|結果|達成|届|上回|下回|実際")
# As-of dates in use at one time are few: today and those of questions about another day.
_CACHED_DAYS = 32


@dataclass(frozen=True, slots=True)
class ScopeMatch:
    """The scope of a question, and the spans that name documents and issuers."""

    scope: Scope
    covered: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Published:
    """The documents published by the day of asking.

    `current`, `older` and `coming` are in force, no longer in force and not yet in force on the day in the question,
    and `later` were published after it.
    """

    documents: Sequence[Document]
    superseding: Sequence[Document]
    ids: frozenset[str]
    current: frozenset[str]
    older: frozenset[str]
    coming: frozenset[str]
    later: frozenset[str]
    names: "_DocumentNames"
    issuers: "Issuers"


class ScopeResolver:
    """Finds the documents and the day that a question is about; safe to share between threads."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = tuple(documents)
        self._published_by = lru_cache(maxsize=_CACHED_DAYS)(self._compute_published)

    def __call__(self, text: str, as_of: date, within: frozenset[str] = frozenset()) -> ScopeMatch:
        """Return the scope of normalised `text`; by default all documents may answer and those in force are preferred.

        A day in the text replaces `as_of`, but no document may have been published after `as_of`. `within` are the ids
        of the documents that the conversation is about. If they are not in force, they stay preferred.
        """
        day = _find_day(text, as_of)
        if day is None:
            published = self._published_by(as_of, as_of, as_of)
        else:
            published = self._published_by(as_of, day.first_day(as_of), min(day.time.last, as_of))
        named, name_spans = published.names.find_in(text)
        issuers, issuer_spans = published.issuers.find_in(text, name_spans)
        if named:
            allowed = named | _meeting_documents(text, published)
        elif issuers:
            allowed = frozenset(d.id for d in published.documents if d.issuer in issuers)
        else:
            allowed = published.ids
        allowed, preferred, compared = _apply_plan_age(text, published, named, allowed, within)
        if day and day.use == "document":
            preferred -= published.later
        preferred = (preferred & allowed) or allowed
        covered = (*name_spans, *issuer_spans)
        absent_towns = frozenset(published.issuers.find_absent_towns(text, covered))
        as_of = day.first_day(as_of) if day else as_of
        scope = Scope(as_of, allowed, preferred, named, compared, issuers, absent_towns, day, published.later)
        return ScopeMatch(scope, covered)

    def add_town(self, text: str, before: Sequence[str], as_of: date) -> str:
        """Return normalised `text` with the town of the conversation, where it names neither a place nor a document.

        The town is the only one in the latest question of `before` (oldest first) that names any. A station or school
        of another town (倉敷駅) counts as a place.
        """
        published = self._published_by(as_of, as_of, as_of)
        issuers = published.issuers
        named, name_spans = published.names.find_in(text)
        has_place = "地名" in {tag for m in morphemes(text) for tag in m.pos} or _OTHER_PLACES.search(text)
        if named or has_place or issuers.find_in(text, name_spans)[0]:
            return text
        town = self.find_town(before, as_of)
        return f"{nfkc(town)}では、{_CONTINUATION.sub('', text)}" if town else text

    def remove_towns(self, text: str, as_of: date) -> str:
        """Return normalised `text` without the towns that it names."""
        _, spans = self._published_by(as_of, as_of, as_of).issuers.find_towns(text)
        for start, end in sorted(spans, reverse=True):
            text = text[:start] + re.sub(r"^(?:では|でも|には|の|は|で)?、?", "", text[end:])
        return text

    def find_town(self, texts: Sequence[str], as_of: date) -> str | None:
        """Return the only town in the latest of `texts` (oldest first) that names any.

        None where it names several, no text names one, or all documents are of one issuer.
        """
        issuers = self._published_by(as_of, as_of, as_of).issuers
        towns = next(filter(None, (issuers.find_towns(text)[0] for text in reversed(texts))), frozenset[str]())
        return next(iter(towns)) if len(towns) == 1 and issuers.has_several else None

    def _compute_published(self, as_of: date, day: date, last_day: date) -> _Published:
        documents = published_by(self._documents, as_of) or list(self._documents)
        superseding = superseding_documents(documents)
        ids = frozenset(d.id for d in documents)
        current = frozenset(d.id for d in documents if is_in_force(d, day, superseding))
        coming = frozenset(d.id for d in documents if d.period and day < d.period.start)
        known = frozenset(d.id for d in published_by(documents, last_day))
        return _Published(
            documents,
            superseding,
            ids,
            current,
            older=ids - current - coming,
            coming=coming,
            later=ids - known if day < as_of else frozenset(),
            names=_DocumentNames(documents),
            issuers=Issuers(documents),
        )


def _find_day(text: str, as_of: date) -> ReferenceDay | None:
    """Return the day for which `text` asks, None for several and for a later one, which dates a target.

    A document may be one that is in force later.
    """
    days = [day for day in reference_days(text, as_of) if day.use == "document" or day.time.first <= as_of]
    return days[-1] if len({(day.time.first, day.time.last) for day in days}) == 1 else None


def _apply_plan_age(
    text: str, published: _Published, named: frozenset[str], allowed: frozenset[str], within: frozenset[str]
) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return the documents that are allowed, preferred and compared, by the ages of plans that `text` asks for."""
    ages = {age for age, pattern in _AGES.items() if pattern.search(text)}
    compares = bool(_COMPARES.search(text))
    names_only_older = bool(named) and named <= published.older and not compares and "current" not in ages
    if "previous" in ages and not names_only_older and (named or "current" in ages or compares):
        newer = named or published.current
        compared = _with_predecessors(newer, published) or newer | published.older
        return allowed | compared, published.current, compared
    compared, preferred = frozenset[str](), published.current
    if compares and len(named) > 1:
        compared = named
    elif "previous" in ages:
        preferred = published.older
    elif ages == {"current"} and (plan := _CURRENT_PLAN.search(text)) and not (named or compares):
        is_new = plan[0].startswith("新し")
        in_force = published.current | (published.coming if is_new else frozenset())
        # Older plans are left out, because what only they say does not hold for this one.
        allowed = allowed & in_force or allowed
    elif "next" in ages and not named and (published.coming or not _THIS_TIME.search(text)):
        allowed = preferred = published.coming
    elif within & (published.older | published.coming) and not (named or ages or compares):
        preferred = within & published.ids
    return allowed, preferred, compared


def _meeting_documents(text: str, published: _Published) -> frozenset[str]:
    if not _RESULTS.search(text):
        return frozenset()
    return frozenset(d.id for d in published.documents if d.kind == "meeting")


def _with_predecessors(ids: frozenset[str], published: _Published) -> frozenset[str]:
    """Return the pairs of documents, one superseding the other, of which one is in `ids`."""
    pairs = [{d.id, s.id} for d in published.documents if (s := superseded_by(d, date.max, published.superseding))]
    return frozenset[str]().union(*(pair for pair in pairs if not ids.isdisjoint(pair)))


class _DocumentNames:
    """The spellings of documents' names, to find them in questions."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._owners: dict[str, set[str]] = {}
        for d in documents:
            for name in (d.title, *d.aliases):
                for key in _spellings(name, d.issuer):
                    self._owners.setdefault(key, set()).add(d.id)
        self._without_no = [(key.replace("の", ""), key) for key in self._owners]

    def find_in(self, text: str) -> tuple[frozenset[str], tuple[tuple[int, int], ...]]:
        """Return the documents that the text names, and the spans of their names.

        The longest spelling wins a span. A spelling that is part of another document's title names a family of
        documents (DXアクションプラン, of which there is a 2.0): its span counts, but it names no document, unless the
        text names that other document too.
        """
        characters = re.sub(r"[\sの]", "", text).casefold()
        candidates = (key for without_no, key in self._without_no if without_no in characters)
        named: set[str] = set()
        spans: list[tuple[int, int]] = []
        taken = Spans()
        longer: set[str] = set()
        for key in sorted(candidates, key=lambda key: (-len(key), key)):
            spelling = r"\s*の?\s*".join(map(re.escape, key))  # 第2回会議 is 第2回の会議 too
            matches = re.finditer(rf"(?<![\da-z.]){spelling}(?![\d]|\.\d)", text, re.IGNORECASE)
            free = [match.span() for match in matches if not taken.meet(*match.span())]
            if not free:
                continue
            for span in free:
                taken.add(*span)
            spans += free
            owners = self._owners[key]
            others = {other for other, ids in self._owners.items() if key in other and ids - owners}
            if not others or others & longer:
                named |= owners
            longer.add(key)
        return frozenset(named), tuple(spans)


@lru_cache(maxsize=100_000)
def _spellings(name: str, issuer: str) -> frozenset[str]:
    """Return the spellings of a name in questions: without spaces, the issuer, or a final bracket.

    A numbered paper (第4回会議資料) is also spelled without 資料.
    """
    full = comparison_key(name)
    plain = re.sub(r"\([^()]*\)$|の?(?:本編|概要版?)$", "", full)
    if any(character.isdigit() for character in full):  # without a number, DX会議 is the body and not its paper
        plain = re.sub(r"の?資料$", "", plain)
    owner = nfkc(issuer).casefold()
    shorter = plain.replace(owner, "") if owner else plain
    return frozenset(key for key in (full, plain, shorter) if len(key) > 1)


class Issuers:
    """The names of issuers with and without their suffix (倉敷市, 倉敷), to find them in questions."""

    def __init__(self, documents: Iterable[Document]) -> None:
        documents = tuple(documents)
        issuers = {d.issuer for d in documents if d.issuer}
        self._all_known = bool(documents) and all(d.issuer for d in documents)
        self._document_names = nfkc("\n".join(name for d in documents for name in (d.issuer, d.title, *d.aliases)))
        self._patterns = [(issuer, _issuer_pattern(nfkc(issuer))) for issuer in sorted(issuers, key=len, reverse=True)]
        self.has_several = len(issuers) > 1

    def find_absent_towns(self, text: str, covered: Sequence[tuple[int, int]]) -> Mapping[str, tuple[int, int]]:
        """Return the towns that a question is about and that issued none of the documents, each with its span.

        `covered` are the spans of names that are already recognised. Nothing is returned where the issuer of a document
        is unknown.
        """
        if not self._all_known:
            return {}
        compound_starts = {m.start for m in morphemes(text, "C")}
        towns: dict[int, int] = {}
        start = 0
        for morpheme, suffix in pairwise(morphemes(text)):
            start = morpheme.start if morpheme.start in compound_starts else start
            is_town = "地名" in morpheme.pos and suffix.surface in _MUNICIPALITY_SUFFIXES
            if is_town and not _NOT_THE_SUBJECT.match(text, suffix.end):
                towns[start] = suffix.end
        taken = Spans(covered)
        uncovered = {s: e for s, e in towns.items() if not taken.meet(s, e)}
        return {text[s:e]: (s, e) for s, e in uncovered.items() if text[s:e] not in self._document_names}

    def find_towns(self, text: str) -> tuple[frozenset[str], tuple[tuple[int, int], ...]]:
        """Return the towns that the text names, issuers and absent ones, and the spans of their names."""
        issuers, spans = self.find_in(text)
        absent = self.find_absent_towns(text, spans)
        return issuers | absent.keys(), (*spans, *absent.values())

    def find_in(
        self, text: str, covered: Sequence[tuple[int, int]] = ()
    ) -> tuple[frozenset[str], tuple[tuple[int, int], ...]]:
        """Return the issuers that the text names outside of the `covered` spans, and the spans of their names."""
        spans_by_issuer: dict[str, list[tuple[int, int]]] = {}
        taken = Spans(covered)
        for issuer, pattern in self._patterns:
            for match in pattern.finditer(text):
                if not taken.meet(match.start(), match.start() + 1):
                    spans_by_issuer.setdefault(issuer, []).append(match.span())
        return frozenset(spans_by_issuer), tuple(span for spans in spans_by_issuer.values() for span in spans)


def named_towns(text: str, towns: Iterable[str]) -> frozenset[str]:
    """Return those of `towns` that normalised `text` names, with or without their suffix (市, 町)."""
    return frozenset(town for town in towns if _issuer_pattern(nfkc(town)).search(text))


def _issuer_pattern(issuer: str) -> re.Pattern[str]:
    """Return a pattern for an issuer's name, but not within another name (金沢駅, 倉敷市立美術館, 倉敷Map)."""
    stem = re.sub(r"(?<=.)[都道府県市区町村]$", "", issuer)
    # A stem in hiragana may be part of any word, so its suffix is required.
    optional = "" if re.fullmatch(r"[ぁ-ゖー]+", stem) else "?"
    kind = issuer[len(stem) :]
    short = re.escape(stem) + (kind + optional if kind else "")
    prefecture, no_more = r"(?:[一-龥]{2,3}[都道府県])?", r"(?![一-龥ァ-ヶー々A-Za-z])"
    return re.compile(rf"(?<![一-龥ァ-ヶー]){prefecture}{short}(?:内|役所)?{no_more}の?")
