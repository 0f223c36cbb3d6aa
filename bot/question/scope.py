"""Resolves which documents and which day a question is about."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

from bot.question.query import Scope
from ingest.documents import Document
from ingest.japanese import DateMention, nfkc
from ingest.japanese.interrogatives import WHERE, WHICH_OF_TWO
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.spans import Spans
from ingest.japanese.tokenise import morphemes
from ingest.metadata.validity import is_in_force, published_by, superseded_by, superseding_documents

# What a city calls a plan, where questions ask for one.
PLAN_WORDS = load_lexicon("plans")["plans"]
# A date with such words asks what was valid then (2024年度に有効だったプラン, 2024年度時点のプラン). Without a paper
# it is that of a figure (2030年度時点の目標), and what is in force is that of the day on which it is asked.
_PAPERS = rf"(?:{any_of(PLAN_WORDS)}|資料)(?![値額上的])"
_AS_OF = re.compile(
    r"(?:に|で|の|には|時点で?)*(?:有効|現行|適用)"
    rf"|の?(?:時点|現在|当時|ころ|頃)(?:に?の|[にで][^、。はがを]{{1,10}}[たるの])?[^、。はがをの]{{0,10}}?{_PAPERS}"
)
# An age counts where a plan or paper follows it: 前の方針, いまの指針, 新しいほう.
_PAPER = rf"(?=[^、。]{{0,12}}(?:{any_of(PLAN_WORDS)}|版|資料|もの|ほう|方))"
_AGES = {
    "previous": re.compile(rf"(?:前|以前|旧|昔|ひとつ前|一つ前|古い)(?:回|の|は|に|から)?{_PAPER}|前身"),
    "current": re.compile(rf"(?:今|いま|現在|現行|最新|新しい|今回|このたび)(?:の|は)?{_PAPER}"),
    "next": re.compile(rf"(?:次|次回|今度)の[^、。はがを]{{0,12}}?{any_of(PLAN_WORDS)}|次期"),
}
_CURRENT_PLAN = re.compile(rf"(?:今|いま|現在|現行|最新|新しい)の?(?:新しい|最新の)?{any_of(PLAN_WORDS)}")
_COMPARES = re.compile(
    r"どう(?:変わ|違)|違い|違う|比較|比べ|(?:変わった|新しくなった)(?:の|ん|点|か|ところ)|変更点|新旧|対比|それぞれ"
    rf"|{WHICH_OF_TWO}が"
)
_KINDS_OF_TOWN = frozenset("都府県市区町村")
# After the name of a town: it is an origin, a destination or a partner, not the town asked about.
_ASIDE = re.compile(r"から|へ|まで|より|と|や|を|に(?![はおも])|民")
# Who asks so asks of other places than the one that was spoken of, or of many.
_OTHER_PLACES = re.compile(
    rf"(?:他|ほか|別|各|全て|すべて|全部|両方|周辺|近隣|隣|{WHICH_OF_TWO}|{WHERE}|どの)の?(?:[都府県市区町村]|自治体|まち|街|ところ)"
    r"|市町村|自治体|全国|県内|国内|[他両](?:市|町|村)|(?<![一-龥])[国県]の|よその?|つの(?:[市町村]|まち)|海外"
)
# Words that continue a conversation.
_LED_ON = re.compile(r"^(?:(?:それ)?では|じゃあ?|あと|それと|それから|ちなみに|また)、\s?")
# A plan sets targets, minutes report the results.
_WHAT_CAME = re.compile(r"実績|結果|達成|届|上回|下回|実際")
# Days that a process is asked about are few: today, and those of questions about another day.
_DAYS = 32


@dataclass(frozen=True, slots=True)
class ScopeMatch:
    """The scope of a question, where its text names what the scope covers, and the dates that give the as-of date."""

    scope: Scope
    covered: tuple[tuple[int, int], ...]
    as_of_dates: tuple[DateMention, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What had been published by a day: which governed then, which did not any more or not yet, how each is named."""

    documents: Sequence[Document]
    replacing: Sequence[Document]
    ids: frozenset[str]
    current: frozenset[str]
    older: frozenset[str]
    coming: frozenset[str]
    names: "_Names"
    issuers: "Issuers"


