"""Finds the speakers whom a question mentions: by full or family name, by seat, letter or office."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from bot.state.minutes_question import Mention, MentionKind
from ingest.japanese.characters import KANJI
from ingest.japanese.lexicon import DEPARTMENT, MUNICIPALITY, any_of, load_lexicon
from ingest.japanese.tokenise import morphemes
from ingest.spoken_words import CHAIR_TITLE, MEMBER_TITLE, OFFICE_END, Person, SpeakerRole

_LEXICON = load_lexicon("minutes")
# Words that name a kind of member before a title, not a person: 公募委員.
_MEMBER_KINDS = frozenset(_LEXICON["kinds"])
_ENDS_OF_NO_NAME = (*(kind for kind in _MEMBER_KINDS if len(kind) > 1), "長", "者")
_HONORIFIC = any_of(sorted(_LEXICON["honorific"], key=len, reverse=True))
_TITLE = re.compile(rf"(?:{_HONORIFIC}|{CHAIR_TITLE}|{MEMBER_TITLE}|[一-龥]{{0,10}}(?:{OFFICE_END}))")
_OFFICE_TITLE = re.compile(rf"(?:{OFFICE_END}|{CHAIR_TITLE})$")
_OFFICE_HEAD = re.compile(r"[課部局室係次所]長$")
_NAME_KANJI = f"[{KANJI}々]"
_AFTER_FAMILY_NAME = rf"(?={_TITLE.pattern}|[はがもにへ、とのっさ。?]|って|から|より|$)"
_UNKNOWN_PERSON = re.compile(
    rf"(?<!{_NAME_KANJI})(?P<name>{_NAME_KANJI}{{1,5}}|[ァ-ヴー]{{2,6}}|[ぁ-ゖ]{{2,5}}|(?<![A-Za-z])[A-Z])"
    r"(?P<title>議員|委員|さん|氏|先生)(?![会長])"
)
_UNKNOWN_OFFICE = re.compile(
    rf"(?<!{_NAME_KANJI})(?P<name>{_NAME_KANJI}{{0,10}}(?:{DEPARTMENT}長|教育長|副?{MUNICIPALITY}長))(?!会)"
)


def find_mentions(text: str, persons: Sequence[Person]) -> tuple[Mention, ...]:
    """Return the speakers that normalised `text` mentions, in order; of overlapping mentions the longest."""
    persons_by_place: dict[tuple[int, int, MentionKind], list[Person]] = {}
    # Patterns are slow, and minutes may have thousands of speakers.
    for person in (person for person in persons if any(name in text for name in _name_parts(person))):
        for place in _find_places(text, person):
            persons_by_place.setdefault(place, []).append(person)
    mentions = [
        Mention(text[start:end], start, end, kind, _distinguish(mentioned, text))
        for (start, end, kind), mentioned in persons_by_place.items()
    ]
    certain = list(_find_unknown(text))
    known = [
        replace(mention, is_certain=any(map(mention.overlaps, certain))) for mention in _without_overlaps(mentions)
    ]
    unknown = [mention for mention in certain if not any(map(mention.overlaps, known))]
    in_order = sorted([*known, *unknown], key=lambda mention: mention.start)
    return tuple(_with_titles(text, in_order))


def _distinguish(persons: Iterable[Person], text: str) -> tuple[Person, ...]:
    """Return the persons, of members of one name those for whom the text has what they represent."""
    distinct = tuple(dict.fromkeys(persons))
    return tuple(person for person in distinct if person.represents and person.represents in text) or distinct


@lru_cache(maxsize=65_536)
def _name_parts(person: Person) -> tuple[str, ...]:
    """Return parts of which a text has one if it mentions a person."""
    office = "" if person.role is SpeakerRole.MEMBER or len(person.office) == 1 else person.office
    head = _OFFICE_HEAD.search(office)
    parts = person.family or person.name, person.seat, office, head[0] if head else "", office.removesuffix("長")
    return tuple(filter(None, parts))


def _find_places(text: str, person: Person) -> Iterator[tuple[int, int, MentionKind]]:
    for kind, pattern in _patterns(person):
        for match in re.finditer(pattern, text):
            yield *match.span(), kind


@lru_cache(maxsize=4096)
def _patterns(person: Person) -> tuple[tuple[MentionKind, str], ...]:
    name, family, office = person.name, person.family, person.office
    names, offices = list[str](), list[str]()
    if re.fullmatch(r"[A-Z]|[ア-ン]|\d{1,2}", name):
        title = office or "委員"
        names = [rf"(?<![A-Za-z]){name}(?={title}|さん|氏)", rf"(?<={title}){name}(?![A-Za-z])"]
    elif name:
        given_name = re.escape(name[len(family) :])
        family_pattern = rf"(?<!{_NAME_KANJI}){re.escape(family)}"
        names = [rf"{family_pattern}(?: ?{given_name}| ?\({given_name}\))"] if given_name else []
        # A family name of one character is a word, too, so that it needs a title.
        following = f"(?={_TITLE.pattern})" if len(family) == 1 else _AFTER_FAMILY_NAME
        names += [family_pattern + following] if family else []
    if person.role is not SpeakerRole.MEMBER and len(office) > 1:
        offices = [rf"(?<![副一-龥]){re.escape(office)}"]
        if (head := _OFFICE_HEAD.search(office)) and office != head[0]:
            offices.append(rf"(?<![一-龥]){head[0]}")
        if section := re.fullmatch(r"(.{2,}[課部局室係])長", office):
            offices.append(rf"(?<![一-龥]){re.escape(section[1])}(?!長)")
    seats = [rf"(?<![\d第号]){person.seat}(?:の?(?:議員|委員|さん))?"] if person.seat else []
    kinds = (MentionKind.NAME, names), (MentionKind.OFFICE, offices), (MentionKind.SEAT, seats)
    return tuple((kind, pattern) for kind, patterns in kinds for pattern in patterns)


def _without_overlaps(mentions: Iterable[Mention]) -> list[Mention]:
    longest_first = sorted(
        mentions, key=lambda mention: (mention.start - mention.end, mention.kind is not MentionKind.NAME)
    )
    selected = list[Mention]()
    for mention in longest_first:
        if not any(map(mention.overlaps, selected)):
            selected.append(mention)
    return selected


def _with_titles(text: str, mentions: Iterable[Mention]) -> Iterator[Mention]:
    """Yield the mentions, a name with the title after it and the office or seat before it."""
    waiting = deque(mentions)
    while waiting:
        mention = waiting.popleft()
        title = _TITLE.match(text, mention.end) if mention.kind is MentionKind.NAME else None
        both = tuple(person for person in waiting[0].persons if person in mention.persons) if waiting else ()
        if title:
            while waiting and waiting[0].start < title.end():
                waiting.popleft()
            has_office = bool(_OFFICE_TITLE.search(title[0]))
            holders = tuple(person for person in mention.persons if has_office and _holds(person.office, title[0]))
            named = text[mention.start : title.end()]
            yield replace(mention, text=named, end=title.end(), persons=holders or mention.persons)
        elif both and mention.kind is not waiting[0].kind is MentionKind.NAME and waiting[0].start <= mention.end + 1:
            named = text[mention.start : waiting[0].end]
            waiting[0] = replace(waiting[0], text=named, start=mention.start, persons=both)
        else:
            yield mention


def _holds(office: str, title: str) -> bool:
    return bool(office) and (office.endswith(title) or title.endswith(office))


def _find_unknown(text: str) -> Iterator[Mention]:
    for match in _UNKNOWN_PERSON.finditer(text):
        name = match["name"]
        if name not in _MEMBER_KINDS and not name.endswith(_ENDS_OF_NO_NAME) and _may_be_name(name, match["title"]):
            yield Mention(match[0], *match.span(), MentionKind.NAME, is_certain=True)
    for match in _UNKNOWN_OFFICE.finditer(text):
        yield Mention(match[0], *match.span(), MentionKind.OFFICE, is_certain=True)


def _may_be_name(name: str, title: str) -> bool:
    is_letter = bool(re.fullmatch("[A-Z]", name))
    is_kanji = bool(re.fullmatch(f"{_NAME_KANJI}+", name))
    if is_letter or (is_kanji and title in ("議員", "委員")):
        return True
    parts = morphemes(name)
    starts_with_kanji = bool(re.match(_NAME_KANJI, name))
    if all(part.pos[1] == "固有名詞" or (part.is_unknown and starts_with_kanji) for part in parts):
        return True
    # Sudachi splits what no entry of its dictionary covers into characters.
    return len(parts) > 1 and all(len(part.surface) == 1 for part in parts)
