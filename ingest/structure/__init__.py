"""Classifies lines into blocks: headings, labels, items, tables, notes and dropped lines.

Municipal documents are slides and plans converted to text. Their common properties are used: numbered headings,
bullets, separate lines, tabs between cells, ※ before notes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from ingest.documents import Line
from ingest.japanese.markers import MARKS
from ingest.minutes.labels import find_label
from ingest.minutes.line_rewriting import is_minutes, rewrite_minutes
from ingest.minutes.speaker_lines import is_bracketed_remark, match_speaker
from ingest.structure.aligned_tables import tab_aligned_rows
from ingest.structure.articles import articles, opens_article
from ingest.structure.blocks import Block, BlockKind, Row
from ingest.structure.continued_tables import join_continued_tables
from ingest.structure.furniture import furniture, is_frame
from ingest.structure.headings import number_of, opening_titles, paragraph_headings
from ingest.structure.labels import (
    alike_labels_to_items,
    attach_contacts,
    facts_to_items,
    is_label,
    marked_headings,
    series_to_headings,
    table_titles,
    values_below_to_items,
)
from ingest.structure.line_joining import continues_block, is_unbroken, join, rejoin
from ingest.structure.line_marks import line_kind, make_block
from ingest.structure.slides import slide_title, slide_titles
from ingest.structure.table_of_contents import is_contents
from ingest.structure.tables import read_table
from ingest.structure.underlined_titles import mark_underlined_titles
from ingest.structure.verbatim_record import add_record_headings, is_record

__all__ = ["Block", "BlockKind", "Row", "find_blocks"]
_BULLET = re.compile(rf"^[{MARKS}]\s*")
# What may be a speaker's label before a sentence: 1番柴委員　…。
_SPEAKER = re.compile(
    r"\s*[^\s。、]{1,16}(?:議員|委員|[長員係課部局])[)）]?[\s\u3000:：]+\S.*[。？?]|\s*[【（(〔][^】）)〕]{1,16}[】）)〕]"
)
# A heading of Markdown, which no blank line has to follow.
_MARKED_HEADING = re.compile(r"#{1,6}\s+\S")
# This many numbered lines with nothing between them are a list, not headings.
_FEWEST_LISTED = 3


def find_blocks(lines: Sequence[Line]) -> list[Block]:
    """Return the blocks of a document in order; every non-blank line is in one, an article's first line in two."""
    minutes = is_minutes(lines)
    lines, joined = rewrite_minutes(lines) if minutes else (lines, {})
    dropped = furniture(lines)
    gone = [make_block("dropped", lines[i], style=reason) for i, reason in sorted(dropped.items())]
    record = not minutes and is_record(lines)
    unbroken = is_unbroken(lines)
    explicit = not minutes and any(
        line.text.startswith("#") and line.page is None for i, line in enumerate(lines) if i not in dropped
    )
    titles = slide_titles(lines, dropped)
    groups = list(_paragraphs(mark_underlined_titles(lines), dropped, titles))
    opening = opening_titles(groups)
    found = [
        b
        for group in groups
        for b in (
            [slide_title(group[0])]
            if group[0].number in titles
            else _classify(group, opening, explicit=explicit, unbroken=unbroken, record=record, minutes=minutes)
        )
    ]
    for step in (
        (add_record_headings,)
        if record
        else (
            rejoin,
            articles,
            _headings_to_items,
            marked_headings,
            table_titles,
            series_to_headings,
            attach_contacts,
            values_below_to_items,
            alike_labels_to_items,
            facts_to_items,
        )
    ):
        found = step(found)
    found = [replace(b, lines=(*b.lines, *(n for line in b.lines for n in joined.get(line, ())))) for b in found]
    return join_continued_tables(sorted([*found, *gone], key=lambda b: b.lines[0]))


def _paragraphs(lines: Sequence[Line], dropped: dict[int, str], titles: frozenset[int]) -> Iterator[list[Line]]:
    """Yield consecutive lines of a page without a blank line or rule between them; titles are separate.

    A heading of Markdown right above a table or text is not part of it.
    """
    group: list[Line] = []
    for i, line in enumerate(lines):
        if i in dropped and (is_frame(line.text) or line.text.strip().startswith("<!--")):
            continue
        ended = bool(group) and (
            group[-1].page != line.page or group[-1].number in titles or _is_marked_heading(group[-1])
        )
        if i in dropped or not line.text.strip() or ended:
            yield from [group] if group else []
            group = []
        if i not in dropped and line.text.strip():
            group.append(line)
    yield from [group] if group else []