class ScopeResolver:
    """Tells which of `documents` a question is about; what does not depend on its words is found once a day.

    Safe to share between threads.
    """

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = tuple(documents)
        self._known_on = lru_cache(maxsize=_DAYS)(self._look_at)

    def __call__(
        self, text: str, dates: Sequence[DateMention], as_of: date, within: frozenset[str] = frozenset()
    ) -> ScopeMatch:
        """Return what normalised `text` is about; by default all documents may answer, those in force first.

        `within` are the ids of the documents that the talk is of: where they are of another time, it stays there.
        """
        as_of_dates = tuple(mention for mention in dates if _AS_OF.match(text, mention.end))
        as_of = as_of_dates[-1].first if as_of_dates else as_of
        known = self._known_on(as_of)
        named, of_names = known.names.within(text)
        issuers, of_issuers = known.issuers.within(text, of_names)
        ids = known.ids & frozenset(d.id for d in known.documents if d.issuer in issuers) if issuers else known.ids
        allowed = (named | _meeting_documents(text, known)) if named else ids
        allowed, preferred, compared = _apply_plan_age(text, known, named, allowed, within)
        preferred = (preferred & allowed) or allowed
        absent = frozenset(known.issuers.absent(text, (*of_names, *of_issuers)))
        scope = Scope(as_of, allowed, preferred, named, compared, issuers, absent)
        return ScopeMatch(scope, (*of_names, *of_issuers), as_of_dates)

    def add_town(self, text: str, before: Sequence[str], as_of: date) -> str:
        """Return normalised `text` with the town of the conversation, where it names neither place nor document.

        It is that which the questions `before` it, the oldest first, named last, and alone. A station or a school of
        another town (倉敷駅) is a place too.
        """
        known = self._known_on(as_of)
        named, of_names = known.names.within(text)
        places = "地名" in {kind for one in morphemes(text) for kind in one.pos} or _OTHER_PLACES.search(text)
        if named or known.issuers.within(text, of_names)[0] or places:
            return text
        towns = next((found for one in reversed(before) if (found := known.issuers.places(one)[0])), frozenset[str]())
        if len(towns) != 1 or not known.issuers.several:
            return text
        return f"{nfkc(next(iter(towns)))}では、{_LED_ON.sub('', text)}"

    def _look_at(self, as_of: date) -> _Known:
        known = published_by(self._documents, as_of) or list(self._documents)
        replacing = superseding_documents(known)
        current = frozenset(d.id for d in known if is_in_force(d, as_of, replacing))
        coming = frozenset(d.id for d in known if d.period and as_of < d.period.start)
        ids = frozenset(d.id for d in known)
        return _Known(known, replacing, ids, current, ids - current - coming, coming, _Names(known), Issuers(known))


def _apply_plan_age(
    text: str, known: _Known, named: frozenset[str], allowed: frozenset[str], within: frozenset[str]
) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return which documents are allowed, preferred and set side by side, by the ages of plans in `text`."""
    ages = {age for age, wording in _AGES.items() if wording.search(text)}
    compares = bool(_COMPARES.search(text))
    calls_older = bool(named) and named <= known.older and not compares and "current" not in ages
    if "previous" in ages and not calls_older and (named or "current" in ages or compares):
        meant = named or known.current
        compared = _with_predecessors(meant, known) or meant | known.older
        return allowed | compared, known.current, compared
    compared, preferred = frozenset[str](), known.current
    if compares and len(named) > 1:
        compared = named
    elif "previous" in ages:
        preferred = known.older
    elif ages == {"current"} and (plan := _CURRENT_PLAN.search(text)) and not (named or compares):
        of_plan = known.current | (known.coming if plan[0].startswith("新し") else frozenset())
        allowed = allowed & of_plan or allowed  # what only an older plan says is none of this one's
    elif "next" in ages and not named:
        allowed = preferred = known.coming
    elif within & (known.older | known.coming) and not (named or ages or compares):
        preferred = within & known.ids
    return allowed, preferred, compared


def _meeting_documents(text: str, known: _Known) -> frozenset[str]:
    return frozenset(d.id for d in known.documents if d.kind == "meeting") if _WHAT_CAME.search(text) else frozenset()


def _with_predecessors(ids: frozenset[str], known: _Known) -> frozenset[str]:
    """Return those of the documents that replace another, with the ones they replace; none where none does."""
    pairs = [{d.id, s.id} for d in known.documents if (s := superseded_by(d, date.max, known.replacing))]
    return frozenset[str]().union(*(pair for pair in pairs if not ids.isdisjoint(pair)))


class _Names:
    """The spellings of documents' names, to be found in questions."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._owners: dict[str, set[str]] = {}
        for d in documents:
            for name in (d.title, *d.aliases):
                for key in _spellings(name, d.issuer):
                    self._owners.setdefault(key, set()).add(d.id)
        self._letters = [(key.replace("の", ""), key) for key in self._owners]

    def within(self, text: str) -> tuple[frozenset[str], tuple[tuple[int, int], ...]]:
        """Return the documents that the text names, and where it names them.

        The longest spelling wins its place in the text. A spelling that is a part of another document's title names a
        family of documents (DXアクションプラン, of which there is a 2.0) and settles nothing, unless the text names
        that other document too.
        """
        letters = re.sub(r"[\sの]", "", text).casefold()
        found = sorted((key for plain, key in self._letters if plain in letters), key=lambda key: (-len(key), key))
        named: set[str] = set()
        places: list[tuple[int, int]] = []
        taken = Spans()
        longer: set[str] = set()
        for key in found:
            written = r"\s*の?\s*".join(map(re.escape, key))  # 第2回会議 is 第2回の会議 too
            matches = re.finditer(rf"(?<![\da-z.]){written}(?![\d]|\.\d)", text, re.IGNORECASE)
            free = [match.span() for match in matches if not taken.meet(*match.span())]
            if not free:
                continue
            for span in free:
                taken.add(*span)
            places += free
            owners = self._owners[key]
            others = {other for other, ids in self._owners.items() if key in other and ids - owners}
            if not others or others & longer:
                named |= owners
            longer.add(key)
        return frozenset(named), tuple(places)


