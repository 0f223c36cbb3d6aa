"""Finds the numbered headings of minutes: 1 日時 · 2 場所 · … · 7 次回の予定."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.documents import Line
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.structure.line_marks import ends_sentence
from ingest.structure.meeting_fields import is_field_head, is_head_name, remove_gaps
from ingest.structure.speeches import speech

_NUMBERED = re.compile(
    rf"^(?P<indent>[\s\u3000]*)第?(?P<number>\d{{1,2}}|[{KANJI_ONE_TO_TEN}]{{1,2}})"
    r"(?P<mark>[.．、)）]?)(?P<gap>[\s\u3000]*)(?P<name>[^\s\d.．~～,、].*)$"
)
# Parts of a meeting, as opposed to items of its agenda.
_OF_MEETING = re.compile(
    r"会議(?:の)?(?:内容|結果|概要|経過|要旨|資料)|議事|審議(?:内容|経過|結果)|質疑|決定事項|閉会|散会"
)
_KANJI = {numeral: n for n, numeral in enumerate(KANJI_ONE_TO_TEN, 1)}
# Characters; a longer line is not a heading.
_LONGEST_NAME = 90
# With fewer numbered lines, sections may not be numbered.
_FEWEST = 3


@dataclass(slots=True)
class Chain:
    """Lines numbered consecutively from 1 in one form; `places` are their positions, `depth` is 0 for the outermost."""

    form: tuple[int, str]
    depth: int
    places: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Numbered:
    place: int
    number: int
    form: tuple[int, str]
    name: str


def chains(lines: Sequence[Line]) -> list[Chain]:
    """Return the numbered headings of minutes, with those inside a section.

    Numbered lines with nothing between them (4 議題: 1 …, 2 …) are a list instead.
    """
    found: list[Chain] = []
    open_chains: list[Chain] = []
    for one in _numbered(lines):
        place = _goes_on(open_chains, one)
        if place is not None:
            del open_chains[place + 1 :]
        elif one.number == 1:
            chain = Chain(one.form, len(open_chains))
            open_chains.append(chain)
            found.append(chain)
        else:
            continue
        open_chains[-1].places.append(one.place)
    return [chain for chain in found if len(chain.places) >= _FEWEST and _has_bodies(lines, chain.places)]


def _goes_on(open_chains: Sequence[Chain], one: _Numbered) -> int | None:
    """Return the innermost chain that a line continues; parts of a meeting continue the outermost."""
    places = [i for i, c in enumerate(open_chains) if c.form == one.form and len(c.places) + 1 == one.number]
    if not places:
        return None
    return places[0] if is_field_head(one.name) or _OF_MEETING.match(remove_gaps(one.name)) else places[-1]


def _numbered(lines: Sequence[Line]) -> Iterator[_Numbered]:
    for place, line in enumerate(lines):
        match = _NUMBERED.match(line.text)
        if match is None or not _is_head(match):
            continue
        written = match["number"]
        number = _KANJI.get(written[-1], 0) + 10 * (len(written) > 1) if written[0] in _KANJI else int(written)
        yield _Numbered(place, number, (len(match["indent"]), _form(match)), match["name"])


def _form(match: re.Match[str]) -> str:
    """Return the form of a number: 1. and １． are one, 1 and 一 are two."""
    return ("一" if match["number"][0] in _KANJI else "1") + match["mark"].translate(str.maketrans("．）", ".)"))


def _is_head(match: re.Match[str]) -> bool:
    name = match["name"]
    parted = match["mark"] or match["gap"] or is_head_name(name)  # 3出席者, but 3名
    is_complete = len(name) <= _LONGEST_NAME and not ends_sentence(name) and "\t" not in name
    return bool(parted) and is_complete and speech(name) is None


def _has_bodies(lines: Sequence[Line], places: Sequence[int]) -> bool:
    """Whether most headings of a chain have text below or after their name (1 日時 令和8年…)."""
    ends = [*places[1:], len(lines)]
    full = sum(
        any(line.text.strip() for line in lines[start + 1 : end])
        or is_field_head(lines[start].text.strip(" \u30000123456789０１２３４５６７８９.．、"))
        for start, end in zip(places, ends, strict=True)
    )
    return full * 2 > len(places)
