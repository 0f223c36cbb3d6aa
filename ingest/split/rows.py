"""Tables are facts: each row is a passage with its column names, and gets the notes that stand under the table."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.documents import Cell, Passage
from ingest.structure import Block, Row
from ingest.structure.labels import is_unit
from ingest.structure.tables import heads_rows

_MARK = re.compile(r"^(?:[※*＊]|注)\s?(\d+)")
_KEY_AND_VALUE = 2


def take_titles(content: list[Block]) -> list[Block]:
    """Take the label right above a table out of `content`, and with a unit the label above that."""
    count = 0
    while count < len(content) and content[-1 - count].kind == "label":
        count += 1
        if not is_unit(content[-count].text):
            break
    titles = content[len(content) - count :]
    del content[len(content) - count :]
    return titles


def rows_of(table: Block, doc_id: str, path: tuple[str, ...]) -> Iterator[Passage]:
    """Yield a passage a row, without its id: each cell behind its column's name.

    An empty first cell continues the one above; a row of one cell that is marked (【本庁】) or goes over the whole
    width heads the rows below it. Two columns without names are names and values. A table of nothing but its header is
    one passage of text.
    """
    header, *rows = table.rows
    if not rows:
        yield Passage("", doc_id, "text", path, " ".join(filter(None, header.cells)), header.lines, table.page)
    groups: list[Row] = []
    run: list[Row] = []
    above = Row((), ("",))
    for row in rows:
        if heads_rows(row, header):
            run.append(row)
            continue
        if run:  # as many that follow each other as before head the same levels; fewer, the inner ones
            groups = [*groups[: -len(run)], *run]
            run, above = [], Row((), ("",))
        above = row if row.cells[0] else above
        lines = (*header.lines, *(n for group in groups for n in group.lines), *above.lines, *row.lines)
        cells = _cells(header.cells, (above.cells[0], *row.cells[1:]))
        text = "\n".join(f"{c.column}: {c.value}" if c.column else c.value for c in cells)
        inside = (*path, *(group.cells[0] for group in groups))
        yield Passage("", doc_id, "row", inside, text, tuple(dict.fromkeys(lines)), table.page, cells)
    if run:  # nothing stands below it
        yield Passage(
            "", doc_id, "text", path, run[-1].cells[0], tuple(n for row in run for n in row.lines), table.page
        )


def _cells(header: Sequence[str], values: Sequence[str]) -> tuple[Cell, ...]:
    if not any(header) and len(values) == _KEY_AND_VALUE and all(values):
        return (Cell(*values),)
    names = (*header, *[""] * (len(values) - len(header)))
    return tuple(Cell(name, value) for name, value in zip(names, values, strict=False) if value)


def unused_columns(table: Block) -> list[str]:
    """Return the column names of a table under which no row has a value; none for a table of its header alone."""
    header, *rows = table.rows
    values = [row.cells for row in rows if not heads_rows(row, header)]
    used = {i for cells in values for i, cell in enumerate(cells) if cell}
    return [name for i, name in enumerate(header.cells) if name and i not in used] if rows else []


def with_note(rows: Sequence[Passage], note: Block) -> list[Passage]:
    """Return the rows of a table with a note that stands under it: a numbered one (※1) goes to rows with its mark."""
    mark = _MARK.match(note.text)
    marked = [row for row in rows if mark and re.search(rf"[※*＊注]\s?{mark[1]}(?![\d,])", row.text)]
    return [
        replace(row, text=f"{row.text}\n{note.text}", lines=(*row.lines, *note.lines), notes=(*row.notes, note.text))
        if row in (marked or rows)
        else row
        for row in rows
    ]
