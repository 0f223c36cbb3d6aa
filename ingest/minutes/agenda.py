"""Finds the headings and fields in the lines of minutes: 1 日時 · 2 場所 · … · 7 次回の予定; 日時：…, 出席委員 …."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.documents import Line
from ingest.japanese.normal_forms import remove_spaces
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.japanese.sentences import ends_sentence
from ingest.minutes.speaker_lines import match_speaker

_GAP = r"[\s\u3000]"
_NAMES = (
    *("開催日時", "日時", "開催日", "開催年月日", "年月日", "期日", "開催場所", "場所", "会場"),
    *("出席者", "出席委員", "出席状況", "出席", "欠席者", "欠席委員", "欠席", "代理出席", "委員"),
    *("会長", "副会長", "委員長", "副委員長", "議長", "副議長", "座長", "副座長", "部会長"),
    *("職務代理者", "司会", "進行", "オブザーバー", "アドバイザー", "説明者", "説明員"),
    *("関係者", "関係職員", "事務局", "事務局職員", "職員", "市側", "町側", "村側"),
    *("傍聴者", "傍聴人", "傍聴", "会議の公開", "公開の可否", "公開・非公開", "公開・非公開の別"),
    *("配布資料", "配付資料", "会議資料", "署名人", "署名委員", "議事録署名人", "議事録署名委員"),
    *("会議録署名人", "会議録署名委員", "記録", "記録者", "作成者"),
)
_COUNTED = rf"(?:の?(?:氏名|名簿|人数|数))?(?:{_GAP}*[(（][^()（）]{{1,16}}[)）])?"
_LABEL = "|".join(f"{_GAP}{{0,3}}".join(map(re.escape, name)) for name in sorted(_NAMES, key=len, reverse=True))
_NEXT_MEETING = rf"次{_GAP}?回[^\s\u3000:：。、]{{0,12}}"
# 日時：…, (欠席) …, 【事務局】…, ○委 員  …
FIELD = re.compile(
    rf"^(?P<indent>{_GAP}*)(?:[・○◎●■□◆◇〇]{_GAP}*)?(?P<open>[【\[(（〔［]?)(?P<label>(?:{_LABEL}){_COUNTED})(?P<close>[】\])）〕］]?)"
    rf"(?P<between>{_GAP}*[:：]{_GAP}*|{_GAP}+|(?<=[】\])）〕］]))(?P<value>\S.*)$"
)
_HEAD = re.compile(
    rf"^(?P<label>(?:{_LABEL}){_COUNTED}|{_NEXT_MEETING})(?:{_GAP}*[:：]{_GAP}*|{_GAP}+|$)(?P<value>.*)$"
)
# An agenda item that begins like a field: 会長 副会長の選出について.
_MATTER = re.compile(r"(?:について|の件|選出|選任|互選|指名|委嘱|あいさつ|挨拶|紹介|確認|説明)$")
_SECTION = re.compile(
    r"(?:会議|議事|審議|協議|質疑|決定|報告|議題|議案|次第|その他|開会|閉会|散会|あいさつ|挨拶|連絡|意見|次回|今後|配[布付]資料|委嘱|諮問)"
)
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
    is_outermost = is_field_head(line.name) or _PART_OF_MEETING.match(remove_spaces(line.name))
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


def is_head_name(name: str) -> bool:
    """Whether a heading without its number is usual in minutes: 日時, 出席者, 議 題, 次回の予定."""
    return bool(_HEAD.match(name)) or bool(_SECTION.match(remove_spaces(name)))


def is_field_head(name: str) -> bool:
    """Whether a heading names data of the meeting (date, participants, next date), not a topic."""
    return bool(_HEAD.match(name)) and not _MATTER.search(name)


def split_head_and_value(name: str) -> tuple[str, str]:
    """Return name and value of a heading ("" without one): 日 時  令和8年… → 日時, 令和8年…."""
    match = _HEAD.match(name)
    if match is None or _MATTER.search(name):
        return (remove_spaces(name) if _SECTION.fullmatch(remove_spaces(name)) else name), ""
    return remove_spaces(match["label"]), match["value"].strip()
