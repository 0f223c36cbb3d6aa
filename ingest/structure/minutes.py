"""Normalises typed minutes: a heading per line, a meeting field per line."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ingest.documents import Line
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.structure.agenda import chains
from ingest.structure.line_marks import ends_sentence
from ingest.structure.meeting_fields import FIELD, is_field_head, remove_gaps, split_head_and_value
from ingest.structure.speeches import speech

_TITLE = re.compile(r"(?:会議|議事)の?(?:録|要旨|概要|記録|結果|摘録)|記録簿")
# The title of minutes is among so many lines with text, and is no longer than this.
_LOOKED_AT, _LONGEST_TITLE = 8, 60
# Fewer fields show no head of minutes.
_FEWEST_FIELDS = 2
_NUMBER = re.compile(rf"^[\s\u3000]*(第?(?:\d{{1,2}}|[{KANJI_ONE_TO_TEN}]{{1,2}})[.．、)）]?)[\s\u3000]*(.*)$")
# What opens its own line below a field: an item, a note, a number in brackets, another head.
_OPENS = re.compile(r"^[\s\u3000]*(?:[・○◎●■□◆◇※*＊\-【]|[(（]\d{1,2}[)）]|\d{1,2}[.．、\s\u3000]|[①-⑳])")
# A line as long as this was broken by the page's width, and its words may go on.
_FULL = 35
_COMMAS = ("、", "・", ",", "，")


def normalise_minutes(lines: Sequence[Line]) -> tuple[list[Line], dict[int, tuple[int, ...]]]:
    """Return the lines of minutes with their heads marked (#) and their fields as items; any other paper as it is.

    A line that is a head and its value becomes two. A field that was broken over several lines becomes the first of
    them: the numbers of the others are returned by that line's. Papers whose heads are marked already are left alone.
    """
    if not is_minutes(lines):
        return list(lines), {}
    heads = {place: chain.depth for chain in chains(lines) for place in chain.places}
    fields = _MinutesRewriter(lines, heads)
    return list(fields.rewrite()), fields.joined


def is_minutes(lines: Sequence[Line]) -> bool:
    """Whether a paper is called minutes, and tells when, where and by whom the meeting was held."""
    first = [line.text.strip() for line in lines if line.text.strip()][:_LOOKED_AT]
    titled = any(len(text) <= _LONGEST_TITLE and _TITLE.search(text) and not ends_sentence(text) for text in first)
    if not titled or any(line.text.startswith("#") for line in lines):
        return False
    named = {remove_gaps(match["label"]) for line in lines if (match := _field(line.text))}
    named |= {name for line in lines if (match := _NUMBER.match(line.text)) and is_field_head(name := match[2])}
    return len(named) >= _FEWEST_FIELDS


class _MinutesRewriter:
    """The lines of one paper of minutes; `heads` are the depths of its numbered heads, by their places."""

    def __init__(self, lines: Sequence[Line], heads: Mapping[int, int]) -> None:
        self._lines = lines
        self._heads = heads
        self._talk = next((i for i, line in enumerate(lines) if _is_speech_sentence(line.text)), len(lines))
        self.joined: dict[int, tuple[int, ...]] = {}

    def rewrite(self) -> Iterator[Line]:
        """Yield the lines, heads and fields alone between blank ones."""
        place, of_meeting = 0, False
        while place < len(self._lines):
            line, number = self._lines[place], _NUMBER.match(self._lines[place].text)
            below: list[Line] = []
            if place in self._heads and number:
                of_meeting = is_field_head(number[2])
                name, value = split_head_and_value(number[2].strip())
                gap = " " if number[1][-1].isnumeric() else ""
                yield from _between_blank_lines(
                    replace(line, text=f"{'#' * (self._heads[place] + 2)} {number[1]}{gap}{name}")
                )
                below = self._below(place) if value else []
                yield from _between_blank_lines(self._line_with_rest(line, value, below)) if value else ()
            elif line.text.strip() and "\t" not in line.text and (of_meeting or place < self._talk):
                field = _field(line.text)
                below = self._below(place, names=of_meeting and field is not None) if of_meeting or field else []
                yield from (
                    _between_blank_lines(self._line_with_rest(line, line.text.strip(), below))
                    if of_meeting or field
                    else (line,)
                )
            else:
                yield line
            place += 1 + len(below)

    def _line_with_rest(self, line: Line, text: str, below: Sequence[Line]) -> Line:
        """Return a line that says `text` and what goes on below it; a field is an item with its label first."""
        if field := _field(text):
            text = f"・{remove_gaps(field['label'])} {field['value'].strip()}"
        for more in below:
            text = _join_name_lists(text, more.text.strip())
        if below:
            self.joined[line.number] = tuple(more.number for more in below)
        return replace(line, text=text)

    def _below(self, place: int, *, names: bool = False) -> list[Line]:
        """Return the lines right below one that go on with it: indented deeper, or after a comma.

        In a section of `names` (3 出席者) all do that open nothing.
        """
        first = before = self._lines[place]
        found: list[Line] = []
        for i, line in enumerate(self._lines[place + 1 :], place + 1):
            deeper = _indent(line) > _indent(first)
            goes_on = deeper or names or before.text.rstrip().endswith(_COMMAS)
            if i in self._heads or not goes_on or not _is_rest(line.text) or line.page != first.page:
                break
            found.append(line)
            before = line
        return found


def _is_rest(text: str) -> bool:
    """Whether a line can be the rest of a field: it opens nothing itself."""
    opens = _OPENS.match(text) or _field(text) or speech(text.strip())
    return bool(text.strip()) and not opens and not ends_sentence(text) and "\t" not in text


def _field(text: str) -> re.Match[str] | None:
    """Return the match of a field on a line; (記録 係長) is none, nor is what somebody says."""
    match = None if ends_sentence(text) or _is_speech_sentence(text) else FIELD.match(text)
    return match if match and bool(match["open"]) == bool(match["close"]) else None


def _is_speech_sentence(text: str) -> bool:
    """Whether a line is a sentence that somebody says; ○事務局 農林課長 is a field."""
    return "。" in text and speech(text.strip()) is not None


def _between_blank_lines(line: Line) -> Iterator[Line]:
    yield replace(line, text="")
    yield line
    yield replace(line, text="")


def _join_name_lists(left: str, right: str) -> str:
    """Return two lines of a list of names as one: names that no comma parts keep a space between them."""
    within = left.endswith(_COMMAS) or len(re.findall("[(（]", left)) > len(re.findall("[)）]", left))
    return f"{left}{right}" if within or len(left) >= _FULL else f"{left} {right}"


def _indent(line: Line) -> int:
    return len(line.text) - len(line.text.lstrip(" \u3000"))