@lru_cache(maxsize=100_000)
def _spellings(name: str, issuer: str) -> frozenset[str]:
    """Return how a name is written in a question: without spaces, the issuer, or a closing bracket.

    A numbered paper (第4回会議資料) is written without its 資料 too.
    """
    full = re.sub(r"\s", "", nfkc(name)).casefold()
    plain = re.sub(r"\([^()]*\)$|の?(?:本編|概要版?)$", "", full)
    if any(character.isdigit() for character in full):  # without a number (DX会議) it is the body and not its paper
        plain = re.sub(r"の?資料$", "", plain)
    owner = nfkc(issuer).casefold()
    shorter = plain.replace(owner, "") if owner else plain
    return frozenset(key for key in (full, plain, shorter) if len(key) > 1)


class Issuers:
    """The names of issuers, with and without what kind of body they are (倉敷市, 倉敷), to be found in questions."""

    def __init__(self, documents: Iterable[Document]) -> None:
        documents = tuple(documents)
        issuers = {d.issuer for d in documents if d.issuer}
        self._all_known = bool(documents) and all(d.issuer for d in documents)
        self._named = nfkc("\n".join(name for d in documents for name in (d.issuer, d.title, *d.aliases)))
        self._patterns = [(issuer, _issuer_pattern(nfkc(issuer))) for issuer in sorted(issuers, key=len, reverse=True)]
        self.several = len(issuers) > 1

    def absent(self, text: str, known: Sequence[tuple[int, int]]) -> Mapping[str, tuple[int, int]]:
        """Return the towns whose matter a question is, outside of the `known` names, and who issue none of these.

        Each with its place in the text. None where a document is of an unknown issuer.
        """
        if not self._all_known:
            return {}
        long = {m.start: m for m in morphemes(text, "C")}
        towns: dict[int, int] = {}
        start = 0
        for place, kind in pairwise(morphemes(text)):
            start = place.start if place.start in long else start
            if "地名" in place.pos and kind.surface in _KINDS_OF_TOWN and not _ASIDE.match(text, kind.end):
                towns[start] = kind.end
        taken = Spans(known)
        named = {s: e for s, e in towns.items() if not taken.meet(s, e)}
        return {text[s:e]: (s, e) for s, e in named.items() if text[s:e] not in self._named}

    def places(self, text: str) -> tuple[frozenset[str], tuple[tuple[int, int], ...]]:
        """Return the towns that the text names, issuers and others, and where it does."""
        issuers, spans = self.within(text)
        absent = self.absent(text, spans)
        return issuers | absent.keys(), (*spans, *absent.values())

    def within(
        self, text: str, names: Sequence[tuple[int, int]] = ()
    ) -> tuple[frozenset[str], tuple[tuple[int, int], ...]]:
        """Return the issuers that the text names outside of documents' names, and where it does."""
        found: dict[str, list[tuple[int, int]]] = {}
        taken = Spans(names)
        for issuer, pattern in self._patterns:
            for match in pattern.finditer(text):
                if not taken.meet(match.start(), match.start() + 1):
                    found.setdefault(issuer, []).append(match.span())
        return frozenset(found), tuple(span for spans in found.values() for span in spans)


def named_towns(text: str, towns: Iterable[str]) -> frozenset[str]:
    """Return those of the towns that normalised `text` names, with or without what kind of body they are."""
    return frozenset(town for town in towns if _issuer_pattern(nfkc(town)).search(text))


def _issuer_pattern(issuer: str) -> re.Pattern[str]:
    """Return what finds an issuer's name, but not in the name of something else (金沢駅, 倉敷市立美術館, 倉敷Map)."""
    stem = re.sub(r"(?<=.)[都道府県市区町村]$", "", issuer)
    # A name in hiragana is part of any word; it counts with what kind of body it is.
    optional = "" if re.fullmatch(r"[ぁ-ゖー]+", stem) else "?"
    kind = issuer[len(stem) :]
    short = re.escape(stem) + (kind + optional if kind else "")
    prefecture, no_more = r"(?:[一-龥]{2,3}[都道府県])?", r"(?![一-龥ァ-ヶー々A-Za-z])"
    return re.compile(rf"(?<![一-龥ァ-ヶー]){prefecture}{short}(?:内|役所)?{no_more}の?")
