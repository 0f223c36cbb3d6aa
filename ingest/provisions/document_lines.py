"""Turns the passages of a document back into its lines, each with the place where it can be quoted."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from math import inf

from ingest.documents import DroppedLines, Passage
from ingest.japanese import nfkc

_BULLET = re.compile(r"^\s*・\s*")
# A numbered line with nothing under it, such as an item that the splitter took for a heading.
_BARE_HEADING = "本文のない見出し"


@dataclass(frozen=True)
class DocumentLine:
    """A line of a document.

    Attributes:
        text: the line without bullet.
        passage_id: the passage that it is in or above.
        end: where it ends in the passage's text; 0 for a heading, which the text does not have.
        columns: of a table row; the row of the column names has cells and no passage text.
    """

    text: str
    passage_id: str
    start: int = 0
    end: int = 0
    columns: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()

    @cached_property
    def normal(self) -> str:
        """The text in normal form."""
        return nfkc(self.text).strip()


@dataclass(frozen=True, slots=True)
class Quote:
    """Verbatim words of a passage: `text[start:end]`."""

    passage_id: str
    start: int
    end: int


def document_lines(passages: Sequence[Passage], dropped: Iterable[DroppedLines] = ()) -> list[DocumentLine]:
    """Return the lines of a document in order: headings where they begin, lines of text, table rows.

    Numbered lines among the `dropped` ones are put back in their places; they cannot be quoted.
    """
    lines: list[DocumentLine] = []
    path: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    bare_headings = deque(
        sorted((item.lines[0], item.text) for item in dropped if item.reason == _BARE_HEADING and item.lines)
    )

    def put_back(line_number: float) -> None:
        """Add the dropped headings before a line of the source."""
        while bare_headings and bare_headings[0][0] < line_number:
            lines.append(DocumentLine(bare_headings.popleft()[1], passages[0].id))

    for passage in passages:
        shared = takewhile(lambda pair: pair[0] == pair[1], zip(path, passage.path, strict=False))
        headings = passage.path[len(list(shared)) :]
        numbers = sorted(passage.lines) or [0]
        for n, heading in enumerate(headings):
            put_back(numbers[min(n, len(numbers) - 1)])
            lines += [DocumentLine(line, passage.id) for line in heading.splitlines() or [heading]]
        put_back(numbers[min(len(headings), len(numbers) - 1)])
        if passage.kind == "row" and passage.cells:
            names = tuple(cell.column for cell in passage.cells)
            lines += _row_lines(passage, names, with_names=names != columns or passage.path != path)
            columns = names
        else:
            lines += _text_lines(passage)
            columns = ()
        path = passage.path
    put_back(inf)
    return lines


def quotes_of(lines: Iterable[DocumentLine]) -> tuple[Quote, ...]:
    """Return one quote per passage that covers the lines, in order; a heading alone has none."""
    spans: dict[str, tuple[int, int]] = {}
    for line in lines:
        if line.end > line.start:
            start, end = spans.get(line.passage_id, (line.start, line.end))
            spans[line.passage_id] = min(start, line.start), max(end, line.end)
    return tuple(Quote(passage_id, *span) for passage_id, span in spans.items())


def _row_lines(row: Passage, names: tuple[str, ...], *, with_names: bool) -> Iterator[DocumentLine]:
    if with_names:
        yield DocumentLine("　".join(names), row.id, columns=names, cells=names)
    cells = tuple(cell.value for cell in row.cells)
    yield DocumentLine("　".join(cells), row.id, end=len(row.text), columns=names, cells=cells)
    for note in row.notes:
        yield DocumentLine(note, row.id)


def _text_lines(passage: Passage) -> Iterator[DocumentLine]:
    start = 0
    for line in passage.text.split("\n"):
        text = _BULLET.sub("", line).strip()
        if text:
            yield DocumentLine(text, passage.id, start + line.find(text), start + len(line.rstrip()))
        start += len(line) + 1
