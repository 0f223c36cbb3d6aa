"""The noun phrases of a question by what they do in it: name something, ask for a property, tell a time, ask.

Also what a question lacks that it must take from the one before.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from pathlib import Path

import numpy as np

from bot.query.answer_type import word_asked
from ingest.normalise import dates
from ingest.tokenise import LIGHT_WORDS, Morpheme, morphemes, words
from ingest.words import shipped

WORDS = {
    name: frozenset(words.split())
    for name, words in tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8")).items()
}
"""The words of words.toml by the name of their class."""
# Years told from today's.
_YEAR = re.compile(r"(?:一昨|昨|去|今|本|来|再来)年度?|おととし")
# Behind a noun that is no subject: a condition (小人だと), a contrast (大人のほう), what comes besides (週末も) what
# was spoken of, or what that is (有料ですか). What is to be told besides (週末も教えて) is a subject of its own.
_NO_SUBJECT = re.compile(
    r"でも|だと|だったら|なら|の(?:方|ほう)|も(?!教え|知り|お|う|っと)|(?:です|でしょう|でした|なの)(?:か|[。?]|$)"
)
_THEME = re.compile(r"\s?(?:は|が|も|って|[。?]?$)")
# Importance of all its words below which a question is about what was spoken of; nobody knows how much an unknown word
# says. Of 43 follow-ups 35 are known at 1.6 (28 without, 38 at 2.0), of 1,250 first questions .980 stay as they are
# (.983, .962) (eval/LOG.md, 2026-11-21).
_LITTLE, _UNKNOWN = 1.6, 3.0
_POINTING_POS = frozenset({"代名詞", "連体詞", "副詞", "形状詞", "名詞"})
PLANS = ("計画", "プラン", "戦略", "指針", "方針", "ビジョン")
AGE = re.compile(
    r"(?:(?:一つ|ひとつ|1つ)?前|以前|旧|今|いま|現在|現行|次)の"
    rf"[^のは、]{{0,6}}(?:{'|'.join(PLANS)})(?:では)?[のは]?、?"
)
"""A plan named by its time: 次の戦略では."""


class Role(Enum):
    """What a run of nouns does in a question."""

    NAME = auto()
    """Names something: 図書館, 米の量 as 米."""
    PROPERTY = auto()
    """Something that only another thing has: 期限, 申込方法."""
    TIME = auto()
    """A date, or a noun that serves as an adverb: 令和6年度, 来月."""
    ASKED = auto()
    """Asks, or is what an interrogative asks for: 何人, どんな催し."""
    DEED = auto()
    """The noun of a verb: 申請 in 申請できる."""
    COUNT = auto()
    """Numerals with their counters, and nouns of the grammar alone: 二つ目, こと."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A run of nouns at `text[start:end]` of the question, the morpheme `before` it, and all that stands `behind`."""

    text: str
    start: int
    end: int
    role: Role
    before: str
    behind: str

    @property
    def is_measure(self) -> bool:
        """Whether it names a quantity: 来館者数, 普及率."""
        return morphemes(self.text)[-1].normal in WORDS["measures"]


def is_interrogative(m: Morpheme) -> bool:
    """Whether a morpheme asks: いつ, 何, どの."""
    return m.normal in WORDS["interrogatives"]


def asks(text: str) -> bool:
    """Whether normalised `text` has an interrogative."""
    return any(map(is_interrogative, morphemes(text)))


def names(text: str) -> bool:
    """Whether normalised `text` names anything."""
    return any(p.role is Role.NAME for p in phrases(text))


def times(text: str) -> list[tuple[int, int]]:
    """Return where normalised `text` tells dates and years told from today's, in order: from where, to where."""
    years = (match.span() for match in _YEAR.finditer(text))
    return sorted([*((mention.start, mention.end) for mention in dates(text)), *years])


@lru_cache(maxsize=256)
def phrases(text: str) -> tuple[Phrase, ...]:
    """Return the noun phrases of normalised `text` in order; none of an empty one."""
    ms = [m for m in morphemes(text) if m.pos[0] != "空白"]
    timed = times(text)
    return tuple(_phrase(text, ms, start, end, timed) for start, end in _runs(ms))


def _runs(ms: Sequence[Morpheme]) -> Iterator[tuple[int, int]]:
    """Yield from where to where nouns stand side by side; an interrogative begins a run, white space ends one."""
    start = 0
    for end in range(len(ms) + 1):
        joins = end < len(ms) and (ms[end].is_noun or is_interrogative(ms[end]))
        breaks = not joins or is_interrogative(ms[end]) or (end > start and _is_apart(ms[end - 1], ms[end]))
        if breaks and start < end:
            yield start, end
            start = end
        if not joins:
            start = end + 1


def _is_apart(before: Morpheme, noun: Morpheme) -> bool:
    """Whether white space is between the two, or an interrogative that takes no counter (なぜ, いつ)."""
    return noun.start > before.end or (is_interrogative(before) and before.pos[1] != "数詞")


def _phrase(text: str, ms: Sequence[Morpheme], start: int, end: int, timed: Sequence[tuple[int, int]]) -> Phrase:
    first, last = ms[start].start, ms[end - 1].end
    in_time = any(a < last and first < b for a, b in timed)
    role = Role.ASKED if _is_asked_for(ms, start) else _role(ms[start:end], ms[end : end + 2], in_time=in_time)
    return Phrase(text[first:last], first, last, role, ms[start - 1].surface if start else "", text[last:])


