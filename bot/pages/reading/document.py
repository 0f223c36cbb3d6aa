"""Splits a document into sections with their passages and tables for reading."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, takewhile

from ingest.chunking.table import Table, split_tables
from ingest.documents import Passage

# A heading of a badly set page may be a paragraph; its address is cut.
_LONGEST_ADDRESS = 40
# Characters that stand before and behind a passage where that is shown by itself, and rows of a table.
_AROUND, _ROWS_ABOUT = 900, 8
# What a page of a document holds, in cells of a table; a passage takes the time of so many, so many characters of one.
_A_PAGE, _OF_PASSAGE, _OF_TEXT = 4_000, 8, 20


@dataclass(frozen=True, slots=True)
class SectionItem:
    """A passage, or all rows of a `table`; `starts_page` is the page that begins with it, None within one."""

    passage: Passage
    table: Table | None = None
    starts_page: int | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of what stands in it."""
        return self.table.ids if self.table else (self.passage.id,)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a `level` from 2 on, "" before the first, with what stands under it; `id` is its address."""

    id: str
    heading: str
    level: int
    path: tuple[str, ...]
    pieces: list[SectionItem] = field(default_factory=list)

    @property
    def in_contents(self) -> bool:
        """Whether it is a heading that one looks for: no line that only gives a table its unit or number."""
        return bool(self.heading) and all(piece.passage.section == self.heading for piece in self.pieces[:1])


def page_ranges(passages: Sequence[Passage]) -> tuple[range, ...]:
    """Return the positions of the passages on each page of a document's view; most documents have one page.

    The size of a page is limited, so that a long document takes no longer to lay out.
    """
    starts, left = [0], _A_PAGE
    for position, passage in enumerate(passages):
        left -= _OF_PASSAGE + max(len(passage.cells), len(passage.text) // _OF_TEXT)
        if left < 0 and position > starts[-1]:
            starts.append(position)
            left = _A_PAGE
    return tuple(range(start, end) for start, end in pairwise((*starts, len(passages))))


def passage_anchor(passage_id: str) -> str:
    """Return the address of a passage within the page of its document."""
    return f"passage-{passage_id.rpartition('#')[2]}"


def split_sections(passages: Sequence[Passage], title: str = "") -> tuple[Section, ...]:
    """Return the sections of a document in order, also those that hold only others; none for no passages.

    A heading over all that only says the `title` again is left out.
    """
    tables = {table.ids[0]: table for table in split_tables(passages)}
    later_rows = {row_id for table in tables.values() for row_id in table.ids[1:]}
    sections, used, page = list[Section](), Counter[str](), None
    for passage in passages:
        if passage.id in later_rows:
            continue
        path = passage.path[1:] if passage.path[:1] == (title,) else passage.path
        if not sections or path != sections[-1].path:
            sections += _open_sections(path, sections[-1].path if sections else (), used)
        starts = passage.page if passage.page != page else None
        page = passage.page
        sections[-1].pieces.append(SectionItem(passage, tables.get(passage.id), starts))
    return tuple(sections)


def sections_around(passages: Sequence[Passage], cited: Collection[str], title: str = "") -> tuple[Section, ...]:
    """Return the surroundings of the passages `cited` of one section, under its headings; none where they are gone.

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
    kept: dict[int, list[SectionItem]] = {}
    for number, piece in items[first : last + 1]:
        kept.setdefault(number, []).append(_limit_rows(piece, cited))
    # Headings above that have no text of their own name the whole of which these sections are a part.
    begin, end = items[first][0], items[last][0]
    while begin and not sections[begin - 1].pieces:
        begin -= 1
    return tuple(replace(sections[number], pieces=kept.get(number, [])) for number in range(begin, end + 1))


def _limit_rows(piece: SectionItem, cited: Collection[str]) -> SectionItem:
    """Return a piece with its table limited to the rows near the cited ones."""
    table = piece.table
    rows = [number for number, row_id in enumerate(piece.ids) if row_id in cited]
    if table is None or not rows:
        return piece
    cut = slice(max(rows[0] - _ROWS_ABOUT, 0), rows[-1] + _ROWS_ABOUT + 1)
    return replace(piece, table=replace(table, rows=table.rows[cut]))


def _open_sections(path: Sequence[str], before: Sequence[str], used: Counter[str]) -> Iterator[Section]:
    """Yield a section for each heading of `path` that was not open already; one for no heading, and one to go on in."""
    common = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(path, before, strict=False))))
    if len(path) <= common:  # back in the section around another, or before the first heading
        yield Section(_unique_anchor("つづき", used), "", min(len(path) + 1, 6), tuple(path))
    for depth in range(common, len(path)):
        yield Section(_unique_anchor(path[depth], used), path[depth], min(depth + 2, 6), tuple(path[: depth + 1]))


def _unique_anchor(heading: str, used: Counter[str]) -> str:
    """Return a heading as an address, numbered where it stands there already."""
    name = re.sub(r"[\s#%\"'<>&]+", "-", heading.strip())[:_LONGEST_ADDRESS]
    used[name] += 1
    return name if used[name] == 1 else f"{name}-{used[name]}"


def _take_until_limit(pieces: Iterable[SectionItem]) -> Iterator[SectionItem]:
    left = _AROUND
    for piece in pieces:
        left -= len(piece.passage.text) * len(piece.ids)
        if left < 0:
            return
        yield piece