def _is_marked_heading(line: Line) -> bool:
    return line.page is None and bool(_MARKED_HEADING.match(line.text))


def _classify(
    group: list[Line], opening: frozenset[int], *, explicit: bool, unbroken: bool, record: bool, minutes: bool
) -> list[Block]:
    """Return the blocks of a paragraph; in a document with Markdown headings (`explicit`) no labels are inferred.

    In minutes, a remark such as (異議なし) is not a label.
    """
    if is_contents(group):
        return [make_block("dropped", *group, style="目次")]
    if table := read_table(tab_aligned_rows(group)):
        return table
    if record:
        return [make_block("text", line) for line in group]
    blocks = _lines(group, opening, unbroken=unbroken)
    aside = minutes and is_bracketed_remark(blocks[0].text)
    if not explicit and len(blocks) == 1 and is_label(blocks[0]) and not aside:
        return [Block("label", blocks[0].text, blocks[0].lines, blocks[0].page)]
    return blocks


def _lines(group: list[Line], opening: frozenset[int], *, unbroken: bool) -> list[Block]:
    """Return the blocks of a paragraph's lines, with broken lines joined."""
    headings = paragraph_headings(group, opening)
    blocks: list[Block] = []
    for i, line in enumerate(group):
        kind = line_kind(line)
        if i in headings:
            blocks.append(headings[i])
        elif (
            kind == "text"
            and blocks
            and not _has_speaker(line.text)
            and _continues_speech(blocks[-1], line.text.strip())
        ):
            blocks.append(_append_to_speech(blocks.pop(), make_block("text", line)))
        elif kind == "text" and blocks and _is_rest(blocks[-1], line.text.rstrip(), unbroken=unbroken):
            last = blocks.pop()
            text = join(last.text, make_block("text", line).text)
            blocks.append(Block(last.kind, text, (*last.lines, line.number), last.page, last.style))
        else:
            blocks.append(make_block(kind, line))
    return _bulleted_items(blocks)


def _continues_speech(last: Block, text: str) -> bool:
    """Whether a line continues the speech above; (異議なし) does not."""
    is_speech = last.kind in {"text", "lead"} and match_speaker(last.text) is not None
    return is_speech and match_speaker(text) is None and not is_bracketed_remark(text)


def _append_to_speech(last: Block, line: Block) -> Block:
    """Return the speech `last` with another line; a speech is one paragraph."""
    return replace(last, text=join(last.text, line.text), lines=(*last.lines, *line.lines))


def _is_rest(last: Block, text: str, *, unbroken: bool) -> bool:
    """Whether a line continues the block above; a new speech or a remark such as (異議なし) does not."""
    opens = opens_article(text) or match_speaker(text.strip()) is not None or _has_speaker(text)
    return not opens and not is_bracketed_remark(last.text) and continues_block(last, text, unbroken=unbroken)


def _has_speaker(text: str) -> bool:
    return bool(_SPEAKER.match(text)) and find_label(text) is not None


def _bulleted_items(blocks: list[Block]) -> list[Block]:
    """Turn the lines of a paragraph into items if each begins with ● or similar and none is a speech.

    Notes and indented items may be in between if a mark occurs twice in a row, so that it does not introduce a list.
    """
    body = [b for b in blocks if b.kind != "note"]
    alike = any(a.kind == b.kind == "lead" and a.text[0] == b.text[0] for a, b in pairwise(body))
    below = all(b.kind in {"lead", "heading"} or (b.kind == "item" and b.style) for b in body)
    every = len(blocks) > 1 and all(b.kind == "lead" for b in blocks)
    if not every and not (alike and below and all(_BULLET.match(b.text) for b in body if b.kind == "lead")):
        return blocks
    if any(match_speaker(b.text) for b in blocks):
        return blocks
    return [replace(b, kind="item", text=_BULLET.sub("", b.text)) if b.kind == "lead" else b for b in blocks]


def _headings_to_items(blocks: Sequence[Block]) -> list[Block]:
    """Turn numbered headings with nothing between them into list items."""
    runs: list[list[Block]] = []
    for b in blocks:
        if runs and runs[-1][-1].kind == b.kind == "heading" and _follows(runs[-1][-1], b):
            runs[-1].append(b)
        else:
            runs.append([b])
    return [
        replace(b, kind="item", style="", rank=None) if len(run) >= _FEWEST_LISTED else b for run in runs for b in run
    ]


def _follows(left: Block, right: Block) -> bool:
    """Whether two headings have consecutive numbers of one style."""
    before, after = number_of(left), number_of(right)
    return left.style == right.style and before is not None and after == before + 1