def _role(run: Sequence[Morpheme], behind: Sequence[Morpheme], *, in_time: bool) -> Role:
    if any(map(is_interrogative, run)):
        return Role.ASKED
    said = [m for m in run if m.pos[1] != "数詞" and m.pos[0] != "接頭辞"]
    if not said or all(m.normal in LIGHT_WORDS or m.pos[-4] == "助数詞" for m in said):
        return Role.TIME if in_time else Role.COUNT
    if _is_property(said):
        return Role.PROPERTY
    if in_time or all({"副詞可能", "助数詞可能"} & set(m.pos) for m in said):
        return Role.TIME
    done = [m.normal for m in behind if m.surface not in {"に", "が"}][:1]
    return Role.DEED if all("サ変可能" in m.pos for m in said) and WORDS["doing"] & {*done} else Role.NAME


def _is_property(said: Sequence[Morpheme]) -> bool:
    """Whether a compound of these asks for what another thing has: 申込期限, 対象者, 委員長."""
    *modifiers, head = said
    if head.normal == "長" and modifiers:
        return True
    if head.normal == "者" and modifiers:
        *modifiers, head = modifiers
    is_head = head.normal in WORDS["properties"] or (bool(modifiers) and head.normal in WORDS["bound"])
    qualifying = WORDS["properties"] | WORDS["general"]
    return is_head and all(m.normal in qualifying or "サ変可能" in m.pos for m in modifiers)


def _is_asked_for(ms: Sequence[Morpheme], start: int) -> bool:
    """Whether an interrogative stands before the run, with nothing but what links the two between."""
    place = start - 1
    while place >= 0 and ms[place].surface in WORDS["between"]:
        place -= 1
    if place < 0 or not is_interrogative(ms[place]):
        return False
    return ms[place].pos[0] == "連体詞" if place == start - 1 else ms[start - 1].surface in WORDS["linking"]


@dataclass(frozen=True, slots=True)
class Pointer:
    """The `word` at `text[start:end]` that points back, and the morpheme `behind` it."""

    start: int
    end: int
    word: Morpheme
    behind: Morpheme | None


def lacks_subject(text: str) -> bool:
    """Whether normalised `text` names nothing that it could be about, or asks for a property of nothing named."""
    told = [p for p in phrases(text) if p.role in {Role.NAME, Role.PROPERTY}]
    named = [p for p in told if p.role is Role.NAME and not _NO_SUBJECT.match(p.behind) and not _is_standard(p, text)]
    if not named:
        return True
    property_asked = told[0].role is Role.PROPERTY and bool(_THEME.match(told[0].behind))
    return property_asked and not any(_THEME.match(p.behind) or p.behind.startswith("の") for p in named)


def names_nothing(text: str) -> bool:
    """Whether normalised `text` asks, or wishes, without a word of what: だれですか, あれはどこにありますか."""
    return not any(p.role in {Role.NAME, Role.PROPERTY} for p in phrases(text)) and says_little(text)


def says_little(text: str) -> bool:
    """Whether the words of normalised `text` are few and everyday, so that in a talk it is about what was spoken of.

    How much a word says is learned: the length of its vector (`ingest.words`). Proper names, members of a series,
    plans, and what is asked to be defined say enough.
    """
    ms = morphemes(text)
    telling = any(m.pos[1] in {"固有名詞", "数詞"} or m.normal in PLANS for m in ms if not is_interrogative(m))
    if telling or word_asked(text):
        return False
    vectors = shipped()
    known = [word for word in dict.fromkeys(words(text)) if word in vectors.terms]
    importance = np.linalg.norm(vectors.rows(vectors.ids(known)), axis=1).sum()
    return bool(importance + _UNKNOWN * (len({*words(text)}) - len(known)) < _LITTLE)


def _is_standard(phrase: Phrase, text: str) -> bool:
    """Whether a phrase is another plan that something is held against: 旧の指針から, 今のビジョンより."""
    of_age = any(m.start() <= phrase.start < m.end() for m in AGE.finditer(text))
    return of_age and phrase.behind.startswith(("から", "より", "と"))


def pointer(text: str) -> Pointer | None:
    """Return the first word of normalised `text` that points to what was said before it; None where none does.

    What is named in an earlier clause of the text itself is what a later word points to.
    """
    ms = [m for m in morphemes(text) if m.pos[0] != "空白"]
    for m, behind in zip(ms, [*ms[1:], None], strict=True):
        sets_off = m is ms[0] and m.normal in WORDS["others"] and behind and behind.surface in {"の", "に", "は"}
        if sets_off or (_is_demonstrative(m) and not _is_idiom(m, behind)):
            return None if _names_before(text, m.start) else Pointer(m.start, m.end, m, behind)
    return None


def _is_demonstrative(m: Morpheme) -> bool:
    return m.normal in WORDS["demonstratives"] and m.pos[0] in _POINTING_POS and m.pos[1] != "助動詞語幹"


def _is_idiom(m: Morpheme, behind: Morpheme | None) -> bool:
    """Whether a demonstrative makes a word of its own with what follows: その他, これまで, この冬, あの、."""
    if behind is None or (m.pos[0] == "連体詞" and not behind.is_content):
        return m.pos[0] == "連体詞"
    adverb = {"副詞可能", *(["助数詞可能"] if m.normal == "此の" else [])} & {*behind.pos} and behind.normal != "うち"
    return behind.normal in WORDS["others"] or behind.surface in {"まで", "から"} or bool(adverb)


def _names_before(text: str, place: int) -> bool:
    """Whether something is named before `place` of the text, in another clause or coordinate to what stands there."""
    named = (p for p in phrases(text) if p.role is Role.NAME and p.end <= place)
    return any(re.search(r"[、。?!]|[とや]$|および|及び", text[p.end : place]) for p in named)
