"""The blocks of documents: as their format marks them, or inferred from lines of text.

Municipal documents are slides and plans converted to text. Their common properties are used: numbered headings,
bullets, separate lines, tabs between cells, ※ before notes.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.blocks.furniture import find_furniture, is_contents, is_frame
from ingest.blocks.headings import (
    is_label,
    marked_headings,
    number_of,
    paragraph_headings,
    series_to_headings,
    table_titles,
)
from ingest.blocks.line_joining import ARTICLE, articles, continues_block, is_unbroken, join, rejoin
from ingest.blocks.line_marks import line_kind, make_block
from ingest.blocks.minutes_fields import is_minutes, with_fields
from ingest.blocks.model import DocumentPart, first_line, part_lines
from ingest.blocks.speakers import is_bracketed_remark
from ingest.blocks.tables import join_continued_tables, read_table, tab_aligned_rows
from ingest.documents import Block, Line

# A heading of Markdown, which no blank line has to follow.
_MARKED_HEADING = re.compile(r"#{1,6}\s+\S")
# This many numbered lines with nothing between them are a list, not headings.
_MIN_LISTED_LINES = 3


@dataclass(frozen=True, slots=True)
class _DocumentTraits:
    has_marked_headings: bool
    is_unbroken: bool


def find_blocks(parts: Sequence[DocumentPart]) -> list[Block]:
    """Return the blocks of a document in order; every non-blank line is in one, an article's first line in two.

    Blocks stay as the reader found them; those of lines are inferred.
    """
    dropped = [part for part in parts if isinstance(part, Block) and part.kind == "dropped"]
    known = [part for part in parts if isinstance(part, Line) or part.kind != "dropped"]
    reasons = find_furniture(known)
    shown: list[DocumentPart] = []
    for place, part in enumerate(known):
        if isinstance(part, Block) or place not in reasons:
            shown.append(part)
        else:
            dropped.append(make_block("dropped", part, style=reasons[place]))
            # A frame separates no rows.
            shown += [] if is_frame(part.text) else [replace(part, text="")]
    has_marked_headings = any(map(_is_marked_heading, shown))
    if not has_marked_headings and is_minutes(list(part_lines(parts))):
        marked = [part for part in shown if isinstance(part, Block)]
        fields = with_fields([part for part in shown if isinstance(part, Line)])
        shown = sorted((*marked, *fields), key=first_line)
    lines = [part for part in shown if isinstance(part, Line)]
    traits = _DocumentTraits(has_marked_headings, is_unbroken(lines))
    blocks: list[Block] = []
    for paragraph in _split_paragraphs(shown):
        blocks += _classify(paragraph, traits) if isinstance(paragraph, list) else [paragraph]
    for step in _STEPS:
        blocks = step(blocks)
    return join_continued_tables(sorted([*blocks, *dropped], key=first_line))


def _split_paragraphs(parts: Iterable[DocumentPart]) -> Iterator[list[Line] | Block]:
    paragraph: list[Line] = []
    for part in parts:
        is_line = isinstance(part, Line) and bool(part.text.strip())
        if paragraph and (not is_line or paragraph[-1].page != part.page or _is_marked_heading(paragraph[-1])):
            yield paragraph
            paragraph = []
        if isinstance(part, Block):
            yield part
        elif is_line:
            paragraph.append(part)
    if paragraph:
        yield paragraph


def _is_marked_heading(part: DocumentPart) -> bool:
    if isinstance(part, Block):
        return part.kind == "heading"
    return part.page is None and bool(_MARKED_HEADING.match(part.text))


def _classify(paragraph: list[Line], traits: _DocumentTraits) -> list[Block]:
    if is_contents(paragraph):
        return [make_block("dropped", *paragraph, style="目次")]
    if table := read_table(tab_aligned_rows(paragraph)):
        return table
    blocks = _classify_lines(paragraph, traits)
    if len(blocks) == 1 and is_label(blocks[0]) and not traits.has_marked_headings:
        return [Block("label", blocks[0].text, blocks[0].lines, blocks[0].page)]
    return blocks


def _classify_lines(paragraph: list[Line], traits: _DocumentTraits) -> list[Block]:
    headings = paragraph_headings(paragraph)
    blocks: list[Block] = []
    for i, line in enumerate(paragraph):
        kind = line_kind(line)
        if i in headings:
            blocks.append(headings[i])
        elif kind == "text" and blocks and _continues(blocks[-1], line.text.rstrip(), traits):
            last = blocks.pop()
            text = join(last.text, make_block("text", line).text)
            blocks.append(Block(last.kind, text, (*last.lines, line.number), last.page, last.style))
        else:
            blocks.append(make_block(kind, line))
    return blocks


def _continues(last: Block, text: str, traits: _DocumentTraits) -> bool:
    if last.kind == "speech":
        return not is_bracketed_remark(text.strip())
    is_opened = ARTICLE.match(text) or is_bracketed_remark(last.text)
    return not is_opened and continues_block(last, text, is_unbroken=traits.is_unbroken)


def _headings_to_items(blocks: Sequence[Block]) -> list[Block]:
    runs: list[list[Block]] = []
    for block in blocks:
        above = runs[-1][-1] if runs else None
        number = number_of(above) if above and above.kind == block.kind == "heading" else None
        if above and number is not None and above.style == block.style and number_of(block) == number + 1:
            runs[-1].append(block)
        else:
            runs.append([block])
    converted = list[Block]()
    for run in runs:
        is_list = len(run) >= _MIN_LISTED_LINES
        converted += [replace(block, kind="item", style="", rank=None) for block in run] if is_list else run
    return converted


# The steps that revise the blocks of a document, in order; each returns new blocks.
_STEPS: tuple[Callable[[Sequence[Block]], list[Block]], ...] = (
    rejoin,
    articles,
    _headings_to_items,
    marked_headings,
    table_titles,
    series_to_headings,
)
