"""Turns the passages of a document back into its lines, each with the place where it can be quoted."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import inf

from ingest.documents import DroppedLines, Passage
from ingest.japanese import nfkc
from ingest.japanese.notation import COUNT, KANJI_ONE_TO_TEN

_BULLET = re.compile(r"^\s*・\s*")
# Before these marks in a table cell, whose line breaks the readers replace, a provision begins.
_SPACE = r"[\s　]+"
_CAPTION = r"[(（][^()（）\d]{1,30}[)）]"
_ARTICLE = rf"第{COUNT}条(?:の{COUNT})*[\s　(（]"
_ITEM = rf"(?:[(（]\d{{1,2}}[)）]|[ア-ン](?=[\s　])|[(（][ア-ン][)）]|[{KANJI_ONE_TO_TEN}]+(?=[\s　]))"
_IN_CELL = re.compile(
    rf"(?:(?<=[。)）略除設則])|^){_SPACE}(?=\d{{1,2}}(?:(?:[・~～、]|から|及び)\d{{1,2}}(?:まで)?)*[\s　])"
    rf"|{_SPACE}(?={_CAPTION}[\s　]*第{COUNT}条)"
    rf"|{_SPACE}(?={_ARTICLE})"
    rf"|{_SPACE}(?=[(（]新設[)）])|(?<=[。)）]){_SPACE}(?=[(（](?:削除|削る)[)）])"
    rf"|{_SPACE}(?={_ITEM})|{_SPACE}(?=別表第?{COUNT}?[\s　(（]|附[\s　]?則(?:[\s　]|$))"
)
# Rows of an appendix, whose cells a wide space separates and which a space, once a line break, divides.
_APPENDIX_ROWS = re.compile(rf"^\s*別表(?:第?{COUNT})?[(（][^()（）]*[)）](?: [^ ]+　[^ ]+)+\s*$")


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A line of a document: its text without bullet, and `passage.text[start:end]`, both 0 for a heading.

    A table row has `cells` under `columns`; the row of the column names has cells and no passage text.
    """

    text: str
    passage_id: str
    start: int = 0
    end: int = 0
    columns: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()

    @property
    def normal(self) -> str:
        """The text in normal form."""
        return nfkc(self.text).strip()


# A numbered line with nothing under it, such as an item that the splitter took for a heading.
_BARE_HEADING = "本文のない見出し"


def document_lines(passages: Sequence[Passage], dropped: Iterable[DroppedLines] = ()) -> list[DocumentLine]:
    """Return the lines of a document in order: headings where they begin, lines of text, table rows.

    Numbered lines among the `dropped` ones are put back in their places; they cannot be quoted.
    """
    lines: list[DocumentLine] = []
    path: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    bare = deque(sorted((one.lines[0], one.text) for one in dropped if one.reason == _BARE_HEADING and one.lines))

    def put_back(before: float) -> None:
        while bare and bare[0][0] < before:
            lines.append(DocumentLine(bare.popleft()[1], passages[0].id))

    for passage in passages:
        common = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(path, passage.path, strict=False))))
        if passage.path != path:
            columns = ()
        numbers = sorted(passage.lines)
        for n, heading in enumerate(passage.path[common:]):
            put_back(numbers[min(n, len(numbers) - 1)] if numbers else 0)
            lines += [DocumentLine(part, passage.id) for part in heading.splitlines() or [heading]]
        put_back(numbers[min(len(passage.path) - common, len(numbers) - 1)] if numbers else 0)
        path = passage.path
        if passage.kind == "row" and passage.cells:
            names = tuple(cell.column for cell in passage.cells)
            if names != columns:
                lines.append(DocumentLine("　".join(names), passage.id, columns=names, cells=names))
            columns = names
            cells = tuple(cell.value for cell in passage.cells)
            lines.append(DocumentLine("　".join(cells), passage.id, 0, len(passage.text), names, cells))
            lines += [DocumentLine(note, passage.id) for note in passage.notes]
        else:
            columns = ()
            lines += _text_lines(passage)
    put_back(inf)
    return lines


def _text_lines(passage: Passage) -> Iterator[DocumentLine]:
    start = 0
    for raw in passage.text.split("\n"):
        text = _BULLET.sub("", raw).strip()
        if text:
            yield DocumentLine(text, passage.id, start + raw.find(text), start + len(raw.rstrip()))
        start += len(raw) + 1


def split_cell(text: str) -> list[str]:
    """Return the lines of a table cell, each beginning with a provision."""
    if _APPENDIX_ROWS.match(text):
        return [part for part in text.replace("<br>", " ").split(" ") if part.strip()]
    return [part for part in _IN_CELL.split(text.replace("<br>", "\n").replace("\n", "　")) if part.strip()]


@dataclass(frozen=True, slots=True)
class Quote:
    """Verbatim words of a passage."""

    passage_id: str
    start: int
    end: int


def quotes_of(lines: Iterable[DocumentLine]) -> tuple[Quote, ...]:
    """Return one quote per passage that covers the lines, in order; a heading alone has none."""
    spans: dict[str, tuple[int, int]] = {}
    for line in lines:
        if line.end > line.start:
            start, end = spans.get(line.passage_id, (line.start, line.end))
            spans[line.passage_id] = min(start, line.start), max(end, line.end)
    return tuple(Quote(passage_id, *span) for passage_id, span in spans.items())
