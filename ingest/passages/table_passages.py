"""Turns each table row into a passage with its column names and notes."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from ingest.blocks.headings import is_unit
from ingest.blocks.tables import heads_rows
from ingest.documents import Block, BlockRow, Cell, Passage
from ingest.japanese import nfkc
from ingest.japanese.cell_values import head_unit, is_bare_number, unit_above
from ingest.japanese.contacts import LINK_TARGET
from ingest.japanese.sentences import ends_sentence

_MARK = re.compile(r"^(?:[※*＊]|注)\s?(\d+)")
# Numbers of figures and tables; captions may be longer than labels.
_CAPTION = re.compile(r"(?:図表?|表|グラフ)\s?[\d０-９ⅠⅡⅢⅣⅤ]")
_MAX_CAPTION_LENGTH = 90
_DITTO = re.compile(r"[〃〟″\"]|(?:同上|同前|同じ|仝)")
_DITTO_LEFT = re.compile(r"同左|←")
# Columns whose figures are not in the unit of the table.
_SEVERAL_UNITS = re.compile(r"[、・/,]")
_OTHER_UNIT = re.compile(r"率|割合|構成比|指数|順位|番号|コード|^年[度次]?$|[%％]|(?i:\bno\b)")
# Axis figures; text in brackets only; line numbers.
_SCALE = re.compile(r"(?:[▲△+-]?\d[\d.,]*+(?:\s?%)?+\s*+)+")
_REMARK = re.compile(rf"(?:{_SCALE.pattern})?(?:[(〔\[][^()〔〕\[\]]*[)〕\]]\s*)+")


def take_titles(content: list[Block], *, after_table: bool = False) -> tuple[list[Block], list[Block]]:
    """Remove the titles of the following table from the end of `content`; return them and the axis figures above it.

    Titles are the label right above, with a remark in brackets (単位:人, n=100) also the label above that, and the
    caption (図表 3 …) above other labels. Captions side by side are ambiguous and not taken, nor is one right below a
    table without its own (`after_table`).
    """
    scale = list[Block]()
    titles = list[Block]()
    while content and content[-1].kind == "label" and (not titles or _is_remark(titles[0].text)):
        (scale if _SCALE.fullmatch(nfkc(content[-1].text)) else titles).insert(0, content.pop())
    if not any(map(_is_caption, titles)):
        is_other = [block.kind != "label" and not _is_caption(block) for block in content]
        first = max((i + 1 for i, other in enumerate(is_other) if other), default=0)
        captions = [i for i in range(first, len(content)) if _is_caption(content[i])]
        if captions and captions[-1] - 1 not in captions and not (after_table and captions[-1] == 0):
            titles.insert(0, content.pop(captions[-1]))
    return titles, scale


def may_name(label: Block, above: Sequence[Block]) -> bool:
    """Whether a label may be the title of a text: not a figure, remark, caption or part of a chart above it.

    Where no sentence of the text above has ended, it is part of a form or figure (decision 038).
    """
    texts = [block.text for block in above if block.kind not in {"label", "item"}]
    is_apart = not texts or any(map(ends_sentence, texts))
    is_word = any(letter.isalpha() for letter in label.text)
    return is_apart and is_word and not (_is_remark(label.text) or any(map(_is_caption, (*above, label))))


def _is_caption(block: Block) -> bool:
    text = block.text
    is_line = block.kind == "label" or (block.kind == "text" and len(text) <= _MAX_CAPTION_LENGTH)
    return is_line and bool(_CAPTION.match(text)) and not ends_sentence(text)


def _is_remark(text: str) -> bool:
    return is_unit(text) or bool(_REMARK.fullmatch(nfkc(text)))


def row_passages(table: Block, doc_id: str, path: tuple[str, ...]) -> Iterator[Passage]:
    """Yield a passage per row, without id: each cell after its column name.

    An empty first cell repeats the one above, as a ditto mark does; a row of one marked cell (【本庁】), or of one cell
    over the full width, is a heading of the rows below. Two columns without names are name-value pairs. A table with
    only a header is one passage of text.
    """
    header, *rows = table.rows
    header = replace(header, cells=tuple(LINK_TARGET.sub("", name) for name in header.cells))
    unit = unit_above(path)
    unit = "" if _SEVERAL_UNITS.search(unit) else unit
    if not rows:
        yield Passage("", doc_id, "text", path, " ".join(filter(None, header.cells)), header.lines, table.page)
    groups: list[BlockRow] = []
    run: list[BlockRow] = []
    above = BlockRow((), ("",))
    for row in _resolve_dittos(rows):
        if heads_rows(row, header):
            run.append(row)
            continue
        if run:  # a new run of group rows replaces as many of the innermost groups
            groups = [*groups[: -len(run)], *run]
            run = []
            above = BlockRow((), ("",))
        above = row if row.cells[0] else above
        lines = (*header.lines, *(n for group in groups for n in group.lines), *above.lines, *row.lines)
        values = (above.cells[0], *row.cells[1:])
        names = (*header.cells, *[""] * (len(values) - len(header.cells)))
        if not any(header.cells) and len(values) == 2 and all(values):
            names, values = values[:1], values[1:]
        cells = tuple(Cell(name, value) for name, value in zip(names, values, strict=False) if value)
        text = "\n".join(_cell_text(cell, unit if n else "") for n, cell in enumerate(cells))
        inside = (*path, *(group.cells[0] for group in groups))
        page = row.page or table.page
        yield Passage("", doc_id, "row", inside, text, tuple(dict.fromkeys(lines)), page, cells)
    if run:  # group rows at the end have no rows below and form a passage themselves
        inside = (*path, *(row.cells[0] for row in run[:-1]))
        lines = tuple(n for row in run for n in row.lines)
        yield Passage("", doc_id, "text", inside, run[-1].cells[0], lines, table.page)


def _resolve_dittos(rows: Sequence[BlockRow]) -> Iterator[BlockRow]:
    """Yield the rows with ditto marks replaced by what they repeat, and with the lines where that is."""
    above: dict[int, tuple[str, tuple[int, ...]]] = {}
    for row in rows:
        cells, lines = list[str](), row.lines
        for n, written in enumerate(row.cells):
            mark = nfkc(written).strip()
            text, origin = written, tuple[int, ...]()
            if _DITTO.fullmatch(mark):
                text, origin = above.get(n, (written, ()))
            elif _DITTO_LEFT.fullmatch(mark) and cells:
                text = cells[-1]
            if mark:
                above[n] = text, origin or row.lines
            cells.append(text)
            lines = (*origin, *lines)
        yield replace(row, cells=tuple(cells), lines=tuple(dict.fromkeys(lines)))


# A figure keeps the unit that is printed above the table, unless its column has one of its own or counts nothing.
def _cell_text(cell: Cell, unit: str) -> str:
    has_other_unit = head_unit(cell.column) or _OTHER_UNIT.search(cell.column)
    has_unit = unit and is_bare_number(nfkc(cell.value)) and not has_other_unit
    value = f"{cell.value}{unit}" if has_unit else cell.value
    return f"{cell.column}: {value}" if cell.column else value


def table_ranges(passages: Sequence[Passage]) -> Iterator[range]:
    """Yield the positions of the rows of each table under one heading among the passages of a document."""
    first = 0
    for (kind, *_), rows in groupby(passages, lambda passage: (passage.kind, passage.table, passage.path)):
        end = first + len(list(rows))
        if kind == "row":
            yield range(first, end)
        first = end


def written_cells(rows: Sequence[Passage]) -> tuple[list[str], list[list[str]]]:
    """Return the columns and the cells of each row as they are written; columns with one head are numbered."""
    texts: list[dict[str, str]] = []
    for row in rows:
        counts = Counter[str]()
        texts.append({})
        for cell in row.cells:
            counts[cell.column] += 1
            n = counts[cell.column]
            texts[-1][cell.column if n == 1 else f"{cell.column}({n})"] = cell.value
    if len(rows) > 1 and all(len(row.cells) == 1 and row.cells[0].column for row in rows):
        return ["項目", "値"], [[row.cells[0].column, row.cells[0].value] for row in rows]
    columns = list(dict.fromkeys(column for row in texts for column in row))
    return columns, [[row.get(column, "") for column in columns] for row in texts]


def unused_columns(table: Block) -> list[str]:
    """Return the column names without a value in any row; none for a table with only a header."""
    header, *rows = table.rows
    values = [row.cells for row in rows if not heads_rows(row, header)]
    used = {i for cells in values for i, cell in enumerate(cells) if cell}
    return [name for i, name in enumerate(header.cells) if name and i not in used] if rows else []


def with_note(rows: Sequence[Passage], note: Block) -> list[Passage]:
    """Add a note below a table to its rows: a numbered one (※1) to rows with its mark."""
    mark = _MARK.match(note.text)
    marked = [row for row in rows if mark and re.search(rf"[※*＊注]\s?{mark[1]}(?![\d,])", row.text)]
    return [
        replace(row, text=f"{row.text}\n{note.text}", lines=(*row.lines, *note.lines), notes=(*row.notes, note.text))
        if row in (marked or rows)
        else row
        for row in rows
    ]
