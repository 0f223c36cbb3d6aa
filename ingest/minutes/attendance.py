"""Reads who was present from the lists of participants in minutes."""

import re
from collections.abc import Iterator, Sequence

from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.minutes.speakers import family_name, read_person
from ingest.spoken_words import CHAIR_TITLE, MEMBER_TITLE, OFFICE_END, Person, SpeakerRole

_LIST_HEADING = re.compile(r"出席|欠席|参加者|委員|議員|名簿|構成|構成員|説明員|事務局")
_GIVEN_NAME = r"[一-龥々ぁ-ゖァ-ヴー]{1,4}"
_FAMILY_NAME = r"[一-龥々ヶ]{1,4}"
_NAME = rf"(?P<family>{_FAMILY_NAME})(?: (?P<given>{_GIVEN_NAME}))?"
_SEATED = re.compile(rf"(?P<seat>\d{{1,2}})番\s?{_NAME}(?=[\s、,(君議]|$)")
_TITLE_FIRST = re.compile(
    rf"(?:出席|欠席|参加)?(?P<title>[^\s、,:・()\d]{{0,12}}?(?:{CHAIR_TITLE}|{MEMBER_TITLE}|{OFFICE_END}))[\s:]+"
    rf"{_NAME}(?=[\s、,(氏君]|$)"
)
_NAME_FIRST = re.compile(
    rf"(?<![一-龥])(?P<family>(?!出席|欠席|参加|委員|議員){_FAMILY_NAME}) (?P<given>{_GIVEN_NAME}) ?"
    rf"(?P<title>{CHAIR_TITLE}|{MEMBER_TITLE})"
)
_NAME_WITH_TITLE = re.compile(rf"[一-龥々ヶァ-ヴー]{{1,5}}(?:委員|議員|{CHAIR_TITLE})")
# A list of names without titles: 出席委員 山田、鈴木.
_NAMES_ONLY = re.compile(
    r"^[\s・\-]*[(\[【]?(?:出席|欠席)?(?:委員|議員|構成員|者)[^\s:、]{0,6}[)\]】]?[\s:]+(?P<names>.+)$"
)
_BARE_NAME = re.compile(rf"{_NAME}(?:\([^()]*\))?")
_LABEL = re.compile(r"[・\-]?\s*[(\[【]?(?:出席|欠席|参加|委員|議員)")
# A name without a title continues the list before it: 委員 山田 太郎、鈴木 花子.
_FURTHER_NAME = re.compile(rf"[、,]\s?(?P<family>{_FAMILY_NAME}) (?P<given>{_GIVEN_NAME})(?=[、,\n(]|$)")


def read_attendance(passages: Sequence[Passage]) -> tuple[Person, ...]:
    """Return the persons in the lists of participants, present or absent, each once."""
    in_lines = (person for passage in passages for line in _lines_of_lists(passage) for person in _read_line(line))
    return tuple(dict.fromkeys(person for person in in_lines if person.name))


def _lines_of_lists(passage: Passage) -> Iterator[str]:
    is_below_heading = any(_LIST_HEADING.search(nfkc(heading)) for heading in passage.path[-1:])
    is_below_label = False
    for line in nfkc(passage.text).splitlines():
        is_sentence = "。" in line
        is_below_label = bool(_LABEL.match(line)) or (is_below_label and not is_sentence)
        if not is_sentence and (is_below_heading or is_below_label or _SEATED.match(line.strip())):
            yield line


def _read_line(line: str) -> Iterator[Person]:
    for match in _SEATED.finditer(line):
        yield _person(match, "議員", seat=f"{match['seat']}番")
    titled = [match for match in _TITLE_FIRST.finditer(line) if not read_person(match["family"])]
    yield from (_person(match, match["title"]) for match in titled)
    if titled and re.fullmatch(MEMBER_TITLE, titled[-1]["title"]):
        yield from (_person(match, titled[-1]["title"]) for match in _FURTHER_NAME.finditer(line))
    for match in _NAME_FIRST.finditer(line):
        if not read_person(match["family"]):
            yield _person(match, match["title"])
    listed = _NAMES_ONLY.match(line)
    names = [_BARE_NAME.fullmatch(name.strip()) for name in re.split(r"[、,]", listed["names"])] if listed else []
    if len(names) > 1 and all(names):
        yield from (_person(match, "委員") for match in names if match and not read_person(match[0]))
    persons = (read_person(match[0]) for match in _NAME_WITH_TITLE.finditer(line))
    yield from filter(None, persons)


def _person(match: re.Match[str], title: str, seat: str = "") -> Person:
    is_member = re.fullmatch(MEMBER_TITLE, title)
    is_chair = re.fullmatch(CHAIR_TITLE, title)
    role = SpeakerRole.CHAIR if is_chair else SpeakerRole.MEMBER if is_member else SpeakerRole.OFFICE
    family = match["family"]
    given = re.sub(r"(?:君|くん|さん|様|氏)$", "", match["given"] or "")
    name = f"{family}{given}"
    return Person("", role, name, family if given else family_name(name), seat, title)
