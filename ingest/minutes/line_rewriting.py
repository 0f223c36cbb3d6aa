"""Rewrites the lines of minutes: one heading per line, one meeting field per line."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ingest.documents import Line
from ingest.japanese.normal_forms import remove_spaces
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.japanese.sentences import ends_sentence
from ingest.minutes.agenda import FIELD, find_numberings, is_field_head, split_head_and_value
from ingest.minutes.speaker_lines import match_speaker

_TITLE = re.compile(r"(?:会議|議事)の?(?:録|要旨|概要|記録|結果|摘録)|記録簿")
# Lines with text among which the title of minutes is.
_TITLE_LINES = 8
# Characters of the title of minutes.
_MAX_TITLE_LENGTH = 60
# Fields that minutes have at least.
_MIN_FIELDS = 2
_NUMBER = re.compile(rf"^[\s\u3000]*(第?(?:\d{{1,2}}|[{KANJI_ONE_TO_TEN}]{{1,2}})[.．、)）]?)[\s\u3000]*(.*)$")
# What begins a new line below a field: an item, a note, a number in brackets, another head.
_OPENING_MARK = re.compile(r"^[\s\u3000]*(?:[・○◎●■□◆◇※*＊\-【]|[(（]\d{1,2}[)）]|\d{1,2}[.．、\s\u3000]|[①-⑳])")
# Characters; a line this long was wrapped and may continue.
_WRAPPED_LENGTH = 35
_COMMAS = ("、", "・", ",", "，")


def rewrite_minutes(lines: Sequence[Line]) -> tuple[list[Line], dict[int, tuple[int, ...]]]:
    """Return the lines of minutes with headings marked (#) and fields as items, and the joined lines.

    A heading with its value becomes two lines. A field over several lines becomes the first of them, and its number is
    mapped to the numbers of the others.
    """
    depths = {position: numbering.depth for numbering in find_numberings(lines) for position in numbering.positions}
    rewriter = _MinutesRewriter(lines, depths)
    return list(rewriter.rewrite()), rewriter.joined


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
        number = _NUMBER.match(line.text)
        if number and is_field_head(number[2]):
            names.add(number[2])
    return len(names) >= _MIN_FIELDS


class _MinutesRewriter:
    """Rewrites the lines of minutes; `depths` are those of its numbered headings by position."""

    def __init__(self, lines: Sequence[Line], depths: Mapping[int, int]) -> None:
        self._lines = lines
        self._depths = depths
        self._first_speech = next((i for i, line in enumerate(lines) if _is_speech(line.text)), len(lines))
        self.joined: dict[int, tuple[int, ...]] = {}

    def rewrite(self) -> Iterator[Line]:
        position = 0
        is_in_field = False
        while position < len(self._lines):
            line = self._lines[position]
            number = _NUMBER.match(line.text)
            joined: Sequence[Line] = ()
            if position in self._depths and number:
                is_in_field = is_field_head(number[2])
                name, value = split_head_and_value(number[2].strip())
                yield from _between_blank_lines(self._heading(position, number[1], name))
                if value:
                    joined = self._continuing_lines(position)
                    yield from _between_blank_lines(self._join(line, value, joined))
            elif self._is_field(position, is_in_field=is_in_field):
                is_list_of_names = is_in_field and _match_field(line.text) is not None
                joined = self._continuing_lines(position, is_list_of_names=is_list_of_names)
                yield from _between_blank_lines(self._join(line, line.text.strip(), joined))
            else:
                yield line
            position += 1 + len(joined)

    def _is_field(self, position: int, *, is_in_field: bool) -> bool:
        text = self._lines[position].text
        if not text.strip() or "\t" in text:
            return False
        return is_in_field or (position < self._first_speech and _match_field(text) is not None)

    def _heading(self, position: int, number: str, name: str) -> Line:
        gap = " " if number[-1].isnumeric() else ""
        marks = "#" * (self._depths[position] + 2)
        return replace(self._lines[position], text=f"{marks} {number}{gap}{name}")

    def _join(self, line: Line, text: str, joined: Sequence[Line]) -> Line:
        if field := _match_field(text):
            text = f"・{remove_spaces(field['label'])} {field['value'].strip()}"
        for continuation in joined:
            text = _join_name_lists(text, continuation.text.strip())
        if joined:
            self.joined[line.number] = tuple(continuation.number for continuation in joined)
        return replace(line, text=text)

    def _continuing_lines(self, position: int, *, is_list_of_names: bool = False) -> list[Line]:
        """Return the lines that continue the line at `position`: deeper indented, or after a comma.

        In a list of names (3 出席者) every line continues that begins nothing new.
        """
        first = self._lines[position]
        joined = list[Line]()
        previous = first
        for i, line in enumerate(self._lines[position + 1 :], position + 1):
            is_deeper = _indent(line) > _indent(first)
            continues = is_deeper or is_list_of_names or previous.text.rstrip().endswith(_COMMAS)
            if i in self._depths or not continues or not _may_continue(line.text) or line.page != first.page:
                break
            joined.append(line)
            previous = line
        return joined


def _may_continue(text: str) -> bool:
    opens = _OPENING_MARK.match(text) or _match_field(text) or match_speaker(text.strip())
    return bool(text.strip()) and not opens and not ends_sentence(text) and "\t" not in text


def _match_field(text: str) -> re.Match[str] | None:
    match = None if ends_sentence(text) or _is_speech(text) else FIELD.match(text)
    return match if match and bool(match["open"]) == bool(match["close"]) else None


def _is_speech(text: str) -> bool:
    return "。" in text and match_speaker(text.strip()) is not None


def _between_blank_lines(line: Line) -> Iterator[Line]:
    yield replace(line, text="")
    yield line
    yield replace(line, text="")


def _join_name_lists(left: str, right: str) -> str:
    has_open_bracket = len(re.findall("[(（]", left)) > len(re.findall("[)）]", left))
    is_unbroken = left.endswith(_COMMAS) or has_open_bracket or len(left) >= _WRAPPED_LENGTH
    return f"{left}{right}" if is_unbroken else f"{left} {right}"


def _indent(line: Line) -> int:
    return len(line.text) - len(line.text.lstrip(" \u3000"))
