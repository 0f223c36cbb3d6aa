"""Splits a document into sections with their passages and tables for reading."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, takewhile

from ingest.documents import Passage
from ingest.japanese import dates, nfkc
from ingest.japanese.cell_values import parse_values
from ingest.passages.table_passages import table_ranges, written_cells

# The heading of a badly set page may be a paragraph, so that its anchor is cut.
_MAX_ANCHOR_CHARS = 40
# Characters before, and after, a passage that is shown with its surroundings.
_SURROUNDING_CHARS = 900
# Rows before, and after, the cited rows of a table.
_SURROUNDING_ROWS = 8
# The size of a page, as the number of table cells that take as long to lay out.
_CELLS_PER_PAGE = 4_000
# A passage takes as long as this many cells, ...
_CELLS_PER_PASSAGE = 8
# ... and a cell as long as this many characters.
_CHARS_PER_CELL = 20
# HTML has headings up to this level.
_LAST_HEADING_LEVEL = 6


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """The rows of a table as they are written; `n` is its number in the document, from 1, and `ids` are the rows'."""

    n: int
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    ids: tuple[str, ...]
    notes: Sequence[str]
    caption: str

    def is_figure(self, cell: str) -> bool:
        """Whether a cell begins with a figure or a day."""
        text = nfkc(cell).strip()
        return bool(parse_values(text)) or bool(dates(text))


@dataclass(frozen=True, slots=True)
class SectionItem:
    """A passage, or all rows of a `table`; `starts_page` is the page that begins with it, None if none does."""

    passage: Passage
    table: WrittenTable | None = None
    starts_page: int | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        return self.table.ids if self.table else (self.passage.id,)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, of level 2 or lower, with the passages under it; `id` is its anchor in the page.

    It is "" for the passages before the first heading, and for the rest of a section after a subsection.
    """

    id: str
    heading: str
    level: int
    path: tuple[str, ...]
    pieces: list[SectionItem] = field(default_factory=list)

    @property
    def is_in_contents(self) -> bool:
        """Whether the table of contents lists it, as opposed to a line with the unit or number of a table."""
        return bool(self.heading) and all(piece.passage.section == self.heading for piece in self.pieces[:1])


def page_ranges(passages: Sequence[Passage]) -> tuple[range, ...]:
    """Return the positions of the passages on each page of a document's view; most documents have one page.

    The size of a page is limited, so that a long document takes no longer to lay out.
    """
    starts = [0]
    left = _CELLS_PER_PAGE
    for position, passage in enumerate(passages):
        left -= _CELLS_PER_PASSAGE + max(len(passage.cells), len(passage.text) // _CHARS_PER_CELL)
        if left < 0 and position > starts[-1]:
            starts.append(position)
            left = _CELLS_PER_PAGE
    return tuple(range(start, end) for start, end in pairwise((*starts, len(passages))))


def passage_anchor(passage_id: str) -> str:
    """Return the anchor of a passage in the page of its document."""
    return f"passage-{passage_id.rpartition('#')[2]}"


def split_sections(passages: Sequence[Passage], title: str = "") -> tuple[Section, ...]:
    """Return the sections of a document in order, also those that contain only subsections.

    A heading over all of them that repeats the `title` is left out.
    """
    tables = {table.ids[0]: table for table in _written_tables(passages)}
    later_rows = {row_id for table in tables.values() for row_id in table.ids[1:]}
    sections: list[Section] = []
    used_anchors = Counter[str]()
    page: int | None = None
    for passage in passages:
        if passage.id in later_rows:
            continue
        path = passage.path[1:] if passage.path[:1] == (title,) else passage.path
        if not sections or path != sections[-1].path:
            sections += _open_sections(path, sections[-1].path if sections else (), used_anchors)
        starts = passage.page if passage.page != page else None
        page = passage.page
        sections[-1].pieces.append(SectionItem(passage, tables.get(passage.id), starts))
    return tuple(sections)


def sections_around(passages: Sequence[Passage], cited: Collection[str], title: str = "") -> tuple[Section, ...]:
    """Return the passages `cited` of one section with their surroundings, under its headings; none if all are gone.

    The characters before and after are limited; of a long table only the rows near the cited ones are returned.
    """
    sections = split_sections(passages, title)
    items = [(number, piece) for number, section in enumerate(sections) for piece in section.pieces]
    matching = [i for i, (_, piece) in enumerate(items) if any(passage_id in piece.ids for passage_id in cited)]
    if not matching:
        return ()
    path = sections[items[matching[0]][0]].path
    in_section = [i for i in matching if sections[items[i][0]].path == path]
    first = in_section[0] - len(list(_take_until_limit(piece for _, piece in reversed(items[: in_section[0]]))))
    last = in_section[-1] + len(list(_take_until_limit(piece for _, piece in items[in_section[-1] + 1 :])))
    pieces: dict[int, list[SectionItem]] = {}
    for number, piece in items[first : last + 1]:
        pieces.setdefault(number, []).append(_limit_rows(piece, cited))
    # Headings directly above that have no text are part of the context.
    first_section = items[first][0]
    while first_section and not sections[first_section - 1].pieces:
        first_section -= 1
    return tuple(
        replace(sections[number], pieces=pieces.get(number, [])) for number in range(first_section, items[last][0] + 1)
    )


def _written_tables(passages: Sequence[Passage]) -> Iterator[WrittenTable]:
    for n, place in enumerate(table_ranges(passages), 1):
        rows = [row for row in passages[place.start : place.stop] if row.cells]
        columns, cells = written_cells(rows)
        notes = tuple(dict.fromkeys(note for row in rows for note in row.notes))
        yield WrittenTable(n, columns, cells, tuple(row.id for row in rows), notes, rows[0].path[-1])


def _limit_rows(piece: SectionItem, cited: Collection[str]) -> SectionItem:
    table = piece.table
    rows = [number for number, row_id in enumerate(piece.ids) if row_id in cited]
    if table is None or not rows:
        return piece
    shown = slice(max(rows[0] - _SURROUNDING_ROWS, 0), rows[-1] + _SURROUNDING_ROWS + 1)
    return replace(piece, table=replace(table, rows=table.rows[shown], ids=table.ids[shown]))


def _open_sections(path: Sequence[str], previous: Sequence[str], used: Counter[str]) -> Iterator[Section]:
    common = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(path, previous, strict=False))))
    if len(path) <= common:  # back in the section around another, or before the first heading
        level = min(len(path) + 1, _LAST_HEADING_LEVEL)
        yield Section(_unique_anchor("つづき", used), "", level, tuple(path))
    for depth in range(common, len(path)):
        level = min(depth + 2, _LAST_HEADING_LEVEL)
        yield Section(_unique_anchor(path[depth], used), path[depth], level, tuple(path[: depth + 1]))


def _unique_anchor(heading: str, used: Counter[str]) -> str:
    name = re.sub(r"[\s#%\"'<>&]+", "-", heading.strip())[:_MAX_ANCHOR_CHARS]
    used[name] += 1
    return name if used[name] == 1 else f"{name}-{used[name]}"


def _take_until_limit(pieces: Iterable[SectionItem]) -> Iterator[SectionItem]:
    left = _SURROUNDING_CHARS
    for piece in pieces:
        left -= len(piece.passage.text) * len(piece.ids)
        if left < 0:
            return
        yield piece
