"""Finds headings (1 日時, 7 次回の予定) and fields (日時：…) among the lines of minutes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.blocks.headings import is_label
from ingest.blocks.model import DocumentPart, marked_heading
from ingest.blocks.speakers import find_speaker
from ingest.documents import Block, Line
from ingest.japanese import parse_number
from ingest.japanese.lexicon import load_lexicon
from ingest.japanese.normal_forms import remove_spaces
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.japanese.sentences import ends_sentence

_GAP = r"[\s\u3000]"
_NAMES = sorted(load_lexicon("minutes")["fields"], key=len, reverse=True)
_COUNTED = rf"(?:の?(?:氏名|名簿|人数|数))?(?:{_GAP}*[(（][^()（）]{{1,16}}[)）])?"
_LABEL = "|".join(f"{_GAP}{{0,3}}".join(map(re.escape, name)) for name in _NAMES)
# 日時：…, (欠席) …, 【事務局】…, ○委 員  …
_FIELD = re.compile(
    rf"^{_GAP}*(?:[・○◎●■□◆◇〇]{_GAP}*)?(?P<open>[【\[(（〔［]?)(?P<label>(?:{_LABEL}){_COUNTED})(?P<close>[】\])）〕］]?)"
    rf"(?:{_GAP}*[:：]{_GAP}*|{_GAP}+|(?<=[】\])）〕］]))(?P<value>\S.*)$"
)
_HEAD = re.compile(
    rf"^(?P<label>(?:{_LABEL}){_COUNTED}|次{_GAP}?回[^\s\u3000:：。、]{{0,12}})(?:{_GAP}*[:：]{_GAP}*|{_GAP}+|$)(?P<value>.*)$"
)
# An agenda item that begins like a field: 会長 副会長の選出について.
_MATTER = re.compile(r"(?:について|の件|選出|選任|互選|指名|委嘱|あいさつ|挨拶|紹介|確認|説明)$")
_SECTION = re.compile(
    r"(?:会議|議事|審議|協議|質疑|決定|報告|議題|議案|次第|その他|開会|閉会|散会|あいさつ|挨拶|連絡|意見|次回|今後|配[布付]資料|委嘱|諮問)"
)
_NUMBERED = re.compile(
    rf"^[\s\u3000]*(?P<mark>第?(?P<number>\d{{1,2}}|[{KANJI_ONE_TO_TEN}]{{1,2}})[.．、)）]?)[\s\u3000]*"
    r"(?P<name>[^\s\d.．~～,、](?:.*\S)?)\s*$"
)
# Characters of a heading; a longer line is none.
_MAX_NAME_LENGTH = 90
_TITLE = re.compile(r"(?:会議|議事)の?(?:録|要旨|概要|記録|結果|摘録)|記録簿")
# Lines with text among which the title of minutes is, and its most characters.
_TITLE_LINES = 8
_MAX_TITLE_LENGTH = 60
# Fields that minutes have at least.
_MIN_FIELDS = 2
# A row of a table.
_CELLS = re.compile(r"\t|^\s*[|｜]")
_GOES_ON = re.compile(r"[、・,，]\s*$")


def with_fields(lines: Sequence[Line]) -> Iterator[DocumentPart]:
    """Yield the lines of minutes with headings and the fields below them, or before the first speech, as blocks.

    The value of a heading (日時　令和8年…) is a block of its own; a list that ends with a comma goes on.
    """
    headings = _find_headings(lines)
    first_speech = next((i for i, line in enumerate(lines) if _is_speech(line.text)), len(lines))
    position = 0
    is_in_field = False
    while position < len(lines):
        line, heading = lines[position], headings.get(position)
        end = position + 1
        while end < len(lines) and _GOES_ON.search(lines[end - 1].text):
            text = lines[end].text
            opens = _NUMBERED.match(text) or _match_field(text) or _CELLS.search(text)
            if opens or not text.strip() or ends_sentence(text) or lines[end].page != lines[end - 1].page:
                break
            end += 1
        value = line.text.strip()
        if heading:
            is_in_field = _is_field_head(heading["name"])
            # 日 時  令和8年… is the name 日時 and the value 令和8年….
            name, value = heading["name"], ""
            if is_in_field and (head := _HEAD.match(name)):
                name, value = remove_spaces(head["label"]), head["value"].strip()
            elif _SECTION.fullmatch(remove_spaces(name)):
                name = remove_spaces(name)
            gap = " " if heading["mark"][-1].isnumeric() else ""
            yield marked_heading(2, f"{heading['mark']}{gap}{name}", line.number, line.page)
        is_field = is_in_field or (position < first_speech and _match_field(line.text) is not None)
        if value and (heading or (is_field and not _CELLS.search(line.text))):
            yield _to_block(lines[position:end], value)
        elif not heading:
            yield line
            end = position + 1
        position = end if value else position + 1


def _to_block(lines: Sequence[Line], text: str) -> Block:
    text = "".join((text, *(line.text.strip() for line in lines[1:])))
    field = _match_field(text)
    if field:
        text = f"{remove_spaces(field['label'])} {field['value'].strip()}"
    block = Block("item" if field else "text", text, tuple(line.number for line in lines), lines[0].page)
    return replace(block, kind="label") if is_label(block) else block


def is_minutes(lines: Sequence[Line]) -> bool:
    """Whether a document is titled minutes, and has time, place and participants."""
    texts = [text for line in lines if (text := line.text.strip())][:_TITLE_LINES]
    if not any(len(text) <= _MAX_TITLE_LENGTH and _TITLE.search(text) and not ends_sentence(text) for text in texts):
        return False
    fields = (field for line in lines if (field := _match_field(line.text)))
    numbered = (match["name"] for line in lines if (match := _NUMBERED.match(line.text)))
    names = {remove_spaces(field["label"]) for field in fields} | set(filter(_is_field_head, numbered))
    return len(names) >= _MIN_FIELDS


def _match_field(text: str) -> re.Match[str] | None:
    match = None if ends_sentence(text) or _is_speech(text) else _FIELD.match(text)
    return match if match and bool(match["open"]) == bool(match["close"]) else None


def _is_speech(text: str) -> bool:
    return "。" in text and find_speaker(text.strip()) is not None


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
        if is_title and (_is_field_head(name) or (is_section and not is_listed)) and find_speaker(name) is None:
            headings[i] = last = match
    return headings


def _follows(left: re.Match[str] | None, right: re.Match[str] | None) -> bool:
    if left is None or right is None or left.start("mark") != right.start("mark"):
        return False
    is_next = parse_number(right["number"]) == parse_number(left["number"]) + 1
    return is_next and left["mark"].replace(left["number"], "") == right["mark"].replace(right["number"], "")


def _is_field_head(name: str) -> bool:
    """Whether a heading names data of the meeting (date, participants, next date), not a topic."""
    return bool(_HEAD.match(name)) and not _MATTER.search(name)
