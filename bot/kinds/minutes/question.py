"""Reads from a question whose words it wants: those of a speaker, a reply to one, or of whoever spoke on a topic."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from ingest.blocks.speakers import CHAIR_TITLE, MEMBER_KINDS, MEMBER_TITLE
from ingest.documents import Person
from ingest.japanese import quantities
from ingest.japanese.characters import KANJI
from ingest.japanese.lexicon import DEPARTMENT, MUNICIPALITY, WHO, any_of
from ingest.japanese.tokenise import morphemes

_WORDS = {
    name: tuple(words.split())
    for name, words in tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8")).items()
}
_HONORIFIC = any_of(_WORDS["honorific"])
_MEMBER_TITLES = any_of((CHAIR_TITLE, MEMBER_TITLE, _HONORIFIC))
_OFFICE_HEAD = re.compile(r"[課部局室係次所]長$")
_NAME_KANJI = f"[{KANJI}々]"
_AFTER_FAMILY_NAME = r"(?=[はがもにへ、とのっ?]|って|から|より|$)"
_PERSON_FORM = re.compile(
    rf"(?<!{_NAME_KANJI})(?P<name>{_NAME_KANJI}{{1,5}}|[ァ-ヴー]{{2,6}}|(?<![A-Za-z])[A-Z])"
    r"(?P<title>議員|委員|さん|氏|先生)(?![会長])"
)
_OFFICE_FORM = re.compile(
    rf"(?<!{_NAME_KANJI}){_NAME_KANJI}{{0,10}}(?:{DEPARTMENT}長|教育長|副?{MUNICIPALITY}長)(?!会)"
)
_ENDS_OF_NO_NAME = (*(kind for kind in MEMBER_KINDS if len(kind) > 1), "長", "者")
# With a topic (B委員は), a subject in the question (A委員が出した案に) is not what it asks about.
_SUBJECT_PARTICLES = (("は", "も"), ("が", "って"))
_SPEAKER_MARK = "〇"
_SPEAKING = any_of((*_WORDS["speaking"], *_WORDS["replying"]))
_WHAT_WAS_SAID = re.compile(rf"{_SPEAKING}|何て|なんて|何と|なんと")
_WORDS_WANTED = re.compile(rf"{_WHAT_WAS_SAID.pattern}|どう(?:思|考|し)|(?<!電)話|内容|趣旨")
_REPLYING = re.compile(any_of(_WORDS["replying"]))
# The reply of the office: 何と答えた, …に対する回答, …についての答弁内容.
_REPLY_OF_OFFICE = re.compile(
    rf"(?:何|なん|どう|どの)[^。?]{{0,8}}(?:{_REPLYING.pattern})[^。?]{{0,3}}た"
    r"|(?:に(?:対する|ついての|関する)|への|の)[^。?]{0,12}(?:回答|答弁)"
)
# Not 誰でも: with も it is no interrogative.
_WHICH_PERSON = rf"(?:{WHO}(?!も|でも)|どの(?:議員|委員|人|方|課|部署)|何(?:委員|議員|課)|(?:発言|質問|答弁)者)"
_WHO_SPOKE = re.compile(rf"{_WHICH_PERSON}.*{_SPEAKING}|{_SPEAKING}.*{_WHICH_PERSON}")
_NOT_TOPIC = re.compile(any_of((_SPEAKING, _WHICH_PERSON, *_WORDS["meeting"])))


Wanted = Literal["words", "reply", "speaker"]
"""What a question wants to know of a meeting: someone's words, the reply to someone, or who spoke."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A speaker whom `text[start:end]` of a question mentions; without persons it is someone unknown."""

    start: int
    end: int
    persons: frozenset[Person] = frozenset()
    is_subject: bool = False

    @property
    def may_be_member(self) -> bool:
        """Whether it may mean a member, known or not."""
        return not self.persons or any(person.role != "office" for person in self.persons)


@dataclass(frozen=True, slots=True)
class MinutesQuestion:
    """A question about minutes.

    Attributes:
        wanted: what it wants to know.
        mentions: the speakers whom it mentions.
        topic: its words without those speakers and the words of speaking.
    """

    wanted: Wanted
    mentions: tuple[Mention, ...]
    topic: str

    @property
    def asked(self) -> tuple[Mention, ...]:
        """The speakers whose words it wants: its subjects if it has some (A委員の案にB委員は何と言いましたか)."""
        return tuple(mention for mention in self.mentions if mention.is_subject) or self.mentions


def meeting_numbers(text: str) -> frozenset[float]:
    """Return the numbers of meetings in normalised `text`: 2 in 第2回の会議."""
    return frozenset(float(quantity.value) for quantity in quantities(text) if quantity.unit == "第回")


def read_question(text: str, persons: Sequence[Person]) -> MinutesQuestion | None:
    """Return the question of normalised `text` about a meeting in which these persons spoke; None for any other."""
    mentions = _with_subjects(text, find_mentions(text, persons))
    masked = text
    for mention in reversed(mentions):
        masked = f"{masked[: mention.start]}{_SPEAKER_MARK}{masked[mention.end :]}"
    wanted = _find_wanted(masked, mentions)
    return MinutesQuestion(wanted, mentions, _NOT_TOPIC.sub(" ", masked)) if wanted else None


