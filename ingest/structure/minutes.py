"""Normalises minutes: one heading per line, one meeting field per line."""

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
# Lines with text that may contain the title of minutes.
_LOOKED_AT = 8
# Maximum characters of the title of minutes.
_LONGEST_TITLE = 60
# Minimum number of fields in minutes.
_FEWEST_FIELDS = 2
_NUMBER = re.compile(rf"^[\s\u3000]*(第?(?:\d{{1,2}}|[{KANJI_ONE_TO_TEN}]{{1,2}})[.．、)）]?)[\s\u3000]*(.*)$")
# What begins a new line below a field: an item, a note, a number in brackets, another head.
_OPENS = re.compile(r"^[\s\u3000]*(?:[・○◎●■□◆◇※*＊\-【]|[(（]\d{1,2}[)）]|\d{1,2}[.．、\s\u3000]|[①-⑳])")
# Characters; a line this long was wrapped and may continue.
_FULL = 35
_COMMAS = ("、", "・", ",", "，")


def normalise_minutes(lines: Sequence[Line]) -> tuple[list[Line], dict[int, tuple[int, ...]]]:
    """Return the lines of minutes with headings marked (#) and fields as items; other documents unchanged.

    A heading with its value becomes two lines. A field over several lines becomes the first of them, mapped to the
    numbers of the others. Documents with marked headings are unchanged.
    """
    if not is_minutes(lines):
        return list(lines), {}
    heads = {place: chain.depth for chain in chains(lines) for place in chain.places}
    fields = _MinutesRewriter(lines, heads)
    return list(fields.rewrite()), fields.joined


def is_minutes(lines: Sequence[Line]) -> bool:
    """Whether a document is titled minutes, and has time, place and participants."""
    first = [line.text.strip() for line in lines if line.text.strip()][:_LOOKED_AT]
    titled = any(len(text) <= _LONGEST_TITLE and _TITLE.search(text) and not ends_sentence(text) for text in first)
    if not titled or any(line.text.startswith("#") for line in lines):
        return False
    named = {remove_gaps(match["label"]) for line in lines if (match := _field(line.text))}
    named |= {name for line in lines if (match := _NUMBER.match(line.text)) and is_field_head(name := match[2])}
    return len(named) >= _FEWEST_FIELDS


class _MinutesRewriter:
    """Rewrites the lines of minutes; `heads` are the depths of its numbered headings by position."""

    def __init__(self, lines: Sequence[Line], heads: Mapping[int, int]) -> None:
        self._lines = lines
        self._heads = heads
        self._talk = next((i for i, line in enumerate(lines) if _is_speech_sentence(line.text)), len(lines))
        self.joined: dict[int, tuple[int, ...]] = {}

    def rewrite(self) -> Iterator[Line]:
        """Yield the lines, headings and fields between blank ones."""
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
        """Return a line with `text` and its continuation; a field is an item beginning with its label."""
        if field := _field(text):
            text = f"・{remove_gaps(field['label'])} {field['value'].strip()}"
        for more in below:
            text = _join_name_lists(text, more.text.strip())
        if below:
            self.joined[line.number] = tuple(more.number for more in below)
        return replace(line, text=text)

    def _below(self, place: int, *, names: bool = False) -> list[Line]:
        """Return the lines that continue the one at `place`: deeper indented, or after a comma.

        In a list of `names` (3 出席者) every line continues that begins nothing new.
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
    """Whether a line may continue a field: it begins nothing itself."""
    opens = _OPENS.match(text) or _field(text) or speech(text.strip())
    return bool(text.strip()) and not opens and not ends_sentence(text) and "\t" not in text


def _field(text: str) -> re.Match[str] | None:
    """Return the match of a field on a line; not of (記録 係長) or a speech."""
    match = None if ends_sentence(text) or _is_speech_sentence(text) else FIELD.match(text)
    return match if match and bool(match["open"]) == bool(match["close"]) else None


def _is_speech_sentence(text: str) -> bool:
    """Whether a line is a spoken sentence; ○事務局 農林課長 is a field."""
    return "。" in text and speech(text.strip()) is not None


def _between_blank_lines(line: Line) -> Iterator[Line]:
    yield replace(line, text="")
    yield line
    yield replace(line, text="")


def _join_name_lists(left: str, right: str) -> str:
    """Join two lines of names; names without commas stay separated by a space."""
    within = left.endswith(_COMMAS) or len(re.findall("[(（]", left)) > len(re.findall("[)）]", left))
    return f"{left}{right}" if within or len(left) >= _FULL else f"{left} {right}"


def _indent(line: Line) -> int:
    return len(line.text) - len(line.text.lstrip(" \u3000"))
