"""Finds the numbered headings in the lines of minutes: 1 日時 · 2 場所 · … · 7 次回の予定."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.documents import Line
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.japanese.sentences import ends_sentence
from ingest.minutes.meeting_fields import is_field_head, is_head_name, remove_gaps
from ingest.minutes.speaker_lines import match_speaker

_NUMBERED = re.compile(
    rf"^(?P<indent>[\s\u3000]*)第?(?P<number>\d{{1,2}}|[{KANJI_ONE_TO_TEN}]{{1,2}})"
    r"(?P<mark>[.．、)）]?)(?P<gap>[\s\u3000]*)(?P<name>[^\s\d.．~～,、].*)$"
)
_NUMBER_CHARACTERS = " \u30000123456789０１２３４５６７８９.．、"
# Parts of a meeting, as opposed to items of its agenda.
_PART_OF_MEETING = re.compile(
    r"会議(?:の)?(?:内容|結果|概要|経過|要旨|資料)|議事|審議(?:内容|経過|結果)|質疑|決定事項|閉会|散会"
)
_KANJI_NUMBERS = {numeral: n for n, numeral in enumerate(KANJI_ONE_TO_TEN, 1)}
# Characters of a heading; a longer line is none.
_MAX_NAME_LENGTH = 90
# With fewer numbered lines, sections may not be numbered.
_MIN_NUMBERED_LINES = 3


@dataclass(slots=True)
class AgendaNumbering:
    """Lines numbered consecutively from 1 in one form.

    Attributes:
        form: the indent of the lines and the form of their numbers.
        depth: 0 for the outermost.
        positions: the positions of the lines.
    """

    form: tuple[int, str]
    depth: int
    positions: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _NumberedLine:
    position: int
    number: int
    form: tuple[int, str]
    name: str


def find_numberings(lines: Sequence[Line]) -> list[AgendaNumbering]:
    """Return the numbered headings of minutes, with those inside a section.

    Numbered lines with nothing between them (4 議題: 1 …, 2 …) are a list instead.
    """
    numberings = list[AgendaNumbering]()
    open_numberings = list[AgendaNumbering]()
    for line in _numbered_lines(lines):
        continued = _find_continued(open_numberings, line)
        if continued is not None:
            del open_numberings[continued + 1 :]
        elif line.number == 1:
            open_numberings.append(AgendaNumbering(line.form, len(open_numberings)))
            numberings.append(open_numberings[-1])
        else:
            continue
        open_numberings[-1].positions.append(line.position)
    return [
        numbering
        for numbering in numberings
        if len(numbering.positions) >= _MIN_NUMBERED_LINES and _have_bodies(lines, numbering.positions)
    ]


def _find_continued(open_numberings: Sequence[AgendaNumbering], line: _NumberedLine) -> int | None:
    continued = [
        i
        for i, numbering in enumerate(open_numberings)
        if numbering.form == line.form and len(numbering.positions) + 1 == line.number
    ]
    if not continued:
        return None
    is_outermost = is_field_head(line.name) or _PART_OF_MEETING.match(remove_gaps(line.name))
    return continued[0] if is_outermost else continued[-1]


def _numbered_lines(lines: Sequence[Line]) -> Iterator[_NumberedLine]:
    for position, line in enumerate(lines):
        match = _NUMBERED.match(line.text)
        if match and _is_heading(match):
            form = len(match["indent"]), _number_form(match)
            yield _NumberedLine(position, _parse_number(match["number"]), form, match["name"])


def _parse_number(text: str) -> int:
    if text[0] not in _KANJI_NUMBERS:
        return int(text)
    return _KANJI_NUMBERS.get(text[-1], 0) + (10 if len(text) > 1 else 0)


def _number_form(match: re.Match[str]) -> str:
    digits = "一" if match["number"][0] in _KANJI_NUMBERS else "1"
    return digits + match["mark"].translate(str.maketrans("．）", ".)"))


def _is_heading(match: re.Match[str]) -> bool:
    name = match["name"]
    is_separated = match["mark"] or match["gap"] or is_head_name(name)  # 3出席者, but 3名
    is_short = len(name) <= _MAX_NAME_LENGTH and not ends_sentence(name) and "\t" not in name
    return bool(is_separated) and is_short and match_speaker(name) is None


def _have_bodies(lines: Sequence[Line], positions: Sequence[int]) -> bool:
    ends = [*positions[1:], len(lines)]
    with_body = sum(
        any(line.text.strip() for line in lines[start + 1 : end])
        or is_field_head(lines[start].text.strip(_NUMBER_CHARACTERS))
        for start, end in zip(positions, ends, strict=True)
    )
    return with_body * 2 > len(positions)
