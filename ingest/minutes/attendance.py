"""Reads who was present from the lists of participants in minutes."""

import re
from collections.abc import Iterator, Sequence

from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.minutes.people import CHAIR_TITLE, MEMBER_TITLE, OFFICE_END, Person, Role, family_name, read_person

_LISTS = re.compile(r"出席|欠席|参加者|委員|議員|名簿|構成|構成員|説明員|事務局")
_GIVEN = r"[一-龥々ぁ-ゖァ-ヴー]{1,4}"
_FAMILY = r"[一-龥々ヶ]{1,4}"
_SEATED = re.compile(rf"(?P<seat>\d{{1,2}})番\s?(?P<family>{_FAMILY})(?: (?P<given>{_GIVEN}))?(?=[\s、,(君議]|$)")
_TITLE_FIRST = re.compile(
    rf"(?:出席|欠席|参加)?(?P<title>[^\s、,:・()\d]{{0,12}}?(?:{CHAIR_TITLE}|{MEMBER_TITLE}|{OFFICE_END}))[\s:]+"
    rf"(?P<family>{_FAMILY})(?: (?P<given>{_GIVEN}))?(?=[\s、,(氏君]|$)"
)
_NAME_FIRST = re.compile(
    rf"(?<![一-龥])(?P<family>(?!出席|欠席|参加|委員|議員){_FAMILY}) (?P<given>{_GIVEN}) ?"
    rf"(?P<title>{CHAIR_TITLE}|{MEMBER_TITLE})"
)
_SHORT = re.compile(rf"[一-龥々ヶァ-ヴー]{{1,5}}(?:委員|議員|{CHAIR_TITLE})")
# A list of names without titles: 出席委員 山田、鈴木.
_NAMES = re.compile(r"^[\s・\-]*[(\[【]?(?:出席|欠席)?(?:委員|議員|構成員|者)[^\s:、]{0,6}[)\]】]?[\s:]+(?P<names>.+)$")
_BARE_NAME = re.compile(rf"(?P<family>{_FAMILY})(?: (?P<given>{_GIVEN}))?(?:\([^()]*\))?")
# The heads of a table of those present.
_NAME_HEAD, _PRESENCE_HEAD = (
    re.compile(r"氏名|名前|委員名?$|議員名?$"),
    re.compile(r"出欠|出席|欠席|区分|役職|所属|選出|備考"),
)
# A name without a title continues the list before it: 委員 山田 太郎、鈴木 花子.
_MORE = re.compile(rf"[、,]\s?(?P<family>{_FAMILY}) (?P<given>{_GIVEN})(?=[、,\n(]|$)")


def read_attendance(passages: Sequence[Passage]) -> tuple[Person, ...]:
    """Return those present or absent as the lists of participants name them, each once."""
    found = [person for passage in passages for line in _lines(passage) for person in _read_line(line)]
    found += [person for passage in passages if passage.kind == "row" for person in _read_row(passage)]
    return tuple(dict.fromkeys(person for person in found if person.name))


def _lines(passage: Passage) -> Iterator[str]:
    is_list = any(_LISTS.search(nfkc(heading)) for heading in passage.path[-1:])
    above = False
    for line in nfkc(passage.text).splitlines():
        above = (above and "。" not in line) or bool(re.match(r"[・\-]?\s*[(\[【]?(?:出席|欠席|参加|委員|議員)", line))
        if (is_list or above or _SEATED.match(line.strip())) and "。" not in line:
            yield line


def _read_row(passage: Passage) -> Iterator[Person]:
    """Yield who a row of a table of those present names."""
    if any(_PRESENCE_HEAD.search(nfkc(cell.column)) for cell in passage.cells):
        for cell in passage.cells:
            match = _BARE_NAME.fullmatch(nfkc(cell.value).strip()) if _NAME_HEAD.search(nfkc(cell.column)) else None
            if match:
                yield _person(match, Role.MEMBER, "", "委員")


def _read_names(line: str) -> Iterator[Person]:
    """Yield the members that a line lists by their names alone."""
    listed = _NAMES.match(line)
    names = [name.strip() for name in re.split(r"[、,]", listed["names"])] if listed else []
    matches = [match for name in names if (match := _BARE_NAME.fullmatch(name))]
    if len(matches) > 1 and len(matches) == len(names):
        for match in matches:
            if not read_person(match[0]):
                yield _person(match, Role.MEMBER, "", "委員")


def _read_line(line: str) -> Iterator[Person]:
    for match in _SEATED.finditer(line):
        yield _person(match, Role.MEMBER, f"{match['seat']}番", "議員")
    last: tuple[Role, str] | None = None
    for match in _TITLE_FIRST.finditer(line):
        if read_person(match["family"]):
            continue
        title = match["title"]
        is_member = re.fullmatch(MEMBER_TITLE, title)
        role = Role.CHAIR if re.fullmatch(CHAIR_TITLE, title) else Role.MEMBER if is_member else Role.OFFICE
        last = role, title
        yield _person(match, role, "", title)
    for match in _MORE.finditer(line) if last and last[0] is Role.MEMBER else ():
        yield _person(match, *(last[0], "", last[1]) if last else (Role.MEMBER, "", ""))
    for match in _NAME_FIRST.finditer(line):
        if read_person(match["family"]):
            continue
        role = Role.CHAIR if re.fullmatch(CHAIR_TITLE, match["title"]) else Role.MEMBER
        yield _person(match, role, "", match["title"])
    yield from _read_names(line)
    for match in _SHORT.finditer(line):
        if person := read_person(match[0]):
            yield person


def _person(match: re.Match[str], role: Role, seat: str, office: str) -> Person:
    family, given = match["family"], re.sub(r"(?:君|くん|さん|様|氏)$", "", match["given"] or "")
    name = f"{family}{given}"
    return Person("", role, name, family if given else family_name(name), seat, office)
