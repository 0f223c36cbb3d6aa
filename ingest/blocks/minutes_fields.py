"""Finds headings (1 日時, 7 次回の予定) and fields (日時：…) among the lines of minutes."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace

from ingest.blocks.headings import is_label
from ingest.blocks.model import DocumentPart, marked_heading
from ingest.blocks.speakers import find_speaker
from ingest.documents import Block, Line
from ingest.japanese import parse_number
from ingest.japanese.normal_forms import remove_spaces
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.japanese.sentences import ends_sentence

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
_FIELD = re.compile(
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
    rf"^[\s\u3000]*(?P<mark>第?(?P<number>\d{{1,2}}|[{KANJI_ONE_TO_TEN}]{{1,2}})[.．、)）]?)(?P<gap>[\s\u3000]*)"
    r"(?P<name>[^\s\d.．~～,、].*?)[\s\u3000]*$"
)
# Characters of a heading; a longer line is none.
_MAX_NAME_LENGTH = 90
_TITLE = re.compile(r"(?:会議|議事)の?(?:録|要旨|概要|記録|結果|摘録)|記録簿")
# Lines with text among which the title of minutes is.
_TITLE_LINES = 8
# Characters of the title of minutes.
_MAX_TITLE_LENGTH = 60
# Fields that minutes have at least.
_MIN_FIELDS = 2
# What begins a new line below a field: an item, a note, a number in brackets, another head.
_OPENING_MARK = re.compile(r"^[\s\u3000]*(?:[・○◎●■□◆◇※*＊\-【]|[(（]\d{1,2}[)）]|\d{1,2}[.．、\s\u3000]|[①-⑳])")
# Characters; a line this long was wrapped and may continue.
_WRAPPED_LENGTH = 35
# A row of a table.
_CELLS = re.compile(r"\t|^\s*[|｜]")
_COMMAS = ("、", "・", ",", "，")


def with_fields(lines: Sequence[Line]) -> Iterator[DocumentPart]:
    """Yield the lines of minutes with headings and the fields below them, or before the first speech, as blocks.

    The value of a heading (日時　令和8年…) is a block of its own.
    """
    headings = _find_headings(lines)
    first_speech = next((i for i, line in enumerate(lines) if _is_speech(line.text)), len(lines))
    position = 0
    is_in_field = False
    while position < len(lines):
        line, heading = lines[position], headings.get(position)
        field = _match_field(line.text)
        is_field = is_in_field or (position < first_speech and field is not None)
        end = position + 1
        if heading:
            is_in_field = is_field_head(heading["name"])
            name, value = split_head_and_value(heading["name"])
            gap = " " if heading["mark"][-1].isnumeric() else ""
            yield marked_heading(2, f"{heading['mark']}{gap}{name}", line.number, line.page)
            if value:
                end = _field_end(lines, position, headings)
                yield _to_block(lines[position:end], value)
        elif is_field and line.text.strip() and not _CELLS.search(line.text):
            end = _field_end(lines, position, headings, is_list_of_names=is_in_field and field is not None)
            yield _to_block(lines[position:end], line.text.strip())
        else:
            yield line
        position = end


def _field_end(lines: Sequence[Line], start: int, headings: Container[int], *, is_list_of_names: bool = False) -> int:
    """Return where the field at `start` ends: before a line that is not deeper indented and not after a comma.

    In a list of names (3 出席者) every line continues that begins nothing new.
    """
    for i, line in enumerate(lines[start + 1 :], start + 1):
        is_deeper = _indent(line) > _indent(lines[start])
        continues = is_deeper or is_list_of_names or lines[i - 1].text.rstrip().endswith(_COMMAS)
        if i in headings or not continues or not _may_continue(line.text) or line.page != lines[start].page:
            return i
    return len(lines)


def _to_block(lines: Sequence[Line], text: str) -> Block:
    for line in lines[1:]:
        text = _join_name_lists(text, line.text.strip())
    if field := _match_field(text):
        text = f"{remove_spaces(field['label'])} {field['value'].strip()}"
    block = Block("item" if field else "text", text, tuple(line.number for line in lines), lines[0].page)
    return replace(block, kind="label") if is_label(block) else block


def is_minutes(lines: Sequence[Line]) -> bool:
    """Whether a document is titled minutes, and has time, place and participants; not if its headings are marked."""
    first_texts = [line.text.strip() for line in lines if line.text.strip()][:_TITLE_LINES]
    is_titled = any(
        len(text) <= _MAX_TITLE_LENGTH and _TITLE.search(text) and not ends_sentence(text) for text in first_texts
    )
    if not is_titled or any(line.text.startswith("#") for line in lines):
        return False
    names = set[str]()
    for line in lines:
        if field := _match_field(line.text):
            names.add(remove_spaces(field["label"]))
        numbered = _NUMBERED.match(line.text)
        if numbered and is_field_head(numbered["name"]):
            names.add(numbered["name"])
    return len(names) >= _MIN_FIELDS


def _may_continue(text: str) -> bool:
    opens = _OPENING_MARK.match(text) or _match_field(text) or find_speaker(text.strip())
    return bool(text.strip()) and not opens and not ends_sentence(text) and "\t" not in text


def _match_field(text: str) -> re.Match[str] | None:
    match = None if ends_sentence(text) or _is_speech(text) else _FIELD.match(text)
    return match if match and bool(match["open"]) == bool(match["close"]) else None


def _is_speech(text: str) -> bool:
    return "。" in text and find_speaker(text.strip()) is not None


def _join_name_lists(left: str, right: str) -> str:
    has_open_bracket = len(re.findall("[(（]", left)) > len(re.findall("[)）]", left))
    is_unbroken = left.endswith(_COMMAS) or has_open_bracket or len(left) >= _WRAPPED_LENGTH
    return f"{left}{right}" if is_unbroken else f"{left} {right}"


def _indent(line: Line) -> int:
    return len(line.text) - len(line.text.lstrip(" \u3000"))


def _find_headings(lines: Sequence[Line]) -> dict[int, re.Match[str]]:
    """Return the matches of the numbered headings by position; numbers that follow each other at once are a list."""
    headings = dict[int, re.Match[str]]()
    last: re.Match[str] | None = None
    for i, line in enumerate(lines):
        match = _NUMBERED.match(line.text)
        if match is None:
            continue
        name = match["name"]
        is_title = len(name) <= _MAX_NAME_LENGTH and not ends_sentence(name) and "\t" not in name
        below = next((line.text for line in lines[i + 1 :] if line.text.strip()), "")
        is_listed = _follows(match, _NUMBERED.match(below))
        is_section = bool(_SECTION.match(remove_spaces(name))) or _follows(last, match)
        if is_title and (is_field_head(name) or (is_section and not is_listed)) and find_speaker(name) is None:
            headings[i] = last = match
    return headings


def _follows(left: re.Match[str] | None, right: re.Match[str] | None) -> bool:
    if left is None or right is None or left.start("mark") != right.start("mark"):
        return False
    is_next = parse_number(right["number"]) == parse_number(left["number"]) + 1
    return is_next and left["mark"].replace(left["number"], "") == right["mark"].replace(right["number"], "")


def is_field_head(name: str) -> bool:
    """Whether a heading names data of the meeting (date, participants, next date), not a topic."""
    return bool(_HEAD.match(name)) and not _MATTER.search(name)


def split_head_and_value(name: str) -> tuple[str, str]:
    """Return name and value of a heading ("" without one): 日 時  令和8年… → 日時, 令和8年…."""
    match = _HEAD.match(name)
    if match is None or _MATTER.search(name):
        return (remove_spaces(name) if _SECTION.fullmatch(remove_spaces(name)) else name), ""
    return remove_spaces(match["label"]), match["value"].strip()
