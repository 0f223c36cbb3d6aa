"""Finds the speakers whom a question mentions: by full or family name, in kana, by seat, letter or office."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from ingest.japanese.characters import KANJI, to_katakana
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.name_endings import DEPARTMENT, MUNICIPALITY
from ingest.japanese.tokenise import morphemes
from ingest.minutes import Person, Role
from ingest.minutes.people import CHAIR_TITLE, MEMBER_TITLE, OFFICE_END

_WORDS = load_lexicon("minutes")
_KINDS = frozenset(_WORDS["kinds"])
_HONORIFIC = any_of(sorted(_WORDS["honorific"], key=len, reverse=True))
_TITLE = rf"(?:{_HONORIFIC}|{CHAIR_TITLE}|{MEMBER_TITLE}|[一-龥]{{0,10}}(?:{OFFICE_END}))"
_KANJI = f"[{KANJI}々]"
_AFTER_FAMILY = rf"(?={_TITLE}|[はがもにへ、とのっさ。?]|って|から|より|$)"
_KANA_NAME = re.compile(
    rf"(?<![ぁ-ゖァ-ヴー])(?P<name>[ぁ-ゖァ-ヴー]{{2,10}}?)(?P<title>{_HONORIFIC}|[課部局室]長|[市町村]長)"
)
_UNKNOWN = re.compile(
    rf"(?<!{_KANJI})(?P<name>{_KANJI}{{1,5}}|[ァ-ヴー]{{2,6}}|[ぁ-ゖ]{{2,5}}|(?<![A-Za-z])[A-Z])(?P<title>議員|委員|さん|氏|先生)(?![会長])"
)
_UNKNOWN_OFFICE = re.compile(
    rf"(?<!{_KANJI})(?P<name>{_KANJI}{{0,10}}(?:{DEPARTMENT}長|教育長|副?{MUNICIPALITY}長))(?!会)"
)
# The office as a whole: 市は何と答えた.
_OFFICE_SIDE = re.compile(
    r"(?<![一-龥])(?:[一-龥]{1,3}(?=[市町村]))?(?:市役所|役場|町役場|村役場|市側|町側|村側|当局|行政側?|執行部|担当課|担当者|担当|事務方|区役所|[市町村区](?=[はがのもにと、]|から|として)|[国都道府県](?=の(?:人|方|職員|担当)|(?:は|が|側が|側は)))"
)
By = Literal["name", "seat", "office", "side"]


@dataclass(frozen=True, slots=True)
class Mention:
    """A speaker that a question mentions at `start`-`end`; `persons` are those it may mean, none if unknown."""

    text: str
    start: int
    end: int
    by: By
    persons: tuple[Person, ...] = ()

    @property
    def is_ambiguous(self) -> bool:
        """Whether a name means several persons with different names or seats."""
        return self.by == "name" and len({(person.name, person.seat) for person in self.persons}) > 1


def find_mentions(text: str, persons: Sequence[Person]) -> tuple[Mention, ...]:
    """Return the speakers that normalised `text` mentions, in order; the longest mention of a place wins."""
    found: dict[tuple[int, int, By], list[Person]] = {}
    for person in persons:
        for start, end, by in _places(text, person):
            found.setdefault((start, end, by), []).append(person)
    mentions = [
        Mention(text[start:end], start, end, by, tuple(dict.fromkeys(who))) for (start, end, by), who in found.items()
    ]
    mentions += [Mention(match[0], *match.span(), "side") for match in _OFFICE_SIDE.finditer(text)]
    kept = _longest(mentions)
    unknown = [one for one in _unknown(text) if not any(one.start < m.end and m.start < one.end for m in kept)]
    named = _with_titles(text, sorted([*kept, *unknown], key=lambda one: one.start))
    return tuple(_without_others(text, mention) for mention in named)


def family_of(text: str) -> str:
    """Return a mentioned name without the title after it."""
    return re.sub(rf"{_TITLE}$", "", text)


def _places(text: str, person: Person) -> Iterator[tuple[int, int, By]]:
    """Yield where a text mentions a person."""
    patterns: list[tuple[By, str]] = [("name", pattern) for pattern in _name_patterns(person)]
    patterns += [("office", pattern) for pattern in _office_patterns(person)]
    if person.seat:
        patterns.append(("seat", rf"(?<![\d第号]){person.seat}(?:の?(?:議員|委員|さん))?"))
    for by, pattern in patterns:
        for match in re.finditer(pattern, text):
            yield *match.span(), by
    readings = {_reading(person.family), _reading(person.name)} if person.family else set[str]()
    for match in _KANA_NAME.finditer(text):
        if to_katakana(match["name"]) in readings:
            yield *match.span("name"), "name"


@lru_cache(maxsize=4096)
def _name_patterns(person: Person) -> tuple[str, ...]:
    name, family = person.name, person.family
    if not name:
        return ()
    if re.fullmatch(r"[A-Z]|[ア-ン]|\d{1,2}", name):
        title = person.office or "委員"
        return (rf"(?<![A-Za-z]){name}(?={title}|さん|氏)", rf"(?<={title}){name}(?![A-Za-z])")
    given, start = name[len(family) :], rf"(?<!{_KANJI}){re.escape(family)}"
    patterns = [rf"{start} ?{re.escape(given)}", rf"{start} ?\({re.escape(given)}\)"] if given else []
    # A family name of one character is a word, too, so that it needs a title.
    patterns += [f"{start}(?={_TITLE})" if len(family) == 1 else f"{start}{_AFTER_FAMILY}"] if family else []
    return tuple(patterns)


@lru_cache(maxsize=4096)
def _office_patterns(person: Person) -> tuple[str, ...]:
    """Return patterns for an office: 都市整備課長, also as 課長 and 都市整備課."""
    office = person.office
    if person.role is Role.MEMBER or len(office) == 1:
        return ()
    patterns = [rf"(?<![副一-龥]){re.escape(office)}"] if office else []
    if (bare := re.search(r"[課部局室係次所]長$", office)) and office != bare[0]:
        patterns.append(rf"(?<![一-龥]){bare[0]}")
    if section := re.fullmatch(r"(.{2,}[課部局室係])長", office):
        patterns.append(rf"(?<![一-龥]){re.escape(section[1])}(?!長)")
    return tuple(patterns)


@lru_cache(maxsize=4096)
def _reading(name: str) -> str:
    return "".join(morpheme.reading for morpheme in morphemes(name))


def _longest(mentions: Iterable[Mention]) -> list[Mention]:
    kept = list[Mention]()
    for one in sorted(mentions, key=lambda m: (m.start - m.end, m.by != "name")):
        same = next((k for k in kept if (k.start, k.end) == (one.start, one.end)), None)
        if same is None and not any(one.start < k.end and k.start < one.end for k in kept):
            kept.append(one)
    return kept


def _with_titles(text: str, mentions: Sequence[Mention]) -> Iterator[Mention]:
    """Yield the mentions, each name with the title after it, which may tell who of one name is meant."""
    mentions = list(mentions)
    while mentions:
        one = mentions.pop(0)
        if one.by == "name" and (title := re.compile(_TITLE).match(text, one.end)):
            end = title.end()
            held = [p for p in one.persons if p.office and (p.office.endswith(title[0]) or title[0].endswith(p.office))]
            if held and re.search(f"(?:{OFFICE_END}|{CHAIR_TITLE})$", title[0]):
                one = Mention(text[one.start : end], one.start, end, "name", tuple(held))
            else:
                one = Mention(text[one.start : end], one.start, end, "name", one.persons)
            while mentions and mentions[0].start < end:
                mentions.pop(0)
        elif (
            one.by in ("office", "seat") and mentions and mentions[0].start <= one.end + 1 and mentions[0].by == "name"
        ):
            following = mentions[0]  # 教育長の真鍋さん, 2番の新田委員
            both = tuple(person for person in following.persons if person in one.persons)
            if both:
                mentions[0] = Mention(text[one.start : following.end], one.start, following.end, "name", both)
                continue
        yield one


def _without_others(text: str, mention: Mention) -> Mention:
    """Return a mention without persons of the same name whom the text tells apart by what they represent."""
    if not mention.is_ambiguous:
        return mention
    # A name in the list of those present alone means one of those who spoke.
    spoke = tuple(person for person in mention.persons if person.label or person.has_full_name) or mention.persons
    described = [_length_in_common(person.represents, text) for person in spoke]
    most = max(described) if max(described) > 1 else 0
    told = (person for person, length in zip(spoke, described, strict=True) if length == most)
    return replace(mention, persons=tuple(told))


def _length_in_common(words: str, text: str) -> int:
    """Return the length of the longest beginning or end of `words` that a text has: PTA of PTA連合会."""
    parts = (part for n in range(len(words)) for part in (words[n:], words[: len(words) - n]))
    return max((len(part) for part in parts if part in text), default=0)


def _unknown(text: str) -> Iterator[Mention]:
    """Yield the persons and offices in the text that no minutes have."""
    for match in _UNKNOWN.finditer(text):
        name = match["name"]
        if name in _KINDS or name.endswith((*(kind for kind in _KINDS if len(kind) > 1), "長", "者")):
            continue
        parts = morphemes(name)
        is_name = all(part.pos[1] == "固有名詞" or (part.is_unknown and re.match(_KANJI, name)) for part in parts)
        # What no entry of the dictionary covers is split into characters.
        is_name = is_name or (len(parts) > 1 and all(len(part.surface) == 1 for part in parts))
        is_letter = bool(re.fullmatch("[A-Z]", name))
        if is_letter or is_name or (match["title"] in ("議員", "委員") and re.fullmatch(f"{_KANJI}+", name)):
            yield Mention(match[0], *match.span(), "name")
    for match in _UNKNOWN_OFFICE.finditer(text):
        yield Mention(match[0], *match.span(), "office")