def _with_subjects(text: str, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    for particles in _SUBJECT_PARTICLES:
        marked = tuple(replace(mention, is_subject=text.startswith(particles, mention.end)) for mention in mentions)
        if any(mention.is_subject for mention in marked):
            return marked
    return tuple(mentions)


def _find_wanted(masked: str, mentions: Sequence[Mention]) -> Wanted | None:
    # 浜名議員の質問に何と答えましたか wants the office's words; a member is the subject in 浜名議員は何と答えましたか.
    if _REPLYING.search(masked) and any(mention.may_be_member and not mention.is_subject for mention in mentions):
        return "reply"
    is_known = any(mention.persons for mention in mentions)
    if mentions and (_WORDS_WANTED if is_known else _WHAT_WAS_SAID).search(masked):
        return "words"
    if any(person.role == "member" for mention in mentions for person in mention.persons):
        return "words"
    if _WHO_SPOKE.search(masked):
        return "speaker"
    return "reply" if _REPLY_OF_OFFICE.search(masked) else None


def find_mentions(text: str, persons: Iterable[Person]) -> list[Mention]:
    """Return the speakers whom normalised `text` mentions, in order; of overlapping mentions the longest."""
    found = dict[tuple[int, int], list[Person]]()
    # Patterns are slow, and minutes may have thousands of speakers.
    for person in (person for person in persons if any(part in text for part in _name_parts(person))):
        for match in _pattern(person).finditer(text):
            found.setdefault(match.span(), []).append(person)
    known = [Mention(*span, _distinguish(mentioned, text)) for span, mentioned in found.items()]
    known.sort(key=lambda mention: mention.start - mention.end)
    selected = list[Mention]()
    for mention in (*known, *_find_unknown(text)):
        if not any(mention.start < other.end and other.start < mention.end for other in selected):
            selected.append(mention)
    return sorted(selected, key=lambda mention: mention.start)


def _distinguish(persons: Sequence[Person], text: str) -> frozenset[Person]:
    """Return the persons, of members of one name those for whom the text has what they represent (保護者)."""
    represented = ((person, person.name.rstrip(")").partition("(")[2]) for person in persons)
    named = frozenset(person for person, represents in represented if represents and represents in text)
    return named or frozenset(persons)


@lru_cache(maxsize=65_536)
def _name_parts(person: Person) -> tuple[str, ...]:
    """Return parts of which a text has one if it mentions a person."""
    office = "" if person.role == "member" else person.office
    return tuple(filter(None, (person.name[: min(2, len(person.family))], person.seat, office[-2:], office[:-1])))


@lru_cache(maxsize=8192)
def _pattern(person: Person) -> re.Pattern[str]:
    name, _, represents = person.name.rstrip(")").partition("(")
    family, office = person.family or name, person.office
    head = _OFFICE_HEAD.search(office)
    is_officer = person.role == "office"
    offices = list(filter(None, (re.escape(office), head and head[0])))
    titles = any_of((*offices, _HONORIFIC)) if is_officer else _MEMBER_TITLES
    parts = list[str]()
    if re.fullmatch(r"[A-Z]|[ア-ン]|\d{1,2}", name):
        parts += [rf"(?<![A-Za-z]){name}(?:{titles})", rf"{office or '委員'}{name}(?![A-Za-z])"]
    elif name:
        before = rf"(?<!{_NAME_KANJI})"
        given = name.removeprefix(family)
        parts += [rf"{before}{family} ?{given}(?:{titles})?"] if given else []
        # Sudachi does not know where every family name ends.
        families = {family, *(name[:n] for n in range(len(name) - 2, len(name)) if n > 1)}
        parts += [rf"{before}{any_of(sorted(families, key=len, reverse=True))}{titles}"]
        # A family name of one character is a word, too, so that it needs a title.
        parts += [f"{before}{family}{_AFTER_FAMILY_NAME}"] if len(family) > 1 else []
        parts += [rf"{before}{family}\({re.escape(represents)}\)(?:{titles})?"] if represents else []
    if person.role != "member" and len(office) > 1:
        section = re.fullmatch(r"(.{2,}[課部局室係])長", office)
        parts += [rf"(?<![副{KANJI}]){any_of(offices)}(?:さん)?"]
        parts += [rf"(?<!{_NAME_KANJI}){re.escape(section[1])}(?!長)"] if section else []
    parts += [rf"(?<![\d第号]){person.seat}(?:の?(?:議員|委員|さん))?"] if person.seat else []
    return re.compile("|".join(parts) or "(?!)")


def _find_unknown(text: str) -> Iterator[Mention]:
    for match in _PERSON_FORM.finditer(text):
        name = match["name"]
        is_kind = name in MEMBER_KINDS or name.endswith(_ENDS_OF_NO_NAME)
        # お母さん and 業者さん are nobody's names.
        has_title = match["title"] in ("議員", "委員")
        if not is_kind and (has_title or all(part.pos[1] == "固有名詞" or part.is_unknown for part in morphemes(name))):
            yield Mention(*match.span())
    for match in _OFFICE_FORM.finditer(text):
        yield Mention(*match.span(), frozenset({Person("office", office=match[0])}))
